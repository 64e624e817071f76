"""The pages of an office in full work, on a phone and a desk, light and dark: axe finds nothing, nothing scrolls sideways."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from console.desk import ROOT
from domain.frames import Terms
from domain.officer import Role
from domain.person import Alert, Purpose
from storage import outages, people
from storage.outbox import Allowance
from tests import pictures
from tests.console.office import Hand, House, at
from tests.console.test_after import FILE, PATH, opened
from tests.console.test_broadcasts import invite
from tests.console.test_offers import offered_by
from tests.console.test_walk import DESK, Walker

POSTER = ("Tờ rơi hội thảo.jpg", pictures.jpeg(4))


def to(answer: httpx.Response) -> str:
    """Where a deed leads."""
    return answer.headers["location"].removeprefix(ROOT)


async def full_office(house: House, lan: Hand) -> dict[str, str]:
    """An event that is over, an offer that waits, a message to many with a picture and a file; the pages by name."""
    await opened(house)
    mai, tai = await house.person("mai"), await house.person("tài")
    for talk in (mai, tai):
        for text in ("có hội thảo nào sắp tới không", "1", "đăng ký"):
            await house.say(talk, text)
    for file in (POSTER, FILE):
        await lan.post(PATH + "/tep", file=file)
    await lan.post(PATH + "/lien-ket", name="Phim về máy sấy", url="https://example.vn/phim")
    planned = await lan.post(
        "/su-kien", title="Tập huấn bảo quản na", start="2026-12-20T08:00", end="", seats="40", place="Chi Lăng"
    )
    await house.until(at(16, 8, 10))
    await lan.post(PATH + "/den", person=str(mai._person_id))
    await house.until(at(16, 13, 1))
    await house.say(mai, "Hữu ích")
    await offered_by(house)
    await invite(house, 30)
    async with house.system.database.write() as db:
        for hours in (1, 60, 200):
            who = await people.arrive(db, "zalo", "oa", f"z{hours}", house.now - timedelta(hours=hours))
            await people.give_consent(db, who.person_id, Purpose.NEWS, "tin", house.now)
            await people.choose_alert(db, who.person_id, Alert.NOW)
            await people.keep_allowance(db, who.id, Allowance("reply", 5, 8), house.now)
        await outages.begin(db, "telegram", house.now, "không nối được", house.now)
    kept = await lan.post("/nhom", name="Người sấy", **{"join": "all", "trait-0": "tag", "values-0": "Sấy"})
    words = (
        "Kính mời {ten} dự hội thảo giải pháp sấy nông sản, 8 giờ thứ Tư tại hội trường. Mời anh/chị mang mẫu hồi theo."
    )
    button = {"button-0": "need", "label-0": "", "button-1": "link", "label-1": "Xem đường đi"}
    made = await lan.post(
        "/tin/moi", title="Mời hội thảo sấy", text=words, **button, **{"url-1": "https://example.vn/ban-do"}
    )
    draft = to(made)
    for file in (POSTER, FILE):
        await lan.post(draft + "/tep", file=file)
    await lan.post("/cong-tac/tat", noun="topic", noun_id="bat-dau", reason="đang rà lại")
    await house.say(tai, "cho gặp cán bộ")
    return {
        "today": "/", "event-over": PATH, "event-draft": to(planned), "events": "/su-kien", "offers": "/cong-nghe",
        "offer": "/cong-nghe/GP-0001", "segment": to(kept), "draft": draft,
        "broadcasts": "/tin", "programme": "/chuong-trinh/ct-doi-moi-cong-nghe-2030", "switches": "/cong-tac",
        "person": f"/nguoi/{mai._person_id}", "inbox": "/hop-thu", "preview": "/xem-bot", "accounts": "/quan-tri",
    }  # fmt: skip


@pytest.mark.browser
@pytest.mark.asyncio
async def test_every_page_with_work_on_it(light: House, browser: Any) -> None:
    light.desk.office = replace(light.desk.office, terms=Terms(paid=True, price=55))
    lan = await light.officer("Lan", Role.ADMIN)
    pages = await full_office(light, lan)
    page = await browser.new_page(locale="vi-VN", reduced_motion="reduce")
    base = await lan.show(page)
    walker = Walker(page, DESK)
    for name, path in pages.items():
        answer = await page.goto(base + path)
        assert answer.status == 200, (name, path, answer.status)
        await walker.look(f"full-{name}")
    assert not walker.problems, "\n".join(walker.problems)


async def reach(page: Any, name: str) -> None:
    """Goes on with the Tab key until what is called so has the focus; on the way the focus can always be seen."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        words, shown = await page.evaluate(
            "(({activeElement: one}) => [[one.innerText, one.labels?.[0]?.innerText].join(' '), "
            "one.matches(':focus-visible') && getComputedStyle(one).outlineStyle !== 'none'])(document)"
        )
        assert shown, f"the focus cannot be seen on “{words}”"
        if name in words:
            return
    raise AssertionError(f"“{name}” cannot be reached")


@pytest.mark.browser
@pytest.mark.asyncio
async def test_the_keyboard_alone_is_enough(light: House, browser: Any) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    mai = await light.person("mai")
    await light.say(mai, "cho gặp cán bộ")
    page = await browser.new_page(locale="vi-VN")
    base = await lan.show(page)
    await page.goto(base + "/hop-thu")
    await reach(page, "Đến nội dung chính")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    await reach(page, "HT-0001")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Tiếp quản").wait_for()
    await reach(page, "Tiếp quản")
    await page.keyboard.press("Enter")
    await page.get_by_label("Lời của anh/chị").wait_for()
    await reach(page, "Lời của anh/chị")
    await page.keyboard.type("Em Lan đây, chị cần gì ạ?")
    await page.keyboard.press("Control+Enter")
    await page.locator("#talk .bubble", has_text="Em Lan đây").first.wait_for()
    assert await light.hear(mai) == ["Em Lan đây, chị cần gì ạ?"]
    await page.goto(base + "/nhu-cau")
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.id") == "tim"
