"""Carries calls to the Bot API: the library's own session, beside it a wire cheap enough for messages to many."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import aiohttp
import certifi
import httptools
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.channels.base import WRITTEN

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0  # a slow answer is better than an unknown
IDLE_SECONDS = 4.0  # a connection that has been quiet for longer may be gone at the other end: some close after five
MOST_BYTES = 1 << 20  # of one answer


class Session(AiohttpSession):
    """The library's session with a time limit for connecting of its own."""

    def __init__(self, base: str) -> None:
        super().__init__(api=TelegramAPIServer.from_base(base)) if base else super().__init__()
        limits = aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS)
        self.timeout = limits  # type: ignore[assignment]  # handed to aiohttp as it is
        self._connector_init["keepalive_timeout"] = 15  # a stale connection makes an outcome unknown
        self._watch = aiohttp.TraceConfig()
        self._watch.on_request_headers_sent.append(_note_written)
        self._watch.freeze()

    async def create_session(self) -> aiohttp.ClientSession:
        """The session, which tells when a request has gone out."""
        session = await super().create_session()
        if self._watch not in session.trace_configs:
            session.trace_configs.append(self._watch)
        return session


async def _note_written(*_: object) -> None:
    written = WRITTEN.get()
    if written is not None:
        written.set()


class Lack(StrEnum):
    """Why there is no answer."""

    UNWRITTEN = "no connection"  # the request provably never left
    LOST = "no answer"  # it may have been done


@dataclass(frozen=True)
class Answer:
    """What came of one call: the status with the body, or what was lacking and why."""

    status: int = 0
    body: bytes = b""
    lack: Lack | None = None
    why: str = ""


class _Line(asyncio.Protocol):
    """One connection, with one call at a time."""

    def __init__(self, wire: "Wire") -> None:
        self.wire = wire
        self.transport: asyncio.Transport | None = None
        self.quiet_since = self.asked_at = 0.0
        self._took: Callable[[Answer], None] | None = None
        self._body = bytearray()
        self._reader = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def usable(self, now: float) -> bool:
        """Whether a call may go out on it."""
        open_now = self.transport is not None and not self.transport.is_closing()
        return open_now and now - self.quiet_since < IDLE_SECONDS

    def say(self, request: bytes, took: Callable[[Answer], None], now: float) -> None:
        """Hands a request to the network; `took` gets the answer once."""
        assert self.transport is not None
        self._took, self.asked_at = took, now
        self.transport.write(request)

    def end_if_late(self, now: float) -> bool:
        """Gives up what has waited too long; whether anything waits still."""
        if self._took is not None and now - self.asked_at > ANSWER_SECONDS:
            self._end("no answer in time")
        return self._took is not None

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed_data(data)
        except httptools.HttpParserError as error:
            self._end(f"not HTTP: {error}")

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > MOST_BYTES:
            self._end("too long an answer")

    def on_message_complete(self) -> None:
        status = self._reader.get_status_code()
        if status < 200:  # a greeting before the answer
            return
        answer, self._body = Answer(status, bytes(self._body)), bytearray()
        took = self._let_go()
        if took is not None and self._reader.should_keep_alive():
            self.wire.put_back(self)
        else:  # an answer nobody asked for, or the last one
            self.close()
        if took is not None:
            took(answer)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(type(error).__name__ if error else "closed by the other end")

    def _let_go(self) -> Callable[[Answer], None] | None:
        took, self._took = self._took, None
        return took

    def _end(self, why: str) -> None:
        took = self._let_go()
        self.close()
        if took is not None:
            took(Answer(lack=Lack.LOST, why=why))

    def close(self) -> None:
        """Ends it; what was under way is lost."""
        self.wire.lines.discard(self)
        if self.transport is not None:
            self.transport.abort()


class Wire:
    """The connections to one address, `url` with the token in it up to the name of the method."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._secure = ssl.create_default_context(cafile=certifi.where()) if parts.scheme == "https" else None
        self._path = parts.path
        self._head = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: "
        self.lines: set[_Line] = set()
        self._free: deque[_Line] = deque()
        self._watching: asyncio.TimerHandle | None = None

    def put_back(self, line: _Line) -> None:
        """A connection is free again."""
        line.quiet_since = _now()
        self._free.append(line)

    def _take(self, now: float) -> _Line | None:
        while self._free:
            line = self._free.pop()  # the one used last is the surest
            if line.usable(now):
                return line
            line.close()
        return None

    def _watch(self) -> None:
        """Looks every second for calls that have waited too long, while there are any."""
        now = _now()
        waiting = [line for line in list(self.lines) if line.end_if_late(now)]
        self._watching = asyncio.get_running_loop().call_later(1.0, self._watch) if waiting else None

    @property
    def free(self) -> int:
        """How many connections are free, as far as we know."""
        return len(self._free)

    async def ready(self, wanted: int) -> None:
        """Opens what is missing of so many free connections; one first, to see whether anybody is there."""
        now = _now()
        for line in [line for line in self._free if not line.usable(now)]:
            self._free.remove(line)
            line.close()
        while (missing := wanted - len(self._free)) > 0:
            made = await asyncio.gather(*(self._open() for _ in range(missing if self._free else 1)))
            self._free.extend(line for line in made if isinstance(line, _Line))
            if any(not isinstance(line, _Line) for line in made):
                return

    async def _open(self) -> _Line | str:
        """A new connection, or why there is none."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, line = await asyncio.get_running_loop().create_connection(
                    lambda: _Line(self), self._host, self._port, ssl=self._secure, happy_eyeballs_delay=0.25
                )
        except (OSError, TimeoutError) as error:
            return type(error).__name__
        line.quiet_since = _now()
        self.lines.add(line)
        return line

    def begin(self, method: str, body: bytes, took: Callable[[Answer], None]) -> bool:
        """Hands a call to the network at once; `took` gets its answer. False when no connection is free."""
        line = self._take(now := _now())
        if line is not None:
            self._say(line, method, body, took, now)
        return line is not None

    def _say(self, line: _Line, method: str, body: bytes, took: Callable[[Answer], None], now: float) -> None:
        line.say(f"POST {self._path}{method}{self._head}{len(body)}\r\n\r\n".encode() + body, took, now)
        if self._watching is None:
            self._watching = asyncio.get_running_loop().call_later(1.0, self._watch)

    async def call(self, method: str, body: bytes) -> Answer:
        """One call, on a new connection when none is free; sets WRITTEN when it has gone out."""
        line = self._take(_now()) or await self._open()
        if not isinstance(line, _Line):
            return Answer(lack=Lack.UNWRITTEN, why=line)
        coming: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._say(line, method, body, lambda answer: None if coming.done() else coming.set_result(answer), _now())
        written = WRITTEN.get()
        if written is not None:
            written.set()
        try:
            return await coming
        except asyncio.CancelledError:
            line.close()  # its answer must not be taken for that of the next call
            raise

    def close(self) -> None:
        """Gives all connections back."""
        for line in list(self.lines):
            line.close()
        self._free.clear()
        if self._watching is not None:
            self._watching.cancel()


def _now() -> float:
    return asyncio.get_running_loop().time()
