"""The need form: nine fields as a flow of questions, each with its reader."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from conversation.flow import Answers, Flow, Misread, Question
from conversation.kinds import asks_machine
from conversation.names import NAME_WORDS, guess_name, person_of
from conversation.story import read_story, trim_answer, wish_words
from domain.amounts import Money, Quantity, in_base, money_words, quantity_words
from domain.dates import Period, period_words
from domain.need import Field
from domain.text import fold, has_diacritics

UNKNOWN = "chưa biết"
UNKNOWN_CHOICE = ("Chưa biết", "unknown")
CONSENT = "consent"
EVENT = "event"  # beside the answers: the event after which the form was opened
CONSENT_CHOICES = (("Đồng ý lưu phiếu", "yes"), ("Không", "no"))
CONSENT_WORDING = (
    "Em xin phép lưu phiếu này kèm tên và số điện thoại trong 5 năm để tìm công nghệ cho anh/chị; "
    "chỉ cán bộ phụ trách xem, nơi cung cấp chỉ nhận liên hệ khi anh/chị đồng ý riêng. "
    "Không đồng ý thì em vẫn trả lời câu hỏi."
)
Entities = Mapping[str, Any]


@dataclass(frozen=True)
class Form:
    """What a question's words may use: how far the form is, what kinds of help it asks for (domain.kinds)."""

    answered: int
    kinds: tuple[str, ...] = ()


def _asks(words: str, otherwise: str = "") -> Any:
    """Words of a question; `otherwise` where no machine or technology is asked for."""
    return lambda form, answers: otherwise if otherwise and form.kinds and not asks_machine(form.kinds) else words


QUESTIONS: tuple[Question[Form], ...] = (
    Question("problem", _asks("Anh/chị đang gặp khó khăn gì cần giải quyết?")),
    Question("product", _asks("Anh/chị làm sản phẩm gì?")),
    Question(
        "wish",
        _asks("Anh/chị mong muốn máy hay công nghệ gì?", "Anh/chị mong muốn được giúp việc gì?"),
        (UNKNOWN_CHOICE,),
    ),
    Question("scale", _asks("Quy mô khoảng bao nhiêu (ví dụ 20 tấn/năm, 300 kg/mẻ)?"), (UNKNOWN_CHOICE,)),
    Question("budget", _asks("Kinh phí dự kiến khoảng bao nhiêu?"), (UNKNOWN_CHOICE,)),
    Question("deadline", _asks("Bên mình khi nào cần ạ?"), (UNKNOWN_CHOICE,)),
    Question("place", _asks("Chỗ làm ở đâu, thuộc xã/phường nào?")),
    Question(
        "current",
        _asks("Hiện nay anh/chị đang làm thế nào?", "Việc này hiện nay anh/chị đang làm thế nào?"),
        (UNKNOWN_CHOICE,),
    ),
    Question("contact", _asks("Cho em xin tên và số điện thoại để cán bộ liên hệ với anh/chị ạ?")),
    Question(CONSENT, _asks(CONSENT_WORDING + " Anh/chị đồng ý chứ ạ?"), CONSENT_CHOICES),
)
NEED_FORM: Flow[Form] = Flow("need", QUESTIONS)

EXAMPLES = {
    Field.PROBLEM: "ví dụ “hồi phơi gặp mưa hay bị mốc”",
    Field.PRODUCT: "ví dụ “hoa hồi khô” hoặc “na”",
    Field.SCALE: "ví dụ “20 tấn/năm” hoặc “300 kg/mẻ”; chưa rõ thì nhắn “chưa biết”",
    Field.BUDGET: "ví dụ “300 triệu” hoặc “200-300 triệu”; chưa rõ thì nhắn “chưa biết”",
    Field.DEADLINE: "ví dụ “trước tháng 6 năm sau” hoặc “quý 2/2027”; chưa rõ thì nhắn “chưa biết”",
    Field.PLACE: "ví dụ “xã Chi Lăng” hoặc tên xã cũ kèm huyện cũ",
    Field.CONTACT: "ví dụ “Mai, 0912 345 678”",
}

HARVEST = re.compile(  # when something ripens or is sold is no deadline
    r"\b(?:moi|mot|hang|1)\s*(?:nam|vu)\b.{0,40}\b(?:vao|thu|chin|ro|rung)\b.{0,12}\bthang\b|\b(?:thu hoach|thu hai|chin ro|chin vao|chinh vu|"
    r"vu thu)\b.{0,20}\bthang\b|\b(?:chin|ra hoa|no hoa|xuat chuong|sinh san|de)\b (?:tu|vao|luc)?.{0,12}\b(?:thang|ram|mung)\b|"
    r"\b(?:ram|thang|mung)\b.{0,18}\b(?:xuat chuong|di hoi|gap doi|gap ruoi|gap ba|cao diem|moi chin|thi chin)\b|"
    r"\bgap (?:doi|ba|ruoi|may|\d)\b|\b(?:tet|thang|mua|vu)\b.{0,12}\bmoi\b.{0,20}\bbinh thuong\b|\bhop dong\b.{0,30}\bden\b|\b(?:hong|mua|xay|lam|co|nuoi|trong|thanh lap)\b.{0,12}\btu (?:nam|thang|hoi)\b"
)
LOST = re.compile(  # what was lost is no scale: "chết mất 3 tạ"
    r"\b(?:chet|mat|hong|hao|vut|do di|bo di|loi|thoi)\s+(?:mat\s+|toi\s+|den\s+|gan\s+|khoang\s+|tam\s+)*"
    r"(?:\d[\d.,]*|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|vai|may)\s*(?:chuc\s+|tram\s+|nghin\s+)?"
    r"(?:con|ta|tan|kg|can|yen|cay|lit|qua|m3|khoi)\b"
)


def answer(value: Any, words: str, said: str) -> dict[str, Any]:
    """One field's answer as it is kept."""
    return {"value": value, "words": words, "said": said[:500]}


def unknown(said: str = UNKNOWN) -> dict[str, Any]:
    """The answer "not known yet"."""
    return {"value": None, "words": UNKNOWN, "said": said[:500], "unknown": True}


def _money(budget: Mapping[str, Any]) -> str:
    return money_words(Money(budget.get("min"), budget.get("max")))


def capacity_words(capacity: Mapping[str, Any]) -> str:
    """A capacity of the entity contract in words: "20 tấn/năm"."""
    least, most = capacity.get("min", capacity.get("value")), capacity.get("max", capacity.get("value"))
    return quantity_words(Quantity(least, most, capacity.get("unit") or "", capacity.get("per")))


def _period(deadline: str) -> str:
    start, _, end = deadline.partition("/")
    begin = None if start in ("", "..") else date.fromisoformat(start)
    finish = None if end in ("", "..") else date.fromisoformat(end)
    return period_words(Period(begin, finish, deadline))


def place_words(location: Mapping[str, Any]) -> str:
    """A place in words, with what it was called before."""
    former = str(location.get("old") or "")
    old = f" ({former} cũ)" if former.startswith(("huyện", "thành phố")) else f" (trước là {former})" if former else ""
    province = location.get("province") or ""
    if location.get("unit"):
        return f"{location['unit']}{old}" + (f", {province}" if province and province != "Lạng Sơn" else "")
    return province + old


def from_entities(entities: Entities, said: str) -> dict[Field, dict[str, Any]]:
    """The fields that typed entities fill: product, scale, budget, deadline, place, contact."""
    found: dict[Field, dict[str, Any]] = {}
    if products := _most_special(_listed(entities.get("product"))):
        own = has_diacritics(said) and 1 < len(said.split()) <= 3  # "lợn đen" says more than the lợn that is known
        own = own and "process" not in entities and read_story(said).problem is None  # not "sấy măng", "hồi bị đen"
        found[Field.PRODUCT] = answer(products, trim_answer(said) if own else ", ".join(products), said)
    if (capacity := entities.get("capacity")) and not LOST.search(fold(said)):
        found[Field.SCALE] = answer(capacity, capacity_words(capacity), said)
    if (budget := entities.get("budget")) and (not EACH.search(fold(said)) or WHOLE_BESIDE.search(fold(said))):
        found[Field.BUDGET] = answer(budget, _money(budget), said)
    if (deadline := entities.get("deadline")) and not HARVEST.search(fold(said)) and not _habit(fold(said)):
        found[Field.DEADLINE] = answer(deadline, _period(str(deadline)), said)
    elif (raw := entities.get("deadline_raw")) and not (_with_what(said) and fold(str(raw)) == "khong voi"):
        found[Field.DEADLINE] = answer({"raw": raw}, str(raw), said)
    location = entities.get("location")
    if location and (location.get("unit") or _elsewhere(location, fold(said))):
        found[Field.PLACE] = answer(location, place_words(location), said)
    phone, name = entities.get("phone"), entities.get("contact_name") or person_of(said, entities.get("company"))
    if phone and name:
        found[Field.CONTACT] = answer({"name": name, "phone": phone}, f"{name}, {local_phone(phone)}", said)
    return found


WHOLE_BESIDE = re.compile(
    r"\b(?:trieu|tr|ty|ti|cu|nghin)\b.*\b(?:moi|mot|1) (?:ho|nha|nguoi|gia dinh|xa vien|thanh vien)\b"
)
EACH = re.compile(
    r"\b(?:moi|mot|1) (?:ho|nha|nguoi|gia dinh|xa vien|thanh vien|dau nguoi)\s+(?:\w+\s+){0,2}?(?:\d|mot|hai|ba|nam|muoi|vai|may)"
)


FORMER_PROVINCES = frozenset(
    ("Bắc Kạn", "Bắc Giang", "Hà Giang", "Yên Bái", "Hoà Bình", "Hòa Bình", "Vĩnh Phúc", "Hải Dương")
)


MOST_OF_A_PLACE = 5  # words


def _elsewhere(location: Mapping[str, Any], folded: str) -> bool:
    """Whether a place lies in another province, whose communes are not known here: its district is close enough."""
    district = location.get("old")
    if not district or district in FORMER_PROVINCES or location.get("ambiguous"):
        return False
    named = re.search(rf"\b(?:o|tai|huyen|xa|phuong|thi tran|ben|que)\s+(?:\w+\s+)?{fold(str(district))}\b", folded)
    short = len(folded.split()) <= MOST_OF_A_PLACE
    return location.get("province") not in (None, "Lạng Sơn") and (named is not None or short)


SEASON = re.compile(
    r"\b(?:mua (?:he|dong|xuan|thu|mua|kho|nang|ret|lanh|nong)|cuoi tuan|chu nhat|thu (?:hai|ba|tu|nam|sau|bay)|buoi toi)\b"
)
WANTED_BY = re.compile(
    r"\b(?:can|kip|truoc|phai co|xong|sang nam|nam sau|nam toi|sap toi|toi day|nay|lap|mua|bat dau|giao|den|vao|trong|la co|la duoc)\b"
)


def _habit(folded: str) -> bool:
    """Whether the time that is told is when something happens, not when something is needed: "mùa hè cá bỏ ăn"."""
    rest, seasons = SEASON.subn(" ", folded)
    return bool(seasons) and WANTED_BY.search(rest) is None


def _with_what(said: str) -> bool:
    """Whether "khong voi" typed without marks is "không với": "hút chân không với cấp đông"."""
    return not has_diacritics(said) and re.search(r"\bchan khong voi\b", fold(said)) is not None


def _most_special(names: list[str]) -> list[str]:
    """Without names that stand within another: "cá tầm, cá" is cá tầm."""
    return [name for name in names if not any(name != other and f" {name} " in f" {other} " for other in names)]


def _listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []


def local_phone(phone: str) -> str:
    """+84912345678 as people write it: 0912345678."""
    return "0" + phone[3:] if phone.startswith("+84") else phone


BUSY = re.compile(
    r"(?:dang|gio dang|hien dang) (?:ban(?! (?:cho|le|buon|tren|qua|o|si))|don nha|co khach|hop|kin don)\b"
)  # no way of working


def from_story(text: str, entities: Entities) -> dict[Field, dict[str, Any]]:
    """The fields that only a sentence tells: problem, wish, current way."""
    story = read_story(text)
    processes = _listed(entities.get("process"))
    found: dict[Field, dict[str, Any]] = {}
    if story.problem:
        found[Field.PROBLEM] = answer(None, story.problem, text)
    if story.current and story.current != story.problem and not BUSY.match(fold(story.current)):
        found[Field.CURRENT] = answer(None, story.current, text)
    if story.wish:
        found[Field.WISH] = answer(processes or None, _spelt(story.wish, processes), text)
    return found


BARE_DEVICES = {
    "may": "máy",
    "lo": "lò",
    "noi": "nồi",
    "thiet bi": "thiết bị",
    "he thong": "hệ thống",
    "day chuyen": "dây chuyền",
}


def _spelt(wish: str, processes: list[str]) -> str:
    """A short wish typed without diacritics, in its proper spelling where the process is known: may say, máy sấy."""
    for bare, device in BARE_DEVICES.items():
        if len(processes) == 1 and fold(wish) == f"{bare} {fold(processes[0])}":
            return f"{device} {processes[0]}"
    return wish


def read_field(field: Field, text: str, entities: Entities, patient: bool = True) -> dict[str, Any]:
    """Reads an answer to the open question; raises Misread with a kind explanation.

    `patient` is false after a first misread: then a place or a product is taken in the person's own words.
    """
    typed = from_entities(entities, text)
    if field in typed:
        return typed[field]
    if field in (Field.PROBLEM, Field.CURRENT):
        return answer(None, trim_answer(_worth(text, field)), text)
    if field is Field.WISH:
        processes = _listed(entities.get("process"))
        return answer(processes or None, _spelt(wish_words(_worth(text, field)), processes), text)
    if field is Field.PRODUCT:
        counted = patient and len(text.split()) <= 5 and any(sign.isdigit() for sign in text)  # "cho 80 hộ"
        if (len(text.split()) <= 12 and not counted) or not patient:
            return answer([], trim_answer(_worth(text, field)), text)
        raise Misread(f"Em chưa rõ sản phẩm, {EXAMPLES[field]}.")
    if field is Field.PLACE:
        return _read_place(text, entities, patient)
    if field is Field.CONTACT:
        return read_contact(text, entities)
    if field is Field.SCALE and (counted_users := USERS.search(fold(text))):
        count, unit = int(counted_users[1]), UNITS_OF_USERS[counted_users[2]]
        return answer({"value": count, "unit": unit, "per": None}, f"{count} {unit}", text)
    if field is Field.BUDGET and PAID.search(fold(text)) and len(text.split()) <= 8:
        return answer(None, trim_answer(text)[:80], text)
    if not patient and field is Field.DEADLINE:
        return answer({"raw": text[:80]}, trim_answer(text)[:80], text)
    if not patient and field in (Field.SCALE, Field.BUDGET):  # kept in own words; nothing is guessed
        return answer(None, trim_answer(text)[:80], text)
    raise Misread(f"Em chưa đọc được {field.label}, {EXAMPLES[field]}.")


SOMEWHERE = re.compile(  # words that speak of a place, in an answer that no list knows
    r"^(?!(?:hien|dang|van|gio|chua|khong|toan)\b).*\b(?:o|tai|thon|ban|xom|khu|to|duong|pho|ngo|xa|phuong|huyen|thi tran|tinh|gan|sat|doi dien|cho|km|lang|ap|dia chi|so nha|ql)\b"
)
PAID = re.compile(  # who pays, where no sum is known: "kinh phí tỉnh lo"
    r"\b(?:tinh|xa|huyen|nha nuoc|so|du an|ngan sach|trung uong|doanh nghiep|cong ty|dan)\s+(?:\w+\s+)?(?:lo|cap|tra|chiu|bao|chi tra|bo ra)\b"
)
UNITS_OF_USERS = {"ho dan": "hộ", "ho": "hộ", "gia dinh": "hộ", "khach": "khách", "phong": "phòng", "giuong": "giường", "suat": "suất",
                  "hoc sinh": "học sinh", "benh nhan": "bệnh nhân", "cua hang": "cửa hàng"}  # fmt: skip
USERS = re.compile(rf"\b(\d{{1,6}})\s*({'|'.join(UNITS_OF_USERS)})\b")  # whom a thing is for, where no size is


def _worth(text: str, field: Field) -> str:
    if len(NAME_WORDS.findall(text)) < 1:
        raise Misread(f"Em chưa rõ {field.label}" + (f", {EXAMPLES[field]}." if field in EXAMPLES else "."))
    return text


def _read_place(text: str, entities: Entities, patient: bool) -> dict[str, Any]:
    location = entities.get("location") or {}
    province = location.get("province")
    if province and province != "Lạng Sơn" and not location.get("ambiguous"):
        return answer(location, text.strip()[:80] if len(text.split()) <= 10 else province, text)
    if not patient and NAME_WORDS.search(text) and (len(text.split()) <= 4 or SOMEWHERE.search(fold(text))):
        return answer({"province": province or "Lạng Sơn", "raw": text[:80]}, text.strip()[:80], text)
    raise Misread(f"Em chưa thấy tên xã/phường này trong danh sách hiện nay, {EXAMPLES[Field.PLACE]}.")


def read_contact(text: str, entities: Entities, known_name: str | None = None) -> dict[str, Any]:
    """A name with a phone number; raises Misread when the number is missing."""
    phone = entities.get("phone")
    elsewhere = not phone and {"location", "deadline", "deadline_raw", "capacity", "budget"} & set(entities)
    guessed = None if elsewhere else guess_name(text)  # "trước Tết" is nobody
    if guessed and not phone and len(guessed.split()) > 2 and text == text.lower() and "ten" not in fold(text).split():
        guessed = None  # "lắng bằng ao" is no name
    name = entities.get("contact_name") or person_of(text, entities.get("company")) or guessed or known_name
    if not phone:
        thanks = f"Em ghi tên {name} rồi ạ. " if name else ""
        raise Misread(f"{thanks}Em cần thêm số điện thoại 10 số, {EXAMPLES[Field.CONTACT]}.")
    if not name:
        raise Misread("Em ghi số rồi ạ, còn tên anh/chị thì em chưa có.")
    return answer({"name": name, "phone": phone}, f"{name}, {local_phone(phone)}", text)


def count_answered(answers: Answers) -> int:
    """How many of the nine fields are answered (the n of n/9)."""
    return sum(1 for field in Field if field.value in answers)


def card(answers: Answers) -> str:
    """The numbered summary."""
    lines = []
    for field in Field:
        held = answers.get(field.value)
        label = field.label[:1].upper() + field.label[1:]
        lines.append(f"{field.number}. {label}: {held['words'] if held else UNKNOWN}")
    return "\n".join(lines)


def summary(answers: Answers) -> str:
    """The official wording of a need in one paragraph."""
    parts = []
    for field in (Field.PRODUCT, Field.SCALE, Field.PROBLEM, Field.CURRENT, Field.WISH, Field.BUDGET, Field.DEADLINE):
        held = answers.get(field.value)
        if held and not held.get("unknown"):
            parts.append(f"{field.label.split(' (')[0]}: {held['words']}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "."


def alike(form: Answers, other: Answers) -> bool:
    """Whether two needs are likely the same: product and process shared, place equal, scale within a factor of two.

    A place or scale that only one of them states speaks against nothing.
    """

    def value(answers: Answers, name: str) -> Any:
        return (answers.get(name) or {}).get("value")

    for name in ("product", "wish"):
        if not set(_listed(value(form, name))) & set(_listed(value(other, name))):
            return False
    here, there = value(form, "place") or {}, value(other, "place") or {}
    if here.get("unit") and there.get("unit") and here["unit"] != there["unit"]:
        return False
    return _near(value(form, "scale") or {}, value(other, "scale") or {})


def _near(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    sizes = []
    for scale in (left, right):
        size = scale.get("value") or scale.get("max") or scale.get("min")
        if not size:
            return True
        sizes.append((*in_base(float(size), scale.get("unit") or ""), scale.get("per")))
    (one, unit, per), (two, other_unit, other_per) = sizes
    return (unit, per) != (other_unit, other_per) or max(one, two) <= 2 * min(one, two)
