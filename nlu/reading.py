"""What the model looks at in a message: its words with the programmes and the terms that they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nlu.aliases import Aliases, Mention
from nlu.normalise import Normaliser


@dataclass(frozen=True)
class Seen:
    """Folded words, mentions of programmes, mentions of glossary terms (both by places among the words)."""

    words: tuple[str, ...]
    programmes: tuple[Mention, ...] = ()
    terms: tuple[Mention, ...] = ()


class Reader:
    """Reads messages the same way in training as in use."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        """Takes what a lesson tells about itself."""
        self._normalise = Normaliser(about["teencode"], about["vocabulary"])
        self._programmes = Aliases(
            ((id_, names, number) for id_, names, number in about["programmes"]), self._normalise
        )
        self._terms = Aliases(((id_, names, None) for id_, names in about["glossary"]), self._normalise)

    def __call__(self, text: str) -> Seen:
        """What is seen of a text."""
        words = self._normalise(text)
        return Seen(tuple(words), tuple(self._programmes.find(words)), tuple(self._terms.find(words)))
