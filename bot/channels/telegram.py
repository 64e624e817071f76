"""Telegram: polls or is called, keeps every update before acknowledging it, sends with a named outcome."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats
from aiogram.utils.token import validate_token

from bot.channels.base import Ending, Outcome
from bot.channels.telegram_read import NAME, ChatNews, Pressed, read
from bot.channels.telegram_write import CAPTION_LIMIT, calendar_file, entities, keyboard, parts, width
from conversation.message import Message
from domain.person import AddressState
from storage.outbox import Outgoing

log = structlog.get_logger()
UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
POLL_SECONDS = 25
SEND_SECONDS = 60
CONNECT_SECONDS = 5
CONTENT_ERRORS = ("can't parse", "too long", "BUTTON", "empty", "entity")
COMMANDS = {
    "phieu": ("Ghi hoặc tiếp tục phiếu nhu cầu", "State a technology need"),
    "congnghe": ("Xem công nghệ đang có", "See technology offers"),
    "chuongtrinh": ("Tìm chương trình hỗ trợ", "Find a support programme"),
    "sukien": ("Xem hội thảo, sự kiện", "See coming events"),
    "trangthai": ("Phiếu của tôi đến đâu", "Status of my needs"),
    "canbo": ("Gặp cán bộ", "Talk to an officer"),
    "dulieu": ("Dữ liệu của tôi", "My data"),
    "dung": ("Dừng nhận tin", "Stop news"),
    "help": ("Em giúp được gì", "What I can do"),
}
Keep = Callable[[list[Message], datetime], Awaitable[object]]
Note = Callable[[ChatNews], Awaitable[object]]


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates without parsing: one update of an unknown shape must not stop the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int = POLL_SECONDS
    limit: int = 100
    allowed_updates: list[str] = UPDATES


class _Session(AiohttpSession):
    """The library's session with a time limit for connecting of its own."""

    def __init__(self, base: str) -> None:
        super().__init__(api=TelegramAPIServer.from_base(base)) if base else super().__init__()
        self._connector_init["keepalive_timeout"] = 15  # a stale connection makes an outcome unknown

    async def create_session(self) -> aiohttp.ClientSession:
        session = await super().create_session()
        session._timeout = aiohttp.ClientTimeout(total=SEND_SECONDS, connect=CONNECT_SECONDS)
        return session


def webhook_secret(secret: str, token: str) -> str:
    """What the platform must show with each call; made from our secret, so there is nothing more to configure."""
    return hmac.new(secret.encode(), f"telegram:{token}".encode(), hashlib.sha256).hexdigest()


class TelegramChannel:
    """One bot account. `keep` stores messages durably; `note` takes news about chats."""

    name = NAME

    def __init__(self, token: str, base: str = "", rate: float = 25.0, burst: int = 5) -> None:
        validate_token(token)
        self.rate: float | None = rate
        self.burst = burst
        self.stopped: str | None = None
        self.account = ""  # one bot an installation: addresses stay the same when its token is renewed
        self.bot = Bot(token, session=_Session(base))
        self._offset: int | None = None
        self.keeping = False  # fetched updates are being stored
        self._tasks: set[asyncio.Task[object]] = set()

    # --- receiving ----------------------------------------------------------------------------------------------
    async def begin(self, webhook: str = "", secret: str = "") -> None:
        """Sets how updates arrive and registers the commands; raises the library's errors."""
        if webhook:
            await self.bot.set_webhook(webhook, secret_token=secret, allowed_updates=UPDATES, max_connections=40)
        else:
            await self.bot.delete_webhook(drop_pending_updates=False)
        for language, index in (("", 0), ("vi", 0), ("en", 1)):
            commands = [BotCommand(command=name, description=words[index]) for name, words in COMMANDS.items()]
            await self.bot.set_my_commands(
                commands, scope=BotCommandScopeAllPrivateChats(), language_code=language or None
            )

    async def poll(self, keep: Keep, note: Note, seconds: int = POLL_SECONDS) -> int:
        """Fetches what has come, keeps it, and only then lets the next poll confirm it; how many updates."""
        asked = GetRawUpdates(offset=self._offset, timeout=seconds)
        raws = await self.bot(asked, request_timeout=seconds + 15)
        if raws:
            self.keeping = True
            try:
                await self.take(raws, keep, note)
            finally:
                self.keeping = False
            self._offset = max(int(raw["update_id"]) for raw in raws) + 1
        return len(raws)

    async def take(self, raws: list[dict[str, Any]], keep: Keep, note: Note) -> None:
        """Keeps updates durably; returning means that they may be confirmed to the platform."""
        now = datetime.now(UTC)
        found = [read(raw, self.account, now) for raw in raws]
        messages = [held for item in found if (held := item.message if isinstance(item, Pressed) else item)]
        await keep([item for item in messages if isinstance(item, Message)], now)
        for item in found:
            if isinstance(item, ChatNews):
                await note(item)
            elif isinstance(item, Pressed):
                self._later(self._acknowledge(item.query_id))

    def _later(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _acknowledge(self, query_id: str) -> None:
        """Ends the waiting sign on the button; too late is no harm."""
        try:
            await self.bot.answer_callback_query(query_id)
        except (TelegramAPIError, ClientDecodeError) as error:
            log.info("press not acknowledged", error=type(error).__name__)

    async def close(self) -> None:
        """Gives the connections back."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1)
        await self.bot.session.close()

    # --- sending ------------------------------------------------------------------------------------------------
    async def send(self, item: Outgoing) -> Outcome:
        """Sends one message, a long one in parts; the buttons hang under the last part."""
        done: str | None = None
        try:
            if item.gathering is not None and width(item.text) <= CAPTION_LIMIT:
                return Outcome(Ending.SENT, await self._send_file(item))
            pieces = parts(item.text)
            for index, piece in enumerate(pieces):
                last = index == len(pieces) - 1
                made = await self.bot.send_message(
                    chat_id=item.external_id,
                    text=piece,
                    entities=entities(piece) or None,
                    reply_markup=keyboard(item) if last else None,
                    parse_mode=None,
                )
                done = str(made.message_id)
            return Outcome(Ending.SENT, done)
        except (TelegramAPIError, ClientDecodeError) as error:
            outcome = self._outcome(error)
        if done is not None and outcome.ending is not Ending.REFUSED:  # a part has arrived: never the whole again
            return Outcome(Ending.REFUSED, done, f"only a part arrived: {outcome.reason}")
        return outcome

    async def _send_file(self, item: Outgoing) -> str:
        assert item.gathering is not None
        made = await self.bot.send_document(
            chat_id=item.external_id,
            document=calendar_file(item.gathering),
            caption=item.text,
            caption_entities=entities(item.text) or None,
            reply_markup=keyboard(item),
            parse_mode=None,
        )
        where = item.gathering
        if where.latitude is not None and where.longitude is not None:
            venue = self.bot.send_venue(item.external_id, where.latitude, where.longitude, where.title, where.place)
            self._later(self._try(venue))
        return str(made.message_id)

    async def _try(self, work: Awaitable[object]) -> None:
        try:
            await work
        except (TelegramAPIError, ClientDecodeError) as error:
            log.info("map not sent", error=type(error).__name__)

    def may_push(self, item: Outgoing, now: datetime) -> bool:
        """Telegram lets a bot write to whoever started it."""
        return True

    def _outcome(self, error: Exception) -> Outcome:
        """The named outcome of a failed call."""
        reason = f"{type(error).__name__}: {getattr(error, 'message', '')}"[:300]
        if isinstance(error, TelegramRetryAfter):
            return Outcome(Ending.UNSENT, reason=reason, pause=float(error.retry_after) + 0.5)
        if isinstance(error, TelegramMigrateToChat):
            return Outcome(Ending.UNSENT, reason=reason, wait=0.0, moved_to=str(error.migrate_to_chat_id))
        if isinstance(error, TelegramForbiddenError):
            return Outcome(Ending.REFUSED, reason=reason, address=AddressState.BLOCKED)
        if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
            return self._stop("Telegram refuses the token; set NHIPCAU_TELEGRAM_TOKEN anew", reason)
        if isinstance(error, TelegramBadRequest):
            gone = "chat not found" in reason or "user not found" in reason
            return Outcome(Ending.REFUSED, reason=reason, address=AddressState.INVALID if gone else None)
        if isinstance(error, TelegramNetworkError):
            return Outcome(Ending.UNSENT if _never_written(error) else Ending.UNKNOWN, reason=reason, wait=2.0)
        if isinstance(error, TelegramServerError | ClientDecodeError | TelegramConflictError):
            return Outcome(Ending.UNKNOWN, reason=reason, wait=3.0)
        return Outcome(Ending.REFUSED, reason=reason)

    def _stop(self, why: str, reason: str) -> Outcome:
        if self.stopped is None:
            log.error("channel stopped", channel=self.name, why=why)
        self.stopped = why
        return Outcome(Ending.UNSENT, reason=reason, wait=60.0)


def _never_written(error: TelegramNetworkError) -> bool:
    """Whether the request provably never left: no connection was made."""
    cause = error.__cause__
    return isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
