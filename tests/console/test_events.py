"""Officers look after an event: publish, invite, more seats for those who wait, the door, cancelling."""

import pytest
from sqlalchemy import select, update

from bot.chat import Talk
from bot.watch import handle_changes
from domain.officer import Role
from storage.tables import event, outbox, registration
from tests.console.office import Hand, House, at
from tests.console.test_broadcasts import invite, number_of

FORM = {
    "title": "Hội thảo sấy nông sản",
    "start": "2026-12-16T08:00",
    "end": "2026-12-16T11:30",
    "place": "Hội trường Sở",
    "seats": "1",
    "free": "1",
}


@pytest.mark.asyncio
async def test_an_event_from_draft_to_report(light: House) -> None:
    lan, viewer = await light.officer("Lan", Role.OFFICER), await light.officer("Xem", Role.VIEWER)
    await invite(light, 3)
    assert (await lan.post("/su-kien", **{**FORM, "start": "2020-01-01T08:00"})).status_code == 422
    made = await lan.post("/su-kien", **FORM)
    path = made.headers["location"].removeprefix("/can-bo")
    assert "Chưa công bố" in await viewer.text(path)
    assert (await viewer.post(path + "/cong-bo")).status_code == 403
    assert (await lan.post(path + "/moi")).status_code == 409, "nobody is invited to what is not published"
    assert (await lan.post(path + "/cong-bo")).status_code == 303
    await handle_changes(light.system.database, light.system.office, light.now)
    draft = await lan.post(path + "/moi")
    page = await lan.text(f"/tin/{number_of(draft.headers['location'])}")
    assert "3 người sẽ nhận" in page and "Đăng ký tham dự" in page
    mai, tai = await light.person("mai"), await light.person("tài")
    for talk, words in ((mai, "giữ 1 chỗ"), (tai, "danh sách chờ (thứ 1)")):
        await light.say(talk, "có hội thảo nào sắp tới không")
        await light.say(talk, "1")
        assert words in (await light.say(talk, "Đăng ký tham dự"))[0]
    assert (await lan.post(path + "/sua", **{**FORM, "seats": "0"})).status_code == 409
    assert (await lan.post(path + "/sua", **{**FORM, "seats": "2"})).status_code == 303
    (offered,) = await light.hear(tai)
    assert "1 chỗ trống" in offered and "17:00" in offered
    await light.until(at(7, 17, 1))
    assert any("nhường chỗ" in text for text in await light.hear(tai)), "nobody answered in time"
    page = await lan.text(path)
    assert "1 chỗ đã giữ / 2" in page
    async with light.system.database.read() as db:
        who = (await db.execute(select(registration.c.person_id).where(registration.c.heads == 1))).scalar_one()
    assert (await lan.post(path + "/den", person=str(who))).status_code == 303
    assert (await lan.post(path + "/den", person="99999")).status_code == 409
    assert "1 đã đến" in await lan.text(path)
    assert (await lan.post(path + "/huy")).status_code == 409
    assert (await lan.post(path + "/huy", reason="bão")).status_code == 303
    assert any("đã huỷ Hội thảo" in text for text in await light.hear(mai))
    async with light.system.database.read() as db:
        assert (await db.execute(select(event.c.state))).scalars().all() == ["cancelled"]
        assert not (await db.execute(select(outbox.c.id).where(outbox.c.broadcast_id.is_not(None)))).all()


async def book(house: House, name: str) -> Talk:
    """Somebody with a seat at the only event."""
    talk = await house.person(name)
    await house.say(talk, "có hội thảo nào sắp tới không")
    await house.say(talk, "1")
    assert "giữ 1 chỗ" in (await house.say(talk, "Đăng ký tham dự"))[0]
    return talk


async def set_out(house: House, **more: str) -> tuple[Hand, str]:
    """A published event of Lan's: her hand, the page."""
    lan = await house.officer("Lan", Role.OFFICER)
    path = (await lan.post("/su-kien", **{**FORM, "seats": "9", **more})).headers["location"].removeprefix("/can-bo")
    assert (await lan.post(path + "/cong-bo")).status_code == 303
    await handle_changes(house.system.database, house.system.office, house.now)
    return lan, path


@pytest.mark.asyncio
async def test_whoever_has_a_place_hears_of_another_day_and_is_reminded_on_it(house: House) -> None:
    lan, path = await set_out(house)
    mai = await book(house, "mai")
    tai = await book(house, "tài")
    await house.say(tai, "DỪNG")
    await house.say(tai, "Không nhắc")
    moved = {**FORM, "seats": "9", "start": "2026-12-18T13:30", "end": "2026-12-18T16:00", "place": "Nhà văn hoá"}
    assert (await lan.post(path + "/sua", **moved)).status_code == 303
    await handle_changes(house.system.database, house.system.office, house.now)
    for talk in (mai, tai):  # who wants no news still has a seat
        (told,) = await house.hear(talk)
        assert "có thay đổi" in told and "13:30-16:00 thứ Sáu 18/12/2026" in told and "Nhà văn hoá" in told
    assert "đã báo đổi 2" in await lan.text(path)
    assert (await lan.post(path + "/sua", **{**moved, "summary": "Lời mới."})).status_code == 303
    await handle_changes(house.system.database, house.system.office, house.now)
    assert await house.hear(mai) == [], "nothing of it concerns them"
    await house.until(at(15, 9))
    assert await house.hear(mai) == [], "not on the eve of the first day"
    await house.until(at(17, 9))
    (eve,) = await house.hear(mai)
    assert "Ngày mai có Hội thảo" in eve and "18/12/2026" in eve and "Nhà văn hoá" in eve
    async with house.system.database.write() as db:  # another system postpones it, after the eve's reminder
        later = update(event).values(starts_at=at(22, 8), ends_at=at(22, 11), written_by="nhipcau")
        await db.execute(later)
    await handle_changes(house.system.database, house.system.office, house.now)
    assert any("thứ Ba 22/12/2026" in text for text in await house.hear(mai))
    await house.until(at(18, 12))
    assert await house.hear(mai) == []
    await house.until(at(21, 9))
    assert any("Ngày mai có Hội thảo" in text for text in await house.hear(mai))
    assert not any("Ngày mai" in text for text in await house.hear(tai)), "no reminders, as wished"
    async with house.system.database.write() as db:
        await db.execute(update(event).values(state="cancelled", written_by="nhipcau"))
    await handle_changes(house.system.database, house.system.office, house.now)
    assert any("đã huỷ Hội thảo" in text for text in await house.hear(mai)), "cancelled by another system"


@pytest.mark.asyncio
async def test_a_form_keeps_what_it_does_not_show(light: House) -> None:
    lan, path = await set_out(light, map="https://maps.google.com/?q=21.85361,106.76101", products="hồi")
    async with light.system.database.write() as db:
        more = {"programmes": ["P1"], "sample": True, "topics": {"products": ["hồi"], "processes": ["sấy"]}}
        await db.execute(update(event).values(**more))
    page = (await lan.get(path)).text
    assert 'value="21.85361, 106.76101"' in page
    assert (await lan.post(path + "/sua", **{**FORM, "map": "đâu đó"})).status_code == 409
    changed = {**FORM, "map": "106.76101, 21.85361", "products": "hồi"}
    assert (await lan.post(path + "/sua", **changed)).status_code == 409, "the wrong way round"
    changed["map"] = "21.85361, 106.76101"
    assert (await lan.post(path + "/sua", **{**changed, "title": "Hội thảo hồi"})).status_code == 303
    async with light.system.database.read() as db:
        held = (await db.execute(select(event))).one()
    assert (held.programmes, held.sample, held.topics) == (["P1"], True, {"products": ["hồi"], "processes": ["sấy"]})
    assert (held.latitude, held.longitude) == (21.85361, 106.76101)
    mai = await light.person("mai")
    await light.say(mai, "có hội thảo nào sắp tới không")
    (card,) = await light.say(mai, "1")
    assert "Bản đồ: https://www.google.com/maps?q=21.85361,106.76101" in card
