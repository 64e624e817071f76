"""Reads what becomes of a wish: dropped, or one of two that are counted."""

import re
from collections.abc import Iterable

from conversation.cues import Cues
from domain.text import fold, nfc

TWO = re.compile(
    r"(?:một là|1 là|thứ nhất(?: là)?|mot la|thu nhat(?: la)?)\s*:?\s*(.{6,120}?)\s*[,;.]?\s*(?:và\s+|va\s+)?"
    r"(?:hai là|2 là|thứ hai(?: là)?|hai la|thu hai(?: la)?)\s*:?\s*(.{6,120}?)(?=[.;!?\n]|$)",
    re.IGNORECASE,
)


def two_wishes(text: str) -> tuple[str, str] | None:
    """The two needs that are counted in one message, as typed: "một là máy sấy, hai là đăng ký nhãn hiệu"."""
    found = TWO.search(nfc(text))
    return (found[1], found[2]) if found else None


ASKING_FOR = re.compile(r"^(?:hỏi|hoi)\s+(?:xem\s+|thử\s+|thu\s+)?(?:có|co)\s+", re.IGNORECASE)
MENDER = re.compile(
    r"^(?:ai|người|nguoi|bên nào|ben nao)\s+(?=(?:sửa|sua|bảo trì|bao tri|lắp|lap|làm|lam)(?!\w))", re.IGNORECASE
)
TELL_ME = re.compile(r"\s+(?:thì|thi|nhớ|nho)\s+(?:bảo|bao|báo|nhắn|nhan|gọi|goi)(?!\w).*$", re.IGNORECASE)
JUST_MONEY = re.compile(
    r"^(?:co|khoang|tam|chung|gan|hon|toi da|tu|den|\W)*\d[\d.,\s-]*(?:ty|ti|trieu|tr|cu|toi|dong|d)?(?:\s+dong)?\W*$"
)
NO_WISH = re.compile(
    r"^(?:hoi (?:nho|xem|han|tham|duoc|o day|dc)\b.*|(?:cai |con )?may(?: moc)? thoi|thoi|(?:truoc|sau|trong|kip|cham nhat|xong)\b.*|so(?: kh\S*)?|ben (?:minh|em|so)|em|chi|anh|minh|toi)$"
)


def exclaims(problem: str | None) -> bool:
    """Whether what reads as a trouble is only an exclamation: "chết, số ghi nhầm"."""
    return fold(problem or "").strip(" ,.!") in (
        "chet",
        "chet that",
        "chet roi",
        "chet cha",
        "hong",
        "hong roi",
        "chet mat",
    )


def lacks(before: str) -> bool:
    """Whether what follows these words is not there: "chưa", "không"."""
    return re.search(r"\b(?:chua|khong|ko|k|chang|cha)\s*$", fold(before)) is not None


def tidied(wish: str | None) -> str | None:
    """A wish without "hỏi có" before it; None where only somebody is asked: "hỏi nhờ Sở"."""
    if wish is None:
        return None
    kept = TELL_ME.sub("", MENDER.sub("", ASKING_FOR.sub("", wish)))
    return None if NO_WISH.match(fold(kept)) or JUST_MONEY.match(fold(kept)) else kept


GOES_ELSEWHERE = re.compile(
    r"\d|^(?:vi|boi|chu|con|hien|gio|de|tien|von|truoc|sau|kip|mien|khong|ko|nhung|ma|neu|khi|o|tai)\b|\b(?:xa|phuong|trieu|ty|thang|gia)\b"
)
MOST_OF_A_PART = 7  # words


def going_on(parts: list[str], whole: str, other: Iterable[Cues]) -> list[str]:
    """The clauses that go on listing what is wished for: "dây chuyền rửa" … "phân loại rồi phủ màng"."""
    kept: list[str] = []
    for part in parts:
        elsewhere = GOES_ELSEWHERE.search(fold(part)) or any(cues.search(part, whole) for cues in other)
        if elsewhere or len(part.split()) > MOST_OF_A_PART:
            break
        kept.append(part)
    return kept


PARTS = re.compile(r"\s*,\s*|\s+(?:và|va|với cả|với|voi|cùng|cung)\s+")
DROPPED = re.compile(r"\b(?:khong|ko|k|khoi|thoi)\s+(?:can|lay|mua|muon|tim|lam)\s+(.{2,40}?)\s+nua\b")


def without(wish: str, text: str) -> str | None:
    """What is left of a wish for several things when one is dropped: "máy ấp và máy trộn", "không cần máy trộn nữa"."""
    found = DROPPED.search(fold(text))
    parts = PARTS.split(wish)
    left = [part for part in parts if found is None or found[1] not in fold(part)]
    return ", ".join(left) if left and len(left) < len(parts) else None


def refused(text: str) -> bool:
    """Whether the message drops a wish: "không cần máy sấy nữa"."""
    return bool(REFUSED.search(nfc(text).lower()))


NOT = r"(?<!\w)(?:không|ko|k|hok|khong|chẳng|chả|khỏi|khoi|thôi|thoi)\s+"
REFUSED = re.compile(
    NOT
    + r"(?:cần|can|lấy|lay|mua|muốn|muon|tìm|tim|làm|lam|dùng|dung)(?!\w)[^,.;?!]{0,50}\s(?:nữa|nua)(?!\w)|"
    + NOT
    + r"(?:cần|can)\s+(?:đến|den|máy|may|cái|cai|lò|lo|kho)(?!\w)|(?<!\w)(?:đổi ý|doi y|nghĩ lại|nghi lai)(?!\w)"
)
BIDS = re.compile(  # "thôi thế ghi cho anh cái máy sấy đi"
    r"^(?:(?:à|ừ|ờ|thôi|thế|vậy|thì|mà|cứ|em|hay)\s+)*(?:ghi|lấy|chọn|tìm|kiếm|cho)\s+(?:(?:cho|giúp|hộ|luôn|là|em|anh|chị|tôi|mình|bác|cô|chú)\s+)*"
    r"(?=(?:một |cái |bộ |con )?(?:máy|lò|nồi|kho|tủ|bộ|hệ thống|dây chuyền|thiết bị|phần mềm|quy trình|kỹ thuật)(?!\w))"
)
