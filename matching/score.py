"""From how well two records agree in each respect to the chance that the offer serves the need."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from matching.concepts import Concepts, Relation
from matching.measure import FAR, NEARLY, OPEN_HIGH, OPEN_LOW, Floats, as_float, beyond

# What the chance is made of, in the order of the weights; each is 0 to 1.
FEATURES = (
    "both", "product", "process", "process_alone", "product_alone", "text", "title", "unexplained", "size_fits",
    "size_strained", "size_broken", "price_fits", "price_strained", "price_broken", "unserved", "unready", "other_mode",
    "mode_broken", "ruled_out",
)  # fmt: skip
SIGN = {"product": "prd", "process": "prc"}  # how keys of a kind begin
FITS, STRAINED, BROKEN, UNSURE, SILENT = 1, 2, 3, 4, 0  # states of a stated limit


@dataclass(frozen=True)
class Weights:
    """A logistic scale over FEATURES."""

    bias: float
    of: tuple[float, ...]

    def chance(self, features: Floats) -> Floats:
        """The chance for each row of a matrix rows by FEATURES."""
        total = features @ np.asarray(self.of, dtype=np.float32) + np.float32(self.bias)
        return as_float(1.0 / (1.0 + np.exp(-total)))


HAND: Final = Weights(
    -6.0,
    (6.0, 1.5, 1.0, 5.0, 2.0, 3.0, 2.0, -2.0, 0.6, -1.2, -4.0, 0.4, -1.2, -4.0, -4.0, -3.0, -0.3, -3.0, -6.0),
)


def strength(kind: str, relation: Relation, breadth: int) -> float:
    """How well a relation serves, 0 to 1; `breadth` is how many kinds the class that joins the two terms has."""
    wide = float(np.log2(1.0 + breadth / 8.0))
    if kind == "product":
        return {
            Relation.SAME: 1.0,
            Relation.MADE_FROM: 0.85,
            Relation.BROADER: max(0.45, 0.97 - 0.1 * wide),
            Relation.NARROWER: max(0.4, 0.75 - 0.05 * wide),
            Relation.SIBLING: max(0.05, 0.35 - 0.06 * wide),
        }.get(relation, 0.0)
    return {
        Relation.SAME: 1.0,
        Relation.NARROWER: 0.92,
        Relation.BROADER: 0.62,
        Relation.SIBLING: 0.45,
        Relation.NEAR: 0.3,
    }.get(relation, 0.0)


CLASS_ONLY: Final = 0.45  # an offer for a wide class that names its own kinds of it
SIDE: Final = 0.65  # a step that is part of a line made for something else
WEAK = {"product": 0.6, "process": 0.45}  # how much a term counts that an offer only mentions in its summary


def reach(concepts: Concepts, kind: str, term: str) -> list[tuple[str, float]]:
    """The keys under which a need's term finds offers, each with its strength, weakest first."""
    sign = SIGN[kind]
    found = [(f"{sign}^{up}", strength(kind, Relation.SIBLING, concepts.breadth(kind, up))) for up in concepts.parents(kind, term)]
    if kind == "process":
        found += [(f"near{group}", strength(kind, Relation.NEAR, 0)) for group in concepts.near(term)]
    found.append((f"{sign}>{term}", strength(kind, Relation.NARROWER, concepts.breadth(kind, term))))
    found += [
        (f"{sign}={up}", strength(kind, Relation.BROADER, concepts.breadth(kind, up))) for up in concepts.above(kind, term)
    ]
    found += [(f"{sign}<{up}", CLASS_ONLY) for up in concepts.above(kind, term)]
    if kind == "product":
        found += [(f"{sign}={other}", strength(kind, Relation.MADE_FROM, 0)) for other in concepts.made(term)]
    found.append((f"{sign}~{term}", WEAK[kind]))
    found.append((f"{sign}={term}", 1.0))
    if kind == "process":
        found += [(f"side {key}", value * SIDE) for key, value in found]
    return sorted(found, key=lambda row: row[1])


def keys_of(concepts: Concepts, kind: str, term: str) -> list[str]:
    """The keys under which a stored term is found: itself, what it is a kind of, its parents, its neighbourhoods."""
    sign = SIGN[kind]
    found = [f"{sign}={term}"]
    found += [f"{sign}>{up}" for up in concepts.above(kind, term)]
    found += [f"{sign}^{up}" for up in concepts.parents(kind, term)]
    if kind == "process":
        found += [f"near{group}" for group in concepts.near(term)]
    return found


def reach_back(concepts: Concepts, kind: str, term: str) -> list[tuple[str, float]]:
    """The keys under which an offer's term finds needs, each with its strength: the mirror of `reach`."""
    sign = SIGN[kind]
    found = [(f"{sign}^{up}", strength(kind, Relation.SIBLING, concepts.breadth(kind, up))) for up in concepts.parents(kind, term)]
    if kind == "process":
        found += [(f"near{group}", strength(kind, Relation.NEAR, 0)) for group in concepts.near(term)]
    found += [
        (f"{sign}={up}", strength(kind, Relation.NARROWER, concepts.breadth(kind, up))) for up in concepts.above(kind, term)
    ]
    found.append((f"{sign}>{term}", strength(kind, Relation.BROADER, concepts.breadth(kind, term))))
    if kind == "product":
        found += [(f"{sign}={other}", strength(kind, Relation.MADE_FROM, 0)) for other in concepts.made(term)]
    found.append((f"{sign}={term}", 1.0))
    return sorted(found, key=lambda row: row[1])


def graded(factor: Any) -> Any:
    """FITS, STRAINED or BROKEN by how far outside."""
    return np.where(factor <= NEARLY, FITS, np.where(factor <= FAR * NEARLY, STRAINED, BROKEN))


def size_state(asked: dict[str, Any], offered: dict[str, Any]) -> tuple[Any, Any]:
    """(state, factor) of sizes; each side has unit, per, low, high, hour_low, hour_high as numbers or arrays."""
    stated = (asked["unit"] > 0) & (offered["unit"] > 0)
    same = stated & (asked["unit"] == offered["unit"])
    timed = asked["per"] == offered["per"]
    direct = beyond(asked["low"], asked["high"], offered["low"], offered["high"])
    hourly = beyond(asked["hour_low"], asked["hour_high"], offered["hour_low"], offered["hour_high"])
    convertible = same & ~timed & (asked["per"] > 0) & (offered["per"] > 0)
    state = np.where(stated, UNSURE, SILENT)
    state = np.where(same & timed, graded(direct), state)
    state = np.where(convertible & (hourly > FAR), BROKEN, state)
    return state, np.where(same & timed, direct, np.where(convertible, hourly, 1.0))


def price_state(asked: dict[str, Any], offered: dict[str, Any]) -> tuple[Any, Any]:
    """(state, factor) of a budget against a price in VND; only costing too much is a fault."""
    low, high, least, most = asked["money_low"], asked["money_high"], offered["money_low"], offered["money_high"]
    limited = high < OPEN_HIGH
    priced = (least > OPEN_LOW) | (most < OPEN_HIGH)
    cheapest = np.where(least > OPEN_LOW, least, np.where(most < OPEN_HIGH, most, 0.0))
    factor = np.where(limited & priced, cheapest / np.maximum(high, 1.0), 1.0)
    state = np.where(limited & priced, graded(factor), SILENT)
    return np.where((low > OPEN_LOW) & ~limited & priced, FITS, state), factor


def limits(asked: dict[str, Any], offered: dict[str, Any]) -> dict[str, Any]:
    """The limits as features."""
    size, size_factor = size_state(asked, offered)
    price, price_factor = price_state(asked, offered)
    modes = asked["modes"]
    other = (modes > 0) & (offered["modes"] > 0) & ((modes & offered["modes"]) == 0)
    strict = asked["strict"] > 0
    return {
        "size_fits": size == FITS,
        "size_strained": np.where(size == STRAINED, np.minimum(1.0, np.log2(np.maximum(size_factor, 1.0))), 0.0),
        "size_broken": size == BROKEN,
        "price_fits": price == FITS,
        "price_strained": np.where(price == STRAINED, np.minimum(1.0, np.log2(np.maximum(price_factor, 1.0))), 0.0),
        "price_broken": price == BROKEN,
        "unserved": (asked["province"] > 0) & ((asked["province"] & offered["serves"]) == 0),
        "unready": (asked["trl"] > 0) & (offered["trl"] > 0) & (offered["trl"] < asked["trl"]),
        "other_mode": other & ~strict,
        "mode_broken": other & strict,
    }
