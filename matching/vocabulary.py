"""How telling words are, and which chat spellings are sure enough to be written out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from math import log
from typing import Any

from domain.text import TOKEN, fold
from knowledge.library import Library

UNIT = re.compile(r"^(xã|phường|huyện|thị trấn|thị xã|thành phố)\s+", re.IGNORECASE)  # stands before a unit's name
SHORTEST_CHAT = 2  # letters of a chat spelling that is sure enough to be written out
UNSURE_CHAT = frozenset("nd tt ht ct hs tp dn nt tk ns kp cn ls tr ty ti th ha kg ta tan may tu cu con ca bn".split())


def chat_spellings(teencode: Mapping[str, Any], vocabulary: Iterable[str]) -> dict[str, str]:
    """Chat spellings that cannot be a word of a name typed without marks ("mun" is muốn or mùn, "cf" stands for cà phê)."""
    words = {str(short).lower(): str(full) for short, full in teencode.get("words", {}).items()}
    named = UNSURE_CHAT | {fold(word) for word in vocabulary}
    return {short: full for short, full in words.items() if len(short) >= SHORTEST_CHAT and short not in named}


def rarity(texts: Iterable[str]) -> dict[str, float]:
    """How telling each word is: the fewer shipped texts hold it, the more."""
    count, held = 0, dict[str, int]()
    for text in texts:
        count += 1
        for word in set(TOKEN.findall(fold(text))):
            held[word] = held.get(word, 0) + 1
    return {word: log(1 + (count - seen + 0.5) / (seen + 0.5)) for word, seen in held.items()}


def texts_of(library: Library) -> Iterator[str]:
    """The shipped texts by which words are weighed."""
    for answer in library.answers:
        yield f"{answer.question} {answer.short} {answer.full}"
    for programme in library.programmes:
        yield f"{programme.name} {programme.summary}"
    for act in library.acts:
        yield from act.examples


def place_names(library: Library) -> Iterator[str]:
    """Provinces, districts, communes, of now and before: "Na Sầm" is no custard apple."""
    for province in library.provinces["provinces"]:
        yield from (province["name"], *province["merged_from"])
    for unit in library.places["units"]:
        for said in (
            unit["name"],
            *(name for old in unit["formed_from"] for name in (old["name"], old.get("district", ""))),
        ):
            yield UNIT.sub("", said)
