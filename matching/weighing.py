"""Weighs the steps that a need names by what its story tells, and adds those that it only tells."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from matching.concepts import Concepts, Relation

READ: Final = 0.85  # how sure a term is that was only read between the words
PERHAPS: Final = 0.75  # how sure a short name is that is much else without marks
BARELY: Final = 0.6  # the same beside a term of its kind that was read for sure: it may add, it demands nothing
TOLD: Final = 0.45  # from this chance on a step is as good as read
LIKELY: Final = 0.15  # from this chance on a step is perhaps meant
FAINT: Final = 0.03  # from this chance on a step is thought of
ALWAYS: Final = 2  # so many told steps are thought of however faint
ADDED: Final = 4  # told steps that are thought of at most
UNBORNE: Final = 0.05  # a named step with less is not what the story is about, where another is
WHOLE: Final = 4  # words of a name that cannot be read by chance
TRUSTED: Final = 0.2  # a named step that the story bears out so far needs no others beside it


@dataclass(frozen=True)
class Heard:
    """What a story tells of steps: each with its chance, likeliest first; those that the wish names; the stated
    terms for which only the story can say what they mean."""

    steps: Mapping[str, float] = field(default_factory=dict)
    wished: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()  # steps that follow from a trouble told in known words


def likeliest(found: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The best chance of each step over several hearings, likeliest first."""
    best: dict[str, float] = {}
    for heard in found:
        for step, chance in heard.items():
            best[step] = max(best.get(step, 0.0), chance)
    return dict(sorted(best.items(), key=lambda row: -row[1]))


def stated_of(processes: Iterable[str], told: Collection[str], sure: Mapping[str, float]) -> tuple[str, ...]:
    """The steps without those that the story tells of only faintly."""
    return tuple(step for step in processes if step not in told or sure.get(step, 1.0) > BARELY)


def kin(concepts: Concepts, step: str, other: str) -> bool:
    """Whether two steps are one, kinds of each other or kinds of one thing."""
    return concepts.relation("process", step, other) >= Relation.SIBLING


def borne(concepts: Concepts, step: str, heard: Mapping[str, float]) -> float:
    """The best chance among a step and its kin."""
    return max((chance for other, chance in heard.items() if kin(concepts, step, other)), default=0.0)


def told(heard: Mapping[str, float], held: Iterable[str], alone: bool) -> dict[str, float]:
    """Steps to add to those held, each with how sure it is; `alone` when those held demand nothing."""
    held = set(held)
    strongest = [(step, chance) for step, chance in heard.items() if step not in held][:ADDED]
    return {
        step: round(BARELY + (1 - BARELY) * chance, 2) if chance >= (LIKELY if alone else TOLD) else BARELY
        for at, (step, chance) in enumerate(strongest) if chance >= FAINT or at < ALWAYS
    }  # fmt: skip


def weighed(
    concepts: Concepts, heard: Heard, processes: tuple[str, ...], sure: Mapping[str, float], firm: bool, most: int
) -> tuple[tuple[str, ...], dict[str, float], frozenset[str], bool]:
    """(steps, how sure each is when below 1, which are only told, whether one is plain) of a need once its story is heard.

    A named step demands nothing where the wish names another, or where the story bears out another and not this one.
    """
    made = dict(sure)
    best = max(heard.steps.values(), default=0.0)
    for step in processes:
        if step in heard.unknown:
            aside = best >= LIKELY
        elif heard.unknown:
            aside = False
        elif heard.wished:
            aside = step not in heard.hints and not any(kin(concepts, step, other) for other in heard.wished)
        else:
            aside = best >= TOLD and borne(concepts, step, heard.steps) < UNBORNE
        if aside:
            made[step] = BARELY
    demanding = [step for step in processes if made.get(step, 1.0) > BARELY]
    trusted = not heard.unknown and (
        not concepts.general.issuperset(heard.wished)
        or any(
            borne(concepts, step, heard.steps) >= TRUSTED or len(step.split()) >= WHOLE
            for step in demanding
            if step not in heard.hints
        )
    )
    more = {} if trusted else told(heard.steps, processes, not demanding)
    made.update(more)
    if not demanding:
        firm = best >= TOLD
    kept = sorted(processes, key=lambda step: step not in demanding)
    return tuple((*kept, *more) if demanding else (*more, *kept))[:most], made, frozenset(more), firm
