"""What is said and kept when something else than words comes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.chat import Talk
from bot.clock import run_due
from bot.wiring import System
from conversation.bundle import sort_out
from conversation.message import Message, MessageKind
from domain.evidence import EvidenceKind
from storage.tables import conversation, evidence, need, place, ticket
from tests import pictures
from tests.journeys.doors import Terminal
from tests.journeys.runner import Heard, Thing

NOW = datetime(2026, 12, 7, 2, 0, tzinfo=UTC)
NEED = "nhà em làm măng khô, hay bị mốc, muốn tìm máy sấy"
SCAM = "Sở KH&CN hỗ trợ 200 triệu, đóng trước 2 triệu phí hồ sơ, liên hệ chị Hạnh 0912 345 678"
EVENT = {"id": "HT-01", "title": "Hội thảo công nghệ sấy lạnh cho hoa hồi", "start": "2026-12-16T08:00:00+07:00",
         "end": None, "place": "Hội trường Sở", "seats": 30, "taken": 0, "free": True}  # fmt: skip


class Phone(Terminal):
    """A terminal that can send anything, with a look into the database."""

    async def one(self, *things: Thing) -> Heard:
        """The one reply to a burst."""
        heard = await self.send(list(things))
        assert len(heard) == 1, heard
        return heard[0]

    async def asks(self, text: str) -> str:
        return (await self.one(Thing(text=text))).text

    async def rows(self, table: Any = evidence) -> list[Any]:
        async with self.talk.system.database.read() as db:
            return list((await db.execute(select(table).order_by(*table.primary_key.columns))).all())

    async def form(self) -> dict[str, Any]:
        data = (await self.rows(conversation))[0].data
        return data["form"] or {}


@pytest_asyncio.fixture
async def phone(system: System) -> AsyncIterator[Phone]:
    talk = Talk(system, "mai", NOW)
    await talk.begin()
    await talk.give({"events": [EVENT]})
    yield Phone(talk)


def photo(seed: int, text: str = "", **more: Any) -> Thing:
    return Thing("photo", text, content=pictures.jpeg(seed), **more)


# --- pictures ---------------------------------------------------------------------------------------------------
@pytest.mark.asyncio
async def test_a_picture_without_a_form_is_asked_about_and_hung_on_the_form_it_opens(phone: Phone) -> None:
    told = (await phone.one(photo(1))).text
    assert "1 ảnh" in told and told.count("?") == 1
    (row,) = await phone.rows()
    assert row.form_id is None
    told = await phone.asks("măng khô nhà em bị mốc hết")
    assert "đính 1 ảnh vào phiếu" in told and "măng khô" in told
    (row,) = await phone.rows()
    assert row.form_id is not None


@pytest.mark.asyncio
async def test_a_picture_whose_caption_is_a_need_opens_the_form(phone: Phone) -> None:
    told = (await phone.one(photo(1, NEED))).text
    assert "đính 1 ảnh vào phiếu" in told and "máy sấy" in told and told.rstrip().endswith("?")


@pytest.mark.asyncio
async def test_a_picture_with_a_question_is_kept_beside_the_answer(phone: Phone) -> None:
    told = (await phone.one(photo(1, "mua máy xong rồi mới xin hỗ trợ thì có được không em?"))).text
    assert "1 ảnh" in told and "Căn cứ" in told


@pytest.mark.asyncio
async def test_an_album_in_two_deliveries_is_answered_once(phone: Phone) -> None:
    await phone.asks(NEED)
    told = (await phone.one(*(photo(n, album="a") for n in range(3)))).text
    assert "3 ảnh" in told
    assert await phone.send([photo(4, album="a")]) == []
    assert len(await phone.rows()) == 4
    assert "5 ảnh" in (await phone.one(photo(5))).text


@pytest.mark.asyncio
async def test_evidence_goes_with_the_need_and_with_the_person(phone: Phone) -> None:
    await phone.asks(NEED)
    await phone.one(photo(1))
    for text in ("20 tấn/năm", "chưa biết", "chưa biết", "xã Tân Đoàn", "phơi sân", "Mai, 0900 000 001"):
        await phone.asks(text)
    await phone.press("Đồng ý lưu phiếu")
    sent = await phone.press("Đúng, gửi")
    assert "kèm 1 ảnh" in sent[0].text
    (row,), (stated,) = await phone.rows(), await phone.rows(need)
    assert row.need_id == stated.id
    assert "1 ảnh" in await phone.asks("dữ liệu của tôi")
    await phone.asks("xoá hết dữ liệu của tôi")
    await phone.asks("XOÁ")
    assert await phone.rows() == []


@pytest.mark.asyncio
async def test_a_dropped_draft_takes_its_pictures_along_when_its_time_is_over(phone: Phone) -> None:
    await phone.asks(NEED)
    await phone.one(photo(1))
    await phone.asks("bỏ phiếu")
    await phone.advance(timedelta(days=29))
    assert len(await phone.rows()) == 1
    await phone.advance(timedelta(days=2))
    assert await phone.rows() == []


@pytest.mark.asyncio
async def test_what_hangs_on_nothing_ends_after_thirty_days(phone: Phone) -> None:
    await phone.one(photo(1))
    end = NOW + timedelta(days=30, minutes=1)
    await run_due(phone.talk.system.database, phone.talk.system.office, end)
    assert await phone.rows() == []


@pytest.mark.asyncio
async def test_an_officer_who_leads_the_talk_gets_the_picture_the_bot_says_nothing(phone: Phone) -> None:
    await phone.asks(NEED)
    async with phone.talk.system.database.write() as db:
        await db.execute(update(conversation).values(owner="officer"))
    assert await phone.send([photo(1)]) == []
    assert len(await phone.rows()) == 1


# --- stickers, cards, voices ------------------------------------------------------------------------------------
@pytest.mark.asyncio
async def test_stickers_are_answered_once(phone: Phone) -> None:
    await phone.asks("chào em")
    assert (await phone.one(Thing("sticker"))).text
    assert await phone.send([Thing("sticker")]) == []
    question = (await phone.asks(NEED)).splitlines()[-1]
    assert question in (await phone.one(Thing("sticker"), Thing("sticker"))).text
    assert await phone.send([Thing("sticker")]) == []
    assert "20 tấn/năm" in await phone.asks("20 tấn/năm")
    assert await phone.rows() == []


@pytest.mark.asyncio
async def test_somebody_elses_card_is_not_the_senders_number(phone: Phone) -> None:
    await phone.asks(NEED)
    for text in ("20 tấn/năm", "chưa biết", "chưa biết", "xã Tân Đoàn", "phơi sân"):
        await phone.asks(text)
    told = (await phone.one(Thing("contact"))).text
    assert "không ghi là số của anh/chị" in told and "số điện thoại" in told
    assert "contact" not in await phone.form()
    assert "0911" in (await phone.rows())[0].caption


@pytest.mark.asyncio
async def test_a_voice_without_a_form_is_owed_an_ear(phone: Phone) -> None:
    told = (await phone.one(Thing("voice", content=pictures.voice()))).text
    assert "HT-0001" in told and "gõ ngắn" in told
    (row,), (owed,) = await phone.rows(), await phone.rows(ticket)
    assert row.ticket == owed.code and owed.about == "voice"
    assert "máy sấy" in await phone.asks(NEED)


# --- places -----------------------------------------------------------------------------------------------------
async def put_on_the_map(phone: Phone, points: dict[str, tuple[float, float]]) -> None:
    async with phone.talk.system.database.write() as db:
        for row in (await db.execute(select(place))).all():
            data = {key: value for key, value in row.data.items() if key not in ("latitude", "longitude")}
            if row.name in points:
                data |= {"latitude": points[row.name][0], "longitude": points[row.name][1]}
            await db.execute(update(place).where(place.c.code == row.code).values(data=data))


@pytest.mark.asyncio
async def test_a_location_proposes_the_commune_when_it_is_asked_for(phone: Phone) -> None:
    await put_on_the_map(phone, {"Xã Tân Đoàn": (21.80, 106.60), "Xã Chi Lăng": (21.60, 106.50)})
    await phone.asks(NEED)
    early = (await phone.one(Thing("location", latitude=21.801, longitude=106.601))).text
    assert "1 vị trí" in early and "Quy mô" in early, "the open question stays"
    for text in ("20 tấn/năm", "chưa biết"):
        await phone.asks(text)
    asked = await phone.one(Thing(text="chưa biết"))
    assert "xã/phường" in asked.text and "Xã Tân Đoàn" in asked.choices and "Xã Chi Lăng" not in asked.choices
    told = await phone.press("Xã Tân Đoàn")
    assert "xã Tân Đoàn" in told[0].text
    assert (await phone.form())["place"]["value"] == {"province": "Lạng Sơn", "unit": "xã Tân Đoàn"}


@pytest.mark.asyncio
async def test_another_commune_than_the_proposed_can_be_named(phone: Phone) -> None:
    await put_on_the_map(phone, {"Xã Tân Đoàn": (21.80, 106.60)})
    await phone.asks(NEED)
    for text in ("20 tấn/năm", "chưa biết", "chưa biết"):
        await phone.asks(text)
    asked = await phone.one(Thing("location", latitude=21.80, longitude=106.61))
    assert "Xã Tân Đoàn" in asked.choices
    other = await phone.press("Xã khác")
    assert "xã/phường" in other[0].text
    assert "Chi Lăng" in await phone.asks("xã Chi Lăng")
    assert (await phone.form())["place"]["value"]["unit"] == "xã Chi Lăng"


@pytest.mark.asyncio
@pytest.mark.parametrize("point", [(10.8, 106.7), (21.80, 106.60)], ids=["far away", "nothing on the map"])
async def test_no_commune_is_guessed(phone: Phone, point: tuple[float, float]) -> None:
    await put_on_the_map(phone, {"Xã Tân Đoàn": (21.80, 106.60)} if point[0] < 20 else {})
    await phone.asks(NEED)
    for text in ("20 tấn/năm", "chưa biết", "chưa biết"):
        await phone.asks(text)
    told = await phone.one(Thing("location", latitude=point[0], longitude=point[1]))
    assert "1 vị trí" in told.text and "xã/phường" in told.text and not told.choices
    (row,) = await phone.rows()
    assert (row.latitude, row.longitude, row.state) == (*point, "kept")


# --- words of others --------------------------------------------------------------------------------------------
@pytest.mark.asyncio
@pytest.mark.parametrize("comment", ["", "cái này có thật không em", "co phai cua so khong", "tin này đúng không ạ"])
async def test_words_of_others_are_never_the_senders(phone: Phone, comment: str) -> None:
    await phone.asks(NEED)
    before = await phone.form()
    burst = [Thing(text=SCAM, forwarded=True), *([Thing(text=comment)] if comment else [])]
    told = (await phone.one(*burst)).text
    assert "đừng chuyển tiền" in told and "HT-0001" in told and "Quy mô" in told
    assert await phone.form() == before
    (owed,) = await phone.rows(ticket)
    assert owed.text == SCAM and owed.about == "fraud"


@pytest.mark.asyncio
async def test_a_number_in_a_forward_is_not_the_senders_number(phone: Phone) -> None:
    await phone.asks(NEED)
    for text in ("20 tấn/năm", "chưa biết", "chưa biết", "xã Tân Đoàn", "phơi sân"):
        await phone.asks(text)
    await phone.one(Thing(text="Chị Hạnh, 0912 345 678, bán máy sấy", forwarded=True))
    assert "contact" not in await phone.form()
    await phone.asks("Mai, 0900 000 001")
    assert "900000001" in (await phone.form())["contact"]["words"]


@pytest.mark.asyncio
async def test_own_words_beside_a_forward_count_as_ever(phone: Phone) -> None:
    await phone.asks("nhà em làm măng khô, hay bị mốc")
    told = (await phone.one(Thing(text="Bán máy sấy bơm nhiệt 10 khay giá 85 triệu, 0912 345 678", forwarded=True),
                            Thing(text="chị cần máy sấy như này"))).text  # fmt: skip
    form = await phone.form()
    assert "máy sấy" in form["wish"]["words"] and "budget" not in form, told
    assert [row.kind for row in await phone.rows()] == ["forward"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("Kính mời dự Hội thảo công nghệ sấy lạnh cho hoa hồi, 8h 16/12/2026, Hội trường Sở. Miễn phí.", "đúng rồi"),
        ("hoi thao cong nghe say lanh cho hoa hoi ngay 16/12, khong thu phi", "đúng rồi"),
        ("Thư mời HT-01: mời anh chị đến dự", "đúng rồi"),
        ("Hội thảo công nghệ sấy lạnh cho hoa hồi dời sang ngày 20/12/2026", "khác ngày"),
        ("Hội thảo công nghệ sấy lạnh cho hoa hồi 16/12, đăng ký tại bit.ly/hoithao1", "không kiểm được"),
        ("Hội thảo công nghệ sấy lạnh cho hoa hồi 16/12, nộp 500k phí giữ chỗ", "đòi tiền"),
        ("Hội thảo nuôi gà đồi bằng công nghệ mới ngày 16/12", "không thấy"),
    ],
)
async def test_the_departments_own_event_is_recognised(phone: Phone, words: str, part: str) -> None:
    told = (await phone.one(Thing(text=words, forwarded=True), Thing(text="có đúng của Sở không em"))).text
    assert part in told.lower(), told


@pytest.mark.asyncio
async def test_a_message_of_ours_passed_back_is_recognised(phone: Phone) -> None:
    ours = await phone.asks("mua máy xong rồi mới xin hỗ trợ thì có được không em?")
    told = (await phone.one(Thing(text=ours, forwarded=True), Thing(text="tin này có thật không"))).text
    assert "tin của Sở" in told


@pytest.mark.asyncio
async def test_a_picture_of_a_message_is_passed_on_with_the_question(phone: Phone) -> None:
    told = (await phone.one(photo(1, "người ta gửi cái này, có thật không em?"))).text
    assert "HT-0001" in told and "đừng chuyển tiền" in told
    (row,), (owed,) = await phone.rows(), await phone.rows(ticket)
    assert row.ticket == owed.code and row.form_id is None


@pytest.mark.asyncio
async def test_the_question_may_come_later(phone: Phone) -> None:
    await phone.one(Thing(text=SCAM, forwarded=True))
    told = await phone.asks("cái này có thật không em")
    assert "HT-0001" in told
    assert len(await phone.rows(ticket)) == 1


# --- the bundle -------------------------------------------------------------------------------------------------
def message(number: int, text: str = "", kind: str | None = None, **extra: Any) -> tuple[int, Message]:
    edits = extra.pop("edits", None)
    sort = MessageKind.OTHER if kind else MessageKind.TEXT
    more = {**({"kind": kind} if kind else {}), **extra}
    return number, Message("telegram", "", str(number), "1", text, NOW, sort, number, edits, more)


def test_a_burst_is_sorted() -> None:
    bundle = sort_out(
        [
            message(1, "chú thích", "photo", file_id="x", album="a"),
            message(2, "", "photo", file_id="y", album="a"),
            message(3, "lời người khác", forwarded=True),
            message(4, "của em"),
            message(5, "", "hologram"),
        ]
    )
    assert bundle.own == ("chú thích", "của em")
    assert bundle.forwarded == "lời người khác"
    kinds = [EvidenceKind.PHOTO, EvidenceKind.PHOTO, EvidenceKind.FORWARD, EvidenceKind.UNKNOWN]
    assert [item.kind for item in bundle.sent] == kinds
    moved = sort_out([message(6, "", "location", latitude=1.0, longitude=2.0, edits=2)])
    assert moved.edited and not moved.sent and not moved.text, "a place that moves on says nothing new"
