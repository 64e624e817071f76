"""Takes corrections of the need form in words, by number, or as a change of mind."""

import re

from conversation.flow import Misread
from conversation.need_form import (
    answer,
    from_entities,
    from_story,
    read_field,
)
from conversation.reply import SILENCE, Choice, Reply
from domain.need import Field
from domain.text import fold
from handlers.draft import ask, change, plan, write
from handlers.turn import Turn
from nlu.understanding import Context

EDIT = re.compile(
    r"\b(?:sua|doi|chinh)\s*(?:lai\s*)?(?:cau|so|muc|y)?\s*(?:so\s*)?([1-9])\b(?:\s*(?:thanh|la|lai|:|=))?\s*"
)
EDIT_NAMED = re.compile(r"\b(?:sua|doi|chinh)\s+(?:lai\s+)?")
DROP_WISH = re.compile(r"\b(?:khong can|ko can|k can|khong lay|thoi khong|khong muon)\b.*\b(?:nua|can|muon|lay)\b")
FIELD_NAMES = {
    Field.PROBLEM: ("van de", "kho khan"),
    Field.PRODUCT: ("san pham", "mat hang"),
    Field.SCALE: ("quy mo", "san luong", "cong suat"),
    Field.CURRENT: ("dang lam", "hien nay", "cach lam"),
    Field.WISH: ("mong muon", "nhu cau", "may can"),
    Field.BUDGET: ("kinh phi", "von", "ngan sach", "tien"),
    Field.DEADLINE: ("khi nao can", "thoi gian", "thoi han", "khi nao"),
    Field.PLACE: ("dia diem", "cho lam", "noi lam", "o dau", "dia chi", "xa", "phuong"),
    Field.CONTACT: ("lien he", "so dien thoai", "sdt", "ten"),
}


# --- an edited message
async def take_edit(turn: Turn) -> Reply:
    """Takes the new words of an earlier message: what they state differently is corrected; no difference, no reply."""
    found = {**from_story(turn.text, turn.entities), **from_entities(turn.entities, turn.text)}
    told = change(turn, found)
    if not told:
        return SILENCE
    await plan(turn)
    return await ask(turn, f"Em sửa theo tin anh/chị vừa chỉnh: {'; '.join(told)}.")


# --- corrections ------------------------------------------------------------------------------------------------
async def correct(turn: Turn) -> Reply | None:
    """Takes corrections in words or by number, several in one message; None when there is nothing to correct."""
    form = turn.talk.form
    if form is None:
        return None
    folded = fold(turn.text)
    numbered = list(EDIT.finditer(folded))
    if numbered:
        return await _correct_numbered(turn, numbered)
    if EDIT_NAMED.search(folded):
        field = next((f for f, names in FIELD_NAMES.items() if any(f" {n}" in f" {folded}" for n in names)), None)
        if field is not None and field not in from_entities(turn.entities, turn.text):
            turn.talk.pending["edit"] = field.value
            return await ask(turn)
    found = from_entities(turn.entities, turn.text)
    if (turn.said.act == "correct" and any(field.value in form for field in found)) or folded.startswith(
        ("a khong", "a nham", "nham", "khong phai", "y la")
    ):
        told = change(turn, found)
        if told:
            await plan(turn)
            return await ask(turn, f"Em đã sửa {'; '.join(told)}.")
    return None


async def _correct_numbered(turn: Turn, numbered: list[re.Match[str]]) -> Reply:
    """ "sửa 3 thành 15 tấn; kinh phí 200tr": each number with the text up to the next one."""
    assert turn.talk.form is not None
    told, refused = [], []
    for index, found in enumerate(numbered):
        field = list(Field)[int(found.group(1)) - 1]
        end = numbered[index + 1].start() if index + 1 < len(numbered) else len(turn.text)
        piece = turn.text[found.end() : end].strip(" ;,.")
        if not piece:
            turn.talk.pending["edit"] = field.value
            return await ask(turn)
        read = turn.office.mind.understand(piece, _context(field), turn.now)
        try:
            new = read_field(field, piece.split(";")[0].strip(), read.entities)
        except Misread as misread:
            kept = turn.talk.form.get(field.value)
            stays = f" Em vẫn giữ: {kept['words']}." if kept else ""
            refused.append(f"{misread}{stays}")
            continue
        before = write(turn, field, new)
        told.append(f"{field.number}. {new['words']}" + (f" (trước: {before})" if before else ""))
        beside = from_entities(read.entities, piece)
        told += change(turn, {key: value for key, value in beside.items() if key is not field})
    await plan(turn)
    said = f"Em đã sửa {'; '.join(told)}." if told else ""
    return await ask(turn, " ".join(part for part in (said, *refused) if part))


def _context(field: Field) -> Context:
    return Context(question=field.value)


def changes_wish(turn: Turn) -> bool:
    """Whether the message drops the stated wish for another one."""
    form = turn.talk.form
    return form is not None and Field.WISH.value in form and DROP_WISH.search(fold(turn.text)) is not None


async def ask_change(turn: Turn) -> Reply:
    """Asks what a new wish means for the form: replace, a second need, or as it was."""
    new = from_story(turn.text, turn.entities).get(Field.WISH) or answer(None, turn.text[:100], turn.text)
    turn.talk.pending["new_wish"] = new
    choices = (
        Choice("Thay mong muốn cũ", "wish:replace", ("thay",)),
        Choice("Thêm phiếu mới", "wish:second", ("them", "phieu moi", "nhu cau thu hai")),
        Choice("Giữ như cũ", "wish:keep", ("giu", "nhu cu")),
    )
    return Reply(f"Anh/chị muốn “{new['words']}”: thay mong muốn cũ, hay là nhu cầu thứ hai ạ?", choices, quick=True)


async def change_wish(turn: Turn, decision: str) -> Reply:
    """Does what the person chose about the new wish."""
    new = turn.talk.pending.pop("new_wish", None)
    if turn.talk.form is None or new is None:
        return await ask(turn)
    if decision == "replace":
        before = write(turn, Field.WISH, new)
        return await ask(turn, f"Em đã sửa 5. {new['words']} (trước: {before}). Các ý khác em giữ nguyên.")
    if decision == "second":
        turn.talk.pending["second"] = new
        return await ask(turn, "Dạ, gửi xong phiếu này em mở phiếu thứ hai cho ý mới.")
    return await ask(turn, "Dạ, em giữ như cũ.")
