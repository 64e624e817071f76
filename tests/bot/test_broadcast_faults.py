"""Random faults, stops and deaths of senders, seed by seed: what must hold of every message to many."""

import asyncio
import os
import random
import shutil
import time
import traceback
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import update

from domain.broadcast import BroadcastState
from domain.person import Alert
from storage import broadcasts, people
from storage.database import Database
from storage.migrate import migrate
from storage.tables import address, outbox
from tests.bot.hall import Hall, Worker
from tests.conftest import new_database
from tests.platform.running import Emulator
from tests.platform.world import busiest

PEOPLE = 24
LIMIT = 30  # messages a second that Telegram bears
FLYING = 10  # rows that one worker may have claimed at once
SEEDS = int(os.environ.get("NHIPCAU_SEEDS", "200"))
HANGS = 300.0  # seconds after which a seed is said to hang
FAULTS = (
    {"verb": "deliver_then_drop", "times": 2},
    {"verb": "drop_before", "times": 2},
    {"verb": "deliver_then_error", "times": 1},
    {"verb": "deliver_then_hang", "times": 2, "seconds": 20},
    {"verb": "delay", "times": 6, "seconds": 0.15},
    {"verb": "error", "times": 1, "code": 429, "description": "Too Many Requests: retry after 1", "retry_after": 1},
    {"verb": "error", "times": 2, "code": 500, "description": "Internal Server Error"},
)


async def trouble(hall: Hall, chance: random.Random, sent: int, workers: dict[str, Worker]) -> dict[str, float]:
    """Things go wrong for a while; what was done that the invariants must know."""
    done: dict[str, float] = {"kills": 0, "boot": 0}
    open_to_us = list(hall.chats)  # who has not blocked the bot: nobody can do so twice
    for _ in range(chance.randint(2, 5)):
        await asyncio.sleep(chance.uniform(0.02, 0.25))
        kind = chance.choice(("fault", "fault", "kill", "wait", "block", "leave", "leases"))
        if kind == "fault":
            fault = dict(chance.choice(FAULTS))
            hall.emulator.platforms.faults.put(str(fault.pop("verb")), ["sendMessage"], **fault)
        elif kind == "kill":
            name = chance.choice(list(workers))
            await workers.pop(name).die()
            done["kills"] += 1
            done["boot"] += 1
            again = name if chance.random() < 0.5 else f"{name}{int(done['boot'])}"
            workers[again] = await Worker(hall, again, workers_rate(chance)).begin()
        elif kind == "block":
            blocks = open_to_us.pop(chance.randrange(len(open_to_us)))
            await asyncio.to_thread(hall.emulator.ask, "POST", f"people/{blocks}/block", {})
        elif kind == "leave":
            async with hall.database.write() as db:
                await people.choose_alert(db, chance.choice(hall.people), Alert.OFF)
        elif kind == "leases":  # of workers that are dead by now
            alive = [worker.deliverer.who for worker in workers.values()]
            async with hall.database.write() as db:
                lost = outbox.c.lease_until.is_not(None) & outbox.c.worker.not_in(alive)
                await db.execute(update(outbox).where(lost).values(lease_until=1.0))
        states = await hall.states(sent)
        assert states.total() == PEOPLE, ("I1", states)
    return done


def left(hall: Hall) -> int:
    """How many messages have left for the platform, delivered or not: one that is held up there has left already."""
    return len(hall.emulator.calls("sendMessage"))


def workers_rate(chance: random.Random) -> float:
    return chance.choice((25.0, 1000.0))


async def play(hall: Hall, seed: int) -> None:
    """One seed: a broadcast, trouble, perhaps a stop with a going on; then everything is looked at."""
    chance = random.Random(seed)
    await hall.open(PEOPLE)
    must = chance.random() < 0.3
    sent = await hall.send("Mời {ten}.", must_deliver=must)
    hall.emulator.platforms.telegram.bots[hall.emulator.token].limiter.on = seed % 2 == 0
    slow = seed % 2 == 0
    workers = {}
    for name in ("a", "b", "c")[: chance.randint(1, 3)]:
        workers[name] = await Worker(hall, name, 25.0 if slow else 1000.0).begin()
    done = await trouble(hall, chance, sent.id, workers)
    if chance.random() < 0.4:  # stopped, and nothing more leaves but one for each worker
        async with hall.database.write() as db:
            stopped = await broadcasts.stop(db, sent.id, "thử")
        told = left(hall)
        await asyncio.sleep(0.4)
        one_each = (
            len(workers) if all(worker.channel.rate == 25.0 for worker in workers.values()) else FLYING * len(workers)
        )
        assert left(hall) <= told + one_each, "I5"
        if stopped:
            async with hall.database.write() as db:
                await broadcasts.go_on(db, sent.id)
    hall.emulator.clear()
    dead = [worker.deliverer.who for worker in workers.values()]
    async with hall.database.write() as db:
        lost = outbox.c.lease_until.is_not(None) & outbox.c.worker.not_in(dead)
        await db.execute(update(outbox).where(lost).values(lease_until=1.0))
    if (await hall.held(sent.id)).state is BroadcastState.PAUSED:
        async with hall.database.write() as db:
            await broadcasts.go_on(db, sent.id)
    began = time.monotonic()
    states = await hall.until_done(sent.id, 60)
    assert time.monotonic() - began < 60, "I6"
    for worker in workers.values():
        await worker.leave()
    await look(hall, sent.id, must, int(done["kills"]), states, slow)


async def look(hall: Hall, sent: int, must: bool, kills: int, states: Counter[str], slow: bool) -> None:
    """The invariants that hold at the end."""
    assert states.total() == PEOPLE and set(states) <= {"sent", "skipped", "unknown", "failed"}, ("I1", states)
    copies = hall.copies()
    if must:
        assert copies.total() - len(copies) <= kills * FLYING + 12, ("I3", copies)
    else:
        assert max(copies.values(), default=0) <= 1, ("I2", copies)
    async with hall.database.read() as db:
        rows = (await db.execute(outbox.select().join(address, address.c.person_id == outbox.c.person_id)
                                 .add_columns(address.c.external_id))).all()  # fmt: skip
    for row in rows:
        heard = copies[int(row.external_id)]
        if row.state == "sent":
            assert heard >= 1, "sent means that it arrived"
        elif row.state in ("skipped", "failed"):
            assert heard == 0, ("nobody is left out who has it", row.reason)
    if slow:
        entries = [entry for entry in hall.emulator.platforms.world.ledger.entries if entry["what"] == "message"]
        assert busiest(entry["at"] for entry in entries) <= LIMIT, "I4"


def run(seed: int, url: str, emulator: Emulator) -> None:
    async def one() -> None:
        database = Database(url)
        await migrate(database)
        try:
            await play(Hall(database, emulator), seed)
        finally:
            await database.close()

    asyncio.run(asyncio.wait_for(one(), HANGS))


@pytest.mark.parametrize("seed", range(4))
def test_a_few_seeds(blank: Path, tmp_path: Path, emulator: Emulator, seed: int) -> None:
    shutil.copy(blank, tmp_path / "hall.db")
    run(seed, f"sqlite:///{tmp_path}/hall.db", emulator)


@pytest.mark.postgres
@pytest.mark.parametrize("seed", [1, 2])
def test_a_few_seeds_on_postgresql(postgres: str, emulator: Emulator, seed: int) -> None:
    run(seed, new_database(postgres), emulator)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_many_seeds(request: pytest.FixtureRequest, blank: Path, tmp_path: Path, kind: str) -> None:
    """NHIPCAU_SEEDS says how many; a failing seed is named."""
    failed, longest = [], (0.0, -1)
    for seed in range(SEEDS):
        began = time.monotonic()
        if kind == "sqlite":
            shutil.copy(blank, tmp_path / f"{seed}.db")
            url = f"sqlite:///{tmp_path}/{seed}.db"
        else:
            url = new_database(request.getfixturevalue("postgres"))
        emulator = Emulator()
        try:
            run(seed, url, emulator)
        except Exception as error:
            failed.append((seed, f"{type(error).__name__}: {error}"[:300]))
            print("seed", seed, flush=True)
            traceback.print_exc()
        finally:
            emulator.close()
            longest = max(longest, (time.monotonic() - began, seed))
        (tmp_path / f"{seed}.db").unlink(missing_ok=True)
    print(f"{SEEDS} seeds, {len(failed)} failed; the longest took {longest[0]:.0f} s: seed {longest[1]}")
    assert not failed, failed
