"""Opens the need form: with one free sentence, from the menu, again after a pause; notices a need like an open one."""

import re
from typing import Any

from conversation.insults import insulting
from conversation.need_form import (
    CONSENT,
    EVENT,
    alike,
    answer,
    count_answered,
    from_entities,
    from_story,
    local_phone,
    read_field,
    summary,
)
from conversation.offer_form import thing_named
from conversation.reply import Choice, Reply, shorten
from conversation.tellings import goods_told
from conversation.wishes import two_wishes
from domain.need import STANDING, STATE_WORDS, Field, Need, called
from domain.person import Purpose
from domain.text import fold
from handlers.bearing import tells, trouble_told
from handlers.contact import note_phone
from handlers.draft import (
    ask,
    fill,
    note_doubts,
    open_question,
    plan,
    waiting_field,
)
from handlers.filling import take
from handlers.turn import Turn
from handlers.words import trimmed
from nlu.understanding import Context
from storage import catalogue, dues, evidence, needs, people

SEEN = "seen"  # in the talk's pending: the message that the offers shown last were found for
OPENING = (
    "Anh/chị kể ngắn giúp em: làm sản phẩm gì, đang gặp khó khăn gì, cần máy hay công nghệ nào. "
    "Anh/chị đang gặp khó khăn gì cần giải quyết?"
)


# --- opening ----------------------------------------------------------------------------------------------------
async def declare(turn: Turn, shown: bool = False) -> Reply:
    """Opens the form with one free sentence, or takes more of it into the open form.

    `shown`: it is the sentence that offers were shown for.
    """
    if turn.talk.form is not None:
        return await take(turn) or await ask(turn)
    before = _before(turn)
    earlier = _facts_of(turn, before)
    before = before if earlier else ""
    turn.talk.form = {}
    turn.talk.own_words = [text[:1000] for text in (before, turn.text) if text and not insulting(text)]
    turn.talk.form_id = f"{turn.person.id}-{turn.now:%Y%m%d%H%M%S}"
    turn.talk.pending = {}
    doubtful = note_doubts(turn)
    found = {**from_story(turn.text, turn.entities), **from_entities(turn.entities, turn.text)}
    if Field.PROBLEM not in found and Field.PROBLEM not in earlier and Field.PROBLEM in (plain := tells(turn)):
        found[Field.PROBLEM] = plain[Field.PROBLEM]
    if not {Field.PROBLEM, Field.WISH} & {*found, *earlier} and (trouble := trouble_told(turn)) is not None:
        found[Field.PROBLEM] = trouble
    if Field.PRODUCT not in found and Field.PRODUCT not in earlier and (goods := goods_told(turn.text)) is not None:
        found[Field.PRODUCT] = answer(None, goods, turn.text)
    found = {**earlier, **found}
    if Field.WISH not in found and (thing := thing_named(before or (turn.text if shown else ""))):
        wish = thing[:1].lower() + thing[1:]  # "báo giá máy ép viên nén"
        found[Field.WISH] = read_field(Field.WISH, wish, _heard(turn, wish))
    if Field.WISH not in found and turn.entities.get("process") and len(turn.text.split()) <= MOST_OF_A_WISH:
        found[Field.WISH] = read_field(Field.WISH, turn.text, turn.entities)  # "sấy măng"
    later = _second_of(turn, found)
    told = fill(turn, {field: row for field, row in found.items() if field is not doubtful})
    told += _who(turn)
    reused = await _use_profile(turn)
    await plan(turn)
    if not told and len(turn.text.split()) < LEAST_STORY:
        return Reply(OPENING)
    if not told:
        return await ask(turn, "Em ghi lời anh/chị để cán bộ xem.")
    like = await _like_one(turn)
    if like is not None:
        return _ask_like(like)
    return await ask(turn, f"Em ghi: {'; '.join([*told, *reused])}.{later}")


def _who(turn: Turn) -> list[str]:
    """Keeps a name or a number that came alone for when the contact is asked; says which."""
    phone, name = note_phone(turn), turn.entities.get("contact_name")
    if not name or Field.CONTACT.value in (turn.talk.form or {}):
        return [phone] if phone else []
    turn.talk.pending["contact"] = {**(turn.talk.pending.get("contact") or {}), "name": name}
    return [f"tên: {name}"]


def _heard(turn: Turn, text: str) -> dict[str, Any]:
    return turn.office.mind.understand(text, Context(), turn.now).entities


def _before(turn: Turn) -> str:
    """What was said just before and belongs to the need: an unclear message, or what offers were just shown for."""
    shown = any(choice.action.startswith(("offer:", "need:start")) for choice in (turn.offered or [()])[0])
    seen = str(turn.talk.pending.get(SEEN) or "") if shown else ""
    if "product" in turn.entities and ("process" in turn.entities or not _of_one(turn, seen)):
        seen = ""
    return turn.unclear or ("" if seen == turn.text else seen)


def _facts_of(turn: Turn, text: str) -> dict[Field, dict[str, Any]]:
    """What an earlier message tells of the need: no time and nobody, which may have meant anything."""
    if not text:
        return {}
    said = _heard(turn, text)
    found = {**from_story(text, said), **from_entities(said, text)}
    return {field: row for field, row in found.items() if field not in (Field.DEADLINE, Field.CONTACT)}


def _of_one(turn: Turn, seen: str) -> bool:
    """Whether the product named now stands in what was asked for before: gà in "máy ép viên phân gà"."""
    names = turn.entities["product"]
    listed = [names] if isinstance(names, str) else list(names)
    return any(f" {fold(str(name))} " in f" {fold(seen)} " for name in listed)


def _second_of(turn: Turn, found: dict[Field, dict[str, Any]]) -> str:
    """Puts the second of two counted needs by for a form of its own; tells so, in words that follow the echo."""
    two = two_wishes(turn.text)
    if two is None:
        return ""
    found[Field.WISH], second = (read_field(Field.WISH, wish, _heard(turn, wish)) for wish in two)
    turn.talk.pending["second"] = {"wish": second, "facts": {}}
    return f" Ý thứ hai ({second['words']}) em mở phiếu riêng khi gửi xong phiếu này."


# --- a need like one that stands --------------------------------------------------------------------------------
async def _like_one(turn: Turn) -> Need | None:
    """A standing need of this person for the same product and process, in the same place, within twice the scale."""
    form = turn.talk.form or {}
    mine = [need for need in await needs.of_person(turn.db, turn.person.id) if need.state in STANDING]
    return next((need for need in mine if alike(form, need.fields)), None)


def _ask_like(need: Need) -> Reply:
    words = called(need.fields)
    choices = (
        Choice(f"Bổ sung vào {need.code}", f"like:{need.code}", ("bo sung", "them vao", "phieu cu")),
        Choice("Lập phiếu mới", "like:new", ("phieu moi", "lap moi", "moi", "khac")),
    )
    return Reply(
        f"Anh/chị đã có phiếu {need.code} gần giống ({words}). Mình bổ sung vào phiếu đó hay lập phiếu mới ạ?",
        choices,
        quick=True,
    )


async def settle_like(turn: Turn, choice: str) -> Reply:
    """Adds what was said to the standing need, or goes on with a new one."""
    form = turn.talk.form
    need = await needs.by_code(turn.db, choice) if choice != "new" else None
    if form is None or need is None or need.person_id != turn.person.id:
        return await ask(turn, "Dạ, em lập phiếu mới.")
    fields = dict(need.fields)
    told = []
    for field in Field:
        new, old = form.get(field.value), fields.get(field.value)
        if new and not new.get("unknown") and field is not Field.CONTACT and new["words"] != (old or {}).get("words"):
            fields[field.value] = new
            told.append(f"câu {field.number}: {new['words']}" + (f" (trước: {old['words']})" if old else ""))
    own = "\n".join(dict.fromkeys([need.text, *turn.talk.own_words]))
    await needs.amend(turn.db, need, own, summary(fields), fields, "owner", turn.now)
    await evidence.hang_on_need(turn.db, turn.talk.form_id, need.id)
    await dues.drop(turn.db, f"nudge:{turn.talk.form_id}")
    await dues.drop(turn.db, f"draft:{turn.talk.form_id}")
    turn.talk.form, turn.talk.form_id, turn.talk.own_words, turn.talk.pending = None, None, [], {}
    changed = f": {'; '.join(told)}" if told else ""
    return Reply(f"Em đã bổ sung vào phiếu {need.code}{changed}. Cán bộ phụ trách sẽ thấy ý mới này.")


# --- from the menu ----------------------------------------------------------------------------------------------


async def start(turn: Turn) -> Reply:
    """Starts an empty form from the menu, or goes on with the open one."""
    if turn.talk.form is not None:
        return await resume(turn)
    if seen := turn.talk.pending.pop(SEEN, None):  # what the offers were shown for
        turn.text = str(seen)
        turn.said = turn.office.mind.understand(turn.text, Context(), turn.now)
        return await declare(turn, shown=True)
    turn.talk.form, turn.talk.own_words, turn.talk.pending = {}, [], {}
    turn.talk.form_id = f"{turn.person.id}-{turn.now:%Y%m%d%H%M%S}"
    await _use_profile(turn)
    await plan(turn)
    return Reply(OPENING)


async def begin_new(turn: Turn) -> Reply:
    """ "phiếu mới": an empty form; beside an open one that holds something, the choice between the two."""
    if not turn.talk.form:
        return await start(turn)
    choices = (
        Choice("Ghi tiếp phiếu này", "resume", ("ghi tiep", "tiep", "giu")),
        Choice("Bỏ, lập phiếu mới", "anew", ("bo", "moi", "lap moi")),
    )
    return Reply(
        "Anh/chị đang có một phiếu ghi dở: ghi tiếp phiếu này, hay bỏ để lập phiếu mới ạ?", choices, quick=True
    )


async def put_by(turn: Turn) -> Reply:
    """Keeps the open form for another day; its question stays open."""
    await plan(turn)
    return Reply("Dạ, em giữ bản ghi này 30 ngày. Khi nào tiện, anh/chị nhắn PHIẾU hoặc trả lời tiếp là được ạ.")


async def anew(turn: Turn) -> Reply:
    """Leaves the open form for an empty one."""
    for kind in ("nudge", "draft"):
        await dues.drop(turn.db, f"{kind}:{turn.talk.form_id}")
    turn.talk.form = None
    return await start(turn)


async def start_after(turn: Turn, event_id: str) -> Reply:
    """Starts a form for somebody who has been at an event; the event stands in it already."""
    event = await catalogue.find_event(turn.db, event_id)
    if event is None or turn.talk.form is not None:
        return await start(turn)
    opening = await start(turn)
    assert turn.talk.form is not None
    turn.talk.form[EVENT] = {"value": event.id, "words": event.title, "said": ""}
    return Reply(f"Em ghi phiếu này là sau buổi {trimmed(event.title, 100)}. {opening.text}")


async def resume(turn: Turn) -> Reply:
    """Goes on with the open form, or with the one dropped last, or starts one."""
    if turn.talk.form is None:
        dropped = turn.talk.pending.get("dropped")
        if turn.talk.pending.get("second"):
            return await _begin_second(turn)
        if not dropped:
            return await _tell_sent(turn) or await start(turn)
        turn.talk.form, turn.talk.form_id = dropped["form"], dropped["id"]
        turn.talk.own_words, turn.talk.pending = dropped["own_words"], {}
        await plan(turn)
    if not turn.talk.form:
        return Reply(OPENING)
    if open_question(turn) is None:
        return await ask(turn, "Dạ, phiếu này đủ ý rồi, chỉ còn gửi.")
    told = shorten(", ".join(row["words"] for key, row in turn.talk.form.items() if key in set(Field)), 200)
    field = waiting_field(turn)
    goes_on = f"Mình tiếp câu {field.number}. " if field else ""
    return await ask(turn, f"{goes_on}Phiếu đang ghi dở {count_answered(turn.talk.form)}/9: {told}.")


async def _tell_sent(turn: Turn) -> Reply | None:
    """How far the sent needs are, for a typed "phiếu" while none is being filled in; None without a standing one."""
    mine = [need for need in await needs.of_person(turn.db, turn.person.id) if need.state in STANDING]
    if not mine or fold(turn.text).strip(" .!") != "phieu":
        return None
    lines = [f"{need.code} ({called(need.fields)}): {STATE_WORDS[need.state]}." for need in mine[:3]]
    new = Choice("Ghi nhu cầu mới", "need:start", ("nhu cau moi", "phieu moi", "ghi moi"))
    more = Choice("Phiếu đến đâu rồi", "status", ("den dau", "tinh trang"))
    return Reply("\n".join(lines) + "\nAnh/chị muốn xem phiếu đến đâu hay ghi nhu cầu mới ạ?", (more, new), quick=True)


async def _begin_second(turn: Turn) -> Reply:
    """Opens the second need that was put off until the first was sent."""
    kept = turn.talk.pending["second"]
    wish = kept["wish"]
    own = kept.get("form") or {**kept.get("facts", {}), "wish": wish}  # a form begun on its own, or a second wish
    turn.talk.form = {**kept.get("sent", {}), **own}
    turn.talk.own_words, turn.talk.pending = kept.get("own_words") or [wish["said"]], {}
    turn.talk.form_id = kept.get("id") or f"{turn.person.id}-{turn.now:%Y%m%d%H%M%S}"
    await plan(turn)
    if kept.get("form"):
        return await ask(turn, f"Phiếu thứ hai ({wish['words']}), mình ghi tiếp.")
    return await ask(turn, f"Phiếu thứ hai, em ghi mong muốn: {wish['words']}.")


LEAST_STORY = 6  # words
MOST_OF_A_WISH = 4  # words
MORE = re.compile(r"\b(?:them|nua|cung can|ngoai ra)\b")


async def _use_profile(turn: Turn) -> list[str]:
    """Fills contact, consent, place from what the person gave before, the product where one thing more is wanted for it.

    Tells what else than the contact was taken over.
    """
    form = turn.talk.form
    assert form is not None
    told = []
    if turn.person.phone and await people.has_consent(turn.db, turn.person.id, Purpose.NEED):
        name = turn.person.name or "anh/chị"
        value = {"name": name, "phone": turn.person.phone}
        form["contact"] = answer(value, f"{name}, {local_phone(turn.person.phone)}", "")
        form[CONSENT] = {"value": "yes", "words": "đã đồng ý trước đây", "said": ""}
        before = (await needs.of_person(turn.db, turn.person.id))[:1]
        taken = [Field.PLACE, *([Field.PRODUCT] if MORE.search(fold(turn.text)) else [])]
        for field in taken if before else ():
            held = before[0].fields.get(field.value) or {}
            if (
                field.value not in form
                and held.get("value")
                and not (field is Field.PLACE and "location" in turn.entities)
            ):
                form[field.value] = answer(held["value"], held["words"], held.get("said", ""))
                told.append(f"{field.short}: {held['words']} (như phiếu trước)")
    return told
