"""How two terms of the vocabulary relate."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

from domain.text import fold


class Relation(IntEnum):
    """From the need's term to the offer's."""

    UNRELATED = 0
    SIBLING = 1  # the same parent
    NARROWER = 2  # the offer is more special than what is wanted
    BROADER = 3  # the offer serves a wider class that holds what is wanted
    SAME = 4


class Taxonomy:
    """Parents of terms; both products with processes."""

    def __init__(self, lexicon: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Takes lexicon/terms.yaml as parsed."""
        self._parents: dict[str, frozenset[str]] = {}
        direct = {
            row["term"]: tuple(row.get("parents", ())) for key in ("products", "processes") for row in lexicon[key]
        }
        for term in direct:
            above: set[str] = set()
            ahead = list(direct[term])
            while ahead:
                parent = ahead.pop()
                if parent not in above:
                    above.add(parent)
                    ahead.extend(direct.get(parent, ()))
            self._parents[fold(term)] = frozenset(fold(parent) for parent in above)

    def relation(self, wanted: str, offered: str) -> Relation:
        """How an offered term serves a wanted one."""
        left, right = fold(wanted), fold(offered)
        if left == right:
            return Relation.SAME
        above_left, above_right = self._parents.get(left, frozenset()), self._parents.get(right, frozenset())
        if right in above_left:
            return Relation.BROADER
        if left in above_right:
            return Relation.NARROWER
        return Relation.SIBLING if above_left & above_right else Relation.UNRELATED

    def best(self, wanted: Iterable[str], offered: Iterable[str]) -> tuple[Relation, str | None, str | None]:
        """The closest pair: (relation, wanted term, offered term)."""
        found: tuple[Relation, str | None, str | None] = (Relation.UNRELATED, None, None)
        offered = tuple(offered)
        for left in wanted:
            for right in offered:
                relation = self.relation(left, right)
                if relation > found[0]:
                    found = relation, left, right
        return found
