"""Finds offers for a need with needs for an offer, by one scoring for both directions."""

from collections.abc import Hashable, Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.offer import Offer
from knowledge.library import Library
from matching.concepts import KINDS, Concepts
from matching.measure import Floats, as_float, rate
from matching.reading import Asked, Offered, Reader
from matching.rows import Ints, Rows
from matching.score import FEATURES, HAND, WEAK, Weights, keys_of, limits, reach
from matching.wanted import Decision, Found, Match, Wanted

Key = TypeVar("Key", bound=Hashable)
WIDE, NARROW = np.float64, np.int64
OFFER_COLUMNS: dict[str, Any] = {
    "unit": np.int32, "per": np.int32, "low": WIDE, "high": WIDE, "hour_low": WIDE, "hour_high": WIDE,
    "money_low": WIDE, "money_high": WIDE, "serves": NARROW, "trl": np.int8, "modes": np.int8, "title": np.int32,
}  # fmt: skip
SIGN = {"product": "prd", "process": "prc"}
MEAN = {"product": 0.25, "process": 0.4}
MOST_LOOKED_AT = 400  # candidates by concept that are looked at closely


class Engine:
    def __init__(self, library: Library, weights: Weights = HAND) -> None:
        self.concepts = Concepts(library.terms, library.technology)
        self.reader = Reader(self.concepts, library)
        self.weights = weights
        self.codes: dict[str, int] = {"": 0}
        self.vocabulary: dict[str, int] = {}
        self.offers = Rows(OFFER_COLUMNS)
        self.read: dict[str, Offered] = {}

    def code(self, name: str) -> int:
        return self.codes.setdefault(name, len(self.codes))

    def word(self, token: str) -> int:
        return self.vocabulary.setdefault(token, len(self.vocabulary))

    def side(self, item: Any) -> dict[str, Any]:
        size = item.size
        hour_low, hour_high = rate(size)
        return {"unit": self.code(size.unit), "per": self.code(size.per), "low": size.low, "high": size.high,
                "hour_low": hour_low, "hour_high": hour_high, "money_low": item.low, "money_high": item.high,
                "trl": item.trl, "modes": item.modes}  # fmt: skip

    def put(self, offer: Offer) -> None:
        item = self.reader.offer(offer)
        keys: list[tuple[str, int]] = []
        for kind, strong, weak in (("product", item.products, item.weak_products), ("process", item.processes, item.weak_processes)):
            names = {key for term in strong for key in keys_of(self.concepts, kind, term)}
            names |= {f"{SIGN[kind]}~{term}" for term in weak}
            if kind == "process":
                names |= {f"side {key}" for term in item.side_processes for key in keys_of(self.concepts, kind, term)}
            if kind == "product":
                names |= {f"prd<{term}" for term in item.classes}
            keys += [(name, -1) for name in names]
        words = [self.word(token) for token in (*item.title, *item.tokens)]
        self.offers.put(offer.id, {**self.side(item), "serves": item.serves, "title": len(item.title)}, words, keys)
        self.read[offer.id] = item

    def relation_rows(self, kind: str, terms: tuple[str, ...], stated: frozenset[str]) -> Floats:
        total = np.zeros(self.offers.size, dtype=np.float32)
        best = np.zeros(self.offers.size, dtype=np.float32)
        count = 0.0
        for term in terms:
            here = np.zeros(self.offers.size, dtype=np.float32)
            for key, value in reach(self.concepts, kind, term):
                here[self.offers.rows_with(key)] = value
            share = 1.0
            if (stated & set(terms)) and term not in stated:
                here *= 0.85
                share = 0.5
            total += here * share
            count += share
            np.maximum(best, here, out=best)
        mean = MEAN[kind]
        return best if len(terms) <= 1 else (1 - mean) * best + mean * total / max(1, count)

    def text_rows(self, asked: Asked, rows: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        tokens = list(asked.tokens)
        lut = np.full(len(self.vocabulary) + 1, -1, dtype=np.int32)
        weights = np.array([self.reader.weight(t) for t in tokens] or [0.0], dtype=np.float32)
        for at, token in enumerate(tokens):
            if token in self.vocabulary:
                lut[self.vocabulary[token]] = at
        words, owner, place = self.offers.words_of(rows)
        index = lut[words]
        hit = index >= 0
        hits = np.zeros((len(rows), len(weights)), dtype=bool)
        hits[owner[hit], index[hit]] = True
        cover = hits @ weights / max(float(weights.sum()), 1e-6)
        loose = np.array([t in asked.loose for t in tokens] or [False])
        near = np.array([t in asked.near_step for t in tokens] or [False])
        lw = weights * loose
        unexplained = (~hits) @ lw / max(float(weights.sum()), 1e-6)
        nw = weights * near
        step = (hits @ nw) / max(float(nw.sum()), 1e-6) if near.any() else np.full(len(rows), -1.0)
        titles = self.offers.column("title")[rows]
        wv = np.zeros(len(self.vocabulary) + 1, dtype=np.float32)
        for t, i in self.vocabulary.items():
            wv[i] = self.reader.weight(t)
        in_title = place < titles[owner]
        all_w = np.bincount(owner[in_title], weights=wv[words[in_title]], minlength=len(rows))
        got = np.bincount(owner[in_title & hit], weights=wv[words[in_title & hit]], minlength=len(rows))
        return as_float(cover), as_float(got / np.maximum(all_w, 1e-6)), as_float(unexplained), as_float(step)

    def features(self, asked: Asked, rows: Ints, product: Floats, process: Floats) -> Floats:
        matrix = np.zeros((len(rows), len(FEATURES)), dtype=np.float32)
        at = {name: i for i, name in enumerate(FEATURES)}
        cover, title, unexplained, step = self.text_rows(asked, rows)
        p, q = product[rows], process[rows]
        if not asked.products:
            p = np.where(step >= 0, np.maximum(step, 0), 0.0)
        if asked.products and self.concepts.any_product & set(asked.processes):
            anywhere = np.zeros(self.offers.size, dtype=np.float32)
            for term in self.concepts.any_product & set(asked.processes):
                for key, value in reach(self.concepts, "process", term):
                    anywhere[self.offers.rows_with(key)] = value
            p = np.where(anywhere[rows] > 0.9, np.maximum(p, 0.75), p)
        hasp, hasq = bool(asked.products), bool(asked.processes)
        matrix[:, at["both"]] = p * q
        matrix[:, at["product"]] = p if hasp else 0
        matrix[:, at["process"]] = q
        matrix[:, at["process_alone"]] = 0 if hasp else q
        matrix[:, at["product_alone"]] = 0 if hasq else p
        matrix[:, at["text"]] = cover
        matrix[:, at["title"]] = title
        matrix[:, at["unexplained"]] = unexplained
        side = {**self.side(asked), "province": asked.province, "strict": int(asked.strict)}
        offered = {name: self.offers.column(name)[rows] for name in OFFER_COLUMNS}
        for name, value in limits(side, offered).items():
            matrix[:, at[name]] = value
        return matrix

    def all_features(self, wanted: Wanted) -> tuple[Asked, Floats]:
        asked = self.reader.need(wanted)
        rows = np.arange(self.offers.size, dtype=np.int32)
        p = self.relation_rows("product", asked.products, asked.stated)
        q = self.relation_rows("process", asked.processes, asked.stated)
        return asked, self.features(asked, rows, p, q)

    def gate(self, asked: Asked, matrix: Floats) -> Any:
        at = {name: i for i, name in enumerate(FEATURES)}
        broken = sum(matrix[:, at[n]] for n in ("size_broken", "price_broken", "unserved", "unready", "mode_broken", "ruled_out")) > 0
        p = matrix[:, at["product"]] if asked.products else np.ones(len(matrix))
        q = matrix[:, at["process"]] if asked.processes else np.ones(len(matrix))
        text = matrix[:, at["text"]]
        agree = (p >= 0.5) & (q >= 0.5) | (text >= 0.75)
        return agree & ~broken
