"""The emulated platforms in a thread of their own, for tests."""

import asyncio
import os
import socket
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.platform.__main__ import TOKEN
from tests.platform.phone import Remote
from tests.platform.server import Platforms, application


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Emulator(Remote):
    """A running emulator: `base` is its address, `token` the bot's; calls of the control API are inherited."""

    def __init__(self, ledger: Path | None = None, token: str = TOKEN, port: int = 0, speed: float = 1.0) -> None:
        self.token, self.port, self.speed = token, port, speed
        self.file = ledger or Path(os.devnull)
        self.ledger_file = ledger
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(20), "the emulator did not start"
        super().__init__(f"http://127.0.0.1:{self.port}")

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._begin())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _begin(self) -> None:
        self.platforms = Platforms.make(self.ledger_file, self.speed)
        self.platforms.telegram.add_bot(self.token)
        self._runner = web.AppRunner(application(self.platforms), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _end(self) -> None:
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}  # calls that still hang
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Runs something in the emulator's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        """Ends it; a second time does nothing."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
