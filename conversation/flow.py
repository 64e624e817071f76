"""A guided talk as a tuple of questions: where we are is computed, never stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Context = TypeVar("Context")
Answers = Mapping[str, Any]


class Misread(Exception):
    """What was said is no answer to the question; the message explains kindly, with an example."""


def always(_: Answers) -> bool:
    """The default condition of a question."""
    return True


@dataclass(frozen=True)
class Question(Generic[Context]):
    """One question: `words` asks it, `when` says whether it applies, choices can be pressed."""

    name: str
    words: Callable[[Context, Answers], str]
    choices: tuple[tuple[str, str], ...] = ()  # (label, value)
    when: Callable[[Answers], bool] = always


@dataclass(frozen=True)
class Flow(Generic[Context]):
    """Questions read from top to bottom."""

    name: str
    questions: tuple[Question[Context], ...]

    def next(self, answers: Answers) -> Question[Context] | None:
        """The first question that applies and has no answer; None when all is said."""
        return next((q for q in self.questions if q.name not in answers and q.when(answers)), None)
