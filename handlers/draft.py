"""The need form being filled in: where it stands, writing into it, asking its open question."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from conversation.doubts import doubts, vague_words
from conversation.flow import Question
from conversation.kinds import read_kinds
from conversation.need_form import (
    CONSENT,
    EVENT,
    NEED_FORM,
    Form,
    answer,
    capacity_words,
    card,
    count_answered,
)
from conversation.reply import Choice, Reply, Wants
from domain.amounts import in_base
from domain.need import Field
from domain.text import fold
from handlers.turn import Turn
from storage import dues

NUDGE_AFTER = timedelta(hours=72)
MOST_ASKED = 2  # times in a row
MOST_OWN_WORDS = 8  # of the owner's own sentences that a form keeps
DRAFT_LIVES = timedelta(days=30)
CARD_CHOICES = (
    Choice("Đúng, gửi", "need:send", ("dung", "gui", "gui di", "dung roi", "ok", "chinh xac")),
    Choice("Sửa", "need:edit", ("sua lai", "chua dung", "sai roi", "chinh")),
    Choice("Để sau", "need:later", ("luc khac", "chua gui", "khoan")),
)


# --- where we are -----------------------------------------------------------------------------------------------
def open_question(turn: Turn) -> Question[Form] | None:
    """The open question of the form; None without a form or when only the card is left."""
    form = turn.talk.form
    if form is None:
        return None
    later = dict.fromkeys(turn.talk.pending.get("later", ()))
    first = NEED_FORM.next({**later, **form})
    return NEED_FORM.next(form) if first is None or first.name == CONSENT else first


def asks_consent(turn: Turn) -> bool:
    """Whether the open question is whether the form may be kept."""
    question = open_question(turn)
    return question is not None and question.name == CONSENT


def at_card(turn: Turn) -> bool:
    """Whether the form is full and nothing of it is open again: only the card is left."""
    pending = turn.talk.pending
    return (
        turn.talk.form is not None and open_question(turn) is None and not (pending.get("edit") or pending.get("picks"))
    )


def form_id(turn: Turn) -> str | None:
    """The id of the open form; None without one."""
    return turn.talk.form_id if turn.talk.form is not None else None


def waiting_field(turn: Turn) -> Field | None:
    """The field a free answer would fill now: the one being edited, else the open question's."""
    if turn.talk.form is None:
        return None
    picks = turn.talk.pending.get("picks")
    if picks:
        return Field(picks["field"])
    held = turn.talk.pending.get("edit")
    if held:
        return Field(held)
    question = open_question(turn)
    return Field(question.name) if question is not None and question.name in set(Field) else None


async def ask(turn: Turn, before: str = "") -> Reply:
    """Asks the open question, or shows the card when nothing is open."""
    form = turn.talk.form
    if form is None:
        return Reply(before)
    held = turn.talk.pending.get("edit")
    question = _question(held) if held else open_question(turn)
    doubt = turn.talk.pending.get("place")
    if doubt and question is not None and question.name == Field.PLACE.value and not turn.talk.pending.get("picks"):
        turn.talk.pending["picks"] = {"field": Field.PLACE.value, "rows": doubt}
    turn.talk.pending.pop("place", None) if Field.PLACE.value in form else None
    if turn.talk.pending.get("picks"):
        return _ask_pick(turn, before)
    if question is None:
        return _show_card(turn, before)
    words = question.words(Form(count_answered(form), kinds(turn)), form)
    head = f"({count_answered(form)}/9) " if question.name != CONSENT else ""
    text = f"{before}\n{head}{words}" if before else f"{head}{words}"
    choices = tuple(Choice(label, f"answer:{question.name}:{value}") for label, value in question.choices)
    wants = Wants.CONTACT if question.name == Field.CONTACT.value else None
    return Reply(text, choices, quick=question.name == CONSENT, wants=wants)


def _question(name: str) -> Question[Form]:
    return next(question for question in NEED_FORM.questions if question.name == name)


def _show_card(turn: Turn, before: str = "") -> Reply:
    assert turn.talk.form is not None
    own = " / ".join(turn.talk.own_words)[:300]
    after = turn.talk.form.get(EVENT)
    since = f"\nGhi sau buổi: {after['words'][:120]}" if after else ""
    text = f"Phiếu nhu cầu của anh/chị:\n{card(turn.talk.form)}{since}\nLời anh/chị: “{own}”\nEm ghi vậy đúng chưa ạ?"
    return Reply(f"{before}\n{text}" if before else text, CARD_CHOICES, long=True, quick=True)


def kinds(turn: Turn) -> tuple[str, ...]:
    """The kinds of help that the form asks for, read from the owner's words."""
    form = turn.talk.form or {}
    wish, problem = form.get("wish") or {}, form.get("problem") or {}
    words = " ; ".join(
        [*turn.talk.own_words, *(row["words"] for row in (problem, wish) if row and not row.get("unknown"))]
    )
    return tuple(read_kinds(words, wish.get("value") or ()))


def put_off(turn: Turn, field: Field) -> bool:
    """Counts a question that stayed without an answer; after the second time the others are asked first: True then."""
    asked = turn.talk.pending.setdefault("asked", {})
    asked[field.value] = asked.get(field.value, 0) + 1
    if asked[field.value] == MOST_ASKED and field is not Field.PLACE:
        turn.talk.pending.setdefault("later", []).append(field.value)
        following = open_question(turn)
        return following is not None and following.name != field.value
    return False


# --- writing
def fill(turn: Turn, found: dict[Field, dict[str, Any]], over: bool = False) -> list[str]:
    """Puts answers into the form; tells what was new, "label: words" each."""
    assert turn.talk.form is not None
    told = []
    for field in Field:
        held = turn.talk.form.get(field.value)
        if field not in found or (
            held is not None and not held.get("unknown") and not over and not _firmer(found[field], held)
        ):
            continue
        write(turn, field, found[field])
        told.append(f"{field.short}: {found[field]['words']}")
    return told


def _firmer(new: dict[str, Any], held: dict[str, Any]) -> bool:
    """Whether a figure comes where only words stand: "10 triệu" after "tiền ít lắm"."""
    return held.get("value") is None and isinstance(new.get("value"), dict) and "raw" not in new["value"]


def write(turn: Turn, field: Field, new: dict[str, Any]) -> str | None:
    """Writes one answer, keeping the history of the field; tells the words that stood there before."""
    assert turn.talk.form is not None
    old = turn.talk.form.get(field.value)
    history = [*(old or {}).get("history", [])]
    if old is not None:
        history.append({"words": old["words"], "at": turn.now.isoformat()})
    turn.talk.revision += 1
    turn.talk.form[field.value] = {**new, "at": turn.now.isoformat(), "history": history}
    return None if old is None or old.get("unknown") else str(old["words"])


def said_before(turn: Turn, field: Field, new: dict[str, Any]) -> bool:
    """Whether an answer says no more than what stands in its field."""
    held = (turn.talk.form or {}).get(field.value)
    if held is None or held.get("unknown"):
        return False
    return bool(fold(held["words"]) == fold(new["words"]) or same_place(field, held, new))


async def plan(turn: Turn) -> None:
    """Plans the one nudge and the end of an untouched draft anew."""
    form_id = turn.talk.form_id
    if form_id is None:
        return
    nudge_at = turn.office.worktime.next_push(turn.now + NUDGE_AFTER)
    await dues.drop(turn.db, f"nudge:{form_id}")
    await dues.plan(turn.db, "nudge", f"nudge:{form_id}", nudge_at, turn.person.id, {"form": form_id})
    await dues.drop(turn.db, f"draft:{form_id}")
    end_at = turn.now + DRAFT_LIVES
    await dues.plan(turn.db, "draft", f"draft:{form_id}", end_at, turn.person.id, {"form": form_id})


def put_aside(turn: Turn) -> dict[str, Any]:
    form = {key: row for key, row in (turn.talk.form or {}).items() if key != CONSENT}
    return {"form": form, "id": turn.talk.form_id, "own_words": turn.talk.own_words}


def note_doubts(turn: Turn) -> Field | None:
    """Keeps the readings of an ambiguous place or a vague amount, so that the person is asked which one is meant.

    Tells the field of an amount in doubt, whose reading must not be taken.
    """
    form = turn.talk.form
    if form is None:
        return None
    waiting = waiting_field(turn)
    found = doubts(turn.text, turn.entities, waiting)
    if found is not None and (found[0].value not in form or waiting is found[0]):
        field, rows = found
        said = vague_words(turn.text, turn.entities, field)
        turn.talk.pending["picks"] = {"field": field.value, "rows": rows, "said": said}
    rows = _places(turn.entities.get("location") or {}, turn.office.communes)
    if rows and (Field.PLACE.value not in form or waiting is Field.PLACE):
        turn.talk.pending["place"] = rows
    return None if found is None else found[0]


def keep_vague(turn: Turn) -> str | None:
    """An amount whose readings nobody chose from stands in the person's own words: "vài chục triệu"; tells them."""
    picks = turn.talk.pending.pop("picks", None) or {}
    rows = picks.get("rows") or []
    if len(rows) == 1 and rows[0]["value"] is not None and picks["field"] not in (turn.talk.form or {}):
        only = Field(picks["field"])  # nobody has said no to the one reading there is
        write(turn, only, answer(rows[0]["value"], rows[0]["label"], str(picks.get("said") or "")))
        return f"{only.short}: {rows[0]['label']}"
    field, said = str(picks.get("field")), str(picks.get("said") or "")
    if not said or field in (turn.talk.form or {}):
        return None
    write(turn, Field(field), answer(None, said, said))
    return f"{Field(field).short}: {said}"


def _places(location: Mapping[str, Any], communes: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """The candidates of an ambiguous place; a former district stands for "another commune of it", alone for its communes."""
    province = location.get("province") or "Lạng Sơn"
    if not location.get("unit") and not location.get("ambiguous"):
        return communes_of(str(location.get("old")), communes)
    old = {"old": location["old"]} if location.get("old") else {}
    rows: list[dict[str, Any]] = []
    for option in (location.get("ambiguous") or ())[:4]:
        label = f"{option[:1].upper()}{option[1:]}"
        if "(cũ)" in option or option.startswith("huyện"):
            rows.append({"label": f"Xã khác thuộc {option}", "value": None, "whole": option})
        else:
            rows.append({"label": label, "value": {"province": province, "unit": option, **old}})
    return rows


def communes_of(district: str, communes: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """The present communes of a former district as candidates; none when it is not one of ours."""
    old = {"province": "Lạng Sơn", "old": district}
    return [
        {"label": f"{name[:1].upper()}{name[1:]}", "value": {**old, "unit": name}}
        for name in communes.get(district, ())
    ]


def _ask_pick(turn: Turn, before: str) -> Reply:
    picks = turn.talk.pending["picks"]
    field, rows = Field(picks["field"]), picks["rows"]
    form = turn.talk.form or {}
    labels = [row["label"] for row in rows]
    listed = " hay ".join([", ".join(labels[:-1]), labels[-1]]) if len(labels) > 1 else labels[0]
    lead = {
        Field.PLACE: "Chỗ làm ở đâu, thuộc xã/phường nào",
        Field.BUDGET: "Kinh phí dự kiến là khoảng nào",
        Field.SCALE: "Quy mô như vậy có đúng không",
    }[field]
    choices = [Choice(label, f"pick:{index}") for index, label in enumerate(labels)]
    if not field.required:
        choices.append(Choice("Chưa biết", f"answer:{field.value}:unknown"))
    asked = (
        f"{lead}: {listed}?"
        if len(labels) > 1
        else f"{field.label[:1].upper()}{field.label[1:]} là {listed}, đúng không ạ?"
    )
    text = f"({count_answered(form)}/9) {asked}"
    return Reply(f"{before}\n{text}" if before else text, tuple(choices), quick=True)


def completed(new: dict[str, Any], held: dict[str, Any] | None) -> dict[str, Any]:
    """A corrected quantity keeps the period it was said with: 20 tấn/năm, then "12 tấn thôi"."""
    value, old = new.get("value"), (held or {}).get("value")
    if not isinstance(value, dict) or not isinstance(old, dict) or value.get("per") or not old.get("per"):
        return new
    if in_base(1, value.get("unit") or "")[1] != in_base(1, old.get("unit") or "")[1]:
        return new
    whole = {**value, "per": old["per"]}
    return {**new, "value": whole, "words": capacity_words(whole)}


def same_place(field: Field, held: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether a place is the one that is noted, called by another of its names."""
    here, there = held.get("value"), new.get("value")
    if field is not Field.PLACE or not isinstance(here, dict) or not isinstance(there, dict):
        return False
    return bool(here.get("unit")) and here["unit"] == there.get("unit")


def change(turn: Turn, found: dict[Field, dict[str, Any]]) -> list[str]:
    """Writes new values over old ones; tells "number. words (trước: …)" each."""
    assert turn.talk.form is not None
    told = []
    for field, new in found.items():
        held = turn.talk.form.get(field.value)
        new = completed(new, held) if field is Field.SCALE else new
        if held is not None and (held["words"] == new["words"] or same_place(field, held, new)):
            continue
        before = write(turn, field, new)
        told.append(f"câu {field.number}: {new['words']}" + (f" (trước: {before})" if before else ""))
    return told
