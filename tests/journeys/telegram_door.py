"""Telegram as a person uses it: the real channel over the emulated platform, under a business clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiohttp import web

from bot.channels import telegram_pace
from bot.channels.base import ChatNews
from bot.channels.telegram import TelegramChannel
from bot.clock import run_due
from bot.deliver import Deliverer
from bot.fetch import Fetcher
from bot.receive import Receiver
from bot.watch import handle_changes
from bot.wiring import System
from conversation.message import Message
from storage.files import FileStore
from tests.journeys import office
from tests.journeys.doors import PAUSE
from tests.journeys.runner import Heard, Thing
from tests.platform.__main__ import TOKEN
from tests.platform.server import Platforms, application
from tests.platform.telegram_people import Hands

ORIGIN = {"type": "hidden_user", "sender_user_name": "Nhóm HTX", "date": 1_700_000_000}
FILES = ("photo", "voice", "document", "sticker", "video")


class Telegram:
    """One person's phone; `twice` lets the platform deliver every update a second time, `shuffled` in disorder."""

    def __init__(
        self, system: System, now: datetime, folder: Path, twice: bool = False, shuffled: bool = False
    ) -> None:
        self.system, self.now, self.twice = system, now, twice
        self.platforms = Platforms.make()
        self.hands = Hands(self.platforms.telegram, self.platforms.telegram.add_bot(TOKEN))
        self.person = self.platforms.world.arrive("Mai", phone="+84900000001")
        self.receiver = Receiver(system.database, system.office)
        self.files = FileStore(folder / "files")
        self.seen = 0
        if shuffled:
            self.platforms.faults.put("reorder_updates", times=None)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Telegram"]:
        """The platform as a server of its own, the channel connected to it."""
        runner = web.AppRunner(application(self.platforms), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.channel = TelegramChannel(TOKEN, f"http://127.0.0.1:{runner.addresses[0][1]}")
        worktime, limits = self.system.office.worktime, self.system.office.file_limits
        self.deliverer = Deliverer(self.system.database, [self.channel], worktime, "telegram-test")
        self.fetcher = Fetcher(self.system.database, [self.channel], self.files, limits, "telegram-test")
        self._move_platform()
        try:
            with patch.object(telegram_pace, "_now", lambda: self.now.timestamp()):
                await self.deliverer.begin()
                yield self
        finally:
            await self.channel.close()
            await runner.cleanup()

    async def office(self, step: dict[str, Any]) -> list[Heard]:
        await office.act(self.system, step, self.now)
        return await self.advance(timedelta(0))

    def _move_platform(self) -> None:
        clock = self.platforms.world.clock
        clock.advance(self.now.timestamp() - clock.now())

    async def _keep(self, messages: list[Message], _: datetime) -> None:
        for message in messages:
            await self.receiver.store(replace(message, sent_at=min(message.sent_at, self.now)), self.now)

    async def _note(self, news: ChatNews) -> None:
        raise AssertionError(f"nobody changed the chat: {news}")

    async def _turn(self) -> list[Heard]:
        held = self.channel._offset
        await self.channel.poll(self._keep, self._note, 0)
        if self.twice:  # as after a restart before the next poll confirmed them
            self.channel._offset = held
            await self.channel.poll(self._keep, self._note, 0)
        self.now += PAUSE
        self._move_platform()
        assert await self.receiver.take_ready(self.now) == 1
        return await self._hear()

    async def _hear(self) -> list[Heard]:
        await self.deliverer.drain(self.now)
        lines = self.hands.screen(self.person, self.seen)["messages"]
        self.seen = max((line["id"] for line in lines), default=self.seen)
        shown = [line for line in lines if line["from"] == "bot" and line["text"]]
        return [Heard(line["text"], tuple(label for row in line["buttons"] for label in row)) for line in shown]

    def _tick(self) -> None:
        self.now += timedelta(milliseconds=700)
        self._move_platform()

    async def say(self, texts: list[str]) -> list[Heard]:
        for text in texts:
            self.hands.say(self.person, text)
            self._tick()
        return await self._turn()

    async def press(self, label: str) -> list[Heard]:
        self.hands.press(self.person, label)
        return await self._turn()

    async def send(self, things: list[Thing]) -> list[Heard]:
        for thing in things:
            self._send(thing)
            if thing.album is None:
                self._tick()
        heard = await self._turn()
        await self.fetcher.step(self.now)
        return heard + await self._hear()

    def _send(self, thing: Thing) -> None:
        around: dict[str, Any] = {"forward_origin": ORIGIN} if thing.forwarded else {}
        if thing.kind == "text":
            self.hands.say(self.person, thing.text, **around)
            return
        if thing.album is not None:
            around["media_group_id"] = thing.album
        if thing.kind == "location":
            around |= {"latitude": thing.latitude, "longitude": thing.longitude}
        elif thing.kind == "contact":
            around |= {"phone_number": "+84911111111", "user_id": None, "first_name": "Người Lạ"}
        elif thing.kind in FILES:
            around |= {"name": thing.name} if thing.name else {}
        kind = "dice" if thing.kind == "unknown" else thing.kind
        extra = {"emoji": "🎲", "value": 3} if kind == "dice" else {}
        content = bytes(thing.size) if thing.size is not None else thing.content
        self.hands.send(self.person, kind, content, caption=thing.text or None, **around, **extra)

    async def advance(self, step: timedelta) -> list[Heard]:
        end = self.now + step

        async def then(at: datetime) -> None:
            self.now = max(self.now, at)
            await self.deliverer.drain(self.now)

        await run_due(self.system.database, self.system.office, end, then)
        self.now = end
        self._move_platform()
        await handle_changes(self.system.database, self.system.office, end)
        await self.fetcher.step(self.now)
        return await self._hear()
