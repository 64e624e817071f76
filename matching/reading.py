"""Reads a need and an offer into what is compared: concepts, telling words, sizes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from domain.offer import Offer
from domain.spelling import Speller
from domain.text import fold, place_tone
from knowledge.library import Library
from matching.concepts import KINDS, MASK, SIGNIFICANT, Concepts, Spot
from matching.hearing import ceiling, declined, only_masked, scale, unnested
from matching.listening import Listener
from matching.marks import shipped_marks
from matching.measure import OPEN_HIGH, OPEN_LOW, mode_bits, money_of, province_bit, serves_bits, size_of
from matching.settled import Settled
from matching.sought import MOST_TOKENS, Asked, Offered
from matching.unlisted import offered, spelt_out
from matching.vocabulary import chat_spellings, place_names, rarity, texts_of
from matching.wanted import Wanted
from matching.weighing import BARELY, PERHAPS, READ, stated_of, weighed
from matching.words import BREAK, Words, key_of, message_words, printed, words_of

SLOTS = 6  # terms of one kind that a need is compared by
ENOUGH_WORDS = 3  # telling words from which the words of a need can speak alone
UNLIKELY = 0.1  # a short name without marks that is less likely than this is not thought of
TELLING = SIGNIFICANT | {"problem"}  # what says which product or step is meant
AFTER = 3  # telling words behind a step that may name what it is done to
SOLD, ONLY = "sold", "only"  # wishes that name no way of transfer
READY = 8  # the readiness of what is already sold
UNSEEN = 6.0  # weight of a word that the shipped texts do not hold
HYBRID = re.compile(r"\d")


class Reader:
    """Turns texts and slots into what is compared."""

    def __init__(self, concepts: Concepts, library: Library) -> None:
        self.concepts = concepts
        concepts.mask(place_names(library))
        self._speller = Speller(concepts.vocabulary, chat_spellings(library.teencode, concepts.vocabulary))
        technology = library.technology
        empty = str(technology["empty_words"]).split()
        self._empty = {place_tone(word) for word in empty}
        self._empty_plain = {fold(word) for word in empty}
        self._perhaps_words = frozenset(fold(word) for word in technology["perhaps"])
        self._tools = frozenset(fold(word) for word in technology["tools"])
        self._rarity = rarity(texts_of(library))
        self._settled = Settled(concepts, technology)
        self._listener = Listener(concepts, technology["wanting"])

    def weight(self, token: str) -> float:
        """How telling a folded word is."""
        return self._rarity.get(token, UNSEEN)

    def need(self, wanted: Wanted) -> Asked:
        """A need, read."""
        wanted = replace(wanted, processes=spelt_out(self.concepts, wanted.processes))
        words = message_words(wanted.text, self._speller)
        found = self.concepts.read(words, mend=True)
        apart = unnested(found)
        spots = self._settled.meant(words, apart)
        kept = {(spot.kind, spot.concept) for spot in spots}
        undone = {(spot.kind, spot.concept) for spot in apart if spot.kind in SIGNIFICANT} - kept
        left_by = [spot for spot in found if spot.kind in SIGNIFICANT and (spot.kind, spot.concept) not in kept]
        done = {
            term for term in wanted.processes if not wanted.stated
            and (("process", self.concepts.concept("process", term)) in undone or only_masked(term, words, spots))
        }  # fmt: skip
        processes = self._terms(
            "process", [term for term in wanted.processes if term not in done], spots, wanted.stated
        )
        meant = set(self._goods_in(self._unknown(wanted.products), masks=False))  # "ván gỗ keo" names gỗ keo
        goods = (*self._goods_in(wanted.processes), *meant)  # "hái chè" names chè as well
        spots += [Spot("product", concept, 0, 0) for concept in goods]
        given = [
            term for term in wanted.products
            if ("product", self.concepts.concept("product", term)) not in undone
            and (wanted.stated or not (only_masked(term, words, found, 2) or self._unlikely(term, words)))
        ]  # fmt: skip
        products = self._terms("product", given, spots, wanted.stated)
        stated = self._borne_out("product", given, spots, words)
        stated |= self._borne_out("process", wanted.processes, spots, words)
        hints = dict.fromkeys(spot.concept for spot in spots if spot.kind == "problem")
        processes = (*processes, *(hint for hint in hints if self._news(hint, processes)))[:SLOTS]
        named = {*products, *processes} if words.marked else self._firm(spots)
        perhaps = [] if words.marked else self._perhaps(words, found)
        products = self._with(products, [spot.concept for spot in perhaps if spot.kind == "product"])
        steps = [spot.concept for spot in perhaps if spot.kind == "process"]
        processes = self._with(
            processes, [term for term in steps if not processes or term not in self.concepts.general]
        )
        sure = {
            term: READ if term in named or term in stated else PERHAPS if (named | stated).isdisjoint(terms) else BARELY
            for terms in (products, processes) for term in terms if term not in stated or not (words.marked or term in named)
        }  # fmt: skip
        if wanted.stated:
            sure = self._beside(sure, wanted, products, processes, meant)
        firm = bool(wanted.stated and wanted.processes) or self._firm_step(processes, sure, words, spots)
        heard = self._listener.heard(wanted, words, apart, {concept for kind, concept in undone if kind == "process"})
        told: frozenset[str] = frozenset()
        if heard.steps or heard.wished:
            processes, sure, told, firm = weighed(self.concepts, heard, processes, sure, firm, SLOTS)
        tokens, near = self._telling(words, spots)
        keeping = bool(products) and firm and self.concepts.keeps(processes)  # drying wood is no word for making boards
        vague = not stated_of(processes, told, sure) and not self._work(words, spots)
        low, high = self._money(wanted, spots)
        trl, modes, strict = self._wish(words, spots)
        trl, modes = max(trl, wanted.trl_min or 0), modes | mode_bits(wanted.modes)
        excluded = self._excluded(wanted, processes, self._settled.left_by(words, products, left_by))
        return Asked(
            words, products, processes, sure, firm, told, tokens,
            len(tokens) >= ENOUGH_WORDS and not keeping, near, vague, size_of(wanted.capacity), low, high,
            province_bit(wanted.province_code), trl, scale(spots), modes, strict, excluded,
        )  # fmt: skip

    def _excluded(
        self, wanted: Wanted, processes: Iterable[str], left_by: Iterable[tuple[str, str]]
    ) -> tuple[tuple[str, str], ...]:
        """What a need rules out: what left its residues behind, unless it is stated, and what the person said no to."""
        behind = [part for part in left_by if part[1] not in processes or not wanted.stated]
        refused = [
            (kind, self.concepts.concept(kind, term))
            for term in wanted.excluded for kind, _ in KINDS if self.concepts.known(kind, term)
        ]  # fmt: skip
        return (*behind, *refused)

    @staticmethod
    def _money(wanted: Wanted, spots: Iterable[Spot]) -> tuple[float, float]:
        """(least, most) in VND that may be spent: as read, else what the text says at most, else a rough word for it."""
        low, high = money_of(wanted.budget)
        if (low, high) == (OPEN_LOW, OPEN_HIGH):
            low, high = ceiling(wanted.text)
        rough = [spot.concept for spot in spots if spot.kind == "money"]
        if rough and (low, high) == (OPEN_LOW, OPEN_HIGH):
            low, high = (float(end) * 1e6 for end in rough[0].split("-"))
        return low, high

    def _unknown(self, products: Iterable[str]) -> list[str]:
        """The products that no vocabulary knows."""
        return [term for term in products if not self.concepts.known("product", term)]

    def _goods_in(self, terms: Iterable[str], masks: bool = True) -> list[str]:
        """The products that terms name, also by words that say nothing in a text unless `masks`: "cây hương"."""
        found = [spot for term in terms for spot in self.concepts.read(words_of(term), masks=masks)]
        return list(dict.fromkeys(spot.concept for spot in found if spot.kind == "product"))

    def _beside(
        self, sure: Mapping[str, float], wanted: Wanted, products: Iterable[str], processes: Iterable[str],
        meant: Iterable[str],
    ) -> dict[str, float]:  # fmt: skip
        """How sure terms are when the person has stated some of their kind: those are, what the text names besides adds to
        the score and demands nothing. `meant` are products that stated ones, unknown themselves, name."""
        made = dict(sure)
        for kind, given, terms in (("product", wanted.products, products), ("process", wanted.processes, processes)):
            held = {self.concepts.concept(kind, term) for term in given}
            known = {self.concepts.concept(kind, term) for term in given if self.concepts.known(kind, term)}
            if kind == "product":
                known.update(
                    meant, (term for term in held if self.concepts.parents(kind, term))
                )  # "rượu thóc" is a rượu
                held.update(meant)
            above = {up for term in held for up in self.concepts.above(kind, term)}
            for term in terms if held else ():
                if term in held and (not known or term in known):
                    made.pop(term, None)
                elif term in held or (term not in above and held.isdisjoint(self.concepts.above(kind, term))):
                    made[term] = BARELY
                else:
                    made.pop(term, None)
        return made

    def _terms(self, kind: str, given: Iterable[str], spots: Iterable[Spot], sure: bool) -> tuple[str, ...]:
        """The terms of a need: given ones, with those read; unless given ones are `sure`, a narrower one read replaces them."""
        stated = self._narrowest(kind, (self.concepts.concept(kind, term) for term in given if term.strip()))
        read = self._narrowest(kind, (spot.concept for spot in spots if spot.kind == kind))
        above = {up for term in read for up in self.concepts.above(kind, term)}
        plain = [
            term for term in stated
            if kind == "process" or self.concepts.known(kind, term) or self.concepts.residual(term)
        ]  # fmt: skip
        # Of "gạch từ bột đá" only gạch is known, so it stays.
        under = {up for term in plain for up in self.concepts.above(kind, term)}
        kept = [term for term in stated if sure or term not in above] + [
            t for t in read if t not in stated and t not in under
        ]
        if kind == "process" and not set(kept) <= self.concepts.general:
            kept = [term for term in kept if term not in self.concepts.general]
        return tuple(kept)[:SLOTS]

    def _narrowest(self, kind: str, terms: Iterable[str]) -> list[str]:
        named = list(dict.fromkeys(terms))
        wider = {above for term in named for above in self.concepts.above(kind, term)}
        return [term for term in named if term not in wider]

    def _titled(self, term: str, titled: Iterable[str]) -> bool:
        """Whether a title names a step, or what it is a kind of."""
        return any(other in self.concepts.above("process", term) for other in titled)

    @staticmethod
    def _firm(spots: Iterable[Spot]) -> set[str]:
        """What a text without marks names by more than one word."""
        return {spot.concept for spot in spots if spot.kind in TELLING and spot.after - spot.at > 1}

    def _perhaps(self, words: Words, spots: Iterable[Spot]) -> list[Spot]:
        """What words without marks may mean besides, where no longer name stands."""
        taken = {
            at for spot in spots if spot.after - spot.at > 1 or spot.kind == MASK for at in range(spot.at, spot.after)
        }
        free = [
            at for at in range(len(words.folded))
            if at not in taken and at not in words.proper
            and (words.folded[at] in self._perhaps_words or not self._empty_word(words, at))
        ]  # fmt: skip
        chances: dict[int, dict[str, float]] = {}
        kept = []
        for spot, said in self.concepts.perhaps(words, free):
            if spot.at not in chances:
                chances[spot.at] = shipped_marks().chances(words.folded, spot.at)
            if chances[spot.at].get(said, 0.0) >= UNLIKELY:
                kept.append(spot)
        return kept

    def _unlikely(self, term: str, words: Words) -> bool:
        """Whether a term was only read from words without marks that rather mean something else."""
        row = words_of(term)
        if words.marked or len(row.folded) > 2:
            return False
        places = [at for at in range(len(words.folded)) if words.folded[at : at + len(row.folded)] == row.folded]
        return bool(places) and all(
            any(
                shipped_marks().chances(words.folded, at + by).get(said, 0.0) < UNLIKELY
                for by, said in enumerate(row.said)
            )
            for at in places
        )

    @staticmethod
    def _with(terms: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
        return (*terms, *(term for term in dict.fromkeys(more) if term not in terms))[:SLOTS]

    def _borne_out(self, kind: str, given: Iterable[str], spots: Iterable[Spot], words: Words) -> frozenset[str]:
        """The given terms that the text bears out; all of them when it bears out none."""
        line = f" {' '.join(words.folded)} "
        read = {spot.concept for spot in spots if spot.kind == kind}
        read |= {up for term in list(read) for up in self.concepts.above(kind, term)}
        terms = [(self.concepts.concept(kind, term), term) for term in given if term.strip()]
        borne = frozenset(
            concept for concept, term in terms if concept in read or f" {' '.join(words_of(term).folded)} " in line
        )
        return borne or frozenset(concept for concept, _ in terms) | {
            spot.concept for spot in spots if spot.kind == kind
        }

    def _firm_step(self, processes: Iterable[str], sure: Mapping[str, float], words: Words, spots: list[Spot]) -> bool:
        """Whether a step is named so plainly that an offer without it is no answer.

        Without marks a short name that was only perhaps meant does not do, nor one that is rather a small word ("can").
        """
        plain = {word for at, word in enumerate(words.folded) if not self._empty_word(words, at)}
        read = {spot.concept for spot in spots if spot.kind in ("process", "problem")}
        return any(
            sure.get(term, 1.0) > PERHAPS and (words.marked or term in read or plain.issuperset(words_of(term).folded))
            for term in processes
        )

    def _news(self, hint: str, processes: Iterable[str]) -> bool:
        """Whether a step that a trouble hints at is another than those named."""
        family = {hint, *self.concepts.above("process", hint)}
        return not any(family & {term, *self.concepts.above("process", term)} for term in processes)

    def _empty_word(self, words: Words, at: int) -> bool:
        folded, said = words.folded[at], words.said[at]
        if said in self._empty or folded.isdigit() or len(folded) == 1:
            return True
        if HYBRID.search(folded) and folded[0].isdigit():
            return True
        return said == folded and folded in self._empty_plain

    def _telling(self, words: Words, spots: list[Spot]) -> tuple[tuple[str, ...], frozenset[str]]:
        covered = {at for spot in spots if spot.kind in TELLING for at in range(spot.at, spot.after)}
        named = {
            at
            for spot in spots
            if spot.kind in SIGNIFICANT and spot.after - spot.at > 1
            for at in range(spot.at, spot.after)
        }
        telling = [
            at for at in range(min(len(words.folded), MOST_TOKENS)) if at in named or not self._empty_word(words, at)
        ]  # "dau phu" is đậu phụ, though "dau" alone is rather đầu
        near: set[str] = set()
        for spot in spots:
            if spot.kind == "process":
                behind = [at for at in telling if at >= spot.after][:AFTER]
                near.update(words.folded[at] for at in behind if at not in covered and at - spot.after < AFTER + 2)
        return tuple(dict.fromkeys(words.folded[at] for at in telling)), frozenset(near)

    def _work(self, words: Words, spots: list[Spot]) -> bool:
        """Whether a word beside the products says what is to be done."""
        goods = {at for spot in spots if spot.kind == "product" for at in range(spot.at, spot.after)}
        if any(word in self._tools for word in words.folded):
            return True
        named = {word for spot in spots if spot.kind == "product" for word in words.folded[spot.at : spot.after]}
        return any(at not in goods and words.folded[at] not in named and not self._empty_word(words, at)
                   for at in range(len(words.folded)))  # fmt: skip

    @staticmethod
    def _wish(words: Words, spots: list[Spot]) -> tuple[int, int, bool]:
        """(lowest readiness, ways of transfer, whether no other way will do), without the ways that are declined."""
        wishes = {
            spot.concept for spot in spots
            if spot.kind.startswith("wish") and not declined(words, spot.at)
        }  # fmt: skip
        modes = mode_bits(wish for wish in wishes if wish not in (SOLD, ONLY))
        return READY if SOLD in wishes else 0, modes, ONLY in wishes and bool(modes)

    def offer(self, offer: Offer) -> Offered:
        """An offer, read."""
        title, summary = printed(offer.title), printed(offer.summary)
        listing = int(not any(self.concepts.known("process", step) for step in offer.processes))
        in_title = self._settled.meant(title, unnested(self.concepts.read(title), listing))
        in_summary = self._settled.meant(summary, unnested(self.concepts.read(summary), listing))
        strong: dict[str, tuple[str, ...]] = {}
        weak: dict[str, tuple[str, ...]] = {}
        classes: dict[str, tuple[str, ...]] = {}
        side: tuple[str, ...] = ()
        own = tuple(
            (kind, term) for kind, listed in (("product", offer.products), ("process", offer.processes)) for term in listed
            if key_of(term) and not self.concepts.known(kind, term)
        )  # fmt: skip
        for kind, listed in (("product", offer.products), ("process", offer.processes)):
            named = [self.concepts.concept(kind, term) for term in listed if term.strip()]
            above = {up for term in named for up in self.concepts.above(kind, term)}
            titled = [spot.concept for spot in in_title if spot.kind == kind]
            classes[kind] = tuple(dict.fromkeys(term for term in titled if term in above))
            if kind == "process":
                side = tuple(term for term in named[1:] if term not in titled and not self._titled(term, titled))
                side += tuple(
                    dict.fromkeys(
                        step for step in offered(self.concepts, listed, (title, summary)) if step not in named
                    )
                )
                named = [term for term in named if term not in side]
            named += [term for term in titled if term not in above]
            strong[kind] = tuple(dict.fromkeys(named))
            only = [spot.concept for spot in in_summary if spot.kind == kind and spot.concept not in named]
            weak[kind] = tuple(dict.fromkeys(only))
        listed_words = words_of(" . ".join((*offer.products, *offer.processes)))
        said = (*title.folded, *listed_words.folded, *summary.folded)[: 2 * MOST_TOKENS]
        tokens = tuple(word for word in dict.fromkeys(said) if word != BREAK)
        price = offer.price_million_vnd
        low, high = money_of(price, 1e6) if price else (OPEN_LOW, OPEN_HIGH)
        told = tuple(title.folded[at] for at in range(len(title.folded)) if not self._empty_word(title, at))
        return Offered(
            strong["product"], strong["process"], weak["product"], weak["process"], classes["product"], own, side, told, tokens,
            size_of(offer.capacity), low, high, serves_bits(str(offer.serves)), scale((*in_title, *in_summary)), offer.trl or 0,
            mode_bits(offer.transfer_modes),
        )  # fmt: skip
