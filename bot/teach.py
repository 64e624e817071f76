"""The commands that teach the model, measure it, explain it."""

import asyncio
import json
import resource
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.wiring import build_mind, places, terms
from config.settings import HOME, Settings
from domain.text import clean, plain
from knowledge.files import ROOT
from knowledge.library import load
from nlu import rasa
from nlu import weights as files
from nlu.current import point_to
from nlu.evaluate import BadCases, broken, measure, read_cases
from nlu.explain import explain
from nlu.lesson import Lesson, lesson
from nlu.model import Model, prepare
from nlu.understanding import Context, Mind, Understanding
from nlu.weights import put_in_place
from storage import knowledge
from storage.database import Database

GOLDEN = HOME / "tests" / "golden"
FLOORS = "floors.yaml"
Say = Callable[[str], object]


class BadContext(Exception):
    """--context is no JSON object."""


def read_context(said: str) -> Context:
    """The context that --context gives; raises BadContext."""
    try:
        held = json.loads(said)
        return Context(held.get("question"), held.get("programme"))
    except (ValueError, AttributeError) as error:
        raise BadContext("--context must be a JSON object") from error


async def lesson_of(url: str | None) -> Lesson:
    """The lesson of the shipped knowledge, or of a database with what officers have changed."""
    if url is None:
        return lesson(load())
    database = Database(url)
    try:
        async with database.read() as db:
            return lesson(load(), *await knowledge.learned_from(db))
    finally:
        await database.close()


async def train(settings: Settings, url: str | None, say: Say) -> dict[str, Any]:
    """Trains (or finds) the model of a lesson, makes it the one in use; tells its figures."""
    taught = await lesson_of(url)
    folder = settings.data_dir / "model"
    began, used = time.perf_counter(), time.process_time()
    say(f"learning from {len(taught.rows)} phrasings with {len(taught.texts)} lines of answers")
    model, trained = prepare(taught, places(), terms(), folder)
    point_to(folder, taught.digest)
    say(f"{'trained' if trained else 'found'} in {time.perf_counter() - began:.1f} s")
    return {
        "digest": taught.digest,
        "model": files.fingerprint(model.weights),
        "trained": trained,
        "rows": len(taught.rows),
        "texts": len(taught.texts),
        "classes": len(model.classes),
        "features": len(model.weights.names),
        "cpu_seconds": round(time.process_time() - used, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "file_bytes": (folder / f"{taught.digest}.npz").stat().st_size,
    }


def mind_of(settings: Settings, url: str | None, say: Say) -> Model:
    """The model of the shipped knowledge, or of what a database holds."""
    if url is None:
        return build_mind(settings.data_dir / "model", say)
    taught = asyncio.run(lesson_of(url))
    return prepare(taught, places(), terms(), settings.data_dir / "model")[0]


def evaluate(mind: Mind, folder: Path | None, at: datetime, say: Say) -> dict[str, Any]:
    """Every figure on held-out phrasings, with the floors that they break; raises BadCases."""
    folder = folder or GOLDEN
    cases = read_cases(folder)
    say(f"{len(cases.rows)} held-out messages")
    figures = measure(mind, cases, at)
    figures["broken"] = broken(figures, read_floors(folder))
    for line in _table(figures):
        say(line)
    return figures


def read_floors(folder: Path) -> dict[str, Any]:
    """The least (or, for names ending in _most, the greatest) figures that may land; none without the file."""
    file = folder / FLOORS
    if not file.exists():
        return {}
    held = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(held, dict):
        raise BadCases(f"{file} must map names of figures to floors")
    return held


def _table(figures: dict[str, Any]) -> list[str]:
    lines = [f"{'style':10} {'answers':>8} {'acts':>8} {'both':>8} {'named':>8}"]
    for style, row in figures["by_style"].items():
        cells = [
            f"{row[kind]:8.3f}" if kind in row else "       -" for kind in ("answers", "acts", "both", "programmes")
        ]
        lines.append(f"{style:10} {' '.join(cells)}")
    sure, strange = figures["sure"], figures["out_of_scope"]
    lines.append(f"macro F1 {figures['macro_f1']:.3f}, right one among five {figures['among_five']:.3f}")
    lines.append(f"calibration error {figures['calibration_error']:.3f}")
    lines.append(
        f"sure: {sure['share']:.3f} of messages, of which right {sure['precision']:.3f}, cost {sure['cost']:.3f}"
    )
    if strange:
        lines.append(f"out of scope: AUROC {strange['auroc']:.3f}, ours refused at 90 % {strange['refused_at_90']:.3f}")
    lines.append(f"one message: p50 {figures['latency_ms']['p50']} ms, p99 {figures['latency_ms']['p99']} ms")
    lines += [f"floor broken: {words}" for words in figures["broken"]]
    return lines


def why(model: Model, text: str, context: Context, at: datetime) -> dict[str, Any]:
    """Why a message is read as it is: its words, the features that weigh most, the nearest phrasings taught."""
    return {**model.understand(text, context, at).as_json(), "why": explain(model, lesson(load()), clean(text))}


def read_line(mind: Mind, line: str, around: Context, at: datetime) -> dict[str, Any]:
    """The record that `understand` prints for one line."""
    if not line.strip():
        return {"error": "dòng trống"}
    said: Understanding = mind.understand(line, around, at)
    return said.as_json()


async def export_rasa(settings: Settings, folder: Path, url: str | None) -> dict[str, Any]:
    """Writes Rasa's training files; tells how much."""
    return {"folder": str(folder), **rasa.export(await lesson_of(url), folder)}


def import_rasa(folder: Path, into: Path | None) -> dict[str, Any]:
    """Adds examples of Rasa's files to the acts and answers of a knowledge folder; tells what was added and what not."""
    added: dict[str, int] = {}
    unknown: dict[str, int] = {}
    root = into or ROOT
    for intent, texts in rasa.read_folder(folder).items():
        label = rasa.label_of(intent)
        name = f"answers/{label[7:]}" if label and label.startswith("answer:") else f"acts/{label}"
        file = root / f"{name}.yaml"
        if label is None or not file.exists():
            unknown[intent] = len(texts)
        else:
            added[intent] = add_examples(file, texts)
    return {"added": sum(added.values()), "intents": len(added), "unknown": unknown}


def add_examples(file: Path, texts: Iterable[str]) -> int:
    """Appends examples that a file of an act or answer does not have yet; how many."""
    held = yaml.safe_load(file.read_text(encoding="utf-8"))
    known = {plain(text) for key in ("examples", "templates") for text in held.get(key) or ()} | {
        plain(held.get("question") or "")
    }
    fresh = [text for text in dict.fromkeys(texts) if plain(text) and plain(text) not in known]
    if fresh:
        held["examples"] = [*(held.get("examples") or ()), *fresh]
        text = yaml.dump(held, allow_unicode=True, sort_keys=False, width=120)
        put_in_place(file, text.encode())
    return len(fresh)
