"""Senders as real processes against one hall, on either database."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from config.settings import HOME
from tests.bot.hall import NOW, Hall


class Senders:
    """Starts senders against one hall."""

    def __init__(self, hall: Hall) -> None:
        url = hall.database.url
        self.url = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=False)
        self.hall, self.running = hall, list[subprocess.Popen[bytes]]()
        self.clock = Path(tempfile.mkdtemp(prefix="senders-")) / "clock"
        self.set_clock(NOW)

    def set_clock(self, at: datetime) -> None:
        """The senders, running or to come, believe that it is this hour; their time goes on as ours does."""
        self.hall.now = at
        self.shift = at - datetime.now(UTC)
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(self.shift.total_seconds()))
        fresh.replace(self.clock)

    @property
    def now(self) -> datetime:
        """The hour in the senders."""
        return datetime.now(UTC) + self.shift

    def _start(self, module: str, *told: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"tests.bot.{module}", self.url, *map(str, told)]
        made = subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE)
        assert made.stdout is not None and made.stdout.readline() == b"ready\n"
        self.running.append(made)
        return made

    async def start(
        self, name: str, rate: float = 25.0, lease: float = 75.0, ahead: float = 0.0
    ) -> subprocess.Popen[bytes]:
        platform = (self.hall.emulator.token, self.hall.emulator.base)
        return await asyncio.to_thread(self._start, "sender", name, *platform, self.clock, rate, lease, ahead)

    @staticmethod
    def kill(process: subprocess.Popen[bytes]) -> None:
        """kill -9."""
        process.kill()
        process.wait()

    async def tick(self, ahead: float) -> subprocess.Popen[bytes]:
        """A process that does what is due, by a clock that is so many seconds ahead."""
        return await asyncio.to_thread(self._start, "ticker", ahead)

    def end(self) -> None:
        for one in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGCONT)
                one.kill()
            one.wait()
        shutil.rmtree(self.clock.parent, ignore_errors=True)
