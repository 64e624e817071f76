"""Scores entity reading: true, missed and invented items a slot, with micro-averaged F1."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.amounts import AREA, in_base
from domain.text import nfc

Entities = Mapping[str, Any]


@dataclass
class Tally:
    """Items of one slot: in both (`hit`), only in gold (`missed`), only predicted (`invented`)."""

    hit: int = 0
    missed: int = 0
    invented: int = 0

    @property
    def precision(self) -> float:
        """Share of predicted items that are right; 1.0 when nothing was predicted."""
        return self.hit / (self.hit + self.invented) if self.hit + self.invented else 1.0

    @property
    def recall(self) -> float:
        """Share of gold items that were found; 1.0 when there was nothing to find."""
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision with recall."""
        total = 2 * self.hit + self.missed + self.invented
        return 2 * self.hit / total if total else 1.0


@dataclass
class Score:
    """The tallies of all slots; `f1` is micro-averaged; `exact` counts messages read without any difference."""

    slots: dict[str, Tally] = field(default_factory=dict)
    exact: int = 0
    messages: int = 0

    @property
    def total(self) -> Tally:
        """All slots together."""
        rows = self.slots.values()
        return Tally(sum(r.hit for r in rows), sum(r.missed for r in rows), sum(r.invented for r in rows))

    @property
    def f1(self) -> float:
        """Micro-averaged F1 over all items."""
        return self.total.f1

    def as_json(self) -> dict[str, Any]:
        """Plain numbers: {"f1", "precision", "recall", "exact", "messages", "slots": {name: {...}}}."""
        rows = {
            name: {"hit": t.hit, "missed": t.missed, "invented": t.invented, "f1": round(t.f1, 4)}
            for name, t in sorted(self.slots.items())
        }
        total = self.total
        return {
            "f1": round(total.f1, 4), "precision": round(total.precision, 4), "recall": round(total.recall, 4),
            "exact": self.exact, "messages": self.messages, "slots": rows,
        }  # fmt: skip


def items(entities: Entities) -> Counter[tuple[str, str]]:
    """The comparable items of one message: each listed term, each size of a firm, every other slot as a whole."""
    found: Counter[tuple[str, str]] = Counter()
    for slot, value in entities.items():
        if value is None or value in ([], {}):
            continue
        if slot == "org_size":
            found.update((f"org_size.{key}", _plain(part)) for key, part in value.items())
        elif isinstance(value, (list, tuple)):
            found.update((slot, _plain(part)) for part in value)
        else:
            found[(slot, _capacity(value) if slot == "capacity" else _plain(value))] += 1
    return found


def score(pairs: Iterable[tuple[Entities, Entities]]) -> Score:
    """Counts (gold, predicted) pairs of entity dicts; deterministic, never raises on shapes of the contract."""
    result = Score()
    for gold, predicted in pairs:
        wanted, given = items(gold), items(predicted)
        result.messages += 1
        result.exact += wanted == given
        for kind, counted in (("hit", wanted & given), ("missed", wanted - given), ("invented", given - wanted)):
            for (slot, _), count in counted.items():
                tally = result.slots.setdefault(slot, Tally())
                setattr(tally, kind, getattr(tally, kind) + count)
    return result


def _plain(value: Any) -> str:
    """One spelling for equal values: numbers without ".0", keys in order, text without case or extra spaces."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_plain(part)}" for key, part in sorted(value.items())) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(sorted(map(_plain, value))) + "]"
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, (int, float)):
        return f"{value:.6g}" if abs(value) < 1e6 else str(round(value))
    return " ".join(nfc(str(value)).casefold().split())


def _capacity(value: Mapping[str, Any]) -> str:
    """Kilograms with quintals with tonnes are one unit, litres with cubic metres too; areas are not converted."""
    unit = str(value.get("unit") or "")
    factor, base = in_base(1.0, unit) if unit not in AREA else (1.0, unit)
    least, most = (value.get(key, value.get("value")) for key in ("min", "max"))
    ends = ("" if end is None else f"{float(end) * factor:.6g}" for end in (least, most))
    return f"{'..'.join(ends)} {base}/{value.get('per') or ''}"
