"""Conditions of support programmes in three-valued logic: met, unmet, unknown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from domain.enterprise import ENTERPRISES, Facts, Form, Size, sizes, years_after, years_before
from domain.text import fold


class Truth(StrEnum):
    """What a condition comes to with what is known."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


def all_of(truths: Iterable[Truth]) -> Truth:
    """Conjunction: one unmet decides, else one unknown."""
    found = set(truths)
    if Truth.UNMET in found:
        return Truth.UNMET
    return Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.MET


def any_of(truths: Iterable[Truth]) -> Truth:
    """Disjunction: one met decides, else one unknown."""
    found = set(truths)
    if Truth.MET in found:
        return Truth.MET
    return Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.UNMET


def _truth(value: bool | None) -> Truth:
    return Truth.UNKNOWN if value is None else Truth.MET if value else Truth.UNMET


class Criterion(Protocol):
    """One typed test of the facts."""

    def check(self, facts: Facts) -> Truth:
        """What it comes to."""
        ...

    @property
    def keys(self) -> frozenset[str]:
        """The keys of a profile it looks at."""
        ...


@dataclass(frozen=True)
class OfForm:
    """The legal form is one of these; for `doubtful` forms only the authority can tell."""

    forms: frozenset[Form]
    doubtful: frozenset[Form] = frozenset()
    keys: frozenset[str] = frozenset(("legal_form",))

    def check(self, facts: Facts) -> Truth:
        if facts.form is None or facts.form in self.doubtful:
            return Truth.UNKNOWN
        return _truth(facts.form in self.forms)


SIZE_KEYS = frozenset(("employees", "revenue_vnd", "capital_vnd", "sector"))


@dataclass(frozen=True)
class OfSize:
    """The enterprise has one of these sizes; other legal forms have no size by Decree 80/2021 and pass."""

    sizes: frozenset[Size]
    others: bool = False  # whether other legal forms than enterprises may apply, so that an unknown form leaves it open
    keys: frozenset[str] = SIZE_KEYS | {"legal_form"}

    def check(self, facts: Facts) -> Truth:
        if facts.form is not None and facts.form not in ENTERPRISES:
            return Truth.MET
        possible = sizes(facts)
        if possible <= self.sizes:
            return Truth.MET
        if possible & self.sizes or (facts.form is None and self.others):
            return Truth.UNKNOWN
        return Truth.UNMET


@dataclass(frozen=True)
class InSector:
    """The line of business carries one of these tags; `doubtful` tags leave it open."""

    tags: frozenset[str]
    doubtful: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset(("sector",))

    def check(self, facts: Facts) -> Truth:
        if facts.sectors & self.tags:
            return Truth.MET
        if not facts.sectors or facts.sectors & self.doubtful:
            return Truth.UNKNOWN
        return Truth.UNMET


@dataclass(frozen=True)
class InProvince:
    """The seat is in one of these provinces."""

    names: frozenset[str]
    keys: frozenset[str] = frozenset(("province",))

    def check(self, facts: Facts) -> Truth:
        said = facts.words
        return Truth.UNKNOWN if said is None else _truth(fold(said) in {fold(name) for name in self.names})


@dataclass(frozen=True)
class Says:
    """A yes/no fact is so; a number counts as yes when it is above zero."""

    key: str
    wanted: bool = True

    @property
    def keys(self) -> frozenset[str]:
        return frozenset((self.key,))

    def check(self, facts: Facts) -> Truth:
        said = facts.truth(self.key)
        return Truth.UNKNOWN if said is None else _truth(said is self.wanted)


@dataclass(frozen=True)
class InList:
    """A named fact is one of these words."""

    key: str
    names: frozenset[str]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset((self.key,))

    def check(self, facts: Facts) -> Truth:
        said = facts.known.get(self.key)
        if not isinstance(said, str):
            return Truth.UNKNOWN
        return _truth(said in self.names)


@dataclass(frozen=True)
class Bound:
    """A number lies within these bounds, both included."""

    key: str
    least: float | None = None
    most: float | None = None

    @property
    def keys(self) -> frozenset[str]:
        return frozenset((self.key,))

    def check(self, facts: Facts) -> Truth:
        said = facts.number(self.key)
        if said is None:
            return Truth.UNKNOWN
        return _truth((self.least is None or said >= self.least) and (self.most is None or said <= self.most))


@dataclass(frozen=True)
class Age:
    """The years since the first registration lie within these bounds, counted to the day; both ends included."""

    least: int | None = None
    most: int | None = None
    keys: frozenset[str] = frozenset(("founded",))

    def check(self, facts: Facts) -> Truth:
        if facts.founded is None:
            return Truth.UNKNOWN
        ends = {self._holds(day, facts.on) for day in (facts.founded.first, facts.founded.last)}
        return _truth(ends.pop()) if len(ends) == 1 else Truth.UNKNOWN

    def _holds(self, founded: date, on: date) -> bool:
        old_enough = self.least is None or founded <= years_before(on, self.least)
        return old_enough and (self.most is None or founded >= years_before(on, self.most))

    def met_from(self, facts: Facts) -> date | None:
        """The day from which an enterprise that is too young is surely old enough."""
        if self.least is None or facts.founded is None or self.check(facts) is not Truth.UNMET:
            return None
        day = years_after(facts.founded.last, self.least)
        return day if day > facts.on else None


@dataclass(frozen=True)
class BySize:
    """Another test for each size of the enterprise."""

    tests: tuple[tuple[Size, Criterion], ...]

    @property
    def keys(self) -> frozenset[str]:
        return SIZE_KEYS.union(*(test.keys for _, test in self.tests))

    def check(self, facts: Facts) -> Truth:
        possible = sizes(facts)
        found = {test.check(facts) for size, test in self.tests if size in possible}
        return found.pop() if len(found) == 1 else Truth.UNKNOWN


@dataclass(frozen=True)
class Every:
    """All of these hold."""

    tests: tuple[Criterion, ...]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset[str]().union(*(test.keys for test in self.tests))

    def check(self, facts: Facts) -> Truth:
        return all_of(test.check(facts) for test in self.tests)


@dataclass(frozen=True)
class Either:
    """At least one of these holds."""

    tests: tuple[Criterion, ...]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset[str]().union(*(test.keys for test in self.tests))

    def check(self, facts: Facts) -> Truth:
        return any_of(test.check(facts) for test in self.tests)


@dataclass(frozen=True)
class Undecided:
    """What no profile can tell: only the authority knows, so it is neither asked nor held against anybody."""

    keys: frozenset[str] = frozenset()

    def check(self, facts: Facts) -> Truth:
        return Truth.UNKNOWN


def pending(test: Criterion, facts: Facts) -> frozenset[str]:
    """The keys whose answers could still decide an unknown test; empty when it is decided."""
    if test.check(facts) is not Truth.UNKNOWN:
        return frozenset()
    if isinstance(test, Every | Either):
        return frozenset[str]().union(*(pending(part, facts) for part in test.tests))
    if isinstance(test, BySize):
        possible = sizes(facts)
        inner = (pending(part, facts) for size, part in test.tests if size in possible)
        return frozenset[str]().union(SIZE_KEYS if len(possible) > 1 else (), *inner)
    return test.keys


FORMS = {
    "enterprise": ENTERPRISES,
    "legal_entity": frozenset((Form.COMPANY, Form.COOPERATIVE, Form.INSTITUTE)),
    **{form.value: frozenset((form,)) for form in Form},
}


def _forms(names: Iterable[str]) -> frozenset[Form]:
    return frozenset[Form]().union(*(FORMS[name] for name in names))


def _names(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def read_criterion(data: Mapping[str, Any]) -> Criterion:
    """A criterion from its data, one test a mapping; raises ValueError that names what is wrong.

    form: [names] (doubtful: [names]) · size: [names] (others: true) · sector: [tags] (doubtful: [tags]) ·
    province: [names] · is: key · is_not: key · key: k, one_of: [words] · key: k, least: n, most: n ·
    age: {least: years, most: years} · by_size: {size: test} · every: [tests] · either: [tests] · undecided: true
    """
    try:
        return _read(dict(data))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a condition's test cannot be read: {error}") from error


def _read(data: dict[str, Any]) -> Criterion:
    doubtful = _names(data.pop("doubtful", ()))
    found: Criterion
    if "form" in data:
        found = OfForm(_forms(_names(data.pop("form"))), _forms(doubtful))
    elif "size" in data:
        found = OfSize(frozenset(Size(name) for name in data.pop("size")), bool(data.pop("others", False)))
    elif "sector" in data:
        found = InSector(frozenset(_names(data.pop("sector"))), frozenset(doubtful))
    elif "province" in data:
        found = InProvince(frozenset(_names(data.pop("province"))))
    elif "is" in data:
        found = Says(data.pop("is"))
    elif "is_not" in data:
        found = Says(data.pop("is_not"), wanted=False)
    elif "one_of" in data:
        found = InList(data.pop("key"), frozenset(_names(data.pop("one_of"))))
    elif "key" in data:
        found = Bound(data.pop("key"), data.pop("least", None), data.pop("most", None))
    elif "age" in data:
        bounds = dict(data.pop("age"))
        found = Age(bounds.pop("least", None), bounds.pop("most", None))
    elif "by_size" in data:
        found = BySize(tuple((Size(name), read_criterion(test)) for name, test in data.pop("by_size").items()))
    elif "every" in data:
        found = Every(tuple(read_criterion(test) for test in data.pop("every")))
    elif "either" in data:
        found = Either(tuple(read_criterion(test) for test in data.pop("either")))
    elif data.pop("undecided", False):
        found = Undecided()
    else:
        raise ValueError(f"no test named {', '.join(data) or 'at all'}")
    if data:
        raise ValueError(f"a test has what it does not know: {', '.join(data)}")
    return found
