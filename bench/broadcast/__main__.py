"""Messages to many, measured: python -m bench.broadcast [--people 5000] [--loops 5000] [--kinds aiogram,ours,ptb] [--sizes 1000,10000,100000].

With limits on: pace, busiest second, refusals, how long answers take beside it. With limits off: sends for each second
of processor time beside the send loops of aiogram and python-telegram-bot. Then the one statement that writes everybody."""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import event, insert

from bench.broadcast.loops import FIRST, TEXT
from conversation.reply import Reply
from domain.broadcast import BroadcastState
from domain.notice import Kind
from domain.segment import EVERYBODY
from domain.segment import people as exactly
from storage import broadcasts, outbox
from storage.database import Database
from storage.migrate import migrate
from storage.tables import address, consent, conversation, person
from tests.bot.hall import NOW, Hall, Worker
from tests.platform.running import Emulator
from tests.platform.world import busiest

ANSWERS_EVERY = 0.7  # seconds between two answers beside the broadcast


class Work:
    """What a database is asked: how many statements, how many seconds of them."""

    def __init__(self, database: Database) -> None:
        self.begin()
        event.listen(database.engine.sync_engine, "before_cursor_execute", self._before)
        event.listen(database.engine.sync_engine, "after_cursor_execute", self._after)

    def begin(self) -> None:
        """What was before does not count."""
        self.statements, self.seconds, self._since = 0, 0.0, 0.0

    def _before(self, *_: Any) -> None:
        self.statements += 1
        self._since = time.perf_counter()

    def _after(self, *_: Any) -> None:
        self.seconds += time.perf_counter() - self._since


async def paced(folder: Path, people: int) -> dict[str, Any]:
    """Limits on: one sender at 25 a second, answers beside it."""
    emulator = Emulator()
    database = Database(f"sqlite:///{folder}/paced.db")
    await migrate(database)
    work = Work(database)
    hall = await Hall(database, emulator).open(people)
    sent = await hall.send()
    work.begin()
    worker = Worker(hall, "a", rate=25.0)
    await worker.begin()
    asked: dict[int, float] = {}
    number = 0
    while True:
        states = await hall.states(sent.id)
        if not any(states[name] for name in ("waiting", "retry_at", "sending")):
            break
        who = (number * 7919) % people
        async with database.write() as db:
            words = Reply(f"Trả lời số {number}.")
            await outbox.put(db, Kind.REPLY, hall.people[who], words, f"bench:{number}", hall.now, hall.now)
        asked[number] = emulator.platforms.world.clock.now()
        number += 1
        await asyncio.sleep(ANSWERS_EVERY)
        hall.now += timedelta(seconds=ANSWERS_EVERY)  # what is tried again later comes due
    await asyncio.sleep(1)
    await worker.leave()
    entries = [one for one in emulator.platforms.world.ledger.entries if one["what"] == "message"]
    many = sorted(one["at"] for one in entries if one["text"].startswith("Mời"))
    waits = []
    for one in entries:
        if one["text"].startswith("Trả lời số"):
            waits.append(one["at"] - asked[int(one["text"].split()[-1].rstrip("."))])
    limiter = emulator.platforms.telegram.bots[emulator.token].limiter
    found = {
        "people": people,
        "broadcast_per_second": round((len(many) - 1) / (many[-1] - many[0]), 2),
        "busiest_second": busiest(one["at"] for one in entries),
        "refused_429": limiter.refused,
        "answers": len(waits),
        "answer_p50_ms": round(1000 * median(waits)),
        "answer_p95_ms": round(1000 * quantiles(waits, n=20)[-1]),
        "copies_at_most": max(hall.copies("Mời").values()),
        "statements_per_message": round(work.statements / people, 1),
        "database_ms_per_message": round(1000 * work.seconds / people, 2),
    }
    emulator.close()
    await database.close()
    return found


def listed(file: Path, chats: list[int]) -> str:
    """The chats in a file, one a line; its path."""
    file.write_text("\n".join(map(str, chats)))
    return str(file)


async def loops(folder: Path, people: int, kinds: list[str]) -> list[dict[str, Any]]:
    """Limits off: three send loops, each in a process of its own, in turn, twice; the better run of each counts."""
    best: dict[str, dict[str, Any]] = {}
    for run in range(2):
        for kind in kinds:
            emulator = Emulator()
            emulator.platforms.telegram.bots[emulator.token].limiter.on = False
            database = Database(f"sqlite:///{folder}/{kind}{run}.db")
            await migrate(database)
            hall = await Hall(database, emulator).open(people)
            where = listed(folder / f"{kind}{run}.chats", hall.chats)
            if kind == "ours":
                parts = (hall.people[:FIRST], hall.people[FIRST:])
                for number, part in enumerate(parts, 1):
                    made = await hall.send(TEXT, exactly(part))
                    assert made.id == number
                    await hall.set_broadcast(number, state=BroadcastState.SCHEDULED.value)
                where = f"sqlite:///{folder}/{kind}{run}.db"
            await database.close()
            command = [sys.executable, "-m", "bench.broadcast.loops", kind, emulator.token, emulator.base, where]
            done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
            emulator.close()
            if found["per_cpu_second"] > best.get(kind, {"per_cpu_second": 0})["per_cpu_second"]:
                best[kind] = found
    return list(best.values())


async def enqueue(folder: Path, people: int) -> dict[str, Any]:
    """The one statement that writes a row for everybody."""
    database = Database(f"sqlite:///{folder}/size{people}.db")
    await migrate(database)
    async with database.write() as db:
        await db.execute(insert(person), [{"name": f"K{n}", "alert": "now", "created_at": NOW} for n in range(people)])
        rows = [
            {"person_id": n, "channel": "telegram", "account": "", "external_id": str(n), "seen_at": NOW}
            for n in range(1, people + 1)
        ]
        await db.execute(insert(address), rows)
        talks = [{"person_id": n, "address_id": n, "data": {}, "updated_at": NOW} for n in range(1, people + 1)]
        await db.execute(insert(conversation), talks)
        wishes = [{"person_id": n, "purpose": "news", "wording": "1", "given_at": NOW} for n in range(1, people + 1)]
        await db.execute(insert(consent), wishes)
        held = await broadcasts.compose(db, "T", "Mời {ten}.", EVERYBODY, "Lan", NOW)
        assert held.state is BroadcastState.DRAFT
    began = time.perf_counter()
    async with database.write() as db:
        count = await broadcasts.approve(db, held, "Hùng", [], NOW)
    took = time.perf_counter() - began
    began = time.perf_counter()
    async with database.read() as db:
        total = (await broadcasts.ledger(db, held.id, NOW)).total
    counted = time.perf_counter() - began
    await database.close()
    assert count == total == people
    return {
        "people": people,
        "seconds": round(took, 2),
        "per_second": round(people / took),
        "ledger_ms": round(1000 * counted),
    }


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--loops", type=int, default=5000)
    parser.add_argument("--kinds", default="aiogram,ours,ptb")
    parser.add_argument("--sizes", default="1000,10000,100000")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nhipcau-bench-") as name:
        folder = Path(name)
        for size in (int(one) for one in given.sizes.split(",") if one):
            print("enqueue", json.dumps(await enqueue(folder, size)), flush=True)
        if given.loops:
            for found in await loops(folder, given.loops, given.kinds.split(",")):
                print("limits off", json.dumps(found), flush=True)
        if given.people:
            print("limits on", json.dumps(await paced(folder, given.people)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
