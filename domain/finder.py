"""Which support programmes fit an enterprise, what is missing, and which question would tell the most."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from domain.eligibility import Age, Criterion, Truth, Undecided, all_of, pending, read_criterion
from domain.enterprise import Facts, Form, Period, years_before
from domain.kinds import Kind
from domain.programme import GONE, Programme, ProgrammeState, begun, ended


class Fit(StrEnum):
    """How a programme stands to an enterprise; `fits` says that the mechanism fits, not that a call is open."""

    FITS = "fits"  # every condition is met
    NEAR = "near"  # exactly one condition is unmet, one that can still be met
    UNKNOWN = "unknown"  # nothing speaks against it, something is not known
    NO = "no"  # a condition that cannot be changed is unmet, or more than one
    NOT_IN_FORCE = "not_in_force"  # not begun, ended, replaced or only a draft


@dataclass(frozen=True)
class Condition:
    """One condition: its name in words, the text of the law behind it, the test; `how` says how it can be met."""

    name: str
    law: str
    test: Criterion
    fixed: bool = False  # the enterprise cannot come to meet it
    how: str = ""


@dataclass(frozen=True)
class Branch:
    """One of several supports of a programme that has conditions of its own; `needs` are the kinds of help it is."""

    name: str
    needs: frozenset[str]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Rule:
    """The conditions of one programme: all of `conditions`, with all of one branch when there are branches."""

    programme: Programme
    conditions: tuple[Condition, ...]
    branches: tuple[Branch, ...] = ()

    @property
    def id(self) -> str:
        """The programme's id."""
        return self.programme.id

    @property
    def weight(self) -> float:
        """How much it is worth to decide it: little for what is seldom the first door of a small enterprise."""
        sure = {"high": 1.0, "medium": 0.8}.get(self.programme.confidence, 0.4)
        return sure * (0.3 if self.programme.data.get("aside") else 1.0)


@dataclass(frozen=True)
class Checked:
    """A condition with what it came to."""

    condition: Condition
    truth: Truth


@dataclass(frozen=True)
class Finding:
    """What a programme comes to for an enterprise; `missing` counts the unmet conditions."""

    programme: Programme
    fit: Fit
    checked: tuple[Checked, ...] = ()
    branch: str = ""

    @property
    def missing(self) -> int:
        """How many conditions are unmet."""
        return sum(row.truth is Truth.UNMET for row in self.checked)

    def having(self, truth: Truth) -> list[Condition]:
        """The conditions that came to this."""
        return [row.condition for row in self.checked if row.truth is truth]


STILL_HOLDS = "Văn bản còn hiệu lực"
FORMS_OF_HELP = frozenset((Kind.CAPITAL.value, Kind.TAX.value))
NEARNESS = (1.0, 0.5, 0.25)  # worth of a programme by its distance from the form of help asked for
ORDER = (Fit.FITS, Fit.NEAR, Fit.UNKNOWN, Fit.NO, Fit.NOT_IN_FORCE)


def read_rule(programme: Programme) -> Rule | None:
    """The conditions in a programme's data; None when nobody can apply to it. Raises ValueError."""
    held = programme.data.get("conditions")
    if held is None:
        return None
    branches = tuple(
        Branch(row["name"], frozenset(row["needs"]), read_conditions(row["conditions"]))
        for row in programme.data.get("branches") or ()
    )
    return Rule(programme, read_conditions(held), branches)


def read_conditions(rows: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Conditions from data: {"name", "law", "test", "fixed"?, "how"?} each. Raises ValueError."""
    return tuple(
        Condition(
            row["name"], row["law"], read_criterion(row["test"]), bool(row.get("fixed")), str(row.get("how") or "")
        )
        for row in rows
    )


def rules_of(programmes: Iterable[Programme]) -> list[Rule]:
    """The rules of all programmes one can apply to, with those that are no more, which are told apart."""
    rules = []
    for programme in programmes:
        rule = read_rule(programme)
        if rule is None and programme.state in (*GONE, ProgrammeState.DRAFT):
            rule = Rule(programme, ())
        if rule is not None:
            rules.append(rule)
    return rules


def assess(rule: Rule, facts: Facts, needs: frozenset[str] = frozenset()) -> Finding:
    """One programme for one enterprise; of several branches the most promising one that serves `needs` counts."""
    day = facts.on.isoformat()
    programme = rule.programme
    if programme.state is ProgrammeState.DRAFT or ended(programme, day) or not begun(programme, day):
        return Finding(programme, Fit.NOT_IN_FORCE)
    base = _check(rule.conditions, facts)
    if programme.state is ProgrammeState.UNSURE:
        doubt = Condition(STILL_HOLDS, programme.state_note, Undecided())
        base = (*base, Checked(doubt, Truth.UNKNOWN))
    if not rule.branches:
        return _found(programme, base, "")
    made = [_found(programme, (*base, *_check(row.conditions, facts)), row.name) for row in serving(rule, needs)]
    return min(made, key=lambda found: (ORDER.index(found.fit), found.missing))


def serving(rule: Rule, needs: frozenset[str]) -> list[Branch]:
    """The branches that serve these kinds of help; all when none is named or none serves them."""
    return [branch for branch in rule.branches if branch.needs & needs] or list(rule.branches)


def _check(conditions: Iterable[Condition], facts: Facts) -> tuple[Checked, ...]:
    return tuple(Checked(condition, condition.test.check(facts)) for condition in conditions)


def _found(programme: Programme, checked: tuple[Checked, ...], branch: str) -> Finding:
    unmet = [row.condition for row in checked if row.truth is Truth.UNMET]
    unsure = programme.state is ProgrammeState.UNSURE
    if len(unmet) > 1 or any(condition.fixed for condition in unmet):
        fit = Fit.NO
    elif unmet:
        fit = Fit.UNKNOWN if unsure else Fit.NEAR
    else:
        fit = Fit.FITS if all_of(row.truth for row in checked) is Truth.MET else Fit.UNKNOWN
    return Finding(programme, fit, checked, branch)


def find(rules: Iterable[Rule], facts: Facts, needs: Iterable[str] = ()) -> list[Finding]:
    """All programmes for one enterprise, best first: the fit, the needs served, local before national, how sure."""
    wanted = frozenset(needs)
    found = [assess(rule, facts, wanted) for rule in rules]
    return sorted(found, key=lambda row: (ORDER.index(row.fit), *_rank(row, wanted)))


def distance(programme: Programme, wanted: Set[str]) -> int:
    """How far a programme is from the form of help asked for: 0 that form for what is wanted, 1 that form, 2 another.

    Who asks for a loan or a tax advantage for a machine wants that before a grant; without such words all are equal.
    """
    forms, serves = wanted & FORMS_OF_HELP, set(programme.needs)
    if not forms:
        return 0
    if not forms & serves:
        return 2
    things = wanted - forms
    return 0 if not things or things & serves else 1


def _rank(found: Finding, wanted: frozenset[str]) -> tuple[int, int, int, int, int, int, int, int, str]:
    programme = found.programme
    overlap = len(wanted & set(programme.needs))
    return (
        bool(programme.data.get("aside")),
        distance(programme, wanted),
        -(overlap if wanted & FORMS_OF_HELP else min(overlap, 2)),
        not found.checked,  # what is open to all tells less
        found.missing + len(found.having(Truth.UNKNOWN)),
        programme.data.get("kind") != "provincial",
        not programme.data.get("supports"),
        ("high", "medium", "low").index(programme.confidence),
        programme.id,
    )


def met_from(finding: Finding, facts: Facts) -> tuple[Condition, date] | None:
    """The one missing condition that time alone will meet, with the day; None when there is none."""
    unmet = finding.having(Truth.UNMET)
    if finding.fit is not Fit.NEAR or len(unmet) != 1 or not isinstance(unmet[0].test, Age):
        return None
    day = unmet[0].test.met_from(facts)
    return (unmet[0], day) if day else None


# --- which question next ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Question:
    """One question about the enterprise: `key` of the profile, the words, labels to press with what they mean.

    `answers` are the answers people give with how often (any scale); they weigh which question tells the most.
    """

    key: str
    words: str
    choices: tuple[tuple[str, Any], ...] = ()
    answers: tuple[tuple[Any, float], ...] = ()
    reads: str = "truth"  # form | number | money | truth | day | sector | province | role
    firms: bool = False  # households, groups, farms and persons are not asked this

    @property
    def top(self) -> str:
        """The key of the profile without its part: "loan" for "loan.signed"."""
        return self.key.partition(".")[0]


def answered(facts: Facts, key: str, value: Any) -> Facts:
    """The facts with one more; `founded` is given as an age in years, `sector` as tags."""
    if key == "legal_form":
        return replace(facts, form=Form(value))
    if key == "sector":
        return replace(facts, sectors=frozenset(value))
    if key == "founded":
        months = round(float(value) * 12)
        day = years_before(facts.on, months // 12)
        month = day.month - months % 12
        day = day.replace(year=day.year - (month < 1), month=(month - 1) % 12 + 1, day=min(day.day, 28))
        return replace(facts, founded=Period(day, day))
    return replace(facts, known={**facts.known, key: value})


def open_keys(rule: Rule, facts: Facts, needs: frozenset[str] = frozenset()) -> frozenset[str]:
    """The keys on which an undecided programme hangs; empty for a decided one."""
    found = assess(rule, facts, needs)
    if found.fit is not Fit.UNKNOWN or rule.programme.state is not ProgrammeState.IN_FORCE:
        return frozenset()
    tests = [condition.test for condition in rule.conditions]
    tests += [condition.test for branch in serving(rule, needs) for condition in branch.conditions]
    return frozenset[str]().union(*(pending(test, facts) for test in tests))


def next_question(
    rules: Iterable[Rule],
    facts: Facts,
    questions: Sequence[Question],
    needs: Iterable[str] = (),
    asked: Iterable[str] = (),
    few: bool = False,
) -> Question | None:
    """The question whose answer decides the most programmes, on average; None when no answer would decide any.

    Only programmes that serve `needs` count (all when none is named). `asked` keys are not asked again. With `few`
    questions to ask, programmes that help small enterprises most count more.
    """
    wanted, passed = frozenset(needs), set(asked)
    small = facts.form in SMALL if facts.form is not None else "legal_form" in passed  # who cannot tell is no company
    left = {
        q.key: q
        for q in questions
        if q.key not in passed and q.top not in passed and not _stated(facts, q.key) and not (small and q.firms)
    }
    hanging = [
        (rule, keys, _worth(rule, facts, wanted, left.keys()) if few else 1.0)
        for rule in rules
        if (not wanted or wanted & set(rule.programme.needs)) and (keys := open_keys(rule, facts, wanted))
    ]
    best: tuple[float, Question] | None = None
    for key, question in left.items():
        touched = [row for row in hanging if key in row[1]]
        gain = _gain(touched, facts, question, wanted) if touched else 0.0
        if touched and (best is None or gain > best[0] + 1e-9):
            best = (gain, question)
    return best[1] if best else None


def _worth(rule: Rule, facts: Facts, needs: frozenset[str], askable: Set[str]) -> float:
    """The weight of deciding a programme: less when it serves one of several needs, or can only be ruled out."""
    worth = rule.weight * (0.5 if len(needs) > 1 and len(needs & set(rule.programme.needs)) < 2 else 1.0)
    worth *= NEARNESS[distance(rule.programme, needs)]
    held = [
        pending(condition.test, facts) for condition in rule.conditions if condition.test.check(facts) is Truth.UNKNOWN
    ]
    return worth * (0.25 if any(not keys & askable for keys in held) else 1.0)


SMALL = frozenset((Form.HOUSEHOLD, Form.GROUP, Form.FARM, Form.PERSON))


def _stated(facts: Facts, key: str) -> bool:
    if key == "legal_form":
        return facts.form is not None
    if key == "sector":
        return bool(facts.sectors)
    if key == "founded":
        return facts.founded is not None
    return facts.known.get(key) is not None


PARTLY = 0.2  # worth of each key settled beside that of a programme decided (measured: python -m bench.finder)


def _gain(
    touched: Iterable[tuple[Rule, Set[str], float]], facts: Facts, question: Question, needs: frozenset[str]
) -> float:
    """How many programmes an answer decides on average, by their worth, with a little for each key it settles."""
    total = sum(weight for _, weight in question.answers)
    gain = 0.0
    for value, weight in question.answers:
        then = answered(facts, question.key, value)
        for rule, before, worth in touched:
            after = open_keys(rule, then, needs)
            gain += worth * ((not after) + PARTLY * len(before - after)) * weight / total
    return gain


def flips(before: Rule, after: Rule, examples: Iterable[tuple[str, Facts]]) -> list[tuple[str, Fit, Fit]]:
    """Which example firms (name, facts) a changed rule judges otherwise: (name, fit before, fit after)."""
    judged = [(name, assess(before, facts).fit, assess(after, facts).fit) for name, facts in examples]
    return [row for row in judged if row[1] is not row[2]]
