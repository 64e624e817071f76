"""Seats: never more than there are, the line in its order, freed seats offered for a time; on both databases."""

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from config.settings import HOME
from storage import people, seats
from storage.database import Connection, Database
from storage.migrate import migrate
from storage.tables import event, person, registration

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
LATER = NOW + timedelta(hours=4)
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def database(url: str) -> AsyncIterator[Database]:
    made = Database(url)
    await migrate(made)
    async with made.write() as db:
        await db.execute(person.insert(), [{"name": f"P{n}", "created_at": NOW} for n in range(200)])
        values = {"id": "E1", "title": "Hội thảo", "starts_at": NOW + timedelta(days=7), "seats": 60}
        await db.execute(event.insert().values(**values, state="published", written_by="nhipcau"))
    yield made
    await made.close()


async def held(db: Connection) -> tuple[int, int]:
    """(seats by the people's rows, seats by the event's own count)."""
    sums = select(func.coalesce(func.sum(registration.c.heads + registration.c.offered), 0))
    return (await db.execute(sums)).scalar_one(), (await db.execute(select(event.c.taken))).scalar_one()


def tap_all(command: list[str]) -> None:
    subprocess.run(command, cwd=HOME, check=True, timeout=120)


async def test_two_hundred_taps_from_four_processes(database: Database) -> None:
    url = database.url.set(drivername=database.url.get_backend_name()).render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.storage.tapper", url]
    await asyncio.gather(*(asyncio.to_thread(tap_all, [*command, str(n), str(n + 49)]) for n in (1, 51, 101, 151)))
    async with database.read() as db:
        assert await held(db) == (60, 60)
        rows = (await db.execute(select(registration))).all()
        assert len(rows) == 200 and sum(row.heads + row.waiting for row in rows) == sum(
            1 + n % 3 for n in range(1, 201)
        )


async def test_a_freed_seat_goes_in_order_and_lapses_to_the_next(database: Database) -> None:
    async with database.write() as db:
        await seats.register(db, "E1", 1, 59, NOW)
        tai = await seats.register(db, "E1", 2, 1, NOW)
        assert (tai.heads, tai.waiting) == (1, 0)
        tai = await seats.register(db, "E1", 2, 2, NOW + timedelta(minutes=1))
        assert (tai.heads, tai.waiting, tai.turn) == (1, 1, 1)
        late = await seats.register(db, "E1", 3, 1, NOW + timedelta(minutes=2))
        assert (late.heads, late.waiting, late.turn) == (0, 1, 2)
        assert await seats.unregister(db, "E1", 1, NOW) == 59
        passed = await seats.register(db, "E1", 4, 1, NOW + timedelta(minutes=3))
        assert passed.heads == 0, "nobody passes those who wait, though seats are free"
        assert [(one.person_id, one.seats) for one in await seats.offer_freed(db, "E1", LATER)] == [
            (2, 1),
            (3, 1),
            (4, 1),
        ]
        assert await seats.offer_freed(db, "E1", LATER) == [], "nobody is asked twice"
        tai2 = await seats.accept(db, "E1", 2, NOW)
        assert tai2 is not None and (tai2.heads, tai2.waiting, tai2.offered) == (2, 0, 0)
        assert await seats.decline(db, "E1", 3, NOW, NOW) == 0, "another offer than the one that ends"
        assert await seats.decline(db, "E1", 3, NOW, LATER) == 1
        assert await seats.accept(db, "E1", 3, NOW) is None
        await people.empty(db, 2)
        assert await held(db) == (1, 1), "the seats of somebody who is erased are free again"


async def test_whatever_people_do_the_seats_are_never_exceeded(database: Database) -> None:
    chance = random.Random(4)
    async with database.write() as db:
        await db.execute(event.update().values(seats=7))
        for step in range(250):
            who, now = chance.randint(1, 12), NOW + timedelta(minutes=step)
            deed = chance.choice(("register", "register", "unregister", "offer", "accept", "decline"))
            if deed == "register":
                await seats.register(db, "E1", who, chance.randint(1, 4), now)
            elif deed == "unregister":
                await seats.unregister(db, "E1", who, now)
            elif deed == "offer":
                await seats.offer_freed(db, "E1", LATER)
            elif deed == "accept":
                await seats.accept(db, "E1", who, now)
            else:
                await seats.decline(db, "E1", who, now)
            mine, counted = await held(db)
            assert mine == counted <= 7, (step, deed)
