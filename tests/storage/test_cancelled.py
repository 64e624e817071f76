"""Tasks that are cancelled in the middle of a transaction, at any moment, keep no lock."""

import asyncio
import gc
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from storage.database import Database

ROUNDS = 200


@pytest.fixture
def no_collector() -> Iterator[None]:
    """The garbage is not collected: locks must not end by luck."""
    gc.disable()
    yield
    gc.enable()


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/x.db")
    async with made.write() as db:
        await db.execute(text("CREATE TABLE told (name TEXT PRIMARY KEY)"))
    yield made
    await made.close()


async def tell(database: Database, name: str) -> None:
    async with database.write() as db:
        for number in range(4):
            await db.execute(text("INSERT INTO told VALUES (:name)"), {"name": f"{name}-{number}"})
            await db.execute(text("SELECT * FROM told LIMIT 3"))


@pytest.mark.asyncio
async def test_a_cancelled_writer_lets_the_next_one_write_at_once(database: Database, no_collector: None) -> None:
    chance = random.Random(1)
    kept = []
    for round_number in range(ROUNDS):
        tasks = [asyncio.ensure_future(tell(database, f"{round_number}{which}")) for which in "ab"]
        await asyncio.sleep(chance.uniform(0, 0.012))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        kept.append(tasks)
        await asyncio.wait_for(tell(database, f"{round_number}c"), 10)
    async with database.read() as db:
        whole = (await db.execute(text("SELECT count(*) FROM told WHERE name LIKE '%c-%'"))).scalar_one()
        parts = await db.execute(
            text("SELECT substr(name, 1, instr(name, '-')) FROM told GROUP BY 1 HAVING count(*) <> 4")
        )
        assert whole == 4 * ROUNDS and parts.all() == [], "all of a transaction or nothing"
