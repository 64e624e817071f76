"""Listens to Telegram: one process polls, or the webhook is set once."""

import asyncio
import contextlib
from dataclasses import dataclass

import structlog
from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from fastapi import FastAPI

from bot.channels.base import Keep, Note
from bot.channels.telegram import TelegramChannel, webhook_secret
from bot.channels.telegram_web import PATH, add_webhook
from config.settings import Settings
from storage import leases
from storage.database import Database
from storage.files import FileStore

log = structlog.get_logger()
POLL_SECONDS = 20
LEASE = "telegram-poll"
LEASE_SECONDS = 60.0
LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Hook:
    """Where the platform calls us, with the secret that it must show."""

    url: str
    secret: str


class TelegramLine(TelegramChannel):
    """The Telegram channel of a running process; `who` names the process in the lease on polling."""

    def __init__(self, settings: Settings, database: Database, who: str) -> None:
        assert settings.telegram_token is not None
        token = settings.telegram_token.get_secret_value()
        super().__init__(
            token, settings.telegram_api_url, settings.telegram_rate, files=FileStore(settings.data_dir / "files")
        )
        self.hook: Hook | None = None
        if settings.telegram_mode == "webhook":
            secret = webhook_secret(settings.secret.get_secret_value(), token)
            self.hook = Hook(settings.telegram_webhook_url.rstrip("/") + PATH, secret)
        self._database, self._who = database, who

    async def listen(self, keep: Keep, note: Note, stopping: asyncio.Event) -> None:
        """Polls, or sets the webhook and waits."""
        await listen(self, self._database, keep, note, stopping, self._who, self.hook)

    def add_to(self, app: FastAPI, keep: Keep, note: Note) -> None:
        """The address of the webhook, in that mode."""
        if self.hook is not None:
            add_webhook(app, self, self.hook.secret, keep, note)


async def listen(
    channel: TelegramChannel,
    database: Database,
    keep: Keep,
    note: Note,
    stopping: asyncio.Event,
    who: str,
    hook: Hook | None,
) -> None:
    """Runs until `stopping`; outlives every failure but a refused token."""
    begun, pause = False, 1.0
    while not stopping.is_set():
        try:
            if not begun:
                await channel.begin(hook.url if hook else "", hook.secret if hook else "")
                begun, pause = True, 1.0
                log.info("telegram listens", mode="webhook" if hook else "polling")
            if hook is not None:
                await stopping.wait()
                return
            async with database.write() as db:
                mine = await leases.hold(db, LEASE, who, LEASE_SECONDS)
            if not mine:
                await _rest(stopping, 5.0)
                continue
            await _poll(channel, keep, note, stopping)
            pause = 1.0
        except (TelegramUnauthorizedError, TelegramNotFound):
            channel.stopped = "Telegram refuses the token; set NHIPCAU_TELEGRAM_TOKEN anew"
            log.error("channel stopped", channel=channel.name, why=channel.stopped)
            return
        except TelegramRetryAfter as error:
            await _rest(stopping, error.retry_after + 0.5)
        except TelegramConflictError as error:
            log.warning("another program uses this token; only one may", told=error.message)
            begun = "webhook" not in error.message  # one that was set meanwhile is taken away again
            await _rest(stopping, 5.0)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # network or database away: nothing was confirmed, nothing is lost
            expected = isinstance(error, AiogramError)
            log.warning("telegram not reached", error=type(error).__name__, again_in=pause, exc_info=not expected)
            await _rest(stopping, pause)
            pause = min(pause * 2, LONGEST_PAUSE)


async def _poll(channel: TelegramChannel, keep: Keep, note: Note, stopping: asyncio.Event) -> None:
    """One poll, given up when we stop: what it would have brought is not confirmed and comes again."""
    polling = asyncio.ensure_future(channel.poll(keep, note, POLL_SECONDS))
    ending = asyncio.ensure_future(stopping.wait())
    await asyncio.wait((polling, ending), return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not polling.done():
        if channel.keeping:  # what is being kept may finish
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(polling), 2.0)
        polling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await polling
        return
    await polling


async def _rest(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
