"""Starts `nhipcau run` again and again without loading every library each time: a warm parent forks the process."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from config.settings import HOME
from tests.conftest import MODEL, Server
from tests.templates import Templates

SETTLE = 0.5  # seconds after the last message of a burst: the people of tests write fast


class Nursery:
    """The warm parent."""

    def __init__(self, templates: Templates | None = None) -> None:
        self.templates = templates  # the servers begin with a copy of a seeded database
        command = [sys.executable, "-m", "tests.warm"]
        self._parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HOME)

    def ask(self, **order: Any) -> int:
        """Sends an order; its answer."""
        assert self._parent.stdin is not None and self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(order).encode() + b"\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def close(self) -> None:
        """Ends the parent."""
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        self._parent.wait(60)


class WarmServer(Server):
    """`nhipcau run` as a process of its own, born of the warm parent; `speed` is that of the platform's clock."""

    def __init__(self, nursery: Nursery, folder: Path, url: str | None = None, speed: float = 1.0, **more: str) -> None:
        super().__init__(folder, url, nursery.templates, **more)
        self.nursery, self.pid, self.speed = nursery, 0, speed

    def spawn(self) -> None:
        """Starts without waiting until it is ready."""
        env = {name: value for name, value in self.env.items() if name.startswith("NHIPCAU_")}
        self.pid = self.nursery.ask(start=env, speed=self.speed)

    def start(self) -> "WarmServer":
        self.spawn()
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                with urlopen(self.base + "/ready", timeout=2):
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server did not become ready")

    def kill(self) -> None:
        if self.pid:
            os.kill(self.pid, 9)
            self.nursery.ask(wait=self.pid)
            self.pid = 0

    def stop(self) -> float:
        began = time.monotonic()
        os.kill(self.pid, 15)
        assert self.nursery.ask(wait=self.pid) == 0
        self.pid = 0
        return time.monotonic() - began


def _run(env: dict[str, str], speed: float) -> None:
    """The child: it is `nhipcau run` from here on; it keeps the pace of a chat by a clock that runs at this speed."""
    from bot.__main__ import app
    from bot.channels import telegram_pace
    from storage import inbox

    inbox.SETTLE = timedelta(seconds=SETTLE)
    telegram_pace.CHAT_SECONDS /= speed
    for name in [name for name in os.environ if name.startswith("NHIPCAU_")]:
        del os.environ[name]
    os.environ.update(env)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.argv = ["nhipcau", "run"]
    code: Any = 1
    try:
        app()
    except SystemExit as ended:
        code = ended.code or 0
    finally:
        os._exit(code)


def main() -> None:
    """The parent: forks and waits as told, one JSON order a line."""
    from bot.wiring import build_mind, profiles

    for name in ("bot.__main__", "bot.run", "bot.channels.telegram_listen", "console.opening"):
        import_module(name)
    build_mind(MODEL)  # what is read here the children need not read again
    profiles()
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            pid = os.fork()
            if not pid:
                _run(order["start"], order["speed"])
            print(pid, flush=True)
        else:
            print(os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1]), flush=True)
    os._exit(0)  # there is nothing to tidy up, and much memory to walk


if __name__ == "__main__":
    main()
