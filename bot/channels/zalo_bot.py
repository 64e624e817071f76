"""Zalo's Bot Platform: text only, choices as numbers; polls or is called, sends with a named outcome.

Facts and their grades: docs/first-live-day.md. What is not documented is a setting with the cautious value.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.channels.base import WRITTEN, Ending, Outcome, Unfetched, as_text
from bot.channels.pieces import cut
from conversation.message import Message, MessageKind
from domain.evidence import EvidenceKind, Refusal
from storage.outbox import Outgoing

NAME = "zalo_bot"
PLATFORM = "https://bot-api.zaloplatforms.com"
TEXT_LIMIT = 2000  # documented; in what it counts is not, so the widest count is taken: UTF-16 units
SEND_SECONDS, CONNECT_SECONDS, PROBE_SECONDS = 30, 5, 8
IDLE, LIMITED, REFUSED_TOKEN = 408, 429, (401,)
TOKEN_REFUSED = "Zalo Bot refuses the token; set NHIPCAU_ZALO_BOT_TOKEN anew"
PICTURE = "message.image.received"
LONGEST_PAUSE = 30.0  # while the platform cannot be reached


class Told(Exception):
    """The platform answered that it did not do what was asked; `code` is its own, or that of HTTP."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}"[:200])
        self.code = code


class Client:
    """The calls of the platform; the token stands in every address, so no address is ever logged or told."""

    def __init__(self, token: str, base: str = "") -> None:
        self._base = f"{(base or PLATFORM).rstrip('/')}/bot{token}/"
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """The one session, made when it is first needed; it tells when a request has gone out."""
        if self._session is None or self._session.closed:
            watch = aiohttp.TraceConfig()
            watch.on_request_headers_sent.append(_note_written)
            self._session = aiohttp.ClientSession(trace_configs=[watch])
        return self._session

    async def call(self, method: str, seconds: float = SEND_SECONDS, **values: Any) -> Any:
        """The result of a call. Raises Told, aiohttp's errors and TimeoutError."""
        limits = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        async with self.session().post(self._base + method, json=values, timeout=limits) as answer:
            body = await answer.read()
            status = answer.status
        try:
            told = json.loads(body)
        except ValueError:
            raise Told(max(status, 500), "no JSON came back") from None
        if not isinstance(told, dict) or told.get("ok") is not True:  # a refusal may come with a status of 200
            known = told if isinstance(told, dict) else {}
            code = known.get("error_code")
            raise Told(code if isinstance(code, int) else max(status, 500), str(known.get("description", "")))
        return told.get("result")

    async def close(self) -> None:
        """Gives the connections back."""
        if self._session is not None:
            await self._session.close()


async def _note_written(*_: object) -> None:
    written = WRITTEN.get()
    if written is not None:
        written.set()


def webhook_secret(secret: str, token: str) -> str:
    """What the platform must show with each call: made from our secret, 64 of the 8 to 256 signs it takes."""
    return hmac.new(secret.encode(), f"zalo-bot:{token}".encode(), hashlib.sha256).hexdigest()


def width(text: str) -> int:
    """The length of a text in UTF-16 units, the widest of the counts that may be meant."""
    return len(text.encode("utf-16-le", "replace")) // 2


def pieces(item: Outgoing) -> list[str]:
    """What is said, NFC, in messages that fit; the choices with their numbers are at the end."""
    return cut(unicodedata.normalize("NFC", as_text(item)), TEXT_LIMIT, width)


# --- reading ----------------------------------------------------------------------------------------------------
def unwrapped(body: Any) -> dict[str, Any] | None:
    """The update of a call: some clients meet it bare, some in `result`; both are taken."""
    if isinstance(body, dict) and isinstance(body.get("result"), dict):
        body = body["result"]
    return body if isinstance(body, dict) and isinstance(body.get("message"), dict) else None


def read(update: Mapping[str, Any], own_id: str, now: datetime) -> Message | None:
    """A message of a person in a chat of their own; None for groups, for our own words and for what is no message."""
    event, said = str(update.get("event_name", "")), update.get("message") or {}
    sender, chat = said.get("from") or {}, said.get("chat") or {}
    where, number = str(chat.get("id") or ""), str(said.get("message_id") or "")
    if not where or not number or sender.get("is_bot") or (own_id and str(sender.get("id", "")) == own_id):
        return None
    if chat.get("chat_type", "PRIVATE") != "PRIVATE":
        return None
    text = said.get("text") if isinstance(said.get("text"), str) else ""
    sent_at = _instant(said.get("date"), now)
    if event == "message.text.received" and text:
        return Message(NAME, "", f"{event}:{number}", where, text, sent_at)
    extra: dict[str, Any] = {"kind": EvidenceKind.UNKNOWN.value, "raw": event[:100]}
    picture = said.get("photo_url") or said.get("photo")
    if event == PICTURE and isinstance(picture, str):
        extra = {"kind": EvidenceKind.PHOTO.value, "file_id": picture[:1000], "file_unique_id": number}
    caption = said.get("caption") if isinstance(said.get("caption"), str) else ""
    return Message(NAME, "", f"{event}:{number}", where, caption or "", sent_at, MessageKind.OTHER, extra=extra)


def _instant(value: Any, now: datetime) -> datetime:
    """Milliseconds since 1970, or seconds where it is that small; now when it is neither."""
    if not isinstance(value, int | float) or not 1e9 < value < 1e14:
        return now
    return min(datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC), now)


# --- the channel ------------------------------------------------------------------------------------------------
class ZaloBotChannel:
    """One bot account. `rate` in messages a second, `limited_pause` in seconds after "quota exceeded"."""

    name = NAME
    burst = 1
    remedy = "Zalo Bot không nhận mã của mình: quản trị viên đặt lại NHIPCAU_ZALO_BOT_TOKEN."

    def __init__(
        self, client: Client, rate: float, limited_pause: float, pushes: bool, hosts: frozenset[str] = frozenset()
    ) -> None:
        self.client = client
        self.rate: float | None = rate
        self.stopped: str | None = None
        self.own_id = ""
        self._limited_pause, self._pushes, self._hosts = limited_pause, pushes, hosts
        self._misses = 0

    async def send(self, item: Outgoing) -> Outcome:
        """Sends one message, a long one in parts."""
        if item.attempt > 1:  # the first try may have arrived: a second one only when the platform surely answers
            outcome = await self.probe()
            if outcome.ending is not Ending.SENT:
                return replace(outcome, ending=Ending.UNSENT)
        first = None
        for piece in pieces(item):
            outcome = await self._call("sendMessage", chat_id=item.external_id, text=piece)
            if outcome.ending is not Ending.SENT:
                if first is None:
                    return outcome
                return Outcome(Ending.REFUSED, first.platform_id, f"only a part arrived: {outcome.reason}")
            first = first or outcome
        return first or Outcome(Ending.REFUSED, reason="nothing to say")

    async def _call(self, method: str, seconds: float = SEND_SECONDS, **values: Any) -> Outcome:
        try:
            made = await self.client.call(method, seconds, **values)
        except Told as told:
            return self._told(told)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:  # no connection was made
            self._misses += 1
            pause = min(2.0 ** min(self._misses, 9) / 2, LONGEST_PAUSE)
            return Outcome(Ending.UNSENT, reason=type(error).__name__, pause=pause, away=True)
        except (aiohttp.ClientError, TimeoutError) as error:
            return Outcome(Ending.UNKNOWN, reason=type(error).__name__, wait=5.0, away=True)
        self._misses = 0
        if method == "getMe" and isinstance(made, dict):
            self.own_id = str(made.get("id") or self.own_id)
        return Outcome(Ending.SENT, str(made.get("message_id", "")) if isinstance(made, dict) else "")

    def _told(self, told: Told) -> Outcome:
        """The platform's own no, by class; a code that nobody has described most likely did not arrive."""
        reason = str(told)
        if told.code == LIMITED:
            return Outcome(Ending.UNSENT, reason=reason, pause=self._limited_pause)
        if told.code in REFUSED_TOKEN:
            self.stopped = TOKEN_REFUSED
            return Outcome(Ending.UNSENT, reason=reason, wait=60.0)
        if told.code in (400, 404):
            return Outcome(Ending.REFUSED, reason=reason)
        if told.code == IDLE:
            return Outcome(Ending.UNKNOWN, reason=reason, away=True)
        return Outcome(Ending.ERRED, reason=reason, wait=10.0, away=told.code >= 500)

    async def probe(self) -> Outcome:
        """Asks who we are."""
        return await self._call("getMe", PROBE_SECONDS)

    def may_push(self, item: Outgoing, now: datetime) -> bool:
        """Its limits are not published: news only where the setting says so."""
        return self._pushes

    async def fetch(self, file_id: str, most: int) -> bytes:
        """A picture, from the hosts of the setting only: nothing else that is named to us is ever asked for."""
        place = urlsplit(file_id)
        host = place.hostname or ""
        if not any(host == one or host.endswith(f".{one}") for one in self._hosts):
            raise Unfetched(Refusal.OUT_OF_REACH, final=True)
        if place.scheme != "https" and host not in ("127.0.0.1", "localhost"):
            raise Unfetched(Refusal.OUT_OF_REACH, final=True)
        content = bytearray()
        limits = aiohttp.ClientTimeout(total=SEND_SECONDS, sock_connect=CONNECT_SECONDS)
        try:
            async with self.client.session().get(file_id, timeout=limits, allow_redirects=False) as answer:
                if answer.status != 200:
                    gone = answer.status in (403, 404, 410)
                    raise Unfetched(Refusal.GONE if gone else Refusal.OUT_OF_REACH, final=gone)
                async for chunk in answer.content.iter_chunked(65536):
                    content += chunk
                    if len(content) > most:
                        raise Unfetched(Refusal.TOO_LARGE, final=True)
        except (aiohttp.ClientError, TimeoutError):
            raise Unfetched(Refusal.OUT_OF_REACH, final=False) from None
        return bytes(content)

    async def close(self) -> None:
        """Gives the connections back."""
        with contextlib.suppress(asyncio.TimeoutError):
            await self.client.close()


HOST = re.compile(r"[a-z0-9.-]+")


def hosts_of(setting: str) -> frozenset[str]:
    """The hosts a setting names."""
    return frozenset(HOST.findall(setting.lower()))
