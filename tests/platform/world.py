"""The world that all emulated platforms share: its clock, its people, the ledger of what they saw."""

import asyncio
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Clock:
    """Seconds since 1970 that run like real ones times `speed`, and jump when told to."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._began, self._base = time.monotonic(), time.time()
        self._jumped = asyncio.Event()
        self._held = False

    def now(self) -> float:
        """The virtual instant."""
        return self._base if self._held else self._base + (time.monotonic() - self._began) * self.speed

    def hold(self, held: bool) -> None:
        """Stands still, or runs on from where it stood."""
        self._base, self._began, self._held = self.now(), time.monotonic(), held

    def advance(self, seconds: float) -> float:
        """Jumps forward; whoever sleeps looks at the clock again."""
        self._base += max(seconds, 0.0)
        self._jumped.set()
        self._jumped = asyncio.Event()
        return self.now()

    async def sleep(self, seconds: float) -> None:
        """Sleeps so many virtual seconds."""
        await self.until(self.now() + seconds)

    async def until(self, instant: float) -> None:
        """Sleeps until the virtual instant."""
        while (left := instant - self.now()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._jumped.wait(), left / self.speed)


@dataclass
class Person:
    """One human being with accounts on the emulated platforms."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language: str = "vi"
    phone: str = ""
    deactivated: bool = False

    def shown(self) -> Entry:
        """As the control API shows a person."""
        return asdict(self)


class Ledger:
    """Append-only: one entry for each thing that really reached a person. With a file every entry is on the disk
    before `add` returns; entries that come together share one fsync."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.entries: list[Entry] = []
        self._open = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) if file else None
        self._lines: list[bytes] = []
        self._batch: asyncio.Future[None] | None = None  # done when the lines gathered so far are on the disk
        self._writing = False

    async def add(self, entry: Entry) -> Entry:
        """Writes one entry; `n` counts them from 1."""
        entry = {"n": len(self.entries) + 1, **entry}
        self.entries.append(entry)
        if self._open is not None:
            self._lines.append(json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            if self._batch is None:
                self._batch = asyncio.get_running_loop().create_future()
            batch = self._batch
            if not self._writing:
                self._writing = True
                asyncio.ensure_future(self._write_all())  # noqa: RUF006 (the waiters hold its future)
            await asyncio.shield(batch)
        return entry

    async def _write_all(self) -> None:
        while (batch := self._batch) is not None:
            lines, self._lines, self._batch = b"".join(self._lines), [], None
            await asyncio.to_thread(self._write, lines)
            batch.set_result(None)
        self._writing = False

    def _write(self, lines: bytes) -> None:
        assert self._open is not None
        os.write(self._open, lines)
        os.fdatasync(self._open)

    def find(self, **wanted: Any) -> list[Entry]:
        """The entries whose fields have these values."""
        return [entry for entry in self.entries if all(entry.get(key) == value for key, value in wanted.items())]

    def close(self) -> None:
        """Gives the file back."""
        if self._open is not None:
            os.close(self._open)
            self._open = None


def busiest(instants: Iterable[float], seconds: float = 1.0) -> int:
    """The most instants in any window of so many seconds."""
    ordered = sorted(instants)
    most = start = 0
    for end, instant in enumerate(ordered):
        while instant - ordered[start] >= seconds:
            start += 1
        most = max(most, end - start + 1)
    return most


def read_ledger(file: Path) -> list[Entry]:
    """The entries of a ledger file, also of one whose writer was killed."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


class World:
    """Everything the platforms have in common."""

    def __init__(self, ledger: Path | None = None, speed: float = 1.0) -> None:
        self.clock = Clock(speed)
        self.ledger = Ledger(ledger)
        self.people: dict[int, Person] = {}
        self._next_person = 700_000_001

    def arrive(self, first_name: str, **more: Any) -> Person:
        """A new person."""
        known = {key: value for key, value in more.items() if key in Person.__dataclass_fields__ and key != "id"}
        person = Person(self._next_person, first_name, **known)
        self._next_person += 1
        self.people[person.id] = person
        return person

    def counts(self, key: str) -> dict[str, int]:
        """How many entries of the ledger have each value of one field."""
        return dict(Counter(str(entry.get(key)) for entry in self.ledger.entries))
