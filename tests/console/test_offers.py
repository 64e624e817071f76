"""Officers look at what is offered by chat: approve, ask back, correct, pause, take out; both sides hear of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.chat import Talk
from bot.watch import handle_changes
from conversation.message import MessageKind
from domain.officer import Role
from storage.tables import due, offer, review, ticket
from tests.console.office import Hand, House

NEED = (
    "nhà em làm hoa hồi hay bị mốc, cần máy sấy tầm 300tr", "400 kg/mẻ", "chưa biết", "xã Tân Đoàn", "phơi ngoài sân",
    "Mai, 0900000001",
)  # fmt: skip
OFFER = (
    "viện chúng tôi có máy sấy hoa hồi bơm nhiệt muốn giới thiệu", "300-500 kg/mẻ", "280 triệu", "Bình, 0900000002",
    "đúng, gửi",
)  # fmt: skip
PATH = "/cong-nghe/GP-0001"
FORM = {
    "title": "Máy sấy hoa hồi bơm nhiệt", "summary": "Sấy êm, giữ màu.", "products": "hoa hồi, mận", "processes": "say",
    "capacity_min": "300", "capacity_max": "500", "capacity_unit": "kg/mẻ", "price_min": "1.200,5", "price_max": "1500",
    "serves": "Lạng Sơn, Cao Bằng", "trl": "8", "modes": "BAN", "reason": "nơi chào gọi lại",
}  # fmt: skip


async def offered_by(house: House, name: str = "binh") -> Talk:
    talk = await house.person(name)
    for text in OFFER:
        said = await house.say(talk, text)
    assert "GP-0001" in said[0]
    return talk


async def state_of(house: House) -> str:
    async with house.system.database.read() as db:
        return str((await db.execute(select(offer.c.state).where(offer.c.id == "GP-0001"))).scalar_one())


async def owed(house: House) -> tuple[int, int, int]:
    """Open tickets, reviews and alarms about the offer."""
    async with house.system.database.read() as db:
        promises = select(ticket.c.id).where(ticket.c.about == "supply:GP-0001", ticket.c.done_at.is_(None))
        reviews = select(review.c.id).where(review.c.noun == "offer", review.c.done_at.is_(None))
        codes = [
            row.code
            for row in (await db.execute(select(ticket.c.code).where(ticket.c.about == "supply:GP-0001"))).all()
        ]
        alarms = select(due.c.id).where(due.c.key.in_([f"ticket:{code}" for code in codes]), due.c.done_at.is_(None))
        told = [len((await db.execute(query)).all()) for query in (promises, reviews, alarms)]
    return told[0], told[1], told[2]


async def revision(hand: Hand) -> str:
    page = (await hand.get(PATH)).text
    return page.split('name="revision" value="')[1].split('"')[0]


@pytest.mark.asyncio
async def test_an_approved_offer_reaches_whoever_chose_to_hear_at_once(house: House) -> None:
    mai = await house.person("mai")
    for text in NEED:
        await house.say(mai, text)
    for label in ("Đồng ý lưu phiếu", "Đúng, gửi", "Đồng ý, báo ngay khi có"):
        await mai.say([label], MessageKind.BUTTON)
    binh = await offered_by(house)
    lan, viewer = await house.officer("Lan", Role.OFFICER), await house.officer("Xem", Role.VIEWER)
    assert await owed(house) == (1, 1, 1)
    assert "GP-0001" in await lan.text("/") and "GP-0001" in await lan.text(
        "/cong-nghe?trang-thai=submitted&tim=may say HOI"
    )
    assert "GP-0001" not in await lan.text("/cong-nghe?tim=may say na")
    assert "0900 000 002" in await lan.text(PATH)
    assert "0900 000 002" not in await viewer.text(PATH) and "Duyệt, giới thiệu" not in await viewer.text(PATH)
    assert (await lan.post(PATH + "/duyet")).status_code == 303
    assert (await state_of(house), await owed(house)) == ("verified", (0, 0, 0))
    assert (await lan.post(PATH + "/duyet")).status_code == 409, "nothing is approved twice"
    for _ in range(2):
        await handle_changes(house.system.database, house.system.office, house.now)
    (told,) = await house.hear(mai)
    assert "Máy sấy hoa hồi bơm nhiệt" in told and "NC-0001" in told
    (told,) = await house.hear(binh)
    assert "(mã GP-0001) đã được duyệt" in told
    assert "NC-0001" in await lan.text(PATH)
    assert (await lan.post(PATH + "/tam-dung")).status_code == 409, "a pause has a reason"
    assert (await lan.post(PATH + "/tam-dung", reason="Nơi chào đang sửa máy.")).status_code == 303
    await handle_changes(house.system.database, house.system.office, house.now)
    (told,) = await house.hear(binh)
    assert "tạm dừng" in told and "Nơi chào đang sửa máy." in told
    assert (await lan.post(PATH + "/gioi-thieu-lai", reason="máy đã xong")).status_code == 303
    await handle_changes(house.system.database, house.system.office, house.now)
    (told,) = await house.hear(binh)
    assert "trở lại" in told
    assert await house.hear(mai) == [], "nobody is told of the same offer twice"
    assert (await lan.post(PATH + "/rut", reason="Máy đã bán.")).status_code == 303
    assert "rút" in (await house.hear(binh))[0] and await state_of(house) == "withdrawn"
    assert (await lan.post(PATH + "/sua", **FORM)).status_code == 409


@pytest.mark.asyncio
async def test_what_is_missing_is_asked_of_the_supplier(light: House) -> None:
    binh = await offered_by(light)
    lan = await light.officer("Lan", Role.OFFICER)
    assert (await lan.post(PATH + "/nho-bo-sung", reason="  ")).status_code == 409
    assert (await lan.post(PATH + "/nho-bo-sung", reason="máy chạy điện mấy pha ạ?")).status_code == 303
    (told,) = await light.hear(binh)
    assert "Cán bộ Lan" in told and "máy chạy điện mấy pha ạ?" in told and len(told) < 600
    assert (await state_of(light), await owed(light)) == ("submitted", (0, 0, 0))
    assert "đang nhờ bổ sung" in await lan.text("/cong-nghe")
    assert "máy chạy điện mấy pha ạ?" in (await light.say(binh, "GP-0001 duyệt chưa em"))[0]
    light.now += timedelta(hours=1)
    (told,) = await light.say(binh, "điện 3 pha, có cả loại 1 pha")
    assert "đã ghi vào bản chào GP-0001" in told
    assert await owed(light) == (1, 1, 1)
    assert "điện 3 pha, có cả loại 1 pha" in await lan.text(PATH) and "có bổ sung mới" in await lan.text("/cong-nghe")
    assert "đã ghi vào bản chào" not in "".join(await light.say(binh, "máy dùng tốt lắm")), "one answer to one question"
    assert (await lan.post(PATH + "/nho-bo-sung", reason="giá bán bao nhiêu ạ?")).status_code == 303
    (told,) = await light.hear(binh)
    (told,) = await light.say(binh, "sửa giá GP-0001 thành 300 triệu")
    assert "300 triệu đồng" in told
    page = await lan.text(PATH)
    assert "300 triệu đồng" in page and await owed(light) == (1, 1, 1)


@pytest.mark.asyncio
async def test_facts_are_corrected_and_nothing_typed_is_lost(light: House) -> None:
    await offered_by(light)
    lan = await light.officer("Lan", Role.OFFICER)
    form = {**FORM, "revision": await revision(lan)}
    refused = await lan.post(
        PATH + "/sua", **{**form, "products": "hoa hồi, quả lạ lùng", "summary": "gọi 0912 345 678", "reason": ""}
    )
    assert refused.status_code == 422
    for words in (
        "Danh mục chưa có “quả lạ lùng”",
        "hoa hồi, quả lạ lùng",
        "gọi 0912 345 678",
        "1.200,5",
        "sửa theo đâu",
    ):
        assert words in refused.text, words
    for name, value in (
        ("price_min", "nan"),
        ("title", "x" * 201),
        ("price_min", "9999"),
        ("capacity_unit", ""),
        ("serves", "Xứ Lạ"),
        ("revision", "0"),
    ):
        assert (await lan.post(PATH + "/sua", **{**form, name: value})).status_code == 422, name
    assert (await lan.post(PATH + "/sua", **form)).status_code == 303
    page = await lan.text(PATH)
    for words in (
        "hoa hồi, mận",
        "300-500 kg/mẻ",
        "1.200,5-1.500 triệu đồng",
        "Lạng Sơn, Cao Bằng",
        "đã bán",
        "bán máy",
        "nơi chào gọi lại",
    ):
        assert words in page, words
    async with light.system.database.read() as db:
        row = (await db.execute(select(offer).where(offer.c.id == "GP-0001"))).one()
    assert (row.products, row.processes, row.price_min_million_vnd, row.serves) == (
        ["hoa hồi", "mận"],
        ["sấy"],
        1200.5,
        "20,4",
    )
    assert row.state == "submitted"
