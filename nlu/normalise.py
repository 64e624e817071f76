"""A message as the model sees it: lower case, chat spellings expanded, noise gone."""

import re
from collections.abc import Mapping

from domain.text import TOKEN, clean, fold, place_tone

STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
NUMBER = re.compile(r"\d+")


class Normaliser:
    """Expands teencode by the shipped lists."""

    def __init__(self, teencode: Mapping[str, Mapping[str, str]]) -> None:
        """Takes lexicon/teencode.yaml as parsed: `words` token by token, `phrases` before them."""
        self._words = {str(short).lower(): str(full) for short, full in teencode.get("words", {}).items()}
        self._phrases = [
            (re.compile(rf"(?<!\w){re.escape(str(short))}(?!\w)"), str(full))
            for short, full in teencode.get("phrases", {}).items()
        ]

    def __call__(self, text: str) -> str:
        """The words of the text in one line; digits of a number become one sign per figure."""
        line = STRETCHED.sub(r"\1", place_tone(clean(text)))
        for phrase, full in self._phrases:
            line = phrase.sub(full, line)
        words = [self._words.get(word, word) for word in TOKEN.findall(line)]
        if "?" in text:
            words.append("?")
        return NUMBER.sub(lambda found: "0" * min(4, len(found.group())), " ".join(words))


def question_like(text: str) -> bool:
    """Whether a message reads as a question."""
    return "?" in text or bool(QUESTION.search(fold(text)))


QUESTION = re.compile(
    r"\b(?:la gi|gi vay|cai gi|nhung gi|duoc gi|nghia la|the nao|ntn|nhu nao|lam sao|tai sao|vi sao|bao nhieu|bao lau|bn|khi nao|bao gio|"
    r"o dau|di dau|ai\s|may gio|may ngay|co\s.*\s(?:khong|ko|k|hong|hok)|duoc (?:khong|ko|k)|dc (?:khong|ko|k)|phai khong|"
    r"(?:khong|ko|k) (?:a|em|vay|ban|ad|nhi)\s*$|chua (?:a|em|vay)?\s*$|hay (?:la )?khong|sao (?:em|a|vay)?\s*$|dau (?:a|em)?\s*$)"
)
