"""Accepted and answered turns per CPU-second over the emulated Telegram: ours beside two echo bots, in one run."""

import argparse
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from config.settings import HOME, read_settings
from tests.platform.__main__ import TOKEN
from tests.platform.phone import Phone, Remote
from tests.platform.running import free_port

LOG = HOME / "docs" / "performance-channels.md"
BOTS = ("nhipcau", "aiogram", "python-telegram-bot")
MODES = ("polling", "webhook")
ROUNDS = (
    "chào em",
    "xin hỗ trợ rồi mà mua máy trước thì có được không?",
    "/help",
    "sắp tới có hội thảo nào không em?",
)
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 90.0
HEAD = """# The Telegram channel measured

`make bench-channels` writes one section a run. One emulated Telegram (its sending limits off) in a process of its own, one
bot process at a time, the same people writing the same lines: in each round every person writes one line, and the next
round begins when everybody has been answered. CPU time is user + system time of the bot process (`/proc`), so that other
work on the machine changes it little; wall time is not compared. *accepted* counts updates that the platform may forget,
over the CPU time used until the last one was accepted; *answered* counts answers, over the CPU time until the last one.

The two echo bots are written as their libraries' own pages do. They keep nothing: an update acknowledged and not yet
answered is lost with the process, and so is their memory of the talk. Ours stores every update before it is acknowledged,
reads what it means, keeps the conversation, matches, writes the answer into the outbox, and records how its sending ended:
three transactions a turn. The ratio says what this costs.
"""


@dataclass(frozen=True)
class Figures:
    """One bot in one mode."""

    bot: str
    mode: str
    turns: int
    accepted: float  # per CPU-second
    answered: float  # per CPU-second
    memory: float  # MB at the end


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    line = next(row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@contextlib.contextmanager
def running(command: list[str], **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended when the block ends."""
    process = subprocess.Popen(command, cwd=HOME, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def command_of(bot: str, mode: str, base: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    """How a bot is started."""
    port = str(free_port())
    if bot != "nhipcau":
        module = "bench.channels.echo_aiogram" if bot == "aiogram" else "bench.channels.echo_ptb"
        return [sys.executable, "-m", module, base, TOKEN, mode, port], {}
    env = {
        "NHIPCAU_PORT": port,
        "NHIPCAU_DATABASE_URL": f"sqlite:///{folder}/bench.db",
        "NHIPCAU_DATA_DIR": str(read_settings().data_dir),
        "NHIPCAU_LOG_LEVEL": "error",
        "NHIPCAU_TELEGRAM_TOKEN": TOKEN,
        "NHIPCAU_TELEGRAM_API_URL": base,
        "NHIPCAU_TELEGRAM_MODE": mode,
        "NHIPCAU_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "NHIPCAU_TELEGRAM_RATE": "1000",
    }
    return [sys.executable, "-m", "bot", "run"], env


class Round:
    """Everybody writes one line; CPU time until all is accepted, then until all is answered."""

    def __init__(self, remote: Remote, people: list[Phone], pid: int) -> None:
        self.remote, self.people, self.pid = remote, people, pid
        self.accepted_cpu = self.answered_cpu = 0.0

    def _answers(self) -> int:
        return int(self.remote.ask("GET", "counts")["messages"])

    def play(self, text: str) -> None:
        """One round; raises TimeoutError when the answers do not come."""
        before, began, end = self._answers(), cpu_seconds(self.pid), time.monotonic() + PATIENCE
        self.remote.ask("POST", "crowd", {"said": [[person.id, text] for person in self.people]})
        accepted = None
        while self._answers() < before + len(self.people):
            if accepted is None and self.remote.ask("GET", "bots")[0]["pending"] == 0:
                accepted = cpu_seconds(self.pid)
            if time.monotonic() > end:
                raise TimeoutError(f"only {self._answers() - before} of {len(self.people)} answered {text!r}")
            time.sleep(0.02)
        done = cpu_seconds(self.pid)
        self.accepted_cpu += (accepted or done) - began
        self.answered_cpu += done - began


def measure(bot: str, mode: str, crowd: int) -> Figures:
    """One bot in one mode with an emulator of its own."""
    port = free_port()
    remote = Remote(f"http://127.0.0.1:{port}")
    emulator = [sys.executable, "-m", "tests.platform", "--port", str(port), "--quiet"]
    with tempfile.TemporaryDirectory() as folder, running(emulator):
        _until(lambda: remote.ask("GET", "bots"))
        remote.limits(on=False)
        command, env = command_of(bot, mode, remote.base, Path(folder))
        with running(command, **env) as process:
            first = remote.person("Khách")
            first.start()
            first.hear(PATIENCE)  # it runs
            people = [remote.person(f"Khách {number}") for number in range(crowd)]
            Round(remote, people, process.pid).play("/start")  # everybody is known; not counted
            rounds = Round(remote, people, process.pid)
            for text in ROUNDS:
                rounds.play(text)
            turns = crowd * len(ROUNDS)
            memory = memory_mb(process.pid)
    return Figures(bot, mode, turns, turns / rounds.accepted_cpu, turns / rounds.answered_cpu, memory)


def _until(test: object) -> None:
    """Waits until a call succeeds."""
    assert callable(test)
    for _ in range(600):
        with contextlib.suppress(OSError):
            test()
            return
        time.sleep(0.1)
    raise TimeoutError("the emulated Telegram did not start")


def table(found: list[Figures]) -> str:
    """The figures with the ratio to each echo bot in the same mode."""
    lines = ["| bot | mode | turns | accepted / CPU-s | answered / CPU-s | answered, ours / its | memory |"]
    lines.append("|---|---|---|---|---|---|---|")
    for row in found:
        ours = next(other for other in found if other.bot == "nhipcau" and other.mode == row.mode)
        ratio = f"{ours.answered / row.answered:.2f}"
        figures = f"{row.accepted:.0f} | {row.answered:.0f} | {ratio} | {row.memory:.0f} MB"
        lines.append(f"| {row.bot} | {row.mode} | {row.turns} | {figures} |")
    return "\n".join(lines)


def main() -> int:
    """Measures, prints, logs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crowd", type=int, default=120, help="people who write in each round")
    parser.add_argument("--no-log", action="store_true", help="print only")
    given = parser.parse_args()
    began = time.monotonic()
    found = []
    for mode in MODES:
        for bot in BOTS:
            found.append(measure(bot, mode, given.crowd))
            print(f"{bot}, {mode}: {found[-1].answered:.0f} answered per CPU-second", file=sys.stderr, flush=True)
    named = ", ".join(f"{name} {version(name)}" for name in ("aiogram", "python-telegram-bot", "aiohttp", "uvicorn"))
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {named}"
    lines = f"{table(found)}\n\n{where}; the whole run took {time.monotonic() - began:.0f} s."
    print(lines)
    if not given.no_log:
        text = LOG.read_text(encoding="utf-8") if LOG.exists() else HEAD
        LOG.write_text(f"{text.rstrip()}\n\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n\n{lines}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
