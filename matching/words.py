"""A text as words to compare: folded, as said, with what its capitals and marks tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.line import read_line
from domain.spelling import Speller
from domain.text import TOKEN, fold, has_diacritics, nfc, place_tone

BREAK = "|"  # stands where a sentence or a list is divided: no name reaches across
BREAKS = frozenset(",.;:!?()/\n")
WORD_OR_BREAK = re.compile(r"m[23](?![^\W_])|\d+|[^\W\d_]+|[,.;:!?()/\n]")
PRINTED = 0.3  # share of words with marks from which a published text is written with all of them
TITLED = 0.4  # share of words with capitals from which they say nothing
PER = frozenset("phut gio h ca me ngay tuan thang vu mua lan nam".split())  # what amounts are counted by
PLACE_CUES = frozenset(  # stand before a place's name
    "o tai xa huyen thon ban vung len xuong ve tu tinh phuong".split()
)


@dataclass(frozen=True, slots=True)
class Words:
    """A text as words: folded, as said (lower case, tones in one place), and whether the writer types marks at all."""

    folded: tuple[str, ...]
    said: tuple[str, ...]
    marked: bool
    proper: frozenset[int] = frozenset()  # words in names of places, as capitals tell them
    careful: bool = False  # a word without marks has none: "may gạch" is no máy gạch


def message_words(text: str, speller: Speller) -> Words:
    """The words of a message as people type, with its slips mended."""
    line = read_line(text, speller)
    kept = [
        at for at, token in enumerate(line.tokens)
        if (token.text[0].isalnum() or token.text in BREAKS) and not _per(line.words, at)
    ]  # fmt: skip
    row = tuple(BREAK if line.words[at] in BREAKS else line.words[at] for at in kept)
    said = tuple(BREAK if line.words[at] in BREAKS else place_tone(line.said[at]) for at in kept)
    big = [line.text[line.tokens[at].start].isupper() for at in kept]
    proper = set[int]()
    if not line.text.isupper():
        for place, word in enumerate(row):
            last = place
            while word in PLACE_CUES and last + 1 < len(row) and big[last + 1]:
                last += 1
            proper.update(range(place + 1, last + 1) if last > place + 1 else ())
        if sum(big) < TITLED * len(big):  # in a title all words are big
            proper.update(at for at in range(2, len(row)) if big[at] and big[at - 1] and row[at - 2] != BREAK)
    return Words(row, said, has_diacritics(text), frozenset(proper))


def _per(row: Sequence[str], at: int) -> bool:
    """Whether a word only says for how long an amount is: "20 kg/gio" tells of no wind, "5 tan/nam" of no mushrooms."""
    return at > 2 and row[at] in PER and row[at - 1] == "/" and row[at - 3][-1:].isdigit()


def words_of(text: str) -> Words:
    """The words of a carefully written text."""
    composed = nfc(text)
    lowered = composed.lower()
    if len(lowered) != len(composed):
        lowered = composed
    folded = fold(composed)
    said = place_tone(lowered)
    if len(said) != len(folded):
        said = lowered
    spans = [found.span() for found in WORD_OR_BREAK.finditer(folded)]
    row = tuple(BREAK if folded[start] in BREAKS else folded[start:end] for start, end in spans)
    typed = tuple(BREAK if folded[start] in BREAKS else said[start:end] for start, end in spans)
    return Words(row, typed, row != typed)


def printed(text: str) -> Words:
    """The words of what is published, an offer: where so many have marks, those without mean none."""
    row = words_of(text)
    marked = sum(said != folded for said, folded in zip(row.said, row.folded, strict=True))
    return replace(row, careful=marked >= PRINTED * len(row.folded))


def key_of(term: str) -> str:
    """The form in which terms are compared: lower case, tones in one place, single spaces."""
    return " ".join(TOKEN.findall(place_tone(term)))
