"""Copies that may have arrived: nobody who may have one is called left out, and nobody gets another by itself."""

from datetime import timedelta

import pytest

from domain.notice import OutboxState
from domain.person import Alert
from storage import broadcasts, people
from storage import outbox as outbox_rows
from tests.bot.hall import Hall, Worker

pytestmark = pytest.mark.asyncio


async def lose_first_copies(hall: Hall) -> tuple[int, Worker]:
    """What must be delivered was sent to four and no answer came; it is stopped before it is sent once more."""
    await hall.open(4)
    hall.emulator.fault("deliver_then_drop", "sendMessage", times=4)
    sent = await hall.send(must_deliver=True)
    worker = await Worker(hall, "a").begin()
    await hall.until(lambda found: found["retry_at"] == 4, sent.id)
    async with hall.database.write() as db:
        assert await broadcasts.stop(db, sent.id, "thử")
    hall.now += timedelta(seconds=30)
    return sent.id, worker


async def test_who_blocks_or_leaves_after_a_lost_copy_is_unknown(hall: Hall) -> None:
    sent, worker = await lose_first_copies(hall)
    hall.emulator.ask("POST", f"people/{hall.chats[0]}/block", {})
    async with hall.database.write() as db:
        await people.choose_alert(db, hall.people[1], Alert.OFF)
        await outbox_rows.drop_news(db, hall.people[2], hall.now)
        assert await broadcasts.go_on(db, sent)
    assert await hall.until_done(sent) == {"sent": 1, "unknown": 3}
    await worker.leave()


async def test_the_rest_that_is_dropped_after_lost_copies_is_unknown(hall: Hall) -> None:
    sent, worker = await lose_first_copies(hall)
    async with hall.database.write() as db:
        assert await broadcasts.drop_rest(db, sent, "thử", hall.now) == 4
    assert await hall.states(sent) == {"unknown": 4}
    await worker.leave()


async def test_a_lost_copy_stays_unknown_when_an_officer_sends_it_again_to_nobody(hall: Hall) -> None:
    await hall.open(3)
    hall.emulator.fault("deliver_then_drop", "sendMessage", times=1, chat_id=hall.chats[0])
    hall.emulator.fault("drop_before", "sendMessage", times=1, chat_id=hall.chats[1])
    sent = await hall.send()
    worker = await Worker(hall, "a").begin()
    assert await hall.until_done(sent.id) == {"sent": 1, "unknown": 2}
    hall.emulator.ask("POST", f"people/{hall.chats[0]}/block", {})
    async with hall.database.write() as db:
        assert await broadcasts.send_again(db, sent.id, (OutboxState.UNKNOWN,), hall.now) == 2
    assert await hall.until_done(sent.id) == {"sent": 2, "unknown": 1}
    await worker.leave()


async def test_what_may_have_arrived_is_not_sent_again_because_the_token_is_refused(hall: Hall) -> None:
    """One message arrives and its answer is lost; meanwhile the platform refuses the token to another."""
    await hall.open(2)
    hall.emulator.fault("deliver_then_hang", "sendMessage", times=1, chat_id=hall.chats[0], seconds=1.5)
    hall.emulator.fault("error", "sendMessage", times=1, chat_id=hall.chats[1], code=401, description="Unauthorized")
    sent = await hall.send()
    worker = await Worker(hall, "a").begin()
    found = await hall.until(lambda states: not states["sending"] and not states["waiting"], sent.id)
    assert worker.channel.stopped is not None and found == {"unknown": 1, "retry_at": 1}
    worker.channel.stopped = None  # the token is right again
    hall.now += timedelta(minutes=2)
    assert await hall.until_done(sent.id) == {"sent": 1, "unknown": 1}
    assert set(hall.copies().values()) == {1} and len(hall.copies()) == 2
    await worker.leave()
