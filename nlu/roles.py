"""What a short message says to an open form: a trouble, a wish, how it is done now, money, a time, "chưa biết", "gửi đi"…

The open question alone does not tell: "máy của mình là loại mini" answers how it is done now, also where a wish was asked.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from conversation.story import read_story, tells_trouble
from domain.text import clean
from nlu import weights as files
from nlu.entities import read_entities
from nlu.lesson import Lesson
from nlu.places import Places
from nlu.reading import Reader, Seen
from nlu.scorer import Scorer
from nlu.terms import Terms
from nlu.train import train
from nlu.weights import Weights

SOME_DAY = date(2026, 1, 1)  # training asks only whether a date is told, not which
SIGN = "zz"  # begins the made-up words by which entities and parts of a story are seen


def role_lesson(library: Any) -> Lesson:
    """What is taught of roles: the shipped phrasings, with the short spellings and ideas of the library."""
    rows = tuple(sorted({(text, held.role) for held in library.roles for text in held.examples}))
    return Lesson(rows, (), (), library.teencode, concepts=library.concepts)


def mark(seen: Seen, text: str, entities: Mapping[str, Any]) -> Seen:
    """Words, with a sign for each kind of entity and each part of a story that the grammars read."""
    story = read_story(text)
    parts = {"trouble": story.problem or tells_trouble(text), "practice": story.current, "wish": story.wish}
    signs = (*(f"{SIGN}{name}" for name in entities), *(f"{SIGN}{SIGN}{name}" for name, told in parts.items() if told))
    return replace(seen, words=seen.words + signs, marked=())


class Roles:
    """Tells the role of a message; safe to share between threads."""

    def __init__(self, weights: Weights) -> None:
        self._read, self._score, self._classes = Reader(weights.about), Scorer(weights), weights.classes

    def scores(self, text: str, entities: Mapping[str, Any]) -> dict[str, float]:
        """Per role its decision value; the best is most likely, a lead of one is nearly sure."""
        found, _ = self._score(mark(self._read(text), clean(text), entities))
        return dict(zip(self._classes, map(float, found), strict=True))


def learn_roles(taught: Lesson, places: Places, terms: Terms) -> Weights:
    """Trains on a lesson of roles."""
    about = taught.about()
    read = Reader(about)
    rows = sorted(taught.rows, key=lambda row: (row[1], row[0]))
    return train(
        [
            (mark(read(text), clean(text), read_entities(clean(text), SOME_DAY, places, terms)), role)
            for text, role in rows
        ],
        about,
    )


def prepare_roles(taught: Lesson, places: Places, terms: Terms, folder: Path) -> Roles:
    """The roles of this lesson, from the cache in `folder` when it fits."""
    file = folder / f"roles-{taught.digest}.npz"
    held = files.read(file)
    if held is None or held.about.get("digest") != taught.digest:
        files.write(file, learn_roles(taught, places, terms))
        held = files.read(file)
        assert held is not None, f"{file} was written a moment ago"
    return Roles(held)
