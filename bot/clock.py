"""Runs what is due, in order, each at its own time."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from handlers import (
    after,
    answers,
    arrivals,
    brief,
    broadcasts,
    events,
    news,
    offer_draft,
    outages,
    outcomes,
    papers,
    reminders,
    supply,
    takeover,
)
from handlers.turn import Office
from storage import claims, dues, inbox
from storage.database import Connection, Database
from storage.dues import Due

log = structlog.get_logger()
MARKS_KEPT = timedelta(days=30)
MOST_SKEW = 120.0  # seconds between the clock of a machine and that of the database
RETRY_AFTER = timedelta(minutes=5)
LATE = timedelta(minutes=10)  # so long after its time an act is done as of now: nothing ran meanwhile
Act = Callable[[Office, Connection, Due, datetime], Awaitable[str]]


async def _digest(office: Office, db: Connection, due: Due, now: datetime) -> str:
    if not await reminders.plan_next_digest(office, db, due, now):
        return "no longer wanted"
    assert due.person_id is not None
    return await news.send_digest(office, db, due.person_id, now)


ACTS: dict[str, Act] = {
    "nudge": reminders.nudge,
    "draft": reminders.end_draft,
    "remind": reminders.remind_event,
    "ticket": reminders.lapse_ticket,
    "need": reminders.lapse_need,
    "digest": _digest,
    "evidence": reminders.forget_loose,
    "link": reminders.hide_code,
    "called": outcomes.ask_called,
    "ladder": outcomes.climb,
    "unserved": outcomes.tell_unserved,
    "still": supply.ask_still,
    "offer_nudge": offer_draft.nudge,
    "offer_end": offer_draft.end_draft,
    "silent": supply.end_silent,
    "idle": takeover.return_idle,
    "brief": brief.tell,
    "answer": answers.look_again,
    "broadcast": broadcasts.begin,
    "seat": events.lapse_offer,
    "after": after.ask,
    "walk_ins": arrivals.forget_walk_ins,
    "deadline": papers.tell_deadline,
    "ripe": papers.tell_ripe,
    "outage": outages.offer,
}


async def run_due(
    database: Database,
    office: Office,
    until: datetime,
    then: Callable[[datetime], Awaitable[object]] | None = None,
    late: timedelta | None = None,
) -> int:
    """Does everything that falls due up to `until`, in order, each at its own time; how many acts were done.

    `then` is called with the time of each act after its transaction, so that what it put into the outbox goes out
    before the next act happens. With `late`, what should have happened longer ago happens at `until`: after an outage
    nobody hears at night, or of days that are over.
    """
    count = 0
    while True:
        item: Due | None = None
        try:
            async with database.write() as db:
                item = await dues.first_due(db, until)
                if item is None:
                    return count
                at = item.due_at if late is None or until - item.due_at <= late else until
                act = ACTS.get(item.kind)
                outcome = await act(office, db, item, at) if act else "nobody knows this kind"
                await dues.done(db, item.id, outcome, at)
        except Exception as error:
            log.error("due act failed", error=type(error).__name__, exc_info=True)
            if item is None:
                raise
            at = item.due_at
            async with database.write() as db:
                await dues.failed(db, item, type(error).__name__, at, at + RETRY_AFTER)
            continue
        count += 1
        if then is not None:
            await then(at)


async def clock_agrees(database: Database, now: datetime) -> bool:
    """Whether the clock that gave `now` and the database's agree."""
    async with database.read() as db:
        return abs(now.timestamp() - await claims.clock(db)) <= MOST_SKEW


async def tidy(database: Database, now: datetime) -> None:
    """Drops inbox marks whose month is over."""
    async with database.write() as db:
        await inbox.forget_marks(db, now - MARKS_KEPT)
