"""What changed, word by word."""

import difflib
import re
from dataclasses import dataclass
from typing import Any

PIECE = re.compile(r"\s+|[^\s]+")
LONGEST = 4000  # characters that are compared word by word
SHORT = 5  # words: so short a value is shown whole, before and after


@dataclass(frozen=True)
class Piece:
    """A run of words; `how` is same, gone or new."""

    how: str
    text: str


@dataclass(frozen=True)
class Changed:
    """One named value that changed."""

    name: str
    pieces: tuple[Piece, ...]


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Two texts as runs of words that stayed, went, came."""
    short = len(before.split()) <= SHORT and len(after.split()) <= SHORT
    if short or len(before) > LONGEST or len(after) > LONGEST:
        return tuple(piece for piece in (Piece("gone", before), Piece("new", after)) if piece.text)
    left, right = PIECE.findall(before), PIECE.findall(after)
    made: list[Piece] = []
    for verb, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if verb == "equal":
            made.append(Piece("same", "".join(left[a:b])))
            continue
        if a < b:
            made.append(Piece("gone", "".join(left[a:b])))
        if c < d:
            made.append(Piece("new", "".join(right[c:d])))
    return tuple(made)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "; ".join(map(_text, value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_text(held)}" for key, held in value.items())
    return str(value)


def difference(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Changed]:
    """The values that differ, by name."""
    old, new = before or {}, after or {}
    names = list(dict.fromkeys([*old, *new]))
    texts = [(name, _text(old.get(name)), _text(new.get(name))) for name in names]
    return [Changed(name, pieces(left, right)) for name, left, right in texts if left != right]
