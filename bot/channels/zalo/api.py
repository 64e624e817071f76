"""Calls of Zalo's OpenAPI: one answer, or one named trouble; a refused token is renewed once."""

import json
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.channels.base import WRITTEN
from bot.channels.zalo.errors import Case, NotSent, Said, Unanswered
from bot.channels.zalo.tokens import Tokens

OPENAPI = "https://openapi.zalo.me"
MESSAGES = "/v3.0/oa/message/"
HOPELESS = timedelta(hours=1)  # a fresh token was refused too: so long a refusal is no reason to renew
CALL_SECONDS = 60
CONNECT_SECONDS = 5


async def _note_written(_: object, __: object, sent: aiohttp.TraceRequestHeadersSentParams) -> None:
    written = WRITTEN.get()
    if written is not None and sent.url.path.startswith(MESSAGES):  # a question or an upload is no message yet
        written.set()


class Api:
    """One Official Account's calls."""

    def __init__(self, tokens: Tokens, base: str = "") -> None:
        self.tokens, self.base = tokens, (base or OPENAPI).rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._hopeless_until: datetime | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connections, opened at the first call."""
        if self._session is None:
            watch = aiohttp.TraceConfig()
            watch.on_request_headers_sent.append(_note_written)
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=CALL_SECONDS, sock_connect=CONNECT_SECONDS),
                connector=aiohttp.TCPConnector(keepalive_timeout=15),  # a stale connection makes an outcome unknown
                trace_configs=[watch],
            )
        return self._session

    async def close(self) -> None:
        """Gives the connections back."""
        if self._session is not None:
            await self._session.close()

    async def get(self, path: str, **data: Any) -> Any:
        """A question; its arguments go as one JSON text. Raises Said, NotSent, Unanswered, NoToken."""
        return await self._call("GET", path, params={"data": json.dumps(data)} if data else None)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """A deed. Raises as get."""
        return await self._call("POST", path, json=body)

    async def upload(self, kind: str, name: str, content: bytes) -> str:
        """Puts an image, gif or file there for seven days; how it is called there. Raises as get."""
        found = await self._call("POST", f"/v2.0/oa/upload/{kind}", file=(name, content))
        return str(found.get("token") or found.get("attachment_id"))

    async def _call(self, verb: str, path: str, **how: Any) -> Any:
        token = await self.tokens.access()
        try:
            return await self._once(verb, path, token, how)
        except Said as said:
            hopeless = self._hopeless_until is not None and self.tokens.clock() < self._hopeless_until
            if said.case is not Case.TOKEN or hopeless:
                raise
        try:
            found = await self._once(verb, path, await self.tokens.access(refused=token), how)
        except Said as said:
            if said.case is Case.TOKEN:  # a right is missing, renewing again and again would not bring it
                self._hopeless_until = self.tokens.clock() + HOPELESS
            raise
        self._hopeless_until = None
        return found

    async def _once(self, verb: str, path: str, token: str, how: dict[str, Any]) -> Any:
        held = {key: value for key, value in how.items() if key != "file"}
        if "file" in how:  # a form serves one request
            held["data"] = aiohttp.FormData()
            held["data"].add_field("file", how["file"][1], filename=how["file"][0])
        try:
            async with self.session.request(
                verb, self.base + path, headers={"access_token": token}, allow_redirects=False, **held
            ) as answer:
                said = await answer.json(content_type=None)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
            raise Unanswered(type(error).__name__) from error
        if not isinstance(said, dict) or not isinstance(said.get("error"), int):
            raise Unanswered("an answer that cannot be read")
        if said["error"] != 0:
            raise Said(said["error"], str(said.get("message", "")))
        return said.get("data") or {}
