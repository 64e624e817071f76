"""How well one term serves another, with the keys by which both directions find what is related."""

from typing import Final

import numpy as np

from matching.concepts import Concepts, Relation

SIGN: Final = {"product": "prd", "process": "prc"}  # how the keys of a kind begin
WEAK: Final = {"product": 0.6, "process": 0.45}  # a term that an offer only mentions in its summary
CLASS_ONLY: Final = 0.45  # an offer for a wide class whose own list names only some kinds of it
SIDE: Final = 0.8  # a step that is one part of a line made for something else
SIDE_KEPT: Final = 0.45  # the same of a step that leaves things as they are: a board factory is no dryer
MADE: Final = 0.85  # what is made from the wanted, in a step that changes things
FIT: Final = 0.5  # from here on a term is served
SERVES: Final = {
    Relation.SAME: 1.0,
    Relation.NARROWER: 0.92,
    Relation.BROADER: 0.62,
    Relation.SIBLING: 0.45,
    Relation.NEAR: 0.3,
    Relation.UNRELATED: 0.0,
}  # for steps; what a drying need gets from a heat pump dryer, and so on down


def strength(kind: str, relation: Relation, breadth: int) -> float:
    """How well a relation serves, 0 to 1; `breadth` is how many kinds the class that joins the two terms has."""
    if kind == "process":
        return SERVES.get(relation, 0.0)
    wide = float(np.log2(1.0 + breadth / 8.0))
    if relation is Relation.SAME:
        return 1.0
    if relation is Relation.MADE_FROM:
        return MADE
    if relation is Relation.BROADER:  # "hoa quả" for na says much, "nông sản" little
        return max(0.45, 0.97 - 0.1 * wide)
    if relation is Relation.NARROWER:
        return max(0.4, 0.75 - 0.05 * wide)
    return max(0.05, 0.35 - 0.06 * wide) if relation is Relation.SIBLING else 0.0


def keys_of(concepts: Concepts, kind: str, term: str, side: bool = False) -> list[str]:
    """The keys of a stored term: itself, what it is a kind of, its parents, its neighbourhoods."""
    sign, lead = SIGN[kind], "side " if side else ""
    found = [f"{lead}{sign}={term}"]
    found += [f"{lead}{sign}>{up}" for up in concepts.above(kind, term)]
    found += [f"{lead}{sign}^{up}" for up in concepts.parents(kind, term)]
    if kind == "process":
        found += [f"{lead}near{group}" for group in concepts.near(term)]
    return found


def reach(concepts: Concepts, kind: str, term: str, keeps: bool = False) -> list[tuple[str, float]]:
    """The keys under which a need's term finds offers, each with its strength, weakest first; `keeps` tells whether the
    need's steps leave things as they are."""
    sign = SIGN[kind]
    found = _aside(concepts, kind, term)
    if kind == "product":
        found += [(f"{sign}={other}", MADE) for other in concepts.made(term, keeps)]
    below = strength(kind, Relation.NARROWER, concepts.breadth(kind, term))
    found.append((f"{sign}>{term}", below))
    for up in concepts.above(kind, term):
        found.append((f"{sign}={up}", strength(kind, Relation.BROADER, concepts.breadth(kind, up))))
        found.append((f"{sign}<{up}", CLASS_ONLY))
    found.append((f"{sign}={term}", 1.0))
    if kind == "process":
        found += [(f"side {key}", value * aside(concepts, term)) for key, value in found]
    found.append((f"{sign}~{term}", WEAK[kind]))
    return sorted(found, key=lambda row: row[1])


def aside(concepts: Concepts, step: str) -> float:
    """How much a step counts that is one part of a line made for something else."""
    return SIDE_KEPT if concepts.keeps((step,)) else SIDE


def reach_back(concepts: Concepts, kind: str, term: str) -> list[tuple[str, float]]:
    """The keys under which an offer's term finds needs, each with its strength: the mirror of `reach` but for `made_back`."""
    sign = SIGN[kind]
    found = _aside(concepts, kind, term)
    for up in concepts.above(kind, term):
        found.append((f"{sign}={up}", strength(kind, Relation.NARROWER, concepts.breadth(kind, up))))
    found.append((f"{sign}>{term}", strength(kind, Relation.BROADER, concepts.breadth(kind, term))))
    found.append((f"{sign}={term}", 1.0))
    return found


def made_back(concepts: Concepts, product: str) -> dict[str, bool]:
    """The keys of needs for what a product is made from or becomes, each at strength MADE; whether also those whose steps
    leave things as they are."""
    by_keeping = concepts.made(product, keeping=True)
    return {f"{SIGN['product']}={other}": other in by_keeping for other in concepts.made(product)}


def _aside(concepts: Concepts, kind: str, term: str) -> list[tuple[str, float]]:
    """Relations that look the same from both sides."""
    sign = SIGN[kind]
    found = [
        (f"{sign}^{up}", strength(kind, Relation.SIBLING, concepts.breadth(kind, up)))
        for up in concepts.parents(kind, term)
    ]
    if kind == "process":
        found += [(f"near{group}", SERVES[Relation.NEAR]) for group in concepts.near(term)]
    return found
