"""Reads a need and an offer into what is compared: concepts, telling words, sizes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from domain.offer import Offer
from domain.text import TOKEN, fold, place_tone
from matching.concepts import Concepts, Spot, Words, words_of
from matching.measure import OPEN_HIGH, OPEN_LOW, Size, mode_bits, money_of, province_bit, serves_bits, size_of
from matching.wanted import Wanted

SLOTS = 6  # terms of one kind that a need is compared by
MOST_TOKENS = 200  # of one text
AFTER = 3  # telling words behind a step that may name what it is done to
SOLD, ONLY = "sold", "only"  # wishes that name no way of transfer
READY = 8  # the readiness of what is already sold
UNSEEN = 6.0  # weight of a word that the shipped texts do not hold
HYBRID = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Asked:
    """A need as it is compared; `tokens` are its telling words once each, `loose` those that no concept explains."""

    words: Words
    products: tuple[str, ...]
    processes: tuple[str, ...]
    hinted: bool  # the processes follow from the trouble told, none was named
    tokens: tuple[str, ...]
    loose: frozenset[str]
    near_step: frozenset[str]  # loose words right behind a named step: what it is done to, when no product was read
    size: Size
    low: float
    high: float  # VND
    province: int  # bit
    trl: int  # lowest readiness wanted, 0 when not said
    modes: int  # bits of wanted ways of transfer
    strict: bool  # other ways are ruled out
    excluded: tuple[tuple[str, str], ...]  # (kind, concept)


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer as it is compared; weak concepts are only mentioned in its summary."""

    products: tuple[str, ...]
    processes: tuple[str, ...]
    weak_products: tuple[str, ...]
    weak_processes: tuple[str, ...]
    title: tuple[str, ...]
    tokens: tuple[str, ...]
    size: Size
    low: float
    high: float  # VND
    serves: int
    trl: int
    modes: int


class Reader:
    """Turns texts and slots into what is compared."""

    def __init__(self, concepts: Concepts, technology: Mapping[str, object], texts: Iterable[str]) -> None:
        """`texts` are shipped texts from which the reader learns how telling a word is."""
        self.concepts = concepts
        empty = str(technology["empty_words"]).split()
        self._empty = {place_tone(word) for word in empty}
        self._empty_plain = {fold(word) for word in empty}
        self._rarity = _rarity(texts)

    def weight(self, token: str) -> float:
        """How telling a folded word is."""
        return self._rarity.get(token, UNSEEN)

    def need(self, wanted: Wanted) -> Asked:
        """A need, read."""
        words = words_of(wanted.text)
        spots = _unnested(self.concepts.read(words))
        products = self._terms("product", wanted.products, spots)
        processes = self._terms("process", wanted.processes, spots)
        hinted = not processes
        if hinted:
            processes = tuple(dict.fromkeys(spot.concept for spot in spots if spot.kind == "problem"))[:2]
        tokens, loose, near = self._telling(words, spots)
        low, high = money_of(wanted.budget)
        trl, modes, strict = self._wish(spots)
        excluded = []
        for term in wanted.excluded:
            for kind in ("product", "process"):
                if self.concepts.known(kind, term):
                    excluded.append((kind, self.concepts.concept(kind, term)))
        return Asked(
            words, products, processes, hinted, tokens, loose, near, size_of(wanted.capacity), low, high,
            province_bit(wanted.province_code), trl, modes, strict, tuple(excluded),
        )  # fmt: skip

    def _terms(self, kind: str, given: Iterable[str], spots: Iterable[Spot]) -> tuple[str, ...]:
        named = [self.concepts.concept(kind, term) for term in given if term.strip()]
        named += [spot.concept for spot in spots if spot.kind == kind]
        named = list(dict.fromkeys(named))
        wider = {above for term in named for above in self.concepts.above(kind, term)}
        return tuple(term for term in named if term not in wider)[:SLOTS]

    def _empty_word(self, words: Words, at: int) -> bool:
        folded, said = words.folded[at], words.said[at]
        if said in self._empty or folded.isdigit() or len(folded) == 1:
            return True
        if HYBRID.search(folded) and folded[0].isdigit():
            return True
        return said == folded and folded in self._empty_plain

    def _telling(self, words: Words, spots: list[Spot]) -> tuple[tuple[str, ...], frozenset[str], frozenset[str]]:
        covered = {at for spot in spots if not spot.kind.startswith("wish") for at in range(spot.at, spot.after)}
        telling = [at for at in range(min(len(words.folded), MOST_TOKENS)) if not self._empty_word(words, at)]
        loose = frozenset(words.folded[at] for at in telling if at not in covered)
        near: set[str] = set()
        for spot in spots:
            if spot.kind == "process":
                behind = [at for at in telling if at >= spot.after][:AFTER]
                near.update(words.folded[at] for at in behind if at not in covered and at - spot.after < AFTER + 2)
        return tuple(dict.fromkeys(words.folded[at] for at in telling)), loose, frozenset(near)

    @staticmethod
    def _wish(spots: list[Spot]) -> tuple[int, int, bool]:
        wishes = {spot.concept for spot in spots if spot.kind.startswith("wish")}
        modes = mode_bits(wish for wish in wishes if wish not in (SOLD, ONLY))
        return READY if SOLD in wishes else 0, modes, ONLY in wishes and bool(modes)

    def offer(self, offer: Offer) -> Offered:
        """An offer, read."""
        title, summary = words_of(offer.title), words_of(offer.summary)
        in_title = _unnested(self.concepts.read(title))
        in_summary = _unnested(self.concepts.read(summary))
        strong: dict[str, tuple[str, ...]] = {}
        weak: dict[str, tuple[str, ...]] = {}
        for kind, listed in (("product", offer.products), ("process", offer.processes)):
            named = [self.concepts.concept(kind, term) for term in listed if term.strip()]
            named += [spot.concept for spot in in_title if spot.kind == kind]
            strong[kind] = tuple(dict.fromkeys(named))
            only = [spot.concept for spot in in_summary if spot.kind == kind and spot.concept not in named]
            weak[kind] = tuple(dict.fromkeys(only))
        listed_words = words_of(" . ".join((*offer.products, *offer.processes)))
        head = (*title.folded, *listed_words.folded)[:MOST_TOKENS]
        tokens = (*head, *summary.folded)[: 2 * MOST_TOKENS]
        price = offer.price_million_vnd
        low, high = money_of(price, 1e6) if price else (OPEN_LOW, OPEN_HIGH)
        told = tuple(title.folded[at] for at in range(len(title.folded)) if not self._empty_word(title, at))
        return Offered(
            strong["product"], strong["process"], weak["product"], weak["process"], told, tokens,
            size_of(offer.capacity), low, high, serves_bits(str(offer.serves)), offer.trl or 0,
            mode_bits(offer.transfer_modes),
        )  # fmt: skip


def _unnested(spots: list[Spot]) -> list[Spot]:
    """Without steps and troubles that stand inside a longer name of a product ("nước thải giết mổ")."""
    products = [spot for spot in spots if spot.kind == "product"]
    return [
        spot for spot in spots
        if spot.kind not in ("process", "problem") or not any(
            p.at <= spot.at and spot.after <= p.after and p.after - p.at > spot.after - spot.at for p in products
        )
    ]  # fmt: skip


def _rarity(texts: Iterable[str]) -> dict[str, float]:
    """How telling each word is: the fewer shipped texts hold it, the more."""
    count, held = 0, dict[str, int]()
    for text in texts:
        count += 1
        for word in set(TOKEN.findall(fold(text))):
            held[word] = held.get(word, 0) + 1
    return {word: log(1 + (count - seen + 0.5) / (seen + 0.5)) for word, seen in held.items()}
