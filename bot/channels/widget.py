"""The widget: the web chat on a page of another site, from the pages that may; others are told kindly where to go."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from bot.channels.web import KNOWN, PAGE, UPDATE, Store, WebChannel, hear, stream_of
from bot.channels.web_file import add_upload
from storage.database import Database

FILES = {"widget.js": "text/javascript; charset=utf-8", "widget.css": "text/css; charset=utf-8"}
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}  # nothing secret in it
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": "7200",
}
STRANGE = "Trang này chưa được phép mở khung trò chuyện. Anh/chị mở trang trò chuyện của Sở để hỏi em nhé."
UNKNOWN = "Anh/chị đóng khung trò chuyện rồi mở lại giúp em nhé."


def may_open(request: Request, origins: frozenset[str]) -> bool:
    """Whether the page that asks is our own or one of those the setting names."""
    origin = request.headers.get("origin")
    if origin is None:  # a browser leaves it out only for our own pages
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return origin in origins or urlsplit(origin).netloc == request.headers.get("host")


def visitor(request: Request) -> str | None:
    """The random id that the widget was given; it lies with the page, never in a cookie."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value if kind.lower() == "bearer" and KNOWN.fullmatch(value) else None


def entered(request: Request, origins: frozenset[str]) -> tuple[str, Response | None]:
    """Who speaks, from a page that may; or the refusal."""
    if not may_open(request, origins):
        return "", JSONResponse({"error": STRANGE}, 403)
    who = visitor(request)
    return who or "", None if who else JSONResponse({"error": UNKNOWN}, 403)


def add_widget(
    app: FastAPI,
    database: Database,
    channel: WebChannel,
    store: Store,
    stopping: asyncio.Event,
    origins: frozenset[str],
) -> None:
    """Adds the script, its style and the addresses it calls; `origins` are other sites' `https://name[:port]`."""

    def said(request: Request, answer: Response) -> Response:
        """The answer with the leave to read it: a refusal may be read by anybody, the rest by pages that may."""
        allowed = may_open(request, origins)
        answer.headers["Access-Control-Allow-Origin"] = request.headers.get("origin", "*") if allowed else "*"
        answer.headers["Vary"] = "Origin"
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    for name, kind in FILES.items():
        app.get(f"/{name}")(_giver(name, kind))

    @app.options("/widget/{part}")
    async def asked(request: Request, part: str) -> Response:
        return said(request, Response(status_code=204, headers=PREFLIGHT if may_open(request, origins) else {}))

    @app.get("/widget/hello")
    async def hello(request: Request) -> Response:
        if not may_open(request, origins):
            return said(request, JSONResponse({"allowed": False, "error": STRANGE}))
        fresh = JSONResponse({"allowed": True, "visitor": secrets.token_urlsafe(32)})  # for whoever has none yet
        fresh.headers["Cache-Control"] = "no-store"
        return said(request, fresh)

    @app.post("/widget/say")
    async def say(request: Request) -> Response:
        who, refusal = entered(request, origins)
        return said(request, refusal or await hear(request, who, store))

    @app.get("/widget/stream")
    async def stream(request: Request, after: int = 0) -> Response:
        who, refusal = entered(request, origins)
        return said(request, refusal or stream_of(request, database, channel, who, max(after, 0), stopping))

    if channel.files is not None:

        def sends(request: Request) -> tuple[str, str, Response | None]:
            who, refusal = entered(request, origins)
            update = request.query_params.get("id", "")
            if refusal is None and not UPDATE.fullmatch(update):
                refusal = JSONResponse({"error": "Em không đọc được ảnh này, anh/chị gửi lại giúp em."}, 400)
            return who, update, refusal

        add_upload(app, channel.files, channel.most, sends, store, "/widget/file", said)


def _giver(name: str, kind: str) -> Callable[[], Awaitable[Response]]:
    async def give() -> Response:
        headers = {**OPEN, "Cache-Control": "public, max-age=600"}
        return FileResponse(PAGE / name, media_type=kind, headers=headers)

    return give
