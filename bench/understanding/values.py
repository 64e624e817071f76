"""Numbers, money, dates: ours beside Duckling and dateparser on the same expressions, with and without diacritics."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bench.understanding.noise import stripped
from config.settings import HOME
from domain.dates import find_periods
from domain.line import read_line
from domain.money import find_money
from domain.numbers import read_number

TODAY = date(2026, 11, 24)
SIDE = Path(__file__).with_name("values_side.py")
ENVIRONMENT = HOME / "var" / "bench" / "values"
PACKAGES = ("pyduckling-native==0.1.0", "pendulum", "dateparser==1.2.2")
KINDS = ("numbers", "money", "dates")
Read = dict[str, dict[str, Any]]


def ours(texts: list[tuple[str, str]]) -> list[Any]:
    """What we read of each (kind, text): a number, an amount in đồng, the first day; None when nothing."""
    return [{"numbers": _number, "money": _money, "dates": _day}[kind](text) for kind, text in texts]


def _number(text: str) -> float | None:
    line = read_line(text)
    found = read_number(line, 0)
    return found.value if found and found.after == line.size else None


def _money(text: str) -> float | None:
    found = find_money(text)
    return (found[0].value.max or found[0].value.min) if found else None


def _day(text: str) -> str | None:
    found = find_periods(text, TODAY)
    if not found:
        return None
    start, end = found[0][0].start, found[0][0].end
    day = end if start in (None, TODAY) else start  # "3 ngày nữa" gives us the time from today until then
    return day.isoformat() if day else None


def python() -> Path | str:
    """The interpreter with the others in it (BENCH_VALUES_PYTHON or an environment made here), or why there is none."""
    given = os.environ.get("BENCH_VALUES_PYTHON")
    if given:
        return Path(given)
    made = ENVIRONMENT / "bin" / "python"
    if (ENVIRONMENT / "ready").exists():
        return made
    tried = [str(path) for path in sorted(Path.home().glob(".pyenv/versions/3.[89].*/bin/python"), reverse=True)]
    for base in (*tried, "python3.9", "python3.8"):
        steps = ([base, "-m", "venv", str(ENVIRONMENT)], [str(made), "-m", "pip", "install", "-q", *PACKAGES])
        try:
            if all(subprocess.run(step, capture_output=True, check=False).returncode == 0 for step in steps):
                (ENVIRONMENT / "ready").touch()
                return made
        except OSError:
            continue
    return "Duckling's wheels need Python 3.8 or 3.9 (or set BENCH_VALUES_PYTHON)"


def others(texts: list[tuple[str, str]]) -> dict[str, list[Any]] | str:
    """What Duckling and dateparser read, by name; or why there is nothing."""
    there = python()
    if isinstance(there, str):
        return there
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        source, target = Path(folder) / "texts.json", Path(folder) / "read.json"
        source.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
        command = [str(there), str(SIDE), str(source), str(target), TODAY.isoformat(), folder]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, check=False)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            return f"failed: {(said or ['no reason given'])[-1][:200]}"
        read: dict[str, list[Any]] = json.loads(target.read_text(encoding="utf-8"))
        return read


def same(read: Any, gold: Any) -> bool:
    """Whether a value is the one that is meant."""
    if isinstance(gold, str) or isinstance(read, str) or read is None:
        return bool(read == gold)
    return abs(float(read) - float(gold)) < 1e-6 * max(1.0, abs(float(gold)))


def main() -> None:
    """python -m bench.understanding.values [--misses]: one table, per kind the share read right, as typed / stripped."""
    held = yaml.safe_load(SIDE.with_name("values.yaml").read_text(encoding="utf-8"))
    rows = [
        (kind, str(text), str(gold) if kind == "dates" else gold) for kind in KINDS for text, gold in held[kind].items()
    ]
    texts = [(kind, text) for kind, text, _ in rows] + [(kind, stripped(text)) for kind, text, _ in rows]
    read: dict[str, list[Any]] = {"ours": ours(texts)}
    found = others(texts)
    if isinstance(found, str):
        print(f"Duckling, dateparser: {found}", file=sys.stderr)
    else:
        read |= found
    print(f"| reader | {' | '.join(f'{kind} ({len(held[kind])})' for kind in KINDS)} |")
    print("|---" * (len(KINDS) + 1) + "|")
    golds = [gold for _, _, gold in rows] * 2
    for name, values in read.items():
        right = [same(value, gold) for value, gold in zip(values, golds, strict=True)]
        cells = []
        for kind in KINDS:
            mine = [at for at, (which, _) in enumerate(texts) if which == kind]
            halves = (mine[: len(mine) // 2], mine[len(mine) // 2 :])
            shares = [f"{100 * sum(right[at] for at in half) / len(half):.1f}" for half in halves]
            cells.append("-" if name == "dateparser" and kind != "dates" else " / ".join(shares))
        print(f"| {name} | {' | '.join(cells)} |")
        if "--misses" in sys.argv and name == "ours":
            for (_, text), value, gold, good in zip(texts, values, golds, right, strict=True):
                if not good:
                    print(f"ours: {text!r} read as {value}, meant {gold}", file=sys.stderr)


if __name__ == "__main__":
    main()
