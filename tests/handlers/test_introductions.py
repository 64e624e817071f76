"""Contacts only after both said yes; what comes of it is asked; silence and refusal end with the truth."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.chat import Talk
from bot.wiring import System
from conversation.message import MessageKind
from domain.need import NeedState
from domain.pairing import MatchState
from storage import needs, pairs
from storage.outbox import Outgoing
from storage.tables import introduction, match, need, offer, review

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 09:00 in Việt Nam
STORY = (
    "nhà em làm hoa hồi hay bị mốc, cần máy sấy tầm 300tr", "400 kg/mẻ", "chưa biết", "xã Tân Đoàn", "phơi ngoài sân",
    "Mai, 0900000001",
)  # fmt: skip
OFFER = (
    "viện chúng tôi có máy sấy hoa hồi bơm nhiệt muốn giới thiệu",
    "300-500 kg/mẻ",
    "280 triệu",
    "Bình, 0900000002",
    "đúng, gửi",
)


TALKS: dict[str, list[Talk]] = {}  # the talks of one system: one clock for all


async def person(system: System, name: str) -> Talk:
    talk = Talk(system, name, MORNING)
    TALKS.setdefault(str(system.database.url), []).append(talk)
    await talk.begin()
    return talk


def on_time(talk: Talk) -> Talk:
    """The talk at the latest instant anybody has reached."""
    talk.now = max(other.now for other in TALKS[str(talk.system.database.url)])
    return talk


async def owner(system: System) -> Talk:
    """Somebody with a sent need who chose to hear at once."""
    talk = await person(system, "mai")
    for text in STORY:
        await talk.say([text])
    for label in ("Đồng ý lưu phiếu", "Đúng, gửi", "Đồng ý, báo ngay khi có"):
        await talk.say([label], MessageKind.BUTTON)
    return talk


async def supplier(system: System) -> Talk:
    """Somebody who has offered a dryer by chat, published by an officer."""
    talk = await person(system, "binh")
    for text in OFFER:
        said = await talk.say([text])
    assert "GP-0001" in said[0].text, said[0].text
    await publish(system)
    return talk


async def publish(system: System) -> None:
    async with system.database.write() as db:
        await db.execute(update(offer).where(offer.c.id == "GP-0001").values(state="verified", written_by="nhipcau"))


async def verify(system: System) -> None:
    async with system.database.write() as db:
        await db.execute(update(need).values(state=NeedState.OPEN.value))


async def later(talk: Talk, step: timedelta = timedelta(minutes=1)) -> list[Outgoing]:
    return await on_time(talk).advance(step)


async def press(talk: Talk, label: str) -> Outgoing:
    (said,) = await on_time(talk).say([label], MessageKind.BUTTON)
    return said


def one(told: list[Outgoing], words: str) -> Outgoing:
    found = [item for item in told if words in item.text]
    assert len(found) == 1, [item.text for item in told]
    return found[0]


async def interested(system: System) -> tuple[Talk, Talk]:
    """The owner was told of the supplier's offer and agreed; the officer has not looked at the need yet."""
    mai = await owner(system)
    binh = await supplier(system)
    notice = one(await later(mai), "Có giải pháp mới")
    assert [choice["label"] for choice in notice.choices][:1] == ["Quan tâm"]
    assert "hoa hồi" in notice.text
    asked = await press(mai, "Quan tâm")
    assert asked.text.rstrip().endswith("?")
    assert "NC-0001" in asked.text
    agreed = await press(mai, "Đồng ý chuyển liên hệ")
    assert "GT-0001" in agreed.text
    return mai, binh


@pytest.mark.asyncio
async def test_contacts_only_after_both_said_yes(system: System) -> None:
    mai, binh = await interested(system)
    told = await later(binh)
    assert not [item for item in told if "GT-0001" in item.text], "no supplier sees a need before an officer did"
    await verify(system)
    await later(mai)
    question = one(await later(binh), "GT-0001")
    for secret in ("0900000001", "900000001", "Mai", "Tân Đoàn"):
        assert secret not in question.text, question.text
    assert "400 kg/mẻ" in question.text
    given = await press(binh, "Đồng ý nhận")
    assert "Mai" in given.text
    assert "900000001" in given.text
    got = one(await later(mai), "GT-0001")
    assert "Bình" in got.text
    assert "900000002" in got.text
    async with system.database.read() as db:
        row = (await db.execute(select(introduction))).one()
        state = await pairs.state_of(db, row.need_id, row.offer_id)
    assert state is MatchState.INTRODUCED
    assert row.owner_wording
    assert row.supplier_wording
    assert row.released_at >= row.owner_agreed_at


@pytest.mark.asyncio
async def test_nobody_called_and_consent_taken_back(system: System) -> None:
    mai, binh = await interested(system)
    await verify(system)
    await later(mai)
    await later(binh)
    await press(binh, "Đồng ý nhận")
    asked = one(await later(mai, timedelta(days=7, hours=1)), "Đã có ai gọi")
    assert "GT-0001" in asked.text
    sorry = await press(mai, "Chưa")
    assert "nhắc bên cung cấp" in sorry.text
    one(await later(binh, timedelta(days=8)), "chưa nhận được cuộc gọi")
    back = await mai.say(["rút GT-0001"])
    assert "rút đồng ý" in back[0].text
    one(await later(binh), "xoá tên và số điện thoại")
    async with system.database.read() as db:
        row = (await db.execute(select(introduction))).one()
        reviews = {r.why for r in (await db.execute(select(review).where(review.c.noun == "introduction"))).all()}
        (mine,) = await needs.of_person(db, 1)
    assert (row.withdrawn_by, row.released_at is not None) == ("owner", True)
    assert "nobody called within a week" in reviews
    assert mine.state is NeedState.OPEN


@pytest.mark.asyncio
async def test_silent_supplier_is_reminded_then_the_truth_is_told(system: System) -> None:
    mai, binh = await interested(system)
    await verify(system)
    await later(mai)
    one(await later(binh), "GT-0001")
    reminded = await later(binh, timedelta(days=8))
    assert len([item for item in reminded if "Em nhắc lại" in item.text]) == 2, [item.text for item in reminded]
    truth = [item for item in await later(mai, timedelta(days=31)) if "GT" not in item.text and "NC-0001" in item.text]
    assert truth, "the owner hears the truth"
    assert any("Gửi lên danh sách quốc gia" in [c["label"] for c in item.choices] for item in truth)
    async with system.database.read() as db:
        state = (await db.execute(select(match.c.state).where(match.c.offer_id == "GP-0001"))).scalar_one()
    assert state == MatchState.UNREACHABLE.value


@pytest.mark.asyncio
async def test_supplier_refuses(system: System) -> None:
    mai, binh = await interested(system)
    await verify(system)
    await later(mai)
    await later(binh)
    await press(binh, "Không nhận")
    truth = one(await later(mai), "chưa nhận được")
    assert "NC-0001" in truth.text
    assert "900000002" not in truth.text


@pytest.mark.asyncio
async def test_too_dear_changes_what_comes_later(system: System) -> None:
    mai = await owner(system)
    await supplier(system)
    one(await later(mai), "Có giải pháp mới")
    reasons = await press(mai, "Không hợp vì…")
    assert len(reasons.choices) == 8
    noted = await press(mai, "Vì giá")
    assert "giá" in noted.text
    async with system.database.write() as db:
        for offer_id, least in (("D1", 290), ("C1", 120)):
            values = {"id": offer_id, "title": f"Máy sấy hồi {offer_id}", "products": ["hoa hồi"], "processes": ["sấy bơm nhiệt"],
                      "price_min_million_vnd": least, "price_max_million_vnd": least, "capacity_min": 300, "capacity_max": 500,
                      "capacity_unit": "kg/mẻ", "state": "verified", "written_by": "nhipcau"}  # fmt: skip
            await db.execute(offer.insert().values(**values))
    told = await later(mai)
    assert "rẻ hơn" in one(told, "Máy sấy hồi C1").text
    assert not [item for item in told if "D1" in item.text], "as dear as what was declined: not told at once"
    async with system.database.read() as db:
        _, doubts = await pairs.why(db, 1, "D1")
    assert any("đắt" in doubt for doubt in doubts)


@pytest.mark.asyncio
async def test_why_and_stop(system: System) -> None:
    mai = await owner(system)
    await supplier(system)
    one(await later(mai), "Có giải pháp mới")
    why = await press(mai, "Vì sao tôi nhận tin này?")
    assert "NC-0001" in why.text
    assert {"Ít tin hơn", "Chỉ tin thật hợp", "Dừng chủ đề này"} <= {choice["label"] for choice in why.choices}
    await press(mai, "Dừng chủ đề này")
    async with system.database.write() as db:
        values = {"id": "N1", "title": "Máy sấy hồi mới", "products": ["hoa hồi"], "processes": ["sấy"], "capacity_min": 300,
                  "capacity_max": 500, "capacity_unit": "kg/mẻ", "price_min_million_vnd": 200, "state": "verified",
                  "written_by": "nhipcau"}  # fmt: skip
        await db.execute(offer.insert().values(**values))
    assert await later(mai) == []


@pytest.mark.asyncio
async def test_still_for_sale(system: System) -> None:
    binh = await supplier(system)
    one(await later(binh), "đã được duyệt")
    asked = await later(binh, timedelta(days=183))
    assert len(asked) == 1, "the promise of the officers was kept, nothing else is told"
    one(asked, "còn cung cấp")
    price = await press(binh, "Sửa giá")
    assert price.text.rstrip().endswith("?")
    changed = await binh.say(["250 triệu"])
    assert "250 triệu" in changed[0].text
    asked = one(await later(binh, timedelta(days=183)), "còn cung cấp")
    assert "250" in asked.text
    one(await later(binh, timedelta(days=15)), "tạm ẩn")
    async with system.database.read() as db:
        assert (await db.execute(select(offer.c.state))).scalar_one() == "expired"
    back = await press(binh, "Còn, mở lại")
    assert "vẫn ở trong kho" in back.text
    async with system.database.read() as db:
        assert (await db.execute(select(offer.c.state))).scalar_one() == "verified"


async def words(talk: Talk, text: str) -> Outgoing:
    (said,) = await on_time(talk).say([text])
    return said


@pytest.mark.asyncio
async def test_consent_is_taken_back_in_any_words_and_never_taken_for_a_yes(system: System) -> None:
    mai, _ = await interested(system)
    assert "Em đã rút đồng ý ở mã GT-0001" in (await words(mai, "rút lại đồng ý")).text
    async with system.database.read() as db:
        assert (await db.execute(select(introduction.c.withdrawn_by))).scalar_one() == "owner"
    asked = await words(mai, "thôi quan tâm lại")
    assert asked.text.endswith("phải không ạ?")
    assert (await words(mai, "số của em họ có thấy không")).text == asked.text, "a doubt is no yes"
    assert "không chuyển" in (await words(mai, "không")).text


@pytest.mark.asyncio
async def test_a_supplier_asks_thinks_and_sells_out(system: System) -> None:
    mai, binh = await interested(system)
    await verify(system)
    await later(mai)
    await later(binh)
    for text in ("họ ở xã nào vậy", "cho xin số điện thoại", "ai cần thế"):
        told = (await words(binh, text)).text
        assert "400 kg/mẻ" in told
        assert not [secret for secret in ("900000001", "Mai", "Tân Đoàn") if secret in told], told
    assert "cứ xem thêm" in (await words(binh, "để tôi xem đã")).text
    assert "rút khỏi kho luôn" in (await words(binh, "máy này hết rồi")).text
    one(await later(mai), "em nói thật")
    await words(binh, "có")
    async with system.database.read() as db:
        assert (await db.execute(select(offer.c.state).where(offer.c.id == "GP-0001"))).scalar_one() == "withdrawn"


@pytest.mark.asyncio
async def test_an_offer_withdrawn_reaches_whoever_waits_for_it(system: System) -> None:
    mai, binh = await interested(system)
    await verify(system)
    await later(mai)
    await later(binh)
    await words(binh, "rút máy đã chào")
    await words(binh, "đúng")
    assert "ngừng cung cấp" in one(await later(mai), "em nói thật").text


@pytest.mark.asyncio
async def test_what_came_of_it_is_kept_in_the_owners_words(system: System) -> None:
    mai, binh = await interested(system)
    await verify(system)
    await later(mai)
    await later(binh)
    await words(binh, "nhận")
    one(await later(mai, timedelta(days=7, hours=1)), "Đã có ai gọi")
    assert "đang thử" in (await words(mai, "họ gọi rồi, đang thử máy")).text
    assert "Giá trị khoảng nào" in (await words(mai, "ký hợp đồng rồi")).text
    assert "100-500 triệu" in (await words(mai, "280 triệu")).text
    async with system.database.read() as db:
        row = (await db.execute(select(match.c.state, match.c.value_band).where(match.c.offer_id == "GP-0001"))).one()
    assert tuple(row) == ("contract", "100-500 triệu")


@pytest.mark.asyncio
async def test_an_alert_is_answered_in_words(system: System) -> None:
    mai, binh = await owner(system), await supplier(system)
    one(await later(mai), "Có giải pháp mới")
    assert "NC-0001" in (await words(mai, "sao lại gửi tin này cho em")).text
    assert "sáng thứ Ba" in (await words(mai, "gửi ít thôi")).text
    assert "như cũ" in (await words(mai, "nhận lại như cũ đi")).text
    assert "280 triệu" in (await words(mai, "máy này công suất thế nào")).text
    assert "không hợp vì giá" in (await words(mai, "đắt quá em ạ")).text
    assert "chưa có loại nào rẻ hơn" in (await words(mai, "còn cái nào rẻ hơn không")).text
    async with system.database.write() as db:
        values = {"id": "RE", "title": "Máy sấy hồi nhỏ", "products": ["hoa hồi"], "processes": ["sấy bơm nhiệt"],
                  "capacity_min": 300, "capacity_max": 500, "capacity_unit": "kg/mẻ", "price_min_million_vnd": 120,
                  "price_max_million_vnd": 130, "state": "verified", "written_by": "nhipcau"}  # fmt: skip
        await db.execute(offer.insert().values(**values))
    assert "rẻ hơn" in one(await later(mai), "Máy sấy hồi nhỏ").text
    assert binh.person == "binh"


@pytest.mark.asyncio
async def test_why_and_too_dear_are_heard_without_a_notice_near(system: System) -> None:
    for id_, title, price in (("DAT", "Máy sấy hồi lớn", 290), ("RE", "Máy sấy hồi nhỏ", 120)):
        values = {"id": id_, "title": title, "products": ["hoa hồi"], "processes": ["sấy bơm nhiệt"], "capacity_min": 300,
                  "capacity_max": 500, "capacity_unit": "kg/mẻ", "price_min_million_vnd": price, "state": "verified",
                  "written_by": "nhipcau"}  # fmt: skip
        async with system.database.write() as db:
            await db.execute(offer.insert().values(**values))
    mai = await owner(system)
    why = await words(mai, "vì sao tôi nhận tin này?")
    assert "NC-0001" in why.text and "Dừng chủ đề này" in [choice["label"] for choice in why.choices]
    assert "không hợp vì giá" in (await words(mai, "giải pháp số 1 đắt quá")).text


@pytest.mark.asyncio
async def test_one_of_several_in_the_digest_is_meant_in_words(system: System) -> None:
    mai = await owner(system)
    await words(mai, "mỗi tuần một lần thôi")
    for id_, title, price in (("DAT", "Máy sấy hồi lớn", 290), ("RE", "Máy sấy hồi nhỏ", 120)):
        values = {"id": id_, "title": title, "products": ["hoa hồi"], "processes": ["sấy bơm nhiệt"], "capacity_min": 300,
                  "capacity_max": 500, "capacity_unit": "kg/mẻ", "price_min_million_vnd": price, "state": "verified",
                  "written_by": "nhipcau"}  # fmt: skip
        async with system.database.write() as db:
            await db.execute(offer.insert().values(**values))
    await later(mai)
    one(await later(mai, timedelta(days=7)), "2 giải pháp mới")
    assert [choice["label"] for choice in (await words(mai, "em quan tâm")).choices] == [
        "Máy sấy hồi lớn",
        "Máy sấy hồi nhỏ",
    ]
    assert "Máy sấy hồi nhỏ" in (await words(mai, "lấy cái rẻ hơn")).text
    assert "không chuyển" in (await words(mai, "để em hỏi nhà đã")).text


@pytest.mark.asyncio
async def test_a_yes_counts_for_the_solution_whose_wording_was_shown(system: System) -> None:
    mai, _ = await owner(system), await supplier(system)
    one(await later(mai), "Có giải pháp mới")
    await press(mai, "Quan tâm")
    async with system.database.write() as db:
        values = {"id": "SAU", "title": "Máy sấy hồi đến sau", "products": ["hoa hồi"], "processes": ["sấy bơm nhiệt"],
                  "capacity_min": 300, "capacity_max": 500, "capacity_unit": "kg/mẻ", "price_min_million_vnd": 200,
                  "state": "verified", "written_by": "nhipcau"}  # fmt: skip
        await db.execute(offer.insert().values(**values))
    one(await later(mai), "Máy sấy hồi đến sau")
    await words(mai, "đồng ý")
    async with system.database.read() as db:
        assert list((await db.execute(select(introduction.c.offer_id))).scalars()) == ["GP-0001"]
