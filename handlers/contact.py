"""The contact of the form, which may come in pieces: a number beside something else, a name alone."""

from typing import Any

from conversation.flow import Misread
from conversation.names import guess_name
from conversation.need_form import answer, local_phone, read_contact
from conversation.reply import Reply
from domain.need import Field
from domain.text import fold
from handlers.draft import ask, change, fill, plan
from handlers.turn import Turn

NAMED = (Field.CONTACT, Field.PLACE, Field.PRODUCT)  # fields whose answer is a name


def note_phone(turn: Turn) -> str:
    """A phone number said beside something else is kept: in the contact, or for when the contact is asked."""
    phone, form = turn.entities.get("phone"), turn.talk.form
    if not phone or form is None or turn.entities.get("contact_name"):
        return ""
    held = form.get(Field.CONTACT.value)
    named = (turn.talk.pending.get("contact") or {}).get("name")
    if named and held is None:
        turn.talk.pending.pop("contact", None)
        row = answer({"name": named, "phone": phone}, f"{named}, {local_phone(phone)}", turn.text)
        return "; ".join(fill(turn, {Field.CONTACT: row}))
    if held is None or not held.get("value"):
        turn.talk.pending["contact"] = {**(turn.talk.pending.get("contact") or {}), "phone": phone}
        return f"số điện thoại: {local_phone(phone)}"
    name = held["value"]["name"]
    new = answer({"name": name, "phone": phone}, f"{name}, {local_phone(phone)}", turn.text)
    return "; ".join(change(turn, {Field.CONTACT: new}))


def name_alone(turn: Turn, field: Field) -> dict[Field, dict[str, Any]]:
    """The contact, when a number without a name was noted before and nothing but a name follows."""
    phone = (turn.talk.pending.get("contact") or {}).get("phone")
    if field is Field.CONTACT or not phone or Field.CONTACT.value in (turn.talk.form or {}):
        return {}
    name = guess_name(turn.text) if turn.text.strip()[:1].isupper() and len(turn.text.split()) <= 5 else None
    if name is None or fold(name) != fold(turn.text).strip(" .,"):
        return {}
    turn.talk.pending.pop("contact", None)
    return {Field.CONTACT: answer({"name": name, "phone": phone}, f"{name}, {local_phone(phone)}", turn.text)}


async def note_name(turn: Turn) -> Reply:
    """A person's name where something else was asked: kept for the contact, put into it when the number is known."""
    name = guess_name(turn.text) or turn.text.strip()
    phone = (turn.talk.pending.get("contact") or {}).get("phone")
    if phone and Field.CONTACT.value not in (turn.talk.form or {}):
        turn.talk.pending.pop("contact", None)
        row = answer({"name": name, "phone": phone}, f"{name}, {local_phone(phone)}", turn.text)
        told = "; ".join(fill(turn, {Field.CONTACT: row}))
    else:
        turn.talk.pending["contact"] = {**(turn.talk.pending.get("contact") or {}), "name": name}
        told = f"tên: {name}"
    await plan(turn)
    return await ask(turn, f"Em ghi: {told}.")


def read_from(turn: Turn) -> dict[str, Any]:
    """Reads name and phone, which may come in two messages."""
    held = turn.talk.pending.get("contact") or {}
    entities = {**turn.entities}
    if held.get("phone") and not entities.get("phone"):
        entities["phone"] = held["phone"]
    try:
        return read_contact(turn.text, entities, held.get("name") or turn.person.name)
    except Misread:
        name = entities.get("contact_name") or held.get("name") or guess_name(turn.text)
        turn.talk.pending["contact"] = {"name": name, "phone": entities.get("phone")}
        raise
