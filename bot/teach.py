"""The commands that teach the model, measure it, explain it."""

import json
import resource
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.wiring import build_mind, places
from config.settings import HOME, Settings
from domain.text import clean
from knowledge.library import load
from nlu import weights as files
from nlu.current import point_to
from nlu.evaluate import BadCases, broken, measure, read_cases
from nlu.explain import explain
from nlu.lesson import Lesson, lesson
from nlu.model import Model, prepare
from nlu.terms import Terms
from nlu.understanding import Context, Mind, Understanding
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
    model, trained = prepare(taught, places(), _terms(), folder)
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


def _terms() -> Terms:
    library = load()
    return Terms(library.terms, library.teencode)


def evaluate(settings: Settings, folder: Path | None, at: datetime, say: Say, mind: Mind | None = None) -> dict[str, Any]:
    """Every figure on held-out phrasings, with the floors that they break; raises BadCases."""
    folder = folder or GOLDEN
    cases = read_cases(folder)
    say(f"{len(cases.rows)} held-out messages")
    figures = measure(mind or build_mind(settings.data_dir / "model", say), cases, at)
    figures["broken"] = broken(figures, read_floors(folder))
    for line in _table(figures):
        say(line)
    return figures


def read_floors(folder: Path) -> dict[str, Any]:
    """The least (or, for names ending in _most, the greatest) figures that may land; none without the file."""
    import yaml

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
        cells = [f"{row[kind]:8.3f}" if kind in row else "       -" for kind in ("answers", "acts", "both", "programmes")]
        lines.append(f"{style:10} {' '.join(cells)}")
    sure, strange = figures["sure"], figures["out_of_scope"]
    lines.append(f"macro F1 {figures['macro_f1']:.3f}, right one among five {figures['among_five']:.3f}")
    lines.append(f"calibration error {figures['calibration_error']:.3f}")
    lines.append(f"sure: {sure['share']:.3f} of messages, of which right {sure['precision']:.3f}, cost {sure['cost']:.3f}")
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
