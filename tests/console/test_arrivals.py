"""The door of an event: notes of several phones merged without doubles, badges that nobody can forge, no network needed."""

import asyncio
import json
import os
import re
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import segno
import uvicorn
from sqlalchemy import func, select

from console.doors import PLAIN_COOKIE
from domain.arrival import Badge, read_badge
from domain.event import Event
from domain.officer import Role
from handlers import badge
from storage import catalogue, people, seats
from storage.tables import arrival, due, registration
from tests.conftest import chromium, free_port
from tests.console.office import Hand, House
from tests.console.test_walk import AXE, DARK, LIGHT

SHOTS = os.environ.get("NHIPCAU_SHOTS", "")
CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
GUESTS = (("Hoàng Thị Én", "+84912345871"), ("Lý Đức Tài", "+84987654322"), ("Vi Văn Khách", "+84900000871"))


async def opened(house: House, event_id: str = "HT-say") -> dict[str, int]:
    """An event that begins in an hour with three guests; the number of each by name, Khách waits for a seat."""
    event = Event(
        event_id, "Hội thảo sấy nông sản (mẫu)", house.now + timedelta(hours=1), place="Hội trường mẫu", seats=3
    )
    numbers = {}
    async with house.system.database.write() as db:
        await catalogue.write_event(db, event, "nhipcau")
        for name, phone in GUESTS:
            who = await people.arrive(db, "terminal", "", name, house.now)
            await people.keep_contact(db, who.person_id, name, phone)
            heads = {"Lý Đức Tài": 2}.get(name, 1)
            numbers[name] = (await seats.register(db, event_id, who.person_id, heads, house.now)).number
    return numbers


def note(at: datetime, number: int | None = None, **more: Any) -> dict[str, Any]:
    made = {"mark": uuid.uuid4().hex, "at": int(at.timestamp() * 1000), "how": "name", "number": number, "name": ""}
    return {**made, "heads": 1, **more}


async def bring(
    hand: Hand, *notes: dict[str, Any], device: str = "phone-one", at: datetime | None = None, event_id: str = "HT-say"
) -> dict[str, Any]:
    """What a phone sends when it has a network again; `at`: what its clock shows then."""
    clock = str(int((at or hand.house.now).timestamp() * 1000))
    items = json.dumps(list(notes))
    answer = await hand.post(f"/cua/su-kien/{event_id}", device=device, clock=clock, items=items)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def came(house: House) -> dict[int, datetime | None]:
    async with house.system.database.read() as db:
        rows = (await db.execute(select(registration.c.id, registration.c.came_at))).all()
    return {row.id: row.came_at for row in rows}


async def count(house: House, table: Any, *where: Any) -> int:
    async with house.system.database.read() as db:
        return int((await db.execute(select(func.count()).select_from(table).where(*where))).scalar_one())


@pytest.mark.asyncio
async def test_two_phones_one_attendance_the_earliest_time(house: House) -> None:
    lan, hung = await house.officer("Lan", Role.OFFICER), await house.officer("Hùng", Role.APPROVER)
    numbers = await opened(house)
    en, now = numbers["Hoàng Thị Én"], house.now
    early, late = note(now - timedelta(minutes=20), en, how="qr"), note(now - timedelta(minutes=5), en)
    one, two = await asyncio.gather(bring(lan, late), bring(hung, early, device="phone-two"))
    assert {one["became"][late["mark"]], two["became"][early["mark"]]} == {"new", "again"}
    assert (await came(house))[en] == now - timedelta(minutes=20)
    again = await bring(lan, late, early)
    assert set(again["became"].values()) == {"again"} and await count(house, arrival) == 2, "sent twice, noted once"
    assert await count(house, due, due.c.kind == "after") == 1, "asked once"
    listed = {guest["number"]: guest for guest in again["guests"]}
    assert listed[en]["came"] == early["at"] and listed[en]["last3"] == "871" and len(listed[en]["code"]) == 6
    assert listed[numbers["Lý Đức Tài"]]["came"] is None and listed[numbers["Vi Văn Khách"]]["heads"] == 0


@pytest.mark.asyncio
async def test_walk_ins_strangers_and_wrong_clocks(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    numbers, now = await opened(house), house.now
    walked = note(now, name="Nông Văn Mới", phone="0911 222 333", how="walk_in", heads=2)
    twin = note(now - timedelta(minutes=9), name="Mới", phone="0911222333", how="walk_in")
    known = note(now, name="Én", phone="0912345871", how="walk_in")
    stranger = note(now, 10**9)
    told = await bring(lan, walked, twin, known, stranger)
    assert [told["became"][one["mark"]] for one in (walked, twin, known, stranger)] == [
        "new",
        "again",
        "new",
        "unknown",
    ]
    assert (await came(house))[numbers["Hoàng Thị Én"]] == now, "who says they never registered had registered"
    (guest,) = [row for row in told["guests"] if row["number"] is None]
    assert guest["name"] == "Nông Văn Mới" and guest["heads"] == 2 and guest["came"] == twin["at"]
    slow = note(now - timedelta(days=40, minutes=3), numbers["Lý Đức Tài"])  # a phone whose clock is 40 days late
    await bring(lan, slow, at=now - timedelta(days=40))
    assert (await came(house))[numbers["Lý Đức Tài"]] == now - timedelta(minutes=3)
    future = note(now + timedelta(hours=5), numbers["Vi Văn Khách"])
    await bring(lan, future)
    assert (await came(house))[numbers["Vi Văn Khách"]] == now, "nobody came later than now"
    await house.pass_time(timedelta(days=31))
    async with house.system.database.read() as db:
        assert (await db.execute(select(arrival.c.name, arrival.c.phone).distinct())).all() == [("", None)]
        assert await db.scalar(select(func.sum(arrival.c.heads)).where(arrival.c.registration_id.is_(None))) == 2


@pytest.mark.asyncio
async def test_only_officers_and_only_what_can_be_read(light: House) -> None:
    lan, viewer = await light.officer("Lan", Role.OFFICER), await light.officer("Xem", Role.VIEWER)
    await opened(light)
    assert (await viewer.get("/cua/su-kien/HT-say")).status_code == 403
    assert (await light.nobody().get("/cua/su-kien/HT-say")).status_code == 303
    assert (await light.nobody().get("/cua/sw.js")).headers["content-type"].startswith("text/javascript")
    assert "camera=(self)" in (await lan.get("/cua/HT-say")).headers["permissions-policy"]
    assert "camera=()" in (await lan.get("/su-kien")).headers["permissions-policy"]
    for items in ("", "{}", '[{"mark": "x"}]', json.dumps([note(light.now)]), json.dumps([note(light.now, how="x")])):
        answer = await lan.post("/cua/su-kien/HT-say", device="phone-one", clock="1", items=items)
        assert answer.status_code in (409, 422), items
    assert (await lan.get("/cua/su-kien/none")).status_code == 404
    assert not await count(light, arrival)


def test_badges_hold_nothing_personal_and_cannot_be_made() -> None:
    made = badge.badge(b"ours", "HT-say:202612", 41)
    assert str(made) == f"NCHT:HT-say:202612:41:{made.signature}" and read_badge(str(made)) == made
    assert badge.genuine(b"ours", made) and badge.badge(b"ours", "HT-say:202612", 41) == made
    for other in (replace(made, number=42), replace(made, event="HT-say"), badge.badge(b"theirs", made.event, 41)):
        assert not badge.genuine(b"ours", other)
    assert read_badge("NCHT:HT:1:short") is None and read_badge("https://example.vn") is None


# --- a real browser with the network cut ------------------------------------------------------------------------
class Office:
    """The console on a port of its own, which can be cut off: then nobody answers there."""

    def __init__(self, house: House) -> None:
        self.house, self.port = house, free_port()
        self.base = f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        config = uvicorn.Config(self.house.app, port=self.port, log_level="warning", lifespan="off")
        self.server = uvicorn.Server(config)
        self.running = asyncio.ensure_future(self.server.serve())
        for _ in range(500):
            if self.server.started:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the console does not answer")

    async def cut(self) -> None:
        self.server.should_exit = self.server.force_exit = True
        await self.running


@pytest_asyncio.fixture
async def served(light: House) -> AsyncIterator[Office]:
    """The clock is the real one."""
    light.now = datetime.now(UTC)
    made = Office(light)
    await made.open()
    yield made
    await made.cut()


def film(file: Path, shown: str) -> str:
    """What a camera sees while somebody holds a badge before it, grey on grey, as a film for the browser; its option."""
    wide, high, size, paper, ink = 640, 480, 4, 200, 60
    grey = [bytearray([paper]) * wide for _ in range(high)]
    rows = list(segno.make(shown, error="m").matrix_iter(border=2))
    left, top = (wide - size * len(rows)) // 2 + 31, (high - size * len(rows)) // 2 - 17
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            for line in grey[top + y * size : top + (y + 1) * size]:
                line[left + x * size : left + (x + 1) * size] = bytes([ink if dark else paper]) * size
    frame = b"FRAME\n" + b"".join(grey) + b"\x80" * (wide * high // 2)
    file.write_bytes(b"YUV4MPEG2 W640 H480 F5:1 Ip A1:1 C420jpeg\n" + frame * 5)
    return f"--use-file-for-fake-video-capture={file}"


class Phone:
    """An officer's phone at the door."""

    def __init__(self, context: Any, page: Any) -> None:
        self.context, self.page = context, page

    async def signed_in(self, base: str, hand: Hand) -> None:
        token = hand.client.cookies[PLAIN_COOKIE]
        await self.context.add_cookies([{"name": PLAIN_COOKIE, "value": token, "url": base}])

    async def show(self, text: str) -> None:
        """Something read by a camera, or typed."""
        await self.page.fill("#query", text)

    async def hears(self, tone: str, words: str) -> str:
        await self.page.locator(f"#verdict.{tone}", has_text=words).wait_for(timeout=5000)
        return str(await self.page.locator("#verdict").inner_text())

    async def find(self, words: str, name: str) -> None:
        await self.page.fill("#query", words)
        await self.page.get_by_role("button", name=f"Cho vào: {name}").click()

    async def figure(self) -> int:
        return int(await self.page.locator("#came").inner_text())

    async def settled(self) -> None:
        await self.page.locator("#network.green", has_text="đã gửi đủ").wait_for(timeout=8000)

    async def look(self, name: str) -> None:
        """Nothing scrolls sideways, axe finds nothing; a picture where wanted."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        for mood, rules in (("light", LIGHT), ("dark", DARK)):
            await self.page.emulate_media(color_scheme=mood)
            if SHOTS:
                await self.page.screenshot(path=Path(SHOTS) / f"door-{name}-{mood}.png", full_page=True)
            assert not await self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), name
            only = {"runOnly": rules, "resultTypes": ["violations"]}
            found = await self.page.evaluate("only => axe.run(only).then(made => made.violations)", only)
            assert not found, [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
        await self.page.emulate_media(color_scheme="light")


async def phone(browser: Any, base: str, hand: Hand) -> Phone:
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, locale="vi-VN", base_url=base, reduced_motion="reduce"
    )
    page = await context.new_page()
    made = Phone(context, page)
    await made.signed_in(base, hand)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    await page.goto("/can-bo/cua/HT-say")
    await made.settled()
    await page.evaluate("navigator.serviceWorker.ready")
    return made


@pytest.mark.browser
@pytest.mark.asyncio
async def test_two_phones_without_a_network(light: House, served: Office, tmp_path: Path) -> None:
    from playwright.async_api import async_playwright

    lan, hung = await light.officer("Lan", Role.OFFICER), await light.officer("Hùng", Role.APPROVER)
    numbers = await opened(light)
    other = await opened(light, "HT-khac")
    secret = light.system.office.secret
    made = {name: badge.badge(secret, "HT-say", number) for name, number in numbers.items()}
    async with async_playwright() as playwright:
        seen = film(tmp_path / "badge.y4m", str(made["Hoàng Thị Én"]))
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *CAMERA, seen])
        one, two = await phone(browser, served.base, lan), await phone(browser, served.base, hung)
        await one.look("ready")
        for each in (one, two):
            await each.context.set_offline(True)
        await served.cut()  # the browser's own cut leaves its service worker alone
        for each in (one, two):
            await each.page.reload()  # the page itself comes from the phone
        await one.page.get_by_role("button", name="Quét mã QR").click()  # the reader comes from the phone too
        await one.hears("green", "Mời vào: Hoàng Thị Én")
        await one.page.get_by_role("button", name="Dừng quét").click()
        await one.look("welcome")
        await one.show(str(made["Hoàng Thị Én"]))
        assert re.search(r"đã vào lúc \d\d:\d\d", await one.hears("amber", "Hoàng Thị Én"))
        await one.show(str(badge.badge(secret, "HT-khac", other["Hoàng Thị Én"])))
        await one.hears("red", "sự kiện khác")
        await one.look("refused")
        forged = badge.badge(b"somebody else", "HT-say", numbers["Lý Đức Tài"])
        altered = Badge("HT-say", numbers["Lý Đức Tài"], made["Hoàng Thị Én"].signature)
        for wrong in (forged, altered):
            await one.show(str(wrong))
            await one.hears("red", "sai chữ ký")
        await one.find("tai", "Lý Đức Tài")
        await one.page.get_by_role("button", name="Ghi nhầm: Lý Đức Tài").click()
        await one.page.locator("#network", has_text="1 lượt chờ gửi").wait_for()
        await two.show(str(made["Hoàng Thị Én"]))  # the same person at the second phone, later
        await two.hears("green", "Hoàng Thị Én")
        await two.find("ly duc", "Lý Đức Tài")
        await two.hears("green", "Lý Đức Tài, 2 người")
        await two.find("871", "Vi Văn Khách")
        await two.hears("amber", "danh sách chờ")
        await two.page.get_by_role("button", name="Vẫn cho vào").click()
        await two.hears("green", "Vi Văn Khách")
        await two.page.locator("summary", has_text="Khách chưa đăng ký").click()
        await two.page.get_by_label("Họ tên").fill("Nông Thị Mới")
        await two.page.get_by_role("button", name="Cho vào", exact=True).click()
        await two.hears("green", "Nông Thị Mới")
        assert [await one.figure(), await two.figure()] == [1, 5] and not await count(light, arrival)
        await two.page.reload()  # a phone that was switched off in between
        await two.page.locator("#network", has_text="4 lượt chờ gửi").wait_for()
        await two.look("waiting")
        await served.open()
        before = time.time()
        for each in (two, one):  # the later note arrives first
            await each.context.set_offline(False)
            await each.settled()
        await two.page.reload()
        await two.settled()
        assert [await one.figure(), await two.figure()] == [5, 5] and time.time() - before < 25
        await two.show("000000")
        await two.hears("red", "Không có mã")
        await two.look("merged")
        await two.context.clear_cookies()  # signed out in the middle: the door goes on, what is noted waits
        await two.page.reload()
        await two.page.locator("#network.amber", has_text="Hết phiên").wait_for()
        await two.find("en", "Hoàng Thị Én")
        await two.hears("amber", "đã vào")
        await two.page.locator("summary", has_text="Khách chưa đăng ký").click()
        await two.page.get_by_label("Họ tên").fill("Nông Văn Muộn")
        await two.page.get_by_role("button", name="Cho vào", exact=True).click()
        await two.page.locator("#network", has_text="1 lượt chờ gửi").wait_for()
        await two.look("signed-out")
        await two.signed_in(served.base, hung)
        await two.page.reload()
        await two.settled()
        await browser.close()
    times = await came(light)
    async with light.system.database.read() as db:
        rows = (await db.execute(select(arrival).order_by(arrival.c.at))).all()
    en = [row for row in rows if row.registration_id == numbers["Hoàng Thị Én"]]
    assert len(rows) == 6 and len(en) == 2 and {row.officer for row in en} == {"Lan", "Hùng"}
    assert times[numbers["Hoàng Thị Én"]] == min(row.at for row in en) == en[0].at and en[0].officer == "Lan"
    assert await count(light, due, due.c.kind == "after") == 3
