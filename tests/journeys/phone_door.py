"""What a person's phone is on either emulated platform: the real receiver, deliverer and fetcher under a business clock."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.channels.base import ChatNews, Line
from bot.clock import run_due
from bot.deliver import Deliverer
from bot.fetch import Fetcher
from bot.receive import Receiver
from bot.watch import handle_changes
from bot.wiring import System
from conversation.message import Message
from storage import people
from storage.files import FileStore
from tests.journeys import office
from tests.journeys.doors import PAUSE, die_speaking
from tests.journeys.runner import Heard
from tests.platform.server import Platforms, application

WORKER = "phone-test"  # who sends and fetches


class PhoneDoor:
    """One person's phone; `shuffled` lets the platform deliver in disorder what was written within seconds."""

    channel: Line
    hands: Any
    make: Callable[[], Line]
    falls = ""

    def __init__(self, system: System, now: datetime, folder: Path, shuffled: bool) -> None:
        self.system, self.now = system, now
        self.platforms = Platforms.make()
        self.person = self.platforms.world.arrive("Mai", phone="+84900000001")
        self.files = FileStore(folder / "files")
        self.seen = 0
        if shuffled:
            self.platforms.faults.put("reorder_updates", times=None)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """The platform as a server of its own; its address."""
        self.move_platform()
        runner = web.AppRunner(application(self.platforms), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def connect(self, make: Callable[[], Line]) -> None:
        """Hears, sends and fetches over a channel made so, as a process that has just begun."""
        self.make, self.channel = make, make()
        database, held = self.system.database, self.system.office
        self.receiver = Receiver(database, held)
        self.deliverer = Deliverer(database, [self.channel], held.worktime, WORKER)
        self.fetcher = Fetcher(database, [self.channel], self.files, held.file_limits, WORKER)
        await self.deliverer.begin(self.now)

    async def die(self) -> None:
        """Everything that is not in the database is gone; a new process begins."""
        await self.channel.close()
        await self.connect(self.make)

    async def fall(self, moment: str) -> None:
        """The system dies, if this is the moment."""
        if self.falls == moment:
            await self.die()

    async def speak(self) -> None:
        """What is due goes out; a process may die when the platform has it and before that is written down."""
        if self.falls != "spoken":
            await self.deliverer.drain(self.now)
            return
        self.falls = ""
        await die_speaking(self.channel, self.deliverer, self.now)
        await self.die()
        await self.deliverer.drain(self.now)

    def move_platform(self) -> None:
        """The platform's clock shows what the person's does."""
        clock = self.platforms.world.clock
        clock.advance(self.now.timestamp() - clock.now())

    def tick(self) -> None:
        """A moment between two messages."""
        self.now += timedelta(milliseconds=700)
        self.move_platform()

    async def keep(self, messages: list[Message], _: datetime) -> None:
        """Stores what arrived."""
        for message in messages:
            await self.receiver.store(replace(message, sent_at=min(message.sent_at, self.now)), self.now)

    async def note(self, news: ChatNews) -> None:
        """Keeps whether the person can be reached."""
        assert news.state is not None and news.moved_to is None, f"nobody moved the chat: {news}"
        async with self.system.database.write() as db:
            await people.mark_address(db, news.channel, news.account, news.address, news.state)

    async def take_turn(self) -> list[Heard]:
        """After a pause what was written is answered, once."""
        self.now += PAUSE
        self.move_platform()
        await self.fall("heard")
        assert await self.receiver.take_ready(self.now) == 1
        await self.fall("answered")
        return await self.hear()

    def new_lines(self) -> list[dict[str, Any]]:
        """What the bot said on the screen since the last look; a file hangs below its words."""
        lines = self.hands.screen(self.person, self.seen)["messages"]
        self.seen = max((line["id"] for line in lines), default=self.seen)
        return [line for line in lines if line["from"] == "bot" and line["text"]]

    async def hear(self) -> list[Heard]:
        """What the person reads now."""
        raise NotImplementedError

    async def office(self, step: dict[str, Any]) -> list[Heard]:
        """Officers do something."""
        await office.act(self.system, step, self.now)
        return await self.advance(timedelta(0))

    async def advance(self, step: timedelta) -> list[Heard]:
        """Time passes; all that falls due happens at its own time."""
        end = self.now + step

        async def then(at: datetime) -> None:
            self.now = max(self.now, at)
            self.move_platform()
            await self.deliverer.drain(self.now)

        await run_due(self.system.database, self.system.office, end, then)
        self.now = end
        self.move_platform()
        await handle_changes(self.system.database, self.system.office, end)
        await self.fetcher.step(self.now)
        return await self.hear()
