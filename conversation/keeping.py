"""What is said of keeping a need and a telephone number: refused, asked why, asked who sees it."""

import re

from domain.text import PERSON, fold

KEPT = (
    "Không lưu thì phiếu không đến được cán bộ, còn hỏi chính sách, công nghệ vẫn như thường. "
    "Lưu rồi anh/chị vẫn xem, sửa, xoá được: gõ “dữ liệu của tôi”."
)
NUMBER_KEPT = (
    "Số của anh/chị chỉ cán bộ phụ trách phiếu xem, để gọi lại về việc này; nơi bán chỉ nhận khi anh/chị đồng ý riêng. "
    "Muốn xem hay xoá thì gõ “dữ liệu của tôi”; chưa muốn cho số, anh/chị vẫn nhắn hỏi ở đây được ạ."
)
NUMBER = r"(?:so|sdt|dien thoai|so dien thoai|so dt)"
KEEP = r"(?:luu|giu)"
SPEAKS = re.compile(r"\b(?:luu|dong y|giu|bao mat|lo\b|lam gi|ai (?:xem|thay|biet)|thi sao|co sao|an toan|khong thi)")
REFUSES = re.compile(
    rf"(?:\b(?:khong|ko|k|dung) (?:dong y |muon |cho |cho phep )|^\W*(?:(?:{PERSON}|thoi|a)\W+)*(?:khong|ko|k|dung) )"
    rf"(?:em |ai )?{KEEP}(?:\s+(?:phieu|thong tin|so|ten|gi|lai|dau|nhe|em|a|nua|dien thoai|ca))*\W*$"
)
WHY = re.compile(
    rf"(?:\b(?:vi sao|tai sao|the sao|ma sao)|^\W*sao)\b(?:\s+\w+){{0,3}}?\s(?:dong y|{KEEP})\b|"
    r"\bkhong dong y\b.{0,12}\bthi\b.*\b(?:khong|ko|sao|gi)\W*$|"
    rf"\b{KEEP}\b(?:\s+\S+){{0,5}}?\s(?:de\s+)?lam (?:gi|chi|j)\b|"
    r"\b(?:lay|xin|cho|ghi|hoi|can)\s+(?:so|sdt|ten|thong tin|dien thoai)\b(?:\s+\S+){0,4}?\s(?:de\s+)?lam (?:gi|chi|j)\b|"
    r"\b(?:so (?:dien thoai|dt)|sdt|thong tin|so may)\b.{0,30}\b(?:lo ra|lo khong|bi lo|ban cho|dua cho ai|cho ai xem)\b"
)
NO_NUMBER = re.compile(
    rf"\b{NUMBER}\b(?: (?:cua )?{PERSON})?(?: thi)? (?:khong|ko|k|chua) (?:dua|cho|ghi|de lai|muon|tien)\b|"
    rf"\b(?:khong|ko|k|dung|khoan|chua)(?: hay| muon| nen| co)? (?:dua|cho|de lai|ghi) {NUMBER}\b"
)


def refused(text: str) -> bool:
    """Whether a message says that nothing may be kept."""
    folded = fold(text)
    return REFUSES.search(folded) is not None or NOT_AT_ALL.match(folded) is not None


NOT_AT_ALL = re.compile(
    rf"^\W*(?:(?:{PERSON}|thoi|da)\W+)*(?:khong|ko|k|chang) dong y\b(?=.*\b(?:luu|giu|so|sdt|goi|phieu)\b)"
)


def told(text: str) -> str | None:
    """What to say to one who asks why something is kept, or who keeps the number back; None to any other message."""
    folded = fold(text)
    if NO_NUMBER.search(folded):
        return NUMBER_KEPT
    if WHY.search(folded):
        return NUMBER_KEPT if re.search(rf"\b{NUMBER}\b", folded) else KEPT
    return None


def speaks_of(text: str) -> bool:
    """Whether a question is about keeping, where consent is asked."""
    return SPEAKS.search(fold(text)) is not None
