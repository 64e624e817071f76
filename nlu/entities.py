"""Reads the typed entities of one message, in the shapes of the entity contract."""

import re
from datetime import date
from typing import Any

from domain.amounts import AREA, MASS, VOLUME, Found, Quantity, find_money, find_quantities
from domain.dates import find_periods, find_raw
from domain.numbers import DIGITS
from domain.text import fold, nfc
from nlu.places import Places
from nlu.terms import Terms, TermSpot

PHONE = re.compile(r"(?<![\w.])(?:\+?84|[0oO])[\s.\-]?(?:[\doOlI][\s.\-]?){8,9}(?![\w])")
TAX = re.compile(
    r"(?:mst|ma so thue|ma thue|ma so dn|ma so doanh nghiep)\s*(?:la|:|cua (?:em|toi))?\s*([\dol]{10}(?:-\d{3})?|[\dol]{12})(?!\w)"
)
COUNT = r"(\d{1,4}|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi)"
HEADS = re.compile(
    COUNT
    + r"\s*(?:suat|cho ngoi|cho|ve|nguoi (?:di|tham|du|dang)|dai bieu)\b|(?:di|du|gia|ky|cho|them|tong)\s+(?:khoang\s+)?"
    + COUNT
    + r"\s*(?:nguoi|suat|cho|anh em|chi em|ban)\b"
)
EMPLOYEES = re.compile(COUNT + r"\s*(?:lao dong|cong nhan|nhan vien|tho|nhan cong|nguoi lam|nguoi lao dong)\b")
SIZES = (("doanh nghiep sieu nho", "siêu nhỏ"), ("quy mo sieu nho", "siêu nhỏ"), ("doanh nghiep nho va vua", "nhỏ và vừa"),
         ("dnnvv", "nhỏ và vừa"), ("doanh nghiep nho", "nhỏ"), ("doanh nghiep vua", "vừa"))  # fmt: skip
FORMS = (
    (r"cong ty|cty|tnhh", "công ty"), (r"hop tac xa|htx", "hợp tác xã"), (r"to hop tac|tht", "tổ hợp tác"),
    (r"ho kinh doanh|hkd|ho ca the|ho san xuat", "hộ kinh doanh"), (r"doanh nghiep|dntn|dn", "doanh nghiệp"),
)  # fmt: skip
COMPANY = re.compile(
    r"\b((?:công ty|cty|hợp tác xã|htx|doanh nghiệp|cơ sở|tổ hợp tác|cong ty|hop tac xa|to hop tac)"
    r"(?:\s+(?:tnhh|cổ phần|cp|tư nhân|mtv|một thành viên|nông sản|nông nghiệp|dịch vụ|dv|sản xuất|sx|chế biến|thương mại|tm|và|&))*"
    r"(?:\s+[A-ZĐÀ-Ỹ][\wÀ-ỹ]*)+)"
)  # the named words begin with a capital; the lead is matched without case
CONTACT = re.compile(
    r"\b(?:ten la|ten em la|ten chi la|ten anh la|ten toi la|ten minh la|em la|chi la|anh la|toi la|minh la|ten|gap|lien he|"
    r"goi cho|(?<!\w)(?:anh|chi|a|c|co|chu|bac|ong|ba))\s+"
)
NAME = re.compile(r"(?:(?:anh|chị|cô|chú|bác|ông|bà)\s+)?([^\W\d_]+(?:\s+[^\W\d_]+){0,4})\s*$", re.IGNORECASE)
NAMED = re.compile(r"(?:[A-ZĐÀ-Ỹ][^\W\d_]*)(?:\s+[A-ZĐÀ-Ỹ][^\W\d_]*){0,4}")
NOT_NAMES = {
    "nha",
    "ben",
    "lam",
    "muon",
    "can",
    "o",
    "co",
    "chu",
    "htx",
    "cong",
    "cty",
    "hop",
    "dang",
    "sdt",
    "so",
    "dt",
    "khong",
}
RULED_OUT = re.compile(
    r"\b(?:khong|ko|k|kg|khg|hok|dung|chang|chu khong|chu ko)\s+(?:phai|can|muon|lay|dung|thich|mua|lam|che bien|san xuat|tinh)(?:\s+(?:la|loai|may|den|cong nghe))*\s*$|"
    r"\b(?:tru|ngoai tru|bo)(?:\s+(?:may|loai|cai|phan))*\s*$|\bchu (?:khong|ko|k|dung)\s+(?:phai\s+)?(?:la\s+)?$"
)
REPLACED = re.compile(r"\b(?:khong|ko|k|chu khong|chu ko|chu k)\s+phai(?:\s+(?:la|khoang|tam))*\s*$")
CORRECTED = re.compile(r"\b(?:nham|a khong|sua lai|noi lai|chinh lai|dinh chinh|y em la|quen)\b")
EVENT = re.compile(r"\b(?:hoi thao|tap huan|buoi|lop|su kien|dang ky|tham gia|tham du|hoi cho|trien lam|di du|suat)\b")
CLOCK = re.compile(r"\b(\d{1,2})\s*(?:h|gio|:)\s*(\d{2})?(?:\s*(sang|chieu|toi))?(?![\w/])")
WITH_NAME = re.compile(r"[\s,;:–-]*(?:sdt|so dt|so dien thoai|dien thoai|dt|zalo|so|tel|phone)?[\s.:]*$")


def read_entities(text: str, today: date, places: Places, terms: Terms) -> dict[str, Any]:
    """The entities that the text states; a key is present only when it is said."""
    text = nfc(text)
    folded = fold(text)
    found: dict[str, Any] = {}
    _terms(text, folded, terms, found)
    _amounts(text, folded, found)
    _time(text, folded, today, found)
    if location := places.find(text):
        found["location"] = location
    _people(text, folded, found)
    return found


def _terms(text: str, folded: str, terms: Terms, found: dict[str, Any]) -> None:
    kept: dict[str, list[str]] = {"product": [], "process": []}
    negated: list[dict[str, str]] = []
    for spot in terms.find(text):
        if RULED_OUT.search(folded[max(0, spot.start - 40) : spot.start]):
            negated.append({"slot": spot.kind, "value": spot.term})
        elif spot.term not in kept[spot.kind] and not _in_firm(text, spot):
            kept[spot.kind].append(spot.term)
    out = {(row["slot"], row["value"]) for row in negated}
    for kind, values in kept.items():
        left = [value for value in values if (kind, value) not in out]
        if left:
            found[kind] = left[0] if len(left) == 1 else left
    if negated:
        found["negated"] = [row for at, row in enumerate(negated) if row not in negated[:at]]


def _in_firm(text: str, spot: TermSpot) -> bool:
    return any(match.start() <= spot.start < match.end() for match in _firms(text)) and len(text.split()) > 12


def _firms(text: str) -> list[re.Match[str]]:
    lead = re.compile(COMPANY.pattern.replace("((?:công ty", "((?i:công ty"))
    return list(lead.finditer(text))


def _amounts(text: str, folded: str, found: dict[str, Any]) -> None:
    money = [row for row in find_money(text) if not REPLACED.search(folded[: row.start])]
    budgets = [row for row in money if row.kind == "budget"]
    if budgets:
        chosen = budgets[-1] if CORRECTED.search(folded) else _with_cue(budgets, folded)
        found["budget"] = {"min": _whole(chosen.value.min), "max": _whole(chosen.value.max)}
    size: dict[str, Any] = {}
    for row in money:
        if row.kind == "revenue":
            size["revenue" if row.value.min is not None else "revenue_max"] = _whole(row.value.min or row.value.max)
        elif row.kind == "capital":
            size["capital"] = _whole(row.value.min or row.value.max)
    if people := EMPLOYEES.search(folded):
        size["employees"] = _count(people[1])
    if word := next((name for cue, name in SIZES if re.search(rf"\b{cue}\b", folded)), None):
        size["class"] = word
    if size:
        found["org_size"] = size
    quantities = [row for row in find_quantities(text) if not REPLACED.search(folded[: row.start])]
    if quantities:
        found["capacity"] = _capacity(quantities[-1] if CORRECTED.search(folded) else max(quantities, key=_telling))


def _with_cue(budgets: list[Found[Any]], folded: str) -> Found[Any]:
    cue = re.compile(r"(?:kinh phi|ngan sach|von|tien|chi|dau tu|tam|khoang|duoi|toi da|bo ra)[^.;\n]{0,20}$")
    return next((row for row in budgets if cue.search(folded[: row.start])), budgets[0])


def _telling(row: Found[Quantity]) -> tuple[bool, bool, bool, int]:
    unit = row.value.unit
    return row.value.per is not None, unit in MASS or unit in VOLUME, unit not in AREA, -row.start


def _capacity(row: Found[Quantity]) -> dict[str, Any]:
    value = row.value
    tail = {"unit": value.unit, "per": value.per}
    if value.min == value.max:
        return {"value": _whole(value.min), **tail}
    return {"min": _whole(value.min), "max": _whole(value.max), **tail}


def _whole(value: float | None) -> int | float | None:
    return (
        value
        if value is None
        else int(value)
        if abs(value - round(value)) < 1e-6 and round(value) == int(value)
        else round(value, 4)
    )


def _time(text: str, folded: str, today: date, found: dict[str, Any]) -> None:
    periods = [row for row in find_periods(text, today) if not REPLACED.search(folded[: row[1]])]
    raw = find_raw(text)
    if raw:
        found["deadline_raw"] = raw
    about_event = bool(EVENT.search(folded))
    if about_event and (clock := CLOCK.search(folded)) and int(clock[1]) < 24:
        hour = int(clock[1]) + (12 if clock[3] in ("chieu", "toi") and int(clock[1]) < 12 else 0)
        found["time"] = f"{hour:02d}:{int(clock[2] or 0):02d}"
    if not periods:
        return
    period = periods[-1][0] if CORRECTED.search(folded) else periods[0][0]
    if about_event and period.start is not None and period.start == period.end:
        found["date"] = period.start.isoformat()
    elif not raw or "vu" not in fold(raw).split():
        found["deadline"] = str(period)
        found.pop("deadline_raw", None)


def _people(text: str, folded: str, found: dict[str, Any]) -> None:
    if phone := PHONE.search(text):
        if number := _phone(phone.group()):
            found["phone"] = number
            before = text[: phone.start()]
            if name := _name_before(before):
                found["contact_name"] = name
    if tax := TAX.search(folded):
        found["tax_code"] = tax[1].replace("o", "0").replace("l", "1")
    for cue, form in FORMS:
        if re.search(rf"\b(?:{cue})\b", folded):
            found["org_form"] = form
            break
    if firms := _firms(text):
        found["company"] = firms[0].group(1).strip()
    if "contact_name" not in found and (name := _introduced(text, folded)):
        found["contact_name"] = name
    if heads := HEADS.search(folded):
        found["head_count"] = _count(heads[1] or heads[2])


def _count(word: str) -> int:
    return int(word) if word.isdigit() else {"muoi": 10}.get(word) or DIGITS[word]


def _phone(said: str) -> str | None:
    """E.164, or None when it is no Vietnamese number."""
    digits = re.sub(r"[^\d]", "", said.translate(str.maketrans("oOlI", "0011")))
    if digits.startswith("84") and len(digits) in (11, 12):
        return "+" + digits
    if digits.startswith("0") and (len(digits) == 10 or (len(digits) == 11 and digits[1] == "2")):
        return "+84" + digits[1:]
    return None


def _name_before(before: str) -> str | None:
    cut = WITH_NAME.search(fold(before))
    head = before[: cut.start()] if cut else before
    head = re.split(r"[,.;:!?\n]", head)[-1].strip()
    leads = list(CONTACT.finditer(fold(head)))
    lead = leads[-1] if leads else None
    if lead is not None and lead.end() < len(head):
        head = head[lead.end() :]
    name = NAME.search(head)
    if name is None:
        return None
    said = name[1].strip()
    bare = {fold(word) for word in said.split()}
    return (
        said if not bare & NOT_NAMES and (lead is not None or NAMED.fullmatch(said) or len(said.split()) <= 2) else None
    )


def _introduced(text: str, folded: str) -> str | None:
    for lead in re.finditer(
        r"\b(?:ten (?:la|em la|chi la|anh la|toi la|minh la)|(?:em|chi|anh|toi|minh) ten(?: la)?|lien he|gap (?:anh|chi))\s+",
        folded,
    ):
        if name := NAMED.match(text[lead.end() :]):
            return name.group()
    return None
