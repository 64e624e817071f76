"""The two indexes, of offers and of needs, each measuring one record of the other side against all of its own."""

from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.concepts import KINDS, words_of
from matching.limits import limits
from matching.measure import Floats, rate
from matching.reading import BARELY, READ, SLOTS, Asked, Offered, Reader, own_key
from matching.relation import CLASS_ONLY, FIT, MADE, SIDE, SIGN, WEAK, keys_of, made_back, reach, reach_back
from matching.rows import Ints, Rows
from matching.score import AT, FEATURES, SAME_WORDS, Told, decided

Key = TypeVar("Key", bound=Hashable)
MEAN: Final = {"product": 0.25, "process": 0.4}  # how much of a need's terms must be served, beside the best served
UNSURE_SHARE: Final = 0.5  # the share of a term that was not plainly stated, when all terms of a need are averaged
ANY_PRODUCT: Final = 0.75  # how well an offer serves a product it does not name, in a step that suits any
SURELY: Final = 0.9  # a step so well served that such an offer counts
OWN: Final = 0.95  # what a term counts that only the offer knows, found word for word in the need
LOOKED_AT: Final = 300  # partly fitting offers that are ranked behind the fitting ones
MANY: Final = 1000  # so many related offers that the merely neighbouring ones are not looked at
NOTHING: Final = np.zeros(0, dtype=np.float32)
MOST_FITTING: Final = 4000
SIZES = dict.fromkeys(("low", "high", "hour_low", "hour_high", "money_low", "money_high"), (np.float64, 1))
BOTH = {
    "unit": (np.int32, 1),
    "per": (np.int32, 1),
    "trl": (np.int8, 1),
    "scale": (np.int8, 1),
    "modes": (np.int16, 1),
    **SIZES,
}


class Codes:
    """Numbers for the names of units and times, shared by both sides."""

    def __init__(self) -> None:
        self._codes = {"": 0}

    def of(self, item: Asked | Offered) -> dict[str, Any]:
        """The columns that both sides have."""
        hour_low, hour_high = rate(item.size)
        return {
            "unit": self._codes.setdefault(item.size.unit, len(self._codes)),
            "per": self._codes.setdefault(item.size.per, len(self._codes)),
            "low": item.size.low, "high": item.size.high, "hour_low": hour_low, "hour_high": hour_high,
            "money_low": item.low, "money_high": item.high, "trl": item.trl, "scale": item.scale, "modes": item.modes,
        }  # fmt: skip


def asked_columns(codes: Codes, asked: Asked) -> dict[str, Any]:
    """What a need limits, as numbers."""
    return {**codes.of(asked), "province": asked.province, "strict": int(asked.strict)}


def factors(kind: str, asked: Asked) -> tuple[list[float], list[float]]:
    """For each term of a need what it counts, with its share of the mean."""
    terms = asked.products if kind == "product" else asked.processes
    some_stated = any(term not in asked.sure for term in terms)
    if not some_stated and all(asked.sure[term] == READ for term in terms):
        return [1.0] * len(terms), [1.0] * len(terms)
    sure = [asked.sure.get(term, 1.0) for term in terms]
    return sure, [1.0 if value == 1.0 else 0.0 if value == BARELY else UNSURE_SHARE for value in sure]


def blended(kind: str, served: Any, share: Any) -> Any:
    """From how well each term is served (last axis) to how well all are; unused terms have share 0.

    The best served term counts most; beside it, how many of the others are served at all.
    """
    best = served.max(axis=-1)
    mean = (np.where(served >= FIT, served, 0.0) * share).sum(axis=-1) / np.maximum(share.sum(axis=-1), 1e-9)
    several = (share > 0).sum(axis=-1) > 1
    return np.where(several, (1 - MEAN[kind]) * best + MEAN[kind] * mean, best)


def matrix(
    product: Any, process: Any, text: Any, title: Any, told: Told, ruled_out: Any, limited: dict[str, Any]
) -> Floats:
    """The features of pairs, one row a pair; without a product read, `product` is what the words say of it."""
    made = np.zeros((len(text), len(FEATURES)), dtype=np.float32)
    made[:, AT["both"]] = product * process
    made[:, AT["product"]] = np.where(told.product, product, 0.0)
    made[:, AT["process"]] = process
    made[:, AT["process_alone"]] = np.where(told.product, 0.0, process)
    made[:, AT["product_alone"]] = np.where(told.process, 0.0, product)
    made[:, AT["text"]] = text
    made[:, AT["title"]] = title
    made[:, AT["named"]] = title * product
    made[:, AT["ruled_out"]] = ruled_out
    for name, value in limited.items():
        made[:, AT[name]] = value
    return made


class OfferIndex:
    """Offers by their terms and words."""

    def __init__(self, reader: Reader, codes: Codes) -> None:
        self._reader, self._codes = reader, codes
        self._concepts = reader.concepts
        self.rows = self._new_rows()
        self._owns = False

    @staticmethod
    def _new_rows() -> Rows[str]:
        return Rows({**BOTH, "serves": (np.int64, 1), "title": (np.float32, 1), "single": (np.bool_, 1)})

    def names(self, item: Offered) -> set[str]:
        """The keys under which an offer is found: by its terms, by the words of its title, by all its words."""
        concepts = self._concepts
        names: set[str] = set()
        for kind, strong in (("product", item.products), ("process", item.processes)):
            names.update(key for term in strong for key in keys_of(concepts, kind, term))
        names.update(key for term in item.side_processes for key in keys_of(concepts, "process", term, side=True))
        names.update(f"{SIGN['product']}<{term}" for term in item.classes)
        names.update(f"{SIGN['product']}~{term}" for term in item.weak_products)
        names.update(f"{SIGN['process']}~{term}" for term in item.weak_processes)
        title = set(item.title)
        names.update(f"own {kind} {own_key(term)}" for kind, term in item.own)
        names.update(f"title {word}" for word in title)
        names.update(f"word {word}" for word in {*item.tokens, *title})
        return names

    def put(self, offer_id: str, item: Offered) -> None:
        """Adds or replaces an offer."""
        title = set(item.title)
        self._owns = self._owns or bool(item.own)
        values = {**self._codes.of(item), "serves": item.serves, "single": len(item.products) == 1,
                  "title": sum(map(self._reader.weight, title))}  # fmt: skip
        self.rows.put(offer_id, values, ((name, 1, 0) for name in self.names(item)))

    def drop(self, offer_id: str) -> None:
        """Forgets an offer."""
        self.rows.drop(offer_id)

    def _served(self, kind: str, terms: tuple[str, ...], keeps: bool = False) -> list[Floats]:
        """For each term how well each row serves it."""
        found = []
        for term in terms:
            here = np.zeros(self.rows.size, dtype=np.float32)
            for key, value in reach(self._concepts, kind, term, keeps):
                here[self.rows.at(key)] = value
            found.append(here)
        return found

    @staticmethod
    def _blend(kind: str, asked: Asked, served: list[Floats], rows: Any) -> Any:
        if not served:
            return np.zeros(len(rows), dtype=np.float32)
        factor, share = (np.asarray(row, dtype=np.float32) for row in factors(kind, asked))
        chosen = np.stack([row[rows] for row in served], axis=-1)
        return blended(kind, chosen * factor, np.broadcast_to(share, (1, len(share))))

    def _said(self, lead: str, words: Any) -> Floats:
        """The weight of these words that each row holds."""
        total = np.zeros(self.rows.size, dtype=np.float32)
        for word in words:
            total[self.rows.at(f"{lead} {word}")] += self._reader.weight(word)
        return total

    def _own(self, kind: str, asked: Asked) -> Floats:
        """Which offers list a term that only they know and that the need's text holds."""
        found = np.zeros(self.rows.size, dtype=np.float32)
        if self._owns:
            for phrase in asked.phrases():
                found[self.rows.at(f"own {kind} {phrase}")] = OWN
        return found

    def measure(self, asked: Asked) -> tuple[Ints, Floats, Told]:
        """(rows, features, what the need tells) of the offers worth ranking for a need."""
        goods = self._served("product", asked.products, self._concepts.keeps(asked.processes))
        steps = self._served("process", asked.processes)
        own = {kind: self._own(kind, asked) for kind, _ in KINDS}
        told = max(sum(map(self._reader.weight, asked.tokens)), 1e-9)
        text = self._said("word", asked.tokens) / told
        touched = (text >= SAME_WORDS) | (own["product"] > 0) | (own["process"] > 0)
        for row in (*goods, *steps):
            touched |= row >= FIT
        if np.count_nonzero(touched) < MANY:
            for row in (*goods, *steps):
                touched |= row > 0
        if not asked.products and not asked.processes:
            touched |= text > 0
        near = NOTHING
        if not asked.products and asked.near_step:
            near = self._said("word", asked.near_step) / np.float32(
                max(sum(map(self._reader.weight, asked.near_step)), 1e-9)
            )
            touched |= near > 0
        rows = np.flatnonzero(touched & self.rows.alive)
        product = self._blend("product", asked, goods, rows)
        process = self._blend("process", asked, steps, rows)
        if not asked.products and asked.near_step:
            product = near[rows]
        for term, served in zip(asked.processes, steps, strict=True):
            if term in self._concepts.any_product:
                product = np.maximum(product, np.where(served[rows] > SURELY, ANY_PRODUCT, 0.0))
        product, process = np.maximum(product, own["product"][rows]), np.maximum(process, own["process"][rows])
        tell = Told(
            bool(asked.products) | (own["product"][rows] > 0), bool(asked.processes) | (own["process"][rows] > 0),
            np.full(len(rows), asked.vague), np.full(len(rows), asked.wordy),
        )  # fmt: skip
        best = self._worth(tell, product, process, text[rows])
        rows, product, process = rows[best].astype(np.int32), product[best], process[best]
        tell = Told(*(part[best] for part in (tell.product, tell.process, tell.vague, tell.wordy)))
        title = self._said("title", asked.tokens)[rows] / np.maximum(self.rows.column("title")[rows], 1e-9)
        offered = {name: self.rows.column(name)[rows] for name in (*BOTH, "serves")}
        return rows, matrix(
            product, process, text[rows], title, tell, self._ruled_out(asked, rows),
            limits(asked_columns(self._codes, asked), offered),
        ), tell  # fmt: skip

    @staticmethod
    def _worth(told: Told, product: Any, process: Any, text: Any) -> Any:
        """Which may be shown, with the best of the rest."""
        fits = (~told.product | (product >= FIT)) & (~told.process | (process >= FIT)) & (told.product | told.process)
        promise = 2 * product * process + product + process + text + 4 * (fits | (text >= SAME_WORDS))
        count = max(LOOKED_AT, min(MOST_FITTING, int(fits.sum()) + LOOKED_AT))
        return np.argpartition(-promise, count - 1)[:count] if count < len(promise) else np.arange(len(promise))

    def _ruled_out(self, asked: Asked, rows: Ints) -> Any:
        if not asked.excluded:
            return 0.0
        out = np.zeros(self.rows.size, dtype=np.float32)
        for kind, term in asked.excluded:
            for key in (f"{SIGN[kind]}={term}", f"{SIGN[kind]}>{term}"):
                places = self.rows.at(key)
                out[places] = 1.0 if kind == "process" else self.rows.column("single")[places]
        return out[rows]


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
            values[f"has_{kind}"] = bool(terms)
        values["vague"], values["wordy"] = asked.vague, asked.wordy
        suits = [term in self._concepts.any_product for term in asked.processes]
        values["any_product"] = suits + [False] * (SLOTS - len(suits))
        values["suits_any"], values["keeps"] = any(suits), self._concepts.keeps(asked.processes)
        values["told"] = sum(map(self._reader.weight, asked.tokens))
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
            found += [(key, value * SIDE) for term in item.side_processes
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
            product, process, text[rows], named, told, self._ruled_out(item, rows), limits(asked, offered)
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
