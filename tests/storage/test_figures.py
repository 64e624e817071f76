"""Figures of open work, the same on both kinds of database."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.wiring import System
from storage import work
from storage.tables import need, person
from storage.work import Counted

NOW = datetime(2026, 12, 7, 1, tzinfo=UTC)


@pytest.mark.asyncio
async def test_kinds_of_need_that_many_ask_for(system: System) -> None:
    """Standing needs of the last sixty days, each counted once for each process it names."""
    rows = [
        *[("open", 1, ["sấy"])] * 6,
        *[("submitted", 30, ["sấy", "sấy", "đóng gói"])] * 2,
        *[("open", 61, ["sấy"])] * 5,
        *[("closed", 1, ["đóng gói"])] * 9,
        *[("open", 2, None)] * 9,
    ]
    async with system.database.write() as db:
        owner = (await db.execute(person.insert().values(created_at=NOW).returning(person.c.id))).scalar_one()
        for number, (state, days, processes) in enumerate(rows):
            values = {"code": f"T-{number}", "person_id": owner, "state": state, "text": "mẫu", "channel": "web"}
            fields = {"wish": {"value": processes, "words": "máy"}}
            at = NOW - timedelta(days=days)
            await db.execute(need.insert().values(**values, fields=fields, created_at=at, submitted_at=at))
    async with system.database.read() as db:
        assert await work.alike(db, NOW) == [Counted("sấy", 8)]
        figures = await work.figures(db, 1, NOW)
        assert (figures.new_needs, figures.mine, figures.waiting) == (2, 0, 0)
