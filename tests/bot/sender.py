"""A sender as a process of its own: python -m tests.bot.sender URL NAME TOKEN BASE RATE LEASE CLOCK [AHEAD].

CLOCK: a file that says how many seconds business time is from the machine's clock, read anew at each step. AHEAD: so many
seconds the clock of its machine is wrong, which is the clock of SQLite as well.

It runs the deliverer of the system and nothing else, so it starts fast and can be killed or stopped at will."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.channels.telegram import TelegramChannel
from bot.deliver import Deliverer
from domain.worktime import WorkTime
from storage import claims
from storage.database import Database


async def main(
    url: str, name: str, token: str, base: str, clock: str, rate: float, lease: float, ahead: float = 0.0
) -> None:
    claims.LEASE_SECONDS, claims.GRACE = lease, lease / 10
    if ahead and url.startswith("sqlite"):
        right = claims.database_clock
        claims.database_clock = lambda db: right(db) + ahead  # type: ignore[assignment,misc]
    channel = TelegramChannel(token, base)
    channel.rate = rate
    deliverer = Deliverer(Database(url), [channel], WorkTime(), name)
    await deliverer.begin()
    print("ready", flush=True)
    awake = asyncio.Event()
    while True:
        try:
            shift = timedelta(seconds=float(Path(clock).read_text()))
            await deliverer.step(datetime.now(UTC) + shift, awake.set)
        except Exception as error:  # as the loop of the system: it outlives any one failure
            print(type(error).__name__, file=sys.stderr, flush=True)
            await asyncio.sleep(1.0)
        try:
            await asyncio.wait_for(awake.wait(), deliverer.rest or 0.1)
        except TimeoutError:
            continue
        awake.clear()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:6], *(float(one) for one in sys.argv[6:])))  # type: ignore[call-arg]
