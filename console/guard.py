"""Stands before every page: headers of safety, no writing from strange pages, pages made small on the way."""

import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = ("GET", "HEAD", "OPTIONS")
MOST_BYTES = 300_000  # of one form
MOST_FILE_BYTES = 21_000_000  # of one that brings a file
FILES = "/tep"  # how the addresses end that take files


def from_here(headers: Headers) -> bool:
    """Whether a browser sent this from a page of ours."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


class Guard:
    """Wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, began = Headers(scope=scope), time.perf_counter()

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                worn = MutableHeaders(scope=message)
                _dress(worn, scope)
                worn["Server-Timing"] = f"page;dur={(time.perf_counter() - began) * 1000:.1f}"
            await send(message)

        if scope["method"] not in SAFE:
            length = headers.get("content-length", "0")
            if not from_here(headers):
                await PlainTextResponse("Yêu cầu đến từ trang lạ nên bị từ chối.", 403)(scope, receive, dressed)
                return
            most = MOST_FILE_BYTES if scope["path"].endswith(FILES) else MOST_BYTES
            if not length.isdigit() or int(length) > most or "transfer-encoding" in headers:
                await PlainTextResponse("Nội dung dài quá.", 413)(scope, receive, dressed)
                return
        await self.app(scope, receive, dressed)


def _dress(headers: MutableHeaders, scope: Scope) -> None:
    headers.setdefault("Content-Security-Policy", POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if scope.get("scheme") == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    headers.setdefault("Cache-Control", "no-store")
