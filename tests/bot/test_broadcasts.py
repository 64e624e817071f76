"""What becomes of a message to many under each fault: several senders on a real database, the emulated Telegram."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from domain.broadcast import BroadcastState, button
from domain.notice import OutboxState
from domain.person import Alert
from domain.segment import Is, Not, Trait
from domain.worktime import ZONE
from handlers import broadcasts as making
from storage import broadcasts, people
from storage.files import FileStore
from storage.tables import address, event, outbox
from tests import pictures
from tests.bot.hall import HUNG, LAN, Hall, Worker
from tests.platform.world import busiest

pytestmark = pytest.mark.asyncio


# --- everybody once ---------------------------------------------------------------------------------------------
async def test_everybody_once_and_nobody_skipped_in_silence(hall: Hall) -> None:
    await hall.open(30)
    async with hall.database.write() as db:
        await people.choose_alert(db, hall.people[0], Alert.OFF)
        await db.execute(update(address).where(address.c.person_id == hall.people[1]).values(state="blocked"))
    sent = await hall.send()
    assert sent.size == 30
    workers = [await Worker(hall, name).begin() for name in ("a", "b", "c")]
    states = await hall.until_done(sent.id)
    for worker in workers:
        await worker.leave()
    assert states == {"sent": 28, "skipped": 2}
    assert set(hall.copies().values()) == {1} and len(hall.copies()) == 28
    async with hall.database.read() as db:
        found = await broadcasts.ledger(db, sent.id, hall.now)
        assert found.reasons == {"the person wants no news": 1, "the address cannot be reached": 1}
        texts = set((await db.execute(select(outbox.c.text))).scalars())
        again = await broadcasts.approve(db, sent, "Hùng", [], hall.now)
    assert "Mời Khách 7 dự hội thảo." in texts, "the fields are filled by the database"
    assert again == 0, "approved twice, written once"


async def test_blocked_people_are_no_failures_and_are_not_tried_again(hall: Hall) -> None:
    await hall.open(20)
    for chat in hall.chats[:2]:
        hall.emulator.ask("POST", f"people/{chat}/block", {})
    first = await hall.send()
    worker = await Worker(hall, "a").begin()
    assert await hall.until_done(first.id) == {"sent": 18, "skipped": 2}
    calls = len(hall.emulator.calls("sendMessage"))
    second = await hall.send("Tin thứ hai.")
    assert await hall.until_done(second.id) == {"sent": 18, "skipped": 2}
    tried = {str(call["chat_id"]) for call in hall.emulator.calls("sendMessage")[calls:]}
    assert len(tried) == 18 and not tried & {str(chat) for chat in hall.chats[:2]}, (
        "whoever blocked us is not tried again"
    )
    async with hall.database.read() as db:
        assert (await broadcasts.ledger(db, first.id, hall.now)).reasons == {"blocked": 2}
    await worker.leave()


# --- nobody knows -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("verb", ["drop_before", "deliver_then_drop", "deliver_then_error"])
async def test_unknown_is_never_resent_by_itself(hall: Hall, verb: str) -> None:
    await hall.open(12)
    hall.emulator.fault(verb, "sendMessage", times=3)
    sent = await hall.send()
    worker = await Worker(hall, "a").begin()
    assert await hall.until_done(sent.id) == {"sent": 9, "unknown": 3}
    await hall.end_leases()
    hall.now += timedelta(hours=2)
    await asyncio.sleep(0.5)
    assert await hall.states(sent.id) == {"sent": 9, "unknown": 3}
    assert max(hall.copies().values()) == 1
    async with hall.database.write() as db:
        held = await broadcasts.find(db, sent.id)
        assert held is not None
        with pytest.raises(making.Impossible):
            await making.send_again(db, held, LAN, (OutboxState.UNKNOWN,), "", hall.now)
    await hall.until(lambda _: True, sent.id)
    await asyncio.sleep(2.2)  # the sender notes that it is done
    held = await hall.held(sent.id)
    assert held.state is BroadcastState.FINISHED
    async with hall.database.write() as db:
        assert await making.send_again(db, held, LAN, (OutboxState.UNKNOWN,), "khách báo chưa nhận", hall.now) == 3
    assert await hall.until_done(sent.id) == {"sent": 12}
    assert len(hall.copies()) == 12
    await worker.leave()


async def test_must_deliver_sends_what_may_be_lost_once_more(hall: Hall) -> None:
    await hall.open(12)
    hall.emulator.fault("drop_before", "sendMessage", times=2)
    hall.emulator.fault("deliver_then_drop", "sendMessage", times=2)
    sent = await hall.send(must_deliver=True)
    worker = await Worker(hall, "a").begin()
    assert await hall.until_done(sent.id) == {"sent": 12}
    assert len(hall.copies()) == 12 and hall.copies().total() <= 14
    await worker.leave()


@pytest.mark.parametrize("must", [False, True])
async def test_a_worker_dies_between_sending_and_writing(hall: Hall, must: bool) -> None:
    await hall.open(20)
    hall.emulator.fault("deliver_then_hang", "sendMessage", times=4, seconds=30)
    sent = await hall.send(must_deliver=must)
    first = await Worker(hall, "a").begin()
    await hall.until(lambda found: found["sent"] == 16, sent.id)
    await first.die()
    assert (await hall.states(sent.id))["sending"] == 4
    await hall.end_leases()
    second = await Worker(hall, "b").begin()
    states = await hall.until_done(sent.id)
    assert states == ({"sent": 20} if must else {"sent": 16, "unknown": 4})
    assert set(hall.copies().values()) <= ({1, 2} if must else {1}) and len(hall.copies()) == 20
    assert hall.copies().total() - 20 <= 4
    await second.leave()


# --- the platform asks to wait ----------------------------------------------------------------------------------
async def test_429_silences_the_whole_token_and_costs_no_try(hall: Hall) -> None:
    await hall.open(40)
    sent = await hall.send()
    hall.emulator.fault(
        "error", "sendMessage", code=429, description="Too Many Requests: retry after 1", retry_after=1, times=2
    )
    workers = [await Worker(hall, name, rate=25.0).begin() for name in ("a", "b")]
    assert await hall.until_done(sent.id) == {"sent": 40}
    for worker in workers:
        await worker.leave()
    assert set(hall.copies().values()) == {1}
    entries = hall.emulator.ledger(what="message")
    assert busiest(entry["at"] for entry in entries) <= 30
    async with hall.database.read() as db:
        assert set((await db.execute(select(outbox.c.attempt))).scalars()) == {1}, (
            "a try that had to wait does not count"
        )


async def test_answers_pass_a_broadcast(hall: Hall) -> None:
    from conversation.reply import Reply
    from domain.notice import Kind
    from storage import outbox as ledger

    await hall.open(60)
    sent = await hall.send()
    worker = await Worker(hall, "a", rate=25.0).begin()
    await hall.until(lambda found: found["sent"] >= 10, sent.id)
    async with hall.database.write() as db:
        for number in (57, 58, 59):
            await ledger.put(db, Kind.REPLY, hall.people[number], Reply("Trả lời."), f"r{number}", hall.now, hall.now)
    await hall.until(lambda _: len(hall.copies("Trả lời")) == 3, sent.id, 3)
    assert (await hall.states(sent.id))["waiting"] > 0, "the answers did not wait for the end"
    assert await hall.until_done(sent.id) == {"sent": 60}
    await worker.leave()


# --- what is wrong with it --------------------------------------------------------------------------------------
async def test_content_that_is_refused_again_and_again_pauses_itself(hall: Hall) -> None:
    await hall.open(40)
    hall.emulator.fault("error", "sendMessage", code=400, description="Bad Request: can't parse entities", times=None)
    sent = await hall.send()
    worker = await Worker(hall, "a", rate=25.0).begin()
    await hall.until(lambda found: found["failed"] >= 5, sent.id)
    await hall.until(lambda found: not found["sending"], sent.id)
    held = await hall.held(sent.id)
    assert held.state is BroadcastState.PAUSED and "parse entities" in held.reason
    states = await hall.states(sent.id)
    assert 5 <= states["failed"] <= 10 and states.total() == 40
    hall.emulator.clear()
    async with hall.database.write() as db:
        await making.go_on(db, held, LAN, "đã sửa ở nền tảng", hall.now)
    await hall.until_done(sent.id)
    assert len(hall.copies()) == 40 - states["failed"]
    await worker.leave()


async def test_an_event_cancelled_in_the_middle(hall: Hall) -> None:
    await hall.open(40)
    async with hall.database.write() as db:
        values = {"id": "E9", "title": "Hội thảo", "starts_at": hall.now + timedelta(days=9), "state": "published"}
        await db.execute(event.insert().values(**values, written_by="nhipcau"))
        await db.execute(update(event).values(state="published"))
    sent = await hall.send(event_id="E9")
    worker = await Worker(hall, "a", rate=25.0).begin()
    await hall.until(lambda found: found["sent"] >= 10, sent.id)
    async with hall.database.write() as db:
        await db.execute(update(event).values(state="cancelled"))
    told = len(hall.copies())
    states = await hall.until_done(sent.id)
    assert len(hall.copies()) <= told + 1 and states["skipped"] == 40 - states["sent"]
    await worker.leave()


async def test_whoever_leaves_in_the_middle_gets_nothing_more(hall: Hall) -> None:
    await hall.open(40)
    sent = await hall.send()
    worker = await Worker(hall, "a", rate=25.0).begin()
    await hall.until(lambda found: found["sent"] >= 10, sent.id)
    async with hall.database.write() as db:
        rows = (
            select(outbox.c.person_id)
            .where(outbox.c.state.in_(("waiting", "retry_at", "sending")))
            .order_by(outbox.c.id)
        )
        gone = list((await db.execute(rows)).scalars())
        for one in gone:
            await people.choose_alert(db, one, Alert.OFF)
    told = len(hall.copies())
    states = await hall.until_done(sent.id)
    assert states["skipped"] == 40 - states["sent"] > 0 and len(hall.copies()) <= told + 1
    await worker.leave()


# --- stop, take back, correct, go on ----------------------------------------------------------------------------
async def test_stop_lets_at_most_one_more_leave_each_worker(hall: Hall) -> None:
    await hall.open(80)
    sent = await hall.send("Bản sai.")
    workers = [await Worker(hall, name, rate=25.0).begin() for name in ("a", "b")]
    await hall.until(lambda found: found["sent"] >= 20, sent.id)
    async with hall.database.write() as db:
        found = await making.stop(db, sent, LAN, "nhầm nhóm", hall.now)
    told = hall.copies("Bản sai").total()
    assert found.total == 80 and found.of(OutboxState.UNKNOWN) == 0
    await asyncio.sleep(1.5)
    assert hall.copies("Bản sai").total() <= told + 2, "one more for each worker at most"
    states = await hall.until(lambda found: not found["sending"], sent.id)
    reached = states["sent"]
    async with hall.database.write() as db:  # taken back where the platform can
        held = await broadcasts.find(db, sent.id)
        assert held is not None
        assert await making.recall(db, held, LAN, hall.now) == (reached, 0)
    states = await hall.until(lambda found: found["removed"] == reached, sent.id)
    shown = hall.emulator.ledger(what="deleted") or hall.emulator.calls("deleteMessage")
    assert len(shown) >= reached
    async with hall.database.write() as db:  # another text for twelve, of whom some had the wrong one
        chosen = Is(Trait.PERSON, tuple(str(one) for one in hall.people[:12]))
        assert await broadcasts.overlap(db, sent.id, chosen, hall.now) > 0
        new = await making.rewrite(db, held, LAN, "Bản đúng.", chosen, hall.now)
        assert await making.submit(hall.office, db, new, LAN, None, hall.now) == "sent", "few: one officer is enough"
    assert await hall.until_done(new.id) == {"sent": 12}
    assert set(hall.copies("Bản đúng").values()) == {1}
    states = await hall.until_done(sent.id)
    assert states == {"removed": reached, "skipped": 80 - reached}
    assert hall.copies("Bản sai").total() == reached
    for worker in workers:
        await worker.leave()


async def test_a_correction_goes_to_exactly_those_who_still_have_it(hall: Hall) -> None:
    await hall.open(20)
    sent = await hall.send("Bản sai.", Is(Trait.PERSON, tuple(str(one) for one in hall.people[:15])))
    worker = await Worker(hall, "a").begin()
    await hall.until_done(sent.id)
    await asyncio.sleep(2.2)
    async with hall.database.write() as db:  # five are too old to be taken back
        mine = select(outbox.c.id).where(outbox.c.broadcast_id == sent.id).order_by(outbox.c.id).limit(5)
        old = list((await db.execute(mine)).scalars())
        past = hall.now - timedelta(hours=49)
        await db.execute(update(outbox).where(outbox.c.id.in_(old)).values(ended_at=past))
        held = await broadcasts.find(db, sent.id)
        assert held is not None
        assert await making.recall(db, held, LAN, hall.now) == (10, 5)
    await hall.until(lambda found: found["removed"] == 10, sent.id)
    async with hall.database.write() as db:
        draft = await making.correct(db, held, LAN, "Đính chính.", hall.now)
        await making.submit(hall.office, db, draft, LAN, None, hall.now)
    assert await hall.until_done(draft.id) == {"sent": 5}
    assert set(hall.copies("Đính chính")) == set(hall.chats[:5])
    await worker.leave()


async def test_going_on_for_the_rest_only(hall: Hall) -> None:
    await hall.open(60)
    sent = await hall.send("Một.")
    worker = await Worker(hall, "a", rate=25.0).begin()
    await hall.until(lambda found: found["sent"] >= 10, sent.id)
    async with hall.database.write() as db:
        await making.stop(db, sent, LAN, "", hall.now)
    await hall.until(lambda found: not found["sending"], sent.id)
    async with hall.database.write() as db:
        held = await broadcasts.find(db, sent.id)
        assert held is not None
        new = await making.rewrite(db, held, LAN, "Hai.", None, hall.now)
        count = (await making.outlook(hall.office, db, new, hall.now)).count.reached
        waits = await making.submit(hall.office, db, new, LAN, count, hall.now)
        if waits == "waiting":
            fresh = await broadcasts.find(db, new.id)
            assert fresh is not None
            await making.approve(hall.office, db, fresh, HUNG, hall.now)
    await hall.until_done(new.id)
    both = hall.copies("Một") + hall.copies("Hai")
    both_states = await hall.states(sent.id), await hall.states(new.id)
    assert set(both.values()) == {1} and len(both) == 60, both_states
    await worker.leave()


# --- hours ------------------------------------------------------------------------------------------------------
async def test_pauses_at_eight_and_goes_on_by_itself(hall: Hall) -> None:
    await hall.open(40)
    hall.now = datetime(2026, 12, 1, 19, 55, tzinfo=ZONE)
    sent = await hall.send()
    urgent = await hall.send("Khẩn.", urgent="bão về")
    worker = await Worker(hall, "a", rate=25.0).begin()
    await hall.until(lambda found: found["sent"] >= 10, sent.id)
    hall.now = datetime(2026, 12, 1, 20, 0, 1, tzinfo=ZONE)
    told = hall.copies("hội thảo").total()
    await hall.until_done(urgent.id)
    assert hall.copies("hội thảo").total() <= told + 10, "only what had been claimed by a clock that jumps"
    assert len(hall.copies("Khẩn")) == 40, "what is urgent goes at any hour"
    hall.now = datetime(2026, 12, 2, 7, 30, tzinfo=ZONE)
    assert await hall.until_done(sent.id) == {"sent": 40}
    await worker.leave()
    assert set(hall.copies("hội thảo").values()) == {1}
    assert len(hall.emulator.calls("sendMessage")) == 80, "nothing was tried in vain"


async def test_what_was_claimed_before_eight_does_not_leave_after_it(hall: Hall) -> None:
    """Claimed together a fifth of a second before 20:00: the look before each leaving reads the clock anew."""
    await hall.open(12)
    sent = await hall.send()
    worker = Worker(hall, "a", rate=4.0)
    await worker.deliverer.begin()
    eight = datetime(2026, 12, 1, 20, tzinfo=ZONE)
    claimed = await worker.deliverer.step(eight - timedelta(seconds=0.2), lambda: None)
    await asyncio.sleep(2)
    assert 1 < claimed > hall.copies().total()
    await worker.deliverer.finish(5)
    states = await hall.states(sent.id)
    assert states["sent"] == hall.copies().total() and states["unknown"] == states["failed"] == 0, "the rest waits"
    hall.now = eight + timedelta(hours=11, minutes=30)
    await worker.begin()
    assert await hall.until_done(sent.id) == {"sent": 12} and set(hall.copies().values()) == {1}
    await worker.leave()


async def test_two_people_and_a_strange_size(hall: Hall) -> None:
    await hall.open(60)
    few = Is(Trait.PERSON, tuple(str(one) for one in hall.people[:4]))
    async with hall.database.write() as db:
        for number in range(3):
            made = await broadcasts.compose(db, f"Tin {number}", "Chào {ten}.", few, "Lan", hall.now)
            assert await making.submit(hall.office, db, made, LAN, None, hall.now) == "sent"
        many = Not(Is(Trait.PERSON, tuple(str(one) for one in hall.people[:25])))
        made = await broadcasts.compose(db, "Nhiều", "Chào {ten}.", many, "Lan", hall.now)
        ahead = await making.outlook(hall.office, db, made, hall.now)
        assert (ahead.count.reached, ahead.usual, ahead.second) == (35, 4, True), "fewer than fifty, but unusually many"
        with pytest.raises(making.Impossible, match="35"):
            await making.submit(hall.office, db, made, LAN, 34, hall.now)
        assert await making.submit(hall.office, db, made, LAN, 35, hall.now) == "waiting"
        waiting = await broadcasts.find(db, made.id)
        assert waiting is not None
        with pytest.raises(making.Impossible):
            await making.approve(hall.office, db, waiting, LAN, hall.now)
        assert await making.approve(hall.office, db, waiting, HUNG, hall.now) == 35
        bad = await broadcasts.compose(db, "Sai", "Chào {hoten}.", few, "Lan", hall.now)
        with pytest.raises(making.Impossible, match="hoten"):
            await making.submit(hall.office, db, bad, LAN, None, hall.now)
        late = await broadcasts.compose(db, "Tết", "Chào.", few, "Lan", hall.now)
        tet = datetime(2027, 2, 6, 9, tzinfo=ZONE)
        with pytest.raises(making.Impossible, match="Tết"):
            await making.submit(hall.office, db, late, LAN, None, hall.now, send_at=tet)


# --- pictures, documents, buttons -------------------------------------------------------------------------------
async def test_picture_document_and_buttons_arrive_once_and_go_again(hall: Hall, tmp_path: Path) -> None:
    hall.files = FileStore(tmp_path / "files")
    await hall.open(6)
    files = (("anh.png", "image/png", pictures.png()), ("tai-lieu.pdf", "application/pdf", pictures.pdf()))
    buttons = [button("link", "Xem trang", "https://example.vn/hoi-thao"), button("need")]
    sent = await hall.send("Mời {ten} xem.", files=files, buttons=buttons)
    workers = [await Worker(hall, name).begin() for name in ("a", "b")]
    assert await hall.until_done(sent.id) == {"sent": 6}
    heard = [one for one in hall.emulator.ledger(what="message") if one["chat_id"] == hall.chats[0]]
    assert [one["kind"] for one in heard] == ["photo", "document"] and heard[0]["text"] == "Mời Khách 0 xem."
    assert [label for row in heard[0]["buttons"] for label in row] == ["Xem trang", "Ghi nhu cầu", "Dừng nhận tin"]
    assert hall.copies("Mời") == dict.fromkeys(hall.chats, 1)
    held = next(iter(hall.emulator.platforms.telegram.bots.values())).files
    assert len(held) <= 2 * len(workers), "each worker hands a file over once"
    async with hall.database.write() as db:
        await broadcasts.finish(db)  # the workers look for it every two seconds
        held_now = await broadcasts.find(db, sent.id)
        assert held_now is not None
        await making.recall(db, held_now, LAN, hall.now)
    await hall.until(lambda found: found["removed"] == 6, sent.id)
    for worker in workers:
        await worker.leave()
    assert len(hall.emulator.ledger(what="delete")) == 12, "both parts are taken back"
