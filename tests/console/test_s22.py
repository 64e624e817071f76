"""S22: an officer fills in a need for an owner without a smartphone."""

import re
from datetime import timedelta

import pytest

from bot.chat import Talk
from domain.officer import Role
from tests.console.office import House

TOLD = {
    "problem": "hồi phơi gặp mưa hay bị mốc",
    "product": "hoa hồi khô",
    "scale": "2 tấn một năm",
    "wish": "máy sấy",
    "budget": "dưới 100 triệu",
    "deadline": "",
    "place": "xã Chi Lăng",
    "contact": "bác Én, 0912345678",
    "current": "phơi nắng",
}


async def son_with_a_phone(house: House) -> Talk:
    """A chat under a number of its own."""
    son = await house.person("con-trai")
    told = (await house.say(son, "tôi làm na ở xã Chi Lăng hay bị hỏng do chín nhanh, cần kho lạnh"))[0]
    for _ in range(12):
        if "gửi phiếu NC-" in told:
            return son
        if "số điện thoại" in told and "Cho em xin" in told:
            told = (await house.say(son, "Tú, 0987654321"))[0]
        elif "đồng ý chứ" in told:
            told = (await house.say(son, "đồng ý"))[0]
        elif "đúng chưa" in told:
            told = (await house.say(son, "Đúng, gửi"))[0]
        else:
            told = (await house.say(son, "chưa biết"))[0]
    raise AssertionError(told)


@pytest.mark.asyncio
async def test_filled_in_confirmed_by_a_tap(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    son = await son_with_a_phone(house)
    await house.hear(son)
    made = await lan.post(
        "/nhu-cau/moi", **TOLD, own="trời mưa là hồi mốc hết", confirmer="0987 654 321", consent="yes"
    )
    assert made.status_code == 303, re.findall(r'class="error"[^>]*>([^<]+)', made.text)
    code = re.search(r"NC-\d{4}", made.headers["location"])[0]  # type: ignore[index]
    sheet = await lan.text(f"/nhu-cau/{code}")
    assert "Chờ chủ xác nhận" in sheet and "trời mưa là hồi mốc hết" in sheet and "2 tấn/năm" in sheet
    assert "Đã đọc và đồng ý: Lan" in sheet
    asked = await house.hear(son)
    assert len(asked) == 1 and "Bác Én" in asked[0] and code in asked[0] and "0912" not in asked[0]
    slip = re.search(r"Mã hẹn (\d{3}) (\d{3})", await lan.text(f"/nhu-cau/{code}/giay-hen"))
    assert slip is not None
    number = slip[1] + slip[2]
    nobody = house.nobody()
    told = await nobody.post("/phieu/", slip=number, last3="678")
    assert told.status_code == 200 and code in told.text
    assert "Én" not in told.text and "0912" not in told.text and "hồi" not in told.text
    confirmed = await house.say(son, "đúng")
    assert "đã được xác nhận" in confirmed[0]
    assert "Mới gửi" in await lan.text(f"/nhu-cau/{code}")
    assert "cán bộ đang xem" in (await nobody.post("/phieu/", slip=number, last3="678")).text
    about_son = (await house.say(son, "phiếu đến đâu rồi"))[0]
    assert code not in about_son, "the son sees the one need he confirmed as his own"
    assert code in (await house.say(son, f"tra cứu {number} 678"))[0]


@pytest.mark.asyncio
async def test_same_checks_as_the_chat(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    bad = {
        **TOLD,
        "scale": "nhiều lắm",
        "place": "Mẫu Sơn Lộc Bình Yên Khoái gì đó",
        "contact": "bác Én",
        "problem": "",
    }
    page = await lan.post("/nhu-cau/moi", **bad)
    assert page.status_code == 422
    wrong = re.findall(r'class="error" id="e-(\w+)"', page.text)
    assert {"scale", "contact", "problem", "consent"} <= set(wrong)
    assert "ví dụ" in page.text and "nhiều lắm" in page.text, "what was typed must stay"
    assert "Không có phiếu nào" in await lan.text("/nhu-cau")
    stranger = await lan.post("/nhu-cau/moi", **TOLD, confirmer="0900000000", consent="yes")
    assert stranger.status_code == 422 and "e-confirmer" in stranger.text


@pytest.mark.asyncio
async def test_not_his_or_to_be_corrected(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    son = await son_with_a_phone(light)
    await lan.post("/nhu-cau/moi", **TOLD, confirmer="0987654321", consent="yes")
    await light.hear(son)
    assert "cần sửa chỗ nào" in (await light.say(son, "Sửa"))[0]
    assert "chuyển cán bộ" in (await light.say(son, "bác chỉ có 1 tấn thôi"))[0]
    assert "Xin sửa: bác chỉ có 1 tấn thôi" in await lan.text("/nhu-cau/NC-0002")
    await lan.post("/nhu-cau/moi", **TOLD, confirmer="0987654321", consent="yes")
    await light.hear(son)
    assert "đã đóng" in (await light.say(son, "Không phải"))[0]
    assert "Chủ nhu cầu rút" in await lan.text("/nhu-cau/NC-0003")


@pytest.mark.asyncio
async def test_signed_note_instead_of_a_tap(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    await lan.post("/nhu-cau/moi", **TOLD, consent="yes")
    assert (await lan.post("/nhu-cau/NC-0001/giay-ky")).status_code == 409, "without where the paper lies"
    await lan.post("/nhu-cau/NC-0001/giay-ky", reason="ký 07/12, lưu tủ 3")
    page = await lan.text("/nhu-cau/NC-0001")
    assert "Mới gửi" in page and "ký 07/12, lưu tủ 3" in page


@pytest.mark.asyncio
async def test_five_wrong_tries_lock_for_an_hour(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    await lan.post("/nhu-cau/moi", **TOLD, consent="yes")
    slip = re.search(r"Mã hẹn (\d{3}) (\d{3})", await lan.text("/nhu-cau/NC-0001/giay-hen"))
    assert slip is not None
    number, nobody = slip[1] + slip[2], house.nobody()
    for index in range(5):
        assert (await nobody.post("/phieu/", slip=number, last3=f"00{index}")).status_code == 404
    assert (await nobody.post("/phieu/", slip=number, last3="678")).status_code == 429, (
        "the right answer is refused too"
    )
    house.now += timedelta(minutes=59)
    assert (await nobody.post("/phieu/", slip=number, last3="678")).status_code == 429
    house.now += timedelta(minutes=2)
    assert (await nobody.post("/phieu/", slip=number, last3="678")).status_code == 200
    mai = await house.person("mai")
    await house.say(mai, "chào em")
    for _ in range(5):
        assert "chưa đúng" in (await house.say(mai, f"tra cứu {number} 111"))[0]
    assert "tạm dừng" in (await house.say(mai, f"tra cứu {number} 678"))[0]
