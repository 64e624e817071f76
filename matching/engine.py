"""Finds offers for a need with needs for an offer, by one scoring for both directions."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Final, Generic, TypeVar

import numpy as np

from domain.offer import Offer
from knowledge.library import Library
from matching.concepts import Concepts
from matching.kept import Kept
from matching.measure import Floats
from matching.reading import Asked, Offered, Reader
from matching.reasons import Reasons
from matching.relation import FIT
from matching.rows import Ints
from matching.score import ASKED, AT, STRONG, Told, allowed, judged
from matching.sides import Codes, NeedIndex, OfferIndex, asked_columns
from matching.wanted import Decision, Found, Match, Wanted

Key = TypeVar("Key", bound=Hashable)
ASK_PRODUCT: Final = "Anh/chị cần cho sản phẩm gì ạ (ví dụ hoa hồi, na, thạch đen)?"
ASK_PROCESS: Final = "Anh/chị muốn làm khâu nào ạ (ví dụ sấy, bảo quản, đóng gói)?"
FEW_WORDS: Final = 2  # telling words up to which a need that names nothing is asked about


class Matcher(Generic[Key]):
    """Offers with standing needs, ready to be matched both ways; put and drop keep them up to date."""

    def __init__(self, library: Library) -> None:
        self._concepts = Concepts(library.terms, library.technology)
        self._reader = Reader(self._concepts, library)
        self._codes = Codes()
        self._reasons = Reasons(self._concepts)
        self._offers = OfferIndex(self._reader, self._codes)
        self._held: Kept[str, Offer] = Kept(Offer)
        self._wanted: Kept[Key, Wanted] = Kept(Wanted)
        self._needs: NeedIndex[Key] = NeedIndex(self._reader, self._codes, self._asked)

    # --- what there is ------------------------------------------------------------------------------------------
    def load(self, offers: Iterable[Offer]) -> None:
        """Puts all of these."""
        for offer in offers:
            self.put(offer)

    def put(self, offer: Offer) -> None:
        """Adds or replaces one offer."""
        self._held[offer.id] = offer
        self._offers.put(offer.id, self._reader.offer(offer))
        if self._offers.rows.worn:
            self._offers = OfferIndex(self._reader, self._codes)
            for held in self._held.values():
                self._offers.put(held.id, self._reader.offer(held))

    def drop(self, offer_id: str) -> None:
        """Forgets one offer."""
        self._held.drop(offer_id)
        self._offers.drop(offer_id)

    def put_need(self, key: Key, wanted: Wanted) -> None:
        """Adds or replaces one standing need."""
        if self._wanted.same(key, wanted):
            return
        self._wanted[key] = wanted
        self._needs.put(key, self._reader.need(wanted))
        if self._needs.rows.worn:
            self._needs = NeedIndex(self._reader, self._codes, self._asked)
            for held, words in self._wanted.items():
                self._needs.put(held, self._reader.need(words))

    def _asked(self, key: Key) -> Asked:
        return self._reader.need(self._wanted[key])

    def drop_need(self, key: Key) -> None:
        """Forgets one standing need."""
        self._wanted.drop(key)
        self._needs.drop(key)

    def holds(self, offer: Offer) -> bool:
        """Whether just this offer is held."""
        return self._held.same(offer.id, offer)

    def offer_ids(self) -> list[str]:
        """The ids of the offers held."""
        return list(self._held.keys())

    def need_ids(self) -> list[Key]:
        """The keys of the standing needs held."""
        return list(self._wanted.keys())

    @property
    def offers(self) -> int:
        """How many offers are held."""
        return len(self._held)

    @property
    def needs(self) -> int:
        """How many standing needs are held."""
        return len(self._wanted)

    # --- the three verbs ----------------------------------------------------------------------------------------
    def search(self, wanted: Wanted, limit: int = 10) -> Found:
        """The offers for a need, best first, with what to do about them."""
        asked = self._reader.need(wanted)
        rows, features, told = self._offers.measure(asked)
        score, shown = judged(features, told)
        best = self._ordered(rows, score, limit)[:limit]
        ids = self._offers.rows.ids
        matches = tuple(
            self._match(wanted, asked, self._held[str(ids[rows[at]])], None, float(score[at]), bool(shown[at]))
            for at in best
        )
        if any(match.shown for match in matches):
            return Found(Decision.SHOW, matches)
        question = self._question(asked, features, told, score)
        return Found(Decision.ASK if question else Decision.NONE, matches, question)

    def percolate(self, offer: Offer) -> Iterator[tuple[Key, Match]]:
        """All standing needs that an offer serves, best first."""
        item = self._reader.offer(offer)
        rows, scores = self._needs.shown(item)
        ids = [self._needs.rows.ids[row] for row in rows]
        for at in np.argsort(-scores, kind="stable"):
            key = ids[at]
            assert key is not None
            wanted = self._wanted[key]
            yield key, self._match(wanted, self._reader.need(wanted), offer, item, float(scores[at]), True)

    def serves(self, offer: Offer) -> list[tuple[Key, float]]:
        """The keys and scores of all standing needs that an offer serves, best first; not put into words."""
        rows, scores = self._needs.shown(self._reader.offer(offer))
        ids = self._needs.rows.ids
        found = [(key, float(score)) for row, score in zip(rows, scores, strict=True) if (key := ids[row]) is not None]
        return sorted(found, key=lambda pair: -pair[1])

    def explain(self, wanted: Wanted, offer: Offer) -> Match:
        """How one offer serves one need."""
        asked = self._reader.need(wanted)
        alone = OfferIndex(self._reader, self._codes)
        item = self._reader.offer(offer)
        alone.put(offer.id, item)
        rows, features, told = alone.measure(asked)
        if not len(rows):
            return self._match(wanted, asked, offer, item, 0.0, False)
        score, shown = judged(features, told)
        return self._match(wanted, asked, offer, item, float(score[0]), bool(shown[0]))

    # --- putting it into words ----------------------------------------------------------------------------------
    def _ordered(self, rows: Ints, score: Floats, limit: int) -> list[int]:
        ids = self._offers.rows.ids
        near = np.argsort(-score, kind="stable")[: 2 * limit + 20]
        return sorted((int(at) for at in near), key=lambda at: (-round(float(score[at]), 6), str(ids[rows[at]])))

    def _match(
        self, wanted: Wanted, asked: Asked, offer: Offer, item: Offered | None, score: float, shown: bool
    ) -> Match:
        item = item or self._reader.offer(offer)
        given = {**self._codes.of(item), "serves": item.serves}
        because, doubts = self._reasons.of(wanted, asked, asked_columns(self._codes, asked), offer, item, given)
        return Match(offer.id, round(score, 4), shown, shown and score >= STRONG, because, doubts)

    @staticmethod
    def _question(asked: Asked, features: Floats, told: Told, score: Floats) -> str | None:
        """The one question whose answer could lead to an offer, if there is one."""
        if not asked.products and not asked.processes:
            return ASK_PRODUCT if len(asked.tokens) <= FEW_WORDS else None
        if not asked.products and not asked.near_step and (features[:, AT["process"]] >= FIT).any():
            return ASK_PRODUCT
        if asked.vague and (features[:, AT["product"]] >= FIT).any():
            return ASK_PROCESS
        if (allowed(features, told) & (score >= ASKED)).any():
            terms = [*asked.processes[:2], *asked.products[:2]]
            return f"Ý anh/chị là cần {', '.join(terms)} phải không ạ?" if terms else ASK_PROCESS
        return None
