"""Features of a normalised message: words, neighbours, parts of words; as typed with a folded view."""

from functools import lru_cache
from math import log, sqrt

from domain.text import fold

GAP = 4


@lru_cache(maxsize=20000)
def _parts(word: str) -> tuple[str, ...]:
    marked = f"<{word}>"
    return tuple(marked[at : at + size] for size in (2, 3, 4, 5) for at in range(len(marked) - size + 1))


def _view(words: list[str], sign: str) -> dict[str, float]:
    counts: dict[str, float] = {}
    for at, word in enumerate(words):
        counts[f"{sign}w{word}"] = counts.get(f"{sign}w{word}", 0.0) + 2.0
        for part in _parts(word):
            counts[f"{sign}c{part}"] = counts.get(f"{sign}c{part}", 0.0) + 0.6
        if at + 1 < len(words):
            pair = f"{sign}b{word} {words[at + 1]}"
            counts[pair] = counts.get(pair, 0.0) + 1.5
        for gap in range(2, GAP + 1):
            if at + gap < len(words):
                pair = f"{sign}s{word} {words[at + gap]}"
                counts[pair] = counts.get(pair, 0.0) + 0.5
    counts = {name: log(1.0 + count) for name, count in counts.items()}
    length = sqrt(sum(value * value for value in counts.values())) or 1.0
    return {name: value / length for name, value in counts.items()}


def features(normalised: str) -> dict[str, float]:
    """Names with weights; each view has length one."""
    found = _view(normalised.split()[:60], "")
    found.update(_view(fold(normalised).split()[:60], "_"))
    return found
