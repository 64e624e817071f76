"""A message as the model sees it: words without diacritics, chat spellings written out, slips mended, numbers kept."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from domain.spelling import Speller
from domain.text import TOKEN, clean, fold, place_tone

JOINED = re.compile(r"(?<![^\W_])(nd|nđ|qd|qđ|tt|nq|kh|ct)(?=\d)")  # "nđ80"
PROGRAMME = re.compile(r"(?<![^\W_])ct(?= ?\d{3,4}(?!\d))")  # "CT 1322" is no company
LONGEST = 60  # words of a message that are read


class Normaliser:
    """Reads words by the shipped chat spellings; unknown words are mended towards the words that were taught."""

    def __init__(self, teencode: Mapping[str, Any], vocabulary: Iterable[str] = ()) -> None:
        """Takes lexicon/teencode.yaml as parsed: `words` token by token, `phrases` before them."""
        self._speller = Speller(
            vocabulary, {str(short): str(full) for short, full in teencode.get("words", {}).items()}
        )
        self._phrases = [
            (re.compile(rf"(?<!\w){re.escape(str(short).lower())}(?!\w)"), str(full))
            for short, full in teencode.get("phrases", {}).items()
        ]

    def __call__(self, text: str) -> list[str]:
        """The folded words of the text, digits as typed."""
        line = JOINED.sub(r"\1 ", PROGRAMME.sub("chương trình ", place_tone(clean(text))))
        for phrase, full in self._phrases:
            line = phrase.sub(full, line)
        found: list[str] = []
        for word in TOKEN.findall(line):
            if word[0].isdigit():
                found.append(fold(word))
            else:
                found.extend(piece.text for piece in self._speller.read(word))
            if len(found) >= LONGEST:
                break
        return found[:LONGEST]


def vocabulary(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of the texts as written, sorted: what unknown words are mended towards."""
    return tuple(sorted({word for text in texts for word in TOKEN.findall(place_tone(clean(text))) if word.isalpha()}))


def question_like(text: str) -> bool:
    """Whether a message reads as a question."""
    return "?" in text or bool(QUESTION.search(fold(text)))


QUESTION = re.compile(
    r"\b(?:la gi|gi vay|cai gi|nhung gi|duoc gi|nghia la|the nao|ntn|nhu nao|lam sao|tai sao|vi sao|bao nhieu|bao lau|bn|khi nao|bao gio|"
    r"o dau|di dau|ai\s|may gio|may ngay|co\s.*\s(?:khong|ko|k|hong|hok)|duoc (?:khong|ko|k)|dc (?:khong|ko|k)|phai khong|"
    r"(?:khong|ko|k) (?:a|em|vay|ban|ad|nhi)\s*$|chua (?:a|em|vay)?\s*$|hay (?:la )?khong|sao (?:em|a|vay)?\s*$|dau (?:a|em)?\s*$)"
)
