"""The index of standing needs: it measures an offer against all of them, to the same bit as a need against the offer.

Nothing is done for all needs: candidates come from postings, everything else is looked up for the candidates alone.
"""

from array import array
from collections.abc import Hashable
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.text import fold
from matching.concepts import KINDS
from matching.limits import limits
from matching.measure import Floats
from matching.reading import SLOTS, Reader
from matching.relation import FIT, SIGN
from matching.rows import NOWHERE, Flags, Ints, Lists, Rows, distinct
from matching.score import SAME_WORDS, Told, decided
from matching.sides import (
    BOTH,
    OWN,
    SURELY,
    Codes,
    asked_columns,
    blended,
    factors,
    in_hundredths,
    matrix,
    suiting,
    told_weight,
    weigh,
)
from matching.sought import LONGEST_OWN, MOST_TOKENS, Asked, Offered, own_key
from matching.stated import Stated

Key = TypeVar("Key", bound=Hashable)
Held = NDArray[Any]  # rows as `Rows.of` gives them
NEAR: Final = 1  # marks a word right behind a named step, in a need that names no product


class NeedIndex(Generic[Key]):
    """Standing needs by their terms and words."""

    def __init__(self, reader: Reader, codes: Codes) -> None:
        self._reader, self._codes = reader, codes
        self._concepts = reader.concepts
        self._stated = {kind: Stated(self._concepts, kind) for kind, _ in KINDS}
        hundredths = {f"{part}_{kind}": (np.uint8, SLOTS) for kind, _ in KINDS for part in ("factor", "share")}
        numbers = {f"terms_{kind}": (np.int32, SLOTS) for kind, _ in KINDS}
        flags = dict.fromkeys(
            ("has_product", "has_process", "vague", "wordy", "marked", "suits_any", "keeps", "excludes"),
            (np.bool_, 1),
        )
        sums = dict.fromkeys(("told", "told_step"), (np.float32, 1))
        limits_ = {"province": (np.int64, 1), "strict": (np.int8, 1)}
        self.rows: Rows[Key] = Rows(
            {**BOTH, **hundredths, **numbers, **flags, **sums, **limits_, "any_product": (np.uint8, SLOTS)}
        )
        self._word: dict[str, int] = {}  # numbers of words
        self._telling = Lists()  # the telling words of a need: twice the word's number, NEAR added to some
        self._folded: array[int] = array("i")  # for each word the number of what it is without marks
        self._text = Lists()  # all its words in their order, as said

    def put(self, key: Key, asked: Asked) -> None:
        """Adds or replaces a need."""
        values: dict[str, Any] = asked_columns(self._codes, asked)
        for kind, terms in (("product", asked.products), ("process", asked.processes)):
            numbers = [self._stated[kind].number(term) for term in terms]
            factor, share = (in_hundredths(row).tolist() for row in factors(kind, asked))
            rest = [0] * (SLOTS - len(terms))
            values[f"terms_{kind}"] = numbers + rest
            values[f"factor_{kind}"], values[f"share_{kind}"] = factor + rest, share + rest
            values[f"has_{kind}"] = bool(terms if kind == "product" else asked.steps)
        any_product = suiting(self._concepts, asked)
        suits = any(any_product)
        values["any_product"] = any_product + [0] * (SLOTS - len(any_product))
        values["vague"], values["wordy"], values["suits_any"] = asked.vague, asked.wordy, suits
        values["marked"] = asked.words.marked
        values["keeps"], values["excludes"] = self._concepts.keeps(asked.steps), bool(asked.excluded)
        values["told"] = told_weight(self._reader, asked)
        near = frozenset() if asked.products else asked.near_step
        values["told_step"] = sum(weigh(self._reader, word) for word in near)
        self.rows.put(key, values, ((name, 1, 0) for name in self._names(asked, suits, near)))
        self._telling.add([2 * self._number(word) + NEAR * (word in near) for word in asked.tokens])
        words = zip(asked.words.said[:MOST_TOKENS], asked.words.folded, strict=False)
        self._text.add([self._number(said, folded) for said, folded in words])

    def _number(self, word: str, folded: str | None = None) -> int:
        """The number of a word; of one with marks the folded one has its own."""
        number = self._word.get(word)
        if number is None:
            number = self._word[word] = len(self._word)
            self._folded.append(number)
            if folded is not None and folded != word:
                self._folded[number] = self._number(folded)
        return number

    def _names(self, asked: Asked, suits: bool, near: frozenset[str]) -> set[str]:
        """The keys under which a need is found."""
        free = suits or not asked.products  # no product is demanded of an offer
        names = {f"step {'alone ' * free}{term}" for term in asked.processes}
        if not free or not asked.steps:
            names.update(f"good {'alone ' * (not asked.steps)}{term}" for term in asked.products)
        if not asked.products and not asked.steps:
            names.update(f"near {word}" for word in near)
        if asked.wordy:
            names.update(f"lead {word}" for word in self._leading(asked))
        names.update(f"word {word}" for word in asked.words.folded[:MOST_TOKENS])
        names.update(f"not {SIGN[kind]}={term}" for kind, term in asked.excluded)
        return names

    def _leading(self, asked: Asked) -> list[str]:
        """The most telling words of a need, so many that an offer without any of them cannot repeat SAME_WORDS of it."""
        weights = {word: weigh(self._reader, word) for word in asked.tokens}
        spare = sum(weights.values()) - SAME_WORDS * told_weight(self._reader, asked)
        found = []
        for word in sorted(weights, key=lambda word: -weights[word]):
            if spare < 0:
                break
            found.append(word)
            spare -= weights[word]
        return found

    def drop(self, key: Key) -> None:
        """Forgets a need."""
        self.rows.drop(key)

    # --- from an offer to needs ---------------------------------------------------------------------------------
    def keys(self, kind: str, item: Offered) -> dict[str, float]:
        """The keys of needs that an offer's terms reach, each with its best strength."""
        return self._stated[kind].keys(item)

    @staticmethod
    def _serves(kind: str, table: Floats, held: Held) -> Floats:
        """How well each term of these needs is served, slot by row."""
        return np.asarray(table.ravel().take(held[f"terms_{kind}"].T + held["keeps"] * table.shape[1]))

    def _fits(self, kind: str, table: Floats, held: Held) -> Flags:
        """Which of these needs have a term of the kind served."""
        return np.asarray((self._serves(kind, table, held) >= FIT).any(axis=0))

    def _by_terms(self, tables: dict[str, Floats]) -> Ints:
        """The needs of whose every stated kind a term is served."""
        rows = self.rows
        goods, steps = (self._stated[kind].fitting(tables[kind]) for kind, _ in KINDS)
        by_good, by_step = [f"good {term}" for term in goods], [f"step {term}" for term in steps]
        if rows.count(by_good) < rows.count(by_step):
            found = rows.among(by_good)
            found = found[self._fits("process", tables["process"], rows.of(found))]
        else:
            found = rows.among(by_step)
            found = found[self._fits("product", tables["product"], rows.of(found))]
        alone = rows.among([f"good alone {term}" for term in goods] + [f"step alone {term}" for term in steps])
        return np.concatenate((found, alone))

    def _by_own(self, tables: dict[str, Floats], own: dict[str, Ints]) -> Ints:
        """The needs that hold a term which only the offer knows and of whose other kind, if stated, a term is served."""
        some = own["product"]
        held = self.rows.of(some)
        work = self._fits("process", tables["process"], held) | ~held["has_process"]
        by_good = some[work | np.isin(some, own["process"])]
        some = own["process"]
        held = self.rows.of(some)
        goods = self._fits("product", tables["product"], held) | ~held["has_product"] | held["suits_any"]
        return np.concatenate((by_good, some[goods | np.isin(some, own["product"])]))

    def _own(self, item: Offered, kind: str) -> Ints:
        """Which needs hold, word for word, a term that only the offer knows, as `Asked.phrases` has it."""
        found = [NOWHERE]
        for term in (own_key(term) for own_kind, term in item.own if own_kind == kind):
            words = term.split(" ")
            if len(words) <= LONGEST_OWN and all(word in self._word for word in words):
                likely = min((self.rows.at(f"word {fold(word)}") for word in words), key=len)
                found.append(self._holding(likely, [self._word[word] for word in words]))
        return distinct(np.concatenate(found))

    def _holding(self, rows: Ints, words: list[int]) -> Ints:
        """Which of these needs hold these words one behind the other; a single one as said, where marks are typed."""
        if len(words) == 1:
            rows = rows[self.rows.column("marked")[rows]]
        said, whose = self._text.of(rows)
        if len(words) > 1:
            said = np.array(self._folded, dtype=np.int32).take(said)
        after = len(said) - len(words) + 1
        hit = np.flatnonzero(said[: max(after, 0)] == words[0])
        for at, word in enumerate(words[1:], 1):
            hit = hit[said[hit + at] == word]
        return np.asarray(rows[whose[hit[whose[hit] == whose[hit + len(words) - 1]]]])

    def _weights(self, words: set[str]) -> Floats:
        """For each word of the needs what it weighs if it is one of these, else 0."""
        found = np.zeros(len(self._word), dtype=np.float32)
        for word in words:
            number = self._word.get(word)
            if number is not None:
                found[number] = weigh(self._reader, word)
        return found

    def _said(self, rows: Ints, weights: Floats, only: int = 0) -> Floats:
        """What the telling words of these needs weigh together; `only` those that bear the mark."""
        words, whose = self._telling.of(rows)
        if only:
            marked = (words & only) > 0
            words, whose = words[marked], whose[marked]
        return np.bincount(whose, weights.take(words >> 1), len(rows)).astype(np.float32)

    def _candidates(self, item: Offered, words: set[str], weights: Floats, tables: dict[str, Floats],
                    own: dict[str, Ints]) -> Ints:  # fmt: skip
        """All needs that an offer may serve, in the order of their rows."""
        rows = self.rows
        speaking = distinct(rows.among(f"lead {word}" for word in words))
        text = self._said(speaking, weights) / np.maximum(rows.column("told")[speaking], 1e-9)
        found = [self._by_terms(tables), rows.among(f"near {word}" for word in words), speaking[text >= SAME_WORDS]]
        if item.own:
            found.append(self._by_own(tables, own))
        every = distinct(np.concatenate(found))
        return np.asarray(every[rows.alive[every]])

    def measure(self, item: Offered) -> tuple[Ints, Floats, Told]:
        """(rows, features, what the needs tell) of all needs that an offer may serve: none that is shown is left out."""
        title = set(item.title)
        words = {*item.tokens, *title}
        weights = self._weights(words)
        tables = {kind: self._stated[kind].served(item) for kind, _ in KINDS}
        own = {kind: self._own(item, kind) for kind, _ in KINDS}
        rows = self._candidates(item, words, weights, tables, own)
        held = self.rows.of(rows)
        steps = self._serves("process", tables["process"], held)
        process = self._blend("process", held, steps)
        thought = np.where(held["factor_process"].T > 0, steps, 0).max(axis=0)
        product = self._blend("product", held, self._serves("product", tables["product"], held))
        if (near := held["told_step"] > 0).any():
            product = np.where(near, self._said(rows, weights, NEAR) / np.maximum(held["told_step"], 1e-9), product)
        anyhow = np.where(steps > SURELY, held["any_product"].T, 0).max(axis=0) / np.float32(100)
        product = np.maximum(product, anyhow)
        own_product, own_process = (np.isin(rows, own[kind]) for kind, _ in KINDS)
        product = np.maximum(product, np.where(own_product, np.float32(OWN), 0))
        process = np.maximum(process, np.where(own_process, np.float32(OWN), 0))
        told = Told(held["has_product"] | own_product, held["has_process"] | own_process, held["vague"], held["wordy"])
        text = np.minimum(self._said(rows, weights) / np.maximum(held["told"], 1e-9), 1)
        titled = self._said(rows, self._weights(title)) / np.float32(
            max(sum(weigh(self._reader, word) for word in title), 1e-9)
        )
        offered = {**self._codes.of(item), "serves": item.serves}
        return rows, matrix(
            product, process, thought, text, titled, told, self._ruled_out(item, rows, held), limits(held, offered)
        ), told  # fmt: skip

    @staticmethod
    def _blend(kind: str, held: Held, served: Floats) -> Any:
        factor, share = (held[f"{part}_{kind}"].T / np.float32(100) for part in ("factor", "share"))
        return blended(kind, served * factor, share)

    def _ruled_out(self, item: Offered, rows: Ints, held: Held) -> Any:
        excluding = np.flatnonzero(held["excludes"])
        if not len(excluding):
            return 0.0
        names = []
        for kind, terms in (("product", item.products), ("process", item.processes)):
            if kind == "process" or len(terms) == 1:
                names += [f"not {SIGN[kind]}={name}" for term in terms
                          for name in (term, *self._concepts.above(kind, term))]  # fmt: skip
        out = np.zeros(len(rows), dtype=np.float32)
        out[excluding] = np.isin(rows[excluding], self.rows.among(names))
        return out

    def shown(self, item: Offered) -> tuple[Ints, Floats]:
        """(rows, scores) of the needs that an offer serves."""
        rows, features, told = self.measure(item)
        chance, shown = decided(features, told)
        return rows[shown], chance[shown]
