"""What goes wrong one by one, with senders as real processes that are killed by -9, on both databases: nobody is lost,
nobody gets two copies, what nobody can know is called so."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from domain.broadcast import MOST_ALIKE, BroadcastState
from domain.notice import OutboxState
from domain.worktime import ZONE
from handlers import broadcasts as making
from storage import broadcasts
from storage.tables import outbox
from tests.bot.hall import LAN, Hall
from tests.bot.senders import Senders
from tests.platform.world import busiest

pytestmark = pytest.mark.asyncio
LIMIT = 30  # messages a second that Telegram bears
LEASE = 4.0  # seconds; what a dead sender held comes back so soon here
NIGHT = datetime(2026, 12, 1, 20, tzinfo=ZONE)


async def wait_for(true: Callable[[], Awaitable[bool]], what: str) -> None:
    """Looks again and again, a minute at most."""
    until = time.monotonic() + 60
    while not await true():
        assert time.monotonic() < until, what
        await asyncio.sleep(0.05)


def asked(hall: Hall, since: int = 0) -> list[dict[str, float]]:
    """The calls that reached the platform, whatever it answered."""
    return hall.emulator.calls("sendMessage")[since:]


async def test_429_while_two_send_and_one_is_killed(senders: Senders) -> None:
    """The whole token keeps quiet for as long as the platform asks; no try is burned; the limit holds afterwards."""
    hall = senders.hall
    await hall.open(60)
    words = "Too Many Requests: retry after 3"
    await senders.start("a", lease=LEASE)
    victim = await senders.start("b", lease=LEASE)
    sent = await hall.send()
    await hall.until(lambda found: found["sent"] >= 10, sent.id)
    hall.emulator.fault("error", "sendMessage", code=429, description=words, retry_after=3, times=3)
    refused = len(asked(hall))

    async def struck() -> bool:
        return any(call["status"] == 429 for call in asked(hall)[refused:])

    await wait_for(struck, "nothing was refused")
    await asyncio.sleep(0.8)  # what was under way arrives, all is written down
    hall.emulator.clear()
    quiet = len(asked(hall))
    senders.kill(victim)
    await senders.start("b", lease=LEASE)
    first = next(call["at"] for call in asked(hall)[refused:] if call["status"] == 429)
    later = [call["at"] - first for call in await _after(hall, quiet)]
    assert not later or min(later) > 2.8, "not before the platform allows it"
    states = await hall.until_done(sent.id)
    assert states.total() == 60 and set(states) <= {"sent", "unknown"} and states["unknown"] <= 10
    assert max(hall.copies().values()) == 1 and len(hall.copies()) >= states["sent"]
    assert busiest(entry["at"] for entry in hall.emulator.ledger(what="message")) <= LIMIT
    async with hall.database.read() as db:
        tries = await db.execute(select(outbox.c.attempt).where(outbox.c.state == OutboxState.SENT.value))
        assert set(tries.scalars()) == {1}


async def _after(hall: Hall, count: int) -> list[dict[str, float]]:
    """The calls after the first so many, once there is one."""

    async def more() -> bool:
        return len(asked(hall)) > count

    await wait_for(more, "it does not go on")
    return asked(hall, count)


@pytest.mark.long
async def test_one_in_ten_has_blocked_us(senders: Senders) -> None:
    hall = senders.hall
    await hall.open(40)
    blocked = hall.chats[::10]
    for chat in blocked:
        hall.emulator.ask("POST", f"people/{chat}/block", {})
    victim = await senders.start("a", rate=12.0, lease=LEASE)
    await senders.start("b", rate=12.0, lease=LEASE)
    first = await hall.send()
    await hall.until(lambda found: found["sent"] >= 8, first.id)
    senders.kill(victim)
    await senders.start("a", lease=LEASE)
    states = await hall.until_done(first.id)
    assert states["sent"] + states["unknown"] + states["skipped"] == 40 and states["failed"] == 0
    assert 4 - states["unknown"] <= states["skipped"] <= 4
    before = len(asked(hall))
    second = await hall.send("Tin thứ hai.")
    done = await hall.until_done(second.id)
    known = {row for row, n in _tried(hall, 0, before).items() if n}
    again = _tried(hall, before)
    assert not set(map(str, blocked)) & known & set(again), "whoever blocked us is not tried again"
    assert done["sent"] == 36 and max(hall.copies().values()) <= 2


def _tried(hall: Hall, since: int, until: int | None = None) -> dict[str, int]:
    found: dict[str, int] = {}
    for call in asked(hall)[since:until]:
        chat = str(call["chat_id"])
        found[chat] = found.get(chat, 0) + 1
    return found


@pytest.mark.parametrize("verb", [pytest.param("drop_before", marks=pytest.mark.long), "deliver_then_drop"])
async def test_what_got_no_answer_is_sent_again_by_an_officer_only(senders: Senders, verb: str) -> None:
    """Senders come and go, leases end: it stays unknown until somebody decides."""
    hall = senders.hall
    await hall.open(24)
    hall.emulator.fault(verb, "sendMessage", times=3)
    sent = await hall.send()
    victim = await senders.start("a", lease=LEASE)
    await hall.until(lambda found: found["unknown"] >= 3, sent.id)
    senders.kill(victim)
    told = len(hall.copies())
    other = await senders.start("b", lease=LEASE)
    states = await hall.until_done(sent.id)
    lost = states["unknown"]
    assert states == {"sent": 24 - lost, "unknown": lost} and 3 <= lost <= 13
    assert max(hall.copies().values()) == 1 and len(hall.copies()) >= told
    calls = len(asked(hall))
    senders.kill(other)
    await senders.start("c", lease=LEASE)
    await asyncio.sleep(LEASE + 1.5)
    assert len(asked(hall)) == calls and await hall.states(sent.id) == states, "never on its own"
    await hall.set_broadcast(sent.id, state=BroadcastState.FINISHED.value)
    async with hall.database.write() as db:
        held = await broadcasts.find(db, sent.id)
        assert held is not None
        assert await making.send_again(db, held, LAN, (OutboxState.UNKNOWN,), "chưa nhận", hall.now) == lost
    assert await hall.until_done(sent.id) == {"sent": 24}
    assert len(hall.copies()) == 24 and max(hall.copies().values()) <= 2


@pytest.mark.parametrize("must", [False, pytest.param(True, marks=pytest.mark.long)])
async def test_killed_between_sending_and_writing(senders: Senders, must: bool) -> None:
    """The platform has delivered, the sender dies before it hears so: at most one copy, or at least one where it must."""
    hall = senders.hall
    await hall.open(20)
    hall.emulator.fault("deliver_then_hang", "sendMessage", times=4, seconds=30)
    sent = await hall.send(must_deliver=must)
    victim = await senders.start("a", lease=LEASE)
    await hall.until(lambda found: found["sent"] == 16, sent.id)
    senders.kill(victim)
    assert (await hall.states(sent.id))["sending"] == 4
    await senders.start("b", lease=LEASE)
    states = await hall.until_done(sent.id)
    assert states == ({"sent": 20} if must else {"sent": 16, "unknown": 4})
    assert len(hall.copies()) == 20 and hall.copies().total() == (24 if must else 20)


@pytest.mark.long
async def test_poison_is_stopped_by_itself(senders: Senders) -> None:
    """Two senders and a text that the platform refuses: a few are refused, then it holds still, also for a third."""
    hall = senders.hall
    await hall.open(60)
    words = "Bad Request: can't parse entities"
    hall.emulator.fault("error", "sendMessage", code=400, description=words, times=None)
    victim = await senders.start("a", lease=LEASE)
    await senders.start("b", lease=LEASE)
    sent = await hall.send()

    async def paused() -> bool:
        return (await hall.held(sent.id)).state is BroadcastState.PAUSED

    await wait_for(paused, "it goes on and on")
    senders.kill(victim)
    await senders.start("c", lease=LEASE)
    await asyncio.sleep(1.5)
    assert len(asked(hall)) <= 2 * (2 * MOST_ALIKE), "as many as two processes may have refused before either knows"
    assert not hall.copies() and (await hall.states(sent.id)).total() == 60
    hall.emulator.clear()
    async with hall.database.write() as db:
        await broadcasts.go_on(db, sent.id)
    states = await hall.until_done(sent.id)
    assert states["sent"] + states["failed"] + states["unknown"] == 60 and max(hall.copies().values()) == 1


async def test_the_night_comes_while_two_send(senders: Senders) -> None:
    """At 20:00 by their clock both hold still, also one that is killed and comes back; at 07:30 it goes on by itself."""
    hall = senders.hall
    await hall.open(80)
    senders.set_clock(NIGHT - timedelta(hours=1))
    victim = await senders.start("a", rate=4.0, lease=LEASE)
    await senders.start("b", rate=4.0, lease=LEASE)
    sent = await hall.send()
    await hall.until(lambda found: found["sent"] >= 3, sent.id)
    senders.set_clock(NIGHT - timedelta(seconds=2))
    await asyncio.sleep(3.5)
    told = hall.copies().total()
    senders.kill(victim)
    await senders.start("a", lease=LEASE)
    await asyncio.sleep(2)
    assert hall.copies().total() == told < 80 and (await hall.held(sent.id)).state is BroadcastState.RUNNING
    senders.set_clock(NIGHT + timedelta(hours=11, minutes=29, seconds=59))
    states = await hall.until_done(sent.id)
    assert states["sent"] + states["unknown"] == 80 and max(hall.copies().values()) == 1
