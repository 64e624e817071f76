"""Takes corrections of the need form in words, by number, or as a change of mind."""

import re
from typing import Any

from conversation.doubts import differing_sizes, doubts
from conversation.flow import Misread
from conversation.kinds import asks_machine, names_kind, read_kinds
from conversation.need_form import (
    from_entities,
    from_story,
    read_contact,
    read_field,
    unknown,
)
from conversation.repairs import changes_mind, named, numbered, only_facts, says_wrong, wants_edit
from conversation.reply import SILENCE, Choice, Reply
from conversation.story import read_story, trim_answer
from conversation.unknowns import says_unknown
from conversation.wishes import refused, without
from domain.need import Field
from domain.text import fold, nfc
from handlers import mending
from handlers.draft import MOST_OWN_WORDS, ask, change, completed, fill, kinds, plan, same_place, waiting_field, write
from handlers.supply import names_technology
from handlers.turn import Turn
from handlers.words import wanted
from nlu.understanding import Context

MOST_OF_A_CONTACT = 9  # words
HOW = re.compile(r"\b(?:lam sao|lam the nao|the nao|cach nao|co cach)\b")
BARE_EDIT = re.compile(
    r"^\W*(?:(?:em|chi|anh|toi|minh|cho|muon|can|xin|de)\s+)*(?:sua|chinh sua|sua lai|sua phieu|doi lai|chinh lai|"
    r"sua thong tin|khong dung|chua dung|sai roi|sai|nham roi)"
    r"(?:\s+(?:a|nhe|voi|di|giup|em|da|chut|toi|chi|anh|minh|cho|lai|cai|phieu))*\W*$"
)


# --- an edited message ------------------------------------------------------------------------------------------
async def take_edit(turn: Turn) -> Reply:
    """Takes the new words of an earlier message: what they state differently is corrected; no difference, no reply."""
    found = {**from_story(turn.text, turn.entities), **from_entities(turn.entities, turn.text)}
    told = change(turn, found)
    if not told:
        return SILENCE
    await plan(turn)
    return await ask(turn, f"Em sửa theo tin anh/chị vừa chỉnh: {'; '.join(told)}.")


# --- which one --------------------------------------------------------------------------------------------------
async def ask_which(turn: Turn) -> Reply:
    """Asks which of the nine fields is to be changed."""
    turn.talk.pending["which"] = True
    choices = tuple(
        Choice(f"{field.number}. {field.short[:1].upper()}{field.short[1:]}", f"edit:{field}") for field in Field
    )
    return Reply("Anh/chị muốn sửa câu số mấy (1-9)? Ví dụ “sửa 3 thành 15 tấn/năm”.", choices, quick=True)


async def edit(turn: Turn, name: str) -> Reply:
    """Opens one field again."""
    turn.talk.pending.pop("which", None)
    if turn.talk.form is None:
        return await ask(turn, "Phiếu này đã gửi hoặc đã bỏ rồi ạ.")
    turn.talk.pending["edit"] = name
    return await ask(turn)


# --- corrections ------------------------------------------------------------------------------------------------
async def correct(turn: Turn) -> Reply | None:
    """Takes corrections in words or by number, several in one message; None when there is nothing to correct."""
    form = turn.talk.form
    if form is None:
        return None
    if BARE_EDIT.match(fold(turn.text)):
        return await ask_which(turn)
    if (noted := await mending.note_more(turn)) is not None:
        return noted
    which = bool(turn.talk.pending.pop("which", None))
    held = dict(form)
    by_number = numbered(turn.text, which)
    if by_number:
        return await _correct_numbered(turn, by_number)
    wrong = (turn.said.act == "correct" and turn.said.sure) or says_wrong(turn.text)
    contact = (form.get(Field.CONTACT.value) or {}).get("value")
    renewed = mending.of_contact(turn, contact) is not None
    by_name = [
        (field, rest)
        for field, rest in named(turn.text)
        if field is not Field.CONTACT or renewed or mending.tells_contact(rest)
    ]
    answered = any(field.value in form for field, _ in by_name)
    if by_name and (wants_edit(turn.text) or which or (wrong and answered) or _answered(turn, by_name)):
        return await _correct_named(turn, by_name)
    found = from_entities(turn.entities, turn.text)
    if wrong and Field.PRODUCT not in found and (other := mending.of_product(turn)) is not None:
        found[Field.PRODUCT] = other
    swapped = mending.of_figure(turn) if not {Field.SCALE, Field.BUDGET} & set(found) else {}
    found |= swapped
    wrong = wrong or bool(swapped)
    if wrong and Field.SCALE not in found:
        found |= mending.in_held_unit(turn)
    if wrong and Field.DEADLINE not in found:
        found |= mending.of_year(turn)
    if wrong and Field.PLACE in found:
        found |= mending.of_place(turn)
    waiting = waiting_field(turn)
    if not found or turn.said.asks or not (wrong or (only_facts(turn.text) and waiting not in found)):
        return None
    known = {field: new for field, new in found.items() if field.value in form}
    if not known or (waiting in found and waiting not in known):
        return None
    sizes = differing_sizes(turn.text) if Field.SCALE in known else []
    if len(sizes) > 1:
        known = {field: new for field, new in known.items() if field not in (Field.SCALE, Field.PRODUCT)}
        turn.talk.pending["picks"] = {"field": Field.SCALE.value, "rows": sizes}
        change(turn, known)
        return await ask(turn, "Em thấy hai con số, anh/chị chọn giúp em số cần ghi.")
    told = [*change(turn, known), *fill(turn, found)]
    return await _say_changed(turn, told, [], held) if told else None


def _answered(turn: Turn, by_name: list[tuple[Field, str]]) -> bool:
    """Whether a named field with a new value has been answered before, and is not what is being asked."""
    form = turn.talk.form or {}
    waiting = waiting_field(turn)
    return not turn.said.asks and any(rest and field.value in form and field is not waiting for field, rest in by_name)


async def _correct_named(turn: Turn, by_name: list[tuple[Field, str]]) -> Reply:
    if all(not rest for _, rest in by_name):
        turn.talk.pending["edit"] = by_name[0][0].value
        return await ask(turn)
    told: list[str] = []
    kept: list[str] = []
    held = dict(turn.talk.form or {})
    for field, rest in by_name:
        if rest:
            _replace(turn, field, rest, told, kept)
    return await _say_changed(turn, told, kept, held)


async def _correct_numbered(turn: Turn, by_number: list[tuple[Field, str]]) -> Reply:
    """ "sửa 3 thành 15 tấn; kinh phí 200tr": each number with its words, then the fields named beside."""
    told: list[str] = []
    kept: list[str] = []
    held = dict(turn.talk.form or {})
    for field, piece in by_number:
        if not piece:
            turn.talk.pending["edit"] = field.value
            return await ask(turn)
        head, *others = re.split(r"[;\n]", piece)
        by_name = list(named(";".join(others) if others else head.partition(",")[2]))
        _replace(turn, field, head.partition(",")[0].strip() if by_name and not others else head.strip(), told, kept)
        for other, rest in by_name:
            if rest:
                _replace(turn, other, rest, told, kept)
    return await _say_changed(turn, told, kept, held)


def _replace(turn: Turn, field: Field, piece: str, told: list[str], kept: list[str]) -> None:
    """Reads a new value for one field; a refused value leaves the good old one in place."""
    assert turn.talk.form is not None
    held = turn.talk.form.get(field.value)
    if held and mending.SAME.search(fold(piece)):
        kept.append(f"Dạ, em giữ câu {field.number}: {held['words']}.")
        return
    if not field.required and says_unknown(piece, field, False):
        before = write(turn, field, unknown(piece))
        told.append(f"câu {field.number}: chưa biết" + (f" (trước: {before})" if before else ""))
        return
    if field is Field.CONTACT and (renewed := mending.of_contact(turn, (held or {}).get("value"))) is not None:
        before = write(turn, field, renewed)
        told.append(f"câu {field.number}: {renewed['words']} (trước: {before})")
        return
    read = turn.office.mind.understand(piece, Context(question=field.value), turn.now)
    doubt = doubts(piece, read.entities, field)
    if doubt is not None and doubt[0] is field:
        turn.talk.pending["picks"] = {"field": field.value, "rows": doubt[1]}
        return
    try:
        if field is Field.CONTACT and held and held.get("value"):
            new = read_contact(piece, {"phone": held["value"]["phone"], **read.entities}, held["value"]["name"])
        else:
            new = read_field(field, piece, read.entities)
    except Misread as misread:
        stays = f" Em vẫn giữ câu {field.number}: {held['words']}." if held else ""
        kept.append(f"{misread}{stays}")
        return
    new = completed(new, held) if field is Field.SCALE else new
    if held and (held["words"] == new["words"] or same_place(field, held, new)):
        kept.append(f"Câu {field.number} em đã ghi {held['words']} rồi ạ.")
        return
    before = write(turn, field, new)
    told.append(
        f"câu {field.number}: {new['words']}" + (f" (trước: {before})" if before and before != new["words"] else "")
    )


async def _say_changed(turn: Turn, told: list[str], kept: list[str], before: dict[str, Any] | None = None) -> Reply:
    turn.talk.pending.pop("edit", None)
    await plan(turn)
    lead = "Em đã sửa" if any("(trước: " in line for line in told) else "Em ghi"
    said = f"{lead} {'; '.join(told)}." if told else ""
    follows = await _follows(turn, before) if told and before is not None else ""
    return await ask(turn, " ".join(part for part in (said, follows, *kept) if part))


async def _follows(turn: Turn, before: dict[str, Any]) -> str:
    """What a correction changes about the offers that fit; empty when nothing."""
    form = turn.talk.form or {}
    if not asks_machine(kinds(turn)) or "product" not in form:
        return ""
    await turn.office.refresh(turn.now)
    own = " ".join(turn.talk.own_words)
    then, now = (
        sum(match.shown for match in turn.office.matcher.search(wanted(own, fields)).matches)
        for fields in (before, form)
    )
    if then == now:
        return ""
    return (
        f"Với ý mới, trong kho có {now} giải pháp có vẻ hợp (trước là {then})."
        if now
        else (f"Với ý mới, trong kho chưa có giải pháp hợp (trước có {then}); có là em báo.")
    )


# --- another wish -----------------------------------------------------------------------------------------------
INSTEAD = re.compile(r"\bco(?:\s+(?:em|a|chau|con))*\W*$")  # "cần máy hút chân không cơ"
AID = re.compile(r"\b(?:ho tro|nha nuoc|vay|chinh sach|xin von)\b")
GENERAL = frozenset(
    "ca quy trinh lan may moc cong nghe thiet bi day chuyen he thong va voi giai phap ky thuat bo".split()
)
WISHES = re.compile(r"\b(?:muon|mun|can|tim|dinh|mong|thich|nen|du tinh|co y)\b")


def says_wish(turn: Turn) -> bool:
    """Whether the message states another wish in so many words while something else is asked: "HTX muốn làm hầm biogas"."""
    held = (turn.talk.form or {}).get(Field.WISH.value)
    field = waiting_field(turn)
    if held is None or held.get("unknown") or turn.said.asks or field in (Field.WISH, Field.PROBLEM):
        return False
    if turn.said.sure and turn.said.act not in ("declare_need", "correct", "ask_policy", "out_of_scope", "see_offers"):
        return False
    new = read_story(turn.text).wish
    if new is None or WISHES.search(fold(turn.text)) is None or AID.search(fold(new)):
        return False
    if field in from_entities(turn.entities, turn.text):
        return False
    known = names_technology(new) or bool(turn.entities.get("process")) or names_kind(new)
    return known and not _within(new, str(held["words"])) and bool(set(fold(new).split()) - GENERAL)


def _within(new: str, old: str) -> bool:
    """Whether a wish says nothing that the one before does not say."""
    return set(fold(new).split()) <= set(fold(old).split())


def _same_work(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether two wishes are for the same work, as far as both name one."""
    here, there = old.get("value") or (), new.get("value") or ()
    return (
        not here
        or not there
        or any(f"{a} ".startswith(f"{b} ") or f"{b} ".startswith(f"{a} ") for a in here for b in there)
    )


def renew_told(turn: Turn, found: dict[Field, dict[str, Any]]) -> list[str]:
    """Writes a wish or a way of working that is told anew beside an answer: the same in more words, or how it is done today."""
    form = turn.talk.form or {}
    told = []
    for field in (Field.CURRENT, Field.WISH):
        new, held = found.get(field), form.get(field.value)
        if turn.entities.get("phone") and len(turn.text.split()) <= MOST_OF_A_CONTACT:
            continue  # "Hoang Van Dung" is no "vẫn dùng"
        if new is None or held is None or held.get("unknown") or _within(str(new["words"]), str(held["words"])):
            continue
        words = str(new["words"])
        finer = _within(str(held["words"]), words)  # "máy sấy", then "máy sấy lạnh"
        if field is Field.WISH and not ((finer or WISHES.search(fold(turn.text))) and _same_work(held, new)):
            continue
        if field is Field.WISH and not set(fold(words).split()) - GENERAL:
            continue
        if field is Field.WISH and (AID.search(fold(words)) or not (names_technology(words) or new.get("value"))):
            continue
        before = write(turn, field, new)
        told.append(f"câu {field.number}: {new['words']} (trước: {before})")
    return told


SECOND = re.compile(
    r"\b(?:nhu cau|phieu|viec) (?:thu (?:hai|2)|nua|khac|moi)\b|\b(?:them|con) (?:mot|1) (?:nhu cau|phieu|viec)\b"
)


def changes_wish(turn: Turn) -> bool:
    """Whether the message drops the stated wish for another one, or adds a second."""
    form = turn.talk.form
    if form is None or Field.WISH.value not in form or turn.said.asks:
        return False
    if SECOND.search(fold(turn.text)) and read_story(turn.text).wish is not None:
        return True
    if waiting_field(turn) in (Field.WISH, Field.PROBLEM):
        return False
    if turn.said.act == "cancel" and turn.said.sure and not {"process", "product"} & set(turn.entities):
        return False  # nothing at all is wanted any more
    if refused(turn.text):
        return True
    new = read_story(turn.text).wish
    if new is None or not changes_mind(turn.text):
        return False
    return turn.entities.get("process") is not None and fold(new) != fold(str(form[Field.WISH.value]["words"]))


TAKES = re.compile(
    r"(?:đổi ý|nghĩ lại|doi y|nghi lai)[^,.;]{0,12}[,.;]?\s+"
    r"(?:lấy|mua|làm|tìm|chuyển sang|đổi sang|lay|mua|lam|tim|chuyen sang|doi sang)\s+(.{3,80})$",
    re.IGNORECASE,
)


async def ask_change(turn: Turn) -> Reply:
    """Asks what a new wish means for the form: replace, a second need, or as it was."""
    found = from_story(turn.text, turn.entities)
    new = found.get(Field.WISH)
    if new is None and (taken := TAKES.search(nfc(turn.text))) is not None:  # "anh đổi ý, lấy tủ đông sâu thôi"
        words = trim_answer(taken[1])
        read = turn.office.mind.understand(words, Context(question=Field.WISH.value), turn.now)
        new = read_field(Field.WISH, words, read.entities)
    if new is None and (left := without(str((turn.talk.form or {}).get(Field.WISH, {}).get("words", "")), turn.text)):
        read = turn.office.mind.understand(left, Context(question=Field.WISH.value), turn.now)
        before = write(turn, Field.WISH, read_field(Field.WISH, left, read.entities))
        await plan(turn)
        return await ask(turn, f"Em đã sửa câu {Field.WISH.number}: {left} (trước: {before}).")
    if new is None:  # only the old one is dropped
        turn.talk.pending["edit"] = Field.WISH.value
        return await ask(turn, "Dạ, em bỏ ý cũ.")
    beside = from_entities(turn.entities, turn.text)
    if len(turn.talk.own_words) < MOST_OWN_WORDS:
        turn.talk.own_words.append(turn.text[:500])  # kept for the officer, whatever is chosen
    old = (turn.talk.form or {}).get(Field.WISH) or {}
    words = str(old.get("words", ""))
    vague = not names_technology(words) and (not old.get("value") or HOW.search(fold(words)) is not None)
    dropped = refused(turn.text) or changes_mind(turn.text) or INSTEAD.search(fold(turn.text)) is not None
    vague = vague or (not dropped and not names_technology(words) and asks_machine(read_kinds(words)))
    vague = vague and names_technology(str(new["words"]))  # "làm sao giữ được lâu" becomes "kho lạnh nhỏ"
    if vague or (not dropped and _same_work(old, new)):
        before = write(turn, Field.WISH, new)
        told = [
            f"câu {Field.WISH.number}: {new['words']}" + (f" (trước: {before})" if before else ""),
            *fill(turn, beside),
        ]
        await plan(turn)
        return await ask(turn, f"Em đã sửa {'; '.join(told)}.")
    turn.talk.pending["new_wish"] = new
    turn.talk.pending["new_facts"] = {field.value: row for field, row in beside.items()}
    if SECOND.search(fold(turn.text)):
        beside_wish = {field.value: row for field, row in found.items() if field in (Field.PROBLEM, Field.CURRENT)}
        turn.talk.pending["new_facts"] |= beside_wish
        return await change_wish(turn, "second")
    choices = (
        Choice("Thay mong muốn cũ", "wish:replace", ("thay", "thay the", "thay luon", "bo cai cu")),
        Choice("Thêm phiếu mới", "wish:second", ("them", "phieu moi", "nhu cau thu hai", "ca hai", "them phieu")),
        Choice("Giữ như cũ", "wish:keep", ("giu", "nhu cu", "giu nguyen", "thoi")),
    )
    return Reply(f"Anh/chị muốn “{new['words']}”: thay mong muốn cũ, hay là nhu cầu thứ hai ạ?", choices, quick=True)


async def change_wish(turn: Turn, decision: str) -> Reply:
    """Does what the person chose about the new wish."""
    new = turn.talk.pending.pop("new_wish", None)
    facts = {Field(key): row for key, row in (turn.talk.pending.pop("new_facts", None) or {}).items()}
    if turn.talk.form is None or new is None:
        return await ask(turn)
    if decision == "replace":
        before = write(turn, Field.WISH, new)
        others = change(turn, {field: row for field, row in facts.items() if field is not Field.PLACE})
        was = f" (trước: {before})" if before else ""
        told = "; ".join([f"câu 5: {new['words']}{was}", *others])
        await plan(turn)
        return await ask(turn, f"Em đã sửa {told}. Các ý khác em giữ nguyên.")
    if decision == "second":
        turn.talk.pending["second"] = {"wish": new, "facts": {field.value: row for field, row in facts.items()}}
        return await ask(turn, "Dạ, gửi xong phiếu này em mở phiếu thứ hai cho ý mới.")
    return await ask(turn, "Dạ, em giữ như cũ.")
