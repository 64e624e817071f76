"""Two channels become one person, with consent, in one transaction; and part again."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.chat import Talk
from bot.clock import run_due
from bot.wiring import System
from conversation.message import MessageKind
from conversation.reply import Reply
from domain.event import Event
from domain.notice import Kind
from storage import catalogue, claims
from storage import outbox as outboxes
from storage.outbox import Outgoing
from storage.tables import conversation, event, link_code, message, metadata, need, outbox, person, registration

NOW = datetime(2026, 12, 7, 2, 0, tzinfo=UTC)
NEED = "nhà em làm măng khô, hay bị mốc, muốn tìm máy sấy"


class Two:
    """One human with two phones: `a` was here first."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.a, self.b = Talk(system, "a", NOW), Talk(system, "b", NOW + timedelta(minutes=1))

    async def begin(self) -> None:
        await self.a.begin()
        await self.b.begin()

    async def code(self, talk: Talk) -> str:
        told = await said(talk, "liên kết")
        found = re.search(r"\b\d{6}\b", told)
        assert found, told
        return found.group()

    async def link(self, giver: Talk, taker: Talk) -> str:
        """Gives a code on one, types it on the other, agrees."""
        code = await self.code(giver)
        asked = await said(taker, f"liên kết {code}")
        assert "đồng ý" in asked
        return await pressed(taker, "Đồng ý liên kết")

    async def count(self, table: Any, *where: Any) -> int:
        async with self.system.database.read() as db:
            return int((await db.execute(select(func.count()).select_from(table).where(*where))).scalar_one())


async def said(talk: Talk, text: str) -> str:
    return _one(await talk.say([text]))


async def pressed(talk: Talk, label: str) -> str:
    return _one(await talk.say([label], MessageKind.BUTTON))


def _one(heard: list[Outgoing]) -> str:
    assert len(heard) == 1, [item.text for item in heard]
    return heard[0].text


@pytest_asyncio.fixture
async def two(system: System) -> AsyncIterator[Two]:
    made = Two(system)
    await made.begin()
    yield made


async def to_the_code(talk: Talk) -> str:
    """States a whole need; its code."""
    for text in (NEED, "20 tấn/năm", "chưa biết", "chưa biết", "xã Tân Đoàn", "phơi sân", "Mai, 0900 000 001"):
        await said(talk, text)
    await pressed(talk, "Đồng ý lưu phiếu")
    told = await pressed(talk, "Đúng, gửi")
    found = re.search(r"NC-\d{4}", told)
    assert found
    return found.group()


@pytest.mark.asyncio
@pytest.mark.parametrize("giver", ["older", "newer"])
async def test_the_open_form_goes_on_in_the_other_channel(two: Two, giver: str) -> None:
    first = await said(two.a, NEED)
    await said(two.b, "chào em")
    question = first.splitlines()[-1]
    if giver == "older":
        told = await two.link(two.a, two.b)
        assert question in told
        here, there = two.b, two.a
    else:
        told = await two.link(two.b, two.a)
        assert question in told
        here, there = two.a, two.b
    assert await two.count(person) == 1
    assert await two.count(conversation) == 1
    assert "20 tấn/năm" in await said(here, "20 tấn/năm")
    assert "20 tấn/năm" in await said(there, "phiếu"), "both channels are in the same talk"


@pytest.mark.asyncio
async def test_all_rows_move_to_the_one_known_longer(two: Two) -> None:
    one = Event("HT-1", "Hội thảo sấy lạnh cho hoa hồi", NOW + timedelta(days=9), seats=10, taken=0)
    async with two.system.database.write() as db:
        await catalogue.write_event(db, one, "nhipcau")
    await said(two.a, "chào em")
    code = await to_the_code(two.b)
    for talk in (two.a, two.b):
        await said(talk, "sắp có hội thảo nào không")
        await said(talk, "đăng ký đi 2 người")
    await said(two.b, "cho gặp cán bộ")
    await two.link(two.a, two.b)
    async with two.system.database.read() as db:
        stays = (await db.execute(select(person.c.id))).scalar_one()
        for table in metadata.sorted_tables:
            if "person_id" in table.c:
                owners = set((await db.execute(select(table.c.person_id))).scalars()) - {None}
                assert owners <= {stays}, table.name
        assert (await db.execute(select(event.c.taken))).scalar_one() == 2, "the same human comes once"
        assert (await db.execute(select(registration.c.heads))).scalar_one() == 2
        assert (await db.execute(select(person.c.phone))).scalar_one() == "+84900000001"
    assert code in await said(two.a, "phiếu của tôi đến đâu rồi")
    assert code in await said(two.b, "dữ liệu của tôi")


@pytest.mark.asyncio
async def test_of_two_open_forms_the_fuller_goes_on_the_other_is_second(two: Two) -> None:
    await said(two.a, "nhà em làm miến dong, máy tráng hay hỏng")
    await said(two.b, NEED)
    await said(two.b, "20 tấn/năm")
    told = await two.link(two.a, two.b)
    assert "hai phiếu" in told and "kinh phí" in told.lower()
    for text in ("chưa biết", "chưa biết", "xã Tân Đoàn", "phơi sân", "Mai, 0900 000 001"):
        await said(two.b, text)
    await pressed(two.b, "Đồng ý lưu phiếu")
    assert "PHIẾU" in await pressed(two.b, "Đúng, gửi")
    second = await said(two.a, "phiếu")
    assert "miến dong" in second or "máy tráng" in second
    assert await two.count(need) == 1


@pytest.mark.asyncio
async def test_without_consent_nothing_moves(two: Two) -> None:
    await said(two.a, NEED)
    await said(two.b, "chào em")
    code = await two.code(two.a)
    await said(two.b, f"liên kết {code}")
    assert "không liên kết" in await pressed(two.b, "Không")
    assert await two.count(person) == 2


@pytest.mark.asyncio
async def test_codes_end_are_used_once_and_are_kept_as_digests(two: Two) -> None:
    await said(two.a, "chào em")
    await said(two.b, "chào em")
    code = await two.code(two.a)
    async with two.system.database.read() as db:
        held = (await db.execute(select(link_code.c.digest))).scalar_one()
    assert code not in held and len(held) == 64
    assert "ở kênh kia" in await said(two.a, f"liên kết {code}")
    two.b.now = two.a.now + timedelta(minutes=16)
    assert "không đúng hoặc đã quá" in await said(two.b, f"liên kết {code}")
    await run_due(two.system.database, two.system.office, two.b.now)
    for table in (message, outbox):
        shown = await two.count(table, table.c.text.like(f"%{code}%"), table.c.text.like("%Mã liên kết%"))
        assert not shown, "an ended code stands nowhere in clear where it was given"
    newer = await two.code(two.a)
    two.b.now = two.a.now
    await said(two.b, f"liên kết {newer}")
    await pressed(two.b, "Đồng ý liên kết")
    third = Talk(two.system, "c", two.a.now)
    await third.begin()
    await said(third, "chào em")
    assert "không đúng" in await said(third, f"liên kết {newer}")


@pytest.mark.asyncio
async def test_five_wrong_tries_lock_for_an_hour(two: Two) -> None:
    await said(two.a, "chào em")
    await said(two.b, "chào em")
    code = await two.code(two.a)
    wrong = [f"{(int(code) + step) % 1_000_000:06d}" for step in range(1, 6)]
    for guess in wrong:
        assert "không đúng" in await said(two.b, f"liên kết {guess}")
    assert "tạm khoá" in await said(two.b, f"liên kết {code}"), "the right one comes too late"
    two.a.now = two.b.now = two.b.now + timedelta(minutes=61)
    assert "đồng ý" in await said(two.b, f"liên kết {await two.code(two.a)}")


@pytest.mark.asyncio
async def test_a_person_gets_five_codes_an_hour(two: Two) -> None:
    await said(two.a, "chào em")
    for _ in range(5):
        await two.code(two.a)
    assert "5 mã" in await said(two.a, "/lienket")
    two.a.now += timedelta(hours=1)
    await two.code(two.a)


@pytest.mark.asyncio
async def test_an_older_code_ends_with_the_newer(two: Two) -> None:
    await said(two.a, "chào em")
    await said(two.b, "chào em")
    first, second = await two.code(two.a), await two.code(two.a)
    assert "không đúng" in await said(two.b, f"liên kết {first}") or first == second
    assert "đồng ý" in await said(two.b, f"/lienket {second}")


@pytest.mark.asyncio
async def test_parting_leaves_the_needs_with_the_rest(two: Two) -> None:
    code = await to_the_code(two.a)
    await said(two.b, "chào em")
    assert "chưa liên kết" in await said(two.b, "bỏ liên kết")
    await two.link(two.a, two.b)
    assert code in await said(two.b, "phiếu của tôi đến đâu rồi")
    assert "tách" in (await said(two.b, "bỏ liên kết")).lower()
    assert "tách" in (await pressed(two.b, "Đồng ý tách")).lower()
    assert code not in await said(two.b, "phiếu của tôi đến đâu rồi")
    assert code in await said(two.a, "phiếu của tôi đến đâu rồi")
    assert await two.count(person) == 2


@pytest.mark.asyncio
async def test_the_giver_is_told(two: Two) -> None:
    await said(two.a, "chào em")
    await said(two.b, "chào em")
    await two.link(two.a, two.b)
    two.a.now = two.b.now
    await two.a._drain()
    assert any("vừa liên kết" in item.text and "bỏ liên kết" in item.text for item in two.a.channel.take())


@pytest.mark.asyncio
async def test_a_chain_of_value_is_no_link(two: Two) -> None:
    told = await said(two.a, "nhà em muốn liên kết sản xuất măng khô với hợp tác xã, hay bị mốc, cần máy sấy")
    assert "Mã liên kết" not in told


@pytest.mark.asyncio
async def test_what_is_on_its_way_arrives_with_the_one_who_stays(two: Two) -> None:
    await said(two.a, "chào em")
    code = await two.code(two.a)
    await said(two.b, f"liên kết {code}")
    async with two.system.database.write() as db:
        await outboxes.put(db, Kind.NOTICE, two.b._person_id, Reply("Tin đang đi"), "file:1:x", NOW, NOW)
    async with two.system.database.write() as db:
        (flying,) = await claims.claim(db, "slow#1", "terminal", two.b.now)
    await two.b.say(["Đồng ý liên kết"], MessageKind.BUTTON)  # its answer waits behind what is on its way
    async with two.system.database.write() as db:
        assert await outboxes.sent(db, flying, "slow#1", None, two.b.now)
    assert await two.count(message, message.c.text == "Tin đang đi") == 1
