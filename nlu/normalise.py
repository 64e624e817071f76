"""A message as the model sees it: words without diacritics, chat spellings written out, slips mended, numbers kept."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.spelling import Speller, vni_words
from domain.text import TOKEN, clean, clean_with_places, fold, level, place_tone
from nlu.shortwords import QUESTION

JOINED = re.compile(r"(?<![^\W_])(nd|nđ|qd|qđ|tt|nq|kh|ct)(?=\d)")  # "nđ80"
PROGRAMME = re.compile(r"(?<![^\W_])ct(?= ?\d{3,4}(?!\d))")  # "CT 1322" is no company
LONGEST = 60  # words of a message that are read
KEYED = re.compile(r"[^\W\d_]\d")


@dataclass(frozen=True, slots=True)
class Word:
    """One word that is meant by text[start:end] of the message as it came; a chat spelling may mean several."""

    text: str
    start: int
    end: int


class Normaliser:
    """Reads words by the shipped chat spellings; unknown words are mended towards the words that were taught."""

    def __init__(self, teencode: Mapping[str, Any], vocabulary: Iterable[str] = ()) -> None:
        """Takes lexicon/teencode.yaml as parsed: `words` token by token, `phrases` before them."""
        words = {str(short): str(full) for short, full in teencode.get("words", {}).items()}
        self._speller = Speller(vocabulary, words)
        self._phrases = {str(short).lower(): str(full) for short, full in teencode.get("phrases", {}).items()}
        self._phrase = re.compile("|".join(rf"(?<!\w){re.escape(short)}(?!\w)" for short in self._phrases) or r"(?!)")

    def __call__(self, text: str) -> list[str]:
        """The folded words of the text, digits as typed."""
        return [fold(said) for said in self.said(text)]

    def said(self, text: str) -> list[str]:
        """The same words with their marks, as far as they were typed or are known."""
        line = JOINED.sub(r"\1 ", PROGRAMME.sub("chương trình ", _even(clean(text))))
        return [said for said, _, _ in islice(self._parts(line), LONGEST)]

    def read(self, text: str) -> list[Word]:
        """All words with their marks, each with its place in `text` exactly as given (whatever its Unicode form)."""
        cleaned, places = clean_with_places(text)
        found: list[Word] = []
        for said, start, end in self._parts(_even(cleaned)):
            first, last = places[start], places[end - 1] + 1
            while last < len(text) and unicodedata.combining(text[last]):
                last += 1
            found.append(Word(said, first, last))
        return found

    def _parts(self, line: str) -> Iterator[tuple[str, int, int]]:
        at = 0
        for phrase in self._phrase.finditer(line):
            yield from self._between(line, at, phrase.start())
            for full in self._phrases[phrase.group()].split():
                yield full, phrase.start(), phrase.end()
            at = phrase.end()
        yield from self._between(line, at, len(line))

    def _between(self, line: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
        keyed = vni_words(line, self._speller) if KEYED.search(line, start, end) else {}
        for found in TOKEN.finditer(line, start, end):
            word, (first, last) = found.group(), found.span()
            if piece := keyed.get((first, last)):
                yield piece.said, first, last
            elif word[0].isdigit():
                yield word, first, last
            else:
                for piece in self._speller.read(word):
                    yield piece.said, first + piece.start, first + piece.end


def _even(text: str) -> str:
    """Lower case without look-alike letters, tones in their place; the length stays."""
    levelled = level(text)
    lower = levelled.lower()
    if len(lower) != len(text):
        lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in levelled)
    placed = place_tone(lower)
    return placed if len(placed) == len(lower) else lower


def vocabulary(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of the texts as written, sorted: what unknown words are mended towards."""
    return tuple(sorted({word for text in texts for word in TOKEN.findall(place_tone(clean(text))) if word.isalpha()}))


NOBODY = (
    re.compile(  # asks for nobody and nothing: "không ai biết vận hành", "bao giờ có thì mua", "bao nhiêu cũng được"
        r"\b(?:khong|ko|k|chang|chua|it|cha) ai\b|\b(?:bao gio|khi nao|luc nao)(?: \w+){1,2} thi\b|"
        r"\b(?:bao gio|khi nao|luc nao|bao nhieu|o dau|the nao)(?: \w+)? cung\b"
    )
)


RHETORICAL = re.compile(
    r"\bchu (?:bang|con|lam|biet|co|la) (?:gi|sao|ai|dau)\b|\bchu (?:sao|gi|ai)\b(?! vay| the)"
)  # "bằng nắng chứ bằng gì"
NONE_AT_ALL = re.compile(  # "chưa có máy nào", "không biết cái gì"
    r"\b(?:khong|ko|k|chang|cha|chua|dau|dung)(?: \w+){0,4} (?:nao|gi)\b|\b(?:nao|gi) (?:cung|do|ca)\b"
)


def question_like(text: str) -> bool:
    """Whether a message reads as a question."""
    if "?" in text:
        return True
    folded = fold(text)
    folded = NONE_AT_ALL.sub(" ", NOBODY.sub(" ", RHETORICAL.sub(" ", folded)))
    return bool(QUESTION.search(folded) or ENDS_ASKING.search(folded))


ENDS_ASKING = re.compile(
    r"(?<!the )(?<!luc )\b(?:nao|gi)(?: (?:a|em|vay|nhi|the|ha|ta|day|ban|ad|nha|roi|ah))*\W*$|"
    r"\bcon\s.*\s(?:khong|ko|k)\s*$|\bthi sao\b|\bla (?:gi|j|ji)\b|(?:\w+\s+){4,}(?<!\bthi )(?<!\bcung )(?<!\bla )(?<!\broi )(?<!\bvan )(?<!chan )(?:khong|ko)(?:\s+(?:z|zay|zậy|v|vay|ta|nhi|ha|he|day|ah|c|b))?\s*$"
)
