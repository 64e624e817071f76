"""While another program floods the shared database, every fitting pair is noted, none is told twice."""

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.watch import handle_changes
from bot.wiring import System
from domain.person import Alert
from handlers.words import wanted
from knowledge.library import load
from matching.engine import Matcher
from storage import catalogue, needs, people
from storage.tables import change_log, match, outbox

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)  # 10:00 in Việt Nam
OFFERS, PEOPLE = 60, 24
GOODS = (("hoa hồi", "sấy"), ("na", "bảo quản lạnh"), ("măng", "đóng gói"), ("chè", "sấy"))
FLOOD = """
import random, sys, time
url, offers = sys.argv[1], int(sys.argv[2])
goods = (("hoa hồi", "sấy"), ("na", "bảo quản lạnh"), ("măng", "đóng gói"), ("chè", "sấy"))
if url.startswith("postgresql"):
    import psycopg
    db, mark, autocommit = psycopg.connect(url, autocommit=True), "%s", True
else:
    import sqlite3
    db, mark = sqlite3.connect(url, timeout=60, isolation_level=None), "?"
pick = random.Random(5)
columns = "id, title, summary, products, processes, price_min_million_vnd, capacity_min, capacity_max, capacity_unit, state, written_by"
def run(statement, *values):
    db.execute(statement.replace("?", mark), values)
for number in range(offers):
    product, process = goods[number % len(goods)]
    title = f"Máy {process} {product} số {number}"
    run(f"INSERT INTO offer ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'verified', 'nhipcau')", f"F{number:03d}", title,
        f"{process} {product}", f'["{product}"]', f'["{process}"]', 100.0, 300.0, 500.0, "kg/mẻ")
    if pick.random() < 0.5:
        run("UPDATE offer SET summary = ? WHERE id = ?", f"{process} {product}, bản mới", f"F{pick.randrange(number + 1):03d}")
    if pick.random() < 0.1:
        run("UPDATE offer SET state = 'paused' WHERE id = ?", f"F{number:03d}")
        run("UPDATE offer SET state = 'verified' WHERE id = ?", f"F{number:03d}")
    time.sleep(pick.random() * 0.02)
"""


async def arrive(system: System, number: int) -> None:
    """A person who wants to hear at once, with one need."""
    product, process = GOODS[number % len(GOODS)]
    fields = {
        "product": {"value": [product], "words": product},
        "wish": {"value": [process], "words": process},
        "scale": {"value": {"value": 400, "unit": "kg", "per": "mẻ"}, "words": "400 kg/mẻ"},
    }
    async with system.database.write() as db:
        who = await people.arrive(db, "terminal", "", f"p{number}", NOW)
        await people.choose_alert(db, who.person_id, Alert.NOW)
        await needs.submit(db, who.person_id, f"cần máy {process} {product}", "", fields, "terminal", NOW, NOW)


@pytest.mark.asyncio
async def test_each_pair_once_and_none_missed(system: System, tmp_path: Path) -> None:
    for number in range(PEOPLE // 2):
        await arrive(system, number)
    script = tmp_path / "flood.py"
    script.write_text(FLOOD, encoding="utf-8")
    url = system.database.url
    target = (
        str(system.database.file)
        if system.database.sqlite
        else url.set(drivername="postgresql").render_as_string(False)
    )
    flood = await asyncio.create_subprocess_exec(sys.executable, str(script), target, str(OFFERS))
    late = PEOPLE // 2
    while flood.returncode is None:
        await handle_changes(system.database, system.office, NOW)
        if late < PEOPLE:
            await arrive(system, late)  # needs come in between
            late += 1
        await asyncio.sleep(0.01)
        if flood.returncode is None:
            try:
                await asyncio.wait_for(asyncio.shield(flood.wait()), 0.01)
            except TimeoutError:
                pass
    assert flood.returncode == 0
    while late < PEOPLE:
        await arrive(system, late)
        late += 1
    await handle_changes(system.database, system.office, NOW)
    await check(system)


async def check(system: System) -> None:
    """Against a matcher that reads the end state at leisure."""
    async with system.database.read() as db:
        offers = {offer.id: offer for offer in await catalogue.offers(db, NOW) if offer.id.startswith("F")}
        standing = await needs.listening(db)
        noted = Counter((row.need_id, row.offer_id) for row in (await db.execute(select(match))).all())
        told = Counter(row.dedupe_key for row in (await db.execute(select(outbox))).all())
        left = (await db.execute(select(change_log).where(change_log.c.done_at.is_(None)))).all()
    assert (len(offers), len(standing), left) == (OFFERS, PEOPLE, [])
    fresh: Matcher[int] = Matcher(load())
    fresh.load(offers.values())
    fitting = 0
    for row in standing:
        want = wanted(row.need.text, row.need.fields)
        for offer in offers.values():
            found = fresh.explain(want, offer)
            key = f"offer:{offer.id}:{row.need.person_id}"
            assert told[key] <= 1
            if found.shown:
                fitting += 1
                assert noted[row.need.id, offer.id] == 1, f"{row.need.code} and {offer.id} were missed"
                assert not found.strong or told[key] == 1, f"{row.need.code} was not told of {offer.id}"
    assert fitting >= OFFERS * PEOPLE // len(GOODS)
