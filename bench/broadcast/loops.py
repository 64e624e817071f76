"""One send loop in a process of its own: python -m bench.broadcast.loops KIND TOKEN BASE FILE; prints sends and CPU.

KIND is ours, aiogram or ptb; FILE holds the chats, one a line, for ours the address of a database with two broadcasts.
The first FIRST messages are counted apart: there connections are opened, code is loaded, statements are put together,
which a service does once in its life. The rest is what each message costs."""

import asyncio
import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

STOP = "Dừng nhận tin"  # the button that hangs under each of our messages to many
TEXT = "Kính mời anh/chị dự hội thảo giải pháp sấy nông sản ngày 16/12."
FLYING = 200  # sends under way at a time, the same for all
FIRST = 500  # messages that are counted apart
Cost = tuple[int, float]  # (messages sent, seconds of processor time)


def cpu() -> float:
    """Seconds of processor time this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def read_chats(file: str) -> list[str]:
    return Path(file).read_text().split()


async def in_parallel(chats: list[str], send: Any) -> tuple[Cost, Cost]:
    """What the first cost and what the rest cost."""
    gate = asyncio.Semaphore(FLYING)

    async def one(chat: str) -> None:
        async with gate:
            await send(chat)

    found = []
    for part in (chats[:FIRST], chats[FIRST:]):
        began = cpu()
        await asyncio.gather(*map(one, part))
        found.append((len(part), cpu() - began))
    return found[0], found[1]


async def aiogram(token: str, base: str, file: str) -> tuple[Cost, Cost]:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

    under = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=STOP, callback_data="stop")]])
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(base), limit=FLYING))
    chats = read_chats(file)
    found = await in_parallel(chats, lambda chat: bot.send_message(int(chat), TEXT, reply_markup=under))
    await bot.session.close()
    return found


async def ptb(token: str, base: str, file: str) -> tuple[Cost, Cost]:
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
    from telegram.request import HTTPXRequest

    under = InlineKeyboardMarkup([[InlineKeyboardButton(STOP, callback_data="stop")]])
    patient = {f"{what}_timeout": 120.0 for what in ("read", "write", "connect", "pool")}  # the machine may be busy
    request = HTTPXRequest(connection_pool_size=FLYING, **patient)
    bot = Bot(token, base_url=f"{base}/bot", request=request)
    chats = read_chats(file)
    async with bot:
        return await in_parallel(chats, lambda chat: bot.send_message(int(chat), TEXT, reply_markup=under))


async def ours(token: str, base: str, url: str) -> tuple[Cost, Cost]:
    from sqlalchemy import func, select

    from bot.channels.telegram import TelegramChannel
    from bot.deliver import Deliverer
    from domain.worktime import WorkTime
    from storage import broadcasts
    from storage.database import Database
    from storage.tables import outbox
    from tests.bot.hall import NOW

    database = Database(url)
    channel = TelegramChannel(token, base)
    channel.rate = None
    deliverer = Deliverer(database, [channel], WorkTime(), "bench")
    await deliverer.begin()
    awake = asyncio.Event()
    found = []
    for number in (1, 2):
        async with database.write() as db:
            await broadcasts.begin(db, number)
        began, under_way = cpu(), True
        while await deliverer.step(NOW, awake.set) or under_way:
            under_way = deliverer.flying > 0
            with suppress(TimeoutError):  # as the loop of the service
                await asyncio.wait_for(awake.wait(), deliverer.rest or 0.5)
            awake.clear()
        used = cpu() - began
        async with database.read() as db:
            mine = (outbox.c.state == "sent", outbox.c.broadcast_id == number)
            sent = (await db.execute(select(func.count()).select_from(outbox).where(*mine))).scalar_one()
        found.append((int(sent), used))
    await channel.close()
    await database.close()
    return found[0], found[1]


def main() -> None:
    kind, token, base, file = sys.argv[1:5]
    loop = {"ours": ours, "aiogram": aiogram, "ptb": ptb}[kind]
    (first, start), (sent, used) = asyncio.run(loop(token, base, file))
    told = {"kind": kind, "first": first, "first_cpu": round(start, 3), "sent": sent, "cpu": round(used, 3)}
    print(json.dumps({**told, "per_cpu_second": round(sent / used, 1)}))


if __name__ == "__main__":
    main()
