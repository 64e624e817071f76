"""The running system: web chat, receiving, delivering, due things, the watch on the shared database."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from bot.channels.base import ChatNews, Line
from bot.channels.parse_web import add_parse
from bot.channels.web import WebChannel, web_app
from bot.channels.widget import add_widget
from bot.clock import LATE, clock_agrees, run_due, tidy
from bot.deliver import Deliverer
from bot.fetch import Fetcher
from bot.learn import Learner
from bot.outside import OutsideMind
from bot.receive import Receiver
from bot.together import Together
from bot.watch import Waker, handle_changes
from bot.wiring import Say, System, keep_out_of_collection, open_system
from config.settings import Settings
from conversation.message import Message
from handlers.turn import Office
from storage import people
from storage.database import Database
from storage.files import FileStore
from storage.pace import open_pace

log = structlog.get_logger()
PARTS = ("receive", "deliver", "tick")
STOP_WITHIN = 3.0  # seconds; the platform's patience ends at five
TIDY_EVERY = 3600.0
LEARN_EVERY = 20.0  # seconds between looks for changed answers and for a newer model
SLOW = {"fetch": 300}  # seconds that a turn of a loop may take, where more than 30


class Rooms(Protocol):
    """Opens further applications beside the chat page, by the path each is mounted under."""

    async def __call__(
        self,
        database: Database,
        office: Office,
        settings: Settings,
        wake: Callable[[], object],
        health: Callable[[], dict[str, Any]],
        say: Say,
    ) -> dict[str, ASGIApp]:
        """`wake` lets the outbox be looked at now; `health` tells how the channels and loops are."""
        ...


def open_lines(settings: Settings, database: Database, who: str) -> list[Line]:
    """The channels to platforms outside that the settings ask for; each is loaded only when it is."""
    found: list[Line] = []
    if settings.telegram_token is not None:
        from bot.channels.telegram_listen import TelegramLine

        found.append(TelegramLine(settings, database, who))
    if settings.zalo_app_id:
        from bot.channels.zalo.line import ZaloLine

        found.append(ZaloLine(settings, database))
    if settings.zalo_bot_token is not None:
        from bot.channels.zalo_bot_line import ZaloBotLine

        found.append(ZaloBotLine(settings, database, who))
    return found


class PortTaken(Exception):
    """The port of the web chat is in use; the message says how to choose another."""


def _socket(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        raise PortTaken(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
            f"stop the other program or choose another port: NHIPCAU_PORT={settings.port + 1} make run"
        ) from error
    return bound


class Service:
    """One process; `only` restricts it to one part."""

    def __init__(self, system: System, settings: Settings, only: str | None) -> None:
        self.system = system = replace(system, office=replace(system.office, health=self.ready))
        self.settings, self.only = settings, only
        self.files = FileStore(settings.data_dir / "files")
        self.web = WebChannel(self.files, system.office.file_limits.image)
        self.receiver = Receiver(system.database, system.office)
        name = f"{settings.worker}-{only}" if only else settings.worker
        self.lines = open_lines(settings, system.database, name)
        channels = [self.web, *self.lines]
        redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
        pace = open_pace(redis_url)
        self.deliverer = Deliverer(system.database, channels, system.office.worktime, name, pace)
        limits = system.office.file_limits
        self.fetcher = Fetcher(system.database, channels, self.files, limits, name)
        self.waker = Waker(system.database)
        self.stopping = asyncio.Event()
        self.said = asyncio.Event()
        self.to_send = asyncio.Event()
        self.to_fetch = asyncio.Event()
        self.learner = Learner(system, settings, may_train=only in (None, "tick"))
        self.beats: dict[str, float] = {}
        self.clock_is_wrong = False
        self._kept = Together(self._keep_all)

    async def store(self, message: Message, now: datetime) -> bool:
        """Keeps a message, shows it on the page, wakes the receiver."""
        fresh = await self.receiver.store(message, now)
        self.said.set()
        self.web.wake()
        return fresh

    async def keep(self, messages: list[Message], now: datetime) -> None:
        """Keeps what a platform brought, wakes the receiver; calls that come together share a transaction."""
        if messages:
            await self._kept.add((messages, now))

    async def _keep_all(self, brought: list[tuple[list[Message], datetime]]) -> None:
        if await self.receiver.store_all([item for messages, _ in brought for item in messages], brought[-1][1]):
            self.said.set()

    async def note(self, news: ChatNews) -> None:
        """Keeps what a platform said about a chat."""
        async with self.system.database.write() as db:
            if news.state is not None:
                await people.mark_address(db, news.channel, news.account, news.address, news.state)
            if news.moved_to is not None:
                await people.rename_address(db, news.channel, news.account, news.address, news.moved_to)

    def ready(self) -> dict[str, Any]:
        """Whether all loops have turned lately."""
        now = asyncio.get_running_loop().time()
        late = sorted(name for name, beat in self.beats.items() if now - beat > SLOW.get(name, 30))
        stopped = {c.name: c.stopped for c in self.deliverer.channels.values() if c.stopped is not None}
        if self.clock_is_wrong:
            stopped["clock"] = "giờ máy này lệch giờ cơ sở dữ liệu"
        good = bool(self.beats) and not late and not self.stopping.is_set()
        return {"ready": good, "late": late, "stopped": stopped, "channels": list(self.deliverer.channels)}

    async def _loop(
        self, name: str, step: Callable[[], Awaitable[Any]], event: asyncio.Event | None, pause: float
    ) -> None:
        while not self.stopping.is_set():
            self.beats[name] = asyncio.get_running_loop().time()
            try:
                await step()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the loop outlives any one failure
                log.error("loop failed", loop=name, error=type(error).__name__, exc_info=True)
                await asyncio.sleep(1.0)
            waits = [asyncio.ensure_future(e.wait()) for e in (event, self.stopping) if e is not None]
            await asyncio.wait(waits, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            for task in waits:
                task.cancel()
            if event is not None:
                event.clear()

    async def _receive(self) -> None:
        if await self.receiver.take_ready(datetime.now(UTC)):
            self.to_send.set()
            self.to_fetch.set()

    async def _fetch(self) -> None:
        if await self.fetcher.step(datetime.now(UTC)):
            self.to_send.set()

    async def _deliver(self) -> None:
        await self.deliverer.step(datetime.now(UTC), self.to_send.set)
        if self.deliverer.rest is not None:
            asyncio.get_running_loop().call_later(self.deliverer.rest, self.to_send.set)

    async def _tick(self) -> None:
        now = datetime.now(UTC)
        self.clock_is_wrong = not await clock_agrees(self.system.database, now)
        if self.clock_is_wrong:  # nothing is begun early or late by a clock that jumped
            log.error("the clocks of this machine and of the database differ")
            return
        done = await run_due(self.system.database, self.system.office, now, late=LATE)
        if done + await handle_changes(self.system.database, self.system.office, now):
            self.to_send.set()

    async def _tidy(self) -> None:
        await tidy(self.system.database, datetime.now(UTC))
        await self.fetcher.tidy()

    async def _learn(self) -> None:
        if await self.learner.step():
            keep_out_of_collection()

    def loops(self) -> list[Awaitable[None]]:
        """The loops of this process."""
        wanted = PARTS if self.only is None else (self.only,)
        found: list[Awaitable[None]] = []
        if "receive" in wanted:
            found.append(self._loop("receive", self._receive, self.said, 0.25))
            found.append(self._loop("fetch", self._fetch, self.to_fetch, 2.0))
            found.extend(line.listen(self.keep, self.note, self.stopping) for line in self.lines)
        if "deliver" in wanted:
            found.append(self._loop("deliver", self._deliver, self.to_send, 0.3))
        if "tick" in wanted:
            found.append(self._loop("tick", self._tick, self.waker.woken, 1.0))
            found.append(self._loop_tidy())
        found.append(self._loop("learn", self._learn, None, LEARN_EVERY))
        return found

    async def _loop_tidy(self) -> None:
        while not self.stopping.is_set():
            await self._tidy()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), TIDY_EVERY)


async def serve(settings: Settings, only: str | None, say: Say, rooms: Rooms | None = None) -> None:
    """Runs until SIGTERM or Ctrl-C, then lets running turns finish."""
    bound = _socket(settings) if only in (None, "receive") else None
    system = await open_system(settings, samples=settings.samples, say=say)
    service = Service(system, settings, only)
    await service.deliverer.begin(datetime.now(UTC))
    keep_out_of_collection()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.stopping.set)
    tasks = [asyncio.ensure_future(part) for part in service.loops()]
    listener = asyncio.ensure_future(service.waker.listen()) if only in (None, "tick") else None
    server = _server(service, settings) if bound is not None else None
    if server is not None and rooms is not None:
        service_parts = (system.database, system.office, settings, service.to_send.set, service.ready, say)
        for path, room in (await rooms(*service_parts)).items():
            server.app.mount(path, room)
    web = asyncio.ensure_future(server.serve(sockets=[bound])) if server and bound else None
    if web is not None:
        say(f"chat at http://{settings.host}:{settings.port}  (Ctrl-C stops)")
    else:
        say(f"running: {only}")
    await service.stopping.wait()
    say("stopping")
    service.web.wake()
    if server is not None:
        server.should_exit = True
    if listener is not None:
        listener.cancel()
    waiting = [*tasks, *([web] if web else [])]
    _, late = await asyncio.wait(waiting, timeout=STOP_WITHIN)
    for task in late:
        task.cancel()
    service.learner.stop()
    await service.deliverer.finish(1.0)
    await asyncio.gather(*waiting, return_exceptions=True)
    for line in service.lines:
        await line.close()
    if isinstance(system.office.mind, OutsideMind):
        await system.office.mind.close()
    await system.database.close()


class _Server(uvicorn.Server):
    """Leaves the signals to us."""

    def __init__(self, app: FastAPI) -> None:
        config = uvicorn.Config(
            app, http="h11", log_level="warning", access_log=False, timeout_graceful_shutdown=2, lifespan="off"
        )
        super().__init__(config)
        self.app = app

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


def _server(service: Service, settings: Settings) -> _Server:
    app = web_app(service.system.database, service.web, service.store, service.ready, service.stopping, settings.public)
    chat = (service.system.database, service.web, service.store, service.stopping)
    add_widget(app, *chat, settings.widget_sites)
    add_parse(app, service.system.office.mind)
    for line in service.lines:
        line.add_to(app, service.keep, service.note)
    return _Server(app)
