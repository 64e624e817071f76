"""How the emulated Zalo calls a webhook: signed over the raw bytes, two seconds of patience, a ladder of retries."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from tests.platform.faults import Faults
from tests.platform.world import Clock

PATIENCE = 2.0  # real seconds
LADDER = (30.0, 300.0, 900.0, 1800.0, 3600.0)  # virtual seconds
Post = Callable[[str, bytes, dict[str, str]], Awaitable[int]]


def signature(app_id: str, raw: bytes, timestamp: str, secret: str) -> str:
    """What the platform puts into X-ZEvent-Signature."""
    return "mac=" + hashlib.sha256(app_id.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()


class Hooks:
    """The events of one application on their way; `post` may be replaced by a shorter way to the application."""

    def __init__(self, clock: Clock, faults: Faults, app_id: str, secret: str) -> None:
        self.clock, self.faults, self.app_id, self.secret = clock, faults, app_id, secret
        self.url, self.post = "", self._post
        self.waiting: list[tuple[str, bytes, str]] = []  # person, body, timestamp
        self.calls: list[dict[str, Any]] = []  # every call with its status
        self.lost = 0  # events given up
        self.disabled = False
        self._work: set[asyncio.Task[None]] = set()
        self._pushing: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None

    def add(self, name: str, body: dict[str, Any], who: str) -> None:
        """Queues one event; faults may double it or let it pass the one before."""
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        item = (who, raw, str(body["timestamp"]))
        text = str((body.get("message") or {}).get("text", ""))
        if self.faults.draw(("reorder_updates",), "zalo", name, text, who) and self.waiting:
            self.waiting.insert(len(self.waiting) - 1, item)
        else:
            self.waiting.append(item)
        if self.faults.draw(("duplicate_update",), "zalo", name, text, who):
            self.waiting.append(item)
        if self.url:
            self.push()

    def push(self) -> None:
        """Begins to send what waits."""
        if self._pushing is None or self._pushing.done():
            self._pushing = asyncio.ensure_future(self._push())

    async def _push(self) -> None:
        await asyncio.sleep(0)  # what is said in one breath is queued together
        while self.waiting and self.url and not self.disabled:
            item = self.waiting.pop(0)
            if not await self._try(item, 0):
                task = asyncio.ensure_future(self._again(item))
                self._work.add(task)
                task.add_done_callback(self._work.discard)

    async def _try(self, item: tuple[str, bytes, str], retry: int) -> bool:
        who, raw, timestamp = item
        headers = {
            "Content-Type": "application/json",
            "X-ZEvent-Signature": signature(self.app_id, raw, timestamp, self.secret),
        }
        if retry:
            headers["num_retry"] = str(retry)
        try:
            status = await asyncio.wait_for(self.post(self.url, raw, headers), PATIENCE)
        except (TimeoutError, aiohttp.ClientError, OSError):
            status = 0
        self.calls.append({"at": self.clock.now(), "who": who, "retry": retry, "status": status, "body": raw.decode()})
        return status == 200

    async def _again(self, item: tuple[str, bytes, str]) -> None:
        for number, wait in enumerate(LADDER, 1):
            await self.clock.sleep(wait)
            if await self._try(item, number):
                return
        self.lost += 1
        self.disabled = True

    async def _post(self, url: str, raw: bytes, headers: dict[str, str]) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with self._session.post(url, data=raw, headers=headers) as answer:
            return answer.status

    async def settle(self) -> None:
        """Waits until everything that waits has been tried once."""
        while self._pushing is not None and not self._pushing.done():
            await asyncio.shield(self._pushing)

    async def close(self) -> None:
        """Ends what is on its way."""
        for task in [*self._work, *([self._pushing] if self._pushing else [])]:
            task.cancel()
        if self._session is not None:
            await self._session.close()
