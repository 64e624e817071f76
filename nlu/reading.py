"""What the model looks at in a message: its words, the ideas they say, the programmes and terms they name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.text import fold, has_diacritics
from nlu.aliases import Aliases, Mention, sizes
from nlu.normalise import Normaliser


@dataclass(frozen=True)
class Idea:
    """words[start:end] say one idea in one of its ways."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Seen:
    """Folded words, mentions of programmes, mentions of glossary terms (both by places among the words).

    `marked` are the words with their diacritics, empty for a message that is typed without any.
    """

    words: tuple[str, ...]
    programmes: tuple[Mention, ...] = ()
    terms: tuple[Mention, ...] = ()
    concepts: tuple[Idea, ...] = ()  # from left to right
    marked: tuple[str, ...] = ()


class Reader:
    """Reads messages the same way in training as in use."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        """Takes what a lesson tells about itself."""
        self._normalise = Normaliser(about["teencode"], about["vocabulary"])
        self._programmes = Aliases(
            ((id_, names, number) for id_, names, number in about["programmes"]), self._normalise
        )
        self._concepts = {
            tuple(self._normalise(phrase)): concept
            for concept, phrases in about["concepts"].items()
            for phrase in str(phrases).split("|")
        }
        self._sizes = sizes(phrase for phrase in self._concepts if phrase)
        self._written = {
            words[0]: concept
            for concept, phrases in about["concepts"].items()
            for words in map(self._normalise.said, str(phrases).split("|"))
            if len(words) == 1
        }
        self._terms = Aliases(((id_, names, None) for id_, names in about["glossary"]), self._normalise)

    def __call__(self, text: str) -> Seen:
        """What is seen of a text."""
        said = self._normalise.said(text)
        words = list(map(fold, said))
        return Seen(
            tuple(words),
            tuple(self._programmes.find(words)),
            tuple(self._terms.find(words)),
            tuple(self._ideas(words, said)),
            tuple(said) if has_diacritics(text) else (),
        )

    def _ideas(self, words: list[str], said: list[str]) -> Iterator[Idea]:
        """The longest ways first; a word typed with marks says an idea alone only as written ("điện" is not "điên")."""
        at = 0
        while at < len(words):
            for size in self._sizes.get(words[at], ()):
                alone = size == 1 and said[at] != words[at]
                concept = self._written.get(said[at]) if alone else self._concepts.get(tuple(words[at : at + size]))
                if concept is not None and at + size <= len(words):
                    yield Idea(concept, at, at + size)
                    at += size
                    break
            else:
                at += 1
