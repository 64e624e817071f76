"""Turns a profile as people or programs state it, or an owner's own words, into the facts that conditions look at."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.enterprise import Facts, Period
from domain.finder import Question
from domain.money import find_money
from domain.text import fold
from nlu.sectors import Sectors
from nlu.stated import SIZE_WORDS, stated
from nlu.values import read_day, read_form, read_number, read_role, read_truth, short_truth

NUMBERS = frozenset(
    "employees revenue_vnd capital_vnd taxable_profit_vnd rd_spend_vnd rd_percent_revenue rd_staff rd_staff_degree "
    "scitech_products scitech_revenue_percent growth_percent_2y equity_percent ocop_stars".split()
)
TRUTHS = frozenset(
    "rural already_bought has_rd institute_partner new_product prototype patent trademark software_ip prize "
    "scitech_certificate startup first_registration split_from_existing owner_previous_company subsidiary investor "
    "seeks_equity woman_owned in_value_chain linkage_contract energy_saving counterpart_fund has_collateral exports "
    "household_ethnic_minority received_state_support".split()
)
MAY_BE_NEGATIVE = frozenset(("taxable_profit_vnd", "growth_percent_2y"))
LOAN = {"signed": "truth", "months_left": "number", "rate_percent": "number", "tech_project": "truth"}


class Profiles:
    """Reads profiles and owners' words; safe to share."""

    def __init__(self, sectors: Sectors, provinces: Mapping[str, str]) -> None:
        """`provinces` maps present and former names to the present one."""
        self._sectors = sectors
        self._provinces = {fold(said): name for said, name in provinces.items()}

    def facts(self, raw: Mapping[str, Any], on: date) -> Facts:
        """The facts of a profile in the contract's keys; what cannot be read counts as unknown."""
        known: dict[str, Any] = {}
        for key in NUMBERS:
            value = read_number(raw.get(key))
            if value is not None and (value >= 0 or key in MAY_BE_NEGATIVE):
                known[key] = value
        for key in TRUTHS:
            if (truth := read_truth(raw.get(key))) is not None:
                known[key] = truth
        known |= _loan(raw.get("loan"))
        known |= {f"loan.{key[5:]}": raw[key] for key in raw if key.startswith("loan.") and raw[key] is not None}
        if province := self.province(raw.get("province")):
            known["province"] = province
        if role := read_role(raw.get("role")):
            known["role"] = role
        if isinstance(raw.get("size_class"), str) and raw["size_class"] in SIZE_WORDS:
            known["size_class"] = SIZE_WORDS[raw["size_class"]]
        form = read_form(raw["legal_form"]) if isinstance(raw.get("legal_form"), str) else None
        sector = raw.get("sector")
        words = [str(part) for part in sector] if isinstance(sector, list | tuple) else [sector]
        tags = self._sectors.read(*(word for word in words if isinstance(word, str)))
        return Facts(on, form, tags, _not_later(read_day(raw.get("founded")), on), _derived(known))

    def province(self, value: Any) -> str | None:
        """The present name of a province, or the words as they stand when we do not know it."""
        if not isinstance(value, str) or not value.strip():
            return None
        bare = re.sub(r"^(?:tinh|thanh pho|tp\.?)\s+", "", fold(value).strip())
        return self._provinces.get(bare, None if bare in ("khong biet", "chua ro", "unknown") else value.strip())

    def from_text(self, text: str, entities: Mapping[str, Any], on: date) -> dict[str, Any]:
        """The profile that an owner's words state, in the contract's keys; nothing is guessed."""
        return stated(text, entities, on, self._sectors)

    def answer(self, question: Question, text: str, entities: Mapping[str, Any], on: date) -> Any:
        """What a message answers to one question, as its key takes it; None when it does not answer it."""
        said = self.from_text(text, entities, on)
        found = said.get(question.key)
        if found is not None and not (question.reads == "form" and read_form(text) is None):
            return found
        if question.reads == "truth":
            if _either(question) and (read_truth(text) is not None or short_truth(text) is not None):
                return None  # a yes or a no chooses between neither: "ở xã hay ở phường"
            said_so = read_truth(text) if read_truth(text) is not None else _choice(question, text)
            return said_so if said_so is not None else short_truth(text)
        if question.reads in ("number", "money"):
            return _amount(question, text)
        if question.reads == "day":
            day = read_day(text.strip(" .!"))
            return None if day is None else text.strip(" .!")
        if question.reads == "sector":
            return [text] if self._sectors.read(text) else None
        if question.reads == "province":
            place = self.province(text)
            return place if place and fold(place) in self._provinces else None
        return read_role(text) if question.reads == "role" else None


def _either(question: Question) -> bool:
    """Whether the labels name two things of which neither is a no."""
    return len(question.choices) == 2 and not any(
        re.match(r"(?:khong|chua|co|da)\b", fold(label)) for label, _ in question.choices
    )


def _choice(question: Question, text: str) -> Any:
    """The value of a label that begins the message: "chưa có em ạ" for "Chưa có"."""
    words = re.findall(r"\w+", fold(text))
    for label, value in question.choices:
        head = re.findall(r"\w+", fold(label))
        if words[: len(head)] == head:
            return value
    return None


NOTHING = re.compile(r"^(?:chua|khong|ko|k|chang)\b(?:\s+(?:co|ai|ro|lai))?")
MOST_OF_NONE = 4  # words; "không có viện trường nào phối hợp" says nothing of how many work there
HOW_MANY = re.compile(r"(?:khoang|tam|co|duoc|hon|gan|chung)?\s*(\d+(?:[.,]\d+)*)")


def _amount(question: Question, text: str) -> float | None:
    folded = fold(text).strip()
    if question.reads == "money" and find_money(text):
        return read_number(text)
    short = len(folded.split()) <= MOST_OF_NONE
    if short and (nothing := NOTHING.match(folded)) and "biet" not in folded and "ro" not in nothing.group():
        return 0.0
    figure = HOW_MANY.search(folded)
    if figure is None or question.reads == "money" or not _counts(folded[figure.end() :], len(folded.split())):
        return None
    if question.key == "loan.months_left" and "nam" in folded:
        return (read_number(figure[1]) or 0) * 12
    return read_number(figure[1])


COUNTED = frozenset(
    "nguoi ng lao cong nhan tho nhan san sp sao % phan thang nam bang don ban ket chuyen ky tien thac".split()
)


def _counts(after: str, words: int) -> bool:
    """Whether a figure counts what was asked: it stands alone or before people, products …; not "3000 tấm" in a story."""
    following = after.split()
    return not following or following[0].strip(",.") in COUNTED or (words <= 4 and not MEASURED.match(after.strip()))


MEASURED = re.compile(
    r"(?:tan|tam|ta|yen|kg|can|ky|lit|khoi|m2|m3|ha|mau|con|cay|chai|bao|thung|trieu|tr|ty|dong|nghin|k)\b"
)


def _loan(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        read = {"truth": read_truth, "number": read_number}
        held = {f"loan.{key}": read[kind](value.get(key)) for key, kind in LOAN.items()}
        return {key: said for key, said in held.items() if said is not None}
    said = read_truth(value)
    return {} if said is None else {"loan.signed": said}


def _derived(known: dict[str, Any]) -> dict[str, Any]:
    """What follows from what is stated: shares from amounts, research from its cost."""
    revenue, spend = known.get("revenue_vnd"), known.get("rd_spend_vnd")
    if "rd_percent_revenue" not in known and revenue and spend is not None:
        known["rd_percent_revenue"] = spend / revenue * 100
    if "has_rd" not in known and (spend or known.get("rd_percent_revenue")):
        known["has_rd"] = True
    if revenue and known.get("scitech_revenue_percent") is not None:
        known["scitech_revenue_vnd"] = revenue * known["scitech_revenue_percent"] / 100
    return known


def _not_later(founded: Period | None, on: date) -> Period | None:
    """A founding that lies in the future is no fact."""
    if founded is None or founded.first > on:
        return None
    return Period(founded.first, min(founded.last, on))
