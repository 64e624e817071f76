"""Finds offers for a need with needs for an offer, by one scoring for both directions."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, Generic, TypeVar

import numpy as np

from domain.offer import Offer
from knowledge.library import Library
from matching.concepts import KINDS, Concepts
from matching.kept import Kept
from matching.measure import Floats
from matching.need_index import NeedIndex
from matching.reading import Reader
from matching.reasons import Reasons
from matching.relation import FIT, MADE, keys_of, made_back, reach
from matching.rows import Ints
from matching.score import AT, STRONG, Told, behind, judged, worth_asking
from matching.sides import Codes, Named, OfferIndex, asked_columns, factors
from matching.sought import Asked, Offered
from matching.wanted import Decision, Found, Match, Sought, Wanted
from matching.words import words_of

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
        self._needs: NeedIndex[Key] = NeedIndex(self._reader, self._codes)

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
            self._needs = NeedIndex(self._reader, self._codes)
            for held, words in self._wanted.items():
                self._needs.put(held, self._reader.need(words))

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
        return self._search(self._offers, self._held.__getitem__, wanted, limit)

    def _search(self, index: OfferIndex, held: Callable[[str], Offer], wanted: Wanted, limit: int) -> Found:
        asked = self._reader.need(wanted)
        rows, features, told = index.measure(asked)
        score, shown = judged(features, told)
        score = behind(features, score, shown)
        ids = index.rows.ids
        best = self._ordered(ids, rows, score, limit)[:limit]
        matches = tuple(
            self._match(
                wanted, asked, held(str(ids[rows[at]])), *index.told(int(rows[at])), float(score[at]), bool(shown[at])
            )
            for at in best
        )
        if any(match.shown for match in matches):
            return Found(Decision.SHOW, matches)
        nearest = [held(str(ids[rows[at]])) for at in best[:1]]
        question = self._question(asked, features, told, nearest) or self._misread(index, asked)
        return Found(Decision.ASK if question else Decision.NONE, matches, question)

    def percolate(self, offer: Offer) -> Iterator[tuple[Key, Match]]:
        """All standing needs that an offer serves, best first."""
        item = self._reader.offer(offer)
        given = self._given(item)
        rows, scores = self._needs.shown(item)
        ids = [self._needs.rows.ids[row] for row in rows]
        for at in np.argsort(-scores, kind="stable"):
            key = ids[at]
            if key is None or key not in self._wanted:  # dropped since, by somebody else's turn
                continue
            wanted = self._wanted[key]
            yield key, self._match(wanted, self._reader.need(wanted), offer, item, given, float(scores[at]), True)

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
            return self._match(wanted, asked, offer, item, self._given(item), 0.0, False)
        score, shown = judged(features, told)
        return self._match(wanted, asked, offer, item, self._given(item), float(score[0]), bool(shown[0]))

    # --- for measuring ------------------------------------------------------------------------------------------
    def numbers(self, wanted: Wanted, offer: Offer) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a need limits with what an offer states, as `matching.limits` compares them."""
        item = self._reader.offer(offer)
        return asked_columns(self._codes, self._reader.need(wanted)), self._given(item)

    def compare(self, wanted: Wanted) -> tuple[list[str], Floats, Told]:
        """(ids, features, what the need tells) of all offers held, those with nothing in common among them."""
        rows, features, told = self._offers.measure(self._reader.need(wanted))
        ids = self.offer_ids()
        place = {offer_id: at for at, offer_id in enumerate(ids)}
        at = [place[str(self._offers.rows.ids[row])] for row in rows]
        every = np.zeros((len(ids), features.shape[1]), dtype=np.float32)
        every[at] = features
        parts = []
        for part in told.parts:
            whole = np.ones(len(ids), dtype=bool)
            whole[at] = part
            parts.append(whole)
        return ids, every, Told(*parts)

    # --- for an index that lies elsewhere ----------------------------------------------------------------------
    def keys_of_offer(self, offer: Offer) -> list[str]:
        """The keys under which another store should keep an offer: its terms, the words of its title and lists."""
        item = self._reader.offer(offer)
        said = {f"word {word}" for term in (*offer.products, *offer.processes) for word in words_of(term).folded}
        said |= {f"word {word}" for word in item.title}
        names = self._offers.names(item)
        return sorted({name for name in names if not name.startswith(("word ", "title "))} | said)

    def keys_of_need(self, wanted: Wanted) -> list[str]:
        """The keys under which another store should keep a standing need: its terms, its telling words."""
        asked = self._reader.need(wanted)
        names = {f"word {word}" for word in asked.tokens}
        for kind, terms in (("product", asked.products), ("process", asked.processes)):
            names.update(key for term in terms for key in keys_of(self._concepts, kind, term))
        return sorted(names)

    def seek(self, wanted: Wanted) -> list[Sought]:
        """What to look up for a need where offers are kept by `keys_of_offer`."""
        asked = self._reader.need(wanted)
        found = [Sought("word", f"word {word}", self._reader.weight(word)) for word in asked.tokens]
        keeps = self._concepts.keeps(asked.steps)
        for kind, terms in (("product", asked.products), ("process", asked.processes)):
            for term, factor in zip(terms, factors(kind, asked)[0], strict=True):
                found += [Sought(kind, key, value * factor) for key, value in reach(self._concepts, kind, term, keeps)]
        found += [
            Sought(kind, f"own {kind} {phrase}", 1.0) for kind, _ in KINDS for phrase in dict.fromkeys(asked.phrases())
        ]
        return found

    def seek_needs(self, offer: Offer) -> list[Sought]:
        """What to look up for an offer where needs are kept by `keys_of_need`."""
        item = self._reader.offer(offer)
        found = [Sought(kind, key, value) for kind, _ in KINDS for key, value in self._needs.keys(kind, item).items()]
        found += [Sought("product", key, MADE) for term in item.products for key in made_back(self._concepts, term)]
        words = {*item.title, *(word for term in (*offer.products, *offer.processes) for word in words_of(term).folded)}
        return found + [Sought("word", f"word {word}", self._reader.weight(word)) for word in words]

    def rank(self, wanted: Wanted, offers: Iterable[Offer], limit: int = 10) -> Found:
        """`search` among these offers only, whether they are held or not."""
        held = {offer.id: offer for offer in offers}
        index = OfferIndex(self._reader, self._codes)
        for offer in held.values():
            index.put(offer.id, self._reader.offer(offer))
        return self._search(index, held.__getitem__, wanted, limit)

    def verify(self, offer: Offer, needs: Iterable[tuple[Key, Wanted]]) -> list[tuple[Key, Match]]:
        """`percolate` among these needs only, whether they are held or not."""
        asked = {key: (wanted, self._reader.need(wanted)) for key, wanted in needs}
        index: NeedIndex[Key] = NeedIndex(self._reader, self._codes)
        for key, (_, read) in asked.items():
            index.put(key, read)
        item = self._reader.offer(offer)
        given = self._given(item)
        rows, scores = index.shown(item)
        found = [(index.rows.ids[row], float(score)) for row, score in zip(rows, scores, strict=True)]
        return [
            (key, self._match(*asked[key], offer, item, given, score, True))
            for key, score in sorted(found, key=lambda pair: -pair[1]) if key is not None
        ]  # fmt: skip

    # --- putting it into words ----------------------------------------------------------------------------------
    def _given(self, item: Offered) -> dict[str, Any]:
        """What an offer states, in numbers."""
        return {**self._codes.of(item), "serves": item.serves}

    @staticmethod
    def _ordered(ids: list[str | None], rows: Ints, score: Floats, limit: int) -> list[int]:
        near = np.argsort(-score, kind="stable")[: 2 * limit + 20]
        return sorted((int(at) for at in near), key=lambda at: (-round(float(score[at]), 6), str(ids[rows[at]])))

    def _match(
        self, wanted: Wanted, asked: Asked, offer: Offer, item: Offered | Named, given: dict[str, Any], score: float,
        shown: bool,
    ) -> Match:  # fmt: skip
        because, doubts = self._reasons.of(wanted, asked, asked_columns(self._codes, asked), offer, item, given)
        return Match(offer.id, round(score, 4), shown, shown and score >= STRONG, because, doubts)

    def _meant(self, asked: Asked, offered: Sequence[str]) -> str:
        """Asks whether just this is meant: the wanted step that comes nearest to those offered, with what it is for."""
        near = {
            step: max((self._concepts.relation("process", step, other) for other in offered), default=0)
            for step in asked.steps
        }
        steps = sorted(near, key=lambda step: -near[step])[:1] or offered[:1]
        named = [self._concepts.spelt("process", step) for step in steps]
        goods = [term for term in asked.products[:1] if f" {term} " not in f" {' '.join(named)} "]  # "nuôi cá" says it
        return f"Có phải anh/chị cần {' cho '.join([*named, *goods])} không ạ?" if steps else ASK_PROCESS

    def _misread(self, index: OfferIndex, asked: Asked) -> str | None:
        """Asks about a step that words without marks only perhaps name, when offers would serve the rest."""
        if not asked.products or not asked.processes or asked.firm_step:
            return None
        _, features, _ = index.measure(replace(asked, processes=()))
        return self._meant(asked, ()) if worth_asking(features).any() else None

    def _question(self, asked: Asked, features: Floats, told: Told, nearest: Sequence[Offer]) -> str | None:
        """The one question whose answer could lead to an offer, if there is one; `nearest` is the best ranked offer."""
        if not asked.products and not asked.steps:
            return ASK_PRODUCT if len(asked.tokens) <= FEW_WORDS else None
        suits_any = self._concepts.any_product.issuperset(asked.steps)
        if (
            asked.steps
            and not asked.products
            and not asked.near_step
            and not suits_any
            and (features[:, AT["process"]] >= FIT).any()
        ):
            return ASK_PRODUCT
        if asked.vague and (features[:, AT["product"]] >= FIT).any():
            return ASK_PROCESS
        if worth_asking(features).any():
            return self._meant(asked, [step for offer in nearest for step in self._reader.offer(offer).processes])
        return None
