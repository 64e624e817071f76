"""Runs the contenders on one cut of the shipped phrasings, or on any text<TAB>label files, prints one table."""

import argparse
import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.understanding.noise import STYLES
from config.settings import HOME
from domain.text import has_diacritics
from knowledge.library import load
from nlu.evaluate import read_cases
from nlu.lesson import lesson

ENVIRONMENTS = HOME / "var" / "bench"
SIDE = Path(__file__).with_name("side.py")
CLASSES, ROWS, SEED = 40, 20, 7
CONTENDERS = (  # name, kind, variant
    ("ours", "ours", ""),
    ("ours, no word lists", "ours", "plain"),
    ("LinearSVC", "linear", "svc"),
    ("LinearSVC, stripped", "linear", "svc+strip"),
    ("LogReg", "linear", "logreg"),
    ("LogReg, stripped", "linear", "logreg+strip"),
    ("Rasa DIET, marked rows", "rasa", "marked"),
    ("Rasa DIET", "rasa", ""),
    ("Rasa DIET, +stripped", "rasa", "doubled"),
)
PACKAGES = {"linear": ["scikit-learn>=1.5"], "rasa": ["setuptools<70", "wheel", "pip<25", "rasa==3.6.21"]}
Rows = list[tuple[str, str]]


def shipped(full: bool) -> tuple[Rows, Rows]:
    """Phrasings of 40 classes, 20 each (all of them with `full`); the exam is the held-out folder, clean rows."""
    rows = [row for row in lesson(load()).rows if row[1] != "ask_programme"]
    cases = [
        (case.text, case.label)
        for case in read_cases(HOME / "tests" / "golden").rows
        if case.style == "clean" and not case.label.startswith("programme:")
    ]
    if full:
        return rows, cases
    chosen = sorted({label for _, label in cases}, key=_lot)[:CLASSES]
    train = [
        row for label in chosen for row in sorted((r for r in rows if r[1] == label), key=lambda r: _lot(r[0]))[:ROWS]
    ]
    return train, [case for case in cases if case[1] in set(chosen)]


def _lot(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_tsv(file: Path) -> Rows:
    """text<TAB>label lines."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(text, label.strip()) for text, _, label in (line.partition("\t") for line in lines)]


def python_for(kind: str) -> Path | str:
    """The interpreter that runs a contender, its environment made when missing; a sentence when it cannot be had."""
    if kind == "ours":
        return Path(sys.executable)
    given = os.environ.get(f"BENCH_{kind.upper()}_PYTHON")
    if given:
        return Path(given)
    folder = ENVIRONMENTS / kind
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    base = _interpreter(kind)
    if base is None:
        return "needs Python 3.8 to 3.10 (pyenv install 3.10, or set BENCH_RASA_PYTHON to a python that has rasa)"
    for command in ([base, "-m", "venv", str(folder)], *([str(python), "-m", "pip", "install", "-q", *PACKAGES[kind][at : at + 3]]
                    for at in range(0, len(PACKAGES[kind]), 3))):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"could not be installed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1][:160]}"
    (folder / "ready").touch()
    return python


def _interpreter(kind: str) -> str | None:
    if kind != "rasa":
        return sys.executable
    tried = [str(path) for path in sorted(Path.home().glob(".pyenv/versions/3.10.*/bin/python"))]
    for name in (*tried, "python3.10", "python3.9", "python3.8"):
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
            return path
    return None


def _given(variant: str, train: Rows) -> Rows:
    """What a contender learns from: the rows, those with diacritics only, or each with a copy without them."""
    if variant == "marked":
        return [row for row in train if has_diacritics(row[0])]
    return train if variant != "doubled" else train + [(STYLES["stripped"](text, 0), label) for text, label in train]


def run(
    name: str, kind: str, variant: str, train: Rows, exam: dict[str, list[str]], epochs: int
) -> dict[str, Any] | str:
    """One contender's figures, or why there are none."""
    python = python_for(kind)
    if isinstance(python, str):
        return python
    library = load()
    rows = _given(variant, train)
    job = {
        "train": rows,
        "test": exam,
        "variant": variant,
        "epochs": epochs,
        "lexicon": {"teencode": library.teencode, "concepts": library.concepts},
    }
    known = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(HOME)}
    if kind != "ours":
        known["PYTHONPATH"] = ""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        source, target, log = Path(folder) / "job.json", Path(folder) / "result.json", Path(folder) / "log.txt"
        source.write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
        with log.open("w", encoding="utf-8") as out:  # a file, so that the epochs of an hour can be followed
            command = [str(python), str(SIDE), kind, str(source), str(target)]
            done = subprocess.run(command, env=known, stdout=out, stderr=out, check=False)
        if done.returncode or not target.exists():
            return f"failed: {(log.read_text(encoding='utf-8').strip().splitlines() or ['no reason given'])[-1][:200]}"
        found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
        return found


def mcnemar(left: Iterable[bool], right: Iterable[bool]) -> tuple[int, int, float]:
    """Where only one of two is right, either way, with the two-sided exact probability of a split so uneven."""
    pairs = list(zip(left, right, strict=True))
    mine, theirs = sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)
    total, least = mine + theirs, min(mine, theirs)
    chance = sum(math.comb(total, at) for at in range(least + 1)) / 2 ** max(total, 0)
    return mine, theirs, min(1.0, 2 * chance) if total else 1.0


def table(results: dict[str, dict[str, Any] | str], wanted: list[str]) -> list[str]:
    """The figures as a Markdown table with the comparison to ours below."""
    styles = list(STYLES)
    lines = [
        f"| contender | {' | '.join(styles)} | train CPU s | p50 ms | p99 ms | RSS MB | model MB |",
        "|---" * (len(styles) + 6) + "|",
    ]
    right: dict[str, list[bool]] = {}
    for name, found in results.items():
        if isinstance(found, str):
            lines.append(f"| {name} | {found} |" + " |" * (len(styles) + 4))
            continue
        marks = {
            style: [said == label for said, label in zip(found["said"][style], wanted, strict=True)] for style in styles
        }
        right[name] = [mark for style in styles for mark in marks[style]]
        cells = [f"{100 * sum(marks[style]) / len(wanted):.1f}" for style in styles]
        costs = [
            f"{found['train_cpu_s']:.1f}",
            f"{found['p50_ms']:.2f}",
            f"{found['p99_ms']:.2f}",
            f"{found['rss_mb']:.0f}",
        ]
        size = f"{found['model_bytes'] / 1e6:.1f}"
        lines.append(f"| {name} | {' | '.join([*cells, *costs, size])} |")
    lines.append("")
    for name, marks_of in right.items():
        if name != "ours" and "ours" in right:
            mine, theirs, chance = mcnemar(right["ours"], marks_of)
            lines.append(
                f"McNemar, ours against {name}: only ours right {mine}, only theirs {theirs}, p = {chance:.2g}"
            )
    return lines


def main() -> None:
    """python -m bench.understanding [--full] [--train FILE --test FILE] [--only NAME …]"""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--full", action="store_true", help="all classes and phrasings")
    asked.add_argument("--train", type=Path)
    asked.add_argument("--test", type=Path)
    asked.add_argument("--only", nargs="*", help="kinds (ours linear rasa) or names of the table")
    asked.add_argument("--epochs", type=int, default=100, help="of DIET")
    said = asked.parse_args()
    train, exam = (read_tsv(said.train), read_tsv(said.test)) if said.train and said.test else shipped(said.full)
    texts, wanted = [text for text, _ in exam], [label for _, label in exam]
    styled = {style: [make(text, SEED) for text in texts] for style, make in STYLES.items()}
    print(
        f"{len(train)} examples, {len({label for _, label in train})} classes, {len(exam)} held-out messages\n",
        flush=True,
    )
    results: dict[str, dict[str, Any] | str] = {}
    for name, kind, variant in CONTENDERS:
        if not said.only or kind in said.only or name in said.only:
            print(f"… {name}", file=sys.stderr, flush=True)
            results[name] = run(name, kind, variant, train, styled, said.epochs)
            print(table({name: results[name]}, wanted)[2], file=sys.stderr, flush=True)
    print("\n".join(table(results, wanted)))


if __name__ == "__main__":
    main()
