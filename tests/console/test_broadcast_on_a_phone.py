"""S18 as an officer lives it: the console in a browser at phone width, a real sender, people at the emulated Telegram."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import update

from domain.officer import Role
from domain.person import Alert, Purpose
from domain.segment import Is, Trait
from storage import broadcasts, people, segments
from storage.database import Connection
from storage.outbox import Allowance
from storage.tables import address, allowance
from tests.bot.hall import Hall, Worker
from tests.console.office import Hand, House, at
from tests.platform.running import Emulator
from tests.platform.telegram_people import Hands

SHOTS = os.environ.get("NHIPCAU_SHOTS", "")  # a folder for pictures, to be looked at
PHONE = 360
WRONG, RIGHT = "Kính mời {ten} dự hội thảo sấy lạnh nông sản.", "Kính mời {ten} dự lớp sấy hoa hồi, 14:00 thứ Năm."
pytestmark = [pytest.mark.browser, pytest.mark.asyncio]


@pytest_asyncio.fixture
async def hall(light: House) -> AsyncIterator[Hall]:
    """60 people at Telegram, 20 at Zalo, of whom 12 dry; the last messages were for those 12."""
    light.now = at(8, 9)
    emulator = Emulator()
    made = Hall(light.system.database, emulator)
    made.now = light.now
    async with light.system.database.write() as db:
        for number in range(80):
            channel = "telegram" if number < 60 else "zalo"
            chat = str(_guest(made, number)) if number < 60 else f"z{number}"
            await _arrives(light, db, channel, chat, number)
        await segments.keep(db, "Người sấy", Is(Trait.TAG, ("sấy",)), "Lan", light.now)
        for _ in range(3):
            earlier = await broadcasts.compose(db, "Lớp sấy", "x", Is(Trait.TAG, ("sấy",)), "Lan", light.now)
            await broadcasts.approve(db, earlier, "Hùng", [], light.now)
            await broadcasts.drop_rest(db, earlier.id, "an officer gave up the rest", light.now)
        await db.execute(
            update(address).where(address.c.channel == "zalo").values(seen_at=light.now - timedelta(hours=3))
        )
    yield made
    emulator.close()


def _guest(hall: Hall, number: int) -> int:
    """Somebody new at the platform who has pressed START."""
    telegram = hall.emulator.platforms.telegram

    async def arrive() -> int:
        guest = hall.emulator.platforms.world.arrive(f"Khách {number}")
        Hands(telegram, next(iter(telegram.bots.values()))).start(guest)
        return int(guest.id)

    return int(hall.emulator.run(arrive()))


async def _arrives(house: House, db: Connection, channel: str, chat: str, number: int) -> None:
    who = await people.arrive(db, channel, "", chat, house.now)
    await people.give_consent(db, who.person_id, Purpose.NEWS, "tin", house.now)
    await people.choose_alert(db, who.person_id, Alert.NOW)
    await people.keep_contact(db, who.person_id, f"Khách {number}", None)
    if number % 5 == 0 and number < 60:
        await segments.set_tags(db, who.person_id, ["sấy"])
    if number == 79:
        told = Allowance("package", 310, 500)
        values = {"kind": told.kind, "remain": told.remain, "total": told.total, "at": house.now - timedelta(days=1)}
        await db.execute(allowance.insert().values(address_id=who.id, **values))


class Seen:
    """One officer's phone."""

    def __init__(self, page: Any, base: str) -> None:
        self.page, self.base = page, base

    async def shoot(self, name: str) -> None:
        """Nothing scrolls sideways; a picture where wanted."""
        assert not await self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), name
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            high = await self.page.evaluate("document.documentElement.scrollHeight")
            await self.page.set_viewport_size({"width": PHONE, "height": max(high, 740)})
            await self.page.screenshot(path=Path(SHOTS) / f"{name}-whole.png")
            top = {"x": 0, "y": 0, "width": PHONE, "height": min(high, 1000)}  # as the handbook shows it
            await self.page.screenshot(path=Path(SHOTS) / f"{name}.png", clip=top)
            await self.page.set_viewport_size({"width": PHONE, "height": 740})

    async def tap(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).first.click()
        await self.page.wait_for_load_state()

    async def number(self) -> int:
        """Of the broadcast on the page."""
        return int((await self.page.locator("h1 + .cluster").inner_text()).split("TB-")[1][:4])

    async def unfold(self, words: str) -> None:
        await self.page.locator("summary", has_text=words).first.click()

    async def reads(self, words: str) -> None:
        await self.page.get_by_text(words).first.wait_for(timeout=20000)


async def phone(browser: Any, hand: Hand) -> Seen:
    context = await browser.new_context(
        viewport={"width": PHONE, "height": 740}, locale="vi-VN", reduced_motion="reduce"
    )
    page = await context.new_page()
    return Seen(page, await hand.show(page))


async def test_wrong_segment_stopped_recalled_and_put_right(light: House, hall: Hall, browser: Any) -> None:
    lan = await phone(browser, await light.officer("Lan Nguyễn", Role.OFFICER))
    hung = await phone(browser, await light.officer("Hùng Vi", Role.APPROVER))
    await lan.page.goto(lan.base + "/tin/moi")
    await lan.page.get_by_label("Tên tin").fill("Mời hội thảo sấy")
    await lan.page.get_by_label("Nội dung").first.fill(WRONG)
    await lan.page.get_by_label("Điều kiện 1", exact=True).select_option("channel")
    await lan.page.get_by_label("Giá trị 1", exact=True).fill("Telegram, Zalo")
    offered = await lan.page.eval_on_selector_all("#chon-0 option", "all => all.map(one => one.value)")
    assert "Telegram, Zalo" in offered, "names are offered behind a comma as well"
    await lan.reads("người sẽ nhận")
    await lan.shoot("soan-tin")
    await lan.tap("Lưu nháp, xem thử")
    await lan.reads("Đông bất thường: các lần trước khoảng 12 người, nay 80.")
    await lan.reads("Gói trả phí của Zalo còn 310 tin.")
    await lan.shoot("xem-thu-tin")
    await lan.page.get_by_label("Gõ số người sẽ nhận").fill("80")
    await lan.tap("Gửi duyệt")
    await lan.reads("Đã gửi duyệt")
    number = await lan.number()
    await hung.page.goto(f"{hung.base}/tin/{number}")
    await hung.reads("Duyệt, gửi 80 người")
    await hung.shoot("duyet-tin")

    worker = await Worker(hall, "a", rate=25.0).begin()
    await hung.tap("Duyệt, gửi 80 người")
    await hall.until(lambda found: found["sent"] >= 5, number)
    await lan.page.goto(f"{lan.base}/tin/{number}")
    began = time.monotonic()
    await lan.tap("DỪNG")
    await lan.reads("Đã dừng")
    took, told = time.monotonic() - began, hall.copies("hội thảo").total()
    await asyncio.sleep(1.0)
    assert hall.copies("hội thảo").total() <= told + 1 < 60, "at most one more for the only sender"
    print(f"from the tap to the page that says so: {took:.1f} s")
    states = await hall.states(number)
    assert states.total() == 80 and states["sent"] == hall.copies("hội thảo").total() and not states["unknown"]
    await lan.page.goto(f"{lan.base}/tin/{number}")
    await lan.reads(f"Gỡ được {states['sent']}")
    await lan.shoot("dung-tin")

    await lan.tap(f"Gỡ {states['sent']} tin")
    await hall.until(lambda found: found["removed"] == states["sent"], number)
    assert len(hall.emulator.ledger(what="delete")) == states["sent"], "gone from their phones"
    await lan.page.goto(f"{lan.base}/tin/{number}")
    await lan.unfold("Sửa rồi gửi tiếp")
    await lan.page.get_by_label("Nội dung mới").fill(RIGHT)
    await lan.page.get_by_label("Gửi cho", exact=True).select_option(label="Nhóm Người sấy")
    await lan.shoot("sua-tin")
    await lan.tap("Soạn bản mới")
    await lan.reads("Nhóm Người sấy.")
    await lan.reads("người đã nhận bản trước")
    await lan.shoot("ban-moi")
    await lan.page.get_by_role("button", name="Gửi", exact=True).click()
    await lan.reads("Tin đang được gửi")
    new = await lan.number()
    assert await hall.until_done(new) == {"sent": 12}
    await worker.leave()
    assert sorted(hall.copies("lớp sấy hoa hồi").values()) == [1] * 12
    last = await hall.states(number)
    assert last == {"removed": states["sent"], "skipped": 80 - states["sent"]}
