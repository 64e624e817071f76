"""The scenarios on the terminal and on the web."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.channels.web import WebChannel, web_app
from bot.chat import Talk
from bot.deliver import Deliverer
from bot.receive import Receiver
from bot.wiring import System
from conversation.message import Message, MessageKind
from storage import transcript
from tests.journeys.runner import Heard, play, read, start

FILES = sorted(Path(__file__).parent.glob("s*.yaml"))


class Terminal:
    """The terminal as a door."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    async def say(self, text: str) -> list[Heard]:
        return [Heard(i.text, tuple(c["label"] for c in i.choices)) for i in await self.talk.say([text])]

    async def press(self, label: str) -> list[Heard]:
        said = await self.talk.say([label], MessageKind.BUTTON)
        return [Heard(i.text, tuple(c["label"] for c in i.choices)) for i in said]


class Web:
    """The web application as a door: real requests, the stream's own reading, a business clock."""

    def __init__(self, system: System, now: datetime) -> None:
        self.system, self.now, self.cursor = system, now, 0
        self.channel = WebChannel()
        self.receiver = Receiver(system.database, system.office)
        self.deliverer = Deliverer(system.database, [self.channel], system.office.worktime, "web-test")
        app = web_app(system.database, self.channel, self._store, lambda: {"ready": True}, asyncio.Event(), False)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")

    async def _store(self, message: Message, _: datetime) -> bool:
        moved = Message(
            message.channel, message.account, message.update_id, message.address, message.text, self.now, message.kind
        )
        return await self.receiver.store(moved, self.now)

    async def begin(self) -> None:
        await self.client.get("/")
        await self.deliverer.begin()

    async def _said(self, text: str, button: bool) -> list[Heard]:
        body = {"text": text, "button": button, "id": uuid.uuid4().hex}
        assert (await self.client.post("/say", json=body)).status_code == 202
        self.now += timedelta(seconds=12)
        assert await self.receiver.take_ready(self.now) == 1
        await self.deliverer.drain(self.now)
        async with self.system.database.read() as db:
            rows = await transcript.lines_after(db, "web", "", self.client.cookies["nhipcau"], self.cursor)
        self.cursor = max((row.id for row in rows), default=self.cursor)
        return [Heard(row.text, row.choices) for row in rows if row.direction == "out"]

    async def say(self, text: str) -> list[Heard]:
        return await self._said(text, False)

    async def press(self, label: str) -> list[Heard]:
        return await self._said(label, True)


@pytest.mark.asyncio
@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
async def test_terminal(file: Path, system: System) -> None:
    scenario = read(file)
    talk = Talk(system, "mai", start(scenario).astimezone(UTC))
    await talk.begin()
    await play(scenario, Terminal(talk))


@pytest.mark.asyncio
@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
async def test_web(file: Path, system: System) -> None:
    scenario = read(file)
    door = Web(system, start(scenario).astimezone(UTC))
    await door.begin()
    await play(scenario, door)
    await door.client.aclose()
