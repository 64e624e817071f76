"""Answers policy questions with approved, cited, dated text; what nobody may say yet becomes a promise."""

from datetime import datetime

from conversation.reply import Choice, Reply, shorten
from domain.answer import AnswerVersion, Standing
from domain.document import Documents
from domain.notice import Kind
from domain.worktime import WorkTime, local, say_time
from handlers.sources import basis_line, checked_line, force_notes
from handlers.turn import Office, Turn
from handlers.words import ASK_OFFICER
from nlu.understanding import Guess
from storage import dues, knowledge, outbox, pulls, tickets
from storage.changes import Change
from storage.database import Connection
from storage.tickets import TicketKind

FULL_LIMIT = 1900
CLOSED = {
    Standing.NOT_NOW: "Câu này đang được cập nhật",
    Standing.UNSURE: "Câu này em chưa chắc",
    Standing.PULLED: "Câu này đang được rà soát",
}


async def answer_policy(turn: Turn) -> Reply:
    """Answers the question that was understood."""
    if turn.said.answer is None:
        return await promise_answer(turn)
    return await say_answer(turn, turn.said.answer)


async def say_answer(turn: Turn, answer_id: str, full: bool = False) -> Reply:
    """Says one answer if it may be said now, else promises one."""
    version, held = await knowledge.answer_on(turn.db, answer_id, turn.today)
    if version is None and held is Standing.NOT_NOW:
        return await promise_answer(turn, about=answer_id)
    if version is None or held is not Standing.SAY:
        return await promise_answer(turn, CLOSED[held], about=answer_id)
    await knowledge.note_shown(turn.db, turn.person.id, version.id, turn.now)
    turn.talk.last_answer = answer_id
    if version.programmes:
        turn.talk.speak_of(version.programmes[0], turn.now)
    return worded(version, await knowledge.documents(turn.db), turn.now, full, turn.room)


def worded(version: AnswerVersion, documents: Documents, now: datetime, full: bool = False, room: int = 600) -> Reply:
    """An answer in words with its sources; what does not hold on the day is told."""
    day = local(now).date()
    text = version.full if full else version.short
    basis = basis_line(version.basis, documents, day)
    checked = "" if version.kind == "term" else checked_line(version, day)
    tail = "\n".join(line for line in (force_notes(text, documents, day, basis), basis, checked) if line)
    limit = (FULL_LIMIT if full else room) - len(tail) - 1
    body = shorten(text, max(limit, 80))
    more = () if full or version.full.strip() == version.short.strip() else (_more(version.answer_id),)
    words = f"{body}\n{tail}" if tail else body
    return Reply(words, (*more, ASK_OFFICER), quotes=(version.answer_id,), long=full)


def _more(answer_id: str) -> Choice:
    return Choice("Xem đầy đủ", f"more:{answer_id}", ("chi tiet", "xem them", "day du", "noi ro hon"))


async def say_more(turn: Turn, answer_id: str) -> Reply:
    """Says the full form of an answer on demand."""
    return await say_answer(turn, answer_id, full=True)


async def promise_answer(
    turn: Turn, opening: str = "Em chưa có câu trả lời đã duyệt", about: str | None = None
) -> Reply:
    """Passes a question to the officers under a code, with the time by which they answer."""
    code, due = await _promise(turn.db, turn.office.worktime, turn.person.id, turn.text, about, turn.now)
    return Reply(f"{opening} nên đã chuyển cán bộ, mã {code}. Cán bộ trả lời anh/chị trước {due}.")


async def _promise(
    db: Connection, worktime: WorkTime, person_id: int, text: str, about: str | None, now: datetime
) -> tuple[str, str]:
    ticket = await tickets.open_ticket(
        db, TicketKind.ANSWER, person_id, text[:1000], now, worktime.promise(now), about=about
    )
    await dues.plan(db, "ticket", f"ticket:{ticket.code}", ticket.due_at, person_id, {"code": ticket.code})
    return ticket.code, say_time(ticket.due_at)


# --- the kill switch, the promised answer -----------------------------------------------------------------------
async def stop_queued(worktime: WorkTime, db: Connection, now: datetime) -> int:
    """Takes what was pulled out of every message that waits to be sent: a reply becomes a promise, a notice ends.

    Called before each claim of the outbox, so that nothing pulled leaves, whoever queued it. How many were changed.
    """
    stopped = await pulls.stopped(db)
    if not stopped:
        return 0
    rows = await outbox.waiting_that_quote(db, stopped)
    for row in rows:
        if row.kind is not Kind.REPLY:
            await outbox.skip(db, row.id, "what it quotes was pulled", now)
            continue
        about = next(id_ for id_ in row.quotes if id_ in stopped)
        asked = await outbox.asked_before(db, row.id)
        code, due = await _promise(db, worktime, row.person_id, asked, about, now)
        await outbox.reword(
            db, row.id, Reply(f"{CLOSED[Standing.PULLED]} nên đã chuyển cán bộ, mã {code}. Cán bộ trả lời trước {due}.")
        )
    return len(rows)


async def tell_waiting(office: Office, db: Connection, change: Change, now: datetime) -> str:
    """Tells those who wait for an answer that may be said (again), once each."""
    day = local(now).date()
    papers = await knowledge.documents(db)
    told = 0
    for ticket in await tickets.waiting_about(db, await _abouts(db, change)):
        if ticket.person_id is None or ticket.about is None:
            continue
        version, held = await knowledge.answer_on(db, ticket.about, day)
        if version is None or held is not Standing.SAY:
            continue
        answer = worded(version, papers, now, room=600 - 190)
        text = f"Hôm trước anh/chị hỏi “{shorten(ticket.text, 90)}” (mã {ticket.code}). Trả lời:\n{answer.text}"
        reply = Reply(text, answer.choices, quotes=answer.quotes)
        run_at = office.worktime.next_push(now)
        await outbox.put(db, Kind.NOTICE, ticket.person_id, reply, f"answered:{ticket.code}", run_at, now)
        await knowledge.note_shown(db, ticket.person_id, version.id, now)
        await tickets.end_ticket(db, ticket.code, "done", now)
        await dues.drop(db, f"ticket:{ticket.code}")
        told += 1
    await _wait_for_its_day(db, change, now)
    return f"told {told}"


async def _abouts(db: Connection, change: Change) -> list[str]:
    """The answers a change concerns."""
    if change.noun == "answer":
        return [change.noun_id]
    found = [rows[-1] for rows in (await knowledge.versions(db)).values()]
    if change.noun == "topic":
        return [row.answer_id for row in found if row.topic == change.noun_id]
    return [row.answer_id for row in found if change.noun_id in row.programmes]


async def _wait_for_its_day(db: Connection, change: Change, now: datetime) -> None:
    """Plans to look again on the day from which an approved version may be said."""
    day = local(now).date()
    for version in (await knowledge.versions(db)).get(change.noun_id, ()) if change.noun == "answer" else ():
        if version.state == "approved" and version.valid_from is not None and version.valid_from > day:
            at = datetime.combine(version.valid_from, datetime.min.time(), local(now).tzinfo)
            await dues.plan(db, "answer", f"answer:{version.id}", at, payload={"answer": version.answer_id})


async def look_again(office: Office, db: Connection, due: dues.Due, now: datetime) -> str:
    """On the first day of an approved version tells those who wait for it."""
    return await tell_waiting(office, db, Change(0, "answer", due.payload["answer"], "U", 0), now)


# --- clarification ----------------------------------------------------------------------------------------------
async def clarify(turn: Turn, guesses: tuple[Guess, ...]) -> Reply:
    """Offers up to three readings in human words; never names of acts."""
    choices: list[Choice] = []
    for guess in guesses:
        choice = await _reading(turn, guess)
        if choice is not None and choice.label not in {made.label for made in choices}:
            choices.append(choice)
        if len(choices) == 3:
            break
    if not choices:
        return Reply("Em chưa hiểu ý này. Anh/chị gõ lại giúp em bằng một câu ngắn nhé?")
    choices.append(Choice("Không phải", "none_of_these", ("khong", "khac", "khong phai dau")))
    listed = "\n".join(f"{index}. {choice.label}" for index, choice in enumerate(choices, 1))
    return Reply(f"{listed}\nÝ anh/chị là câu nào ạ?", tuple(choices), quick=True)


ACT_QUESTIONS = {
    "declare_need": ("Ghi nhu cầu công nghệ", "need:start"),
    "see_offers": ("Xem máy móc, công nghệ đang có", "offers"),
    "find_programme": ("Tìm chương trình hỗ trợ hợp với mình", "programmes"),
    "list_events": ("Xem hội thảo, sự kiện sắp tới", "events"),
    "talk_to_officer": ("Gặp cán bộ", "officer"),
    "ask_need_status": ("Xem phiếu của tôi đến đâu", "status"),
    "offer_technology": ("Giới thiệu công nghệ tôi có", "supply"),
    "see_my_data": ("Xem dữ liệu của tôi", "data"),
    "stop_news": ("Dừng nhận tin", "news:off"),
    "help": ("Xem em giúp được gì", "help"),
}


async def _reading(turn: Turn, guess: Guess) -> Choice | None:
    if guess.act == "ask_policy" and guess.answer:
        version, held = await knowledge.answer_on(turn.db, guess.answer, turn.today)
        return Choice(version.question, f"ask:{guess.answer}") if version and held is not Standing.PULLED else None
    if guess.act == "ask_programme" and guess.programme:
        programme = await knowledge.find_programme(turn.db, guess.programme)
        return Choice(f"Hỏi về {programme.short_name}", f"programme:{programme.id}") if programme else None
    named = ACT_QUESTIONS.get(guess.act)
    return Choice(named[0], named[1]) if named else None


async def none_of_these(turn: Turn) -> Reply:
    """Asks once more in own words after the readings were refused."""
    return Reply("Dạ, anh/chị gõ lại giúp em bằng một câu ngắn nhé?")
