"""However the same words are cut, doubled or put in disorder by the platform, they end in the same state with one reply."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.receive import Receiver
from bot.wiring import System, open_system
from config.settings import Settings
from conversation.message import Message
from storage import conversations
from storage.tables import address, outbox
from tests.journeys.runner import scattered
from tests.templates import Templates

AT = datetime(2026, 12, 7, 1, 10, tzinfo=UTC)
STORIES = (
    "alo em ơi chị làm miến dong ở Na Dương 40 tấn năm à 45 máy tráng cũ hỏng muốn mua máy mới dưới 500tr",
    "nha em lam hoi kho hay bi moc can may say tam 300tr o xa tan doan",
    "HTX chúng tôi đóng gói thạch đen bằng tay chậm quá, muốn mua máy đóng gói, mỗi ngày 2 tạ, trước tháng 6 năm sau",
    "na chín rộ bán không kịp, cần kho lạnh 10 tấn, liên hệ anh Mẫu 0900 000 001",
)


@pytest_asyncio.fixture
async def house(tmp_path: Path, templates: Templates) -> AsyncIterator[System]:
    made = await open_system(Settings(), templates.sqlite(tmp_path / "b.db"), samples=False)
    yield made
    await made.database.close()


async def told(system: System, receiver: Receiver, who: str, messages: list[Message]) -> tuple[Any, int]:
    """The form and the number of replies after these messages and the end of the burst."""
    now = AT + timedelta(seconds=30)
    for message in messages:
        await receiver.store(replace(message, address=who), AT + timedelta(seconds=9))
    assert await receiver.take_ready(now) == 1
    async with system.database.read() as db:
        person = (await db.execute(select(address.c.person_id).where(address.c.external_id == who))).scalar_one()
        held = await conversations.hold(db, person)
        counted = select(func.count()).select_from(outbox).where(outbox.c.person_id == person)
        replies = (await db.execute(counted)).scalar_one()
    assert held is not None and held.talk.form is not None
    form = {name: (row["words"], row["value"]) for name, row in held.talk.form.items()}
    return (form, " ".join(" ".join(held.talk.own_words).split())), replies


def as_sent(parts: list[list[str]], number: int, chance: random.Random) -> list[Message]:
    """The parts as a platform brings them: some twice, some late, in any order; the order of writing is known."""
    sent = [
        Message("web", "", f"{number}-{at}", "", " ".join(words), AT + timedelta(milliseconds=at * 300), order=at + 1)
        for at, words in enumerate(parts)
    ]
    brought = [*sent, *chance.sample(sent, chance.randint(0, len(sent)))]
    chance.shuffle(brought)
    return brought


async def check(system: System, cases: int) -> None:
    receiver = Receiver(system.database, system.office)
    whole = {}
    for at, story in enumerate(STORIES):
        whole[story], replies = await told(
            system, receiver, f"whole-{at}", as_sent([story.split()], -1 - at, random.Random(0))
        )
        assert replies == 1
    for number in range(cases):
        chance = random.Random(number)
        story = STORIES[number % len(STORIES)]
        messages = as_sent(scattered([story], chance), number, chance)
        state, replies = await told(system, receiver, f"cut-{number}", messages)
        assert replies == 1, (number, [m.text for m in messages])
        assert state == whole[story], (number, [m.text for m in messages])


@pytest.mark.asyncio
async def test_any_cut_is_the_same_story(house: System) -> None:
    await check(house, 60)


@pytest.mark.long
@pytest.mark.asyncio
async def test_any_of_five_hundred_cuts_is_the_same_story(house: System) -> None:
    await check(house, 500)
