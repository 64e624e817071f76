"""Takes what a person says while the need form is open: the answer to its question, with whatever else is stated."""

from typing import Any

from conversation.flow import Misread
from conversation.need_form import (
    CONSENT,
    answer,
    from_entities,
    from_story,
    place_words,
    read_field,
    unknown,
)
from conversation.repairs import FREE, says_wrong
from conversation.reply import Reply
from conversation.story import trim_answer
from conversation.unknowns import (
    any_time,
    assents,
    left_open,
    nods,
    says_unknown,
    sends,
    unknown_else,
)
from domain.need import Field
from domain.text import fold
from handlers import qualities
from handlers.bearing import LIKELY, bears_on, other_role, plainly_answers, tells_practice
from handlers.choices import TYPED
from handlers.contact import NAMED, name_alone, note_name, note_phone, read_from
from handlers.corrections import renew_told
from handlers.draft import (
    MOST_OWN_WORDS,
    ask,
    change,
    communes_of,
    fill,
    keep_vague,
    note_doubts,
    open_question,
    plan,
    put_off,
    said_before,
    waiting_field,
    write,
)
from handlers.straying import own_words, told_else
from handlers.telling import (
    LONGEST_NAME,
    agrees,
    agrees_to_all,
    finer_product,
    firm_deadline,
    gives_name,
    no_trouble,
    only_nods,
    paid_by_others,
    patient,
    says_again,
    stated,
    states_only,
    tells_more,
    vaguer,
)
from handlers.turn import Turn
from nlu.people import bare_name
from nlu.understanding import Context

LONGEST_VALUE = 6  # words; a longer message that holds no value tells something else


# --- answers ----------------------------------------------------------------------------------------------------
async def take(turn: Turn) -> Reply | None:
    """Takes a free message as an answer to the open question, with whatever else it states; None when it is none."""
    if turn.talk.form is None:
        return None
    field = waiting_field(turn)
    if field is None:
        return await _take_beside(turn)
    if says_again(turn, field):
        return await ask(turn, "Ý này em đã ghi rồi ạ.")
    if (quality := qualities.told(turn, field)) is not None:
        return await qualities.take(turn, quality)
    if field is Field.PLACE and agrees(turn.text):
        return await _nodded(turn, agrees_to_all(turn))  # and means no commune of that name
    others = stated(turn, field)
    role = _role_beside(turn, field, others)
    if role is not None:
        others.pop(field, None)  # the grammar took it for what was asked
    if (unsaid := _left_unsaid(turn, field, others, role)) is not None:
        return await set_unknown(turn, unsaid)
    if field is Field.BUDGET and field not in others and (paid := paid_by_others(turn)) is not None:
        return await _took(turn, field, paid, others)
    if field is Field.CONTACT and not turn.entities.get("phone") and tells_more(turn, others):
        return await _not_read(turn, field, Misread(""), others)
    if (
        field not in others
        and not turn.talk.pending.get("picks")
        and (only_nods(turn) or nods(turn.text) or assents(turn.text) or role == "done")
    ):
        return await _nodded(turn, sends(turn.text) or role == "done" or agrees_to_all(turn))
    named = field not in NAMED or (field is Field.PLACE and "location" not in turn.entities)
    if named and (bare_name(turn.text) or gives_name(turn)) and Field.CONTACT not in others:
        return await note_name(turn)
    doubtful = note_doubts(turn)
    if doubtful is not None:
        others.pop(doubtful, None)
    if turn.talk.pending.get("picks") and field not in others:
        likely = other_role(turn, field, LIKELY)
        told = {**(bears_on(turn, likely) if likely else {}), **from_story(turn.text, turn.entities), **others}
        return await _not_picked(turn, field, told, fresh=doubtful is not None)
    if (elsewhere := told_else(turn, field, others)) is not None:
        return await _not_read(turn, field, Misread(""), elsewhere)
    if field not in others and (words := own_words(turn, field, others)) is not None:
        return await _took(turn, field, answer(None, words, turn.text), others)
    again = patient(turn, field, others)
    if role is not None and (field in (*FREE, Field.PRODUCT) if again else field in TYPED):
        return await _not_read(turn, field, Misread(""), {**bears_on(turn, role), **others})
    try:
        read = read_from(turn) if field is Field.CONTACT else _read(turn, field, again)
    except Misread as misread:
        if field in TYPED and plainly_answers(turn, field):
            return await _took(turn, field, answer(None, trim_answer(turn.text)[:80], turn.text), others)
        likely = other_role(turn, field, LIKELY) if again else None
        if likely is not None:
            return await _not_read(turn, field, Misread(""), {**bears_on(turn, likely), **others})
        return await _not_read(turn, field, misread, others)
    if again and field is Field.PROBLEM and no_trouble(turn, others):
        return await _not_read(turn, field, Misread(""), others)
    return await _took(turn, field, read, others)


def _role_beside(turn: Turn, field: Field, others: dict[Field, dict[str, Any]]) -> str | None:
    """What else than an answer to the open question a message is; None when it may be one."""
    role = other_role(turn, field) if field not in others or field in FREE else None
    return tells_practice(turn) if role is None and field is Field.WISH else role


def _left_unsaid(turn: Turn, field: Field, others: dict[Field, dict[str, Any]], role: str | None) -> Field | None:
    """The field that a message leaves open: the one it names, else the one that is asked for; None when it leaves none."""
    named = left_open(turn.text)
    if named not in (None, field) and named not in others and not turn.said.asks:
        return named
    sure = turn.said.act == "dont_know" and turn.said.sure and "product" not in turn.entities
    if not (sure or says_unknown(turn.text, field, turn.said.asks) or role == "unknown"):
        return None
    if field not in others and not unknown_else(turn.text, field):
        return field
    return Field.DEADLINE if any_time(turn.text) and Field.DEADLINE.value not in (turn.talk.form or {}) else None


async def take_word(turn: Turn) -> Reply:
    """Takes the word that might have been a control word as the answer it was meant to be."""
    word, field = turn.talk.pending.pop("word", None), waiting_field(turn)
    if word is None or field is None:
        return await ask(turn)
    turn.text = str(word)
    turn.said = turn.office.mind.understand(turn.text, Context(question=field.value), turn.now)
    return await take(turn) or await ask(turn)


def answers(turn: Turn, field: Field) -> bool:
    """Whether the message gives the expected typed answer: "xã Văn Quan hả em?" does, "kho 300 triệu được hỗ trợ không" not."""
    found = from_entities(turn.entities, turn.text)
    if field is Field.PRODUCT:
        return field in found and not turn.said.asks and len(turn.text.split()) <= LONGEST_NAME
    if field not in TYPED and field is not Field.PLACE:
        return False
    return field in found and ((not turn.said.asks and field in TYPED) or states_only(turn))


async def send_off(turn: Turn) -> Reply:
    """ "đúng, gửi đi": what may stay unknown does so when the rest is there, the card or the consent is asked for."""
    return await _nodded(turn, True) if waiting_field(turn) is not None else await ask(turn)


async def _nodded(turn: Turn, sending: bool) -> Reply:
    """A yes or "gửi" where something else was asked: what may stay unknown does so when the rest is there."""
    form = turn.talk.form or {}
    if not sending:
        return await ask(turn, "Dạ.")
    left = [field for field in Field if field.value not in form]
    if any(field.required for field in left):
        return await ask(turn, f"Dạ, phiếu còn {len(left)} ý nữa là gửi được ạ.")
    for field in left:
        write(turn, field, unknown(turn.text))
    for key in ("edit", "picks", "tried", "again"):
        turn.talk.pending.pop(key, None)
    await plan(turn)
    return await ask(turn, "Dạ, ý nào chưa có em để “chưa biết”.")


def _read(turn: Turn, field: Field, patient: bool) -> dict[str, Any]:
    if field is Field.PROBLEM and len(turn.text.split()) > 12:  # a whole story: only what goes wrong is the problem
        told = from_story(turn.text, turn.entities).get(field)
        if told is not None:
            return told
    return read_field(field, turn.text, turn.entities, patient)


MOST_PICKS = 2  # times that readings are offered
MOST_OF_A_CHOICE = 3  # words


async def _not_picked(turn: Turn, field: Field, others: dict[Field, dict[str, Any]], fresh: bool) -> Reply:
    """None of the offered readings was chosen: what else was said is kept; after the second time the form goes on.

    `fresh`: the doubt is one of this very message. A yes chooses the only reading there is.
    """
    picks = turn.talk.pending["picks"]
    if len(picks["rows"]) == 1 and (only_nods(turn) or nods(turn.text)):
        return await pick(turn, "0")
    picks["asked"] = picks.get("asked", 0) + 1
    if picks["asked"] > MOST_PICKS and not (field is Field.PLACE and (others or nods(turn.text) or only_nods(turn))):
        kept = keep_vague(turn)
        for key in ("tried", "place" if field is Field.PLACE else ""):
            turn.talk.pending.pop(key, None)
        if others and kept and waiting_field(turn) not in others:
            return await _not_read(turn, field, Misread(""), others)
        return await take(turn) or await ask(turn)
    if (
        not fresh
        and not others
        and len(turn.text.split()) > MOST_OF_A_CHOICE
        and len(turn.talk.own_words) < MOST_OWN_WORDS
    ):
        turn.talk.own_words.append(turn.text[:500])
        return await ask(turn, "Em ghi thêm ý này để cán bộ xem.")
    return await _not_read(turn, field, Misread("" if fresh else "Anh/chị chọn giúp em một ý."), others)


async def _not_read(turn: Turn, field: Field, misread: Misread, others: dict[Field, dict[str, Any]]) -> Reply:
    """The message is no answer to the open question: what it states otherwise is kept, the question asked again."""
    put_off(turn, field)
    rest = {key: value for key, value in others.items() if key is not field}
    rest.update(name_alone(turn, field))
    phone = note_phone(turn) if field is not Field.CONTACT else ""
    again = bool(rest) and all(said_before(turn, key, row) for key, row in rest.items())
    renewed = renew_told(turn, rest) if field is Field.PROBLEM else []
    told = [*fill(turn, rest), *renewed, *([phone] if phone and not phone.startswith("câu") else [])]
    changed = [phone] if phone.startswith("câu") else []
    options = (turn.entities.get("location") or {}).get("ambiguous")
    if options and field is not Field.PLACE and Field.PLACE.value not in (turn.talk.form or {}):
        told.append(f"nơi làm: {' hoặc '.join(options)}, lát nữa em hỏi rõ")
    if not told and (finer := finer_product(turn)) is not None:
        changed += change(turn, {Field.PRODUCT: finer})
    if not told and not changed and (states_only(turn) or says_wrong(turn.text)):
        rest = {key: row for key, row in rest.items() if not vaguer(turn, key, row)}
        named = fold(str(rest.get(Field.PRODUCT, {}).get("words", "")))
        if fold(turn.text).strip(" .!") != named and not says_wrong(turn.text):
            rest.pop(Field.PRODUCT, None)  # "rắc vôi" is no other product
        changed += change(turn, rest)
    if not told and not changed and (firmer := firm_deadline(turn, rest)):
        changed += change(turn, firmer)
    if not told and (firm := turn.entities.get("company")) and states_only(turn):
        told.append(f"đơn vị: {firm}")
    await plan(turn)
    if changed:
        return await ask(turn, f"Em đã sửa {'; '.join(changed)}.")
    if told:
        return await ask(turn, f"Em ghi: {'; '.join(told)}.")
    if again and not phone and not turn.talk.pending.get("picks"):
        return await ask(turn, "Ý này em đã ghi rồi ạ.")
    if turn.talk.pending.get("picks") and not str(misread):
        if len(turn.text.split()) > LONGEST_VALUE and len(turn.talk.own_words) < MOST_OWN_WORDS:
            turn.talk.own_words.append(turn.text[:500])
        return await ask(turn)
    if told := renew_told(turn, from_story(turn.text, turn.entities)):
        return await ask(turn, f"Em đã sửa {'; '.join(told)}.")
    adds = not str(misread) or (turn.said.act in ("declare_need", "correct") and turn.said.sure)
    adds = adds or (len(turn.text.split()) > LONGEST_VALUE and not turn.said.asks)
    if adds and len(turn.text.split()) > 3 and len(turn.talk.own_words) < MOST_OWN_WORDS:
        if not str(misread):
            turn.talk.pending["tried"] = field.value
        turn.talk.own_words.append(turn.text[:500])
        return await ask(turn, "Em ghi thêm ý này để cán bộ xem.")
    turn.talk.pending["tried"] = field.value
    if field is Field.PLACE and _first_choice(turn):
        return await ask(turn)
    place = (turn.talk.form or {}).get(Field.PLACE.value)
    if not str(misread) and place and turn.entities.get("location"):
        return await ask(turn, f"Nơi làm em đang ghi là {place['words']}; cần đổi thì anh/chị nhắn tên xã/phường.")
    return await ask(turn, str(misread) or "Dạ.")


def _first_choice(turn: Turn) -> bool:
    """Whether the readings of a place are about to be offered for the first time."""
    return bool(turn.talk.pending.get("place")) and not turn.talk.pending.get("picks")


async def _took(turn: Turn, field: Field, read: dict[str, Any], others: dict[Field, dict[str, Any]]) -> Reply:
    for key in ("tried", "again", "edit", "picks"):
        turn.talk.pending.pop(key, None)
    before = write(turn, field, read)
    if before is not None and before != read["words"]:
        told = [f"câu {field.number}: {read['words']} (trước: {before})"]
    else:
        told = [f"{field.short}: {read['words']}"]
    no_product = field in (Field.CURRENT, Field.CONTACT)  # "lọc vải màn" makes no cloth, Hương is nobody's incense
    beside = (field, Field.PRODUCT) if no_product else (field,)
    others = {key: value for key, value in others.items() if key not in beside}
    told += [*renew_told(turn, others), *fill(turn, others)]
    _keepown_words(turn, field)
    await plan(turn)
    return await ask(turn, f"{'Em đã sửa' if before is not None else 'Em ghi'} {'; '.join(told)}.")


def _keepown_words(turn: Turn, field: Field) -> None:
    if field in (Field.PROBLEM, Field.WISH) and len(turn.talk.own_words) < MOST_OWN_WORDS:
        turn.talk.own_words.append(turn.text[:500])


def keep_facts(turn: Turn) -> str:
    """Puts facts stated beside a question into the open form; says which."""
    if turn.talk.form is None:
        return ""
    told = fill(turn, from_entities(turn.entities, turn.text))
    return f"Em ghi: {'; '.join(told)}." if told else ""


async def _take_beside(turn: Turn) -> Reply | None:
    """While consent or the card waits, new facts in the message still go into the form."""
    found = from_entities(turn.entities, turn.text)
    told = (
        change(turn, {key: row for key, row in found.items() if not vaguer(turn, key, row)})
        if not turn.said.asks
        else []
    )
    if phone := note_phone(turn):
        told.append(phone)
    if not told and (quality := qualities.told(turn, None)) is not None:
        return await qualities.take(turn, quality)
    if not told:
        question = open_question(turn)
        unclear = (turn.said.act in ("affirm", "deny", "dont_know") and turn.said.sure) or nods(turn.text)
        if question is not None and question.name == CONSENT and unclear:
            return await ask(turn, "Câu này em cần anh/chị nói rõ “đồng ý” hoặc “không” ạ.")
        return None
    await plan(turn)
    return await ask(turn, f"Em đã sửa {'; '.join(told)}.")


async def set_unknown(turn: Turn, field: Field) -> Reply:
    """Notes "not known yet", or says kindly why this one is needed."""
    if field.required:
        if put_off(turn, field):
            return await ask(turn, "Dạ, câu này mình để cuối.")
        return await ask(turn, f"Thiếu {field.short} thì cán bộ chưa giúp được, anh/chị cho em ý gần đúng.")
    assert turn.talk.form is not None
    kept = keep_vague(turn)
    for key in ("edit", "tried", "again"):
        turn.talk.pending.pop(key, None)
    if kept:
        await plan(turn)
        return await ask(turn, f"Dạ, em ghi {kept}.")
    before = write(turn, field, unknown(turn.text))
    await plan(turn)
    lead = (
        f"Em đã sửa {field.number}. {field.label}: chưa biết (trước: {before})." if before else "Dạ, để sau cũng được."
    )
    return await ask(turn, lead)


# --- choices for what is ambiguous ------------------------------------------------------------------------------
async def pick(turn: Turn, argument: str) -> Reply:
    """Takes one of the candidates that were offered."""
    picks = turn.talk.pending.pop("picks", None)
    if not picks or turn.talk.form is None or not argument.isdigit() or int(argument) >= len(picks["rows"]):
        return await ask(turn, "Câu này anh/chị đã trả lời rồi ạ; giờ là:")
    field, row = Field(picks["field"]), picks["rows"][int(argument)]
    turn.talk.pending.pop("place", None)
    if row["value"] is None:
        if not row["whole"]:
            return await ask(turn, "Dạ.")
        rows = communes_of(row["whole"].removesuffix(" (cũ)"), turn.office.communes)
        if rows:
            turn.talk.pending["picks"] = {"field": field.value, "rows": rows}
        return await ask(turn, f"Dạ, {row['whole']} nay chia thành nhiều xã.")
    words = place_words(row["value"]) if field is Field.PLACE else row["label"]
    return await _took(turn, field, answer(row["value"], words, turn.text), {})
