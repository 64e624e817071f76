"""The pages that the officers' handbook shows, as it shows them: `make pictures` takes its pictures anew."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.officer import Role
from tests.console.office import Hand, House, at
from tests.console.test_offers import offered_by
from tests.console.test_s22 import TOLD
from tests.journeys.office import set_table
from tests.journeys.runner import read

SHOTS = os.environ.get("NHIPCAU_SHOTS", "")
NEED = (
    "nhà chị làm hồi khô ở xã Chi Lăng, năm khoảng 20 tấn mà phơi hay bị mốc, muốn tìm máy sấy tầm 300 triệu",
    "trước tháng 6 năm sau", "đang phơi nắng", "Mai, 0912 345 678", "Đồng ý lưu phiếu", "Đúng, gửi",
)  # fmt: skip
DESK, PHONE = (1280, 0.625), (360, 1.0)  # width in points, pixels of the picture for each


async def take(browser: Any, hand: Hand, path: str, name: str, view: tuple[int, float], high: int) -> None:
    """Opens a page and looks for what the handbook says of it; a picture where wanted, so many pixels high."""
    wide, scale = view
    size = {"width": wide, "height": round(high / scale)}
    page = await browser.new_page(locale="vi-VN", reduced_motion="reduce", viewport=size, device_scale_factor=scale)
    answer = await page.goto(await hand.show(page) + path)
    assert answer.status == 200, path
    assert not await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), path
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")
    await page.close()


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.asyncio
async def test_pictures_of_the_handbook(light: House, browser: Any) -> None:
    light.now = at(7, 8)
    light.desk.office = replace(light.desk.office, address="https://nhipcau.example.vn")
    lan, hung = await light.officer("Nguyễn Lan", Role.OFFICER), await light.officer("Vi Hùng", Role.APPROVER)
    await set_table(light.system, read(Path("tests/journeys/s17_workshop.yaml"))["given"], light.now)
    mai = await light.person("mai")
    for text in NEED:
        await light.say(mai, text)
    await take(browser, lan, "/nhu-cau/NC-0013", "phieu-dien-thoai", PHONE, 620)
    await offered_by(light)
    await light.say(mai, "cho gặp cán bộ")
    talk = f"/hop-thu/{mai._person_id}"
    await lan.post(f"{talk}/tiep-quan")
    await lan.post(f"{talk}/noi", words="Chào chị Mai, em Lan đây ạ.", once="once-0001")
    await light.hear(mai)
    await light.say(mai, "máy đó bao nhiêu tiền")
    await take(browser, lan, talk, "tro-chuyen", DESK, 620)
    other = await light.person("tai")
    await light.say(other, "cho gặp cán bộ")
    await take(browser, lan, "/", "hom-nay", DESK, 560)
    made = await lan.post("/nhu-cau/moi", **TOLD, own="trời mưa là hồi mốc hết", consent="yes")
    code = re.search(r"NC-\d{4}", made.headers["location"])[0]  # type: ignore[index]
    await take(browser, lan, f"/nhu-cau/{code}/giay-hen", "giay-hen", PHONE, 640)
    number = re.search(r'href="/can-bo/tra-loi/([\w-]*trl[\w-]*)"', (await lan.get("/tra-loi?tim=trl")).text)
    assert number
    path = f"/tra-loi/{number[1]}"
    assert (await lan.post(f"{path}/soan", **await sheet(lan, path))).status_code == 303
    assert (await lan.post(f"{path}/2/gui-duyet")).status_code == 303
    await take(browser, hung, path, "cau-tra-loi", DESK, 560)


async def sheet(hand: Hand, path: str) -> dict[str, str]:
    """The form of a new version as the page fills it in, with one sentence more."""
    page = (await hand.get(path)).text
    form = page[page.index("/soan") :]
    held = dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)<', form))
    held |= dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form))
    held |= dict(re.findall(r'<select[^>]*name="(\w+)".*?<option value="([^"]*)" selected', form))
    held.pop("token", None)
    return {**held, "short": held["short"][:300] + " Lời mới của cán bộ Lan.", "reason": "đối chiếu lại văn bản"}
