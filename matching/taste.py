"""What somebody said against earlier offers changes what later ones are worth to them, with the reason told."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from domain.offer import Offer
from domain.pairing import REASON_WORDS, Opinion, Reason
from domain.text import plain
from matching.score import ASKED, STRONG
from matching.wanted import Match

LIKE: Final = (Reason.SIZE, Reason.OTHER_PRODUCT, Reason.OTHER_PROCESS, Reason.UNREADY, Reason.FAR)
LESS: Final = 0.6  # what a match is worth when a like offer was declined
NO_CHEAPER: Final = 0.95  # from this share of a price that was too dear on


def alike(offer: Offer, opinion: Opinion) -> bool:
    """Whether an offer does the same to the same product as one that was declined."""
    products = {plain(term) for term in offer.products} & {plain(term) for term in opinion.products}
    steps = {plain(term) for term in offer.processes} & {plain(term) for term in opinion.processes}
    return bool(products and steps)


def to_taste(match: Match, offer: Offer, opinions: Iterable[Opinion]) -> Match | None:
    """The match as it is worth to this person; None for an offer that the person has declined."""
    for opinion in opinions:
        if opinion.offer_id == offer.id:
            return None
        if not alike(offer, opinion):
            continue
        if opinion.reason is Reason.PRICE:
            match = _by_price(match, offer, opinion)
        elif opinion.reason in LIKE:
            words = f"anh/chị từng nói {opinion.title} không hợp vì {REASON_WORDS[opinion.reason]}"
            match = _lowered(match, words)
    return match


def _by_price(match: Match, offer: Offer, opinion: Opinion) -> Match:
    price = offer.price_million_vnd.get("min")
    if price is None or opinion.price_min is None:
        return match
    if price >= opinion.price_min * NO_CHEAPER:
        return _lowered(match, f"anh/chị từng thấy {opinion.title} đắt, giải pháp này không rẻ hơn")
    return replace(match, because=(*match.because, f"rẻ hơn {opinion.title} mà anh/chị thấy đắt"))


def _lowered(match: Match, doubt: str) -> Match:
    """Less worth, never told at once; still shown when it was, with the reason first among the doubts."""
    if doubt in match.doubts:
        return match
    score = round(max(match.score * LESS, min(match.score, ASKED)), 4)
    strong = match.strong and score >= STRONG
    return replace(match, score=score, strong=strong, doubts=(doubt, *match.doubts))
