"""Every programme in force that one can apply to carries three invented firms that come out as they should."""

from datetime import date

import pytest

from bot.wiring import profiles as make_profiles
from domain.eligibility import Truth
from domain.finder import Fit, Rule, assess, rules_of
from domain.programme import ProgrammeState
from knowledge.library import load
from storage.seed import programme_from

DAY = date(2026, 11, 23)
RULES = {rule.id: rule for rule in rules_of(map(programme_from, load().programmes))}
OPEN = {id_: rule for id_, rule in RULES.items() if rule.programme.state is ProgrammeState.IN_FORCE}
SHIPPED = {item.id: item for item in load().programmes}


@pytest.mark.parametrize("rule", OPEN.values(), ids=OPEN.keys())
def test_example_firms(rule: Rule) -> None:
    firms = SHIPPED[rule.id].firms
    assert len({firm.name for firm in firms}) == 3, "three firms with different names"
    for firm in firms:
        facts = make_profiles().facts(firm.profile, DAY)
        found = assess(rule, facts, frozenset(firm.profile.get("need_kind", ())))
        truths = {row.condition.name: row.truth.value for row in found.checked}
        assert (found.fit.value, truths) == (firm.fit, firm.conditions), firm.name


def test_enough_programmes_are_encoded() -> None:
    assert len(OPEN) >= 38
    outcomes = {firm.fit for rule in OPEN.values() for firm in SHIPPED[rule.id].firms}
    assert outcomes == {"fits", "near", "unknown", "no"}


def test_every_condition_is_seen_met_and_not_met_by_some_firm() -> None:
    """A condition that no example ever fails or leaves open would test nothing."""
    for rule in OPEN.values():
        if not rule.conditions or rule.id in ("luat-htx-2023-dieu-24",):
            continue
        seen = {truth for firm in SHIPPED[rule.id].firms for truth in firm.conditions.values()}
        assert len(seen) > 1 or seen == {Truth.UNKNOWN.value}, rule.id


def test_unconfirmed_limits_restrict_nobody() -> None:
    """A fund's share of at most half, own funds of a fifth: not confirmed, so they neither exclude nor are asked."""
    everything = make_profiles().facts(
        {
            "legal_form": "công ty TNHH", "employees": 5, "revenue_vnd": 1e9, "sector": "miến dong", "startup": True,
            "seeks_equity": True, "equity_percent": 95, "in_value_chain": True, "counterpart_fund": False,
            "loan": {"signed": True, "tech_project": True, "months_left": 30, "bank": "không tên"},
        },
        DAY,
    )  # fmt: skip
    for id_ in ("nd-38-2018-quy-kn", "smedf", "natif-lai-suat"):
        assert assess(RULES[id_], everything).fit is Fit.FITS, id_
    asked = {question.top for question in load().questions}
    assert not asked & {"equity_percent", "counterpart_fund"}


def test_unconfirmed_figures_never_stand_in_a_condition() -> None:
    for item in load().programmes:
        doubtful = {f"{row['cap_vnd']}" for row in item.model_dump().get("supports") or () if row.get("unverified")}
        words = " ".join(f"{row.name} {row.law} {row.how} {row.test}" for row in item.conditions or ())
        assert not any(figure in words for figure in doubtful if figure not in ("None", "")), item.id
