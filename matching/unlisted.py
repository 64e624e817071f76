"""Steps that no vocabulary knows: what they name in several words, and what they and the texts about them tell of."""

from collections.abc import Iterable, Iterator, Sequence

from matching.concepts import Concepts
from matching.stories import taught
from matching.weighing import TOLD
from matching.words import Words, words_of


def spelt_out(concepts: Concepts, steps: Iterable[str]) -> tuple[str, ...]:
    """The steps with each unknown one put as those that it names in several words ("làm hầm khí sinh học"), if any."""
    found: list[str] = []
    for step in steps:
        found += named_in(concepts, step) or [step]
    return tuple(dict.fromkeys(found))


def named_in(concepts: Concepts, step: str) -> list[str]:
    """The known steps that an unknown one names: in several words, or in one before the goods it is done to ("rửa trứng")."""
    if concepts.known("process", step):
        return []
    row = words_of(step)
    spots = concepts.read(row)
    named = [spot.concept for spot in spots if spot.kind == "process" and spot.after - spot.at > 1]
    if named:
        return named
    goods = {at for spot in spots if spot.kind == "product" for at in range(spot.at, spot.after)}
    return [
        spot.concept for spot in spots
        if spot.kind == "process" and spot.at == 0 and spot.concept not in concepts.general
        and goods.issuperset(range(spot.after, len(row.folded)))
    ]  # fmt: skip


def offered(concepts: Concepts, steps: Iterable[str], about: Sequence[Words]) -> Iterator[str]:
    """The known steps behind the unknown ones that an offer lists: named in them, or told of by them with the texts about it."""
    for step in steps:
        if not step.strip() or concepts.known("process", step):
            continue
        named = named_in(concepts, step)
        yield from named
        if not named:
            texts = ((words, concepts.read(words)) for words in (words_of(step), *about))
            yield from (likely for likely, chance in taught().heard(*texts).items() if chance >= TOLD)
