"""Which of the steps that a text names are over, there already, not wanted, or only where a residue is from."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain.text import fold, place_tone
from matching.concepts import Concepts, Spot
from matching.hearing import without_fuel
from matching.words import BREAK, Words

NEAR_BY: Final = 4  # words between what is left over and the step that left it


class Settled:
    """Tells what is named from what is needed."""

    def __init__(self, concepts: Concepts, technology: Mapping[str, Any]) -> None:
        """`technology` is lexicon/technology.yaml as parsed."""
        self._concepts = concepts
        refused = [f"{refusal} {doing}" for refusal in technology["refusing"] for doing in technology["doing"]]
        cues = (*technology["not_wanted"], *technology["refusing"], *refused)
        self._not_wanted = tuple(f" {place_tone(cue)}" for cue in cues)
        self._not_wanted_plain = tuple(f" {fold(cue)}" for cue in cues)
        self._longest = max(len(cue.split()) for cue in cues)
        self._already = tuple(fold(cue) for cue in technology["already"])
        self._had_before = tuple(f" {cue}" for cue in self._already)
        self._worn = frozenset(fold(word) for word in technology["worn"])
        self._over = frozenset(fold(word) for word in technology["over"])
        self._fuel = frozenset(fold(word) for word in technology["fuel"])
        self._whence = frozenset(fold(word) for word in technology["whence"])

    def meant(self, words: Words, spots: list[Spot]) -> list[Spot]:
        """The spots without what is over, not wanted or only tells where something is from.

        "Bã hồi sau khi chưng cất tinh dầu", "nước thải của lò giết mổ": neither a still nor a slaughterhouse is wanted.
        """
        spots = without_fuel(words, spots, self._fuel)
        past = [spot for spot in spots if spot.kind == "process" and self._past(words, spot, spots)]
        kept = [spot for spot in spots if spot not in past]
        reach = {at for spot in past for at in range(spot.at, spot.after + 1)}  # what is done to what follows it
        goods = [spot for spot in kept if spot.kind == "product" and spot.at not in reach]
        return [spot for spot in kept if spot.kind != "product" or spot in goods] if goods else kept

    def left_by(self, words: Words, products: Iterable[str], undone: Iterable[Spot]) -> list[tuple[str, str]]:
        """The steps that left what a need wants treated: a still is no answer to the bã of its distilling.

        One that is there already is none: what comes out of a biogas tank may be treated by more of the same.
        """
        if not any(map(self._concepts.residual, products)):
            return []
        steps = [spot for spot in undone if spot.kind == "process" and not self._had(words, spot)]
        return sorted({(spot.kind, spot.concept) for spot in steps})

    def _had(self, words: Words, step: Spot) -> bool:
        """Whether it is said just before a step, or soon behind it, that it is there."""
        before = " ".join(words.folded[max(0, step.at - NEAR_BY) : step.at])
        return f" {before}".endswith(self._had_before) or self._held(words, step.after)

    def _past(self, words: Words, step: Spot, spots: list[Spot]) -> bool:
        """Whether a named step is over, not wanted, or where a residue comes from."""
        row, cues = (words.said, self._not_wanted) if words.marked else (words.folded, self._not_wanted_plain)
        before = " ".join(row[max(0, step.at - self._longest) : step.at])
        if f" {before}".endswith(cues):
            return True
        ends = [step.after, *(spot.after for spot in spots if spot.kind == "product" and spot.at == step.after)]
        if any(words.folded[end] in self._over for end in ends if end < len(words.folded)):
            return True
        if self._held(words, step.after):
            return True
        for left in spots:
            if (
                left.kind == "product"
                and left.after < step.at <= left.after + NEAR_BY
                and self._concepts.residual(left.concept)
            ):
                between = words.folded[left.after : step.at]
                if self._whence.intersection(between) and BREAK not in between:
                    return True
        return False

    def _held(self, words: Words, after: int) -> bool:
        """Whether the clause goes on to say that the thing is there already, and not that it is worn."""
        row = words.folded[after:]
        clause = row[: row.index(BREAK)] if BREAK in row else row
        near = f" {' '.join(clause[: NEAR_BY + 2])} "
        return self._worn.isdisjoint(clause) and any(f" {cue} " in near for cue in self._already)
