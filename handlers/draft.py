"""The need form being filled in: where it stands, writing into it, asking its open question."""

from datetime import timedelta
from typing import Any

from conversation.flow import Question
from conversation.need_form import (
    CONSENT,
    NEED_FORM,
    Form,
    card,
    count_answered,
)
from conversation.reply import Choice, Reply, Wants
from domain.need import Field
from handlers.turn import Turn
from storage import dues

NUDGE_AFTER = timedelta(hours=72)
DRAFT_LIVES = timedelta(days=30)
CARD_CHOICES = (
    Choice("Đúng, gửi", "need:send", ("dung", "gui", "gui di", "dung roi", "ok", "chinh xac")),
    Choice("Sửa", "need:edit", ("sua lai", "chua dung", "sai roi", "chinh")),
    Choice("Để sau", "need:later", ("luc khac", "chua gui", "khoan")),
)


# --- where we are -----------------------------------------------------------------------------------------------
def open_question(turn: Turn) -> Question[Form] | None:
    """The open question of the form; None without a form or when only the card is left."""
    if turn.talk.form is None:
        return None
    return NEED_FORM.next(turn.talk.form)


def waiting_field(turn: Turn) -> Field | None:
    """The field a free answer would fill now: the one being edited, else the open question's."""
    held = turn.talk.pending.get("edit")
    if turn.talk.form is None:
        return None
    if held:
        return Field(held)
    question = open_question(turn)
    return Field(question.name) if question is not None and question.name in set(Field) else None


async def ask(turn: Turn, before: str = "") -> Reply:
    """Asks the open question, or shows the card when nothing is open."""
    form = turn.talk.form
    if form is None:
        return Reply(before)
    picks = turn.talk.pending.get("picks")
    if picks:
        return _ask_pick(turn, before)
    held = turn.talk.pending.get("edit")
    question = _question(held) if held else open_question(turn)
    if question is None:
        return _show_card(turn, before)
    words = question.words(Form(count_answered(form)), form)
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
    text = f"Phiếu nhu cầu của anh/chị:\n{card(turn.talk.form)}\nLời anh/chị: “{own}”\nEm ghi vậy đúng chưa ạ?"
    return Reply(f"{before}\n{text}" if before else text, CARD_CHOICES, long=True, quick=True)


# --- writing
def fill(turn: Turn, found: dict[Field, dict[str, Any]], over: bool = False) -> list[str]:
    """Puts answers into the form; tells what was new, "label: words" each."""
    assert turn.talk.form is not None
    told = []
    for field in Field:
        if field not in found or (field.value in turn.talk.form and not over):
            continue
        write(turn, field, found[field])
        told.append(f"{field.label.split(' (')[0]}: {found[field]['words']}")
    return told


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


def note_ambiguous(turn: Turn) -> None:
    """Keeps the candidates of an ambiguous place, so that the next reply asks which one is meant."""
    location = turn.entities.get("location") or {}
    options = location.get("ambiguous")
    if turn.talk.form is None or not options or ("place" in turn.talk.form and not turn.talk.pending.get("edit")):
        return
    province = location.get("province") or "Lạng Sơn"
    old = {"old": location["old"]} if location.get("old") else {}
    rows: list[dict[str, Any]] = []
    for option in options[:4]:
        if "(cũ)" in option or option.startswith("huyện"):
            rows.append({"field": "place", "label": f"{option[:1].upper()}{option[1:]}", "value": None})
        else:
            value = {"province": province, "unit": option, **old}
            rows.append({"field": "place", "label": f"{option[:1].upper()}{option[1:]}", "value": value})
    turn.talk.pending["picks"] = rows


def _ask_pick(turn: Turn, before: str) -> Reply:
    picks = turn.talk.pending["picks"]
    form = turn.talk.form or {}
    choices = tuple(Choice(row["label"], f"pick:{index}") for index, row in enumerate(picks))
    text = f"({count_answered(form)}/9) Chỗ làm ở đâu, thuộc xã/phường nào: {', '.join(row['label'] for row in picks)}?"
    return Reply(f"{before}\n{text}" if before else text, choices, quick=True)


def change(turn: Turn, found: dict[Field, dict[str, Any]]) -> list[str]:
    """Writes new values over old ones; tells "number. words (trước: …)" each."""
    assert turn.talk.form is not None
    told = []
    for field, new in found.items():
        held = turn.talk.form.get(field.value)
        if held is not None and held["words"] == new["words"]:
            continue
        before = write(turn, field, new)
        told.append(f"{field.number}. {new['words']}" + (f" (trước: {before})" if before else ""))
    return told
