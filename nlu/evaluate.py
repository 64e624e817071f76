"""Measures understanding on held-out phrasings: accuracy by style, confusions, calibration, rejection, cost, latency."""

import time
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from nlu.understanding import Context, Mind, Understanding

STYLES = ("clean", "bare", "typo", "teencode")
BINS = 10
WRONG_COST = 10.0  # clarifications


class BadCases(Exception):
    """The folder of held-out phrasings cannot be used; the message says why."""


@dataclass(frozen=True)
class Case:
    """A held-out message with what it means; `label` is an act, `answer:<id>` or `programme:<id>`."""

    text: str
    label: str
    style: str


@dataclass(frozen=True)
class Cases:
    """All held-out messages with the groups of labels that count as one."""

    rows: tuple[Case, ...]
    equal: Mapping[str, frozenset[str]]

    def right(self, said: Understanding, label: str) -> bool:
        """Whether a reading is what the label means."""
        return self.same(label_of(said.act, said.answer, said.programme, label), label)

    def same(self, left: str, right: str) -> bool:
        """Whether two labels are equally right."""
        return left == right or left in self.equal.get(right, frozenset())


def label_of(act: str, answer: str | None, programme: str | None, wanted: str = "") -> str:
    """The label of a reading; a programme counts where one is wanted."""
    if wanted.startswith("programme:"):
        return f"programme:{programme}"
    return f"answer:{answer}" if act == "ask_policy" and answer else act


def read_cases(folder: Path) -> Cases:
    """Reads answers/, acts/, phrasings.yaml, programmes.yaml and equal.yaml of a folder; raises BadCases."""
    if not folder.is_dir():
        raise BadCases(f"{folder} is no folder of held-out phrasings")
    rows: list[Case] = []
    for kind, sign in (("answers", "answer:"), ("acts", "")):
        for file in sorted((folder / kind).glob("*.yaml")):
            rows += [Case(text, sign + file.stem, style) for style, text in _styled(_yaml(file))]
    loose = folder / "phrasings.yaml"
    for label, said in (_yaml(loose) if loose.exists() else {}).items():
        rows += [Case(text, str(label), style) for style, text in _styled(said)]
    named = folder / "programmes.yaml"
    for id_, said in (_yaml(named) if named.exists() else {}).items():
        rows += [Case(text, f"programme:{id_}", style) for style, text in _styled(said)]
    if not rows:
        raise BadCases(f"{folder} holds no phrasings")
    known = {row.label for row in rows}
    equal: dict[str, frozenset[str]] = {}
    together = folder / "equal.yaml"
    for group in _yaml(together) if together.exists() else ():
        labels = frozenset(_label(str(name), known) for name in group)
        for label in labels:
            equal[label] = equal.get(label, frozenset()) | labels
    return Cases(tuple(rows), equal)


def _label(name: str, known: Container[str]) -> str:
    """An id as a label: of an answer or an act that is asked for, else of a programme."""
    return next((label for label in (f"answer:{name}", name) if label in known), f"programme:{name}")


def _yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadCases(f"{file}: {error}") from error


def _styled(held: Any) -> Iterable[tuple[str, str]]:
    if isinstance(held, Mapping):
        return [(str(style), str(text)) for style, texts in held.items() for text in texts or ()]
    return [("clean", str(text)) for text in held or ()]


def measure(mind: Mind, cases: Cases, at: datetime) -> dict[str, Any]:
    """Every figure by name; shares lie between 0 and 1, times are in milliseconds."""
    nobody = Context()
    said, took = [], []
    for case in cases.rows:
        began = time.perf_counter()
        said.append(mind.understand(case.text, nobody, at))
        took.append(1000 * (time.perf_counter() - began))
    return {**judge(cases, said), "latency_ms": {"p50": _percentile(took, 50), "p99": _percentile(took, 99)}}


def judge(cases: Cases, said: Sequence[Understanding]) -> dict[str, Any]:
    """The figures that do not depend on the clock."""
    pairs = list(zip(cases.rows, said, strict=True))
    right = np.array([cases.right(read, case.label) for case, read in pairs])
    spoken = np.array([not case.label.startswith("programme:") for case, _ in pairs])
    confidence = np.array([read.confidence for _, read in pairs])
    sure = np.array([read.sure for _, read in pairs])
    there = np.array([_among(cases, case, read) for case, read in pairs])
    return {
        "rows": len(pairs),
        "accuracy": float(right[spoken].mean()) if spoken.any() else 0.0,
        "by_style": _by_style(pairs, right),
        "macro_f1": _macro_f1(cases, pairs),
        "among_five": float(there[spoken].mean()) if spoken.any() else 0.0,
        "calibration_error": calibration_error(confidence[spoken], right[spoken]),
        "sure": _sure(sure[spoken], right[spoken], there[spoken]),
        "out_of_scope": rejection(pairs),
        "confusions": _confusions(cases, pairs),
    }


def _among(cases: Cases, case: Case, read: Understanding) -> bool:
    guesses = [(read.act, read.answer, read.programme), *((g.act, g.answer, g.programme) for g in read.alternatives)]
    return any(cases.same(label_of(*guess, case.label), case.label) for guess in guesses)


def _by_style(pairs: Sequence[tuple[Case, Understanding]], right: Any) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for style in (*STYLES, "all"):
        row: dict[str, float] = {}
        for kind in ("answers", "acts", "both", "programmes"):
            picked = [bool(good) for (case, _), good in zip(pairs, right, strict=True) if _counts(case, style, kind)]
            if picked:
                row[kind] = sum(picked) / len(picked)
                row[f"{kind}_rows"] = len(picked)
        found[style] = row
    return found


def _counts(case: Case, style: str, kind: str) -> bool:
    own = (
        "answers"
        if case.label.startswith("answer:")
        else "programmes"
        if case.label.startswith("programme:")
        else "acts"
    )
    return style in (case.style, "all") and (kind == own or (kind == "both" and own != "programmes"))


def _macro_f1(cases: Cases, pairs: Sequence[tuple[Case, Understanding]]) -> float:
    wanted, given, hit = Counter[str](), Counter[str](), Counter[str]()
    for case, read in pairs:
        if case.label.startswith("programme:"):
            continue
        label = label_of(read.act, read.answer, read.programme)
        label = case.label if cases.same(label, case.label) else label
        wanted[case.label] += 1
        given[label] += 1
        hit[label] += label == case.label
    return sum(2 * hit[label] / (wanted[label] + given[label]) for label in wanted) / max(len(wanted), 1)


def calibration_error(confidence: Any, right: Any) -> float:
    """Mean gap between confidence and accuracy over ten equally wide bins, weighted by their rows."""
    if not len(confidence):
        return 0.0
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confidence[place == at].mean() - right[place == at].mean()) * (place == at).sum()
        for at in range(BINS)
        if (place == at).any()
    ]
    return float(sum(gaps) / len(confidence))


def _sure(sure: Any, right: Any, there: Any) -> dict[str, float]:
    total = max(len(sure), 1)
    acted = max(int(sure.sum()), 1)
    asked = ~sure
    cost = WRONG_COST * (sure & ~right).sum() + asked.sum() + asked[~there].sum()
    return {
        "share": float(sure.sum() / total),
        "precision": float((sure & right).sum() / acted),
        "wrong": float((sure & ~right).sum() / total),
        "cost": float(cost / total),  # in clarifications a message
    }


def belonging(read: Understanding) -> float:
    """How surely a message is ours to answer: low for out of scope, high for a confident reading."""
    strange = next((g.confidence for g in read.alternatives if g.act == "out_of_scope"), 0.0)
    return (1 - read.confidence) / 2 if read.act == "out_of_scope" else (1 + read.confidence - strange) / 2


def rejection(pairs: Sequence[tuple[Case, Understanding]]) -> dict[str, float]:
    """How well out-of-scope messages are told apart; in-scope refused where 90 % of the strange ones are."""
    ours = np.array([belonging(read) for case, read in pairs if case.label not in ("out_of_scope", "abuse")])
    strange = np.array([belonging(read) for case, read in pairs if case.label == "out_of_scope"])
    if not len(ours) or not len(strange):
        return {}
    above = (ours[:, None] > strange).mean() + 0.5 * (ours[:, None] == strange).mean()
    cut = np.quantile(strange, 0.9)
    return {"auroc": float(above), "refused_at_90": float((ours <= cut).mean()), "rows": len(strange)}


def _confusions(cases: Cases, pairs: Sequence[tuple[Case, Understanding]], most: int = 20) -> list[dict[str, Any]]:
    counts = Counter(
        (case.label, label_of(read.act, read.answer, read.programme, case.label))
        for case, read in pairs
        if not cases.right(read, case.label)
    )
    return [{"meant": meant, "read": read, "times": times} for (meant, read), times in counts.most_common(most)]


def _percentile(values: Sequence[float], share: float) -> float:
    return round(float(np.percentile(values, share)), 3)


def broken(figures: Mapping[str, Any], floors: Mapping[str, Any], path: str = "") -> list[str]:
    """The floors that the figures break, in words; a name ending in `_most` is a ceiling."""
    found = []
    for name, floor in floors.items():
        where = f"{path}{name}"
        if isinstance(floor, Mapping):
            found += broken(figures.get(name) or {}, floor, f"{where}.")
            continue
        ceiling = name.endswith("_most")
        value = figures.get(name.removesuffix("_most"))
        if value is None:
            found.append(f"{where}: not measured")
        elif value > floor if ceiling else value < floor:
            found.append(f"{where}: {value:.4f} {'above' if ceiling else 'below'} {floor}")
    return found
