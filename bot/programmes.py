"""The command `programmes`: profiles in, fitting support programmes with their conditions out."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.wiring import build_mind, open_system, profiles
from config.settings import Settings
from domain.finder import Finding, Question, find, next_question, rules_of
from domain.kinds import Kind
from domain.programme import Programme
from domain.text import fold
from domain.worktime import local
from knowledge.library import load
from nlu.profile import Profiles
from nlu.understanding import Context, Mind
from storage import knowledge
from storage.seed import programme_from

KINDS = {fold(kind.value): kind.value for kind in Kind}


class Bench:
    """The programmes of a fixed instant, with the mind that reads an owner's words."""

    def __init__(self, mind: Mind, programmes: Iterable[Programme], reader: Profiles, at: datetime) -> None:
        self.mind, self.profiles, self.at = mind, reader, at
        self.questions = load().questions
        self.rules = rules_of(programmes)

    @classmethod
    async def open(cls, settings: Settings, database: str | None, at: datetime) -> "Bench":
        """The programmes of a database, or the shipped ones."""
        library = load()
        if database is None:
            held = [programme_from(item) for item in library.programmes]
        else:
            system = await open_system(settings, database, samples=False)
            async with system.database.read() as db:
                held = list((await knowledge.programmes(db)).values())
            await system.database.close()
        return cls(build_mind(settings.data_dir / "model"), held, profiles(), at)

    def find(self, line: str) -> dict[str, Any]:
        """The record for one line; raises ValueError in words for a person."""
        given = _profile(line)
        stated: dict[str, Any] = {}
        today = local(self.at).date()
        if isinstance(given.get("text"), str):
            entities = self.mind.understand(given["text"], Context(), self.at).entities
            stated = self.profiles.from_text(given["text"], entities, today)
        said = {key: value for key, value in given.items() if value is not None}
        facts = self.profiles.facts({**stated, **said}, today)
        needs = _needs(said["need_kind"] if "need_kind" in said else stated.get("need_kind"))
        found = find(self.rules, facts, needs)
        question = next_question(self.rules, facts, self.questions, needs, asked=given)
        return {
            "programmes": [_as_json(finding) for finding in found],
            "next_question": None if question is None else _asked(question),
        }


def _profile(line: str) -> dict[str, Any]:
    if not line.strip():
        raise ValueError("dòng trống")
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("không đọc được JSON") from error
    if not isinstance(given, dict):
        raise ValueError("cần một đối tượng JSON")
    return given


def _needs(value: Any) -> list[str]:
    listed = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return [KINDS[fold(word).strip()] for word in listed if isinstance(word, str) and fold(word).strip() in KINDS]


def _as_json(found: Finding) -> dict[str, Any]:
    rows = [{"name": row.condition.name, "status": row.truth.value, "law": row.condition.law} for row in found.checked]
    made: dict[str, Any] = {"id": found.programme.id, "status": found.fit.value, "conditions": rows}
    return {**made, "missing": found.missing, **({"branch": found.branch} if found.branch else {})}


def _asked(question: Question) -> Mapping[str, Any]:
    part = {"part": question.key.partition(".")[2]} if "." in question.key else {}
    labels = [label for label, _ in question.choices]
    return {"key": question.top, **part, "question": question.words, "choices": labels}
