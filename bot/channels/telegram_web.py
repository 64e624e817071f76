"""Telegram's webhook: the secret is checked, the update is kept, only then comes the 200."""

import hmac
import json
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response

from bot.channels.base import Keep, Note
from bot.channels.telegram import TelegramChannel

log = structlog.get_logger()
PATH = "/telegram"
MOST_BYTES = 1_000_000
RETRY_AFTER = "5"  # seconds


def add_webhook(app: FastAPI, channel: TelegramChannel, secret: str, keep: Keep, note: Note) -> None:
    """Adds the address that Telegram calls."""

    @app.post(PATH)
    async def called(request: Request) -> Response:
        shown = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(shown.encode(), secret.encode()):
            return Response(status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return Response(status_code=413)
        try:
            raw: dict[str, Any] = json.loads(body)
            int(raw["update_id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            log.warning("webhook body is no update")
            return Response("ok")  # asking for it again would bring the same bytes
        try:
            await channel.take([raw], keep, note)
        except Exception as error:  # the inbox is away: the platform keeps the update and calls again
            log.error("inbox away", error=type(error).__name__)
            return Response(status_code=503, headers={"Retry-After": RETRY_AFTER})
        return Response("ok")
