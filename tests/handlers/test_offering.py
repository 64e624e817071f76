"""An offer told by chat: nothing is swallowed, lost or sent unseen; what is asked in between is answered."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.chat import Talk
from bot.wiring import System, open_system
from config.settings import Settings
from conversation.message import MessageKind
from conversation.offer_form import corrected, thing_named
from storage.tables import consent, offer
from tests.templates import Templates

AT = datetime(2026, 12, 7, 1, 10, tzinfo=UTC)
PRICE = "(2/4) Giá bán khoảng bao nhiêu"
CONTACT = "(3/4) Cho em xin tên và số điện thoại"


@pytest_asyncio.fixture
async def house(tmp_path: Path, templates: Templates) -> AsyncIterator[System]:
    made = await open_system(Settings(), templates.sqlite(tmp_path / "d.db"), samples=False)
    yield made
    await made.database.close()


async def play(house: System, name: str, *steps: tuple[str, ...]) -> Talk:
    """Says each step's first words, looks for the others in the reply; "[label" presses, "+3d" lets time pass."""
    talk = Talk(house, name, AT)
    await talk.begin()
    for words, *holds in steps:
        if words.startswith("+"):
            said = await talk.advance(timedelta(days=float(words[1:-1])))
        elif words.startswith("["):
            said = await talk.say([words[1:]], MessageKind.BUTTON)
        else:
            said = await talk.say([words])
        told = "\n".join(item.text for item in said)
        assert [part for part in holds if part not in told] == [], (words, told)
    return talk


OPENING = (
    "viện chúng tôi có máy sấy hoa hồi bơm nhiệt muốn giới thiệu",
    "Em ghi: công nghệ: Máy sấy hoa hồi bơm nhiệt",
    "(1/4)",
)
SIZE = ("300-500 kg/mẻ", "Em ghi: công suất: 300-500 kg/mẻ", PRICE)


ASIDES = (
    "trợ giúp",
    "có hội thảo nào sắp tới không",
    "hỏi em có mất tiền không?",
    "/help",
    "DỪNG",
    "phiếu của tôi đến đâu rồi",
    "cảm ơn em",
)


@pytest.mark.asyncio
async def test_what_is_asked_in_between_leaves_the_question_open(house: System) -> None:
    asides = [(asked, PRICE) for asked in ASIDES]
    await play(house, "xen", OPENING, SIZE, *asides, ("280 triệu", "Em ghi: giá: 280 triệu đồng", CONTACT))


@pytest.mark.asyncio
async def test_earlier_answers_are_put_right_aloud(house: System) -> None:
    await play(
        house, "sua", OPENING, SIZE, ("280 triệu", CONTACT),
        ("2 ta 1 ngay", "công suất: 2 tạ/ngày (trước: 300-500 kg/mẻ)", CONTACT),
        ("à giá 200 thôi", "giá: 200 triệu đồng (trước: 280 triệu đồng)", CONTACT),
        ("sửa 1 thành máy sấy hồi và na", "Máy sấy hồi và na (trước: Máy sấy hoa hồi bơm nhiệt)", CONTACT),
        ("à quên, máy này điện 3 pha", "Em ghi thêm", CONTACT),
        ("0912 345 678", "số điện thoại: 0912345678", "anh/chị cho em xin tên"),
        ("ten Hung", "liên hệ: Hung, 0912345678", "Em ghi vậy đúng chưa"),
        ("bảo hành 2 năm, lắp tận nơi", "Em ghi thêm", "Ý thêm: à quên, máy này điện 3 pha; bảo hành 2 năm, lắp tận nơi"),
    )  # fmt: skip


@pytest.mark.asyncio
async def test_what_is_not_known_is_no_obstacle(house: System) -> None:
    await play(
        house, "chua", ("chao hang", "(0/4)"), ("lo say go", "(1/4)"), ("chua biet", "công suất: chưa rõ", "(2/4)"),
        ("15", "15 triệu đồng hay 15 tỷ đồng"), ("15 tỷ", "giá: 15 tỷ đồng", "(3/4)"), ("ok", "(3/4)"), ("chưa biết", "(3/4)"),
    )  # fmt: skip


@pytest.mark.asyncio
async def test_the_draft_waits_for_days_and_is_dropped_only_when_told(house: System) -> None:
    await play(
        house, "sau", OPENING, ("thôi để sau đi", "BẢN CHÀO"), ("+4d", "Mình ghi tiếp nhé"), ("có", "(1/4) Công suất"),
        ("huỷ", "BẢN CHÀO"), ("300 kg/mẻ",), ("bản chào", "Máy sấy hoa hồi bơm nhiệt", "(1/4)"),
        ("/start", "Máy sấy hoa hồi bơm nhiệt", "(1/4)"), ("+31d", "quá 30 ngày"),
    )  # fmt: skip


@pytest.mark.asyncio
async def test_nothing_is_sent_unseen_or_twice(house: System) -> None:
    talk = await play(
        house, "gui", OPENING, SIZE, ("gửi đi", "còn thiếu", PRICE), ("thoả thuận", CONTACT), ("Bình, 0900000002", "Em ghi vậy đúng chưa"),
        ("giá 300 triệu", "giá: 300 triệu đồng (trước: thoả thuận)", "Em ghi vậy đúng chưa"),
    )  # fmt: skip
    async with house.database.read() as db:
        assert (
            await db.execute(select(func.count()).select_from(offer).where(offer.c.id == "GP-0001"))
        ).scalar_one() == 0
    for words, holds in (
        ("ok gui di", "GP-0001"),
        ("ok gui di", "đã gửi cán bộ rồi"),
        ("à giá 250 triệu mới đúng", "250 triệu đồng (trước: 300"),
    ):
        (said,) = await talk.say([words])
        assert holds in said.text, said.text
    async with house.database.read() as db:
        row = (await db.execute(select(offer).where(offer.c.id.like("GP-%")))).one()
        agreed = list((await db.execute(select(consent.c.purpose))).scalars())
    assert (row.price_min_million_vnd, row.state, agreed) == (250, "submitted", ["offer"])
    (asked,) = await talk.say(["rút máy đã chào"])
    assert "khỏi kho phải không" in asked.text
    await talk.say(["đúng"])
    async with house.database.read() as db:
        assert (await db.execute(select(offer.c.state).where(offer.c.id == "GP-0001"))).scalar_one() == "withdrawn"


@pytest.mark.asyncio
async def test_a_number_said_beside_the_machine_is_shown_to_nobody(house: System) -> None:
    talk = await play(
        house, "so", ("ben em ban may dong goi hut chan khong gia 15tr, lh 0987654321", "số điện thoại: 0987654321"),
        ("500 goi 1 gio", "cho em xin tên"), ("Lan", "Lan, 0987654321"), ("gửi", "GP-0001"),
    )  # fmt: skip
    async with house.database.read() as db:
        row = (await db.execute(select(offer).where(offer.c.id == "GP-0001"))).one()
    assert row.title == "Máy đóng gói hút chân không"
    assert "987654321" not in f"{row.title} {row.summary} {row.owner}"
    await talk.say(["xoá dữ liệu của tôi"])
    await talk.say(["XOÁ"])
    async with house.database.read() as db:
        row = (await db.execute(select(offer).where(offer.c.id == "GP-0001"))).one()
    assert (row.owner, row.summary, row.state) == ("", "", "withdrawn")


@pytest.mark.asyncio
async def test_a_need_told_in_between_and_a_second_machine_find_their_place(house: System) -> None:
    await play(
        house, "hai", OPENING, ("tôi đang cần mua máy ép viên nữa", "Bản chào em giữ lại", "máy ép viên", "/9)"), ("huỷ", "PHIẾU"),
        ("bản chào", "(1/4)"), ("chưa rõ", "(2/4)"), ("thoả thuận", "(3/4)"), ("Bình, 0900000002", "đúng chưa"),
        ("còn máy đóng gói mì nữa", "gửi xong bản này em ghi tiếp “Máy đóng gói mì nữa”"), ("đúng, gửi", "GP-0001", "(2/4)"),
    )  # fmt: skip


@pytest.mark.asyncio
async def test_which_side_somebody_is_on_is_asked_once_when_it_is_not_plain(house: System) -> None:
    await play(
        house, "ban", ("xưởng em có máy sấy hoa hồi cỡ nhỏ muốn chào", "Em ghi: công nghệ: Máy sấy hoa hồi cỡ nhỏ")
    )
    await play(house, "nhan", ("Doanh nghiệp muốn nhận chuyển giao quy trình chiết xuất anethol", "/9)"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ben e co san may nghien, ai can giup gioi thieu", "May nghien"),
        ("muốn giới thiệu thiết bị của bên mình", None),
        ("em có máy trộn thức ăn gia súc giá 20 triệu", "Máy trộn thức ăn gia súc"),
        ("máy gọt vỏ dứa, dao inox", "Máy gọt vỏ dứa, dao inox"),
        ("chào hàng", None),
    ],
)
def test_what_is_offered_is_named_without_what_is_said_around_it(text: str, named: str | None) -> None:
    assert thing_named(text) == named


def test_parts_are_named_by_number_and_by_word() -> None:
    assert [(part.value, rest) for part, rest in corrected("sửa 2 thành 500 kg/mẻ")] == [("size", "500 kg/mẻ")]
    assert [(part.value, rest) for part, rest in corrected("giá 200 thôi, công suất 3 tạ")] == [
        ("price", "200 thôi"),
        ("size", "3 tạ"),
    ]


@pytest.mark.asyncio
async def test_what_is_said_beside_something_unknown_is_kept(house: System) -> None:
    await play(
        house, "ca", ("chào hàng", "(0/4)"), ("máy băm cỏ", "(1/4)"), ("công suất chưa rõ, giá 12 triệu", "công suất: chưa rõ; giá: 12 triệu đồng", "(3/4)"),
        ("không muốn cho số", "chỉ cán bộ xem", "(3/4)"), ("thế thì thôi", "BẢN CHÀO"),
    )  # fmt: skip
