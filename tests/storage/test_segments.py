"""Segments: every condition by an example, and/or/not against plain Python over random rules, on both databases."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from domain.broadcast import NO_PUSH, Broadcast, BroadcastState
from domain.frames import MARGIN, SPANS, Frame, Terms, standing
from domain.person import Alert, Purpose
from domain.segment import EVERYBODY, All, BadSegment, Either, Is, Not, Segment, Trait, conditions, read, words, write
from handlers.frames import ahead
from storage import broadcasts, frames, needs, people, segments
from storage.database import Database
from storage.migrate import migrate
from storage.outbox import Allowance
from storage.tables import allowance, event, finding, outbox, person, registration

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
        firm["profile"] = {"sectors": ["agri_processing", "processing"]}
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
        for days in (1, 8):  # one message on our own account this week, one before
            values = {
                "kind": "notice",
                "person_id": d,
                "dedupe_key": f"n{days}",
                "text": "x",
                "choices": [],
                "quotes": [],
            }
            at = NOW - timedelta(days=days)
            await db.execute(outbox.insert().values(**values, state="sent", run_at=at, created_at=at, ended_at=at))
    return found


async def who(database: Database, rule: Segment) -> set[int]:
    async with database.read() as db:
        fits = segments.fits(await segments.unfold(db, rule), NOW)
        return set((await db.execute(select(person.c.id).where(fits))).scalars())


SINGLE = (
    (Is(Trait.UNIT, ("chi lang",)), "ac"),
    (Is(Trait.UNIT, ("Xã Chi Lăng", "văn quan")), "abc"),
    (Is(Trait.DISTRICT, ("Chi Lăng",)), "ac"),
    (Is(Trait.PRODUCT, ("hoa hồi",)), "c"),
    (Is(Trait.PRODUCT, ("na",)), "d"),
    (Is(Trait.SECTOR, ("agri_processing", "trade")), "a"),
    (Is(Trait.SECTOR, ("process",)), ""),
    (Is(Trait.RECENT, ("1",)), "d"),
    (Is(Trait.RECENT, ("2",)), ""),
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
        assert len(await segments.sample(db, EVERYBODY, NOW)) == 4


async def zalo_people(database: Database) -> None:
    """Six on Zalo who want news and said their last word so many hours ago; one of them has nothing left."""
    async with database.write() as db:
        for number, hours in enumerate((1, 47.8, 47.95, 167.8, 167.95, 2)):
            place = await people.arrive(db, "zalo", "", f"z{number}", NOW - timedelta(hours=hours))
            await people.give_consent(db, place.person_id, Purpose.NEWS, "tin", NOW)
            await people.choose_alert(db, place.person_id, Alert.NOW)
            if number in (0, 5):
                left = Allowance("reply", 7 if number == 0 else 2, 8)
                await people.keep_allowance(db, place.id, left, NOW)
            if number == 1:  # told before their last word: a new frame has begun since
                await people.keep_allowance(db, place.id, Allowance("reply", 0, 8), NOW - timedelta(days=3))


async def test_who_is_out_of_zalos_frame_is_counted_before(database: Database) -> None:
    await zalo_people(database)
    on_zalo = Is(Trait.CHANNEL, ("zalo",))
    async with database.read() as db:
        found = await segments.count(db, on_zalo, NOW)
        assert found.by_channel == {"zalo": 2} and found.left_out == {NO_PUSH: 4}
        assert (found.everybody, found.may_grow_to) == (6, 6)
        stands = {frame: n for (_, frame), n in found.frames.items()}
        assert stands == {Frame.FREE: 2, Frame.SPENT: 1, Frame.PAID: 2, Frame.SHUT: 1}
        assert len(await segments.sample(db, on_zalo, NOW)) == 2
        paid = Terms(paid=True, price=55)
        told = ahead(await segments.count(db, on_zalo, NOW, paid), paid)
        assert told == [
            "Zalo: 2 người nhận miễn phí; 1 người đã hết lượt miễn phí: gửi mất phí, khoảng 55 đồng chưa thuế; "
            "2 người im hơn 48 giờ: gửi mất phí, khoảng 110 đồng chưa thuế; 1 người im hơn 7 ngày: không nhận được tin này.",
            "Tổng phí khoảng 165 đồng chưa thuế.",
        ]
        both = Terms(paid=True, template=True, price=55, template_price=300)
        everybody = await segments.count(db, on_zalo, NOW, both)
        assert everybody.reached == 6 and not everybody.left_out
        assert ahead(everybody, both)[-1] == "Tổng phí khoảng 710 đồng chưa thuế.", "2 × 55 + 2 × 300"
        assert len(await segments.sample(db, on_zalo, NOW, both)) == 6
        reached = await frames.reach(db, NOW, Terms())
        assert set(reached) == {"zalo"} and reached["zalo"].people == stands and reached["zalo"].left == 9
        later = await frames.reach(db, NOW + timedelta(days=30), Terms())
        assert later["zalo"].people == {Frame.SHUT: 6} and later["zalo"].left is None


async def test_frames_in_the_database_are_those_of_the_rule(database: Database) -> None:
    spans = SPANS["zalo"]
    edges = [span - MARGIN + timedelta(seconds=one) for span in (spans.free, spans.paid) for one in (-1, 0, 1)]
    async with database.write() as db:
        for number, edge in enumerate(edges):
            await people.arrive(db, "zalo", "", f"z{number}", NOW - edge)
        query = select(people.address.c.seen_at, frames.frame(NOW, Terms()).label("frame"))
        query = query.outerjoin(allowance, allowance.c.address_id == people.address.c.id)
        rows = (await db.execute(query)).all()
    assert len(rows) == 6
    for row in rows:
        assert row.frame == standing("zalo", row.seen_at, NOW, MARGIN).frame.value, NOW - row.seen_at


async def test_kept_segments_name_one_another_but_not_in_circles(database: Database) -> None:
    ids = await people_of(database)
    async with database.write() as db:
        first = await segments.keep(db, "Trên mạng", Is(Trait.CHANNEL, ("web",)), "Lan", NOW)
        second = await segments.keep(db, "Khác", Not(Is(Trait.SAVED, (str(first),))), "Lan", NOW)
        fits = segments.fits(await segments.unfold(db, Is(Trait.SAVED, (str(second),))), NOW)
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
        mine = select(outbox).where(outbox.c.broadcast_id == held.id)
        rows = (await db.execute(mine.order_by(outbox.c.person_id))).all()
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
