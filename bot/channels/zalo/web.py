"""Zalo's webhook: the signature over the raw bytes is checked, the event is kept, then comes the 200, within two seconds."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response

from bot.channels.zalo.read import happened_at

log = structlog.get_logger()
PATH = "/zalo"
CALLBACK_PATH = "/zalo/dong-y"
MOST_BYTES = 1_000_000
PATIENCE = 1.5  # seconds to keep an event; the platform waits two
PASTE = (
    "Anh/chị sao chép toàn bộ địa chỉ trên thanh trình duyệt rồi dán vào cửa sổ lệnh đang chờ (nhipcau doctor zalo)."
)
Take = Callable[[dict[str, Any]], Awaitable[object]]


@dataclass(frozen=True)
class Signer:
    """Who may call: `first` are the ids that may stand at the head of what is signed; `window`: how old an event may be."""

    first: tuple[str, ...]
    secret: str
    window: timedelta = timedelta(hours=3)

    def signed(self, raw: bytes, shown: str, timestamp: str) -> bool:
        """Whether the header is the SHA-256 of id, raw bytes, timestamp and the account's secret (no HMAC)."""
        mac = shown.strip().removeprefix("mac=").strip().lower()
        good = False
        for head in self.first:
            want = hashlib.sha256(head.encode() + raw + timestamp.encode() + self.secret.encode()).hexdigest()
            good |= hmac.compare_digest(mac.encode("utf-8", "replace"), want.encode())
        return good

    def judge(self, raw: bytes, shown: str, now: datetime) -> tuple[int, dict[str, Any] | None]:
        """The status to answer with, and the event when it is to be kept."""
        event = _event(raw)
        if not shown:  # a first call to see whether anybody is there carries no signature and brings nothing
            probe = not self.secret or event is None or "event_name" not in event
            return (200 if probe else 403), None
        if not self.secret:
            return 503, None  # it comes again; by then the secret may be set
        if event is None or not self.signed(raw, shown, str(event.get("timestamp", ""))):
            return 403, None
        at = happened_at(event)
        if at is None or abs(now - at) > self.window:
            log.warning("zalo event too old", name=event.get("event_name"))
            return 200, None
        return 200, event


def _event(raw: bytes) -> dict[str, Any] | None:
    try:
        held = json.loads(raw)
    except (ValueError, RecursionError):  # no JSON, or a thousand brackets
        return None
    return held if isinstance(held, dict) else None


def add_webhook(app: FastAPI, signer: Signer, take: Take, clock: Callable[[], datetime]) -> None:
    """Adds the address that Zalo calls, the page where consent ends; `take` keeps an event durably."""
    keeping: set[asyncio.Task[object]] = set()

    @app.post(PATH)
    async def called(request: Request) -> Response:
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > MOST_BYTES:
                return Response(status_code=413)
        status, event = signer.judge(bytes(raw), request.headers.get("x-zevent-signature", ""), clock())
        if status != 200:
            log.warning("zalo call refused", status=status)
        if event is None:
            return Response(status_code=status)
        task: asyncio.Task[object] = asyncio.ensure_future(take(event))
        keeping.add(task)
        task.add_done_callback(keeping.discard)
        try:
            await asyncio.wait_for(asyncio.shield(task), PATIENCE)
        except Exception as error:  # the inbox is slow or away: the platform calls again, a second copy is known as one
            log.error("zalo event not kept yet", error=type(error).__name__, retry=request.headers.get("num_retry"))
            return Response(status_code=503)
        return Response("ok")

    @app.get(PATH)
    async def looked() -> Response:
        return Response("ok")

    @app.get(CALLBACK_PATH)
    async def consented() -> Response:
        return Response(PASTE, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
