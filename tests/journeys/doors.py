"""The channels as a person uses them, under a business clock."""

import asyncio
import random
import tempfile
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.channels.web import WebChannel, web_app
from bot.chat import Talk
from bot.clock import run_due
from bot.deliver import Deliverer
from bot.fetch import Fetcher
from bot.receive import Receiver
from bot.watch import handle_changes
from bot.wiring import System
from conversation.message import Message, MessageKind
from storage import transcript
from storage.files import FileStore
from storage.outbox import Outgoing
from tests.journeys import office
from tests.journeys.runner import Heard, Thing

PAUSE = timedelta(seconds=12)  # a burst is over then


def message_of(thing: Thing, channel: str, update: str, address: str, now: datetime) -> Message:
    """The message a channel makes of a thing whose file it holds under the id of the update."""
    extra: dict[str, Any] = {"forwarded": True} if thing.forwarded else {}
    if thing.kind == "text":
        return Message(channel, "", update, address, thing.text, now, extra=extra)
    extra["kind"] = thing.kind
    if thing.content is not None or thing.size is not None:
        size = thing.size or len(thing.content or b"")
        extra |= {"file_id": update, "file_unique_id": update, "file_size": size, "file_name": thing.name}
    if thing.latitude is not None:
        extra |= {"latitude": thing.latitude, "longitude": thing.longitude}
    if thing.album is not None:
        extra["album"] = thing.album
    if thing.kind == "contact":
        extra["card"] = "Người Lạ, 0911 111 111"
    return Message(channel, "", update, address, thing.text, now, MessageKind.OTHER, extra=extra)


async def die_speaking(channel: Any, deliverer: Deliverer, now: datetime) -> None:
    """Lets a message really go out and stops there: no more than that is done by this process."""
    gone, send = asyncio.Event(), channel.send

    async def last(item: Any) -> Any:
        await send(item)
        gone.set()
        await asyncio.Event().wait()

    channel.send = last
    dying = asyncio.ensure_future(deliverer.drain(now))
    await asyncio.wait_for(gone.wait(), 60)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


class Terminal:
    """The terminal; `twice` delivers every message a second time, `shuffled` a burst in any order."""

    falls = ""

    def __init__(self, talk: Talk, twice: bool = False, shuffled: bool = False) -> None:
        self.twice = twice
        self.chance = random.Random(len(talk.person)) if shuffled else None
        self._sit_at(talk)

    def _sit_at(self, talk: Talk) -> None:
        self.talk = talk
        if self.twice:
            once = talk.receiver.store

            async def store(message: Message, now: datetime) -> bool:
                fresh = await once(message, now)
                assert not await once(message, now), "the second copy was taken for new"
                return fresh

            talk.receiver.store = store  # type: ignore[method-assign]

    async def _die(self) -> None:
        """The program ends without a word and is started anew."""
        talk = Talk(self.talk.system, self.talk.person, self.talk.now)
        await talk.begin()
        self._sit_at(talk)

    async def _fallen(self, texts: list[str], kind: MessageKind = MessageKind.TEXT) -> list[Heard]:
        """A turn in which the program dies; what stands on the screen then, the history shows the rest."""
        when, talk, self.falls = self.falls, self.talk, ""
        if when == "before":
            await self._die()
            return self._heard(await self.talk.say(texts, kind))
        for text in texts:
            message = Message("terminal", "", uuid.uuid4().hex, talk.person, text, talk.now, kind)
            await talk.receiver.store(message, talk.now)
        cursor = max((row.id for row in await self._history(0)), default=0)
        if when != "heard":
            assert await talk.receiver.take_turn(talk._person_id, talk.now)
        if when == "spoken":
            await die_speaking(talk.channel, talk.deliverer, talk.now)
        await self._die()
        shown = self._heard(talk.channel.take() + await self.talk.advance(timedelta(0)))
        rows = await self._history(cursor)
        return shown or [Heard(row.text, row.choices) for row in rows if row.direction == "out"]

    async def _history(self, after: int) -> list[transcript.Line]:
        async with self.talk.system.database.read() as db:
            return await transcript.lines_after(db, "terminal", "", self.talk.person, after)

    @staticmethod
    def _heard(items: list[Outgoing]) -> list[Heard]:
        return [Heard(item.text, tuple(choice["label"] for choice in item.choices)) for item in items]

    async def say(self, texts: list[str]) -> list[Heard]:
        if self.falls:
            return await self._fallen(texts)
        if self.chance is None or len(texts) < 2:
            return self._heard(await self.talk.say(texts))
        now = self.talk.now
        for order, text in self.chance.sample(list(enumerate(texts, 1)), len(texts)):
            update = uuid.uuid4().hex
            await self.talk.receiver.store(
                Message("terminal", "", update, self.talk.person, text, now, order=order), now
            )
        return self._heard(await self.talk.say([]))

    async def press(self, label: str) -> list[Heard]:
        if self.falls:
            return await self._fallen([label], MessageKind.BUTTON)
        return self._heard(await self.talk.say([label], MessageKind.BUTTON))

    async def send(self, things: list[Thing]) -> list[Heard]:
        for thing in things:
            update = uuid.uuid4().hex
            await self.talk.receiver.store(
                message_of(thing, "terminal", update, self.talk.person, self.talk.now), self.talk.now
            )
        return self._heard(await self.talk.say([]))

    async def advance(self, step: timedelta) -> list[Heard]:
        return self._heard(await self.talk.advance(step))

    async def office(self, step: dict[str, Any]) -> list[Heard]:
        await office.act(self.talk.system, step, self.talk.now)
        return await self.advance(timedelta(0))


class Web:
    """The web application: real requests, the stream's own reading."""

    falls = ""
    says_once = True  # a line stands on the page with its ending, or not at all

    def __init__(self, system: System, now: datetime, twice: bool = False) -> None:
        self.system, self.now, self.cursor, self.twice = system, now, 0, twice
        self.folder = tempfile.TemporaryDirectory(prefix="nhipcau-web-")
        self._connect(None)

    def _connect(self, cookies: Any) -> None:
        """A process that has just begun, and the browser that still has its cookie."""
        system, files = self.system, FileStore(Path(self.folder.name))
        self.channel = WebChannel(files)
        self.receiver = Receiver(system.database, system.office)
        self.deliverer = Deliverer(system.database, [self.channel], system.office.worktime, "web-test")
        limits = system.office.file_limits
        self.fetcher = Fetcher(system.database, [self.channel], files, limits, "web-test")
        app = web_app(system.database, self.channel, self._store, lambda: {"ready": True}, asyncio.Event(), False)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test", cookies=cookies)

    async def _die(self) -> None:
        cookies = self.client.cookies
        await self.client.aclose()
        self._connect(cookies)
        await self.deliverer.begin(self.now)

    async def _fall(self, moment: str) -> None:
        if self.falls == moment:
            await self._die()

    async def _store(self, message: Message, _: datetime) -> bool:
        return await self.receiver.store(replace(message, sent_at=self.now), self.now)

    async def begin(self) -> None:
        await self.client.get("/")
        await self.deliverer.begin()

    async def _said(self, texts: list[str], button: bool) -> list[Heard]:
        await self._fall("before")
        for text in texts:
            body = {"text": text, "button": button, "id": uuid.uuid4().hex}
            for _ in range(2 if self.twice else 1):
                assert (await self.client.post("/say", json=body)).status_code == 202
            self.now += timedelta(milliseconds=700)
        self.now += PAUSE
        await self._fall("heard")
        assert await self.receiver.take_ready(self.now) == 1
        await self._fall("answered")
        if self.falls == "spoken":
            await die_speaking(self.channel, self.deliverer, self.now)
            await self._die()
        return await self._read()

    async def _read(self) -> list[Heard]:
        await self.deliverer.drain(self.now)
        async with self.system.database.read() as db:
            rows = await transcript.lines_after(db, "web", "", self.client.cookies["nhipcau"], self.cursor)
        self.cursor = max((row.id for row in rows), default=self.cursor)
        return [Heard(row.text, row.choices) for row in rows if row.direction == "out"]

    async def say(self, texts: list[str]) -> list[Heard]:
        return await self._said(texts, False)

    async def press(self, label: str) -> list[Heard]:
        return await self._said([label], True)

    async def send(self, things: list[Thing]) -> list[Heard]:
        for thing in things:
            mark = uuid.uuid4().hex
            for number in range(2 if self.twice else 1):
                assert await self._sent(thing, mark) == (number == 0)
            self.now += timedelta(milliseconds=700)
        self.now += PAUSE
        assert await self.receiver.take_ready(self.now) == 1
        heard = await self._read()
        await self.fetcher.step(self.now)
        return heard + await self._read()

    async def _sent(self, thing: Thing, mark: str) -> bool:
        """A picture goes as the page sends it; for what the page cannot send, the message is made here."""
        bare = thing.kind == "photo" and not (thing.text or thing.forwarded or thing.album)
        if bare and thing.content is not None:
            answer = await self.client.post(f"/file?id={mark}", content=thing.content)
            assert answer.status_code == 202, answer.text
            return bool(answer.json()["fresh"])
        message = message_of(thing, "web", mark, self.client.cookies["nhipcau"], self.now)
        if thing.content is not None:
            assert self.channel.files is not None
            message = replace(message, extra={**message.extra, "file_id": self.channel.files.receive(thing.content)})
        return await self.receiver.store(message, self.now)

    async def advance(self, step: timedelta) -> list[Heard]:
        end = self.now + step

        async def then(at: datetime) -> None:
            self.now = max(self.now, at)
            await self.deliverer.drain(self.now)

        await run_due(self.system.database, self.system.office, end, then)
        self.now = end
        await handle_changes(self.system.database, self.system.office, end)
        return await self._read()

    async def office(self, step: dict[str, Any]) -> list[Heard]:
        await office.act(self.system, step, self.now)
        return await self.advance(timedelta(0))
