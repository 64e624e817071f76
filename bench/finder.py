"""How many questions the programme finder needs: chosen by how well they separate, against a fixed order.

Run: python -m bench.finder [--profiles 500] [--seed 7]. Each profile is an invented enterprise with every fact known;
it is asked until no programme that serves its needs can still be decided. Three ways: "chosen" by next_question,
"fixed" the list in its order, leaving out what no open programme asks, "form" the list in its order with all of it.
"""

import argparse
import random
import time
from collections.abc import Sequence
from datetime import date
from statistics import mean, median
from typing import Any

from bot.wiring import profiles as make_profiles
from domain.enterprise import Facts
from domain.finder import Question, Rule, next_question, open_keys, rules_of
from domain.kinds import Kind
from domain.programme import ProgrammeState
from knowledge.library import load
from storage.seed import programme_from

DAY = date(2026, 11, 23)
SECTORS = (
    "chế biến nông sản", "sấy hoa hồi", "trồng na", "nuôi lợn", "miến dong", "cơ khí", "du lịch", "bán buôn hàng tạp hóa",
    "phần mềm", "kho lạnh bảo quản rau quả", "đan lát mây tre", "sản xuất gạch", "vận tải", "chế biến gỗ",
)  # fmt: skip


def invent(chance: random.Random) -> dict[str, Any]:
    """One invented enterprise with every fact the contract knows."""
    yes = chance.random
    size = chance.choice(((4, 8e8), (9, 2.5e9), (20, 9e9), (60, 4e10), (150, 1.5e11), (500, 9e11)))
    return {
        "legal_form": chance.choice(
            ["công ty TNHH"] * 4 + ["hợp tác xã"] * 3 + ["hộ kinh doanh"] * 3
            + ["doanh nghiệp tư nhân", "tổ hợp tác", "chủ trang trại"]
        ),
        "employees": size[0], "revenue_vnd": size[1] * chance.uniform(0.6, 1.1),
        "capital_vnd": size[1] * chance.uniform(0.3, 1.5),
        "sector": chance.choice(SECTORS), "province": "Lạng Sơn" if yes() < 0.9 else "Cao Bằng", "rural": yes() < 0.7,
        "founded": f"{chance.randint(2012, 2026)}-0{chance.randint(1, 9)}-15",
        "already_bought": yes() < 0.2, "received_state_support": yes() < 0.2, "startup": yes() < 0.2,
        "in_value_chain": yes() < 0.3,
        "has_rd": yes() < 0.3, "has_collateral": yes() < 0.5, "ocop_stars": chance.choice((0, 0, 0, 3, 4)),
        "new_product": yes() < 0.4, "role": chance.choice(("supplier", "buyer", "buyer")), "subsidiary": yes() < 0.1,
        "first_registration": yes() < 0.7, "split_from_existing": yes() < 0.15, "owner_previous_company": yes() < 0.25,
        "energy_saving": yes() < 0.3, "taxable_profit_vnd": chance.choice((-1e8, 0, 2e8, 9e8)), "seeks_equity": yes() < 0.2,
        "investor": yes() < 0.2, "growth_percent_2y": chance.randint(-10, 40), "patent": yes() < 0.1, "prize": yes() < 0.15,
        "prototype": yes() < 0.3, "software_ip": yes() < 0.1, "scitech_certificate": yes() < 0.05,
        "scitech_products": chance.choice((0, 0, 0, 1, 2)), "rd_percent_revenue": chance.choice((0, 0, 1, 3)),
        "rd_staff": chance.randint(0, 6), "rd_staff_degree": chance.randint(0, 12),
        "scitech_revenue_percent": chance.randint(0, 60),
        "loan": {"signed": yes() < 0.4, "tech_project": yes() < 0.7, "months_left": chance.randint(3, 60)},
        "need_kind": [kind.value for kind in chance.sample(list(Kind), chance.randint(1, 2))],
    }  # fmt: skip


def part(profile: dict[str, Any], question: Question) -> dict[str, Any]:
    """What the enterprise answers to a question, as a profile of one key."""
    if question.top == "loan":
        return {question.key: profile["loan"][question.key.partition(".")[2]]}
    return {question.top: profile[question.top]}


def in_order(
    rules: Sequence[Rule],
    facts: Facts,
    questions: Sequence[Question],
    needs: frozenset[str],
    asked: set[str],
    skip: bool,
) -> Question | None:
    """The first question of the list that any undecided programme hangs on; without `skip` the first one at all."""
    keys: set[str] = set()
    for rule in rules:
        if not needs or needs & set(rule.programme.needs):
            keys |= open_keys(rule, facts, needs)
    if not keys:
        return None
    return next((q for q in questions if (q.key in keys or not skip) and q.key not in asked), None)


def undecided(rules: Sequence[Rule], facts: Facts, needs: frozenset[str]) -> int:
    """How many programmes that serve the needs still hang on something."""
    return sum(bool(needs & set(rule.programme.needs) and open_keys(rule, facts, needs)) for rule in rules)


def main() -> None:
    """Asks every invented enterprise in both ways."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profiles", type=int, default=500)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    library, profiles, chance = load(), make_profiles(), random.Random(given.seed)
    rules = [
        r for r in rules_of(map(programme_from, library.programmes)) if r.programme.state is ProgrammeState.IN_FORCE
    ]
    counts: dict[str, list[int]] = {"chosen": [], "fixed": [], "form": []}
    spent, decided, all_programmes = 0.0, dict.fromkeys(counts, 0), 0
    for _ in range(given.profiles):
        whole = invent(chance)
        needs = frozenset(whole["need_kind"])
        all_programmes += sum(bool(needs & set(rule.programme.needs)) for rule in rules)
        for way in counts:
            known: dict[str, Any] = {}
            asked: set[str] = set()
            while True:
                facts = profiles.facts(known, DAY)
                if len(asked) <= 4:
                    open_after = undecided(rules, facts, needs)
                began = time.perf_counter()
                if way == "chosen":
                    question = next_question(rules, facts, library.questions, needs, asked)
                    spent += time.perf_counter() - began
                else:
                    question = in_order(rules, facts, library.questions, needs, asked, skip=way == "fixed")
                if question is None:
                    break
                asked.add(question.key)
                known |= part(whole, question)
            counts[way].append(len(asked))
            decided[way] -= open_after
    for way, row in counts.items():
        after = 1 + decided[way] / all_programmes
        print(f"{way:7} mean {mean(row):.2f}  median {median(row):.0f}  most {max(row)}  decided after 4: {after:.1%}")
    print(
        f"choosing a question takes {spent / max(sum(counts['chosen']) + given.profiles, 1) * 1000:.1f} ms on average"
    )


if __name__ == "__main__":
    main()
