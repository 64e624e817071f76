"""Reads the numbers that stand for someone: telephone numbers, tax codes."""

import re

from domain.line import Line, phrases
from domain.text import level

PHONE = re.compile(
    r"(?<![\w.,])(?:\(?\+?\(?84\)?|00\s?84|\(?[0oO])[\s.\-)]?\(?(?:0\)?[\s.\-]?)?(?:[\doOlI][\s.\-()]{0,2}){7,9}[\doOlI](?!\w|[.,]\d)"
)
SHORT_PHONE = re.compile(r"(?<![\w.,])[35789](?:[\s.\-]?[\doOlI]){8}(?!\w|[.,]\d)")
PHONE_CUES = phrases(
    "sđt|số điện thoại|điện thoại|đt|số đt|số|zalo|gọi|alo|tel|phone|hotline|liên hệ|di động|sdt|số zalo|sms|call"
)
NOT_PHONE_AFTER = re.compile(
    r"\s*(?:đồng|đ|vnd|vnđ|tr|triệu|tỷ|kg|tấn|dong|trieu|ty|tan)\b(?!\s*[yý]\b)", re.IGNORECASE
)
TAX = re.compile(
    r"(?<!\w)(?:mst|m\.s\.t|mã số thuế|ma so thue|mã thuế|ma thue|mã số dn|ma so dn|mã số doanh nghiệp|ma so doanh nghiep|mã số hkd|"
    r"mã số hộ kinh doanh|ma so ho kinh doanh|mã số htx|ma so htx|mã số hợp tác xã|ma so hop tac xa|mã dn|ma dn|số thuế|so thue|"
    r"mã số định danh|ma so dinh danh|tax code|tax|mã số)(?:\s+(?:là|la|của|cua|em|tôi|toi|bên|ben|mình|minh|công|cong|ty|htx|"
    r"số|so|chị|chi|anh|hộ|ho|cá|ca|nhân|nhan|thuế|thue|nhé|e))*\s*[:\-#.]?\s*((?:[\doOlI][\s.]?){9,11}[\doOlI](?:\s?-\s?\d{3})?)(?![\w\-]*\d)",
    re.IGNORECASE,
)
LOOSE_TAX = re.compile(r"(?<![\w.,/+\-])(\d{10})(-\d{3})?(?![\w]|[.,]\d)")
WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
LOOKS = str.maketrans("oOlI", "0011")


def cover(line: Line, start: int, end: int, taken: bytearray) -> tuple[int, int]:
    """Marks the tokens of text[start:end] as taken; gives their range."""
    first = next((at for at, token in enumerate(line.tokens) if token.end > start), line.size)
    last = first
    while last < line.size and line.tokens[last].start < end:
        taken[last] = 1
        last += 1
    return first, last


def phone_in(line: Line, taken: bytearray) -> tuple[str, int, int] | None:
    """The first phone number: (E.164, its tokens from, to); takes the tokens of all."""
    text = level(line.text)
    first: tuple[str, int, int] | None = None
    for found in PHONE.finditer(text):
        number = phone_number(found.group())
        if number is None or NOT_PHONE_AFTER.match(text, found.end()):
            continue
        if number.startswith("+841") and not _called(line, found.start()) and valid_tax_code("0" + number[3:]):
            continue  # 01… is no mobile number any more
        span = cover(line, found.start(), found.end(), taken)
        first = first or (number, *span)
    if first is None:
        for found in SHORT_PHONE.finditer(text):
            if _called(line, found.start()) and not NOT_PHONE_AFTER.match(text, found.end()):
                digits = re.sub(r"\D", "", found.group().translate(LOOKS))
                return (f"+84{digits}", *cover(line, found.start(), found.end(), taken))
    return first or _spoken(line, taken)


SPOKEN = {  # figures as they are read out
    "không": "0", "khong": "0", "một": "1", "mot": "1", "mốt": "1", "hai": "2", "ba": "3", "bốn": "4", "bon": "4", "tư": "4", "tu": "4",
    "năm": "5", "nam": "5", "lăm": "5", "sáu": "6", "sau": "6", "bảy": "7", "bay": "7", "bẩy": "7", "tám": "8", "tam": "8",
    "chín": "9", "chin": "9",
}  # fmt: skip
LONG = (10, 11)  # figures of a number that is read out


def _spoken(line: Line, taken: bytearray) -> tuple[str, int, int] | None:
    """A number read out figure by figure, as dictated: "không chín ba sáu không không không bốn một tám"."""
    at = 0
    while at < line.size:
        end = at
        while end < line.size and line.said[end] in SPOKEN and not taken[end]:
            end += 1
        if line.words[at] == "khong" and end - at in LONG:
            number = phone_number("".join(SPOKEN[line.said[k]] for k in range(at, end)))
            if number is not None:
                taken[at:end] = b"\1" * (end - at)
                return number, at, end
        at = max(end, at + 1)
    return None


def _called(line: Line, start: int) -> bool:
    """Whether "sđt", "gọi" or the like stands before text[start:]."""
    at = next((at for at, token in enumerate(line.tokens) if token.start >= start), 0)
    return PHONE_CUES.ends(line, at - 1 if line.words[at - 1] in (":", ".", "-") else at) is not None


def phone_number(said: str) -> str | None:
    """E.164, or None when it is no Vietnamese number."""
    digits = re.sub(r"\D", "", said.translate(LOOKS))
    if digits.startswith("0084"):
        digits = digits[2:]
    if digits.startswith("840") and len(digits) in (12, 13):
        digits = "84" + digits[3:]
    if digits.startswith("84") and (len(digits) == 11 or (len(digits) == 12 and digits[2] == "2")):
        return "+" + digits
    if (
        digits.startswith("0")
        and digits[1:2] != "0"
        and (len(digits) == 10 or (len(digits) == 11 and digits[1] == "2"))
    ):
        return "+84" + digits[1:]
    return None


def tax_code_in(line: Line, taken: bytearray) -> str | None:
    """The tax code: named as one, or ten digits whose check digit is right."""
    text = level(line.text)
    for found in TAX.finditer(text):
        digits = re.sub(r"[\s.]", "", found[1].translate(LOOKS))
        if re.fullmatch(r"\d{10}(?:-\d{3})?|\d{12}", digits):
            cover(line, found.start(), found.end(), taken)
            return digits
    for found in LOOSE_TAX.finditer(text):
        if valid_tax_code(found[1]) and (found[1].startswith("01") or phone_number(found[1]) is None):
            cover(line, found.start(), found.end(), taken)
            return found[1] + (found[2] or "")
    return None


def valid_tax_code(code: str) -> bool:
    """Whether the tenth digit of a tax code (10 or 10-3 digits) is the check digit; 12 digits have none."""
    if re.fullmatch(r"\d{12}", code):
        return True
    if not re.fullmatch(r"\d{10}(?:-\d{3})?", code):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, code, strict=False))
    return 10 - total % 11 == int(code[9])
