"""Conditions in three-valued logic: the truth table of every criterion, sizes by Decree 80/2021, ages to the day."""

from datetime import date
from itertools import product
from typing import Any

import pytest

from domain.eligibility import Truth, all_of, any_of, pending, read_criterion
from domain.enterprise import Facts, Form, Period, Size, size_of, sizes
from domain.finder import Condition, Fit, Rule, assess, find, flips, met_from
from domain.programme import Programme, ProgrammeState

DAY = date(2026, 11, 23)
MET, UNMET, UNKNOWN = Truth.MET, Truth.UNMET, Truth.UNKNOWN


def facts(**given: Any) -> Facts:
    form, sectors, founded = given.pop("form", None), given.pop("sectors", frozenset()), given.pop("founded", None)
    return Facts(DAY, form, frozenset(sectors), founded, given)


def period(text: str) -> Period:
    day = date.fromisoformat(text)
    return Period(day, day)


ENTERPRISE_OR_COOP = {"form": ["enterprise"], "doubtful": ["cooperative"]}
SME = {"size": ["micro", "small", "medium"]}
AGRI = {"sector": ["agri_processing"], "doubtful": ["agri_maybe"]}
BOTH = {"every": [{"is": "a"}, {"is": "b"}]}
ONE = {"either": [{"is": "a"}, {"is": "b"}]}
BY_SIZE = {
    "by_size": {"micro": {"every": []}, "small": {"key": "n", "least": 2}, "medium": {"is": "a"}, "large": {"is": "a"}}
}
PRODUCTION = {"sectors": {"industry"}, "form": Form.COMPANY}
TABLE = [
    (ENTERPRISE_OR_COOP, {"form": Form.COMPANY}, MET),
    (ENTERPRISE_OR_COOP, {"form": Form.PRIVATE}, MET),
    (ENTERPRISE_OR_COOP, {"form": Form.COOPERATIVE}, UNKNOWN),
    (ENTERPRISE_OR_COOP, {"form": Form.HOUSEHOLD}, UNMET),
    (ENTERPRISE_OR_COOP, {}, UNKNOWN),
    ({"form": ["legal_entity"]}, {"form": Form.PRIVATE}, UNMET),  # doanh nghiệp tư nhân has no legal personality
    ({"form": ["legal_entity"]}, {"form": Form.COOPERATIVE}, MET),
    (SME, {**PRODUCTION, "employees": 30, "revenue_vnd": 8e9}, MET),
    (SME, {**PRODUCTION, "employees": 300, "revenue_vnd": 8e9}, UNMET),
    (SME, {**PRODUCTION, "employees": 300}, UNMET),
    (SME, {**PRODUCTION, "employees": 30}, UNKNOWN),
    (SME, {**PRODUCTION, "employees": 30, "revenue_vnd": 9e11}, UNKNOWN),  # the capital may still be small
    (SME, {**PRODUCTION, "employees": 30, "revenue_vnd": 9e11, "capital_vnd": 9e11}, UNMET),
    (SME, {"form": Form.COMPANY, "employees": 150, "revenue_vnd": 1e11}, UNKNOWN),  # 150: medium, or large in trade
    (SME, {"form": Form.HOUSEHOLD}, MET),  # Decree 80 sizes enterprises only
    ({**SME, "others": True}, {"employees": 900}, UNKNOWN),
    (SME, {"employees": 900}, UNMET),
    (AGRI, {"sectors": {"agri_processing", "industry"}}, MET),
    (AGRI, {"sectors": {"agri_maybe"}}, UNKNOWN),
    (AGRI, {"sectors": {"service"}}, UNMET),
    (AGRI, {}, UNKNOWN),
    ({"province": ["Lạng Sơn"]}, {"province": "lang son"}, MET),
    ({"province": ["Lạng Sơn"]}, {"province": "Cao Bằng"}, UNMET),
    ({"province": ["Lạng Sơn"]}, {}, UNKNOWN),
    ({"is": "a"}, {"a": True}, MET),
    ({"is": "a"}, {"a": False}, UNMET),
    ({"is": "a"}, {"a": 0}, UNMET),
    ({"is": "a"}, {}, UNKNOWN),
    ({"is_not": "a"}, {"a": False}, MET),
    ({"is_not": "a"}, {"a": True}, UNMET),
    ({"is_not": "a"}, {}, UNKNOWN),
    ({"key": "role", "one_of": ["supplier"]}, {"role": "supplier"}, MET),
    ({"key": "role", "one_of": ["supplier"]}, {"role": "buyer"}, UNMET),
    ({"key": "role", "one_of": ["supplier"]}, {}, UNKNOWN),
    ({"key": "n", "least": 2}, {"n": 2}, MET),
    ({"key": "n", "least": 2}, {"n": 1.99}, UNMET),
    ({"key": "n", "most": 2}, {"n": 2}, MET),
    ({"key": "n", "most": 2}, {"n": 3}, UNMET),
    ({"key": "n", "least": 2}, {}, UNKNOWN),
    ({"age": {"least": 2}}, {"founded": period("2024-11-23")}, MET),
    ({"age": {"least": 2}}, {"founded": period("2024-11-24")}, UNMET),
    ({"age": {"most": 5}}, {"founded": period("2021-11-23")}, MET),
    ({"age": {"most": 5}}, {"founded": period("2021-11-22")}, UNMET),
    ({"age": {"most": 5}}, {"founded": Period(date(2021, 1, 1), date(2021, 12, 31))}, UNKNOWN),
    ({"age": {"most": 5}}, {"founded": Period(date(2022, 1, 1), date(2022, 12, 31))}, MET),
    ({"age": {"most": 5}}, {}, UNKNOWN),
    (BY_SIZE, {**PRODUCTION, "employees": 5, "revenue_vnd": 1e9}, MET),
    (BY_SIZE, {**PRODUCTION, "employees": 50, "revenue_vnd": 1e9, "n": 2}, MET),
    (BY_SIZE, {**PRODUCTION, "employees": 50, "revenue_vnd": 1e9, "n": 1}, UNMET),
    (BY_SIZE, {**PRODUCTION, "employees": 50, "revenue_vnd": 1e9}, UNKNOWN),
    (BY_SIZE, {"n": 1, "a": False}, UNKNOWN),  # micro passes, the others do not
    (BY_SIZE, {"form": Form.COMPANY, "employees": 50, "n": 3, "a": True}, MET),  # whatever the size is
    ({"undecided": True}, {}, UNKNOWN),
]


@pytest.mark.parametrize(("test", "given", "truth"), TABLE)
def test_truth_table(test: dict[str, Any], given: dict[str, Any], truth: Truth) -> None:
    assert read_criterion(test).check(facts(**given)) is truth


@pytest.mark.parametrize(("left", "right"), list(product((True, False, None), repeat=2)))
def test_and_or_follow_kleene(left: bool | None, right: bool | None) -> None:
    given = {key: value for key, value in (("a", left), ("b", right)) if value is not None}
    pair = (left, right)
    both = UNMET if False in pair else UNKNOWN if None in pair else MET
    one = MET if True in pair else UNKNOWN if None in pair else UNMET
    assert read_criterion(BOTH).check(facts(**given)) is both
    assert read_criterion(ONE).check(facts(**given)) is one


def test_empty_and_or() -> None:
    assert all_of(()) is MET
    assert any_of(()) is UNMET


@pytest.mark.parametrize(
    ("people", "revenue", "capital", "trade", "size"),
    [
        (10, 3e9, None, False, Size.MICRO),
        (10, 3.1e9, 3e9, False, Size.MICRO),
        (10, 3.1e9, 3.1e9, False, Size.SMALL),
        (11, 1e9, None, False, Size.SMALL),
        (100, 50e9, None, False, Size.SMALL),
        (100, 51e9, 20e9, False, Size.SMALL),
        (101, 50e9, None, False, Size.MEDIUM),
        (200, 200e9, None, False, Size.MEDIUM),
        (201, 1e9, 1e9, False, Size.LARGE),
        (200, 201e9, 101e9, False, Size.LARGE),
        (10, 10e9, None, True, Size.MICRO),
        (50, 100e9, None, True, Size.SMALL),
        (51, 100e9, None, True, Size.MEDIUM),
        (100, 300e9, None, True, Size.MEDIUM),
        (101, 1e9, 1e9, True, Size.LARGE),
    ],
)
def test_sizes_by_decree_80(people: int, revenue: float, capital: float | None, trade: bool, size: Size) -> None:
    assert size_of(people, revenue, capital, trade) is size


def test_nothing_known_leaves_every_size_open() -> None:
    assert sizes(facts()) == set(Size)
    assert sizes(facts(sectors={"trade"}, employees=8, revenue_vnd=9e9)) == {Size.MICRO}


def test_a_decided_test_waits_for_nothing() -> None:
    either = read_criterion({"either": [{"is": "a"}, {"is": "b"}]})
    assert pending(either, facts(a=True)) == frozenset()
    assert pending(either, facts(a=False)) == {"b"}
    by_size = read_criterion(BY_SIZE)
    assert pending(by_size, facts(**PRODUCTION, employees=50, revenue_vnd=1e9)) == {"n"}


@pytest.mark.parametrize(
    "wrong", [{}, {"nonsense": 1}, {"is": "a", "more": 1}, {"size": ["giant"]}, {"form": ["club"]}]
)
def test_a_test_that_cannot_be_read_says_so(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_criterion(wrong)


# --- from conditions to a finding -------------------------------------------------------------------------------
def rule(
    *tests: tuple[dict[str, Any], bool], state: ProgrammeState = ProgrammeState.IN_FORCE, **dates: str | None
) -> Rule:
    held = Programme("p", "P", "P", state, **dates)  # type: ignore[arg-type]
    rows = (Condition(f"c{n}", "Luật mẫu, Điều 1", read_criterion(t), fixed) for n, (t, fixed) in enumerate(tests))
    return Rule(held, tuple(rows))


SOFT_A, SOFT_B, HARD_C = ({"is": "a"}, False), ({"is": "b"}, False), ({"is": "c"}, True)


@pytest.mark.parametrize(
    ("given", "fit", "missing"),
    [
        ({"a": True, "b": True, "c": True}, Fit.FITS, 0),
        ({"a": True, "b": True}, Fit.UNKNOWN, 0),
        ({"a": False, "b": True, "c": True}, Fit.NEAR, 1),
        ({"a": False, "b": True}, Fit.NEAR, 1),
        ({"a": False, "b": False, "c": True}, Fit.NO, 2),
        ({"a": True, "b": True, "c": False}, Fit.NO, 1),
        ({}, Fit.UNKNOWN, 0),
    ],
)
def test_findings(given: dict[str, Any], fit: Fit, missing: int) -> None:
    found = assess(rule(SOFT_A, SOFT_B, HARD_C), facts(**given))
    assert (found.fit, found.missing) == (fit, missing)


@pytest.mark.parametrize(
    ("state", "dates", "fit"),
    [
        (ProgrammeState.IN_FORCE, {"effective_to": "2026-11-22"}, Fit.NOT_IN_FORCE),
        (ProgrammeState.IN_FORCE, {"effective_to": "2026-11-23"}, Fit.FITS),
        (ProgrammeState.IN_FORCE, {"effective_to": "2026"}, Fit.FITS),
        (ProgrammeState.IN_FORCE, {"effective_to": "2025"}, Fit.NOT_IN_FORCE),
        (ProgrammeState.IN_FORCE, {"effective_from": "2026-11-24"}, Fit.NOT_IN_FORCE),
        (ProgrammeState.IN_FORCE, {"effective_from": "2026-11"}, Fit.FITS),
        (ProgrammeState.UNSURE, {}, Fit.UNKNOWN),  # never recommended as fitting
        (ProgrammeState.DRAFT, {}, Fit.NOT_IN_FORCE),
        (ProgrammeState.ENDED, {}, Fit.NOT_IN_FORCE),
        (ProgrammeState.REPEALED, {}, Fit.NOT_IN_FORCE),
        (ProgrammeState.SUPERSEDED, {}, Fit.NOT_IN_FORCE),
    ],
)
def test_force_comes_first(state: ProgrammeState, dates: dict[str, str], fit: Fit) -> None:
    assert assess(rule(SOFT_A, state=state, **dates), facts(a=True)).fit is fit


def test_too_young_is_a_near_miss_with_a_day() -> None:
    young = rule(({"age": {"least": 2}}, False), SOFT_A)
    given = facts(a=True, founded=Period(date(2025, 3, 1), date(2025, 3, 31)))
    found = assess(young, given)
    assert found.fit is Fit.NEAR
    missing = met_from(found, given)
    assert missing is not None
    assert missing[1] == date(2027, 3, 31)


def test_best_comes_first() -> None:
    order = find([rule(SOFT_A, HARD_C), rule(SOFT_A), rule(SOFT_B)], facts(a=True, c=False))
    assert [found.fit for found in order] == [Fit.FITS, Fit.UNKNOWN, Fit.NO]


def test_a_changed_rule_shows_which_firms_flip() -> None:
    firms = [("Mẫu A", facts(n=15)), ("Mẫu B", facts(n=25))]
    before, after = rule(({"key": "n", "least": 10}, True)), rule(({"key": "n", "least": 20}, True))
    assert flips(before, after, firms) == [("Mẫu A", Fit.FITS, Fit.NO)]
