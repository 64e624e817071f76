"""S21: the power fails in the middle of everything, again and again: a form, a seat, a message to many, an old button."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.event import Event
from storage import catalogue
from storage.database import Database
from tests.bot.conftest import Running, begin, end
from tests.bot.hall import Hall
from tests.platform.phone import Phone
from tests.warm import Nursery

CROWD = 60
PATIENCE = 180.0  # seconds: how slow a crowded machine may be, not what is proved
MOST_FLYING = 40  # rows that one process may hold at once
WORDS = "Mời {ten} dự hội thảo mẫu."


def in_database(running: Running, act: Callable[[Hall], Awaitable[Any]]) -> Any:
    """Does something in the system's database beside it."""

    async def one() -> Any:
        database = Database(f"sqlite:///{running.server.file}")
        hall = Hall(database, running.emulator)
        hall.now = datetime.now(UTC)
        try:
            return await act(hall)
        finally:
            await database.close()

    return asyncio.run(one())


def hears(phone: Phone, part: str) -> dict[str, Any]:
    """The next line with these words; second copies and invitations are passed over."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            line = phone.hear(2)
        except AssertionError:
            continue
        if part in line["text"]:
            return line
    raise AssertionError(f"{phone.name} never hears “{part}”")


async def lay_out(hall: Hall) -> None:
    await hall.open(CROWD)
    event = Event("HTMAU", "Hội thảo mẫu", hall.now + timedelta(days=9), place="Hội trường mẫu", seats=60)
    async with hall.database.write() as db:
        await catalogue.write_event(db, event, "nhipcau")


async def write_to_many(hall: Hall) -> int:
    return (await hall.send(WORDS, urgent="diễn tập")).id


@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=pytest.mark.long)])
def test_nothing_is_lost_and_nothing_comes_twice(nursery: Nursery, tmp_path: Path, kills: int) -> None:
    running = begin(nursery, tmp_path, "polling", speed=10.0)
    chance = random.Random(kills)
    try:
        running.emulator.limits(on=False)
        in_database(running, lay_out)
        mai, tai = running.emulator.person("Mai"), running.emulator.person("Tài")
        mai.say("nhà em làm hoa hồi hay bị mốc, cần máy sấy, 100 tấn/năm")
        hears(mai, "?")
        tai.say("có hội thảo nào sắp tới không")
        hears(tai, "Hội thảo mẫu")
        tai.say("1")
        card = hears(tai, "Hội trường mẫu")
        running.emulator.fault("delay", "sendMessage", times=None, seconds=0.1)
        sent = in_database(running, write_to_many)
        answered = []
        for number in range(1, kills + 1):
            mai.say(f"sửa 3 thành {100 + number} tấn/năm")
            if number == 2:
                tai.press("Đăng ký tham dự", card["id"])  # a button from before the first crash
            time.sleep(chance.uniform(0.05, 1.0))
            running.server.kill()
            running.server.spawn()
            began = time.monotonic()
            hears(mai, f"{100 + number} tấn/năm")
            answered.append(round(time.monotonic() - began, 1))
        hears(tai, "giữ 1 chỗ")
        running.emulator.clear()
        until = time.monotonic() + PATIENCE
        open_rows = "SELECT count(*) FROM outbox WHERE broadcast_id = ? AND state IN ('waiting', 'retry_at', 'sending')"
        while running.rows(open_rows, sent) != [(0,)]:
            assert time.monotonic() < until, running.rows("SELECT state, count(*) FROM outbox GROUP BY 1")
            time.sleep(0.2)
        states = Counter(
            dict(running.rows("SELECT state, count(*) FROM outbox WHERE broadcast_id = ? GROUP BY 1", sent))
        )
        assert states["sent"] + states["unknown"] == CROWD, states
        assert states.total() == CROWD + 2 and states["skipped"] == 2, "Mai and Tài have asked for no news"
        copies = Counter(
            entry["chat_id"] for entry in running.emulator.ledger(what="message") if "dự hội thảo mẫu" in entry["text"]
        )
        assert max(copies.values()) == 1, "nobody gets it twice by itself"
        assert states["unknown"] <= kills * MOST_FLYING and len(copies) >= states["sent"]
        assert running.rows("SELECT heads FROM registration") == [(1,)]
        assert running.rows("SELECT taken FROM event WHERE id = 'HTMAU'") == [(1,)]
        assert running.rows("SELECT count(*) FROM inbox WHERE state <> 'handled'") == [(0,)]
        told = [row[0] for row in running.rows("SELECT reason FROM audit WHERE noun = 'system' AND verb = 'restart'")]
        assert sum(int(line.split()[0]) for line in told) == states["unknown"], "officers are told of each of them"
        print(kills, "kills:", dict(states), "answers after", answered, "told", told)
    finally:
        end(running)
