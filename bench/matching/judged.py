"""The judged needs with their catalogues, also without diacritics, with slips of the keyboard, and with both."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.needs import merged, wanted_from
from domain.offer import Offer
from domain.text import fold
from knowledge.library import load, read_offers
from matching.wanted import Wanted
from nlu.entities import read_entities
from nlu.places import Places
from nlu.terms import Terms
from storage.seed import offer_from

GOLDEN = Path(__file__).parents[2] / "tests" / "golden" / "matching"
SLIPS = 0.18  # share of the longer words with a slip
TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Judged:
    """One need as matching sees it, with grades by offer id (3 fits all, 2 one limit off, 1 complement, 0 not)."""

    id: str
    wanted: Wanted
    grades: Mapping[str, int]

    @property
    def good(self) -> bool:
        """Whether anything serves it."""
        return any(grade >= 2 for grade in self.grades.values())


@dataclass(frozen=True)
class JudgedSet:
    """Needs with the catalogue they are judged on."""

    name: str
    offers: tuple[Offer, ...]
    needs: tuple[Judged, ...]


def plain(text: str) -> str:
    """As written."""
    return text


def stripped(text: str) -> str:
    """Without diacritics."""
    return fold(text)


def slips(text: str) -> str:
    """With letters swapped, dropped or doubled in some of the longer words; the same text gets the same slips."""
    chance = random.Random(text)
    made = []
    for word in text.split(" "):
        if len(word) > 3 and word.isalpha() and chance.random() < SLIPS:
            at, kind = chance.randrange(1, len(word) - 1), chance.random()
            if kind < 0.4:
                word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            else:
                word = word[:at] + word[at + 1 :] if kind < 0.7 else word[:at] + word[at] + word[at:]
        made.append(word)
    return " ".join(made)


def both(text: str) -> str:
    """With slips, then without diacritics."""
    return stripped(slips(text))


FORM = "form"  # as written, with the form that the person has confirmed
OWN = ("east", "slopes", "makers")  # with a catalogue of their own
OTHERS = ("halves", "calls", "short", "lengths", "survey", "chat", "village", "phones", *OWN)  # by eleven writers more
FORMS = ("asked", "told", "mixed", *OTHERS)  # sets with forms
VARIANTS: dict[str, Callable[[str], str]] = {"plain": plain, "stripped": stripped, "slips": slips, "both": both}
FILES = {
    "first": "",
    "shipped": "",
    "other": "offers_other.yaml",
    "fresh": "",
    "asked": "",
    "told": "",
    "mixed": "",
    **dict.fromkeys(OTHERS, ""),
    **{name: f"offers_{name}.yaml" for name in OWN},
}  # set: its catalogue, the shipped one when empty


@cache
def _reader() -> tuple[Places, Terms]:
    library = load()
    return Places(library.places, library.provinces), Terms(library.terms, library.teencode)


def read_set(name: str, variant: str = "plain") -> JudgedSet:
    """One judged set; what a need states is read from its text by the project's own reading, or taken from its form."""
    file = FILES[name]
    offers = tuple(offer_from(row) for row in (read_offers(GOLDEN / file) if file else read_offers()))
    rows = yaml.safe_load((GOLDEN / f"needs_{name}.yaml").read_text(encoding="utf-8"))["needs"]
    grades: dict[str, dict[str, int]] = {}
    for line in (GOLDEN / f"judged_{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        need_id, offer_id, grade = line.split("\t")
        grades.setdefault(need_id, {})[offer_id] = int(grade)
    write = VARIANTS.get(variant, plain)
    needs = tuple(
        Judged(
            row["id"],
            _wanted(write(row["text"]), row.get("province_code"), row["slots"] if variant == FORM else {}),
            grades.get(row["id"], {}),
        )
        for row in rows
    )
    return JudgedSet(name, offers, needs)


def _wanted(text: str, province: str | None, form: dict[str, Any]) -> Wanted:
    places, terms = _reader()
    read: dict[str, Any] = read_entities(text, TODAY, places, terms)
    return replace(wanted_from(text, merged(read, form), province), stated=bool(form))


def among(judged: JudgedSet, crowd: tuple[Offer, ...]) -> JudgedSet:
    """The same needs with a crowd of other offers about them."""
    return replace(judged, offers=(*judged.offers, *crowd))
