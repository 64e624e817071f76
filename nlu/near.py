"""Finds names of several words that are misspelt: one word sounds alike or has a single slip."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.spelling import like

SOUNDS = (("tr", "ch"), ("s", "x"))  # beginnings that sound alike in the north; r, d, gi too, but make other words


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a canonical term.

    `risky` names are other words too when typed without marks, `strict` ones even with marks: they want a hint beside them.
    """

    kind: str  # product | process
    term: str
    said: tuple[str, ...]
    folded: tuple[str, ...]
    risky: bool
    strict: bool
    exact: bool = False  # only as written, since without marks it is much else (tủ đông, tự động)


@lru_cache(maxsize=16384)
def sound(word: str) -> str:
    """A word as it is heard: x for s, ch for tr, i for y."""
    for typed, heard in SOUNDS:
        if word.startswith(typed):
            word = heard + word[len(typed) :]
            break
    return word[:1] + word[1:].replace("y", "i")


class Near:
    """Names by how they sound, and with one word left open."""

    def __init__(self, names: Iterable[Name], generic: frozenset[str]) -> None:
        """`generic` are words too common to tell a name by them alone (máy, quả)."""
        self._sounds: dict[tuple[str, ...], list[Name]] = {}
        self._holes: dict[tuple[str, ...], list[Name]] = {}
        for name in names:
            folded = name.folded
            if name.exact:
                continue
            if not name.risky:
                self._sounds.setdefault(tuple(map(sound, folded)), []).append(name)
            for hole in range(len(folded)):
                rest = folded[:hole] + folded[hole + 1 :]
                if not generic.issuperset(rest) and sum(map(len, rest)) >= 4 and len(folded[hole]) >= 3:
                    self._holes.setdefault((*folded[:hole], "*", *folded[hole + 1 :]), []).append(name)
        self._heard_pairs = {key[:2] for key in self._sounds}
        self._right_pairs = {name.folded[:2] for found in self._sounds.values() for name in found}
        self._gates = {_gate(key) for key in self._holes}
        self._heads = {gate[0] for gate in self._gates if gate[0] != "*"}
        self._seconds = {gate[1] for gate in self._gates if gate[0] == "*"}

    def openings(self, words: Sequence[str], size: int) -> frozenset[int]:
        """Where in the first `size` words a misspelt name may begin at all."""
        heard = [sound(word) for word in words]
        pairs, gates = self._heard_pairs, self._gates
        found = []
        for at in range(size):
            first, second = words[at], words[at + 1]
            alike = (heard[at], heard[at + 1]) in pairs and (first, second) not in self._right_pairs
            opened = first in self._heads and (
                (first, second) in gates or (first, "*") in gates or (first, "*", words[at + 2]) in gates
            )
            if (
                alike
                or opened
                or (second in self._seconds and (("*", second) in gates or ("*", second, words[at + 2]) in gates))
            ):
                found.append(at)
        return frozenset(found)

    def find(
        self, words: Sequence[str], said: Sequence[str], at: int, sizes: Mapping[str, tuple[int, ...]]
    ) -> tuple[Name, int] | None:
        """The misspelt name that begins at a word: (the name, the index behind it); the longest one."""
        for size in (4, 3, 2):
            row = tuple(words[at : at + size])
            if not all(word.isalpha() for word in row):
                continue
            if not (size == 2 and any(1 in sizes.get(word, ()) and said[at + k] == word for k, word in enumerate(row))):
                for name in self._sounds.get(tuple(map(sound, row)), ()):
                    if row != name.folded and _agree(name, said, at):
                        return name, at + size
            for hole in range(size):
                found = self._holes.get((*row[:hole], "*", *row[hole + 1 :]))
                if found and (near := _slipped(row[hole], found, hole)):
                    return near, at + size
        return None


def _gate(key: tuple[str, ...]) -> tuple[str, ...]:
    """The least that must stand in a message before a name with an open word is looked up."""
    return key[: 3 if "*" in key[:2] else 2]


def _agree(name: Name, said: Sequence[str], at: int) -> bool:
    """Whether the marks that were typed agree with a name that sounds alike."""
    return all(
        typed.isascii() or sound(typed) == sound(word) for typed, word in zip(said[at:], name.said, strict=False)
    )


def _slipped(word: str, found: Iterable[Name], hole: int) -> Name | None:
    near = {name.term: name for name in found if like(word, name.folded[hole])}
    return next(iter(near.values())) if len(near) == 1 and len(word) >= 3 else None
