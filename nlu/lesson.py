"""What the model is taught: phrasings of acts, of approved answers, names of programmes and terms."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from domain.text import plain
from nlu.normalise import vocabulary
from nlu.shortwords import POLITE_WORDS

VERSION = "17"  # of the way of learning: another version is another model
PLACEHOLDER = "{programme}"
NUMBER = re.compile(r"(\d+)/(?:(20\d\d)/)?(NĐ|QĐ|TT|NQ|KH)")
SAID = {
    "NĐ": ("nghị định", "nđ"),
    "QĐ": ("quyết định", "qđ"),
    "TT": ("thông tư", "tt"),
    "NQ": ("nghị quyết", "nq"),
    "KH": ("kế hoạch", "kh"),
}
GENERAL = frozenset(
    "cho hoi ve la gi j gioi thieu giup tim hieu noi ro hon quy dinh ho tro nhung cai nay kia do the nao duoc co khong ko tom tat "
    "dc muon toi minh biet xin nghe thong tin chuong trinh nghi thong tu quyet so theo cua va noi dung gom giai thich ke xem".split()
)
MOST_NAMES = 6  # of one programme that are put into templates


@dataclass(frozen=True)
class Lesson:
    """What is taught: (text, class) rows; classes are act names, `answer:<id>`; programmes and glossary by name."""

    rows: tuple[tuple[str, str], ...]
    programmes: tuple[tuple[str, tuple[str, ...], str | None], ...]
    glossary: tuple[tuple[str, tuple[str, ...]], ...]
    teencode: Mapping[str, Any]
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # programme: answers that treat of it
    concepts: Mapping[str, str] = field(default_factory=dict)  # idea: ways to say it, parted by "|"
    texts: tuple[tuple[str, str], ...] = ()  # lines of the answers, as rows: nobody said them, many ask in their words

    @cached_property
    def digest(self) -> str:
        """The fingerprint of everything that training sees."""
        parts = [
            VERSION,
            sorted(self.rows),
            sorted(self.texts),
            sorted(self.programmes),
            sorted(self.glossary),
            self.teencode,
            self.related,
            self.concepts,
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:24]

    def about(self) -> dict[str, Any]:
        """Everything beside the weights that a model needs, as JSON can hold it."""
        names = [name for _, names, _ in self.programmes for name in names] + list(self.concepts.values())
        return {
            "digest": self.digest,
            "version": VERSION,
            "programmes": [[id_, list(names), number] for id_, names, number in self.programmes],
            "glossary": [[id_, list(names)] for id_, names in self.glossary],
            "teencode": {key: {str(a): str(b) for a, b in pairs.items()} for key, pairs in self.teencode.items()},
            "related": {id_: list(answers) for id_, answers in self.related.items()},
            "concepts": dict(self.concepts),
            "vocabulary": list(vocabulary([text for text, _ in (*self.rows, *self.texts)] + names)),
        }


def lesson(library: Any, answers: Iterable[Any] | None = None, programmes: Iterable[Any] | None = None) -> Lesson:
    """The lesson of the shipped library; `answers` and `programmes` of the same shape replace its own."""
    taught = sorted(library.answers if answers is None else answers, key=lambda answer: str(answer.id))
    rows = [(text, act.act) for act in library.acts for text in act.examples]
    rows += [(text, f"answer:{answer.id}") for answer in taught for text in (answer.question, *answer.examples)]
    texts = [(text, f"answer:{answer.id}") for answer in taught for text in _lines(answer)]
    programmes = sorted(library.programmes if programmes is None else programmes, key=lambda held: str(held.id))
    named = tuple(
        (p.id, tuple(dict.fromkeys((p.short_name, *p.aliases, p.name))), p.document.get("number")) for p in programmes
    )
    glossary = tuple((a.id, tuple(a.aliases)) for a in taught if a.kind == "term" and a.aliases)
    related: dict[str, tuple[str, ...]] = {}
    for answer in taught:
        for id_ in answer.programmes:
            related[id_] = (*related.get(id_, ()), answer.id)
    for act in library.acts:
        rows += [(text, act.act) for text in _filled(act.templates, named, related, glossary)]
    return Lesson(
        tuple(sorted(set(rows))),
        named,
        glossary,
        library.teencode,
        related,
        library.concepts,
        tuple(sorted(set(texts))),
    )


def _filled(
    templates: Sequence[str],
    named: Iterable[tuple[str, tuple[str, ...], str | None]],
    related: Mapping[str, Any],
    glossary: Iterable[tuple[str, tuple[str, ...]]],
) -> Iterable[str]:
    """Templates with names of programmes put in, each name once; particular questions only where no answer holds them."""
    if not templates:
        return
    general = [text for text in templates if not particular(text.replace(PLACEHOLDER, " "))]
    terms = {plain(name) for _, names in glossary for name in names}
    turn = 0
    for id_, names, number in named:
        fitting = general if id_ in related and general else list(templates)
        for name in (*names[:MOST_NAMES], *_numbered(number)):
            if plain(name) not in terms:
                yield fitting[turn % len(fitting)].replace(PLACEHOLDER, name)
                turn += 1


def _numbered(number: str | None) -> list[str]:
    """How people say the number of a document: "nghị định 80/2021", "nđ 80"."""
    found = NUMBER.match(number or "")
    if not found or found[3] not in SAID:
        return []
    long, short = SAID[found[3]]
    return [f"{long} {found[1]}/{found[2]}" if found[2] else f"{long} {found[1]}", f"{short} {found[1]}"]


def particular(text: str) -> bool:
    """Whether more is asked than what something is."""
    return len([word for word in plain(text).split() if word not in GENERAL and word not in POLITE_WORDS]) >= 2


def _lines(answer: Any) -> list[str]:
    """The longer lines of an answer's own text: people often ask in its words."""
    return [line.strip("- ") for line in f"{answer.short}\n{answer.full}".splitlines() if len(line) > 20]
