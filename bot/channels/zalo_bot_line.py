"""Listens to Zalo's Bot Platform: one process polls, or the webhook is set once."""

import asyncio
import contextlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response

from bot.channels.base import Keep, Note
from bot.channels.zalo_bot import (
    IDLE,
    LIMITED,
    TOKEN_REFUSED,
    Client,
    Told,
    ZaloBotChannel,
    hosts_of,
    read,
    unwrapped,
    webhook_secret,
)
from config.settings import Settings
from storage import leases
from storage.database import Database

log = structlog.get_logger()
PATH = "/zalo-bot"
SECRET_HEADER = "x-bot-api-secret-token"
POLL_SECONDS = 20
LEASE, LEASE_SECONDS = "zalo-bot-poll", 60.0
LONGEST_PAUSE = 30.0
MOST_BYTES = 1_000_000


class ZaloBotLine(ZaloBotChannel):
    """The channel of a running process; `who` names the process in the lease on polling."""

    def __init__(self, settings: Settings, database: Database, who: str) -> None:
        assert settings.zalo_bot_token is not None
        token = settings.zalo_bot_token.get_secret_value()
        client = Client(token, settings.zalo_bot_api_url)
        hosts = hosts_of(settings.zalo_bot_file_hosts)
        super().__init__(client, settings.zalo_bot_rate, settings.zalo_bot_limited_pause, settings.zalo_bot_news, hosts)
        self.url = settings.zalo_bot_webhook_url.rstrip("/") if settings.zalo_bot_mode == "webhook" else ""
        self.secret = webhook_secret(settings.secret.get_secret_value(), token)
        self._database, self._who = database, who

    async def listen(self, keep: Keep, note: Note, stopping: asyncio.Event) -> None:
        """Runs until `stopping`; outlives every failure but a refused token."""
        begun, pause = False, 1.0
        while not stopping.is_set() and self.stopped is None:
            try:
                if not begun:
                    await self._begin()
                    begun, pause = True, 1.0
                    log.info("zalo bot listens", mode="webhook" if self.url else "polling")
                if self.url:
                    await stopping.wait()
                    return
                async with self._database.write() as db:
                    mine = await leases.hold(db, LEASE, self._who, LEASE_SECONDS)
                if not mine:
                    await _rest(stopping, 5.0)
                    continue
                await self._poll(keep, stopping)
                pause = 1.0
            except asyncio.CancelledError:
                raise
            except Exception as error:
                if _code(error) == 401:
                    self.stopped = TOKEN_REFUSED
                    log.error("channel stopped", channel=self.name, why=self.stopped)
                    return
                begun = begun and _code(error) != 400  # a webhook that was set meanwhile is taken away again
                log.warning("zalo bot not reached", error=type(error).__name__, again_in=pause, exc_info=False)
                await _rest(stopping, self._limited_pause if _code(error) == LIMITED else pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _begin(self) -> None:
        me = await self.client.call("getMe")
        self.own_id = str(me.get("id") or "") if isinstance(me, dict) else ""
        if self.url:
            await self.client.call("setWebhook", url=self.url + PATH, secret_token=self.secret)
        else:
            await self.client.call("deleteWebhook")

    async def _poll(self, keep: Keep, stopping: asyncio.Event) -> None:
        """One poll brings one update, which is read only once: it is held until it is kept."""
        asking = asyncio.ensure_future(self.client.call("getUpdates", POLL_SECONDS + 15, timeout=str(POLL_SECONDS)))
        ending = asyncio.ensure_future(stopping.wait())
        await asyncio.wait((asking, ending), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not asking.done():
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asking
            return
        try:
            update = unwrapped(await asking)
        except Told as told:
            if told.code == IDLE:  # nobody wrote
                return
            raise
        while update is not None:
            try:
                await self._take(update, keep)
                return
            except Exception as error:  # the platform will not give it again
                log.error("inbox away", error=type(error).__name__)
                if stopping.is_set():
                    return
                await _rest(stopping, 1.0)

    async def _take(self, update: dict[str, Any], keep: Keep) -> None:
        now = datetime.now(UTC)
        said = read(update, self.own_id, now)
        await keep([said] if said is not None else [], now)

    def add_to(self, app: FastAPI, keep: Keep, note: Note) -> None:
        """The address of the webhook, in that mode: the secret is checked, the update kept, only then comes the 200."""
        if not self.url:
            return

        @app.post(PATH)
        async def called(request: Request) -> Response:
            shown = request.headers.get(SECRET_HEADER, "")
            if not hmac.compare_digest(shown.encode(), self.secret.encode()):
                return Response(status_code=403)
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    return Response(status_code=413)
            try:
                update = unwrapped(json.loads(body))
            except (ValueError, RecursionError):
                update = None
            if update is None:
                log.warning("webhook body is no update")
                return Response("ok")  # asking for it again would bring the same bytes
            try:
                await self._take(update, keep)
            except Exception as error:  # the inbox is away: the platform may call again
                log.error("inbox away", error=type(error).__name__)
                return Response(status_code=503)
            return Response("ok")


def _code(error: Exception) -> int:
    return error.code if isinstance(error, Told) else 0


async def _rest(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
