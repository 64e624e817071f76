"""Segments: every condition by an example, and/or/not against plain Python over random rules, on both databases."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from domain.broadcast import Broadcast, BroadcastState
from domain.person import Alert, Purpose
from domain.segment import EVERYBODY, All, BadSegment, Either, Is, Not, Segment, Trait, conditions, read, words, write
from storage import broadcasts, needs, people, segments
from storage.database import Database
from storage.migrate import migrate
from storage.tables import event, finding, outbox, person, registration

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def database(url: str) -> AsyncIterator[Database]:
    made = Database(url)
    await migrate(made)
    yield made
    await made.close()


async def people_of(database: Database) -> list[int]:
    """Six people: who has what is told by `held` below."""
    found = []
    async with database.write() as db:
        await db.execute(
            event.insert().values(id="E1", title="Hội thảo", starts_at=NOW, state="published", written_by="nhipcau")
        )
        for number in range(6):
            who = await people.arrive(db, "telegram" if number < 4 else "web", "", f"p{number}", NOW)
            found.append(who.person_id)
            if number != 5:
                await people.give_consent(db, who.person_id, Purpose.NEWS, "tin", NOW)
                await people.choose_alert(db, who.person_id, Alert.NOW)
        a, b, c, d, e, _ = found
        firm = {"unit": "Xã Chi Lăng", "employees": 12, "org_form": "hợp tác xã", "name": "HTX Na"}
        await people.keep_enterprise(db, a, firm)
        await people.keep_enterprise(db, b, {"unit": "Xã Văn Quan", "employees": 40, "org_form": "công ty TNHH"})
        fields: dict[str, Any] = {
            "place": {"value": {"unit": "xã Chi Lăng", "province": "Lạng Sơn"}, "words": "Chi Lăng"}
        }
        await needs.submit(db, c, "cần máy sấy hoa hồi", "sấy hoa hồi", fields, "telegram", NOW, NOW)
        await needs.submit(db, d, "kho lạnh cho na", "kho lạnh na", {}, "telegram", NOW, NOW)
        await db.execute(
            finding.insert().values(person_id=b, programme_id="P1", fit="fits", facts={}, rule="r", at=NOW)
        )
        await db.execute(finding.insert().values(person_id=c, programme_id="P1", fit="no", facts={}, rule="r", at=NOW))
        for who_id, state in ((a, "came"), (d, "registered"), (e, "cancelled")):
            await db.execute(
                registration.insert().values(event_id="E1", person_id=who_id, heads=1, state=state, created_at=NOW)
            )
        await segments.set_tags(db, e, [" Vườn  Na ", "OCOP"])
    return found


async def who(database: Database, rule: Segment) -> set[int]:
    async with database.read() as db:
        fits = segments.fits(await segments.unfold(db, rule))
        return set((await db.execute(select(person.c.id).where(fits))).scalars())


SINGLE = (
    (Is(Trait.UNIT, ("chi lang",)), "ac"),
    (Is(Trait.UNIT, ("Xã Chi Lăng", "văn quan")), "abc"),
    (Is(Trait.DISTRICT, ("Chi Lăng",)), "ac"),
    (Is(Trait.PRODUCT, ("hoa hồi",)), "c"),
    (Is(Trait.PRODUCT, ("na",)), "d"),
    (Is(Trait.FORM, ("hợp tác xã",)), "a"),
    (Is(Trait.STAFF_LEAST, ("20",)), "b"),
    (Is(Trait.STAFF_MOST, ("20",)), "a"),
    (Is(Trait.NEED, ("any",)), "cd"),
    (Is(Trait.NEED, ("open",)), ""),
    (Is(Trait.PROGRAMME, ("P1",)), "b"),
    (Is(Trait.ATTENDED, ("E1",)), "a"),
    (Is(Trait.REGISTERED, ("E1",)), "ad"),
    (Is(Trait.CHANNEL, ("web",)), "ef"),
    (Is(Trait.TAG, ("ocop",)), "e"),
    (Is(Trait.TAG, ("vườn na", "không có")), "e"),
)


async def test_every_condition_and_random_rules(database: Database) -> None:
    ids = await people_of(database)
    letter = dict(zip("abcdef", ids, strict=True))
    held = {rule: {letter[one] for one in names} for rule, names in SINGLE}
    for rule, wanted in held.items():
        assert await who(database, rule) == wanted, rule
    chance = random.Random(9)

    def make(deep: int) -> tuple[Segment, set[int]]:
        kind = chance.choice(("is", "not", "all", "any")) if deep else "is"
        if kind == "is":
            rule = chance.choice([one for one, _ in SINGLE])
            return rule, held[rule]
        if kind == "not":
            part, fits = make(deep - 1)
            return Not(part), set(ids) - fits
        parts = [make(deep - 1) for _ in range(chance.randint(0, 3))]
        sets = [fits for _, fits in parts]
        if kind == "all":
            return All(tuple(part for part, _ in parts)), set(ids).intersection(*sets)
        return Either(tuple(part for part, _ in parts)), set[int]().union(*sets)

    for _ in range(60):
        rule, wanted = make(3)
        assert await who(database, rule) == wanted, words(rule)
        assert read(write(rule)) == rule


async def test_count_by_channel_and_by_reason(database: Database) -> None:
    ids = await people_of(database)
    async with database.write() as db:
        await db.execute(people.address.update().where(people.address.c.person_id == ids[0]).values(state="blocked"))
        for number in range(2):
            values = {"kind": "notice", "person_id": ids[1], "dedupe_key": f"k{number}", "text": "x", "choices": []}
            more = {"quotes": [], "state": "sent", "run_at": NOW, "created_at": NOW, "ended_at": NOW}
            await db.execute(outbox.insert().values(**values, **more))
        found = await segments.count(db, EVERYBODY, NOW)
        assert found.by_channel == {"telegram": 3, "web": 1} and found.reached == 4
        assert found.left_out == {"the address cannot be reached": 1, "the person wants no news": 1}
        assert (found.everybody, found.third_this_week) == (6, 1)
        assert len(await segments.sample(db, EVERYBODY)) == 4


async def test_kept_segments_name_one_another_but_not_in_circles(database: Database) -> None:
    ids = await people_of(database)
    async with database.write() as db:
        first = await segments.keep(db, "Trên mạng", Is(Trait.CHANNEL, ("web",)), "Lan", NOW)
        second = await segments.keep(db, "Khác", Not(Is(Trait.SAVED, (str(first),))), "Lan", NOW)
        fits = segments.fits(await segments.unfold(db, Is(Trait.SAVED, (str(second),))))
        assert set((await db.execute(select(person.c.id).where(fits))).scalars()) == set(ids[:4])
        with pytest.raises(BadSegment):
            await segments.keep(db, "Trên mạng", Is(Trait.SAVED, (str(second),)), "Lan", NOW)


async def test_one_statement_writes_everybody(database: Database) -> None:
    ids = await people_of(database)
    async with database.write() as db:
        held = await broadcasts.compose(db, "T", "Chào {ten}, {co_so} ở {xa}.", EVERYBODY, "Lan", NOW)
        assert (
            await broadcasts.approve(db, held, "Hùng", [{"label": "x", "action": "y", "also": [], "mark": ""}], NOW)
            == 6
        )
        assert await broadcasts.approve(db, held, "Hùng", [], NOW) == 0
        rows = (await db.execute(select(outbox).order_by(outbox.c.person_id))).all()
    assert [row.state for row in rows] == ["waiting"] * 5 + ["skipped"]
    assert rows[0].text == "Chào anh/chị, HTX Na ở Xã Chi Lăng."
    assert rows[0].choices == [{"label": "x", "action": "y", "also": [], "mark": ""}]
    assert rows[0].run_at == NOW and rows[0].dedupe_key == f"broadcast:{held.id}:{ids[0]}"
    async with database.write() as db:  # whoever is erased is still counted
        await people.empty(db, ids[1])
        found = await broadcasts.ledger(db, held.id, NOW)
        fresh = await broadcasts.find(db, held.id)
        assert isinstance(fresh, Broadcast) and fresh.state is BroadcastState.RUNNING
        assert (found.total, fresh.erased, fresh.size) == (5, 1, 6)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"all": 1}, {"unit": []}, {"staff_least": ["x"]}, {"nobody": ["x"]}, {"unit": ["x"], "tag": ["y"]}, 7, None],
)
async def test_what_is_no_segment_is_refused(wrong: Any) -> None:
    with pytest.raises(BadSegment):
        read(wrong)
    deep: Any = {"unit": ["x"]}
    for _ in range(9):
        deep = {"not": deep}
    with pytest.raises(BadSegment):
        read(deep)
    assert list(conditions(read({"all": [{"not": {"unit": ["x"]}}]}))) == [Is(Trait.UNIT, ("x",))]
