"""What an owner says of a need that is sent already: it is put right, or taken back, by its code or as the only one."""

import re
from typing import Any

from conversation.flow import Misread
from conversation.need_form import from_entities, read_field, summary
from conversation.repairs import named, numbered, says_wrong, wants_edit
from conversation.reply import Choice, Reply
from domain.need import STANDING, Field, Need, NeedState, Outcome
from domain.text import fold
from handlers.draft import completed
from handlers.mending import of_contact
from handlers.turn import Turn
from nlu.understanding import Context
from storage import needs

CODE = re.compile(r"\bnc\W{0,2}(\d{1,6})\b", re.IGNORECASE)
TAKES_BACK = re.compile(r"\b(?:huy|rut|bo|dong|xoa|khong can|ko can|k can|thoi)\b(?=.*\b(?:phieu|nhu cau|nc)\b)")
ALTERED = (Field.PRODUCT, Field.SCALE, Field.BUDGET, Field.DEADLINE, Field.PLACE)
SHOWN = 3
GONE = Reply("Phiếu ấy đã đóng rồi ạ.")


def code_in(text: str) -> str | None:
    """The code of a need in a message, as it is written: "phiếu nc 12" names NC-0012."""
    found = CODE.search(fold(text))
    return f"NC-{int(found.group(1)):04d}" if found else None


async def take(turn: Turn) -> Reply | None:
    """Puts right or asks to take back a sent need; None when the message does neither."""
    code = code_in(turn.text)
    if turn.said.asks or (code is None and turn.talk.form is not None):
        return None
    back = TAKES_BACK.search(fold(turn.text)) is not None
    repairs = wants_edit(turn.text) or says_wrong(turn.text) or (turn.said.act == "correct" and turn.said.sure)
    if not back and not repairs:
        return None
    mine = [need for need in await needs.of_person(turn.db, turn.person.id) if need.state in STANDING]
    if code is not None:
        mine = [need for need in mine if need.code == code]
        if not mine:
            return Reply(f"Em không thấy phiếu {code} nào của anh/chị đang mở ạ.")
    if back and mine:
        return ask_which(mine)
    return await _put_right(turn, mine[0]) if repairs and len(mine) == 1 else None


def ask_which(mine: list[Need]) -> Reply:
    """Asks before a need is taken back; `mine` are the standing ones, newest first, at least one."""
    choices = [
        Choice(f"Rút phiếu {need.code}", f"back:{need.id}", ("rut", "co") if len(mine) == 1 else ())
        for need in mine[:SHOWN]
    ]
    choices.append(Choice("Giữ nguyên", "status", ("khong", "giu", "thoi")))
    lines = "\n".join(f"- {need.code}: {_what(need)}" for need in mine[:SHOWN])
    one = "Anh/chị muốn rút phiếu này ạ?" if len(mine) == 1 else "Anh/chị muốn rút phiếu nào ạ?"
    return Reply(f"{lines}\n{one} Rút rồi thì em và cán bộ thôi tìm giúp việc ấy.", tuple(choices), quick=True)


async def take_back(turn: Turn, number: str) -> Reply:
    """Closes the need that the owner chose to take back."""
    need = await needs.find(turn.db, int(number)) if number.isdigit() else None
    if need is None or need.person_id != turn.person.id or need.state not in STANDING:
        return GONE
    await needs.set_state(turn.db, need.id, NeedState.CLOSED, Outcome.WITHDRAWN, turn.now)
    return Reply(f"Em đã rút phiếu {need.code}. Khi nào cần lại, anh/chị cứ nhắn một câu, em ghi phiếu mới.")


def _what(need: Need) -> str:
    return str((need.fields.get(Field.WISH) or need.fields.get(Field.PRODUCT) or {}).get("words", "nhu cầu công nghệ"))


async def _put_right(turn: Turn, need: Need) -> Reply | None:
    """Writes a new version of the need; None when the message holds no new value."""
    code = CODE.search(turn.text)
    words = turn.text[code.end() :].lstrip(" :,.-") if code else turn.text
    fields: dict[str, dict[str, Any]] = dict(need.fields)
    told: list[str] = []
    refused: list[str] = []
    pieces = [*numbered(words, False), *named(words)]
    renewed = of_contact(turn, (fields.get(Field.CONTACT.value) or {}).get("value"))
    if renewed is not None:
        _write(fields, Field.CONTACT, renewed, told)
        pieces = [(field, piece) for field, piece in pieces if field is not Field.CONTACT]
    for field, piece in pieces:
        if not piece:
            continue
        read = turn.office.mind.understand(piece, Context(question=field.value), turn.now)
        try:
            _write(fields, field, read_field(field, piece, read.entities), told)
        except Misread as misread:
            refused.append(str(misread))
    if not pieces and renewed is None:
        for field, new in from_entities(turn.entities, turn.text).items():
            if field in ALTERED:
                _write(fields, field, new, told)
    if not told:
        return Reply(f"{' '.join(refused)} Phiếu {need.code} em giữ như cũ.") if refused else None
    own = f"{need.text}\n{turn.text[:500]}"
    await needs.amend(turn.db, need, own, summary(fields), fields, "owner", turn.now)
    return Reply(f"Em đã sửa phiếu {need.code}: {'; '.join(told)}. Cán bộ phụ trách sẽ thấy ý mới này.")


def _write(fields: dict[str, dict[str, Any]], field: Field, new: dict[str, Any], told: list[str]) -> None:
    held = fields.get(field.value)
    new = completed(new, held) if field is Field.SCALE else new
    if held is None or held.get("words") != new["words"]:
        fields[field.value] = new
        was = f" (trước: {held['words']})" if held and not held.get("unknown") else ""
        told.append(f"{field.short} {new['words']}{was}")
