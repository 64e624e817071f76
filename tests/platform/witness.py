"""What the contract tests share: a person who started the bot, the wording of refusals, a webhook that answers as told."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from tests.platform.clients import Client
from tests.platform.phone import Phone
from tests.platform.running import Emulator


def lan(emulator: Emulator, **more: Any) -> Phone:
    """A person who pressed START."""
    phone = emulator.person("Lan", phone="+84900000001", **more)
    phone.start()
    return phone


async def refused(client: Client, kind: str, words: str, call: Any) -> Exception:
    """The refusal of a call: of the library's own class, with the platform's words."""
    with pytest.raises(client.errors[kind]) as told:
        await call
    assert words.lower() in str(told.value).lower()
    return told.value


class Receiver:
    """A webhook that answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[float, dict[str, Any], str]] = []
        self.heads: list[dict[str, str]] = []
        self.status: Callable[[dict[str, Any]], tuple[int, str | None]] = lambda _: (200, None)
        self.pause: Callable[[dict[str, Any]], float] = lambda _: 0.0
        self.body: dict[str, Any] | None = None
        self.inside = self.most_inside = 0

    async def called(self, request: web.Request) -> web.Response:
        raw = await request.json()
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        await asyncio.sleep(self.pause(raw))
        self.inside -= 1
        self.heads.append(dict(request.headers))
        self.got.append((time.monotonic(), raw, request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")))
        status, retry = self.status(raw)
        headers = {"Retry-After": retry} if retry else {}
        if self.body is not None:
            return web.json_response(self.body, status=status, headers=headers)
        return web.Response(text="ok", status=status, headers=headers)

    async def begin(self) -> str:
        app = web.Application()
        app.router.add_post("/hook", self.called)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}/hook"

    def texts(self) -> list[str]:
        return [raw["message"]["text"] for _, raw, _ in self.got if "message" in raw]


async def until(test: Callable[[], object], seconds: float = 8.0) -> None:
    """Waits for something to become true."""
    end = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.02)
