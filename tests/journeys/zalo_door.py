"""Zalo as a person uses it: the real channel over the emulated Official Account, under a business clock."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from fastapi import FastAPI

from bot.channels.zalo import web as webhook
from bot.channels.zalo.line import ZaloLine
from bot.wiring import System
from config.settings import Settings
from tests import pictures
from tests.journeys.phone_door import PhoneDoor
from tests.journeys.runner import Heard, Thing
from tests.platform import zalo_hooks
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


class Zalo(PhoneDoor):
    """Zalo in somebody's hand; `twice` lets the platform deliver every event a second time."""

    tells_no_size = True  # of a picture or a film before it is fetched
    says_once = True  # whatever happens: the platform can be asked what has arrived
    channel: ZaloLine

    def __init__(
        self, system: System, now: datetime, folder: Path, twice: bool = False, shuffled: bool = False
    ) -> None:
        super().__init__(system, now, folder, shuffled)
        self.zalo = self.platforms.zalo
        self.zalo.limits.package = 1000
        for mark in (OWN, NEWS):
            self.zalo.templates[mark] = Template(mark, "Sở KH&CN gửi anh/chị:\n<content>", ("content",))
        if twice:
            self.platforms.faults.put("duplicate_update", times=None)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Zalo"]:
        """The channel connected to the platform, whose events come over the real webhook."""
        async with self.serve() as base:
            self.hands = ZaloHands(self.zalo, base)
            settings = settings_for(self.zalo, base, zalo_own_template=OWN, zalo_news_template=NEWS)
            await self.connect(lambda: ZaloLine(settings, self.system.database, lambda: self.now))

            async def post(url: str, raw: bytes, headers: dict[str, str]) -> int:
                app = FastAPI()
                self.channel.add_to(app, self.keep, self.note)  # of the process that lives now
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://zalo.test") as door:
                    return (await door.post(url, content=raw, headers=headers)).status_code

            self.zalo.hooks.post, self.zalo.hooks.url = post, "/zalo"
            try:
                with patch.object(webhook, "PATIENCE", 30.0), patch.object(zalo_hooks, "PATIENCE", 60.0):
                    yield self  # a machine busy with other work is not what is tested
            finally:
                await self.channel.close()

    @property
    def told(self) -> int:
        """How many messages of ours this person got."""
        return len(self.platforms.world.ledger.find(platform="zalo", what="message"))

    async def _turn(self) -> list[Heard]:
        await self.fall("before")
        await self.zalo.hooks.settle()
        assert {call["status"] for call in self.zalo.hooks.calls} == {200}
        return await self.take_turn()

    async def hear(self) -> list[Heard]:
        await self.speak()
        await self.zalo.hooks.settle()
        return [heard(line) for line in self.new_lines()]

    async def say(self, texts: list[str]) -> list[Heard]:
        for text in texts:
            self.hands.say(self.person, text)
            self.tick()
        return await self._turn()

    async def leave(self) -> list[Heard]:
        self.hands.unfollow(self.person)
        await self.zalo.hooks.settle()
        return []

    async def come_back(self) -> list[Heard]:
        self.hands.follow(self.person)
        return await self._turn()  # whoever follows is greeted

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
                self.tick()
        heard_now = await self._turn()
        await self.fetcher.step(self.now)
        return heard_now + await self.hear()

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
