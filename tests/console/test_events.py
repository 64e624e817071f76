"""Officers look after an event: publish, invite, more seats for those who wait, the door, cancelling."""

import pytest
from sqlalchemy import select

from bot.watch import handle_changes
from domain.officer import Role
from storage.tables import event, outbox, registration
from tests.console.office import House, at
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
