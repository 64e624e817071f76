"""Telegram: polls or is called, keeps every update before acknowledging it, sends with a named outcome."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp
import structlog
from aiogram import Bot, types
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats
from aiogram.utils.token import validate_token

from bot.channels.base import ChatNews, Ending, Keep, Note, Outcome, Unfetched
from bot.channels.telegram_files import Files
from bot.channels.telegram_pace import Pacer, bound
from bot.channels.telegram_read import NAME, Pressed, read
from bot.channels.telegram_wire import ANSWER_SECONDS, Answer, Lack, Session, Wire
from bot.channels.telegram_write import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    as_call,
    calendar_file,
    entities,
    keyboard,
    parts,
    width,
)
from conversation.message import Message
from conversation.reply import Enclosure
from domain.evidence import Refusal
from domain.person import AddressState
from storage.files import FileStore
from storage.outbox import Outgoing

log = structlog.get_logger()
UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
POLL_SECONDS = 25
PROBE_SECONDS = 8
PART_PATIENCE = 45.0  # for the later parts of a long text
COMMANDS = {
    "phieu": ("Ghi hoặc tiếp tục phiếu nhu cầu", "State a technology need"),
    "congnghe": ("Xem công nghệ đang có", "See technology offers"),
    "chuongtrinh": ("Tìm chương trình hỗ trợ", "Find a support programme"),
    "sukien": ("Xem hội thảo, sự kiện", "See coming events"),
    "trangthai": ("Phiếu của tôi đến đâu", "Status of my needs"),
    "canbo": ("Gặp cán bộ", "Talk to an officer"),
    "dulieu": ("Dữ liệu của tôi", "My data"),
    "lienket": ("Liên kết với kênh khác", "Link another channel"),
    "dung": ("Dừng nhận tin", "Stop news"),
    "help": ("Em giúp được gì", "What I can do"),
}


Act = Callable[[], Awaitable[types.Message | Outcome]]


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates without parsing: one update of an unknown shape must not stop the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int = POLL_SECONDS
    limit: int = 100
    allowed_updates: list[str] = UPDATES


def webhook_secret(secret: str, token: str) -> str:
    """What the platform must show with each call; made from our secret, so there is nothing more to configure."""
    return hmac.new(secret.encode(), f"telegram:{token}".encode(), hashlib.sha256).hexdigest()


class TelegramChannel:
    """One bot account. `keep` stores messages durably; `note` takes news about chats."""

    name = NAME
    remedy = "Telegram không nhận mã của bot: quản trị viên đặt lại NHIPCAU_TELEGRAM_TOKEN."

    def __init__(
        self, token: str, base: str = "", rate: float = 25.0, burst: int = 5, files: FileStore | None = None
    ) -> None:
        validate_token(token)
        self.files = Files(files)
        self.rate: float | None = rate
        self.burst = burst
        self.stopped: str | None = None
        self.account = ""  # one bot an installation: addresses stay the same when its token is renewed
        self.bot = Bot(token, session=Session(base))
        self.wire = Wire(self.bot.session.api.api_url(token, ""))
        self.pacer = Pacer()
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
        self.wire.close()
        await self.bot.session.close()

    # --- sending ------------------------------------------------------------------------------------------------
    async def send(self, item: Outgoing) -> Outcome:
        """Sends one message, a long one in parts; the buttons hang under the last part."""
        if item.attempt > 1:  # the first try may have arrived: a second one only when the platform surely answers
            outcome = await self._call(None, self.bot.get_me)
            if outcome.ending is not Ending.SENT:
                return replace(outcome, ending=Ending.UNSENT, pause=outcome.pause or outcome.wait)
        fits = width(item.text) <= CAPTION_LIMIT
        if item.gathering is not None and fits and not item.files:
            return await self._call(item.external_id, self._send_calendar, item, item.text)
        if item.files and fits:
            acts: list[Act] = [
                partial(self._send_file, item, file, "" if index else item.text)
                for index, file in enumerate(item.files)
            ]
        else:
            pieces = parts(item.text)
            acts = [partial(self._send_text, item, pieces, index) for index in range(len(pieces))]
            acts += [partial(self._send_file, item, file, "") for file in item.files]
        outcome = await self._send_all(item, acts)
        if item.gathering is not None and outcome.ending is Ending.SENT:
            self._later(self._call(item.external_id, self._send_calendar, item, ""))  # at the pace of the chat
        return outcome

    async def _send_all(self, item: Outgoing, acts: Sequence[Act]) -> Outcome:
        """One message in as many as it takes; the first decides whether it is tried again, the others get patience."""
        outcome = await self._call(item.external_id, acts[0])
        for act in acts[1:]:
            if outcome.ending is not Ending.SENT:
                break
            outcome = await self._send_more(item, act, outcome)
        return outcome

    async def _send_more(self, item: Outgoing, act: Act, before: Outcome) -> Outcome:
        """A part has arrived, so the whole is never sent again: this one gets more patience, then it is given up."""
        until = _now() + PART_PATIENCE
        while True:
            outcome = await self._call(item.external_id, act)
            if outcome.ending is Ending.SENT:
                return replace(outcome, platform_id=f"{before.platform_id},{outcome.platform_id}")
            if outcome.ending is not Ending.UNSENT or _now() > until:
                return Outcome(Ending.REFUSED, before.platform_id, f"only a part arrived: {outcome.reason}")
            await asyncio.sleep(outcome.wait if outcome.pause is None else outcome.pause)

    async def _call(self, chat: str | None, act: Callable[..., Awaitable[Any]], *values: object) -> Outcome:
        """One call with its outcome, when the chat may hear a message and the platform bears a call."""
        if chat is not None:
            self.pacer.forget()
            await asyncio.sleep(self.pacer.chat_wait(chat))
            await asyncio.sleep(self.pacer.second_wait(self.rate))
        if (quiet := self.pacer.quiet) > 0:
            return Outcome(Ending.UNSENT, reason="the channel keeps quiet", pause=quiet)
        try:
            made = await act(*values)
        except (TelegramAPIError, ClientDecodeError) as error:
            return self._outcome(error)
        except FileNotFoundError:
            return Outcome(Ending.REFUSED, reason="the file is gone")
        if isinstance(made, Outcome):
            return made
        self.pacer.reached()
        return Outcome(Ending.SENT, str(getattr(made, "message_id", "")))

    async def recall(self, item: Outgoing) -> Outcome:
        """Deletes what was sent, which Telegram allows for 48 hours; what is gone already is gone."""
        for number in (item.platform_id or "0").split(","):
            outcome = await self._call(None, self.bot.delete_message, item.external_id, int(number))
            if outcome.ending is not Ending.SENT and "message to delete not found" not in outcome.reason:
                return outcome
        return Outcome(Ending.SENT)

    @property
    def most_a_second(self) -> int | None:
        """See Prompt."""
        return bound(self.rate)

    def is_simple(self, item: Outgoing) -> bool:
        """See Prompt: a first try of one plain text."""
        return item.attempt == 1 and item.gathering is None and not item.files and width(item.text) <= TEXT_LIMIT

    async def ready(self, count: int) -> None:
        """See Prompt: opens what connections are missing."""
        self.pacer.forget()
        await self.wire.ready(count)

    def hand_over(self, item: Outgoing, then: Callable[[Outcome], None]) -> bool:
        """See Prompt: it leaves at once when the pace allows it and a connection is free."""
        if not (self.wire.free and self.pacer.at_once(item.external_id, self.rate)):
            return False
        body = as_call(item, item.text, last=True)
        return self.wire.begin("sendMessage", body, lambda answer: then(self._told(answer)))

    async def _send_text(self, item: Outgoing, pieces: list[str], index: int) -> Outcome:
        body = as_call(item, pieces[index], last=index == len(pieces) - 1)
        return self._told(await self.wire.call("sendMessage", body))

    def _told(self, answer: Answer) -> Outcome:
        """The named outcome of a call on the wire; refusals are read by the library."""
        if answer.lack is Lack.UNWRITTEN:
            return Outcome(Ending.UNSENT, reason=answer.why, pause=self.pacer.missed(), away=True)
        if answer.lack is Lack.LOST:
            return Outcome(Ending.UNKNOWN, reason=answer.why, wait=2.0, away=True)
        try:
            told = json.loads(answer.body) if answer.status == 200 else {}
            if told.get("ok"):
                self.pacer.reached()
                return Outcome(Ending.SENT, str(told["result"]["message_id"]))
            words = answer.body.decode("utf-8", "replace")
            self.bot.session.check_response(self.bot, SendMessage(chat_id=0, text=""), answer.status, words)
        except (TelegramAPIError, ClientDecodeError) as error:
            return self._outcome(error)
        except (ValueError, KeyError, TypeError, AttributeError) as error:  # no answer of the platform's
            return Outcome(Ending.UNKNOWN, reason=type(error).__name__, wait=3.0, away=True)
        return Outcome(Ending.UNKNOWN, reason="an answer that says nothing", wait=3.0, away=True)

    async def _send_file(self, item: Outgoing, file: Enclosure, caption: str) -> types.Message:
        """A picture is shown where it stands, anything else hangs below as a document."""
        worn: dict[str, Any] = {
            "caption": caption or None, "caption_entities": entities(caption) or None,
            "reply_markup": keyboard(item) if caption else None, "parse_mode": None,
        }  # fmt: skip
        send = self.bot.send_photo if file.picture else self.bot.send_document
        async with self.files.handing(file) as given:
            made: types.Message = await send(item.external_id, given, **worn)
            self.files.note(file, made)
        return made

    async def _send_calendar(self, item: Outgoing, caption: str) -> types.Message:
        assert item.gathering is not None
        made = await self.bot.send_document(
            chat_id=item.external_id,
            document=calendar_file(item.gathering),
            caption=caption or None,
            caption_entities=entities(caption) or None,
            reply_markup=keyboard(item) if caption else None,
            parse_mode=None,
        )
        where = item.gathering
        if where.latitude is not None and where.longitude is not None:
            venue = (where.latitude, where.longitude, where.title, where.place)
            self._later(self._call(item.external_id, self.bot.send_venue, item.external_id, *venue))
        return made

    async def probe(self) -> Outcome:
        """Asks who we are."""
        try:
            await self.bot.get_me(request_timeout=PROBE_SECONDS)
        except (TelegramAPIError, ClientDecodeError) as error:
            return self._outcome(error)
        self.pacer.answered()
        return Outcome(Ending.SENT)

    def may_push(self, item: Outgoing, now: datetime) -> bool:
        """Telegram lets a bot write to whoever started it."""
        return True

    async def fetch(self, file_id: str, most: int) -> bytes:
        """Asks where the file lies, then reads it; no address is told, since it holds the token."""
        try:
            file = await self.bot.get_file(file_id)
            if (file.file_size or 0) > most:
                raise Unfetched(Refusal.TOO_LARGE, final=True)
            url = self.bot.session.api.file_url(self.bot.token, file.file_path or "")
            return await self._read(url, most)
        except TelegramBadRequest as error:
            large = "too big" in error.message
            raise Unfetched(Refusal.TOO_LARGE if large else Refusal.GONE, final=True) from None
        except (TelegramAPIError, ClientDecodeError, aiohttp.ClientError, TimeoutError) as error:
            gone = isinstance(error, aiohttp.ClientResponseError) and error.status == 404
            log.info("file not fetched", error=type(error).__name__)
            raise Unfetched(Refusal.GONE if gone else Refusal.OUT_OF_REACH, final=gone) from None

    async def _read(self, url: str, most: int) -> bytes:
        content = bytearray()
        stream = self.bot.session.stream_content(
            url, timeout=int(ANSWER_SECONDS), chunk_size=65536, raise_for_status=True
        )
        async for chunk in stream:
            content += chunk
            if len(content) > most:
                raise Unfetched(Refusal.TOO_LARGE, final=True)
        return bytes(content)

    def _outcome(self, error: Exception) -> Outcome:
        """The named outcome of a failed call."""
        reason = f"{type(error).__name__}: {getattr(error, 'message', '')}"[:300]
        if isinstance(error, TelegramRetryAfter):
            return Outcome(Ending.UNSENT, reason=reason, pause=self.pacer.rest(float(error.retry_after) + 0.5))
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
            if not _never_written(error):
                return Outcome(Ending.UNKNOWN, reason=reason, wait=2.0, away=True)
            return Outcome(Ending.UNSENT, reason=reason, pause=self.pacer.missed(), away=True)
        if isinstance(error, TelegramServerError):
            return Outcome(Ending.ERRED, reason=reason, wait=3.0, away=True)
        if isinstance(error, ClientDecodeError):
            return Outcome(Ending.UNKNOWN, reason=reason, wait=3.0, away=True)
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


def _now() -> float:
    return asyncio.get_running_loop().time()
