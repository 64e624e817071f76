"""The index of standing needs: it measures an offer against all of them, to the same bit as a need against the offer."""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.concepts import KINDS, words_of
from matching.limits import limits
from matching.measure import Floats
from matching.reading import SLOTS, Reader
from matching.relation import CLASS_ONLY, FIT, MADE, SIGN, WEAK, aside, keys_of, made_back, reach_back
from matching.rows import Ints, Rows
from matching.score import SAME_WORDS, Told, decided
from matching.sides import ANY_PRODUCT, BOTH, OWN, SURELY, Codes, asked_columns, blended, factors, matrix, told_weight
from matching.sought import Asked, Offered

Key = TypeVar("Key", bound=Hashable)


class NeedIndex(Generic[Key]):
    """Standing needs by their terms and words."""

    def __init__(self, reader: Reader, codes: Codes, reread: Callable[[Key], Asked]) -> None:
        """`reread` reads a stored need once more."""
        self._reader, self._codes, self._reread = reader, codes, reread
        self._concepts = reader.concepts
        terms = {f"{part}_{kind}": (np.float32, SLOTS) for kind, _ in KINDS for part in ("factor", "share")}
        flags = dict.fromkeys(("has_product", "has_process", "vague", "wordy", "suits_any", "keeps"), (np.bool_, 1))
        sums = dict.fromkeys(("told", "told_step"), (np.float32, 1))
        limits_ = {"province": (np.int64, 1), "strict": (np.int8, 1)}
        self.rows: Rows[Key] = Rows({**BOTH, **terms, **flags, **sums, **limits_, "any_product": (np.bool_, SLOTS)})

    def put(self, key: Key, asked: Asked) -> None:
        """Adds or replaces a need."""
        places: list[tuple[str, int, int]] = []
        values: dict[str, Any] = asked_columns(self._codes, asked)
        for kind, terms in (("product", asked.products), ("process", asked.processes)):
            places += [
                (name, SLOTS, slot) for slot, term in enumerate(terms) for name in keys_of(self._concepts, kind, term)
            ]
            for part, row in zip(("factor", "share"), factors(kind, asked), strict=True):
                values[f"{part}_{kind}"] = row + [0.0] * (SLOTS - len(row))
            values[f"has_{kind}"] = bool(terms if kind == "product" else asked.steps)
        values["vague"], values["wordy"] = asked.vague, asked.wordy
        suits = [term in self._concepts.any_product and term in asked.steps for term in asked.processes]
        values["any_product"] = suits + [False] * (SLOTS - len(suits))
        values["suits_any"], values["keeps"] = any(suits), self._concepts.keeps(asked.steps)
        values["told"] = told_weight(self._reader, asked)
        values["told_step"] = 0.0 if asked.products else sum(map(self._reader.weight, asked.near_step))
        places += [(f"word {word}", 1, 0) for word in asked.tokens]
        places += [(f"else {word}", 1, 0) for word in set(asked.words.folded).difference(asked.tokens)]
        if not asked.products:
            places += [(f"step {word}", 1, 0) for word in asked.near_step]
        places += [(f"not {SIGN[kind]}={term}", 1, 0) for kind, term in asked.excluded]
        self.rows.put(key, values, places)

    def drop(self, key: Key) -> None:
        """Forgets a need."""
        self.rows.drop(key)

    def _served(self, kind: str, item: Offered) -> tuple[Floats, NDArray[np.bool_], list[tuple[str, float]]]:
        """(how well each term of each need is served, row by slot; which needs have a term served; keys left out).

        What serves less than FIT is left out: it only matters where the words alone decide.
        """
        flat = np.zeros(self.rows.size * SLOTS, dtype=np.float32)
        touched = np.zeros(self.rows.size, dtype=bool)
        weaker: list[tuple[str, float]] = []
        for key, value in sorted(
            self.keys(kind, item).items(), key=lambda row: row[1]
        ):  # the strongest is written last
            if value < FIT:
                weaker.append((key, value))
                continue
            places = self.rows.at(key)
            if len(places):
                flat[places] = value
                touched[places // SLOTS] = True
        if kind == "product":
            self._made(item, flat, touched)
        return flat, touched, weaker

    def _made(self, item: Offered, flat: Floats, touched: NDArray[np.bool_]) -> None:
        """Adds to what `_served` found the needs for what the offer's products are made from or become."""
        for product in item.products:
            for key, kept in made_back(self._concepts, product).items():
                places = self.rows.at(key)
                if not kept:
                    places = places[~self.rows.column("keeps")[places // SLOTS]]
                flat[places] = np.maximum(flat[places], np.float32(MADE))
                touched[places // SLOTS] = True

    def keys(self, kind: str, item: Offered) -> dict[str, float]:
        """The keys of needs that an offer's terms reach, each with its best strength."""
        sign = SIGN[kind]
        best: dict[str, float] = {}
        found: list[tuple[str, float]] = []
        for term in item.products if kind == "product" else item.processes:
            found += reach_back(self._concepts, kind, term)
        if kind == "process":
            found += [(key, value * aside(self._concepts, term)) for term in item.side_processes
                      for key, value in reach_back(self._concepts, kind, term)]  # fmt: skip
            found += [(f"{sign}={term}", WEAK[kind]) for term in item.weak_processes]
        else:
            found += [(f"{sign}>{term}", CLASS_ONLY) for term in item.classes]
            found += [(f"{sign}={term}", WEAK[kind]) for term in item.weak_products]
        for key, value in found:
            best[key] = max(best.get(key, 0.0), value)
        return best

    def _said(self, lead: str, words: Any) -> Floats:
        total = np.zeros(self.rows.size, dtype=np.float32)
        for word in words:
            total[self.rows.at(f"{lead} {word}")] += self._reader.weight(word)
        return total

    def _own(self, item: Offered, kind: str) -> Floats:
        """Which needs hold, word for word, a term that only the offer knows."""
        found = np.zeros(self.rows.size, dtype=np.float32)
        for term in (term for own_kind, term in item.own if own_kind == kind):
            words = words_of(term).folded
            likely = min(([*self.rows.at(f"word {w}"), *self.rows.at(f"else {w}")] for w in words), key=len)
            for row in likely:
                key = self.rows.ids[row]
                if key is not None and self._reread(key).says(term):
                    found[row] = OWN
        return found

    def measure(self, item: Offered) -> tuple[Ints, Floats, Told]:
        """(rows, features, what the needs tell) of all needs that an offer may serve: none that is shown is left out."""
        rows_ = self.rows
        products, some_product, weaker_products = self._served("product", item)
        steps, some_step, weaker_steps = self._served("process", item)
        title = set(item.title)
        words = {*item.tokens, *title}
        titled = self._said("word", title)
        text = (titled + self._said("word", words - title)) / np.maximum(rows_.column("told"), 1e-9)
        own = {kind: self._own(item, kind) for kind, _ in KINDS}
        some_product |= own["product"] > 0
        some_step |= own["process"] > 0
        near = rows_.column("told_step") > 0
        goods = some_product | ~rows_.column("has_product") | rows_.column("suits_any")
        work = some_step | ~rows_.column("has_process")
        speaking = (text >= SAME_WORDS) & rows_.column("wordy")
        if speaking.any():
            for flat, weaker in ((products, weaker_products), (steps, weaker_steps)):
                for key, value in weaker:
                    places = rows_.at(key)
                    flat[places] = np.maximum(flat[places], np.float32(value))
        products, steps = products.reshape(-1, SLOTS), steps.reshape(-1, SLOTS)
        rows = np.flatnonzero(rows_.alive & ((goods & work & (some_product | some_step | near)) | speaking))
        process = self._blend("process", rows, steps)
        product = self._blend("product", rows, products)
        if near[rows].any():
            step = self._said("step", words)[rows] / np.maximum(rows_.column("told_step")[rows], 1e-9)
            product = np.where(near[rows], step, product)
        suits = np.flatnonzero(rows_.column("suits_any")[rows])
        chosen = rows[suits]
        surely = ((steps[chosen] > SURELY) & rows_.column("any_product")[chosen]).any(axis=1)
        product[suits] = np.maximum(product[suits], np.where(surely, ANY_PRODUCT, 0.0))
        product = np.maximum(product, own["product"][rows])
        process = np.maximum(process, own["process"][rows])
        told = Told(
            rows_.column("has_product")[rows] | (own["product"][rows] > 0),
            rows_.column("has_process")[rows] | (own["process"][rows] > 0),
            rows_.column("vague")[rows], rows_.column("wordy")[rows],
        )  # fmt: skip
        named = titled[rows] / max(sum(map(self._reader.weight, title)), 1e-9)
        asked = {name: rows_.column(name)[rows] for name in (*BOTH, "province", "strict")}
        offered = {**self._codes.of(item), "serves": item.serves}
        return rows.astype(np.int32), matrix(
            product, process, np.minimum(text[rows], 1.0), named, told, self._ruled_out(item, rows), limits(asked, offered)
        ), told  # fmt: skip

    def _blend(self, kind: str, rows: Any, served: Floats) -> Any:
        share = self.rows.column(f"share_{kind}")[rows]
        return blended(kind, served[rows] * self.rows.column(f"factor_{kind}")[rows], share)

    def _ruled_out(self, item: Offered, rows: Any) -> Any:
        out = np.zeros(self.rows.size, dtype=np.float32)
        for kind, terms in (("product", item.products), ("process", item.processes)):
            if kind == "product" and len(terms) != 1:
                continue
            for term in terms:
                for name in (term, *self._concepts.above(kind, term)):
                    out[self.rows.at(f"not {SIGN[kind]}={name}")] = 1.0
        return out[rows]

    def shown(self, item: Offered) -> tuple[Ints, Floats]:
        """(rows, scores) of the needs that an offer serves."""
        rows, features, told = self.measure(item)
        chance, shown = decided(features, told)
        return rows[shown], chance[shown]
