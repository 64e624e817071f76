"""Zalo in a running process: what its webhook brings is kept, its token is renewed in time, a loss is told once."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from fastapi import FastAPI

from bot.channels.base import ChatNews, Keep, Note
from bot.channels.zalo.api import Api
from bot.channels.zalo.channel import Spending, ZaloChannel
from bot.channels.zalo.errors import OFFICERS, NotSent
from bot.channels.zalo.quotas import Quotas
from bot.channels.zalo.read import NAME, Echo, Looked, read
from bot.channels.zalo.tags import Tags
from bot.channels.zalo.tokens import App, NoToken, Tokens, box_of
from bot.channels.zalo.web import Signer, add_webhook
from bot.channels.zalo.write import Shape
from config.settings import Settings
from conversation.message import Message
from domain.worktime import local
from handlers.reminders import alarm
from storage import echoes
from storage.database import Connection, Database
from storage.files import FileStore

log = structlog.get_logger()
LOOK_EVERY = 600.0  # seconds between two looks whether the token must be renewed
ECHOES_KEPT = timedelta(days=3)
LOST = (
    "Zalo đã mất quyền gửi tin ({reason}). Tin người dân gửi tới vẫn được giữ; tin gửi đi đang chờ. Quản trị viên "
    "chạy “nhipcau doctor zalo” và đồng ý lại, khoảng 5 phút."
)


def app_of(settings: Settings) -> App:
    """The application of the settings."""
    assert settings.zalo_app_secret is not None
    seed = settings.zalo_refresh_token.get_secret_value() if settings.zalo_refresh_token else ""
    base = {"oauth": settings.zalo_oauth_url} if settings.zalo_oauth_url else {}
    return App(settings.zalo_app_id, settings.zalo_app_secret.get_secret_value(), seed=seed, **base)


def signer_of(settings: Settings) -> Signer:
    """Who may call our webhook."""
    secret = settings.zalo_oa_secret.get_secret_value() if settings.zalo_oa_secret else ""
    first: tuple[str, ...] = (settings.zalo_app_id,)
    if settings.zalo_signed_by == "app-or-oa":
        first += (settings.zalo_oa_id,)
    return Signer(first, secret, timedelta(hours=settings.zalo_replay_hours))


async def tell_lost(db: Connection, reason: str, version: int, now: datetime) -> None:
    """Tells those who answer for the office, once for each lost consent."""
    await alarm(db, LOST.format(reason=reason), f"zalo-lost:{version}", now)


class ZaloLine(ZaloChannel):
    """The Zalo channel of a running process."""

    def __init__(
        self, settings: Settings, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        secret = settings.secret.get_secret_value()
        self.tokens = Tokens(database, box_of(secret), app_of(settings), tell_lost, clock)
        shape = Shape(
            settings.zalo_typed_buttons, settings.zalo_form_image, settings.zalo_template_signs, settings.zalo_lists
        )
        spending = Spending(
            settings.zalo_own_template,
            settings.zalo_news_template,
            settings.zalo_paid_news,
            settings.zalo_reserve,
            tuple(settings.zalo_file_hosts.lower().split()),
        )
        api, files = Api(self.tokens, settings.zalo_api_url), FileStore(settings.data_dir / "files")
        super().__init__(api, database, shape, spending, settings.zalo_rate, files=files)
        self.quotas = Quotas(api, database) if settings.zalo_ask_quota else None
        self.tags = Tags(api, database) if settings.zalo_tags else None
        self.database, self.clock, self.signer = database, clock, signer_of(settings)

    async def worry(self, code: int, at: datetime | None) -> None:
        """Those who answer for the office are told once a day; a database that is away makes it a line of the log."""
        now = at or self.clock()
        try:
            async with self.database.write() as db:
                await alarm(db, f"{OFFICERS[code]} (mã {code})", f"zalo{code}:{local(now):%Y%m%d}", now)
        except Exception as error:  # the message's own ending matters more
            log.error("zalo trouble not told", code=code, error=type(error).__name__)

    def add_to(self, app: FastAPI, keep: Keep, note: Note) -> None:
        """The address of the webhook."""

        async def take(event: dict[str, Any]) -> None:
            await self.take(event, keep, note)

        add_webhook(app, self.signer, take, self.clock)

    async def take(self, event: dict[str, Any], keep: Keep, note: Note) -> None:
        """Keeps what an event brings; returning means that the platform may be told so."""
        now = self.clock()
        found = read(event, now)
        messages = [one for one in found if isinstance(one, Message)]
        if messages:
            await keep(messages, now)
        for one in found:
            if isinstance(one, ChatNews):
                await note(one)
            elif isinstance(one, Echo):
                async with self.database.write() as db:
                    await echoes.keep(db, NAME, one.platform_id, one.address, one.text, one.at)
            elif isinstance(one, Looked):
                async with self.database.write() as db:
                    await echoes.looked_at(db, NAME, one.address, one.platform_ids, one.at)

    async def listen(self, keep: Keep, note: Note, stopping: asyncio.Event) -> None:
        """Zalo calls us; here its token is kept fresh until `stopping`."""
        while not stopping.is_set():
            try:
                await self.tokens.access()
                self._stopped, self.told_apart = None, False
                async with self.database.write() as db:
                    await echoes.forget(db, self.clock() - ECHOES_KEPT)
                if self.quotas is not None:
                    await self.quotas.look(self.clock())
                if self.tags is not None:
                    await self.tags.look()
            except NoToken as error:
                self.told_apart = True
                self._stop(str(error), f"Zalo: {error}")
            except NotSent as error:
                log.warning("zalo not reached", error=str(error))
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the database is away: next time
                log.warning("zalo token not looked at", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOK_EVERY)
