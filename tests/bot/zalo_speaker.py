"""A process that asks the Official Account again and again, for the race for its tokens: `python -m tests.bot.zalo_speaker URL TIMES`."""

import asyncio
import sys

from bot.channels.zalo.line import ZaloLine
from config.settings import Settings
from storage.database import Database


async def main(url: str, times: int) -> None:
    """Asks so many times; a line for each answer."""
    database = Database(url)
    line = ZaloLine(Settings(), database)
    try:
        for _ in range(times):
            account = await line.api.get("/v2.0/oa/getoa")
            print(account["oaid"], flush=True)
            await asyncio.sleep(0.02)
    finally:
        await line.close()
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
