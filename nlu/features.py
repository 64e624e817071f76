"""Features of a message: words, neighbours, parts of words, numbers, ideas, how it begins, ends, asks."""

from functools import lru_cache
from math import log1p, sqrt

from nlu.reading import Seen
from nlu.shortwords import QUESTION

SIZES = (2, 3, 4, 5)
WORD, PART, PAIR, NAME, NAMED, IDEA, IDEAS, BESIDE = 2.0, 0.4, 3.0, 4.0, 2.0, 2.0, 2.0, 2.0
MARKED = 2.0
MANNER, ASKED, EDGE, EDGES, LENGTH = 3.0, 1.5, 1.5, 2.0, 1.5
REACH = 7  # ideas apart that still make a pair
NEAR = 3  # words apart that still stand beside an idea


@lru_cache(maxsize=20000)
def _parts(word: str) -> tuple[str, ...]:
    marked = f"<{word}>"
    return tuple(f"c{marked[at : at + size]}" for size in SIZES for at in range(len(marked) - size + 1))


def masked(word: str) -> str:
    """A number as one sign for each of its figures, four at most; other words as they are."""
    return "0" * min(4, len(word)) if word[0].isdigit() else word


def features(seen: Seen) -> dict[str, float]:
    """Names with weights; the weights have length one (no words: no features)."""
    weights = {name: log1p(count) for name, count in counted(seen).items()}
    length = sqrt(sum(value * value for value in weights.values())) or 1.0
    return {name: value / length for name, value in weights.items()}


def counted(seen: Seen) -> dict[str, float]:
    """The same names with how much of each there is, before logarithm and length."""
    words = seen.words
    shapes = [masked(word) for word in words]
    counts: dict[str, float] = {}
    held = counts.get
    before = ""
    for shape, word in zip(shapes, words, strict=True):
        name = f"w{shape}"
        counts[name] = held(name, 0.0) + WORD
        if shape is word:
            for part in _parts(shape):
                counts[part] = held(part, 0.0) + PART
        else:
            _add(counts, f"w{word}", WORD)
            if before:
                _add(counts, f"n{before} {word}", PAIR)
        if before:
            name = f"b{before} {shape}"
            counts[name] = held(name, 0.0) + PAIR
        before = shape
    for said, word in zip(seen.marked, words, strict=False):
        if said != word:
            counts[f"W{said}"] = MARKED
    for mention in seen.programmes:
        _add(counts, "p", NAMED)
        for id_ in mention.ids:
            _add(counts, f"p{id_}", NAME / len(mention.ids))
    for mention in seen.terms:
        for id_ in mention.ids:
            _add(counts, f"g{id_}", NAME / len(mention.ids))
    _add_ideas(counts, seen, shapes)
    if shapes:
        _add_manner(counts, seen, shapes)
    return counts


def _add_ideas(counts: dict[str, float], seen: Seen, shapes: list[str]) -> None:
    """Ideas, pairs of them, ideas with the other words near them."""
    ideas = seen.concepts
    inside = {at for idea in ideas for at in range(idea.start, idea.end)}
    for place, idea in enumerate(ideas):
        counts[f"k{idea.name}"] = IDEA
        for other in ideas[place + 1 : place + 1 + REACH]:
            if other.name != idea.name:
                counts[f"K{min(idea.name, other.name)} {max(idea.name, other.name)}"] = IDEAS
        for at in (*range(max(0, idea.start - NEAR), idea.start), *range(idea.end, min(len(shapes), idea.end + NEAR))):
            if at not in inside and len(shapes[at]) > 1:
                counts[f"q{idea.name} {shapes[at]}"] = BESIDE


def _add_manner(counts: dict[str, float], seen: Seen, shapes: list[str]) -> None:
    """Whether it asks (also with each idea), its first and last words, its length: a need told is no question of law."""
    manner = "?" if QUESTION.search(" ".join(seen.words)) else "."
    counts[f"m{manner}"] = MANNER
    for idea in seen.concepts:
        counts[f"m{manner} {idea.name}"] = ASKED
    counts[f"^{shapes[0]}"] = counts[f"${shapes[-1]}"] = EDGE
    if len(shapes) > 1:
        counts[f"^{shapes[0]} {shapes[1]}"] = counts[f"${shapes[-2]} {shapes[-1]}"] = EDGES
    counts[f"l{min(len(shapes) // 4, 6)}"] = LENGTH


def _add(counts: dict[str, float], name: str, weight: float) -> None:
    counts[name] = counts.get(name, 0.0) + weight
