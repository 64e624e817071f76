"""Speed and memory at sizes, ours each in a process of its own: `python -m bench.matching.speed 100000`; wall and processor
time, for the machine may be shared."""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.matching.crowd import Crowd
from bench.matching.measures import percentile
from bench.matching.rivals import Bm25, Fts5, PostgresText, folded
from domain.offer import Offer
from knowledge.library import Library, load
from matching.engine import Matcher
from matching.wanted import Wanted

ASKED = 300
SLOW = 60  # questions put to a slow rival


@dataclass
class Times:
    """Milliseconds of many calls."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def of(self, call: Callable[[Any], object], items: Iterable[Any]) -> "Times":
        """Times one call for each item, the collector held still."""
        gc.collect()
        gc.disable()
        try:
            for item in items:
                wall, cpu = time.perf_counter(), time.process_time()
                call(item)
                self.wall.append((time.perf_counter() - wall) * 1e3)
                self.cpu.append((time.process_time() - cpu) * 1e3)
        finally:
            gc.enable()
        return self

    def say(self) -> str:
        """p50 and p99, wall with processor time in brackets."""
        p50, p99 = (f"{percentile(self.wall, s):.2f} ({percentile(self.cpu, s):.2f})" for s in (0.5, 0.99))
        return f"{p50} | {p99}"


@dataclass(frozen=True)
class Size:
    """What was measured at one size."""

    offers: int
    rows: list[tuple[str, str]]


def resident() -> float:
    """Megabytes of memory this process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(count: int, library: Library, postgres: str | None) -> Size:
    """Ours in a process of its own, then the rivals on the same offers and questions."""
    alone = subprocess.run(
        [sys.executable, "-m", "bench.matching.speed", str(count)], capture_output=True, text=True, check=True
    )
    rows = [(str(name), str(said)) for name, said in json.loads(alone.stdout)]
    return Size(count, rows + _rivals(list(Crowd(library).offers(count)), _questions(library), postgres))


def _questions(library: Library) -> list[Wanted]:
    return [wanted for _, wanted in Crowd(library, seed=9).needs(ASKED)]


def ours(count: int, library: Library) -> list[tuple[str, str]]:
    """Builds both indexes at a size, asks both ways."""
    questions, arrivals = _questions(library), list(Crowd(library, seed=11).offers(ASKED, "E"))
    before = resident()
    matcher: Matcher[int] = Matcher(library)
    rows = [("rebuild of the offers", _took(lambda: matcher.load(Crowd(library).offers(count))))]
    rows.append(("memory for the offers", f"{resident() - before:.0f} MB"))
    rows.append(("need → first five, with reasons", Times().of(lambda want: matcher.search(want, 5), questions).say()))
    middle = resident()
    rows.append(("rebuild of the needs", _took(lambda: _put_needs(matcher, Crowd(library).needs(count)))))
    rows.append(("memory for the needs", f"{resident() - middle:.0f} MB"))
    rows.append(("offer → all needs, exact", Times().of(matcher.serves, arrivals).say()))
    rows.append(("one offer put in", Times().of(matcher.put, arrivals).say()))
    rows.append(("the whole process", f"{resident():.0f} MB"))
    return rows


def _took(call: Callable[[], object]) -> str:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return f"{time.perf_counter() - wall:.1f} s ({time.process_time() - cpu:.1f} s)"


def _put_needs(matcher: Matcher[int], needs: Iterable[tuple[int, Wanted]]) -> None:
    for key, wanted in needs:
        matcher.put_need(key, wanted)


def _rivals(offers: Sequence[Offer], questions: Sequence[Wanted], postgres: str | None) -> list[tuple[str, str]]:
    texts = [wanted.text for wanted in questions[:SLOW]]
    rows = []
    for label, make in (
        ("BM25 folded (numpy)", lambda: Bm25(offers, folded)),
        ("SQLite FTS5, all words", lambda: Fts5(offers)),
        ("PostgreSQL full text, all words", (lambda: PostgresText(postgres, offers)) if postgres else None),
    ):
        if make is None:
            continue
        search = make()
        rows.append((label, Times().of(lambda text, search=search: search(text, 5), texts).say()))
        if isinstance(search, PostgresText):
            search.close()
    return rows


if __name__ == "__main__":
    json.dump(ours(int(sys.argv[1]), load()), sys.stdout)
