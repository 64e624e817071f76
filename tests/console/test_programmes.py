"""Officers change rules with what flips before their eyes, pull anything by page or chat, look at another day."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.watch import handle_changes
from domain.officer import Role
from storage import officers
from storage.tables import conversation, person, programme, ticket
from tests.console.office import Hand, House

KHUYEN_CONG = "khuyen-cong-2026-2030"


async def linked(house: House, hand: Hand, name: str) -> object:
    """The officer's own chat."""
    talk = await house.person(name)
    async with house.system.database.write() as db:
        assert hand.officer is not None
        await officers.link_chat(db, hand.officer.id, talk._address, house.now)
    return talk


@pytest.mark.asyncio
async def test_saving_a_rule_shows_which_firms_flip_and_who_was_told_otherwise(light: House) -> None:
    mai = await light.person("mai")
    heard = await light.say(mai, "hộ kinh doanh sấy măng ở xã, cần đổi mới máy, chương trình nào hợp")
    for _ in range(4):
        if "quyết định" not in heard[0]:
            heard = await light.say(mai, "chưa biết")
    assert "Khuyến công" in heard[0]
    hung, lan = await light.officer("Hùng", Role.APPROVER), await light.officer("Lan", Role.OFFICER)
    page = await hung.get(f"/chuong-trinh/{KHUYEN_CONG}")
    found = re.search(r"<textarea[^>]*name=\"text\"[^>]*>(.*?)</textarea>", page.text, re.DOTALL)
    assert found is not None
    from html import unescape

    text = unescape(found[1])
    stricter = (
        "conditions:\n- {name: Là công ty, law: 'VB-MẪU, Điều 1', test: {form: [company]}, fixed: true}\n"
        + text.split("conditions:\n")[1]
    )
    assert (await lan.post(f"/chuong-trinh/{KHUYEN_CONG}/quy-tac", text=stricter, reason="x")).status_code == 403
    tried = await hung.post(f"/chuong-trinh/{KHUYEN_CONG}/quy-tac", text=stricter)
    assert tried.status_code == 200
    assert "có vẻ hợp → chưa hợp" in tried.text
    assert "1 người sẽ thành được báo khác" in tried.text
    async with light.system.database.read() as db:
        kept = (await db.execute(select(programme.c.data).where(programme.c.id == KHUYEN_CONG))).scalar_one()
    assert "Là công ty" not in repr(kept["conditions"]), "only tried"
    mark = re.search(r'name="seen" value="(\w+)"', tried.text)
    assert mark is not None
    saved = await hung.post(f"/chuong-trinh/{KHUYEN_CONG}/quy-tac", text=stricter, seen=mark[1], reason="văn bản mới")
    assert saved.status_code == 303
    told = await hung.text(f"/chuong-trinh/{KHUYEN_CONG}")
    assert "1 người đã được báo khác" in told
    assert "có vẻ hợp → chưa hợp" in told


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "words"),
    [("conditions: [", "YAML"), ("conditions: 3", "conditions"), ("a: 1", "conditions"),
     ("conditions:\n- {name: A, law: B, test: {planet: mars}}", "planet")],
)  # fmt: skip
async def test_an_unreadable_rule_is_not_saved(light: House, text: str, words: str) -> None:
    hung = await light.officer("Hùng", Role.APPROVER)
    page = await hung.post(f"/chuong-trinh/{KHUYEN_CONG}/quy-tac", text=text, reason="x", seen="x")
    assert page.status_code == 422
    assert words in page.text


@pytest.mark.asyncio
async def test_a_deadline_is_set_and_told(light: House) -> None:
    hung = await light.officer("Hùng", Role.APPROVER)
    assert (await hung.post("/chuong-trinh/natif-voucher/han", day="2026-13-40", reason="x")).status_code == 409
    assert (await hung.post("/chuong-trinh/natif-voucher/han", day="2026-12-31", reason="thông báo")).status_code == 303
    mai = await light.person("mai")
    await light.say(mai, "voucher NATIF là gì")
    assert "24 ngày" in (await light.say(mai, "còn mấy ngày"))[0]


@pytest.mark.asyncio
async def test_every_programme_has_a_page(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    listed = (await lan.get("/chuong-trinh")).text
    ids = re.findall(r"/can-bo/chuong-trinh/([\w-]+)\"", listed)
    assert len(set(ids)) > 80
    for id_ in sorted(set(ids)):
        assert (await lan.get(f"/chuong-trinh/{id_}")).status_code == 200, id_
    assert "chưa xác nhận, không nói với người dân" in await lan.text(f"/chuong-trinh/{KHUYEN_CONG}")


@pytest.mark.asyncio
async def test_topic_and_programme_pulled_from_a_page(light: House) -> None:
    hung, trang, lan = [
        await light.officer(*row) for row in (("Hùng", Role.APPROVER), ("Trang", Role.ADMIN), ("Lan", Role.OFFICER))
    ]
    mai = await light.person("mai")
    question = "Doanh nghiệp doanh thu dưới 1 tỷ có phải nộp thuế thu nhập doanh nghiệp không?"
    assert (await lan.post("/cong-tac/tat", noun="topic", noun_id="thue", reason="x")).status_code == 403
    assert (await hung.post("/cong-tac/tat", noun="topic", noun_id="khong-co", reason="x")).status_code == 409
    await hung.post("/cong-tac/tat", noun="topic", noun_id="thue", reason="nghi sai")
    assert "rà soát" in (await light.say(mai, question))[0]
    assert "nghi sai" in await lan.text("/cong-tac")
    await lan.post("/cong-tac/xin-bat", noun="topic", noun_id="thue", reason="đã kiểm")
    await trang.post("/cong-tac/bat", noun="topic", noun_id="thue")
    await handle_changes(light.system.database, light.system.office, light.now)
    assert sum("Hôm trước anh/chị hỏi" in text for text in await light.hear(mai)) == 1
    assert "01 tỷ" in (await light.say(mai, question))[0]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "question"),
    [
        ("faq-090", "Doanh nghiệp doanh thu dưới 1 tỷ có phải nộp thuế thu nhập doanh nghiệp không?"),
        ("thue", "Doanh nghiệp doanh thu dưới 1 tỷ có phải nộp thuế thu nhập doanh nghiệp không?"),
        ("natif-voucher", "voucher NATIF là gì"),
        ("Voucher đổi mới sáng tạo", "voucher NATIF là gì"),
    ],
)
async def test_pulled_from_an_approvers_chat(light: House, code: str, question: str) -> None:
    hung, trang = await light.officer("Hùng", Role.APPROVER), await light.officer("Trang", Role.ADMIN)
    his, hers = await linked(light, hung, "hung"), await linked(light, trang, "trang")
    mai = await light.person("mai")
    asked = await light.say(his, f"/tat {code} nghi sai")
    assert "Tắt" in asked[0] and asked[0].endswith("chờ gửi.")
    assert "rà soát" not in (await light.say(mai, question))[0], "only asked"
    assert "Đã tắt" in (await light.say(his, "Tắt ngay"))[0]
    assert "rà soát" in (await light.say(mai, question))[0]
    assert "/bat" not in (await light.say(mai, f"/bat {code}"))[0], "no command of hers"
    await light.say(his, f"/bat {code} đã kiểm")
    assert "người duyệt khác" in (await light.say(his, "Bật lại"))[0]
    await light.say(his, f"/bat {code}")
    assert "đang chờ" in (await light.say(his, "Bật lại"))[0], "not by the one who asked"
    await light.say(hers, f"/bat {code}")
    assert "Đã bật lại" in (await light.say(hers, "Bật lại"))[0]
    assert "rà soát" not in (await light.say(mai, question))[0]


@pytest.mark.asyncio
async def test_looking_at_another_day_keeps_nothing(light: House) -> None:
    lan, hung = await light.officer("Lan", Role.OFFICER), await light.officer("Hùng", Role.APPROVER)
    await lan.post("/tra-loi/faq-090/soan", question="Q?", short="Câu chỉ đúng trong năm 2026.", full="", basis="", confidence="high",
                   verified_on="2026-12-01", valid_from="", valid_to="2026-12-31", reason="hết năm")  # fmt: skip
    await lan.post("/tra-loi/faq-090/2/gui-duyet")
    await hung.post("/tra-loi/faq-090/2/duyet")

    async def counts() -> list[int]:
        async with light.system.database.read() as db:
            tables = (person, conversation, ticket)
            return [(await db.execute(select(func.count()).select_from(table))).scalar_one() for table in tables]

    before = await counts()
    question = "Doanh nghiệp doanh thu dưới 1 tỷ có phải nộp thuế thu nhập doanh nghiệp không?"
    assert "trong năm 2026" in await lan.text(f"/xem-bot?ngay=2026-12-31&cau={question}")
    shown = await lan.text(f"/xem-bot?ngay=2027-01-01&cau={question}")
    assert "đang được cập nhật" in shown
    assert "trong năm 2026" not in shown.split("Trợ lý sẽ nói")[1].split("Sắp hết hạn")[0]
    assert "Sắp hết hạn" in shown and "31/12/2026" in shown, "the gap is warned of"
    assert await counts() == before
    mai = await light.person("mai")
    assert "01/01/2027" in (await light.say(mai, "xem bot ngày 01/01/2027"))[0]
    assert "đang được cập nhật" in (await light.say(mai, question))[0]
    await light.say(mai, "thôi xem")
    assert "trong năm 2026" in (await light.say(mai, question))[0]
    await light.pass_time(timedelta(minutes=1))
