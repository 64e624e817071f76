"""What both directions of matching share, with the index of offers: it measures a need against all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from matching.concepts import KINDS, Concepts
from matching.limits import limits
from matching.measure import Floats, rate
from matching.reading import Reader
from matching.relation import FIT, SIGN, keys_of, reach
from matching.rows import Flags, Ints, Lists, Rows
from matching.score import AT, FEATURES, SAME_WORDS, Told
from matching.sought import Asked, Offered, own_key
from matching.weighing import BARELY, READ

MEAN: Final = {"product": 0.25, "process": 0.4}  # how much of a need's terms must be served, beside the best served
UNSURE_SHARE: Final = 0.5  # the share of a term that was not plainly stated, when all terms of a need are averaged
ASIDE: Final = 0.45  # what a term counts that was barely read, beside one that was: less than a fit
ANY_PRODUCT: Final = 90  # hundredths: how well an offer serves a product it does not name, in a step that suits any
THOUGHT_OF: Final = 45  # the same in a step that was only barely thought of: less than a fit
SURELY: Final = 0.75  # a step so well served that such an offer counts
OWN: Final = 0.95  # what a term counts that only the offer knows, found word for word in the need
LOOKED_AT: Final = 300  # partly fitting offers that are ranked behind the fitting ones
MANY: Final = 1000  # so many related offers that the merely neighbouring ones are not looked at
NOTHING: Final = np.zeros(0, dtype=np.float32)
MOST_FITTING: Final = 4000
GRAIN: Final = 2.0**-10  # weights of words are multiples of this
MOST_TOLD: Final = 40.0  # weight of words, some eight telling ones
SIZES = dict.fromkeys(("low", "high", "hour_low", "hour_high", "money_low", "money_high"), (np.float64, 1))
LISTED = ("products", "processes", "side_processes", "classes")  # terms of an offer that the index keeps in their order
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
    """For each term of a need what it counts, with its share of the mean.

    What was barely read counts too little to be a fit beside a term that was read, and so does what is only faintly told;
    steps only told are so many ways to one end and have no share.
    """
    terms = asked.products if kind == "product" else asked.processes
    sure = [asked.sure.get(term, 1.0) for term in terms]
    if all(value == READ for value in sure) and asked.told.isdisjoint(terms):
        return [1.0] * len(terms), [1.0] * len(terms)
    demanding = any(value > BARELY for value in sure)
    counts = [
        ASIDE if value <= BARELY and (demanding or term in asked.told) else value
        for term, value in zip(terms, sure, strict=True)
    ]
    shares = [
        0.0 if value <= BARELY or term in asked.told else 1.0 if value == 1.0 else UNSURE_SHARE
        for term, value in zip(terms, sure, strict=True)
    ]
    return counts, shares


def suiting(concepts: Concepts, asked: Asked) -> list[int]:
    """For each step of a need what an offer of it counts for products that it does not name, in hundredths: less than a fit
    where the step is barely thought of."""
    return [
        (ANY_PRODUCT if asked.sure.get(term, 1.0) > BARELY else THOUGHT_OF) if term in concepts.any_product else 0
        for term in asked.processes
    ]


def weigh(reader: Reader, word: str) -> float:
    """How telling a folded word is, in whole GRAINs: sums of such numbers come out the same in any order, to the bit."""
    return round(reader.weight(word) / GRAIN) * GRAIN


def in_hundredths(values: Iterable[float]) -> Floats:
    """Factors and shares as both directions keep them."""
    return np.array([round(value * 100) for value in values], dtype=np.float32)


def told_weight(reader: Reader, asked: Asked) -> float:
    """What a need's telling words weigh; of a long story no more than an offer can be expected to repeat."""
    return min(max(sum(weigh(reader, word) for word in asked.tokens), 1e-9), MOST_TOLD)


def blended(kind: str, served: Any, share: Any) -> Any:
    """From how well each term is served (first axis) to how well all are; unused terms have share 0.

    The best served term counts most; beside it, how many of the others are served at all.
    """
    best = served.max(axis=0)
    mean = (np.where(served >= FIT, served, 0.0) * share).sum(axis=0) / np.maximum(share.sum(axis=0), 1e-9)
    several = (share > 0).sum(axis=0) > 1
    return np.where(several, (1 - MEAN[kind]) * best + MEAN[kind] * mean, best)


def matrix(
    product: Any, process: Any, thought: Any, text: Any, title: Any, told: Told, ruled_out: Any, limited: dict[str, Any]
) -> Floats:
    """The features of pairs, one row a pair; without a product read, `product` is what the words say of it; `thought` is how
    well the step is served that is served best, however unsure it is."""
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
    made[:, AT["thought"]] = thought
    for name, value in limited.items():
        made[:, AT[name]] = value
    return made


@dataclass(frozen=True, slots=True)
class Named:
    """What reasons are told from: the part of `Offered` that the index keeps."""

    products: tuple[str, ...]
    processes: tuple[str, ...]
    side_processes: tuple[str, ...]
    classes: tuple[str, ...]
    serves: int


class OfferIndex:
    """Offers by their terms and words."""

    def __init__(self, reader: Reader, codes: Codes) -> None:
        self._reader, self._codes = reader, codes
        self._concepts = reader.concepts
        self.rows = self._new_rows()
        self._owns = False
        self._terms: dict[str, int] = {}  # numbers of terms
        self._term_of: list[str] = []
        self._lists = Lists()  # the terms of an offer: their number, with the place in LISTED

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
                  "title": sum(weigh(self._reader, word) for word in title)}  # fmt: skip
        self.rows.put(offer_id, values, ((name, 1, 0) for name in self.names(item)))
        self._lists.add(
            [len(LISTED) * self._number(term) + at for at, part in enumerate(LISTED) for term in getattr(item, part)]
        )

    def _number(self, term: str) -> int:
        number = self._terms.setdefault(term, len(self._term_of))
        if number == len(self._term_of):
            self._term_of.append(term)
        return number

    def told(self, row: int) -> tuple[Named, dict[str, Any]]:
        """(what is named, what is stated in numbers) of the offer in a row, as it was put in."""
        rows = np.array([row], dtype=np.int32)
        terms: tuple[list[str], ...] = ([], [], [], [])
        for value in self._lists.of(rows)[0].tolist():
            terms[value % len(LISTED)].append(self._term_of[value // len(LISTED)])
        products, processes, side, classes = map(tuple, terms)
        held = self.rows.of(rows)
        given = dict(zip(held.dtype.names or (), held[0].item(), strict=True))
        return Named(products, processes, side, classes, given["serves"]), given

    def drop(self, offer_id: str) -> None:
        """Forgets an offer."""
        self.rows.drop(offer_id)

    def _served(
        self, kind: str, terms: tuple[str, ...], keeps: bool, fitting: Flags, related: list[str]
    ) -> list[Floats]:
        """For each term how well each row serves it; marks the rows that fit one, notes the keys of those only related."""
        found = []
        for term in terms:
            here = np.zeros(self.rows.size, dtype=np.float32)
            for key, value in reach(self._concepts, kind, term, keeps):  # the strongest is written last
                places = self.rows.at(key)
                here[places] = value
                if value >= FIT:
                    fitting[places] = True
                else:
                    related.append(key)
            found.append(here)
        return found

    @staticmethod
    def _blend(kind: str, asked: Asked, served: list[Floats], rows: Any) -> Any:
        if not served:
            return np.zeros(len(rows), dtype=np.float32)
        factor, share = (in_hundredths(row)[:, None] / np.float32(100) for row in factors(kind, asked))
        return blended(kind, np.stack([row[rows] for row in served]) * factor, share)

    def _said(self, lead: str, words: Any) -> Floats:
        """The weight of these words that each row holds."""
        total = np.zeros(self.rows.size, dtype=np.float32)
        for word in words:
            total[self.rows.at(f"{lead} {word}")] += weigh(self._reader, word)
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
        touched, related = np.zeros(self.rows.size, dtype=bool), list[str]()
        goods = self._served("product", asked.products, self._concepts.keeps(asked.steps), touched, related)
        steps = self._served("process", asked.processes, False, touched, related)
        own = {kind: self._own(kind, asked) for kind, _ in KINDS}
        told = told_weight(self._reader, asked)
        text = np.minimum(self._said("word", asked.tokens) / told, 1.0)
        touched |= text >= SAME_WORDS
        if self._owns:
            touched |= (own["product"] > 0) | (own["process"] > 0)
        if np.count_nonzero(touched) < MANY:
            for key in related:
                touched[self.rows.at(key)] = True
        if not asked.products and not asked.processes:
            touched |= text > 0
        near = NOTHING
        if not asked.products and asked.near_step:
            near = self._said("word", asked.near_step) / np.float32(
                max(sum(weigh(self._reader, word) for word in asked.near_step), 1e-9)
            )
            touched |= near > 0
        rows = np.flatnonzero(touched & self.rows.alive)
        product = self._blend("product", asked, goods, rows)
        process = self._blend("process", asked, steps, rows)
        if not asked.products and asked.near_step:
            product = near[rows]
        for suits, served in zip(suiting(self._concepts, asked), steps, strict=True):
            if suits:
                product = np.maximum(product, np.where(served[rows] > SURELY, np.float32(suits / 100), 0))
        product, process = np.maximum(product, own["product"][rows]), np.maximum(process, own["process"][rows])
        thought = np.max([row[rows] for row in steps], axis=0) if steps else np.zeros(len(rows), dtype=np.float32)
        tell = Told(
            bool(asked.products) | (own["product"][rows] > 0), bool(asked.steps) | (own["process"][rows] > 0),
            *(np.full(len(rows), part) for part in (asked.vague, asked.wordy)),
        )  # fmt: skip
        best = self._worth(tell, product, process, text[rows])
        rows, product, process, thought = rows[best].astype(np.int32), product[best], process[best], thought[best]
        tell = Told(*(part[best] for part in tell.parts))
        title = self._said("title", asked.tokens)[rows] / np.maximum(self.rows.column("title")[rows], 1e-9)
        offered = {name: self.rows.column(name)[rows] for name in (*BOTH, "serves")}
        return rows, matrix(
            product, process, thought, text[rows], title, tell, self._ruled_out(asked, rows),
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
