"""A process that does what is due, by a clock that may be wrong: python -m tests.bot.ticker URL SECONDS-AHEAD."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bot.clock import clock_agrees, run_due
from storage.database import Database


async def main(url: str, ahead: float) -> None:
    database, office = Database(url), SimpleNamespace()
    print("ready", flush=True)
    while True:
        now = datetime.now(UTC) + timedelta(seconds=ahead)
        if await clock_agrees(database, now):
            await run_due(database, _any(office), now)
        await asyncio.sleep(0.1)


def _any(office: object) -> Any:
    """The acts of this test ask nothing of an office."""
    return office


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
