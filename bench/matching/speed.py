"""Speed and memory at sizes, ours each in a process of its own: `python -m bench.matching.speed 100000`; wall and processor
time, for the machine may be shared."""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bench.matching.crowd import Crowd
from bench.matching.measures import percentile
from bench.matching.rivals import Bm25, Fts5, PostgresText, document, folded
from domain.offer import Offer
from knowledge.library import Library, load
from matching.engine import Matcher
from matching.wanted import Wanted

ASKED = 300
SLOW = 60  # questions put to a slow rival
LOOKED_THROUGH = 500  # needs that a rival, which cannot tell which it serves, would have to look through
Row = tuple[str, str, float | None]  # what, the figures in words, the typical time by which growth is told


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

    def row(self, name: str) -> Row:
        """What is told of it; growth by processor time, by the clock for what runs in another process."""
        cpu, wall = percentile(self.cpu, 0.5), percentile(self.wall, 0.5)
        return name, self.say(), cpu if cpu > wall / 4 else wall


@dataclass(frozen=True)
class Size:
    """What was measured at one size."""

    offers: int
    rows: list[Row]


def resident() -> float:
    """Megabytes of memory this process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(count: int, library: Library, postgres: str | None) -> Size:
    """Ours in a process of its own, then the rivals on the same offers and questions."""
    alone = subprocess.run(
        [sys.executable, "-m", "bench.matching.speed", str(count)], capture_output=True, text=True, check=True
    )
    rows: list[Row] = [(name, said, typical) for name, said, typical in json.loads(alone.stdout)]
    return Size(count, rows + _rivals(list(Crowd(library).offers(count)), count, library, postgres))


def _questions(library: Library) -> list[Wanted]:
    return [wanted for _, wanted in Crowd(library, seed=9).needs(ASKED)]


def _arrivals(library: Library) -> list[Offer]:
    return list(Crowd(library, seed=11).offers(ASKED, "E"))


def ours(count: int, library: Library) -> list[Row]:
    """Builds both indexes at a size, asks both ways; the shipped offers arrive as well, for they list terms of their own."""
    questions, arrivals = _questions(library), _arrivals(library)
    before = resident()
    matcher: Matcher[int] = Matcher(library)
    rows = [_took("rebuild of the offers", lambda: matcher.load(Crowd(library).offers(count)))]
    rows.append(("memory for the offers", f"{resident() - before:.0f} MB", None))
    rows.append(Times().of(lambda want: matcher.search(want, 5), questions).row("need → first five, with reasons"))
    middle = resident()
    rows.append(_took("rebuild of the needs", lambda: _put_needs(matcher, Crowd(library).needs(count))))
    rows.append(("memory for the needs", f"{resident() - middle:.0f} MB", None))
    rows.append(Times().of(matcher.serves, arrivals).row("offer → all needs, exact"))
    rows.append(Times().of(matcher.put, arrivals).row("one offer put in"))
    rows.append(("the whole process", f"{resident():.0f} MB", None))
    rows.append(Times().of(matcher.serves, _shipped()).row("offer → all needs, the shipped offers"))
    return rows


def _shipped() -> list[Offer]:
    from knowledge.library import read_offers  # only now: what reading them takes is not the matcher's memory
    from storage.seed import offer_from

    return [offer_from(row) for row in read_offers()]


def _took(name: str, call: Callable[[], object]) -> Row:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    used = time.process_time() - cpu
    return name, f"{time.perf_counter() - wall:.1f} s ({used:.1f} s)", used


def _put_needs(matcher: Matcher[int], needs: Iterable[tuple[int, Wanted]]) -> None:
    """As they stand in the service: each has been confirmed on its card, so that its terms are stated."""
    for key, wanted in needs:
        matcher.put_need(key, replace(wanted, stated=True))


def _rivals(offers: Sequence[Offer], needs: int, library: Library, postgres: str | None) -> list[Row]:
    texts = [wanted.text for wanted in _questions(library)[:SLOW]]
    rows = []
    for label, make in (
        ("need → first five: BM25 folded (numpy)", lambda: Bm25(offers, folded)),
        ("need → first five: SQLite FTS5, all words", lambda: Fts5((o.id, *document(o)) for o in offers)),
        ("need → first five: PostgreSQL full text", (lambda: PostgresText(postgres, offers)) if postgres else None),
    ):
        if make is None:
            continue
        search = make()
        rows.append(Times().of(lambda text, search=search: search(text, 5), texts).row(label))
        if isinstance(search, PostgresText):
            search.close()
    standing = Fts5((str(key), "", wanted.text) for key, wanted in Crowd(library).needs(needs))
    heads = [document(offer)[0] for offer in _arrivals(library)[:SLOW]]
    label = f"offer → {LOOKED_THROUGH} needs: SQLite FTS5, all words, not exact"
    return [*rows, Times().of(lambda head: standing(head, LOOKED_THROUGH), heads).row(label)]


if __name__ == "__main__":
    json.dump(ours(int(sys.argv[1]), load()), sys.stdout)
