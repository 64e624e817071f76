"""Whoever stops something waits for what is just leaving, and nothing leaves while they write: two connections, both
databases."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from domain.broadcast import BroadcastState
from domain.event import EventState
from domain.person import Purpose
from domain.segment import EVERYBODY
from storage import broadcasts, gatherings, leases, people
from storage.database import Connection, Database
from storage.migrate import migrate
from storage.segments import takes_news
from storage.tables import broadcast, event, person

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
Stop = Callable[[Connection], Awaitable[object]]

STOPS: dict[str, Stop] = {
    "an officer stops": lambda db: broadcasts.stop(db, 1, "nhầm"),
    "the event is cancelled": lambda db: gatherings.set_state(db, "E1", EventState.CANCELLED),
    "the person wants no news": lambda db: people.withdraw_consent(db, 1, Purpose.NEWS, NOW),
    "the person is erased": lambda db: people.empty(db, 1),
}


async def may_leave(db: Connection) -> bool:
    """What the last look of a sender sees."""
    goes = select(broadcast.c.state == BroadcastState.RUNNING.value, event.c.state == EventState.PUBLISHED.value)
    both = goes.join_from(broadcast, event, event.c.id == broadcast.c.event_id)
    sees = (await db.execute(both.where(broadcast.c.id == 1))).one()
    wanted = (await db.execute(select(takes_news()).select_from(person).where(person.c.id == 1))).scalar_one()
    return all((*sees, wanted))


@pytest.mark.asyncio
@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS.keys())
async def test_a_stop_waits_for_what_is_leaving_and_goes_before_the_next(url: str, stop: Stop) -> None:
    database, other = Database(url), Database(url)  # two processes
    await migrate(database)
    async with database.write() as db:
        await db.execute(insert(person).values(id=1, name="Khách", alert="now", created_at=NOW))
        await people.give_consent(db, 1, Purpose.NEWS, "1", NOW)
        values = {"id": "E1", "title": "Hội thảo", "starts_at": NOW + timedelta(days=9), "written_by": "nhipcau"}
        await db.execute(insert(event).values(**values, state="published"))
        await broadcasts.compose(db, "T", "Mời.", EVERYBODY, "Lan", NOW, event_id="E1", state="running")
    told = []

    async def stops() -> None:
        async with other.write() as db:
            await stop(db)
            told.append("about to commit")
            await asyncio.sleep(0.3)  # whoever looks meanwhile must not see what was there before
        told.append("stopped")

    async def looks() -> bool:
        async with database.write() as db:
            await leases.let_leave(db)
            told.append("looked")
            return await may_leave(db)

    async with database.write() as db:
        await leases.let_leave(db)
        assert await may_leave(db)
        stopping = asyncio.ensure_future(stops())
        await asyncio.sleep(0.3)
        assert not told, "it waits until the bytes have left"
        looking = asyncio.ensure_future(looks())
        await asyncio.sleep(0.2)
    may = await looking
    await stopping
    between = told.index("about to commit") < told.index("looked")
    assert between or database.sqlite, "it came after the stop, so it goes after it (SQLite keeps no order)"
    assert may is not between, "nothing that looks after the stop sees what was there before"
    await database.close()
    await other.close()
