"""The pace of a channel: a burst of one is one, whatever the rate and however late it is in the century."""

import pytest

from storage.database import Database
from storage.migrate import migrate
from storage.pace import Bound, DatabasePace


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
