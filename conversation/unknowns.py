"""Reads the answers that state nothing: "chưa biết", "tuỳ em", "không có tiền", "gửi đi" in the middle of a form."""

import re

from domain.need import Field
from domain.text import PERSON, fold, has_diacritics

LEAD = (
    rf"(?:{PERSON}|da|thi|cai nay|cai do|cau nay|khoan nay|phan nay|viec nay|chuyen nay|cu|hien|hien tai|bay gio|gio|"
    r"cung|that ra|a|u|\s)*"
)
UNKNOWN_ANSWER = re.compile(
    rf"^{LEAD}(?:(?:chua|khong|ko|k|chang|cha|chua the)\s+(?:biet|ro|tinh|nghi|chac|xac dinh|dam chac|co con so|hinh dung|"
    r"nho|quyet|do|dem|thu|can do)|(?:lam sao|sao|dau)\s+(?:ma\s+|co\s+)?biet|biet dau|de sau|de tinh sau|tinh sau|bo qua|chiu|hen sau|noi sau|"
    rf"tuy(?=\s+{PERSON}|\s*$)|(?:bao nhieu|the nao|sao|khi nao|luc nao|bao gio|o dau|gi) cung (?:duoc|dc)|"
    r"(?:cu\s+)?(?:tu van|tinh|goi y|quyet) (?:giup|ho|gium|dum|cho))(?!\w)"
)
STILL_UNKNOWN = re.compile(
    rf"^(?:\s*(?:{PERSON}|nua|dau|ro|chac|duoc|dc|bao nhieu|bao gio|khi nao|the nao|luc nao|ra sao|cach nao|lam sao|lam gi|gi|la|het|tien|can|so|"
    r"cac|ma|a|nhe))*$"
)
BARE_NO = re.compile(
    rf"^\W*(?:(?:da|thi|{PERSON})\s+)*(?:chua|khong|ko|k|kh|hong|hok|chua co|khong co|ko co)(?:\s+(?:nhe|dau|gi|ca|{PERSON}))*\W*$"
)
NO_MONEY = re.compile(
    r"\b(?:khong|ko|k|chua|chang|cha|het) (?:co nhieu |co |mat |ton |phai tra )?(?:tien|von|kinh phi|ngan sach|dong nao|xu nao)\b|\bit (?:tien|thoi)\b|"
    r"\b(?:tien|kinh phi|von|ngan sach)\s+(?:\w+\s+)?(?:chua|khong|ko|k|chang|cha)\s+co\b|\bmien phi\b"
)
NODS = re.compile(
    rf"^\W*(?=.*\b(?:gui|dong y|chot|nhat tri|luu|yes|send|ghi (?:phieu|nhu cau))\b)(?:(?:{PERSON}|da|vang|u|uh|ok|oke|okie|okela|oki|okla|i|thi|roi|cu|di|luon|giup|"
    r"cho|thoi|ngay|dung|dong y|gui|luu|yes|send|ghi|nhu cau|do|phieu|xong|nhat tri|duoc|dc|chot|nay|the|vay|nhe|nha|voi)\W*)+$"
)
ASSENTS = re.compile(  # "uk tầm đó thôi", "thế cũng được"
    rf"^\W*(?:(?:{PERSON}|da|vang|u|uh|uk|ok|oke|thi|thoi|roi)\W+)*(?:tam|co|khoang|chung|nhu|cung|the|vay)\s+"
    rf"(?:do|day|the|vay|nay|cung duoc|la duoc|duoc roi)(?:\s+(?:thoi|la duoc|duoc roi|nhe|{PERSON}|cung duoc|roi))*\W*$"
)
ELSEWHERE = {
    Field.PLACE: ("xa", "phuong", "thon", "cho nao", "o dau", "dia chi"),
    Field.BUDGET: ("gia", "tien", "kinh phi", "von"),
    Field.DEADLINE: ("khi nao", "bao gio", "luc nao"),
    Field.SCALE: ("san luong", "cong suat", "bao nhieu tan", "bao nhieu can", "may tan"),
}
LEFT_OPEN = re.compile(r"\b(?:de trong|bo trong|chua biet|chua ro|khong biet|tinh sau|de sau|chua co so)\b")
ANY_TIME = re.compile(r"\b(?:khi nao|luc nao|bao gio) cung\b")
TELLING = (Field.PROBLEM, Field.WISH, Field.CURRENT)  # "không biết cách bảo quản" answers these
LONGEST = 12  # words


def says_unknown(text: str, field: Field, asks: bool) -> bool:
    """Whether a message says that the answer is not known; `asks`: it reads as a question."""
    folded = fold(text).strip()
    if BARE_NO.match(folded) and "hồng" not in text.lower():  # the fruit, not a "hông"
        return True
    clause = re.split(r"[,.;!\n]", folded, maxsplit=1)[0]
    found = UNKNOWN_ANSWER.search(clause)
    if found is None or len(clause.split()) > LONGEST:
        return False
    if STILL_UNKNOWN.match(clause[found.end() :]):
        return "?" not in text
    return not asks and field not in TELLING and clause == folded.strip(" .!")


def unknown_else(text: str, field: Field) -> bool:
    """Whether what is not known is something else than what is asked: "chưa biết xã nào sau sáp nhập" where a date was asked."""
    folded = fold(text)
    found = UNKNOWN_ANSWER.search(folded)
    if found is None:
        return False
    if field is not Field.DEADLINE and ANY_TIME.search(found[0]):
        return True
    after = re.split(r"[,.;]", folded[found.end() :])[0].strip()
    return any(after.startswith(names) for other, names in ELSEWHERE.items() if other is not field)


def named_field(text: str) -> Field | None:
    """The one field that a message calls by its name: "kinh phí", "chỗ nào"."""
    folded = fold(text)
    found = [field for field, names in ELSEWHERE.items() if any(re.search(rf"\b{name}\b", folded) for name in names)]
    return found[0] if len(found) == 1 else None


def left_open(text: str) -> Field | None:
    """The field that a message leaves open by name, whatever is asked: "chỗ kinh phí để trống cũng được"."""
    found = LEFT_OPEN.search(fold(text))
    return named_field(fold(text)[: found.start()]) if found and len(text.split()) <= LONGEST else None


def any_time(text: str) -> bool:
    """Whether a message leaves the time open: "khi nào cũng được"."""
    return ANY_TIME.search(fold(text)) is not None


def no_money(text: str) -> bool:
    """Whether a message says that there is no money: an answer in words to the question for it."""
    return NO_MONEY.search(fold(text)) is not None


def nods(text: str) -> bool:
    """Whether a message is nothing but consent or "gửi đi", which answers no other question."""
    return NODS.match(fold(text)) is not None


FIGURE = re.compile(
    r"^\W*(?:(?:khoang|tam|do|chung|co|duoc|gan|hon)\s+)?(?:\d[\d.,]*|(?:mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|vai|may)\b)"
    r"(?:\s*(?:nghin|ngan|tram|chuc|van|k|muoi))*(?:\s+(?:thoi|a|em|gi do))*\W*$"
)


def bare_figure(text: str) -> bool:
    """Whether a message is nothing but a figure: "8 nghìn"."""
    return FIGURE.match(fold(text)) is not None


def assents(text: str) -> bool:
    """Whether a message only lets stand what was said: "uk tầm đó thôi"."""
    return ASSENTS.match(fold(text)) is not None


RIGHT_SEND = re.compile(r"^\W*dung\W+gui(?:\s+(?:di|luon|nhe|nha|em|a|giup|ho|phieu|cho|chi|anh|toi))*\W*$")


def says_right_send(text: str) -> bool:
    """Whether "dung gui" was typed without marks: "đúng, gửi" as well as "đừng gửi"."""
    return not has_diacritics(text) and RIGHT_SEND.match(fold(text)) is not None


def sends(text: str) -> bool:
    """Whether a nod wants the form sent; "đừng gửi tin" sends nothing."""
    found = re.search(r"\b(?:gui|chot|send)\b", fold(text))
    return found is not None and not re.search(
        r"\b(?:dung|khong|ko|k|khoi|chua|khoan)(?: \w+)?\s*$", fold(text)[: found.start()]
    )
