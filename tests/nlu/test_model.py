"""The model on phrasings it has not learnt from; figures with honest margins."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.wiring import build_mind, places
from config.settings import HOME
from domain.text import fold
from knowledge.library import load
from nlu.lesson import lesson
from nlu.model import Model, prepare
from nlu.reading import Reader
from nlu.terms import Terms
from nlu.train import train
from nlu.understanding import Context
from nlu.weights import fingerprint

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
GOLDEN = HOME / "tests" / "golden"


EQUAL = {
    name: frozenset(group)
    for group in yaml.safe_load((GOLDEN / "equal.yaml").read_text(encoding="utf-8"))
    for name in group
}


def held_out(kind: str) -> list[tuple[str, str, str]]:
    """Rows (text, answer id or act, style) of tests/golden/answers or tests/golden/acts."""
    return [
        (text, file.stem, style)
        for file in sorted((GOLDEN / kind).glob("*.yaml"))
        for style, texts in yaml.safe_load(file.read_text(encoding="utf-8")).items()
        for text in texts
    ]


def fits(name: str, *read: str | None) -> bool:
    """Whether one of the things read is the right one or as right."""
    return not EQUAL.get(name, frozenset({name})).isdisjoint(read)


def test_answers_held_out(mind: Model) -> None:
    rows = held_out("answers")
    assert rows
    for view in (str, fold):
        right: Counter[str] = Counter()
        for text, id_, style in rows:
            said = mind.understand(view(text), Context(), NOW)
            right[style] += fits(id_, said.answer, said.act if said.answer is None else None)
        assert right.total() / len(rows) >= 0.68, f"{view.__name__}: {right} of {len(rows)}"


def test_acts_held_out(mind: Model) -> None:
    rows = held_out("acts")
    assert rows
    for view in (str, fold):
        right: Counter[str] = Counter()
        for text, act, style in rows:
            said = mind.understand(view(text), Context(), NOW)
            right[style] += fits(act, said.act, said.answer)
        assert right.total() / len(rows) >= 0.75, f"{view.__name__}: {right} of {len(rows)}"


def test_named_programmes_held_out(mind: Model) -> None:
    held = yaml.safe_load((GOLDEN / "programmes.yaml").read_text(encoding="utf-8"))
    rows = [(text, id_) for id_, texts in held.items() for text in texts]
    right = sum(fits(id_, mind.understand(text, Context(), NOW).programme) for text, id_ in rows)
    assert right / len(rows) >= 0.62, f"{right} of {len(rows)}"


def test_wrong_answers_are_rarely_sure(mind: Model) -> None:
    rows = held_out("answers")
    read = [(mind.understand(text, Context(), NOW), id_) for text, id_, _ in rows]
    wrong = sum(said.sure and said.answer is not None and not fits(id_, said.answer) for said, id_ in read)
    assert wrong / len(rows) <= 0.05, f"{wrong}/{len(rows)}"


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("nha em lam hoi kho hay bi moc, can may say tam 300tr", "declare_need"),
        ("cho gặp cán bộ", "talk_to_officer"),
        ("xoá dữ liệu của tôi", "erase_my_data"),
        ("đừng gửi tin nữa", "stop_news"),
        ("thời tiết ngày mai thế nào", "out_of_scope"),
        ("phiếu NC-0001 tới đâu rồi em", "ask_need_status"),
        ("sap toi co hoi thao nao ko", "list_events"),
        ("vâng đồng ý", "affirm"),
        ("chưa rõ", "dont_know"),
    ],
)
def test_acts(mind: Model, text: str, act: str) -> None:
    assert mind.understand(text, Context(), NOW).act == act


@pytest.mark.parametrize("text", ["nghị định 80/2021 hỗ trợ những gì", "nd 80 ho tro gi", "NĐ 80/2021"])
def test_document_numbers_name_programmes(mind: Model, text: str) -> None:
    said = mind.understand(text, Context(), NOW)
    assert said.act == "ask_programme"
    held = {p.id: p for p in load().programmes}
    assert said.programme is not None
    assert "80/2021" in str(held[said.programme].document["number"])


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_text_is_understood(text: str) -> None:
    said = build_mind(HOME / "var" / "model").understand(text, Context(), NOW)
    assert 0 <= said.confidence <= 1


def test_training_is_the_same_twice(tmp_path: Path) -> None:
    taught = lesson(load())
    read = Reader(taught.about())
    rows = [(read(text), label) for text, label in taught.rows][::20]
    assert fingerprint(train(rows)) == fingerprint(train(rows))


def test_right_answer_is_among_the_choices(mind: Model) -> None:
    """An unsure reading offers its best guesses to choose from; the right one is mostly there."""
    rows = held_out("answers")
    read = [(mind.understand(text, Context(), NOW), id_) for text, id_, _ in rows]
    there = sum(fits(id_, said.answer, *(guess.answer for guess in said.alternatives)) for said, id_ in read)
    assert there / len(rows) >= 0.9, f"{there}/{len(rows)}"


def test_kept_model_answers_as_the_trained_one(mind: Model, tmp_path: Path) -> None:
    taught = lesson(load())
    fresh, trained = prepare(taught, places(), Terms(load().terms), tmp_path)
    again, trained_again = prepare(taught, places(), Terms(load().terms), tmp_path)
    assert (trained, trained_again) == (True, False)
    for text in ("mua máy cũ có được hỗ trợ không", "chào em"):
        assert fresh.understand(text, Context(), NOW) == again.understand(text, Context(), NOW)
