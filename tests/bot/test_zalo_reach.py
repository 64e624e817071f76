"""What officers are told of Zalo beforehand is what happens: the count before a message to many, what is left with people."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.wiring import paid_for
from domain.frames import Way
from domain.notice import OutboxState
from domain.segment import EVERYBODY
from storage import broadcasts, segments
from storage.database import Database
from storage.migrate import migrate
from tests.bot.zalo_office import Office, settings_of
from tests.platform.running import Emulator

pytestmark = pytest.mark.asyncio
NEWS = {"id": "tpl", "text": "Sở gửi: <content>", "names": ["content"]}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A fresh emulated Zalo."""
    made = Emulator()
    yield made
    made.close()


@pytest_asyncio.fixture
async def opened(tmp_path: Path, emulator: Emulator) -> AsyncIterator[Callable[..., Any]]:
    """Opens a deliverer with these settings."""
    database = Database(f"sqlite:///{tmp_path}/office.db")
    await migrate(database)
    made: list[Office] = []

    async def open_one(**more: Any) -> Office:
        office = Office(database, emulator, **more)
        await office.deliverer.begin()
        made.append(office)
        return office

    yield open_one
    for office in made:
        await office.channel.close()
    await database.close()


# --- the count before a message to many -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "reached", "paid", "templates"),
    [
        ({}, 1, 0, 0),
        ({"zalo_paid_news": True}, 3, 1, 0),  # who has only kept ones left gets one of them: their next answer is paid
        ({"zalo_news_template": "tpl"}, 4, 0, 3),
        ({"zalo_paid_news": True, "zalo_news_template": "tpl"}, 4, 1, 2),
    ],
)
async def test_the_count_before_is_what_arrives(
    opened: Callable[..., Any], given: dict[str, Any], reached: int, paid: int, templates: int
) -> None:
    office = await opened(**given)
    office.emulator.account(package=100, template=NEWS)
    await office.lan("Bảy Ngày")
    office.later(days=5)
    await office.lan("Hai Ngày")
    office.later(days=2.2)
    busy = await office.lan("Hết Lượt")
    for _ in range(6):
        await office.put(busy)
        await office.turn(1)
    await office.lan("Mới")
    terms = paid_for(settings_of(office.emulator, **given))
    before = office.emulator.account()
    async with office.database.write() as db:
        count = await segments.count(db, EVERYBODY, office.now, terms)
        held = await broadcasts.compose(db, "Mời", "Mời anh/chị dự hội thảo.", EVERYBODY, "Trang", office.now)
        await broadcasts.approve(db, held, "Hùng", [], office.now)
    for _ in range(4):
        await office.turn(1)
    async with office.database.read() as db:
        ledger = await broadcasts.ledger(db, held.id, office.now)
    after = office.emulator.account()
    told = Counter[Way]()
    for (_, frame), number in count.frames.items():
        told[terms.way(frame)] += number
    assert count.reached == reached == ledger.of(OutboxState.SENT)
    assert sum(count.left_out.values()) == 4 - reached == ledger.of(OutboxState.SKIPPED)
    assert before["package"] - after["package"] == paid <= told[Way.PAID], "never more than was told"
    assert before["templates"] - after["templates"] == templates == told[Way.TEMPLATE]
