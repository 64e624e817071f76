"""Rasa's forms both ways: training files, the reply of /model/parse."""

from pathlib import Path

import pytest
import yaml

from knowledge.library import load
from nlu.lesson import lesson
from nlu.rasa import ACTS, BadRasa, as_parse, export, from_parse, intent_of, label_of, read_folder
from nlu.understanding import Guess, Understanding


def test_acts_are_those_that_are_taught() -> None:
    assert {act.act for act in load().acts} <= ACTS


def test_export_reads_back_the_same(tmp_path: Path) -> None:
    taught = lesson(load())
    told = export(taught, tmp_path)
    assert told["examples"] == len(taught.rows)
    back = {(text, label_of(intent)) for intent, texts in read_folder(tmp_path).items() for text in texts}
    plain_rows = {(" ".join(text.split()), label) for text, label in taught.rows if not set("[](){}") & set(text)}
    assert plain_rows <= back
    domain = yaml.safe_load((tmp_path / "domain.yml").read_text(encoding="utf-8"))
    assert set(domain["intents"]) == {intent_of(label) for _, label in taught.rows}
    assert yaml.safe_load((tmp_path / "config.yml").read_text(encoding="utf-8"))["recipe"] == "default.v1"


def test_files_of_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    text = """
version: "3.1"
nlu:
- intent: greet
  examples: |
    - chào em
    - xin chào [Hoa](name)
- intent: ask_policy/faq-001
  examples: |
    - bắt đầu [từ đâu]{"entity": "step"}
- synonym: na
  examples: |
    - mãng cầu
"""
    (tmp_path / "data" / "nlu.yml").write_text(text, encoding="utf-8")
    assert read_folder(tmp_path) == {"greet": ["chào em", "xin chào Hoa"], "ask_policy/faq-001": ["bắt đầu từ đâu"]}
    assert label_of("ask_policy/faq-001") == "answer:faq-001"
    assert label_of("book_restaurant") is None
    (tmp_path / "data" / "bad.yml").write_text("nlu: [", encoding="utf-8")
    with pytest.raises(BadRasa, match=r"bad\.yml"):
        read_folder(tmp_path)
    with pytest.raises(BadRasa, match="no training examples"):
        read_folder(tmp_path / "nothing")


def test_a_reply_goes_both_ways() -> None:
    said = Understanding(
        "x",
        "ask_policy",
        0.8,
        False,
        "faq-031",
        "natif-ai-2026",
        (Guess("ask_programme", 0.1, programme="natif-ai-2026"), Guess("greet", 0.05)),
    )
    reply = as_parse(said)
    assert reply["intent"] == {"name": "ask_policy.faq-031", "confidence": 0.8}
    assert [row["name"] for row in reply["intent_ranking"]] == ["ask_policy.faq-031", "ask_programme", "greet"]
    back = from_parse(reply)
    assert back[0] == Guess("ask_policy", 0.8, "faq-031", "natif-ai-2026")
    assert back[1:] == [Guess("ask_programme", 0.1, None, "natif-ai-2026"), Guess("greet", 0.05)]


def test_strange_replies() -> None:
    assert from_parse(
        {
            "intent": {"name": "nlu_fallback", "confidence": 0.6},
            "intent_ranking": [{"name": "greet", "confidence": 0.3}],
        }
    ) == [
        Guess("out_of_scope", 0.0),
        Guess("greet", 0.3),
    ]
    for wrong in ([], {}, {"intent": "greet"}, {"intent": {"name": "greet", "confidence": "much"}}):
        with pytest.raises(BadRasa):
            from_parse(wrong)
