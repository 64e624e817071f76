"""What the spots of a text leave once masks, nesting, money and scale are settled."""

from collections.abc import Iterable

from domain.money import find_money
from matching.concepts import MASK, Spot, Words, words_of
from matching.measure import OPEN_HIGH, OPEN_LOW


def only_masked(term: str, words: Words, spots: Iterable[Spot]) -> bool:
    """Whether a term stands in the text only where it means nothing ("sau thu hoạch", "làm ra" for "làm đá")."""
    masked = {at for spot in spots if spot.kind == MASK for at in range(spot.at, spot.after)}
    row = words_of(term).folded
    size = len(row)
    places = [at for at in range(len(words.folded) - size + 1) if words.folded[at : at + size] == row]
    return bool(places) and all(set(range(at, at + size)) <= masked for at in places)


def ceiling(text: str) -> tuple[float, float]:
    """What a text says something may cost at most, when no budget was read."""
    tops = [money.value.max for money in find_money(text) if money.value.min is None and money.value.max is not None]
    return OPEN_LOW, min(tops, default=OPEN_HIGH)


def unnested(spots: list[Spot]) -> list[Spot]:
    """Without steps and troubles that stand inside a longer name of a product ("nước thải giết mổ")."""
    products = [spot for spot in spots if spot.kind == "product"]
    return [
        spot for spot in spots
        if spot.kind not in ("process", "problem") or not any(
            p.at <= spot.at and spot.after <= p.after and p.after - p.at > spot.after - spot.at for p in products
        )
    ]  # fmt: skip


def scale(spots: Iterable[Spot]) -> int:
    """Whether small or big is spoken of; both together say nothing."""
    kinds = {spot.concept for spot in spots if spot.kind == "scale"}
    return {"small": 1, "big": 2}.get(kinds.pop(), 0) if len(kinds) == 1 else 0
