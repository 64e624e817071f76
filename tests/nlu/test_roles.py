"""Roles of short messages, on messages that were never taught."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.wiring import build_roles, places, terms
from domain.need import Field
from domain.text import clean, plain
from handlers.bearing import FAMILIAR, ROLES, SURE
from knowledge.library import load
from nlu.entities import read_entities
from tests.conftest import MODEL

HELD_OUT = Path(__file__).parent.parent / "golden" / "roles.yaml"
MOST_WRONGLY_MOVED = 0.05
LEAST_MOVED, LEAST_RIGHT = 0.6, 0.85


def cases() -> list[tuple[Field, str, str]]:
    return [(Field(field), role, text) for field, role, text in yaml.safe_load(HELD_OUT.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def moved() -> list[tuple[Field, str, str, str | None]]:
    """Each case with the role that it is moved to, None when it is left to the open question."""
    roles, found = build_roles(MODEL), []
    for field, role, text in cases():
        scores = roles.scores(text, read_entities(clean(text), date(2026, 11, 27), places(), terms()))
        best = max(scores, key=lambda name: scores[name])
        lead = scores[best] - max(scores[ROLES[field]], scores["thing"])
        sure = best not in (ROLES[field], "thing") and scores[best] >= FAMILIAR and lead >= SURE
        found.append((field, role, text, best if sure else None))
    return found


def test_an_answer_is_left_to_its_question(moved: list[tuple[Field, str, str, str | None]]) -> None:
    own = [row for row in moved if row[1] == ROLES[row[0]]]
    wrong = [row for row in own if row[3] is not None]
    assert len(wrong) <= MOST_WRONGLY_MOVED * len(own), wrong


def test_what_answers_another_question_is_moved_there(moved: list[tuple[Field, str, str, str | None]]) -> None:
    other = [row for row in moved if row[1] != ROLES[row[0]]]
    taken = [row for row in other if row[3] is not None]
    right = [row for row in taken if row[3] == row[1]]
    assert len(taken) >= LEAST_MOVED * len(other), [row for row in other if row[3] is None]
    assert len(right) >= LEAST_RIGHT * len(taken), [row for row in taken if row[3] != row[1]]


def test_nothing_held_out_is_taught() -> None:
    taught = {plain(text) for held in load().roles for text in held.examples}
    assert not [text for _, _, text in cases() if plain(text) in taught]


def test_the_same_lesson_gives_the_same_roles(tmp_path: Path) -> None:
    first, second = build_roles(tmp_path / "a"), build_roles(tmp_path / "b")
    text = "máy của mình là loại mini mua trên mạng"
    assert first.scores(text, {}) == second.scores(text, {})
