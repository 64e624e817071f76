"""The index in memory and the key tables of a database, SQLite or PostgreSQL, find the same."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bench.matching.crowd import Crowd
from bot.shared import SharedMatcher
from bot.wiring import System
from handlers.words import wanted
from knowledge.library import load, read_offers
from matching.engine import Matcher
from matching.wanted import Wanted
from storage import catalogue, needs, people
from storage.seed import offer_from

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
GOLDEN = Path(__file__).parents[1] / "golden" / "matching"
SAME_AT_LEAST = 0.98


def judged_needs() -> list[Wanted]:
    found = []
    for name in ("first", "shipped"):
        for row in yaml.safe_load((GOLDEN / f"needs_{name}.yaml").read_text(encoding="utf-8"))["needs"]:
            slots = row["slots"]
            product, process = slots.get("product", ()), slots.get("process", ())
            listed = [(value,) if isinstance(value, str) else tuple(value) for value in (product, process)]
            found.append(Wanted(row["text"], *listed, slots.get("capacity") or {}, slots.get("budget") or {}, "20"))
    return found


@pytest.mark.asyncio
async def test_same_first_five(system: System) -> None:
    offers = [*(offer_from(row) for row in read_offers()), *Crowd(load()).offers(600)]
    memory: Matcher[int] = Matcher(load())
    memory.load(offers)
    shared = SharedMatcher(load())
    async with system.database.write() as db:
        for offer in offers:
            await catalogue.write_offer(db, offer, "nhipcau")
            await shared.put(db, offer)
    asked = judged_needs()
    same = decided = 0
    async with system.database.read() as db:
        for want in asked:
            here, there = memory.search(want, 5), await shared.search(db, want, NOW, 5)
            same += [m.offer for m in here.matches] == [m.offer for m in there.matches]
            decided += here.decision is there.decision
    assert same >= SAME_AT_LEAST * len(asked), f"{same} of {len(asked)}"
    assert decided >= SAME_AT_LEAST * len(asked), f"{decided} of {len(asked)}"


@pytest.mark.asyncio
async def test_same_needs_for_an_offer(system: System) -> None:
    memory: Matcher[int] = Matcher(load())
    shared = SharedMatcher(load())
    async with system.database.write() as db:
        who = await people.arrive(db, "terminal", "", "mai", NOW)
        for want in judged_needs():
            fields = {
                "product": {"value": list(want.products), "words": ", ".join(want.products)},
                "wish": {"value": list(want.processes), "words": ", ".join(want.processes)},
                "scale": {"value": want.capacity, "words": ""},
                "budget": {"value": want.budget, "words": ""},
            }
            made = await needs.submit(db, who.person_id, want.text, "", fields, "terminal", NOW, NOW)
            memory.put_need(made.id, wanted(made.text, made.fields))
            await shared.put_need(db, made.id, wanted(made.text, made.fields))
    async with system.database.read() as db:
        for row in read_offers():
            offer = offer_from(row)
            assert dict(await shared.percolate(db, offer)) == dict(memory.percolate(offer)), offer.id
