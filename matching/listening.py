"""Listens to a need's story for steps: what is told, what is wished for, what stands for a step that no vocabulary knows."""

from collections.abc import Collection, Iterable
from typing import Final

from conversation.story import read_story
from domain.text import fold, place_tone
from matching.concepts import Concepts, Spot
from matching.hearing import begin_of, stands
from matching.stories import TELLING, taught
from matching.wanted import Wanted
from matching.weighing import Heard, likeliest
from matching.words import Words, words_of

NAMED: Final = 0.5  # the chance of a step that the text names in several words beside a stated one that nobody knows


class Listener:
    """Hears needs; it never changes, so threads may share it."""

    def __init__(self, concepts: Concepts, wanting: Iterable[str]) -> None:
        """`wanting` are the words from which on people say what they need."""
        wanting = tuple(wanting)
        self._concepts = concepts
        self._wanting = frozenset(map(place_tone, wanting))
        self._wanting_plain = frozenset(map(fold, wanting))

    def heard(self, wanted: Wanted, words: Words, spots: Iterable[Spot], undone: Collection[str]) -> Heard:
        """What the story tells of steps; where steps are stated, only what stands for unknown ones.

        `undone` are steps that the text names as over or not wanted: they are not told either.
        """
        if not wanted.stated or not wanted.processes:
            return self._alone(wanted, words, spots, undone)
        unknown = [term for term in wanted.processes if not self._concepts.known("process", term)]
        if not unknown:
            return Heard()
        story = (words, list(spots))
        found = []
        for term in unknown:
            said = [words_of(term), *([words_of(" ".join((term, *wanted.products)))] if wanted.products else [])]
            found.append(taught().heard(story, *((row, self._concepts.read(row)) for row in said)))
        steps = {step: chance for step, chance in likeliest(found).items() if step not in undone}
        named = [spot.concept for spot in story[1] if spot.kind in TELLING and spot.after - spot.at > 1]
        steps = likeliest([steps, {step: NAMED for step in named if step not in undone}])
        return Heard(steps, unknown=frozenset(self._concepts.concept("process", term) for term in unknown))

    def _alone(self, wanted: Wanted, words: Words, spots: Iterable[Spot], undone: Collection[str]) -> Heard:
        """What a story tells where nothing is stated, with the steps named from where the wish begins."""
        spots = list(spots)
        steps = {step: chance for step, chance in taught().heard((words, spots)).items() if step not in undone}
        begins = self._wish_begins(wanted.text, words)
        if begins is None:
            return Heard(steps)
        hints = frozenset(spot.concept for spot in spots if spot.kind == "problem")
        named = {spot.concept for spot in spots if spot.kind == "process" and spot.at >= begins}
        named |= {
            self._concepts.concept("process", term)
            for term in wanted.processes
            if stands(words, words_of(term), begins)
        }
        return Heard(steps, wished=frozenset(named), hints=hints)

    def _wish_begins(self, text: str, words: Words) -> int | None:
        """Where among the words it is said what is wanted; None when nowhere."""
        row, cues = (words.said, self._wanting) if words.marked else (words.folded, self._wanting_plain)
        found = [at for at, word in enumerate(row) if word in cues and not (at and row[at - 1][0].isdigit())]
        wish = read_story(text).wish
        place = begin_of(words, wish) if wish else None
        return min([*found[:1], *([place] if place is not None else [])], default=None)
