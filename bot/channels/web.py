"""The web chat: a page, a stream of server-sent events from a cursor, a POST for what is said."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from bot.channels.base import Ending, Outcome, Unfetched
from bot.channels.web_file import add_upload
from conversation.message import Message, MessageKind
from domain.evidence import Refusal
from storage import transcript
from storage.database import Database
from storage.files import FileStore
from storage.outbox import Outgoing

NAME = "web"
COOKIE = "nhipcau"
PAGE = Path(__file__).parent.parent / "page"
KNOWN = re.compile(r"[A-Za-z0-9_-]{32,64}")
UPDATE = re.compile(r"[A-Za-z0-9_-]{8,64}")
MOST_BYTES = 2_500_000  # a 1 MB text in JSON escapes still fits
LONGEST = 5000  # signs of one line
KEEP_ALIVE = 20.0
Store = Callable[[Message, datetime], Awaitable[Any]]
POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; frame-ancestors 'none'"


class WebChannel:
    """A row that is sent is a line of the transcript: readers are only woken."""

    name = NAME
    rate: float | None = None
    burst = 1
    stopped: str | None = None

    def __init__(self, files: FileStore | None = None, most: int = 10_000_000) -> None:
        self.files, self.most = files, most  # where pictures from the page lie, how large they may be in bytes
        self._changed = asyncio.Condition()

    async def send(self, item: Outgoing) -> Outcome:
        """The line is written with the row's ending; the page reads it from its cursor."""
        asyncio.get_running_loop().call_later(0.02, self.wake)
        return Outcome(Ending.SENT)

    def may_push(self, item: Outgoing, now: datetime) -> bool:
        """The line waits on the page until it is looked at."""
        return True

    async def fetch(self, file_id: str, most: int) -> bytes:
        """What the page sent lies with us already."""
        content = await asyncio.to_thread(self.files.received, file_id) if self.files is not None else None
        if content is None:
            raise Unfetched(Refusal.GONE, final=True)
        return content

    def wake(self) -> None:
        """Lets the open streams look."""
        task = asyncio.ensure_future(self._notify())
        task.add_done_callback(lambda done: done.exception())

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def wait(self, longest: float) -> None:
        """Until something was said to somebody, or so many seconds."""
        try:
            async with self._changed:
                await asyncio.wait_for(self._changed.wait(), longest)
        except TimeoutError:
            return


def visitor(request: Request) -> str | None:
    """The random id of the cookie, if it is one of ours by shape."""
    value = request.cookies.get(COOKIE, "")
    return value if KNOWN.fullmatch(value) else None


def admitted(request: Request) -> tuple[str, Response | None]:
    """Who writes, from our own page; or the refusal."""
    who = visitor(request)
    if who is None:
        return "", JSONResponse({"error": "Anh/chị tải lại trang giúp em nhé."}, 403)
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return who, JSONResponse({"error": "Trang lạ không được gửi thay anh/chị."}, 403)
    return who, None


def entered(request: Request) -> tuple[str, str, Response | None]:
    """Who sends a file, under which update id; or the refusal."""
    who, refusal = admitted(request)
    update = request.query_params.get("id", "")
    if refusal is None and not UPDATE.fullmatch(update):
        refusal = JSONResponse({"error": "Em không đọc được tin này, anh/chị gửi lại giúp em."}, 400)
    return who, update, refusal


async def hear(request: Request, who: str, store: Store) -> Response:
    """What was said, as JSON `{"text", "id", "button"}`: kept, or refused with words."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return JSONResponse({"error": "Tin dài quá, anh/chị chia nhỏ giúp em nhé."}, 413)
    try:
        said = json.loads(body)
        text, update, pressed = said["text"], said["id"], bool(said.get("button"))
    except (ValueError, KeyError, TypeError, RecursionError):  # RecursionError: a thousand brackets
        return JSONResponse({"error": "Em không đọc được tin này, anh/chị gửi lại giúp em."}, 400)
    if not isinstance(text, str) or not text or not isinstance(update, str) or not UPDATE.fullmatch(update):
        return JSONResponse({"error": "Tin trống, anh/chị viết vài chữ nhé."}, 400)
    now = datetime.now(UTC)
    kind = MessageKind.BUTTON if pressed else MessageKind.TEXT
    fresh = await store(Message(NAME, "", f"{who[:16]}:{update}", who, text, now, kind), now)
    return JSONResponse({"kept": True, "fresh": bool(fresh)}, 202)


def stream_of(
    request: Request, database: Database, channel: WebChannel, who: str, cursor: int, stopping: asyncio.Event
) -> Response:
    """The lines of one visitor after the cursor, then every new one, as server-sent events."""
    lines = _lines(request, database, channel, who, cursor, stopping)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


def web_app(
    database: Database,
    channel: WebChannel,
    store: Store,
    ready: Callable[[], dict[str, Any]],
    stopping: asyncio.Event,
    public: bool,
) -> FastAPI:
    """The application; `store` keeps a message and wakes the receiver."""
    app = FastAPI(title="Nhịp Cầu", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/page", StaticFiles(directory=PAGE), name="page")

    app.add_middleware(_Guard)

    @app.get("/")
    async def page(request: Request) -> Response:
        answer = FileResponse(PAGE / "chat.html", media_type="text/html; charset=utf-8")
        if visitor(request) is None:
            answer.set_cookie(
                COOKIE, secrets.token_urlsafe(32), max_age=180 * 86400, httponly=True, samesite="lax", secure=public
            )
        return answer

    if channel.files is not None:
        add_upload(app, channel.files, channel.most, entered, store)

    @app.post("/say")
    async def say(request: Request) -> Response:
        who, refusal = admitted(request)
        if refusal is not None:
            return refusal
        return await hear(request, who, store)

    @app.get("/stream")
    async def stream(request: Request, after: int = 0) -> Response:
        who = visitor(request)
        if who is None:
            return JSONResponse({"error": "Anh/chị tải lại trang giúp em nhé."}, 403)
        last = request.headers.get("last-event-id", "")
        cursor = max(after, int(last) if last.isdigit() and len(last) < 16 else 0)
        return stream_of(request, database, channel, who, cursor, stopping)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/ready")
    async def is_ready() -> Response:
        state = ready()
        return JSONResponse(state, 200 if state.get("ready") else 503)

    return app


class _Guard:
    """Tells browsers with every answer what the page may do."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Event) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", POLICY)  # a room beside us may have its own
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)


async def _lines(
    request: Request, database: Database, channel: WebChannel, who: str, cursor: int, stopping: asyncio.Event
) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    idle = 0.0
    while not stopping.is_set() and not await request.is_disconnected():
        async with database.read() as db:
            rows = await transcript.lines_after(db, NAME, "", who, cursor)
        for row in rows:
            cursor = row.id
            line = {
                "direction": row.direction,
                "text": row.text[:LONGEST],
                "choices": row.choices,
                "at": row.at.isoformat(),
                "files": [
                    {"label": file.label, "picture": file.picture, "url": file.url} for file in row.files if file.url
                ],
                "calendar": row.calendar,
            }
            yield f"id: {row.id}\ndata: {json.dumps(line, ensure_ascii=True)}\n\n"
        idle = 0.0 if rows else idle + 1.0
        if idle >= KEEP_ALIVE:
            idle = 0.0
            yield ": here\n\n"
        await channel.wait(1.0)
