"""A message as the model sees it: lower case, spelling mended, chat spellings expanded, noise gone."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.spelling import Speller, vni_words
from domain.text import TOKEN, clean, clean_with_places, fold, level

NUMBER = re.compile(r"\d+")
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Word:
    """One word that is meant by text[start:end] of the message as it came; a chat spelling may mean several."""

    text: str
    start: int
    end: int


class Normaliser:
    """Mends what people type and expands teencode by the shipped lists."""

    def __init__(self, teencode: Mapping[str, Mapping[str, str]], vocabulary: Iterable[str] = ()) -> None:
        """Takes lexicon/teencode.yaml as parsed: `words` token by token, `phrases` before them.

        Broken words are mended towards `vocabulary` with the full words of the lists.
        """
        words = {str(short).lower(): str(full) for short, full in teencode.get("words", {}).items()}
        phrases = {str(short).lower(): str(full) for short, full in teencode.get("phrases", {}).items()}
        self._words, self._phrases = words, phrases
        self._phrase = re.compile("|".join(rf"(?<!\w){re.escape(short)}(?!\w)" for short in phrases) or r"(?!)")
        self._speller = Speller((*words.values(), *phrases.values(), *vocabulary), words)

    def read(self, text: str) -> list[Word]:
        """The words meant, each with its place in `text` exactly as given (whatever its Unicode form)."""
        cleaned, places = clean_with_places(text)
        found: list[Word] = []
        for said, start, end in self._parts(_lower(level(cleaned))):
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
        keyed = vni_words(line, self._speller) if DIGIT.search(line, start, end) else {}
        for found in TOKEN.finditer(line, start, end):
            word, (first, last) = found.group(), found.span()
            if piece := keyed.get((first, last)):
                yield piece.said, first, last
            elif word.isalpha() or word in self._words:
                for piece in self._speller.read(word):
                    yield piece.said, first + piece.start, first + piece.end
            else:
                yield word, first, last

    def __call__(self, text: str) -> str:
        """The words of the text in one line; digits of a number become one sign per figure."""
        words = [said for said, _, _ in self._parts(_lower(level(clean(text))))]
        if "?" in text:
            words.append("?")
        return NUMBER.sub(lambda found: "0" * min(4, len(found.group())), " ".join(words))


def _lower(text: str) -> str:
    """Lower case, character by character, so that places stay the same."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def question_like(text: str) -> bool:
    """Whether a message reads as a question."""
    return "?" in text or bool(QUESTION.search(fold(text)))


QUESTION = re.compile(
    r"\b(?:la gi|gi vay|cai gi|nhung gi|duoc gi|nghia la|the nao|ntn|nhu nao|lam sao|tai sao|vi sao|bao nhieu|bao lau|bn|khi nao|bao gio|"
    r"o dau|di dau|ai\s|may gio|may ngay|co\s.*\s(?:khong|ko|k|hong|hok)|duoc (?:khong|ko|k)|dc (?:khong|ko|k)|phai khong|"
    r"(?:khong|ko|k) (?:a|em|vay|ban|ad|nhi)\s*$|chua (?:a|em|vay)?\s*$|hay (?:la )?khong|sao (?:em|a|vay)?\s*$|dau (?:a|em)?\s*$)"
)
