"""Features of the words of a message: words, neighbours, parts of words, numbers with what stands before them."""

from functools import lru_cache
from math import log, sqrt

from nlu.reading import Seen

SIZES = (2, 3, 4, 5)
WORD, PART, PAIR, NAME, NAMED, IDEA, IDEAS = 2.0, 0.4, 3.0, 4.0, 2.0, 2.0, 1.0
REACH = 3  # ideas apart that still make a pair


@lru_cache(maxsize=20000)
def _parts(word: str) -> tuple[str, ...]:
    marked = f"<{word}>"
    return tuple(f"c{marked[at : at + size]}" for size in SIZES for at in range(len(marked) - size + 1))


def masked(word: str) -> str:
    """A number as one sign for each of its figures, four at most; other words as they are."""
    return "0" * min(4, len(word)) if word[0].isdigit() else word


def features(seen: Seen) -> dict[str, float]:
    """Names with weights; the weights have length one (no words: no features)."""
    words = seen.words
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
    for mention in seen.programmes:
        _add(counts, "p", NAMED)
        for id_ in mention.ids:
            _add(counts, f"p{id_}", NAME / len(mention.ids))
    for mention in seen.terms:
        for id_ in mention.ids:
            _add(counts, f"g{id_}", NAME / len(mention.ids))
    ideas = seen.concepts
    for at, idea in enumerate(ideas):
        counts[f"k{idea}"] = IDEA
        for other in ideas[at + 1 : at + 1 + REACH]:
            if other != idea:
                counts[f"K{min(idea, other)} {max(idea, other)}"] = IDEAS
    weights = {name: log(1.0 + count) for name, count in counts.items()}
    length = sqrt(sum(value * value for value in weights.values())) or 1.0
    return {name: value / length for name, value in weights.items()}


def _add(counts: dict[str, float], name: str, weight: float) -> None:
    counts[name] = counts.get(name, 0.0) + weight
