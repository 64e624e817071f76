"""The talk about gatherings: the number of people is kept, the one that is meant is found, nothing is booked by guess."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from bot.chat import Talk
from bot.wiring import System, open_system
from config.settings import HOME, Settings
from conversation.attendance import heads, only_heads, picks
from conversation.message import MessageKind
from domain.event import Event
from storage import seats
from tests.templates import Templates

AT = datetime(2026, 12, 7, 1, 10, tzinfo=UTC)
ROWS = yaml.safe_load((HOME / "knowledge" / "samples" / "events.yaml").read_text("utf-8"))["events"][:4]
EVENTS = [
    Event(row["id"], row["title"], datetime.fromisoformat(row["start"]), place=row["place"], topics=row["topics"])
    for row in ROWS
]


@pytest_asyncio.fixture
async def house(tmp_path: Path, templates: Templates) -> AsyncIterator[System]:
    made = await open_system(Settings(), templates.sqlite(tmp_path / "d.db", samples=True), samples=True)
    yield made
    await made.database.close()


async def booked(talk: Talk) -> dict[str, int]:
    async with talk.system.database.read() as db:
        return {
            place.event.id: place.heads for place in await seats.of_person(db, talk._person_id, talk.now) if place.heads
        }


async def hear(talk: Talk, *texts: str) -> str:
    said = [await talk.say([text]) for text in texts][-1]
    return said[0].text


WAYS = ("cái thứ hai", "buoi ve na", "cái ở Chi Lăng", "cái tuần sau", "2", "Giữ na tươi lâu sau thu hoạch")


@pytest.mark.asyncio
async def test_the_number_of_people_waits_for_the_event(house: System) -> None:
    for which in WAYS:
        talk = Talk(house, which, AT)
        await talk.begin()
        asked = await hear(talk, "có hội thảo nào không em", "đăng ký cho 2 người")
        assert "2 người" in asked
        assert asked.endswith("buổi nào ạ?")
        assert "2 chỗ" in await hear(talk, which)
        assert await booked(talk) == {"E002": 2}, which


@pytest.mark.asyncio
async def test_minds_change_and_old_buttons_cut_nothing(house: System) -> None:
    talk = Talk(house, "doi", AT)
    await talk.begin()
    await hear(talk, "sap toi co hoi thao gi", "1", "em với chồng em đi")
    for text, count in (("thêm 1 người nữa", 3), ("a nham 5", 5), ("bớt 1 người", 4), ("từ 4 người xuống 3 người", 3)):
        await hear(talk, text)
        assert await booked(talk) == {"E001": count}, text
    await talk.say(["Đăng ký tham dự"], MessageKind.BUTTON)
    assert await booked(talk) == {"E001": 3}
    assert "3 chỗ" in await hear(talk, "toi dk nhung gi roi")
    assert "08:00" in await hear(talk, "may gio the em")
    assert "chưa ghi" in await hear(talk, "ai dạy vậy em?")
    assert "trả lại 3 chỗ" in await hear(talk, "thôi bận rồi, huỷ giúp")
    assert await booked(talk) == {}


@pytest.mark.asyncio
async def test_an_event_is_booked_beside_the_form_and_never_an_older_one(house: System) -> None:
    talk = Talk(house, "form", AT)
    await talk.begin()
    told = await hear(
        talk, "nhà em làm hồi khô, phơi hay bị mốc", "có hội thảo nào về hồi không", "cái đầu tiên, 2 người đi"
    )
    assert "2 chỗ" in told
    assert told.endswith("(2/9) Anh/chị mong muốn máy hay công nghệ gì?")
    other = Talk(house, "khac", AT)
    await other.begin()
    await hear(other, "hội thảo sắp tới", "1", "co buoi nao ve thach den ko", "giu cho anh 3 suat buoi do")
    assert await booked(other) == {"E003": 3}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("buổi sớm nhất", [0]), ("buổi cuối", [3]), ("hôm 22/12", [2]), ("ngày 16", [1]), ("buổi chiều", [2]), ("hồng", [3]),
        ("lop thach den", [2]), ("hôm thứ ba", [2]), ("na sầm", [3]), ("đi 2 người", []), ("cảm ơn em", []),
    ],
)  # fmt: skip
def test_which_one_is_meant(text: str, places: list[int]) -> None:
    assert picks(text, EVENTS, date(2026, 12, 7)) == places


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("dk cho 2 nguoi nhe", 2), ("tu 2 nguoi len 4 nguoi", 4), ("chi con 1 nguoi di thoi", 1), ("them 1 nguoi nua", 3),
        ("em vs chong em di", 2), ("em với 2 đứa con", 3), ("mỗi mình anh đi thôi", 1), ("bớt 1 người", 1), ("cảm ơn em", None),
    ],
)  # fmt: skip
def test_how_many_come(text: str, count: int | None) -> None:
    assert heads(text, 2) == count
    assert count is None or only_heads(text)
