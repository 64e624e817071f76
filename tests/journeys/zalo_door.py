"""Zalo as a person uses it: the real channel over the emulated Official Account, under a business clock."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web
from fastapi import FastAPI

from bot.channels.base import ChatNews
from bot.channels.zalo.line import ZaloLine
from bot.clock import run_due
from bot.deliver import Deliverer
from bot.fetch import Fetcher
from bot.receive import Receiver
from bot.watch import handle_changes
from bot.wiring import System
from config.settings import Settings
from conversation.message import Message
from storage.files import FileStore
from tests import pictures
from tests.journeys import office
from tests.journeys.doors import PAUSE
from tests.journeys.runner import Heard, Thing
from tests.platform.server import Platforms, application
from tests.platform.zalo import Template
from tests.platform.zalo_people import ZaloHands

KINDS = {"photo": "image", "voice": "audio", "document": "file", "video": "video", "sticker": "sticker"}
KINDS |= {"location": "location", "contact": "business_card"}
LISTED = re.compile(r"^  (\d+)\. (.+)$", re.MULTILINE)
WITHIN = re.compile(r"(\d+)\. ([^;\n]+)")
OWN, NEWS = "tpl-own", "tpl-news"


def settings_for(zalo: Any, base: str, **more: Any) -> Settings:
    """The settings of a system that talks to this emulated account."""
    given = {
        "zalo_app_id": zalo.app_id, "zalo_app_secret": zalo.app_secret, "zalo_oa_secret": zalo.oa_secret,
        "zalo_refresh_token": zalo.tokens.pair()["refresh_token"], "zalo_api_url": base, "zalo_oauth_url": base,
    }  # fmt: skip
    return Settings(**{**given, **more})


class Zalo:
    """One person's phone; `twice` lets the platform deliver every event a second time, `shuffled` in disorder."""

    tells_no_size = True  # of a picture or a film before it is fetched

    def __init__(
        self, system: System, now: datetime, folder: Path, twice: bool = False, shuffled: bool = False
    ) -> None:
        self.system, self.now = system, now
        self.platforms = Platforms.make()
        self.zalo = self.platforms.zalo
        self.person = self.platforms.world.arrive("Mai", phone="+84900000001")
        self.receiver = Receiver(system.database, system.office)
        self.files = FileStore(folder / "files")
        self.seen = 0
        self.zalo.limits.package = 1000
        for mark in (OWN, NEWS):
            self.zalo.templates[mark] = Template(mark, "Sở KH&CN gửi anh/chị:\n<content>", ("content",))
        if shuffled:
            self.platforms.faults.put("reorder_updates", times=None)
        if twice:
            self.platforms.faults.put("duplicate_update", times=None)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Zalo"]:
        """The platform as a server of its own; its events come over the real webhook."""
        self._move_platform()
        runner = web.AppRunner(application(self.platforms), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.hands = ZaloHands(self.zalo, base)
        settings = settings_for(self.zalo, base, zalo_own_template=OWN, zalo_news_template=NEWS)
        self.channel = ZaloLine(settings, self.system.database, lambda: self.now)
        worktime, limits = self.system.office.worktime, self.system.office.file_limits
        self.deliverer = Deliverer(self.system.database, [self.channel], worktime, "zalo-test")
        self.fetcher = Fetcher(self.system.database, [self.channel], self.files, limits, "zalo-test")
        app = FastAPI()
        self.channel.add_to(app, self._keep, self._note)
        door = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://zalo.test")

        async def post(url: str, raw: bytes, headers: dict[str, str]) -> int:
            return (await door.post(url, content=raw, headers=headers)).status_code

        self.zalo.hooks.post, self.zalo.hooks.url = post, "/zalo"
        try:
            await self.deliverer.begin()
            yield self
        finally:
            await self.channel.close()
            await door.aclose()
            await runner.cleanup()

    @property
    def told(self) -> int:
        """How many messages of ours this person got."""
        return len(self.platforms.world.ledger.find(platform="zalo", what="message"))

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
        await self.zalo.hooks.settle()
        assert {call["status"] for call in self.zalo.hooks.calls} == {200}
        self.now += PAUSE
        self._move_platform()
        assert await self.receiver.take_ready(self.now) == 1
        return await self._hear()

    async def _hear(self) -> list[Heard]:
        await self.deliverer.drain(self.now)
        await self.zalo.hooks.settle()
        lines = self.hands.screen(self.person, self.seen)["messages"]
        self.seen = max((line["id"] for line in lines), default=self.seen)
        return [heard(line) for line in lines if line["from"] == "bot" and line["text"]]  # a file hangs below its words

    def _tick(self) -> None:
        self.now += timedelta(milliseconds=700)
        self._move_platform()

    async def say(self, texts: list[str]) -> list[Heard]:
        for text in texts:
            self.hands.say(self.person, text)
            self._tick()
        return await self._turn()

    async def press(self, label: str) -> list[Heard]:
        """Presses the button; where there are only numbers, types the number."""
        lines = [line for line in reversed(self.hands.screen(self.person)["messages"]) if line["from"] == "bot"]
        for line in lines:
            if [label] in line["buttons"]:
                self.hands.press(self.person, label)
                return await self._turn()
            number = next((found for found, words in numbered(line) if words == label), None)
            if number is not None and line is lines[0]:
                return await self.say([number])
            if number is not None:
                return await self.say([label])
        raise AssertionError(f"nothing to press for {label!r}")

    async def send(self, things: list[Thing]) -> list[Heard]:
        for album, group in groupby(things, key=lambda thing: thing.album):
            held = list(group)
            if album is not None:
                self.hands.album(self.person, [one.content or b"" for one in held], held[0].text)
            for thing in () if album is not None else held:
                self._send(thing)
                self._tick()
        heard_now = await self._turn()
        await self.fetcher.step(self.now)
        return heard_now + await self._hear()

    def _send(self, thing: Thing) -> None:
        if thing.kind == "text" and not thing.forwarded:
            self.hands.say(self.person, thing.text)
        elif thing.kind == "text":
            self.hands.event(self.person, "user_send_link", message={"text": thing.text, "msg_id": self.zalo.next_id()})
        elif thing.kind in KINDS:
            head = pictures.jpeg() if thing.kind == "photo" else b""
            content = head + bytes(thing.size) if thing.size is not None else thing.content
            place = {"latitude": thing.latitude, "longitude": thing.longitude} if thing.kind == "location" else {}
            self.hands.send(self.person, KINDS[thing.kind], content, thing.name, thing.text, thing.size, **place)
        else:
            self.hands.event(self.person, "user_send_poll", message={"msg_id": self.zalo.next_id()})

    async def advance(self, step: timedelta) -> list[Heard]:
        end = self.now + step

        async def then(at: datetime) -> None:
            self.now = max(self.now, at)
            self._move_platform()
            await self.deliverer.drain(self.now)

        await run_due(self.system.database, self.system.office, end, then)
        self.now = end
        self._move_platform()
        await handle_changes(self.system.database, self.system.office, end)
        await self.fetcher.step(self.now)
        return await self._hear()


def numbered(line: dict[str, Any]) -> list[tuple[str, str]]:
    """The choices of a message that stand in its text, with their numbers."""
    pattern = WITHIN if line["kind"] == "template" else LISTED
    return [(found[1], found[2]) for found in pattern.finditer(line["text"])]


def heard(line: dict[str, Any]) -> Heard:
    """What a person reads: the words, then what can be pressed or typed."""
    buttons = tuple(label for row in line["buttons"] for label in row)
    text = line["text"]
    if not buttons:
        buttons = tuple(words for _, words in numbered(line))
        text = LISTED.sub("", text).strip() if line["kind"] != "template" else text
    return Heard(text, buttons)
