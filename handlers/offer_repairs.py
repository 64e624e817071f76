"""Puts right what was told of an offer: by number, by name, by a figure with "à … thôi"."""

import re
from typing import Any

from conversation.flow import Misread
from conversation.names import guess_name
from conversation.need_form import answer, local_phone
from conversation.offer_form import Part, corrected, from_message, not_known, price, price_readings, read_part
from conversation.repairs import says_wrong
from conversation.reply import Choice, Reply
from domain.text import fold
from handlers.mending import swap
from handlers.offer_draft import FLOW, ask, change, fill, held, plan, told
from handlers.turn import Turn
from nlu.understanding import Context

UNKNOWN = re.compile(
    r"^\W*(?:da\s+)?(?:chua|khong|ko|k)(?:\s+(?:co|a|em|dau|nhe))*\W*$|"
    r"(?:^|\W)(?:(?:chua|khong|ko|k|chang)\s+(?:biet|ro|tinh|chac|nho|tien noi|co gia|co so)|thoa thuan|thuong luong|"
    r"tuy (?:loai|may|khach|cau hinh|nguoi|quy mo)|bao gia sau|bao sau|de sau|tinh sau|noi sau|hen sau|bo qua|chiu)(?!\w)"
)


async def say_noted(turn: Turn, words: list[str], lead: str = "Em ghi:") -> Reply:
    """Says what was noted, asks on."""
    await plan(turn)
    return ask(
        turn,
        f"{lead} {'; '.join(words)}."
        if lead != "Em ghi" and words
        else f"Em ghi: {'; '.join(words)}."
        if words
        else "",
    )


def fill_all(turn: Turn, found: dict[Part, dict[str, Any]], over: Part | None = None) -> list[str]:
    """Puts what was stated into the draft; a number without a name is held until the name is told."""
    phone = turn.entities.get("phone")
    name = guess_name(turn.text) if phone and not found and len(turn.text.split()) <= 6 else None
    if name and Part.CONTACT.value not in told(turn):  # "Quân - 0933 444 555"
        found = {Part.CONTACT: answer({"name": name, "phone": phone}, f"{name}, {local_phone(str(phone))}", turn.text)}
    words = fill(turn, found, over)
    if phone and Part.CONTACT.value not in told(turn):
        before = held(turn).get("contact") or {}
        held(turn)["contact"] = {**before, "phone": phone}
        if before.get("phone") != phone:
            words.append(f"số điện thoại: {local_phone(phone)}")
    return words


def with_phone(turn: Turn) -> dict[str, Any]:
    """What the message states, with the number told in an earlier one."""
    phone = (held(turn).get("contact") or {}).get("phone")
    return {**({"phone": phone} if phone else {}), **turn.entities}


def known_name(turn: Turn) -> str | None:
    """The name already told, if any."""
    contact = (told(turn).get(Part.CONTACT.value) or {}).get("value") or held(turn).get("contact") or {}
    return contact.get("name") or turn.person.name


async def correct(turn: Turn, part: Part | None) -> Reply | None:
    """Puts earlier answers right: by number, by name, by a figure with "à … thôi"; None when nothing is corrected."""
    folded = fold(turn.text)
    wrong = says_wrong(turn.text) or (turn.said.act == "correct" and turn.said.sure)
    named = [(one, rest) for one, rest in corrected(turn.text) if one.value in told(turn) and one is not part]
    if named and (wrong or len(folded.split()) <= 10):
        for one, rest in named:
            if not rest or rest == "lai":
                held(turn)["edit"] = one.value
                return ask(turn)
        changed = [
            words for one, rest in named if (new := _new_value(turn, one, rest)) for words in change(turn, {one: new})
        ]
        if changed or held(turn).get("picks"):
            return await say_noted(turn, changed, "Em đã sửa")
        return None
    found = from_message(turn.text, turn.entities, known_name(turn))
    if (name := NAME_IS.match(folded)) and Part.CONTACT.value in told(turn) and part is not Part.CONTACT:
        found[Part.CONTACT] = _renamed(turn, turn.text[name.end() :])
        wrong = True
    kept = (part,) if wrong else (part, Part.WHAT)
    known = {one: row for one, row in found.items() if one.value in told(turn) and one not in kept}
    if not known and wrong and part is not Part.PRICE and Part.PRICE.value in told(turn):
        rows = price_readings(turn.text, turn.entities)
        known = {Part.PRICE: price(rows[0]["value"], turn.text)} if len(rows) == 1 else {}
    if not known and (swapped := swap(turn.text)) is not None:
        known = _swapped(turn, *swapped)
        wrong = wrong or bool(known)
    if known and (wrong or (part not in found and len(folded.split()) <= 8)):
        changed = change(turn, known)
        return await say_noted(turn, changed, "Em đã sửa") if changed else ask(turn, "Ý này em đã ghi rồi ạ.")
    return None


def _swapped(turn: Turn, new: str, old: str) -> dict[Part, dict[str, Any]]:
    """The part in which the old figure stands, with the new one."""
    for one in (Part.PRICE, Part.SIZE):
        words = str((told(turn).get(one.value) or {}).get("words", ""))
        changed = re.sub(rf"(?<![\d.,]){re.escape(old)}(?![\d.,]*\d)", new, words)
        if changed != words and (row := _new_value(turn, one, changed)) is not None:
            return {one: row}
    return {}


def _new_value(turn: Turn, part: Part, text: str) -> dict[str, Any] | None:
    """A new value for one part; None when the words tell none, or more than one, which is then asked."""
    read = turn.office.mind.understand(text, Context(), turn.now)
    if part is Part.PRICE and (rows := price_readings(text, read.entities)):
        if len(rows) > 1:
            held(turn).update(picks=rows, edit=part.value)
        return price(rows[0]["value"], text) if len(rows) == 1 else None
    if not part.required and UNKNOWN.search(fold(text)):
        return not_known(part, text)
    contact = (told(turn).get(Part.CONTACT.value) or {}).get("value") or {}
    try:
        return read_part(
            part,
            text,
            {"phone": contact.get("phone"), **read.entities} if part is Part.CONTACT else read.entities,
            name=known_name(turn),
        )
    except Misread:
        return None


NAME_IS = re.compile(
    r"^\W*(?:(?:a|da|e|em|toi|minh|anh|chi|nham|sai|ghi|sua|doi|lai)\W+)*ten\W+(?:ten\s+)?(?:(?:la|"
    r"em|toi|anh|chi|minh|thanh)\s+)*(?=\w)"
)


def _renamed(turn: Turn, words: str) -> dict[str, Any]:
    """The contact with another name."""
    row = told(turn)[Part.CONTACT.value]
    name = guess_name(words) or row["value"]["name"]
    return answer({**row["value"], "name": name}, f"{name}, {local_phone(row['value']['phone'])}", turn.text)


def ask_which(turn: Turn) -> Reply:
    """Asks which part is to be changed."""
    turn.talk.open = FLOW
    choices = tuple(Choice(f"{part.number}. {part.label.capitalize()}", f"offering:edit/{part}") for part in Part)
    return Reply("Anh/chị muốn sửa mục nào ạ? Ví dụ “giá 200 triệu”.", choices, quick=True)
