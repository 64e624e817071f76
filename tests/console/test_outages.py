"""Officers see that a channel cannot be reached, and let those who linked another be reached there."""

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.officer import Role
from domain.person import Alert, Purpose
from domain.segment import EVERYBODY, Is, Trait
from handlers import brief
from storage import audit, broadcasts, outages, people
from storage.tables import address, outbox
from tests.console.office import House, at
from tests.console.test_broadcasts import number_of

SHOTS = os.environ.get("NHIPCAU_SHOTS", "")
ON_TELEGRAM = Is(Trait.CHANNEL, ("telegram",))


async def invite(house: House, count: int, linked: int) -> None:
    """So many people on Telegram who take news; the first ones have linked the page."""
    async with house.system.database.write() as db:
        for number in range(count):
            who = await people.arrive(db, "telegram", "", f"{900 + number}", house.now)
            await people.give_consent(db, who.person_id, Purpose.NEWS, "tin", house.now)
            await people.choose_alert(db, who.person_id, Alert.NOW)
            if number <= linked:  # the last of them has a page without having agreed
                page = await people.arrive(db, "web", "", f"page-{number}", house.now)
                await db.execute(update(address).where(address.c.id == page.id).values(person_id=who.person_id))
                if number < linked:
                    await people.give_consent(db, who.person_id, Purpose.LINK, "1", house.now)


@pytest.mark.asyncio
async def test_officers_see_what_waits_and_send_it_elsewhere(house: House) -> None:
    house.now = at(8, 9, 12)
    await invite(house, 20, 6)
    lan, hung = await house.officer("Lan", Role.OFFICER), await house.officer("Hùng", Role.APPROVER)
    watcher = await house.officer("Vy", Role.VIEWER)
    assert "không gửi được từ" not in await lan.text("/")
    async with house.system.database.write() as db:
        draft = await broadcasts.compose(db, "Hội thảo", "Mời anh/chị dự hội thảo.", EVERYBODY, "Lan", house.now)
    sent = await lan.post(f"/tin/{draft.id}/gui", counted="20")
    number = number_of(str(sent.headers["location"]))
    await hung.post(f"/tin/{number}/duyet")
    assert "Gửi kênh khác" not in await lan.text(f"/tin/{number}")
    async with house.system.database.write() as db:
        assert await outages.begin(db, "telegram", house.now, "không nối được", house.now)
        assert await outages.begin(db, "telegram", house.now, "lần nữa", house.now) is None, "one at a time"
    today = await lan.text("/")
    assert "Telegram không gửi được từ 09:12" in today and "20 tin gửi nhiều người đang chờ" in today
    async with house.system.database.read() as db:
        assert lan.officer is not None
        told = await brief.gather(db, lan.officer, house.now, {})
    assert told.trouble == ("Telegram không gửi được từ 09:12 08/12",)
    page = await lan.text(f"/tin/{number}")
    assert "14 người chỉ có kênh này; 6 người đã liên kết kênh khác" in page
    assert "Gửi kênh khác thay cho 6 người" in page
    assert (await watcher.post(f"/tin/{number}/kenh-khac")).status_code == 403
    assert (await lan.post(f"/tin/{number}/kenh-khac")).status_code == 303
    assert "Gửi kênh khác thay" not in await lan.text(f"/tin/{number}")
    async with house.system.database.write() as db:
        query = select(address.c.channel).join(outbox, outbox.c.address_id == address.c.id)
        assert list((await db.execute(query.where(outbox.c.broadcast_id == number))).scalars()) == ["web"] * 6
        log = await audit.of(db, "broadcast", draft.code)
        assert log[-1].verb == "send_elsewhere" or log[0].verb == "send_elsewhere"
        current = await outages.current(db)
        assert await outages.end(db, current["telegram"].id, house.now, 0)
        assert not await outages.end(db, current["telegram"].id, house.now, 0), "noted once"
    assert "không gửi được từ" not in await lan.text("/")


@pytest.mark.browser
@pytest.mark.asyncio
async def test_what_officers_see_while_a_channel_is_away(light: House, browser: Any) -> None:
    """The pages as drawn, on a phone and a desk; pictures where wanted."""
    house = light
    house.now = at(8, 9, 12)
    await invite(house, 20, 6)
    lan = await house.officer("Lan", Role.APPROVER)
    async with house.system.database.write() as db:
        draft = await broadcasts.compose(db, "Hội thảo", "Mời anh/chị dự hội thảo.", EVERYBODY, "Lan", house.now)
        await broadcasts.approve(db, draft, "Hùng", [], house.now)
        await outages.begin(db, "telegram", house.now, "không nối được", house.now)
    for width in (360, 1280):
        context = await browser.new_context(viewport={"width": width, "height": 800})
        page = await context.new_page()
        base = await lan.show(page)
        for name, path in (("today", "/"), ("broadcast", f"/tin/{draft.id}")):
            await page.goto(base + path)
            await page.get_by_text("không gửi được từ").first.wait_for()
            assert not await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), (
                "scrolls sideways"
            )
            if SHOTS:
                Path(SHOTS).mkdir(parents=True, exist_ok=True)
                await page.screenshot(path=Path(SHOTS) / f"outage-{name}-{width}.png", full_page=True)
        await context.close()


@pytest.mark.asyncio
async def test_whoever_blocked_one_channel_gets_it_on_the_linked_one(house: House) -> None:
    """Only who still wants news, linked the other channel and has not got it; the same row, so nobody gets two."""
    house.now = at(8, 9, 12)
    await invite(house, 8, 3)
    lan = await house.officer("Lan", Role.OFFICER)
    async with house.system.database.write() as db:
        draft = await broadcasts.compose(db, "Hội thảo", "Mời anh/chị dự hội thảo.", ON_TELEGRAM, "Lan", house.now)
        assert await broadcasts.approve(db, draft, "Hùng", [], house.now) == 8
        rows = (await db.execute(select(outbox.c.id, outbox.c.person_id).order_by(outbox.c.id))).all()
        for at_, row in enumerate(rows):  # the first five blocked Telegram: three linked a page, one only has one
            state, reason = ("skipped", "blocked") if at_ < 5 else ("sent", None)
            values = {"state": state, "reason": reason, "channel": "telegram", "attempt": 1, "ended_at": house.now}
            await db.execute(update(outbox).where(outbox.c.id == row.id).values(**values))
            if at_ < 5:
                where = (address.c.person_id == row.person_id, address.c.channel == "telegram")
                await db.execute(update(address).where(*where).values(state="blocked"))
        await people.choose_alert(db, rows[0].person_id, Alert.OFF)
        await broadcasts.finish(db)
    page = await lan.text(f"/tin/{draft.id}")
    assert "5 người không nhận được vì đã chặn hoặc bỏ kênh đang dùng; 2 người trong đó đã liên kết kênh khác." in page
    assert "Gửi qua Trang web cho 2 người" in page
    assert (await lan.post(f"/tin/{draft.id}/kenh-khac")).status_code == 303
    async with house.system.database.read() as db:
        found = (
            await db.execute(
                select(outbox.c.id, outbox.c.state, address.c.channel)
                .outerjoin(address, address.c.id == outbox.c.address_id)
                .order_by(outbox.c.id)
            )
        ).all()
        held = await broadcasts.find(db, draft.id)
    assert [(row.state, row.channel) for row in found] == [
        ("skipped", None), *[("waiting", "web")] * 2, *[("skipped", None)] * 2, *[("sent", None)] * 3,
    ]  # fmt: skip
    assert held is not None and held.state.value == "running"
    assert "không nhận được vì đã chặn" not in await lan.text(f"/tin/{draft.id}")
