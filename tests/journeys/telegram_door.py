"""Telegram as a person uses it: the real channel over the emulated platform, under a business clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.channels import telegram_pace
from bot.channels.telegram import TelegramChannel
from bot.wiring import System
from tests.journeys.phone_door import PhoneDoor
from tests.journeys.runner import Heard, Thing
from tests.platform.__main__ import TOKEN
from tests.platform.telegram_people import Hands

ORIGIN = {"type": "hidden_user", "sender_user_name": "Nhóm HTX", "date": 1_700_000_000}
FILES = ("photo", "voice", "document", "sticker", "video")


class Telegram(PhoneDoor):
    """Telegram in somebody's hand; `twice` lets the platform deliver every update a second time."""

    channel: TelegramChannel

    def __init__(
        self, system: System, now: datetime, folder: Path, twice: bool = False, shuffled: bool = False
    ) -> None:
        super().__init__(system, now, folder, shuffled)
        self.twice = twice
        self.hands = Hands(self.platforms.telegram, self.platforms.telegram.add_bot(TOKEN))

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Telegram"]:
        """The channel connected to the platform."""
        async with self.serve() as base:
            with patch.object(telegram_pace, "_now", lambda: self.now.timestamp()):
                await self.connect(lambda: TelegramChannel(TOKEN, base))
                try:
                    yield self
                finally:
                    await self.channel.close()

    async def _turn(self) -> list[Heard]:
        await self.fall("before")
        held = self.channel._offset
        await self.channel.poll(self.keep, self.note, 0)
        if self.twice:  # as after a restart before the next poll confirmed them
            self.channel._offset = held
            await self.channel.poll(self.keep, self.note, 0)
        return await self.take_turn()

    async def hear(self) -> list[Heard]:
        await self.speak()
        return [
            Heard(line["text"], tuple(label for row in line["buttons"] for label in row)) for line in self.new_lines()
        ]

    async def say(self, texts: list[str]) -> list[Heard]:
        for text in texts:
            self.hands.say(self.person, text)
            self.tick()
        return await self._turn()

    async def leave(self) -> list[Heard]:
        self.hands.block(self.person)
        await self.channel.poll(self.keep, self.note, 0)
        return []

    async def come_back(self) -> list[Heard]:
        self.hands.unblock(self.person)
        await self.channel.poll(self.keep, self.note, 0)
        return []

    async def press(self, label: str) -> list[Heard]:
        self.hands.press(self.person, label)
        return await self._turn()

    async def send(self, things: list[Thing]) -> list[Heard]:
        for thing in things:
            self._send(thing)
            if thing.album is None:
                self.tick()
        heard = await self._turn()
        await self.fetcher.step(self.now)
        return heard + await self.hear()

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
