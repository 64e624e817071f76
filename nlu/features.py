"""Features of the words of a message: words, neighbours, parts of words, numbers with what stands before them."""

from collections.abc import Sequence
from functools import lru_cache
from math import log, sqrt

GAP = 4  # words apart that still count as a loose pair
SIZES = (2, 3, 4, 5)
WORD, PART, PAIR, LOOSE = 2.0, 0.4, 3.0, 0.3


@lru_cache(maxsize=20000)
def _parts(word: str) -> tuple[str, ...]:
    marked = f"<{word}>"
    return tuple(f"c{marked[at : at + size]}" for size in SIZES for at in range(len(marked) - size + 1))


def masked(word: str) -> str:
    """A number as one sign for each of its figures, four at most; other words as they are."""
    return "0" * min(4, len(word)) if word[0].isdigit() else word


def features(words: Sequence[str]) -> dict[str, float]:
    """Names with weights for folded words; the weights have length one (no words: no features)."""
    shapes = [masked(word) for word in words]
    counts: dict[str, float] = {}
    for at, shape in enumerate(shapes):
        _add(counts, f"w{shape}", WORD)
        if shape is words[at]:
            for part in _parts(shape):
                _add(counts, part, PART)
        else:
            _add(counts, f"w{words[at]}", WORD)
            if at:
                _add(counts, f"n{shapes[at - 1]} {words[at]}", PAIR)
        if at + 1 < len(shapes):
            _add(counts, f"b{shape} {shapes[at + 1]}", PAIR)
        for later in shapes[at + 2 : at + 1 + GAP]:
            _add(counts, f"s{shape} {later}", LOOSE)
    weights = {name: log(1.0 + count) for name, count in counts.items()}
    length = sqrt(sum(value * value for value in weights.values())) or 1.0
    return {name: value / length for name, value in weights.items()}


def _add(counts: dict[str, float], name: str, weight: float) -> None:
    counts[name] = counts.get(name, 0.0) + weight
