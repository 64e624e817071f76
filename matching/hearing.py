"""What the spots of a text leave once masks, nesting, money and scale are settled."""

from collections.abc import Iterable, Iterator

from domain.money import find_money
from matching.concepts import MASK, Spot
from matching.measure import OPEN_HIGH, OPEN_LOW
from matching.words import BREAK, Words, words_of

OPENING = 3  # words by which a part of a text is found again
NOT = frozenset("khong ko k chang cha khoi".split())
TAKING = frozenset("nhan tra phi can muon phai di theo".split())  # may stand between no and what is declined
LISTING = frozenset((BREAK, "va", "hoac", "hay", "voi"))  # stand between things of one list


def only_masked(term: str, words: Words, spots: Iterable[Spot], least: int = 1) -> bool:
    """Whether a term stands in the text only where it means nothing ("sau thu hoạch", "làm ra" for "làm đá"); `least` are the
    words that such a phrase has at least."""
    phrases = (spot for spot in spots if spot.kind == MASK and spot.after - spot.at >= least)
    masked = {at for spot in phrases for at in range(spot.at, spot.after)} | words.proper
    row = words_of(term).folded
    size = len(row)
    places = [at for at in range(len(words.folded) - size + 1) if words.folded[at : at + size] == row]
    return bool(places) and all(set(range(at, at + size)) <= masked for at in places)


def ceiling(text: str) -> tuple[float, float]:
    """What a text says something may cost at most, when no budget was read."""
    tops = [money.value.max for money in find_money(text) if money.value.min is None and money.value.max is not None]
    return OPEN_LOW, min(tops, default=OPEN_HIGH)


def unnested(spots: list[Spot], shorter_by: int = 1) -> list[Spot]:
    """Without steps and troubles that stand inside a longer name of a product ("nước thải giết mổ"), and without troubles
    across the end of one ("mien dong can" tells of noodles, not of scale); with `shorter_by` 0 also without those that are
    the name of a product."""
    products = [spot for spot in spots if spot.kind == "product"]

    def covered(spot: Spot, by: Spot) -> bool:
        across = spot.kind == "problem" and (
            by.at < spot.at < by.after < spot.after or spot.at < by.at < spot.after < by.after
        )
        within = by.at <= spot.at and spot.after <= by.after
        return across or (within and by.after - by.at >= spot.after - spot.at + shorter_by)

    return [
        spot for spot in spots
        if spot.kind not in ("process", "problem") or not any(covered(spot, product) for product in products)
    ]  # fmt: skip


def scale(spots: Iterable[Spot]) -> int:
    """Whether small or big is spoken of; both together say nothing."""
    kinds = {spot.concept for spot in spots if spot.kind == "scale"}
    return {"small": 1, "big": 2}.get(kinds.pop(), 0) if len(kinds) == 1 else 0


def without_fuel(words: Words, spots: list[Spot], cues: frozenset[str]) -> list[Spot]:
    """Without what is only burnt ("lò đốt trấu, mùn cưa"), where another product is named."""
    burnt: list[Spot] = []
    worked = {at for spot in spots if spot.kind == "process" for at in range(spot.at, spot.after)}  # "đốt rác"
    for spot in spots:
        if spot.kind != "product" or not spot.at:
            continue
        before = words.folded[spot.at - 1]
        listed = bool(burnt) and burnt[-1].after <= spot.at <= burnt[-1].after + 1 and before in LISTING
        if listed or (before in cues and spot.at - 1 not in worked):
            burnt.append(spot)
    if all(spot in burnt for spot in spots if spot.kind == "product"):
        return spots
    return [spot for spot in spots if spot not in burnt]


def declined(words: Words, at: int) -> bool:
    """Whether what begins here is said no to: "không hợp tác", "không nhận góp vốn"."""
    while at and words.folded[at - 1] in TAKING:
        at -= 1
    return bool(at) and words.folded[at - 1] in NOT


def begin_of(words: Words, part: str) -> int | None:
    """Where a part of a text begins among its words; None when it is not found as it stands."""
    row = words_of(part).folded[:OPENING]
    return next(_places(words, row), None) if row else None


def stands(words: Words, term: Words, begins: int) -> bool:
    """Whether a term stands in a text from a word on."""
    return any(at >= begins for at in _places(words, term.folded))


def _places(words: Words, row: tuple[str, ...]) -> Iterator[int]:
    """Where a row of words stands in a text."""
    return (at for at in range(len(words.folded) - len(row) + 1) if words.folded[at : at + len(row)] == row)
