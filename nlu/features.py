"""Features of a normalised message: words, neighbours, parts of words, read without diacritics."""

from functools import lru_cache
from math import log, sqrt

from domain.text import fold

GAP = 4  # words apart that still count as a loose pair
LONGEST = 60  # words of a message that are read
SIZES = (2, 3, 4, 5)


@lru_cache(maxsize=20000)
def _parts(word: str) -> tuple[str, ...]:
    marked = f"<{word}>"
    return tuple(f"c{marked[at : at + size]}" for size in SIZES for at in range(len(marked) - size + 1))


def features(normalised: str) -> dict[str, float]:
    """Names with weights; the weights have length one (an empty message has none)."""
    words = fold(normalised).split()[:LONGEST]
    counts: dict[str, float] = {}
    for at, word in enumerate(words):
        name = f"w{word}"
        counts[name] = counts.get(name, 0.0) + 2.0
        for part in _parts(word):
            counts[part] = counts.get(part, 0.0) + 0.6
        for gap, later in enumerate(words[at + 1 : at + 1 + GAP], 1):
            name = f"b{word} {later}" if gap == 1 else f"s{word} {later}"
            counts[name] = counts.get(name, 0.0) + (1.5 if gap == 1 else 0.5)
    weights = {name: log(1.0 + count) for name, count in counts.items()}
    length = sqrt(sum(value * value for value in weights.values())) or 1.0
    return {name: value / length for name, value in weights.items()}
