"""Reads single values as programs and people write them: yes or no, numbers, days, legal forms, roles."""

import math
import re
from datetime import date, timedelta
from typing import Any

from domain.enterprise import Form, Period
from domain.money import find_money
from domain.text import fold, nfc

FORM_WORDS = (
    (Form.COOPERATIVE, r"lien hiep (?:hop tac xa|htx)|hop tac xa|htx|hxt"),
    (Form.GROUP, r"to hop tac|tht|to hop san xuat|nhom ho"),
    (Form.PRIVATE, r"doanh nghiep tu nhan|dntn"),
    (Form.INSTITUTE, r"vien nghien cuu|vien|truong dai hoc|dai hoc|truong cao dang|hoc vien|to chuc (?:khoa hoc va cong nghe|kh&cn|khcn)|trung tam nghien cuu"),
    (Form.FARM, r"chu trang trai|trang trai"),
    (Form.HOUSEHOLD, r"ho kinh doanh|hkd|ho ca the|ho san xuat|ho kinh te|kinh doanh ca the"),
    (Form.PERSON, r"ca nhan|ho gia dinh|nong ho|ho nong dan|nong dan"),
    (Form.COMPANY, r"cong ty|cty|tnhh|co phan|ctcp|hop danh|doanh nghiep|dn|dnnvv|doanh nghiep nha nuoc"),
)  # fmt: skip
FORM_PATTERNS = tuple((form, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for form, words in FORM_WORDS)
MEMBERS = re.compile(
    r"\b(?:thanh|nhan|sinh|cong|giao|hoc|doan|dang|hoi|van|dong|ky thuat|chuyen|uy|benh|thu)\s$"
)  # thành viên, bệnh viện
OURS = re.compile(r"(?:nha|ben|cua|chung)?\s*(?:em|anh|chi|toi|minh|tui|bac|chau)(?: (?:la|dang la|lam|co))?\s*$")
YES = frozenset("true yes y co roi da dung vang x".split()) | {"da co", "co roi", "da roi"}
NO = frozenset("false no n khong chua ko k".split()) | {"khong co", "chua co"}
ROLES = {
    "supplier": "nha cung cap, ben cung cap, cung cap, ben ban, nguoi ban, ben chuyen giao, supplier, seller, provider",
    "buyer": "nguoi mua, ben mua, ben nhan, mua, can mua, buyer, customer, khach hang",
}
BARE_DAY = re.compile(r"^\D{0,20}(?:(\d{1,2})[/.-])?(?:(\d{1,2})[/.-])?((?:19|20)\d{2})\b")


FORM_NAMES = {
    "công ty": Form.COMPANY, "doanh nghiệp tư nhân": Form.PRIVATE, "hợp tác xã": Form.COOPERATIVE,
    "tổ hợp tác": Form.GROUP, "hộ kinh doanh": Form.HOUSEHOLD, "chủ trang trại": Form.FARM,
    "cá nhân": Form.PERSON, "viện nghiên cứu": Form.INSTITUTE,
}  # fmt: skip


def read_form(text: str) -> Form | None:
    """The legal form that a text names; of several the one said of oneself, else the first."""
    text = nfc(text)
    folded = fold(text)
    spots = [
        (spot.start(), form)
        for form, pattern in FORM_PATTERNS
        for spot in pattern.finditer(folded)
        if not (
            spot.group().endswith("vien") and _no_institute(text[spot.start() : spot.end()], folded[: spot.start()])
        )
    ]
    kept = [(at, form) for at, form in spots if not _inside(at, form, spots, folded)]
    own = [(at, form) for at, form in kept if OURS.search(folded[:at])]
    return min(own or kept)[1] if kept else None


ANOTHERS = re.compile(  # an institute that one works with, or has none of, is not what one is
    r"\b(?:khong|ko|k|chua|chang|voi|cung|cua|co|nho|mot|nhan tu|tu|qua|may|cac|nhieu|hop tac|phoi hop|lien ket|ket hop|phia|ben)\s*(?:co\s*|mot\s*)?$"
)


def _no_institute(said: str, before: str) -> bool:
    """Whether a word that sounds like institute is another (members, staff, pupils, a hospital), or somebody else."""
    return "viên" in said.lower() or MEMBERS.search(before) is not None or ANOTHERS.search(before) is not None


def _inside(at: int, form: Form, spots: list[tuple[int, Form]], folded: str) -> bool:
    """Whether another form's longer name covers this word: "doanh nghiệp tư nhân", "công ty … hợp tác"."""
    return form is Form.COMPANY and any(other == at and held is not form for other, held in spots)


def read_truth(value: Any) -> bool | None:
    """A yes or no as programs and people write it; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value > 0
    if isinstance(value, str):
        said = " ".join(re.findall(r"\w+", fold(value)))
        return True if said in YES else False if said in NO else None
    return None


DONE = re.compile(
    r"(?:da )?\w+(?: \w+){0,2} (?:roi|xong)(?: (?:a|em|nhe|day|chi|anh|nha|oi)){0,2}|(?:da|vua|moi|co) \w+(?: \w+){0,2}(?: roi)?"
)
NOT_DONE = re.compile(r"(?:van |con )?(?:chua|khong|ko|k|chang|dau co)\b(?: \w+){0,4}")


def short_truth(text: str) -> bool | None:
    """The yes or no of a short answer that says the verb ("ký rồi", "đã ký", "chưa ký đâu"); None for anything else."""
    said = " ".join(re.findall(r"\w+", fold(text)))
    if re.search(r"\b(?:biet|ro|chac|nho|hieu|sao|gi|nao)\b", said):
        return None
    if NOT_DONE.fullmatch(said):
        return False
    return True if DONE.fullmatch(said) else None


def read_number(value: Any) -> float | None:
    """A number as programs and people write it ("12", "1,5 tỷ", "8%"); None for anything else."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    money = find_money(value)
    if money and (money[0].value.min is not None or money[0].value.max is not None):
        return money[0].value.min if money[0].value.min is not None else money[0].value.max
    plain = re.search(r"-?\d+(?:[.,]\d+)*", value)
    if plain is None:
        return None
    digits = plain.group()
    if re.fullmatch(r"-?\d{1,3}(?:[.,]\d{3})+", digits):
        return float(re.sub(r"[.,]", "", digits))
    try:
        return float(digits.replace(",", "."))
    except ValueError:
        return None


def read_day(value: Any, bare: bool = True) -> Period | None:
    """A day known to the year, month or day: 2024, "2024-03", "2024-03-01", "01/03/2024"; None when unreadable."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, date):
        return Period(value, value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    said = str(int(value)) if isinstance(value, int | float) else str(value).strip()[:40]
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:T.*)?", said)
    if found:
        return period(int(found[1]), found[2], found[3])
    turned = BARE_DAY.match(said) if bare else None
    return period(int(turned[3]), *day_month(turned[1], turned[2])) if turned else None


def day_month(first: str | None, second: str | None) -> tuple[str | None, str | None]:
    """(month, day) of what stands before a year: "03" or "01", "03"."""
    return (second, first) if second is not None else (first, None)


def period(year: int, month: str | None, day: str | None) -> Period | None:
    try:
        if month is None:
            return Period(date(year, 1, 1), date(year, 12, 31))
        first = date(year, int(month), int(day) if day else 1)
        if day:
            return Period(first, first)
        following = date(year + first.month // 12, first.month % 12 + 1, 1)
        return Period(first, following - timedelta(days=1))
    except ValueError:
        return None


def read_role(value: Any) -> str | None:
    """supplier or buyer; None when the words are neither."""
    said = fold(value).strip() if isinstance(value, str) else ""
    return next((role for role, words in ROLES.items() if said and said in words.split(", ")), None)
