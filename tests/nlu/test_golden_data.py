"""The held-out phrasings themselves: complete, well formed, and nowhere among what is taught."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import HOME
from domain.text import has_diacritics, nfc, plain
from knowledge.library import load
from nlu.lesson import lesson

GOLDEN = HOME / "tests" / "golden"
STYLES = {"clean", "bare", "typo", "teencode"}
LATER = ("second", "third", "fourth")  # exams of one file each
LEAST = {"out_of_scope": 80, "declare_need": 50}  # rows of an act; 15 for the others
SLOTS = {
    "product", "process", "capacity", "budget", "deadline", "deadline_raw", "location", "org_form", "org_size", "phone",
    "tax_code", "contact_name", "company", "negated",
}  # fmt: skip


def read(name: str) -> Any:
    return yaml.safe_load((GOLDEN / name).read_text(encoding="utf-8"))


def files(kind: str) -> list[Path]:
    return sorted((GOLDEN / kind).glob("*.yaml"))


def said() -> Iterator[tuple[str, str]]:
    """Every held-out text with where it stands."""
    for kind in ("answers", "acts"):
        for file in files(kind):
            for texts in read(f"{kind}/{file.name}").values():
                yield from ((text, file.stem) for text in texts)
    for id_, texts in read("programmes.yaml").items():
        yield from ((text, id_) for text in texts)
    for exam in LATER:
        for label, styles in read(f"{exam}/phrasings.yaml").items():
            yield from ((text, label) for texts in styles.values() for text in texts)
    yield from ((row["text"], "needs") for row in read("needs.yaml")["rows"])


def test_nothing_held_out_is_taught() -> None:
    taught = {plain(text): label for text, label in lesson(load()).rows}
    known = [f"{where}: {text} = {taught[plain(text)]}" for text, where in said() if plain(text) in taught]
    assert not known, "\n".join(known)


def test_nothing_is_asked_twice() -> None:
    times = Counter(plain(text) for text, _ in said())
    assert not [text for text, count in times.items() if count > 1]
    assert all(text == nfc(text) == text.strip() for text, _ in said())


def test_every_answer_is_examined() -> None:
    assert {file.stem for file in files("answers")} == {answer.id for answer in load().answers}


def test_every_act_is_examined() -> None:
    acts = {act.act for act in load().acts} - {"ask_programme"}
    assert {file.stem for file in files("acts")} == acts


@pytest.mark.parametrize("exam", LATER)
def test_a_later_exam_asks_for_everything(exam: str) -> None:
    library = load()
    held = {f"answer:{answer.id}" for answer in library.answers} | {act.act for act in library.acts}
    rows = read(f"{exam}/phrasings.yaml")
    assert set(rows) == held - {"ask_programme"}
    assert all(set(styles) <= STYLES for styles in rows.values())
    assert not [text for styles in rows.values() for text in styles.get("bare", ()) if has_diacritics(text)]


@pytest.mark.parametrize("kind", ["answers", "acts"])
def test_rows_are_enough_in_every_style(kind: str) -> None:
    for file in files(kind):
        rows = read(f"{kind}/{file.name}")
        assert set(rows) == STYLES, file.name
        assert all(rows.values()), file.name
        assert not [text for text in rows["bare"] if has_diacritics(text)], file.name
        least = 8 if kind == "answers" else LEAST.get(file.stem, 15)
        assert sum(map(len, rows.values())) >= least, file.name


def test_programmes_are_named() -> None:
    rows = read("programmes.yaml")
    assert set(rows) <= {programme.id for programme in load().programmes}
    assert len(rows) >= 60
    assert all(len(texts) >= 2 for texts in rows.values())


def test_equal_readings_exist() -> None:
    library = load()
    held = {a.id for a in library.answers} | {a.act for a in library.acts} | {p.id for p in library.programmes}
    names = [name for group in read("equal.yaml") for name in group]
    assert set(names) <= held
    assert len(names) == len(set(names))
    assert all(len(group) >= 2 for group in read("equal.yaml"))


def _terms(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_needs_speak_the_vocabulary() -> None:
    library = load()
    terms = {
        "product": {row["term"] for row in library.terms["products"]},
        "process": {row["term"] for row in library.terms["processes"]},
    }
    units = {str(unit["name"]).lower() for unit in library.places["units"]}
    provinces = {row["name"] for row in library.provinces["provinces"]}
    rows = read("needs.yaml")["rows"]
    assert len(rows) >= 80
    assert {row["style"] for row in rows} == STYLES
    for row in rows:
        gold, text = row["gold"], row["text"]
        assert gold.keys() <= SLOTS, text
        named = [(slot, term) for slot in terms for term in _terms(gold.get(slot, []))]
        for slot, term in named + [(out["slot"], out["value"]) for out in gold.get("negated", [])]:
            assert term in terms[slot], f"{term}: {text}"
        place = gold.get("location", {"province": "Lạng Sơn"})
        assert place["province"] in provinces, text
        assert place.get("unit", "xã Chi Lăng").lower() in units, text


def test_needs_state_amounts_and_days() -> None:
    for row in read("needs.yaml")["rows"]:
        gold, text = row["gold"], row["text"]
        first, last = gold.get("deadline", "../..").split("/")
        days = [date.fromisoformat(day) for day in (first, last) if day != ".."]
        assert days == sorted(days), text
        assert all(day >= date(2026, 11, 24) for day in days), text
        assert re.fullmatch(r"\+84\d{9}", gold.get("phone", "+84912345678")), text
        budget = gold.get("budget", {"min": 1, "max": None})
        assert set(budget) == {"min", "max"}, text
        assert any(budget.values()), text
        if "capacity" in gold:
            assert set(gold["capacity"]) in ({"value", "unit", "per"}, {"min", "max", "unit", "per"}), text
        for slot in ("company", "contact_name", "deadline_raw"):
            assert gold.get(slot, "") in text, text
