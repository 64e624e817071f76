"""What the model is taught: phrasings of acts, of approved answers, names of programmes and terms."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nlu.normalise import vocabulary

VERSION = "5"  # of the way of learning: another version is another model
PLACEHOLDER = "chuongtrinhx"


@dataclass(frozen=True)
class Lesson:
    """What is taught: (text, class) rows; classes are act names, `answer:<id>`; programmes and glossary by name."""

    rows: tuple[tuple[str, str], ...]
    programmes: tuple[tuple[str, tuple[str, ...], str | None], ...]
    glossary: tuple[tuple[str, tuple[str, ...]], ...]
    teencode: Mapping[str, Any]
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # programme: answers that treat of it

    @cached_property
    def digest(self) -> str:
        """The fingerprint of everything that training sees."""
        parts = [
            VERSION,
            sorted(self.rows),
            sorted(self.programmes),
            sorted(self.glossary),
            self.teencode,
            self.related,
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:24]

    def about(self) -> dict[str, Any]:
        """Everything beside the weights that a model needs, as JSON can hold it."""
        names = [name for _, names, _ in self.programmes for name in names]
        return {
            "digest": self.digest,
            "programmes": [[id_, list(names), number] for id_, names, number in self.programmes],
            "glossary": [[id_, list(names)] for id_, names in self.glossary],
            "teencode": {key: {str(a): str(b) for a, b in pairs.items()} for key, pairs in self.teencode.items()},
            "related": {id_: list(answers) for id_, answers in self.related.items()},
            "vocabulary": list(vocabulary([text for text, _ in self.rows] + names)),
        }


def lesson(library: Any, answers: Iterable[Any] | None = None, programmes: Iterable[Any] | None = None) -> Lesson:
    """The lesson of the shipped library; `answers` and `programmes` of the same shape replace its own."""
    taught = list(library.answers if answers is None else answers)
    rows = [(text, act.act) for act in library.acts for text in act.examples]
    rows += [(text.replace("{programme}", PLACEHOLDER), act.act) for act in library.acts for text in act.templates]
    rows += [
        (text, f"answer:{answer.id}")
        for answer in taught
        for text in (answer.question, *answer.examples, *_lines(answer))
    ]
    named = tuple(
        (p.id, tuple(dict.fromkeys((p.name, p.short_name, *p.aliases))), p.document.get("number"))
        for p in (library.programmes if programmes is None else programmes)
    )
    glossary = tuple((a.id, tuple(a.aliases)) for a in taught if a.kind == "term" and a.aliases)
    related: dict[str, tuple[str, ...]] = {}
    for answer in taught:
        for id_ in answer.programmes:
            related[id_] = (*related.get(id_, ()), answer.id)
    return Lesson(tuple(sorted(set(rows))), named, glossary, library.teencode, related)


def _lines(answer: Any) -> list[str]:
    """The longer lines of an answer's own text: people often ask in its words."""
    return [line.strip("- ") for line in f"{answer.short}\n{answer.full}".splitlines() if len(line) > 20]
