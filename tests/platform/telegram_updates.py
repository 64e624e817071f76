"""A bot's updates: kept until confirmed, polled by one at a time or pushed to a webhook in ordered queues."""

import asyncio
import contextlib
import json
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.platform.faults import Faults
from tests.platform.telegram_text import Refusal
from tests.platform.world import Clock

MESSAGE_LIFE = 86400.0
QUERY_LIFE = 150.0
LONGEST_POLL = 50
LONGEST_RETRY_AFTER = 3600
WEBHOOK_PATIENCE = 60.0
GONE_PATIENCE = 23 * 3600.0
UNASKED = frozenset(("chat_member", "message_reaction", "message_reaction_count"))
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@dataclass
class Pending:
    """One update that was not confirmed yet."""

    id: int
    kind: str
    body: dict[str, Any]
    queue: str
    expires: float

    def shown(self) -> dict[str, Any]:
        """As the bot receives it."""
        return {"update_id": self.id, self.kind: self.body}


@dataclass
class Hook:
    """Where updates are pushed to."""

    url: str
    secret: str = ""
    connections: int = 40
    last_error_at: float | None = None
    last_error: str = ""
    gone_since: float | None = None


@dataclass
class Updates:
    """The update queue of one bot. `answer` carries out a call that came in a webhook's response."""

    clock: Clock
    faults: Faults
    answer: Callable[[str, dict[str, Any]], Awaitable[object]]
    pending: dict[int, Pending] = field(default_factory=dict)
    allowed: frozenset[str] | None = None  # None: all but those that must be asked for
    hook: Hook | None = None
    next_id: int = field(default_factory=lambda: random.randint(10**8, 2 * 10**8))
    pushed: int = 0
    _again: list[Pending] = field(default_factory=list)
    _poll: asyncio.Future[None] | None = None
    _last_offset: tuple[int, float] = (0, 0.0)
    _next_conflict: float = 0.0
    _lines: dict[str, deque[Pending]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None
    _places: asyncio.Semaphore | None = None

    # --- coming in ------------------------------------------------------------------------------------------------
    def wants(self, kind: str) -> bool:
        """Whether the bot asked for updates of this kind."""
        return kind in self.allowed if self.allowed is not None else kind not in UNASKED

    def allow(self, kinds: list[str] | None) -> None:
        """Remembers what the bot asks for; None leaves it as it was, an empty list is the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def add(self, kind: str, body: dict[str, Any], queue: str, life: float, always: bool = False) -> Pending | None:
        """Keeps one update for the bot; None when it did not ask for this kind."""
        if not always and not self.wants(kind):
            return None
        item = Pending(self.next_id, kind, body, queue, self.clock.now() + life)
        self.next_id += 1
        self.pending[item.id] = item
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        if self.hook is not None:
            self._line_up(item)
        return item

    # --- polling --------------------------------------------------------------------------------------------------
    async def poll(self, offset: int, limit: int, timeout: int) -> list[dict[str, Any]]:
        """getUpdates: confirms what is below the offset, waits for more; raises 409 where Telegram does."""
        if self.hook is not None:
            raise await self._conflict(ACTIVE)
        patience: float = min(max(timeout, 0), LONGEST_POLL)
        loop, now = asyncio.get_running_loop(), self.clock.now()
        if offset == self._last_offset[0] and patience < 3 and now < self._last_offset[1] + 3:
            patience = 3 / self.clock.speed  # who asks the same again and again is slowed down
        self._last_offset = (offset, now)
        end = loop.time() + patience
        while True:
            found = self._take(offset, min(max(limit, 1), 100))
            left = end - loop.time()
            if found or left <= 0:
                return found
            await self._wait(left)

    async def _wait(self, seconds: float) -> None:
        self._stop_poll(CONFLICT)
        mine = self._poll = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(asyncio.shield(mine), seconds)
        except TimeoutError:
            pass
        except Refusal as refusal:
            raise await self._conflict(refusal.description) from None
        finally:
            if self._poll is mine:
                self._poll = None

    def _stop_poll(self, why: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(Refusal(409, why))
            self._poll.exception()

    async def _conflict(self, why: str) -> Refusal:
        """The first conflict is told at once, further ones after three seconds."""
        if self.clock.now() < self._next_conflict:
            await self.clock.sleep(3)
        else:
            self._next_conflict = self.clock.now() + 3
        return Refusal(409, why)

    def _take(self, offset: int, limit: int) -> list[dict[str, Any]]:
        self._forget_old()
        if offset < 0:
            offset = self.next_id + offset
        if offset <= self.next_id:  # an offset from the future confirms nothing
            for number in [number for number in self.pending if number < offset]:
                item = self.pending.pop(number)
                if self.faults.draw(("duplicate_update",), "telegram", item.kind, str(item.body)):
                    self._again.append(item)
        found = [*self._again, *self.pending.values()][:limit]
        self._again.clear()
        if len(found) > 1 and self.faults.draw(("reorder_updates",), "telegram", found[0].kind, str(found[0].body)):
            found.reverse()
        return [item.shown() for item in found]

    def _forget_old(self) -> None:
        now = self.clock.now()
        for number in [number for number, item in self.pending.items() if item.expires <= now]:
            del self.pending[number]

    # --- pushing --------------------------------------------------------------------------------------------------
    async def set_hook(self, hook: Hook | None, drop: bool) -> None:
        """Begins or ends pushing; what was not acknowledged stays."""
        await self.close()
        if drop:
            self.pending.clear()
        self.hook = hook
        if hook is None:
            return
        self._stop_poll("Conflict: terminated by setWebhook request")
        self._places = asyncio.Semaphore(hook.connections)
        connector = aiohttp.TCPConnector(limit=hook.connections)
        patience = aiohttp.ClientTimeout(total=WEBHOOK_PATIENCE)
        self._session = aiohttp.ClientSession(connector=connector, timeout=patience)
        for item in list(self.pending.values()):
            self._line_up(item)

    async def close(self) -> None:
        """Ends pushing."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lines.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _line_up(self, item: Pending) -> None:
        line = self._lines.setdefault(item.queue, deque())
        line.append(item)
        if len(line) == 1:
            task = asyncio.ensure_future(self._push_line(item.queue, line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _push_line(self, name: str, line: deque[Pending]) -> None:
        """One queue: the next update goes when the one before was acknowledged or given up."""
        while line:
            item = line[0]
            if len(line) > 1 and self.faults.draw(("reorder_updates",), "telegram", item.kind, str(item.body)):
                line[0], line[1] = line[1], line[0]
                item = line[0]
            await self._push(item)
            self.pending.pop(item.id, None)
            line.popleft()
        self._lines.pop(name, None)

    async def _push(self, item: Pending) -> None:
        fails, delay = 0, 1.0
        while item.expires > self.clock.now():
            assert self._places is not None
            async with self._places:
                wait = await self._post(item)
                if wait is None:
                    if self.faults.draw(("duplicate_update",), "telegram", item.kind, str(item.body)):
                        await self._post(item)
                    return
            pause = min(wait, LONGEST_RETRY_AFTER)
            if not wait and fails:
                delay = min(random.uniform(60, 120), delay * 2)
                pause = delay
            fails += 1
            if self.clock.now() + pause > item.expires:
                return
            await self.clock.sleep(pause)

    async def _post(self, item: Pending) -> float | None:
        """One try: None when acknowledged, else the Retry-After (0: none)."""
        hook, session = self.hook, self._session
        assert hook is not None and session is not None
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        self.pushed += 1
        try:
            data = json.dumps(item.shown(), ensure_ascii=False).encode("utf-8", "replace")
            async with session.post(hook.url, data=data, headers=headers, allow_redirects=False) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            told = "Connection timed out" if isinstance(error, TimeoutError) else "Webhook connection closed"
            self._failed(hook, "Connection refused" if isinstance(error, aiohttp.ClientConnectorError) else told)
            return 0.0
        if 200 <= answer.status <= 299:
            hook.gone_since = None
            await self._carry_out(body)
            return None
        self._failed(hook, f"Wrong response from the webhook: {answer.status} {answer.reason}")
        now = self.clock.now()
        hook.gone_since = (hook.gone_since or now) if answer.status == 410 else None
        if hook.gone_since is not None and now > hook.gone_since + GONE_PATIENCE:
            self.hook = None
        wait = answer.headers.get("Retry-After", "0")
        return float(wait) if wait.isdecimal() else 0.0

    def _failed(self, hook: Hook, why: str) -> None:
        hook.last_error_at, hook.last_error = self.clock.now(), why

    async def _carry_out(self, body: bytes) -> None:
        """A call that the bot put into its answer; nobody learns how it ended."""
        if not body.startswith(b"{"):
            return
        with contextlib.suppress(ValueError, Refusal):
            args = json.loads(body)
            method = str(args.pop("method", "")) if isinstance(args, dict) else ""
            if method and not method.lower().startswith(("get", "setwebhook", "deletewebhook", "close", "logout")):
                await self.answer(method, args)
