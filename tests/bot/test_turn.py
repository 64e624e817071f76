"""The promises of a turn: once, in order, merged, quarantined, kind to odd input, fair."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.chat import TerminalChannel
from bot.deliver import Deliverer
from bot.receive import SORRY, Receiver
from bot.wiring import System
from conversation.message import Message, MessageKind
from domain.notice import InboxState
from handlers import router
from storage.tables import inbox, message, outbox

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
NASTY = {
    "one megabyte": "sấy hồi " * 131072,
    "controls": "nhà em\x00\x07\x1b[31m làm na\x85",
    "lone surrogate": "máy sấy \ud800 hồi \udfff",
    "emoji": "😀" * 4000,
    "right to left": "\u202eáys yám\u202c \u200f\u2066x\u2069",
    "html": "<script>alert(1)</script><b>máy sấy</b> &amp; <img src=x onerror=y>",
    "only signs": "?!...,,,",
    "spaces": "  \n\t ",
}


def said(person: str, number: int, text: str, at: datetime = NOW, kind: MessageKind = MessageKind.TEXT) -> Message:
    return Message("terminal", "", f"{person}:{number}", person, text, at, kind)


async def replies(system: System) -> list[str]:
    async with system.database.read() as db:
        return list((await db.execute(select(outbox.c.text).order_by(outbox.c.id))).scalars())


@pytest.mark.asyncio
async def test_same_update_is_taken_once(system: System) -> None:
    receiver = Receiver(system.database, system.office)
    assert await receiver.store(said("a", 1, "chào em"), NOW)
    assert not await receiver.store(said("a", 1, "chào em"), NOW)
    assert await receiver.take_ready(NOW + timedelta(seconds=3)) == 1
    assert await receiver.take_ready(NOW + timedelta(seconds=9)) == 0
    assert len(await replies(system)) == 1


@pytest.mark.asyncio
async def test_burst_is_one_turn_after_a_pause(system: System) -> None:
    receiver = Receiver(system.database, system.office)
    for number, text in enumerate(("nhà em làm na", "hay bị chín rộ", "cần kho lạnh")):
        at = NOW + timedelta(seconds=number)
        await receiver.store(said("a", number, text, at), at)
        assert await receiver.take_ready(at) == 0, "the burst is not over"
    assert await receiver.take_ready(NOW + timedelta(seconds=3.6)) == 1
    told = await replies(system)
    assert len(told) == 1
    assert "na" in told[0]


@pytest.mark.asyncio
async def test_burst_waits_at_most_ten_seconds(system: System) -> None:
    receiver = Receiver(system.database, system.office)
    taken = 0
    for number in range(12):
        at = NOW + timedelta(seconds=number)
        await receiver.store(said("a", number, "nhà em làm na hay bị chín rộ, cần kho lạnh", at), at)
        taken += await receiver.take_ready(at)
    assert taken == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("arrival", [(1, 2, 3, 4), (3, 1, 4, 2), (4, 3, 2, 1)])
async def test_presses_and_messages_keep_the_order_of_the_platform(system: System, arrival: tuple[int, ...]) -> None:
    """A press carries no time: when all arrive late, only the platform's count tells what came first."""
    receiver = Receiver(system.database, system.office)
    late = NOW + timedelta(minutes=2)
    button, told = MessageKind.BUTTON, MessageKind.TEXT
    done = {
        1: ("nhà em làm na hay bị chín rộ, cần kho lạnh", told, NOW),
        2: ("Chưa biết", button, late),  # the scale
        3: ("tầm 200 triệu", told, NOW + timedelta(seconds=20)),
        4: ("Chưa biết", button, late),  # the time
    }
    for count in arrival:
        text, kind, at = done[count]
        assert await receiver.store(replace(said("a", count, text, at, kind), count=count), late)
    for _ in done:
        assert await receiver.take_ready(late + timedelta(seconds=3)) == 1
    first, second, third, fourth = await replies(system)
    assert "quy mô" in first.lower()
    assert "kinh phí" in second.lower()
    assert "200 triệu" in third and "khi nào" in third
    assert "khi nào" not in fourth


@pytest.mark.asyncio
async def test_failing_turn_is_put_aside_after_three_tries(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = Receiver(system.database, system.office)
    await receiver.store(said("a", 1, "chào em"), NOW)

    async def broken(_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(router, "answer", broken)
    for seconds in (3, 6, 9):
        await receiver.take_ready(NOW + timedelta(seconds=seconds))
    async with system.database.read() as db:
        states = list((await db.execute(select(inbox.c.state))).scalars())
    assert states == [InboxState.QUARANTINED.value]
    assert await replies(system) == [SORRY]
    monkeypatch.undo()
    await receiver.store(said("a", 2, "chào em"), NOW + timedelta(seconds=20))
    assert await receiver.take_ready(NOW + timedelta(seconds=23)) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NASTY)
async def test_odd_text_is_answered_and_kept(system: System, name: str) -> None:
    receiver = Receiver(system.database, system.office)
    assert await receiver.store(said("a", 1, NASTY[name]), NOW)
    assert await receiver.take_ready(NOW + timedelta(seconds=3)) == 1
    told = await replies(system)
    assert len(told) == 1
    assert 0 < len(told[0]) <= 600
    async with system.database.read() as db:
        packed = (await db.execute(select(inbox.c.payload))).scalar_one()
        shown = (await db.execute(select(func.count()).where(message.c.direction == "in"))).scalar_one()
    import json

    assert json.loads(packed)["text"] == NASTY[name], "stored as it came"
    assert shown == 1


@pytest.mark.asyncio
async def test_a_talkative_person_does_not_slow_another(system: System) -> None:
    receiver = Receiver(system.database, system.office)
    for number in range(200):
        await receiver.store(said("loud", number, f"tin số {number}"), NOW)
    await receiver.store(said("quiet", 1, "chào em"), NOW)
    channel = TerminalChannel()
    deliverer = Deliverer(system.database, [channel], system.office.worktime, "fair")
    await deliverer.begin()
    await receiver.take_ready(NOW + timedelta(seconds=3))
    await deliverer.drain(NOW + timedelta(seconds=3))
    assert "quiet" in {item.external_id for item in channel.take()}
