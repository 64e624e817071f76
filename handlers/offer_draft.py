"""The offer being told by chat: where it stands, writing into it, asking its open question."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conversation.flow import Question
from conversation.need_form import local_phone
from conversation.offer_form import OFFER_FORM, WORDING, Part, count_told, offer_card
from conversation.reply import LIMIT, Choice, Reply, Wants, shorten
from domain.notice import Kind
from handlers.turn import Office, Turn
from storage import conversations, dues, outbox
from storage.database import Connection
from storage.dues import Due

FLOW = "offer_technology"
NUDGE_AFTER = timedelta(hours=72)
DRAFT_LIVES = timedelta(days=30)


# --- where we are -----------------------------------------------------------------------------------------------
def open_draft(turn: Turn) -> None:
    """Lays an empty draft out; an earlier one is replaced."""
    made = f"{turn.person.id}-{turn.now:%Y%m%d%H%M%S}"
    turn.talk.offer = {"id": made, "told": {}, "own": [], "notes": [], "revision": 0}


def standing(turn: Turn) -> bool:
    """Whether an offer is being told that has neither been sent nor dropped."""
    return turn.talk.offer is not None and not {"sent", "dropped"} & set(turn.talk.offer)


def held(turn: Turn) -> dict[str, Any]:
    """The draft as it is kept: id, told, own, notes, revision; edit, picks, tried, contact, rests while they matter."""
    assert turn.talk.offer is not None
    return turn.talk.offer


def told(turn: Turn) -> dict[str, dict[str, Any]]:
    """The answers so far, by part."""
    answers: dict[str, dict[str, Any]] = held(turn)["told"]
    return answers


def open_question(turn: Turn) -> Question[None] | None:
    """The open question: the one being edited, else the first without an answer; None when only the card is left."""
    editing = held(turn).get("edit")
    if editing:
        return next(question for question in OFFER_FORM.questions if question.name == editing)
    return OFFER_FORM.next(told(turn))


def waiting(turn: Turn) -> Part | None:
    """The part a free answer would tell now."""
    question = open_question(turn)
    return Part(question.name) if question is not None else None


# --- asking -----------------------------------------------------------------------------------------------------
def ask(turn: Turn, before: str = "") -> Reply:
    """Asks the open question, or shows the card."""
    turn.talk.open = FLOW
    held(turn).pop("rests", None)
    question = open_question(turn)
    reply = _card(turn) if question is None else _ask(turn, question)
    return replace(reply, text=f"{before}\n{reply.text}") if before else reply


def repeat(turn: Turn, reply: Reply) -> Reply:
    """The reply to something else, followed by the open question in short."""
    question = open_question(turn)
    again = ask(turn)
    if question is None:
        again = Reply("Bản chào đã đủ ý: anh/chị gửi luôn chứ ạ?", again.choices, quick=True)
    if reply.quick and reply.choices:  # that reply waits for an answer of its own first
        return reply
    body = reply.text if reply.long else shorten(reply.text, max(LIMIT - len(again.text) - 2, 120))
    return replace(reply, text=body).then(again)


def _ask(turn: Turn, question: Question[None]) -> Reply:
    head = f"({count_told(told(turn))}/{len(Part)}) "
    if rows := held(turn).get("picks"):
        choices = tuple(Choice(row["label"], f"offering:pick/{at}") for at, row in enumerate(rows))
        return Reply(f"{head}Giá là {' hay '.join(row['label'] for row in rows)} ạ?", choices, quick=True)
    phone = (held(turn).get("contact") or {}).get("phone")
    if question.name == Part.CONTACT.value and phone:
        return Reply(f"{head}Cán bộ gọi số {local_phone(phone)}, anh/chị cho em xin tên ạ?")
    choices = tuple(Choice(label, f"offering:unknown/{question.name}") for label, _ in question.choices)
    wants = Wants.CONTACT if question.name == Part.CONTACT.value else None
    return Reply(f"{head}{question.words(None, told(turn))}", choices, wants=wants)


def _card(turn: Turn) -> Reply:
    draft = held(turn)
    choices = (
        Choice("Đúng, gửi", f"offering:send/{draft['revision']}", ("dung", "gui", "gui di", "dung roi", "ok")),
        Choice("Sửa", "offering:edit", ("sua lai", "chua dung", "sai roi")),
        Choice("Để sau", "offering:later", ("luc khac", "chua gui", "khoan")),
    )
    text = f"Bản chào của anh/chị:\n{offer_card(draft['told'], draft['notes'])}\n{WORDING}\nEm ghi vậy đúng chưa ạ?"
    return Reply(text, choices, long=True, quick=True)


# --- writing ----------------------------------------------------------------------------------------------------
def write(turn: Turn, part: Part, new: dict[str, Any]) -> str | None:
    """Writes one answer; tells the words that stood there before."""
    draft = held(turn)
    old = draft["told"].get(part.value)
    draft["told"][part.value] = new
    draft["revision"] += 1
    if part is Part.PRICE:
        draft.pop("picks", None)
    if draft.get("edit") == part.value:
        draft.pop("edit")
    draft.pop("tried", None)
    return None if old is None else str(old["words"])


def fill(turn: Turn, found: dict[Part, dict[str, Any]], over: Part | None = None) -> list[str]:
    """Puts answers where none stand yet, and over that of `over`; tells "label: words" each."""
    noted = []
    for part in Part:
        if part not in found or (part.value in told(turn) and part is not over):
            continue
        before = write(turn, part, found[part])
        was = f" (trước: {before})" if before is not None and before != found[part]["words"] else ""
        noted.append(f"{part.label}: {found[part]['words']}{was}")
    return noted


def change(turn: Turn, found: dict[Part, dict[str, Any]]) -> list[str]:
    """Writes new values over old ones that differ; tells "label: words (trước: …)" each."""
    told_before = told(turn)
    differing = {
        part: row for part, row in found.items() if (told_before.get(part.value) or {}).get("words") != row["words"]
    }
    return [words for part, row in differing.items() for words in fill(turn, {part: row}, over=part)]


async def plan(turn: Turn) -> None:
    """Plans the one nudge and the end of an untouched draft anew."""
    made = held(turn)["id"]
    await unplan(turn)
    nudge_at = turn.office.worktime.next_push(turn.now + NUDGE_AFTER)
    await dues.plan(turn.db, "offer_nudge", f"offer_nudge:{made}", nudge_at, turn.person.id, {"form": made})
    end_at = turn.now + DRAFT_LIVES
    await dues.plan(turn.db, "offer_end", f"offer_end:{made}", end_at, turn.person.id, {"form": made})


async def unplan(turn: Turn) -> None:
    """Neither nudge nor end is due any more."""
    for kind in ("offer_nudge", "offer_end"):
        await dues.drop(turn.db, f"{kind}:{held(turn)['id']}")


# --- when time passes -------------------------------------------------------------------------------------------
async def nudge(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """One kind word about an offer left half told; never a second one."""
    talk = await conversations.hold(db, due.person_id or 0)
    draft = talk.talk.offer if talk is not None else None
    if talk is None or not draft or draft.get("id") != due.payload.get("form") or {"sent", "dropped"} & set(draft):
        return "no draft"
    about = (draft["told"].get("what") or {}).get("words", "")
    named = f" “{shorten(about, 60)}”" if about else ""
    choices = (
        Choice("Ghi tiếp bản chào", "offering:go", ("tiep", "tiep tuc", "co", "ghi tiep")),
        Choice("Bỏ bản chào", "offering:drop", ("bo", "bo di", "thoi", "huy")),
    )
    text = f"Bản chào{named} của anh/chị đang ở {len(draft['told'])}/{len(Part)}. Mình ghi tiếp nhé ạ?"
    await outbox.put(
        db, Kind.NOTICE, talk.person_id, Reply(text, choices), due.key, office.worktime.next_push(now), now
    )
    return "nudged"


async def end_draft(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Forgets an offer left half told for thirty days; says so, unless it was dropped."""
    talk = await conversations.hold(db, due.person_id or 0)
    draft = talk.talk.offer if talk is not None else None
    if talk is None or not draft or draft.get("id") != due.payload.get("form"):
        return "no draft"
    talk.talk.offer = None
    await conversations.keep_talk(db, talk, now)
    if not draft.get("dropped"):
        text = "Bản chào ghi dở để quá 30 ngày nên em đã xoá như đã hẹn. Khi cần, anh/chị nhắn BẢN CHÀO để ghi lại."
        await outbox.put(db, Kind.NOTICE, talk.person_id, Reply(text), due.key, office.worktime.next_push(now), now)
    return "draft forgotten"
