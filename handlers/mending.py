"""Corrections that only what stands in the form makes clear: a year, another place, the end of a number, "như trên"."""

import re
from datetime import date
from typing import Any

from conversation.need_form import answer, from_entities, local_phone, read_field
from conversation.reply import Reply
from conversation.story import clauses
from domain.need import Field
from domain.text import PERSON, fold
from handlers.draft import MOST_OWN_WORDS, ask, plan, same_place
from handlers.turn import Turn
from nlu.understanding import Context

YEAR = re.compile(r"\b(20[2-4]\d)\b")
SAME = re.compile(
    r"^\W*(?:thi\s+)?(?:nhu (?:tren|cu|truoc|ban dau|da ghi|the)|van (?:the|vay|nhu cu|nhu the)|giu nguyen|khong doi)\b|"
    r"\b(?:van|cu|y) (?:nhu (?:cu|truoc|tren|phieu truoc)|nguyen|giu nguyen)\b"
)
MORE = re.compile(r"\b(?:them|ca)\s+(?:1 |mot )?(?:so|sdt)\b|\b(?:so|sdt)\b.{0,30}\b(?:nua|phu|du phong)\b")
TAIL = re.compile(r"\b(?:duoi|cuoi|may so cuoi)\s+(?:la\s+)?(\d{2,4})\b")
NUMBER = re.compile(r"\b(?:so dien thoai|dien thoai|so dt|sdt|so)\b")
RATHER = re.compile(r"\b(?:la|ma la|phai la|chi la)\s+(\S.{1,60})$")
OWN_UNIT = re.compile(r"\d[\d.,]*\s*([^\W\d]+)(?:\s*(?:/|một|mỗi|mot|moi)\s*([^\W\d]+))?")


def of_product(turn: Turn) -> dict[str, Any] | None:
    """What is named instead of a product that is ruled out: "không phải hoa hồi, là hoa cúc"."""
    held = ((turn.talk.form or {}).get(Field.PRODUCT.value) or {}).get("value") or []
    out = [row["value"] for row in turn.entities.get("negated", ()) if row["slot"] == "product"]
    found = RATHER.search(fold(turn.text))
    if found is None or not set(out) & set(held) or len(fold(turn.text)) != len(turn.text):
        return None
    piece = turn.text[found.start(1) :]
    read = turn.office.mind.understand(piece, Context(question=Field.PRODUCT.value), turn.now)
    return read_field(Field.PRODUCT, piece, read.entities)


def in_held_unit(turn: Turn) -> dict[Field, dict[str, Any]]:
    """A new figure in the unit of the scale that stands: "sai rồi, 60.000 áo" where 50.000 áo/tháng is noted."""
    held = (turn.talk.form or {}).get(Field.SCALE.value) or {}
    value = held.get("value") or {}
    own = (
        OWN_UNIT.search(str(held.get("words", ""))) if not value else None
    )  # a unit that nobody knows: "50.000 áo/tháng"
    unit, per = (own[1], own[2]) if own else (str(value.get("unit") or ""), value.get("per"))
    found = re.search(rf"(\d[\d.,]*)\s*{re.escape(fold(unit))}(?!\w)", fold(turn.text)) if unit else None
    if found is None:
        return {}
    said = f"{found[1]} {unit}/{per}" if per else f"{found[1]} {unit}"
    if own:
        return {Field.SCALE: answer(None, said, turn.text)}
    read = turn.office.mind.understand(said, Context(question=Field.SCALE.value), turn.now)
    return {field: row for field, row in from_entities(read.entities, said).items() if field is Field.SCALE}


def of_year(turn: Turn) -> dict[Field, dict[str, Any]]:
    """The deadline that stands, in the year that is named instead of its own: "à nhầm, 2027 chứ"."""
    held = (turn.talk.form or {}).get(Field.DEADLINE.value) or {}
    value = held.get("value")
    if not isinstance(value, str) or len(YEAR.findall(fold(turn.text))) == 0:
        return {}
    had = {int(year) for year in YEAR.findall(value)}
    new = next((int(year) for year in YEAR.findall(turn.text) if int(year) not in had), None)
    if new is None or not had:
        return {}
    moved = YEAR.sub(lambda found: str(int(found[1]) + new - max(had)), value).replace("-02-29", "-02-28")
    if any(date.fromisoformat(day) < turn.today for day in moved.split("/") if day != ".."):
        return {}
    return {
        field: row for field, row in from_entities({"deadline": moved}, turn.text).items() if field is Field.DEADLINE
    }


SWAPPED = re.compile(
    r"(?<![\d.,/])(\d[\d.,]*)(?:\s*[a-z%]+)?\s+(?:chu|ma|,)?\s*(?:khong|ko|k) phai\s*(?:la\s+)?(\d[\d.,]*)|"
    r"\b(?:khong|ko|k) phai\s*(?:la\s+)?(\d[\d.,]*)(?:\s*[a-z%]+)?\s*[,.;]?\s*(?:ma\s+)?(?:la\s+)?(\d[\d.,]*)(?![\d/])"
)


def swap(text: str) -> tuple[str, str] | None:
    """The new figure and the old one, as written: "35 chứ không phải 30"; None when none is put right so."""
    found = SWAPPED.search(fold(text))
    if found is None:
        return None
    return (found[1], found[2]) if found[1] else (found[4], found[3])


def of_figure(turn: Turn) -> dict[Field, dict[str, Any]]:
    """The amount that stands, with another figure: "35 chứ không phải 30" where 30 triệu is noted."""
    swapped = swap(turn.text)
    if swapped is None:
        return {}
    new, old = swapped
    for field in (Field.SCALE, Field.BUDGET):
        held = (turn.talk.form or {}).get(field.value) or {}
        words = re.sub(rf"(?<![\d.,]){re.escape(old)}(?![\d.,]*\d)", new, str(held.get("words", "")))
        if held.get("value") is None or words == held.get("words"):
            continue
        read = turn.office.mind.understand(words, Context(question=field.value), turn.now)
        return {key: row for key, row in from_entities(read.entities, words).items() if key is field}
    return {}


def of_place(turn: Turn) -> dict[Field, dict[str, Any]]:
    """The last place that a message names, when it is not the one that stands: "Đồng Đăng trả rồi, đặt ở Hoàng Văn Thụ"."""
    held = (turn.talk.form or {}).get(Field.PLACE.value)
    if held is None:
        return {}
    for clause in reversed(list(clauses(turn.text))):
        read = turn.office.mind.understand(clause, Context(question=Field.PLACE.value), turn.now)
        new = from_entities(read.entities, clause).get(Field.PLACE)
        if new is not None:
            return {} if same_place(Field.PLACE, held, new) else {Field.PLACE: {**new, "said": turn.text}}
    return {}


def tells_contact(rest: str) -> bool:
    """Whether words after "liên hệ", "số điện thoại" hold a number or a name: "liên hệ giúp chị" holds neither."""
    words = re.findall(r"[^\W\d_]+", rest)
    capital = [
        word for word in words if word[:1].isupper() and not re.fullmatch(PERSON.removesuffix(r"\b"), fold(word))
    ]
    return (
        not words or bool(capital) or sum(sign.isdigit() for sign in rest) >= 3 or SAME.search(fold(rest)) is not None
    )


def of_contact(turn: Turn, held: Any) -> dict[str, Any] | None:
    """A new number for the contact that stands, or its last figures; the name stays."""
    if not isinstance(held, dict) or not held.get("phone") or not NUMBER.search(fold(turn.text)):
        return None
    phone = _last_phone(turn) or turn.entities.get("phone")
    tail = TAIL.search(fold(turn.text))
    if phone is None and tail is not None:
        phone = str(held["phone"])[: -len(tail[1])] + tail[1]
    if phone is None or phone == held["phone"]:
        return None
    return answer({"name": held["name"], "phone": phone}, f"{held['name']}, {local_phone(str(phone))}", turn.text)


def _last_phone(turn: Turn) -> str | None:
    for clause in reversed(list(clauses(turn.text))):
        phone = turn.office.mind.understand(clause, Context(question=Field.CONTACT.value), turn.now).entities.get(
            "phone"
        )
        if phone:
            return str(phone)
    return None


async def note_more(turn: Turn) -> Reply | None:
    """A second number beside the contact that stands is kept for the officer, not put in its place."""
    held = ((turn.talk.form or {}).get(Field.CONTACT.value) or {}).get("value")
    phone = turn.entities.get("phone")
    if not isinstance(held, dict) or not phone or phone == held.get("phone") or not MORE.search(fold(turn.text)):
        return None
    if len(turn.talk.own_words) < MOST_OWN_WORDS:
        turn.talk.own_words.append(turn.text[:500])
    await plan(turn)
    return await ask(
        turn,
        f"Em ghi thêm số {local_phone(str(phone))} để cán bộ gọi khi cần; số chính vẫn là {local_phone(held['phone'])}.",
    )
