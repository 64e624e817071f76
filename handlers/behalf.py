"""A need that an officer writes down for somebody: the same form engine, confirmed by its owner's tap or on paper."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from conversation.doubts import doubts
from conversation.flow import Misread
from conversation.kinds import read_kinds
from conversation.need_form import CONSENT_WORDING, read_contact, read_field, summary, unknown
from conversation.reply import Choice, Reply, shorten
from domain.need import STATE_WORDS, Field, Need, NeedState, Outcome
from domain.notice import Kind
from domain.officer import Officer
from domain.person import Purpose
from domain.worktime import local, say_time
from handlers.firms import firm_of
from handlers.turn import Office, Turn
from nlu.understanding import Context
from storage import attempts, audit, board, needs, notes, outbox, people
from storage.database import Connection

MOST_WRONG = 5
REST = timedelta(hours=1)
NAME_END = re.compile(r"[,;:(+\d]")


@dataclass
class Sheet:
    """What was read of a form: answers by field, kind explanations where nothing could be read, readings to choose from."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Consent:
    """Leave to keep the need, read aloud: by which officer, when."""

    by: str
    at: datetime


def read(office: Office, told: Mapping[str, str], now: datetime) -> Sheet:
    """Reads what was typed for the nine fields as if it had been said in chat."""
    made = Sheet()
    for one in Field:
        text = " ".join(told.get(one.value, "").split())
        if not text:
            if one.required:
                made.wrong[one.value] = f"Cần có {one.short}."
            else:
                made.answers[one.value] = unknown()
            continue
        said = office.mind.understand(text[:1000], Context(question=one.value), now)
        unsure = doubts(text, said.entities, one)
        if unsure is not None and unsure[0] is one:
            made.choices[one.value] = [row["label"] for row in unsure[1]]
            made.wrong[one.value] = f"Ý là {' hay '.join(made.choices[one.value])}? Anh/chị gõ lại cho rõ."
            continue
        location = said.entities.get("location") or {}
        if one is Field.PLACE and location.get("ambiguous"):
            made.choices[one.value] = list(location["ambiguous"][:4])
            made.wrong[one.value] = (
                f"Tên này chỉ nhiều nơi: {', '.join(made.choices[one.value])}. Anh/chị gõ rõ một nơi."
            )
            continue
        try:
            took = read_contact(text, said.entities) if one is Field.CONTACT else read_field(one, text, said.entities)
            made.answers[one.value] = took
        except Misread as misread:
            made.wrong[one.value] = str(misread) or f"Em chưa đọc được {one.short}."
    return made


async def record(
    office: Office,
    db: Connection,
    officer: Officer,
    person_id: int,
    answers: Mapping[str, dict[str, Any]],
    own_words: str,
    consent: Consent,
    confirmer: int | None,
    now: datetime,
) -> tuple[Need, str]:
    """Keeps the need, asks the confirmer for a tap; the need with the six digits of its slip."""
    contact = (answers.get("contact") or {}).get("value") or {}
    wish, problem = answers.get("wish") or {}, answers.get("problem") or {}
    kinds = read_kinds(" ; ".join(row.get("words", "") for row in (problem, wish)), wish.get("value") or ())
    due_at = office.worktime.promise(now)
    words = own_words.strip() or " / ".join(row["words"] for row in (problem, wish) if row and not row.get("unknown"))
    need = await needs.submit(
        db, person_id, words, summary(answers), dict(answers), "console", now, due_at, kinds,
        state=NeedState.WAITING_FOR_OWNER, author=officer.name,
    )  # fmt: skip
    await people.keep_contact(db, person_id, contact.get("name"), contact.get("phone"))
    await people.keep_enterprise(db, person_id, firm_of(office, words, answers, local(now).date()))
    read_aloud = f"{CONSENT_WORDING} (đọc cho nghe, đã đọc và đồng ý, {say_time(consent.at)}, {consent.by})"
    await people.give_consent(db, person_id, Purpose.NEED, read_aloud, now)
    slip = await _free_slip(db)
    behalf = {
        "by": officer.name,
        "consent_by": consent.by,
        "consent_at": consent.at.isoformat(),
        "confirmer": confirmer,
    }
    await board.set_behalf(db, need.id, behalf, slip)
    await board.assign(db, need.id, officer.id)
    after = {"nhu cầu": need.code, "đồng ý": f"đã đọc và đồng ý, {say_time(consent.at)}, {consent.by}"}
    await audit.note(db, officer.name, "fill_in", "need", need.code, now, after=after)
    if confirmer is not None:
        await outbox.put(db, Kind.REPLY, confirmer, _ask(need), f"confirm:{need.code}", now, now)
    return need, slip


async def _free_slip(db: Connection) -> str:
    while True:
        slip = f"{secrets.randbelow(900000) + 100000}"
        if await board.by_slip(db, slip) is None:
            return slip


def _called(need: Need) -> str:
    """How the owner was named when the need was written down: "Bác Én"."""
    said = NAME_END.split((need.fields.get("contact") or {}).get("said", ""))[0].strip()
    return f"{said[:1].upper()}{said[1:]}" if 0 < len(said) <= 40 else "Có người"


def _ask(need: Need) -> Reply:
    told = need.fields
    parts = [told[key]["words"] for key in ("product", "wish", "place") if key in told and not told[key].get("unknown")]
    choices = (
        Choice("Đúng", f"behalf:yes:{need.code}", ("dung", "dung roi", "phai", "ok")),
        Choice("Sửa", f"behalf:edit:{need.code}", ("sua lai", "chua dung")),
        Choice("Không phải", f"behalf:no:{need.code}", ("khong", "sai", "khong phai toi")),
    )
    return Reply(
        f"{_called(need)} nhờ Sở lập phiếu {need.code}: {shorten('; '.join(parts), 300)}. Đúng không ạ?", choices
    )


# --- what the confirmer presses ---------------------------------------------------------------------------------
async def choose(turn: Turn, argument: str) -> Reply:
    """The tap of the owner, or of who answers for the owner: yes, edit, no."""
    what, _, code = argument.partition(":")
    sheet = await board.sheet(turn.db, code)
    if sheet is None or (sheet.behalf or {}).get("confirmer") != turn.person.id:
        return Reply("Em không thấy phiếu này ở đây ạ.")
    need = sheet.need
    if need.state is not NeedState.WAITING_FOR_OWNER:
        return Reply(f"Phiếu {code}: {STATE_WORDS[need.state]}. Không cần bấm nữa ạ.")
    if what == "edit":
        turn.talk.pending["behalf"] = code
        return Reply(f"Phiếu {code} cần sửa chỗ nào ạ? Anh/chị nhắn trong một câu, em chuyển cán bộ.")
    if what == "no":
        await board.move(turn.db, need.id, (need.state,), NeedState.CLOSED, turn.now, Outcome.WITHDRAWN)
        await _note(turn, need, "Người xác nhận trả lời: không phải phiếu của mình.")
        return Reply(f"Em đã đóng phiếu {code} và báo lại cán bộ. Cảm ơn anh/chị đã cho biết.")
    due_at = await confirm(turn.office, turn.db, need, turn.now)
    await _note(turn, need, "Đã xác nhận đúng bằng một chạm.")
    return Reply(f"Cảm ơn anh/chị. Phiếu {code} đã được xác nhận; cán bộ phản hồi trước {say_time(due_at)}.")


async def confirm(office: Office, db: Connection, need: Need, now: datetime) -> datetime:
    """The need counts from now on; the time by which an officer answers comes back."""
    due_at = office.worktime.promise(now)
    await board.move(db, need.id, (NeedState.WAITING_FOR_OWNER,), NeedState.SUBMITTED, now)
    await board.submitted(db, need.id, now, due_at)
    return due_at


async def _note(turn: Turn, need: Need, words: str) -> None:
    await notes.add(turn.db, "need", need.code, need.person_id, words, "qua chat", turn.now)


def corrects(turn: Turn) -> bool:
    """Whether the person was just asked what is to be corrected in the need somebody asked them to confirm."""
    return turn.talk.form is None and bool(turn.talk.pending.get("behalf"))


async def take(turn: Turn) -> Reply | None:
    """A message that says what is to be corrected, or answers an officer's one question back; None when it is neither."""
    code = turn.talk.pending.get("behalf")
    if code and turn.talk.form is None:
        turn.talk.pending.pop("behalf")
        sheet = await board.sheet(turn.db, str(code))
        if sheet is not None and (sheet.behalf or {}).get("confirmer") == turn.person.id:
            await _note(turn, sheet.need, f"Xin sửa: {turn.text[:1000]}")
            return Reply(f"Em đã chuyển cán bộ sửa phiếu {code}. Sửa xong em gửi lại để anh/chị xác nhận.")
    if turn.talk.form is not None or turn.said.asks or not turn.text.strip():
        return None
    waiting = await board.awaiting_answer(turn.db, turn.person.id)
    if waiting is None or (turn.said.sure and turn.said.act in OTHER_BUSINESS):
        return None
    need, asked = waiting
    await board.ask(turn.db, need.id, {**asked, "answer": turn.text[:1000], "answered_at": turn.now.isoformat()})
    await _note(turn, need, f"Trả lời câu hỏi của {asked.get('by', 'cán bộ')}: {turn.text[:1000]}")
    return Reply(f"Cảm ơn anh/chị, em đã ghi vào phiếu {need.code} để cán bộ xem ạ.")


OTHER_BUSINESS = frozenset(
    (
        "greet", "help", "talk_to_officer", "stop_news", "resume_news", "see_my_data", "erase_my_data", "abuse",
        "check_message", "declare_need", "list_events", "register_event", "cancel_registration", 
        "ask_need_status", "offer_technology",
    )
)  # fmt: skip


# --- slips ------------------------------------------------------------------------------------------------------
async def status(db: Connection, slip: str, last3: str, place: str, now: datetime) -> str | datetime:
    """How far the need of a slip is, no personal data; the end of the rest after five wrong tries, empty when wrong."""
    marks = (f"slip:{slip}", f"slip-from:{place}")
    for mark in marks:
        until = await attempts.locked_until(db, mark, now)
        if until is not None:
            return until
    found = await board.by_slip(db, slip)
    phone = "".join(char for char in (found[1] if found else "") or "" if char.isdigit())
    if found is None or len(phone) < 3 or phone[-3:] != last3:
        for mark in marks:
            await attempts.fail(db, mark, MOST_WRONG, REST, now)
        return ""
    for mark in marks:
        await attempts.clear(db, mark)
    need = found[0]
    state = STATE_WORDS[need.state].replace("anh/chị", "chủ nhu cầu")
    due = (
        f"; cán bộ phản hồi trước {say_time(need.due_at)}" if need.state is NeedState.SUBMITTED and need.due_at else ""
    )
    return f"Phiếu {need.code}: {state}{due}."


async def tell_slip(turn: Turn, slip: str, last3: str) -> Reply:
    """The same in chat."""
    told = await status(turn.db, slip, last3, f"person:{turn.person.id}", turn.now)
    if isinstance(told, datetime):
        return Reply(f"Sai nhiều lần nên em tạm dừng tra cứu đến {say_time(told)}.")
    return Reply(told or "Mã hẹn hoặc 3 số cuối điện thoại chưa đúng. Anh/chị xem lại giấy hẹn giúp em nhé.")
