"""Finds offers for a need with needs for an offer, by one scoring for both directions."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from domain.offer import Offer
from domain.text import fold
from matching.fit import PROVINCE_WORDS, capacity_fit, price_fit, province_fit
from matching.index import Index, grams
from matching.taxonomy import Relation, Taxonomy
from matching.wanted import Decision, Found, Match, Wanted

Key = TypeVar("Key")
# How much each kind of agreement is worth; set by hand in the order same > broader > narrower, checked by bench/matching.py.
PRODUCT = {
    Relation.SAME: 1.0,
    Relation.BROADER: 0.75,
    Relation.NARROWER: 0.6,
    Relation.SIBLING: 0.15,
    Relation.UNRELATED: 0.0,
}
PROCESS = {
    Relation.SAME: 1.0,
    Relation.NARROWER: 0.95,
    Relation.BROADER: 0.6,
    Relation.SIBLING: 0.35,
    Relation.UNRELATED: 0.0,
}
WEIGHTS = {"product": 0.34, "process": 0.34, "text": 0.2, "capacity": 0.06, "price": 0.06}
SILENT = 0.45  # what an unstated respect counts as
# How well the words must agree when terms do not decide; chosen on the golden needs, see bench/matching.py.
TEXT_WITH_PRODUCT = 0.5
TEXT_BESIDE = 0.45
TEXT_ALONE = 0.6
TEXT_DESPITE = 0.8
STRONG = 0.68
ASK_PRODUCT = "Anh/chị cần cho sản phẩm gì ạ (ví dụ hoa hồi, na, thạch đen)?"
ASK_PROCESS = "Anh/chị muốn làm khâu nào ạ (ví dụ sấy, bảo quản, đóng gói)?"


class Matcher:
    """The offers that may be shown, ready to be matched; put and drop keep it up to date."""

    def __init__(self, lexicon: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Takes lexicon/terms.yaml as parsed."""
        self._taxonomy = Taxonomy(lexicon)
        self._problems = [
            (fold(problem), row["term"]) for row in lexicon["processes"] for problem in row.get("problems", ())
        ]
        self._names = sorted(
            ((fold(name), kind, row["term"]) for kind in ("products", "processes") for row in lexicon[kind]
             for name in (row["term"], *row.get("also", ())) if len(name.split()) > 1 or name in ("sấy", "biogas")),
            key=lambda named: -len(named[0]),
        )  # fmt: skip
        self._offers: dict[str, Offer] = {}
        self._index = Index()

    def load(self, offers: Iterable[Offer]) -> None:
        """Puts all of these."""
        for offer in offers:
            self.put(offer)

    def put(self, offer: Offer) -> None:
        """Adds or replaces one offer."""
        self._offers[offer.id] = offer
        self._index.put(offer)

    def drop(self, offer_id: str) -> None:
        """Forgets one offer."""
        self._offers.pop(offer_id, None)
        self._index.drop(offer_id)

    def search(self, wanted: Wanted, limit: int = 10) -> Found:
        """The offers for a need, best first, with what to do about them."""
        wanted = self._filled(wanted)
        query = grams(wanted.text)
        ranked = sorted(
            (self._match(wanted, query, offer) for offer in self._offers.values()), key=lambda m: (-m.score, m.offer)
        )
        shown = [match for match in ranked if match.shown]
        if shown:
            return Found(Decision.SHOW, tuple((*shown, *(m for m in ranked if not m.shown))[:limit]))
        question = self._question(wanted, ranked)
        return Found(Decision.ASK if question else Decision.NONE, tuple(ranked[:limit]), question)

    def percolate(self, offer: Offer, needs: Iterable[tuple[Key, Wanted]]) -> list[tuple[Key, Match]]:
        """The matches of one offer with many needs, those shown only."""
        known = self._offers.get(offer.id)
        if known is None:
            self.put(offer)
        found = [(key, self.explain(wanted, offer)) for key, wanted in needs]
        return [(key, match) for key, match in found if match.shown]

    def explain(self, wanted: Wanted, offer: Offer) -> Match:
        """How one offer serves one need."""
        if offer.id not in self._offers:
            self.put(offer)
        filled = self._filled(wanted)
        return self._match(filled, grams(filled.text), offer)

    def _filled(self, wanted: Wanted) -> Wanted:
        """A need with the terms that its text names, where it states none."""
        if wanted.products and wanted.processes:
            return wanted
        folded = f" {' '.join(fold(wanted.text).split())} "
        products, processes = list(wanted.products), list(wanted.processes)
        for name, kind, term in self._names:
            kept = products if kind == "products" else processes
            given = wanted.products if kind == "products" else wanted.processes
            if not given and f" {name} " in folded and term not in kept and len(kept) < 4:
                kept.append(term)
                folded = folded.replace(f" {name} ", " . ")
        if not processes:
            processes = list(dict.fromkeys(term for problem, term in self._problems if problem in folded))[:3]
        return Wanted(
            wanted.text,
            tuple(products),
            tuple(processes),
            wanted.capacity,
            wanted.budget,
            wanted.province_code,
            wanted.excluded,
        )

    @staticmethod
    def _question(wanted: Wanted, ranked: list[Match]) -> str | None:
        if not wanted.products and not wanted.processes:
            return ASK_PRODUCT if len(grams(wanted.text)) < 4 or (ranked and ranked[0].score > 0.3) else None
        if not wanted.processes and ranked and ranked[0].score > 0.45:
            return ASK_PROCESS
        if not wanted.products and ranked and ranked[0].score > 0.4:
            return ASK_PRODUCT
        return None

    def _match(self, wanted: Wanted, query: Any, offer: Offer) -> Match:
        because: list[str] = []
        doubts: list[str] = []
        text = self._index.score(query, offer.id)
        product = self._product(wanted, offer, because, doubts)
        process, relation = self._process(wanted, offer, because)
        capacity, out_of_size = capacity_fit(wanted.capacity, offer, because, doubts)
        price, out_of_price = price_fit(wanted.budget, offer, because, doubts)
        near = province_fit(wanted.province_code, offer)
        parts = {"product": product, "process": process, "text": text, "capacity": capacity, "price": price}
        score = sum(
            weight * (SILENT if parts[name] is None else parts[name] or 0.0) for name, weight in WEIGHTS.items()
        )
        if near is False:
            doubts.append("nơi cung cấp chưa nhận phục vụ tỉnh mình")
        elif near and offer.serves != "all":
            because.append(PROVINCE_WORDS)
        ruled_out = any(self._taxonomy.relation(term, out) in (Relation.SAME, Relation.BROADER)
                        for out in wanted.excluded for term in (*offer.products, *offer.processes))  # fmt: skip
        broken = out_of_size or out_of_price or near is False or ruled_out
        agree = self._agree(product, process, text, wanted)
        shown = agree and not broken
        exact = (product or 0) >= 0.75 and relation >= Relation.NARROWER
        strong = shown and exact and relation is not Relation.BROADER and score >= STRONG
        score *= 0.5 if broken else 1.0
        return Match(
            offer.id, round(min(0.99, score if agree else score * 0.7), 4), shown, strong, tuple(because), tuple(doubts)
        )

    @staticmethod
    def _agree(product: float | None, process: float | None, text: float, wanted: Wanted) -> bool:
        if wanted.products and product is not None and product < 0.5:
            return text >= TEXT_DESPITE
        if wanted.products and (process or 0.0) >= 0.55:
            return True
        if not wanted.products and (process or 0.0) >= 0.55:
            return text >= TEXT_BESIDE
        return text >= (TEXT_WITH_PRODUCT if wanted.products else TEXT_ALONE)

    def _product(self, wanted: Wanted, offer: Offer, because: list[str], doubts: list[str]) -> float | None:
        if not wanted.products or not offer.products:
            return None
        relation, left, right = self._taxonomy.best(wanted.products, offer.products)
        if relation is Relation.SAME:
            because.append(f"dùng cho {right}")
        elif relation is Relation.BROADER:
            because.append(f"dùng cho {right}")
            doubts.append(f"làm được {right} nói chung, cần hỏi thêm về {left}")
        elif relation is Relation.NARROWER:
            doubts.append(f"nơi cung cấp nêu {right}, cần hỏi thêm về {left}")
        return PRODUCT[relation]

    def _process(self, wanted: Wanted, offer: Offer, because: list[str]) -> tuple[float | None, Relation]:
        if not wanted.processes or not offer.processes:
            return None, Relation.UNRELATED
        relation, _, right = self._taxonomy.best(wanted.processes, offer.processes)
        if relation >= Relation.NARROWER:
            because.insert(0, f"làm được khâu {right}")
        return PROCESS[relation], relation
