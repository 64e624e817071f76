"""Senders as real processes: kill -9, SIGSTOP beyond the lease, several at once, a database that goes away."""

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from domain.broadcast import BroadcastState
from domain.event import EventState
from domain.notice import OutboxState
from domain.person import Purpose
from domain.segment import EVERYBODY
from handlers import broadcasts as making
from storage import broadcasts, gatherings, people
from storage.database import Connection, Database
from storage.migrate import migrate
from storage.tables import due, event, outbox
from tests.bot.hall import HUNG, LAN, NOW, Hall
from tests.bot.senders import Senders
from tests.conftest import new_database
from tests.platform.running import Emulator

pytestmark = pytest.mark.asyncio
FLYING = 10


async def test_killed_in_the_middle_by_nine(senders: Senders) -> None:
    """Two senders; one is killed three times with messages in flight and comes back under its own name."""
    hall = senders.hall
    await hall.open(60)
    sent = await hall.send()
    hall.emulator.fault("delay", "sendMessage", times=None, seconds=0.2)
    await senders.start("b")
    kills = 0
    for share in (8, 20, 32):
        victim = await senders.start("a")
        await hall.until(lambda found, share=share: found["sent"] >= share, sent.id)  # type: ignore[misc]
        Senders.kill(victim)
        kills += 1
    hall.emulator.clear()
    await senders.start("a")
    states = await hall.until_done(sent.id)
    assert states.total() == 60 and set(states) <= {"sent", "unknown"}
    assert states["unknown"] <= kills * FLYING
    assert max(hall.copies().values()) == 1, "at most once"
    assert len(hall.copies()) >= states["sent"]
    assert len(hall.copies()) + states["unknown"] >= 60, "whoever has nothing is known to be unknown"


async def put_to_sleep(hall: Hall, process: subprocess.Popen[bytes]) -> None:
    """SIGSTOP, but not within a transaction on SQLite: there a sleeper that holds the one lock stops everybody."""
    for _ in range(50):
        os.kill(process.pid, signal.SIGSTOP)
        if hall.database.file is None:
            return
        with contextlib.closing(sqlite3.connect(hall.database.file, isolation_level=None, timeout=0.05)) as probe:
            try:
                probe.execute("BEGIN IMMEDIATE")
                probe.execute("ROLLBACK")
                return
            except sqlite3.OperationalError:
                os.kill(process.pid, signal.SIGCONT)
                await asyncio.sleep(0.03)
    raise AssertionError("never found outside a transaction")


async def test_a_sender_that_sleeps_beyond_its_lease(senders: Senders) -> None:
    """Stopped with rows in its hands, woken after others took over: it sends nothing that it no longer holds."""
    hall = senders.hall
    await hall.open(40)
    sent = await hall.send()
    hall.emulator.fault("delay", "sendMessage", times=None, seconds=0.1)
    sleeper = await senders.start("a", lease=3.0)
    await hall.until(lambda found: found["sent"] >= 8, sent.id)
    await put_to_sleep(hall, sleeper)
    await senders.start("b", lease=3.0)
    states = await hall.until_done(sent.id)
    told = hall.copies().total()
    os.kill(sleeper.pid, signal.SIGCONT)
    await asyncio.sleep(2.0)
    assert hall.copies().total() == told and max(hall.copies().values()) == 1
    assert await hall.states(sent.id) == states, "what it tells later changes nothing"


async def test_stop_with_two_processes(senders: Senders) -> None:
    hall = senders.hall
    await hall.open(400)
    await senders.start("a")
    await senders.start("b")
    sent = await hall.send()  # on a busy machine a process takes longer to start than a broadcast to end
    await hall.until(lambda found: found["sent"] >= 20, sent.id)
    began = time.monotonic()
    async with hall.database.write() as db:
        found = await making.stop(db, sent, LAN, "nhầm", hall.now)
    told, took = hall.copies().total(), time.monotonic() - began
    await asyncio.sleep(1.5)
    assert hall.copies().total() <= told + 2 and took < 1.0
    assert found.of(OutboxState.UNKNOWN) == 0 and found.total == 400
    assert (await hall.states(sent.id)).total() == 400 and HUNG.name == sent.approved_by


async def cancel(db: Connection, hall: Hall) -> None:
    await gatherings.set_state(db, "E9", EventState.CANCELLED)


async def all_leave(db: Connection, hall: Hall) -> None:
    for one in hall.people:
        await people.withdraw_consent(db, one, Purpose.NEWS, hall.now)


@pytest.mark.parametrize("end", [cancel, all_leave])
async def test_ended_otherwise_with_two_processes(
    senders: Senders, end: Callable[[Connection, Hall], Awaitable[None]]
) -> None:
    """The event is cancelled, people want no news: as after a stop, one more for each worker at most."""
    hall = senders.hall
    await hall.open(80)
    async with hall.database.write() as db:
        values = {"id": "E9", "title": "Hội thảo", "starts_at": hall.now + timedelta(days=9), "state": "published"}
        await db.execute(event.insert().values(**values, written_by="nhipcau"))
    await senders.start("a")
    await senders.start("b")
    sent = await hall.send(event_id="E9")
    await hall.until(lambda found: found["sent"] >= 20, sent.id)
    async with hall.database.write() as db:
        await end(db, hall)
    told = hall.copies().total()
    states = await hall.until_done(sent.id)
    assert hall.copies().total() <= told + 2 and max(hall.copies().values()) == 1
    assert states["sent"] + states["skipped"] == 80 and states["skipped"] > 0


@pytest.mark.parametrize("ahead", [3600.0, pytest.param(-3600.0, marks=pytest.mark.long)])
async def test_the_clock_of_one_machine_jumps(senders: Senders, ahead: float) -> None:
    """Leases end by the database's clock; even where that is the machine's own, nobody gets two copies."""
    hall = senders.hall
    await hall.open(40)
    sent = await hall.send()
    hall.emulator.fault("delay", "sendMessage", times=None, seconds=0.1)
    await senders.start("a")
    await hall.until(lambda found: found["sent"] >= 6, sent.id)
    await senders.start("b", ahead=ahead)
    states = await hall.until_done(sent.id)
    assert states.total() == 40 and set(states) <= {"sent", "unknown"}
    assert max(hall.copies().values()) == 1 and states["unknown"] <= 2 * FLYING
    if hall.database.file is None:
        assert states == {"sent": 40}, "the database's clock did not jump"


async def test_begun_once_at_its_time_by_many_clocks(senders: Senders) -> None:
    """Three processes look at the plan, one an hour ahead, one an hour late: begun once, not before its time."""
    hall = senders.hall
    await hall.open(10)
    for clock in (3600.0, -3600.0, 0.0, 0.0):
        await senders.tick(clock)
    await senders.start("a")
    hall.now = datetime.now(UTC)
    at = hall.now + timedelta(seconds=6)
    async with hall.database.write() as db:
        made = await broadcasts.compose(db, "Hội thảo", "Mời {ten}.", EVERYBODY, LAN.name, hall.now)
        await broadcasts.ask_approval(db, made.id, 10, at, "")
    waiting = await hall.held(made.id)

    async def approve() -> int:
        async with hall.database.write() as db:
            return await making.approve(hall.office, db, waiting, HUNG, hall.now)

    both = await asyncio.gather(approve(), approve(), return_exceptions=True)
    assert sum(isinstance(one, making.Impossible) for one in both) == 1, "approved once, whoever presses at once"
    while datetime.now(UTC) < at - timedelta(seconds=0.5):
        held, early = await hall.held(made.id), datetime.now(UTC) < at
        assert held.state is BroadcastState.SCHEDULED or not early
        await asyncio.sleep(0.2)
    await hall.until(lambda found: found["waiting"] < 10, made.id)
    async with hall.database.write() as db:  # the senders' business time is another than ours
        await db.execute(update(outbox).where(outbox.c.broadcast_id == made.id).values(run_at=NOW))
    assert await hall.until_done(made.id) == {"sent": 10}
    assert set(hall.copies().values()) == {1} and len(hall.copies()) == 10
    async with hall.database.read() as db:
        assert (await db.execute(select(due.c.outcome).where(due.c.kind == "broadcast"))).scalars().all() == ["begun"]


@pytest.mark.postgres
async def test_postgresql_goes_away(postgres: str, emulator: Emulator) -> None:
    """The server throws everybody out and lets nobody in: nothing leaves; afterwards everybody gets it once."""
    url = new_database(postgres)
    name = make_url(url).database
    database = Database(url)
    await migrate(database)
    hall = Hall(database, emulator)
    senders = Senders(hall)
    try:
        await hall.open(50)
        sent = await hall.send()
        await senders.start("a")
        await hall.until(lambda found: found["sent"] >= 10, sent.id)
        with psycopg.connect(postgres, autocommit=True) as admin:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            await asyncio.sleep(1.0)  # what was written already arrives
            told = hall.copies().total()
            await asyncio.sleep(3.0)
            assert hall.copies().total() == told, "no message without its row"
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await database.engine.dispose()
        states = await hall.until_done(sent.id, 120)
        assert states.total() == 50 and set(states) <= {"sent", "unknown"} and max(hall.copies().values()) == 1
        assert states["unknown"] <= FLYING and len(hall.copies()) >= states["sent"]
    finally:
        senders.end()
        await database.close()


@pytest.mark.parametrize("seconds", [2.0])
async def test_the_database_is_away(tmp_path: Path, emulator: Emulator, seconds: float) -> None:
    """While nobody can write (the file is locked), nothing leaves: no message without its row saying so."""
    database = Database(f"sqlite:///{tmp_path}/hall.db")
    await migrate(database)
    hall = Hall(database, emulator)
    senders = Senders(hall)
    try:
        await hall.open(50)
        sent = await hall.send()
        await senders.start("a")
        await hall.until(lambda found: found["sent"] >= 10, sent.id)
        with contextlib.closing(sqlite3.connect(tmp_path / "hall.db", isolation_level=None, timeout=15)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.5)
            told = hall.copies().total()
            await asyncio.sleep(seconds)
            assert hall.copies().total() <= told
            lock.execute("ROLLBACK")
        assert await hall.until_done(sent.id) == {"sent": 50}
        assert set(hall.copies().values()) == {1}
    finally:
        senders.end()
        await database.close()
        shutil.rmtree(tmp_path, ignore_errors=True)
