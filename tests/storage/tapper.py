"""One process of people who all tap “Đăng ký” at once: python -m tests.storage.tapper URL FIRST LAST."""

import asyncio
import sys
from datetime import UTC, datetime

from storage import seats
from storage.database import Database

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


async def main(url: str, first: int, last: int) -> None:
    database = Database(url)

    async def tap(person_id: int) -> None:
        async with database.write() as db:
            await seats.register(db, "E1", person_id, 1 + person_id % 3, NOW)

    await asyncio.gather(*(tap(one) for one in range(first, last + 1)))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
