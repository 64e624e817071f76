"""The gate of the held-out phrasings: the model as it ships passes, planted regressions are refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.teach import GOLDEN, evaluate
from bot.wiring import places, terms
from nlu.model import Model

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def broken(mind: Model, folder: str = "") -> list[str]:
    said: list[str] = []
    floors: list[str] = evaluate(mind, GOLDEN / folder, NOW, said.append)["broken"]
    return floors


def without(mind: Model, kinds: str) -> Model:
    """The model blind to some kinds of features."""
    codes = mind.weights.codes.copy()
    codes[[at for at, name in enumerate(mind.weights.names) if name[0] in kinds]] = 0
    return Model(replace(mind.weights, codes=codes), places(), terms())


@pytest.mark.parametrize("folder", ["", "second", "third", "fourth"])
def test_the_model_passes_every_exam(mind: Model, folder: str) -> None:
    assert broken(mind, folder) == []


@pytest.mark.parametrize(
    ("kinds", "named"), [("kKq", "accuracy"), ("pg", "by_style.clean.programmes"), ("b", "accuracy")]
)
def test_a_model_that_lost_a_sense_is_refused(mind: Model, kinds: str, named: str) -> None:
    assert [words for words in broken(without(mind, kinds)) if words.startswith(named)]


def test_a_model_that_is_too_sure_is_refused(mind: Model) -> None:
    constant, *others = mind.weights.calibration
    bold = Model(replace(mind.weights, calibration=(constant + 3.0, *others)), places(), terms())
    found = broken(bold)
    assert any(words.startswith("calibration_error") for words in found), found
    assert any(words.startswith("sure.wrong") for words in found), found
