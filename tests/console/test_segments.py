"""The form that says whom a message is for: names for everything, what people told of themselves, who has had enough."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from console.desk import ROOT
from console.segments import TIRED, as_form, read_form
from domain.event import Event
from domain.officer import Role
from domain.segment import All, Either, Is, Not, Segment, Trait, words
from handlers import audiences
from storage import catalogue
from storage.tables import outbox
from tests.console.office import House
from tests.console.test_broadcasts import invite
from tests.console.test_pages import to
from tests.console.test_permissions import fingerprint

TAGS = tuple(Is(Trait.TAG, (name,)) for name in ("sấy", "ocop"))
FORMS: tuple[Segment, ...] = (
    All(TAGS),
    Either((TAGS[0], Not(TAGS[1]))),
    Is(Trait.SAVED, ("3",)),
    All((Is(Trait.SAVED, ("3",)), All(TAGS[:1]))),
    All((All(TAGS), Not(Is(Trait.REACHED, ("12",))))),
    All((All((Is(Trait.SAVED, ("3",)), Either(TAGS))), Not(Is(Trait.REACHED, ("12",))))),
    All((All((Is(Trait.SAVED, ("3",)), Either(TAGS))), Not(Is(Trait.REACHED, ("12",))), Not(TIRED))),
    All((All(TAGS), Not(TIRED))),
    All(),
)


@pytest.mark.parametrize("rule", FORMS, ids=words)
def test_a_form_describes_what_it_shows(rule: Segment) -> None:
    shown = as_form(rule)
    told = {"join": shown["join"], "segment": shown["chosen"], "but": shown["but"], "rested": shown["rested"]}
    for row, (without, trait, values) in enumerate(shown["conditions"]):
        told |= {f"trait-{row}": trait, f"values-{row}": values, f"not-{row}": "1" if without else ""}
    assert shown["whole"] and read_form(told) == rule


@pytest.mark.parametrize("rule", [Either(), Either((All(TAGS), TAGS[0])), Is(Trait.PERSON, ("1",)), All(TAGS * 3)])
def test_what_no_form_can_show_leaves_it_empty(rule: Segment) -> None:
    shown = as_form(rule)
    assert not shown["whole"] and not shown["conditions"]


@pytest.mark.asyncio
async def test_segments_show_who_fits_while_they_are_made(light: House) -> None:
    await invite(light, 15)
    lan = await light.officer("Lan", Role.OFFICER)
    viewer = await light.officer("Xem", Role.VIEWER)
    before = await fingerprint(light)
    counted = await viewer.text("/nhom/dem?trait-0=tag&values-0=sấy")
    assert "12 người sẽ nhận" in counted and "Khách" in counted
    assert "3 người sẽ nhận" in await viewer.text("/nhom/dem?trait-0=tag&values-0=sấy&not-0=1")
    assert "15 người sẽ nhận" in await viewer.text(
        "/nhom/dem?join=any&trait-0=tag&values-0=sấy&trait-1=channel&values-1=terminal"
    )
    assert "cần một số, ví dụ 10" in await viewer.text("/nhom/dem?trait-0=staff_least&values-0=abc")
    assert await fingerprint(light) == before
    assert (await viewer.post("/nhom", name="x")).status_code == 403
    assert (await lan.post("/nhom", name="Nhóm sấy", **{"trait-0": "tag", "values-0": "Sấy"})).status_code == 303
    page = await lan.text("/nhom/1")
    assert "Nhãn sấy" in page.replace("Sấy", "sấy") or "12" in page
    assert (await lan.post("/nhom/1/xoa")).status_code == 303
    assert (await lan.get("/nhom/1")).status_code == 404


@pytest.mark.asyncio
async def test_conditions_are_chosen_and_told_by_names(light: House) -> None:
    """Event titles hold commas, districts come without "huyện"; what is on no list is told, not counted as nobody."""
    day = light.now + timedelta(days=9)
    async with light.system.database.write() as db:
        await catalogue.write_event(db, Event("E-a", "Sấy, bảo quản nông sản", day), "nhipcau")
        known = await audiences.names(db)
    lan = await light.officer("Lan", Role.OFFICER)
    rows = (
        ("need", "Bất kỳ, da duyet", Is(Trait.NEED, ("any", "open"))),
        ("registered", "Sấy, bảo quản nông sản (16/12/2026)", Is(Trait.REGISTERED, ("E-a",))),
        ("channel", "Telegram, trang web", Is(Trait.CHANNEL, ("telegram", "web"))),
        ("sector", "che bien nong san", Is(Trait.SECTOR, ("agri_processing",))),
        ("district", "Chi Lăng", Is(Trait.DISTRICT, ("Huyện Chi Lăng",))),
    )
    form = {
        f"{name}-{at}": value
        for at, (*row, _) in enumerate(rows)
        for name, value in zip(("trait", "values"), row, strict=True)
    }
    rule = read_form({**form, "rested": "1"}, known)
    assert rule == All((All(tuple(part for *_, part in rows)), Not(TIRED)))
    shown = as_form(rule, known)
    assert shown["rested"] and [values for _, _, values in shown["conditions"]] == [
        "bất kỳ, đã duyệt", rows[1][1], "Telegram, trang web", "chế biến nông sản", "huyện Chi Lăng",
    ]  # fmt: skip
    made = await lan.post("/nhom", name="Tên gọi", **form)
    page = await lan.text(made.headers["location"].removeprefix(ROOT))
    assert (
        "ở huyện Chi Lăng (cũ)" in page
        and "đã đăng ký Sấy, bảo quản nông sản (16/12/2026)" in page
        and "kênh Telegram hoặc trang web" in page
    )
    wrong = await lan.text("/nhom/dem?trait-0=attended&values-0=Hội thảo chưa có")
    assert "Em không thấy “Hội thảo chưa có” trong danh sách" in wrong


@pytest.mark.asyncio
async def test_what_owners_say_of_their_firm_can_be_aimed_at(light: House) -> None:
    """Form, size, line of business, the name in the text: as people tell them in a need."""
    lan, mai = await light.officer("Lan", Role.OFFICER), await light.person("mai")
    for text in (
        "hợp tác xã bên em có 12 lao động, làm hồi khô ở xã Tân Đoàn, phơi hay bị mốc, muốn tìm máy sấy tầm 300 triệu, 20 tấn/năm",
        "tháng 6 năm sau", "phơi sân", "Mai, HTX Hồi Tân Đoàn, 0900 000 001", "Đồng ý lưu phiếu", "Đúng, gửi", "Đồng ý, báo ngay khi có",
    ):  # fmt: skip
        await light.say(mai, text)
    for condition in (
        "form&values-0=hợp tác xã",
        "staff_least&values-0=10",
        "staff_most&values-0=20",
        "sector&values-0=chế biến nông sản",
    ):
        assert "1 người sẽ nhận" in await lan.text(f"/nhom/dem?trait-0={condition}"), condition
    for condition in ("form&values-0=công ty", "staff_least&values-0=13", "sector&values-0=xây dựng"):
        assert "0 người sẽ nhận" in await lan.text(f"/nhom/dem?trait-0={condition}"), condition
    made = await lan.post("/tin/moi", title="Mời", text="Kính mời {co_so} dự hội thảo.")
    assert (await lan.post(made.headers["location"].removeprefix(ROOT) + "/gui")).status_code == 303
    assert await light.hear(mai) == ["Kính mời HTX Hồi Tân Đoàn dự hội thảo."]


@pytest.mark.asyncio
async def test_whoever_had_enough_this_week_is_left_out_by_one_tap(light: House) -> None:
    await invite(light, 3)
    lan = await light.officer("Lan", Role.OFFICER)
    for number in (1, 2):
        made = await lan.post("/tin/moi", title=f"Tin {number}", text="Chào.", **{"trait-0": "tag", "values-0": "sấy"})
        assert (await lan.post(to(made) + "/gui")).status_code == 303
    async with light.system.database.write() as db:
        await db.execute(update(outbox).values(state="sent", ended_at=light.now))
    third = to(await lan.post("/tin/moi", title="Tin 3", text="Chào."))
    had = re.search(r"(\d+) người sẽ nhận tin thứ 3 trong tuần", await lan.text(third))
    assert had, "told"
    before = int(re.search(r"(\d+) người sẽ nhận", await lan.text(third))[1])  # type: ignore[index]
    assert f"Bỏ {had[1]} người đó ra" in await lan.text(third)
    assert (await lan.post(third + "/bot-don")).status_code == 303
    page = await lan.text(third)
    assert f"{before - int(had[1])} người sẽ nhận" in page and "thứ 3 trong tuần" not in page
    assert (
        "không phải (đã nhận từ 2 tin trong 7 ngày)" in page
        and 'name="rested" value="1" checked' in (await lan.get(third)).text
    )
