"""One send loop in a process of its own: python -m bench.broadcast.loops KIND TOKEN BASE FILE; prints sends and CPU.

KIND is ours, aiogram or ptb; FILE holds the chats, one a line, for ours the address of a database with a broadcast."""

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


def cpu() -> float:
    """Seconds of processor time this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def read_chats(file: str) -> list[str]:
    return Path(file).read_text().split()


async def in_parallel(chats: list[str], send: Any) -> int:
    gate = asyncio.Semaphore(FLYING)
    sent = 0

    async def one(chat: str) -> None:
        nonlocal sent
        async with gate:
            await send(chat)
            sent += 1

    await asyncio.gather(*(one(chat) for chat in chats))
    return sent


async def aiogram(token: str, base: str, file: str) -> tuple[int, float]:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

    under = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=STOP, callback_data="stop")]])
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(base), limit=FLYING))
    chats = read_chats(file)
    began = cpu()
    sent = await in_parallel(chats, lambda chat: bot.send_message(int(chat), TEXT, reply_markup=under))
    used = cpu() - began
    await bot.session.close()
    return sent, used


async def ptb(token: str, base: str, file: str) -> tuple[int, float]:
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
    from telegram.request import HTTPXRequest

    under = InlineKeyboardMarkup([[InlineKeyboardButton(STOP, callback_data="stop")]])
    request = HTTPXRequest(connection_pool_size=FLYING)
    bot = Bot(token, base_url=f"{base}/bot", request=request)
    chats = read_chats(file)
    async with bot:
        began = cpu()
        sent = await in_parallel(chats, lambda chat: bot.send_message(int(chat), TEXT, reply_markup=under))
        return sent, cpu() - began


async def ours(token: str, base: str, url: str) -> tuple[int, float]:
    from sqlalchemy import func, select

    from bot.channels.telegram import TelegramChannel
    from bot.deliver import Deliverer
    from domain.worktime import WorkTime
    from storage.database import Database
    from storage.tables import outbox
    from tests.bot.hall import NOW

    database = Database(url)
    channel = TelegramChannel(token, base)
    channel.rate = None
    deliverer = Deliverer(database, [channel], WorkTime(), "bench")
    await deliverer.begin()
    awake = asyncio.Event()
    began = cpu()
    under_way = True
    while await deliverer.step(NOW, awake.set) or under_way:
        under_way = deliverer.flying > 0
        with suppress(TimeoutError):  # as the loop of the service
            await asyncio.wait_for(awake.wait(), deliverer.rest or 0.5)
        awake.clear()
    used = cpu() - began
    async with database.read() as db:
        query = select(func.count()).select_from(outbox).where(outbox.c.state == "sent")
        sent = int((await db.execute(query)).scalar_one())
    await channel.close()
    await database.close()
    return sent, used


def main() -> None:
    kind, token, base, file = sys.argv[1:5]
    loop = {"ours": ours, "aiogram": aiogram, "ptb": ptb}[kind]
    sent, used = asyncio.run(loop(token, base, file))
    print(json.dumps({"kind": kind, "sent": sent, "cpu": round(used, 3), "per_cpu_second": round(sent / used, 1)}))


if __name__ == "__main__":
    main()
