"""Sent needs put right or taken back in words; a form put by; unclear questions that belong together."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.chat import Talk
from bot.wiring import System, open_system
from config.settings import Settings
from conversation.doubts import differing_sizes, doubts
from conversation.repairs import puts_off
from domain.need import Field, NeedState, Outcome
from handlers.sent import code_in
from storage import conversations, needs
from tests.templates import Templates

NOW = datetime(2026, 12, 7, 1, 10, tzinfo=UTC)
WHOLE = (
    "bên em làm mật ong, đóng chai thủ công chậm lắm, muốn mua máy chiết rót tự động, 5 tấn/năm, 80-100 triệu, "
    "ở xã Vân Nham, cần tháng 3 năm sau, Hằng 0388999888"
)


@pytest_asyncio.fixture
async def house(tmp_path: Path, templates: Templates) -> AsyncIterator[System]:
    made = await open_system(Settings(), templates.sqlite(tmp_path / "t.db", samples=True), samples=True)
    yield made
    await made.database.close()


async def say(talk: Talk, *texts: str) -> str:
    reply = ""
    for text in texts:
        reply = "\n".join(item.text for item in await talk.say([text]))
    return reply


async def owner(house: System, *said: str) -> tuple[Talk, str]:
    talk = Talk(house, "hang", NOW)
    await talk.begin()
    return talk, await say(talk, *said)


async def sent(house: System) -> Talk:
    talk, reply = await owner(house, WHOLE, "đồng ý", "đúng, gửi", "không nhận tin")
    assert await state_of(house) is NeedState.SUBMITTED, reply
    return talk


async def state_of(house: System, code: str = "NC-0001") -> NeedState | None:
    async with house.database.read() as db:
        found = await needs.by_code(db, code)
    return found.state if found else None


@pytest.mark.asyncio
async def test_a_sent_need_is_put_right_by_its_code(house: System) -> None:
    talk = await sent(house)
    reply = await say(talk, "sửa phiếu nc1: kinh phí 120 triệu; sản lượng 8 tấn")
    assert "NC-0001" in reply
    assert "120 triệu đồng (trước: 80-100 triệu đồng)" in reply
    assert "8 tấn/năm (trước: 5 tấn/năm)" in reply
    async with house.database.read() as db:
        held = await needs.by_code(db, "NC-0001")
    assert held is not None
    assert held.revision == 2
    assert held.fields["scale"]["value"]["value"] == 8


@pytest.mark.asyncio
async def test_a_value_that_cannot_be_read_changes_nothing(house: System) -> None:
    talk = await sent(house)
    reply = await say(talk, "sửa phiếu NC-0001: kinh phí nhiều lắm")
    assert "giữ như cũ" in reply
    async with house.database.read() as db:
        held = await needs.by_code(db, "NC-0001")
    assert held is not None
    assert held.revision == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("said", ["huỷ phiếu NC-0001", "rut phieu nc 1 giup em", "huỷ"])
async def test_a_sent_need_is_taken_back_after_one_more_question(house: System, said: str) -> None:
    talk = await sent(house)
    reply = await say(talk, said)
    assert "rút phiếu này" in reply
    assert await state_of(house) is NeedState.SUBMITTED
    await say(talk, "rút")
    async with house.database.read() as db:
        held = await needs.by_code(db, "NC-0001")
    assert held is not None
    assert (held.state, held.outcome) == (NeedState.CLOSED, Outcome.WITHDRAWN)
    assert "đã rút theo lời anh/chị" in await say(talk, "phiếu NC-0001 đến đâu rồi")


@pytest.mark.asyncio
async def test_somebody_elses_need_is_not_found(house: System) -> None:
    await sent(house)
    other = Talk(house, "la", NOW)
    await other.begin()
    assert "không thấy phiếu NC-0001" in await say(other, "huỷ phiếu NC-0001")
    assert await state_of(house) is NeedState.SUBMITTED


@pytest.mark.asyncio
async def test_what_is_being_written_has_no_code_yet(house: System) -> None:
    _, reply = await owner(house, "em cần máy sấy măng", "phiếu của em đến đâu rồi")
    assert "chưa gửi nên chưa có mã" in reply
    assert reply.count("/9)") == 1


@pytest.mark.asyncio
async def test_a_form_put_by_waits(house: System) -> None:
    talk, reply = await owner(house, "em cần máy sấy măng", "thôi để sau đi")
    assert "30 ngày" in reply
    assert "/9)" in await say(talk, "phiếu")


@pytest.mark.asyncio
async def test_a_new_form_beside_an_open_one_is_asked_about(house: System) -> None:
    talk, reply = await owner(house, "em cần máy sấy măng", "phiếu mới")
    assert "ghi tiếp phiếu này" in reply
    assert "kể ngắn" in await say(talk, "bỏ, lập phiếu mới")
    async with house.database.read() as db:
        held = await conversations.hold(db, talk._person_id)
    assert held is not None
    assert held.talk.form == {}


@pytest.mark.asyncio
async def test_an_unclear_question_is_read_with_the_one_before(house: System) -> None:
    talk, _ = await owner(house, "e ơi cho hỏi htx mình muốn dán tem truy xuất cho quả na thì làm ntn")
    assert "Căn cứ" in await say(talk, "thế có được hỗ trợ tiền k")


@pytest.mark.asyncio
async def test_not_knowing_something_else_is_no_answer(house: System) -> None:
    talk, reply = await owner(house, "em cần máy sấy măng, hay bị mốc, 5 tấn/năm, 100 triệu")
    assert "khi nào cần" in reply
    reply = await say(talk, "chưa biết xã nào sau sáp nhập, ngày xưa là xã Tú Đoạn")
    assert "trước là xã Tú Đoạn" in reply
    assert "khi nào cần" in reply


@pytest.mark.asyncio
async def test_a_number_then_a_name_make_a_contact(house: System) -> None:
    talk, _ = await owner(house, "em cần máy sấy măng, hay bị mốc, 5 tấn/năm, 100 triệu, tháng 3", "0977111222")
    assert "Chiến, 0977111222" in await say(talk, "Chiến")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "said",
    [
        "Doanh nghiệp muốn nhận chuyển giao quy trình chiết xuất anethol từ tinh dầu hồi",
        "toi muon tiep nhan cong nghe u men lam tuong",
        "Hợp tác xã có nhu cầu nhận chuyển giao kỹ thuật nhân giống nấm",
    ],
)
async def test_who_wants_to_receive_states_a_need(house: System, said: str) -> None:
    _, reply = await owner(house, said)
    assert "mong muốn" in reply
    assert "giới thiệu công nghệ" not in reply


@pytest.mark.parametrize(
    ("said", "later"),
    [
        ("thôi để sau đi", True), ("dang ban, mai noi tiep", True), ("để lúc khác nhé em", True), ("toi nay ghi tiep", True),
        ("để sau", False), ("sau Tết", False), ("mai", False), ("để tôi xem", False), ("mai mốt có tiền tính", False),
    ],
)  # fmt: skip
def test_whether_the_talk_is_put_off(said: str, later: bool) -> None:
    assert puts_off(said) is later


@pytest.mark.parametrize(
    ("said", "sizes"),
    [
        ("à nhầm, 2 tấn lạc chứ dầu có 8 tạ thôi", ["2 tấn", "8 tạ"]),
        ("12 tấn chứ không phải 20 tấn", []),
        ("không phải 2 tấn mà 3 tấn", []),
        ("à nhầm, 3 tấn", []),
    ],
)
def test_two_sizes_in_one_correction(said: str, sizes: list[str]) -> None:
    assert [row["label"] for row in differing_sizes(said)] == sizes


@pytest.mark.parametrize(
    ("said", "label"),
    [("mai mốt có tiền tính, tầm ba chục", "30 triệu đồng"), ("khoảng năm trăm thôi", "500 triệu đồng")],
)
def test_a_bare_sum_in_words_is_offered(said: str, label: str) -> None:
    found = doubts(said, {}, Field.BUDGET)
    assert found is not None
    assert [row["label"] for row in found[1]] == [label]


@pytest.mark.parametrize(("said", "code"), [("phiếu nc 12", "NC-0012"), ("NC-0003", "NC-0003"), ("nc", None)])
def test_codes(said: str, code: str | None) -> None:
    assert code_in(said) == code


@pytest.mark.asyncio
async def test_a_full_name_where_something_else_is_asked_is_the_contact(house: System) -> None:
    talk, reply = await owner(house, "em cần máy sấy măng", "Dương Công Hùng")
    assert "tên: Dương Công Hùng" in reply
    assert "khó khăn" in reply
    assert "Dương Công Hùng, 0398765432" in await say(talk, "0398765432") + await say(talk, "hay bị mốc")


@pytest.mark.asyncio
async def test_a_question_about_keeping_is_answered_where_consent_is_asked(house: System) -> None:
    talk, reply = await owner(house, WHOLE)
    assert "Anh/chị đồng ý chứ" in reply
    reply = await say(talk, "ủa thế không lưu thì sao")
    assert "không đến được cán bộ" in reply
    assert "Anh/chị đồng ý chứ" in reply


@pytest.mark.asyncio
async def test_a_wish_for_no_certain_thing_becomes_one(house: System) -> None:
    _, reply = await owner(
        house, "nhà tôi trồng quýt, quả rụng với thối nhiều quá, làm sao giữ được lâu", "muốn kho lạnh nhỏ thôi"
    )
    assert "kho lạnh nhỏ (trước: làm sao giữ được lâu)" in reply


@pytest.mark.asyncio
async def test_an_unclear_correction_at_the_card_asks_which(house: System) -> None:
    talk, card = await owner(house, WHOLE, "đồng ý")
    assert "Em ghi vậy đúng chưa" in card
    assert "sửa câu số mấy" in await say(talk, "sai rồi, mật ong rừng chứ không phải mật ong thường")
    assert "Em ghi vậy đúng chưa" in await say(talk, "không")


@pytest.mark.asyncio
async def test_the_finder_takes_facts_out_of_turn(house: System) -> None:
    talk, first = await owner(house, "có chương trình nào hỗ trợ công ty tôi mua máy không")
    assert "em hỏi vài ý" in first
    question = first.rsplit(". ", 1)[-1]
    reply = await say(talk, "công ty 45 người, doanh thu 60 tỷ")
    assert question in reply
    async with house.database.read() as db:
        held = await conversations.hold(db, talk._person_id)
    assert held is not None
    assert held.talk.finder["facts"]["employees"] == 45


@pytest.mark.asyncio
async def test_a_need_told_in_the_finder_opens_the_form(house: System) -> None:
    _, reply = await owner(
        house,
        "có chương trình nào hỗ trợ công ty tôi không",
        "ok vậy ghi nhu cầu luôn: xưởng cần máy CNC cắt gỗ, cưa tay sai nhiều",
    )
    assert "mong muốn: máy CNC cắt gỗ" in reply


TO_PRODUCT = ("em cần một cái máy ép", "hay kẹt")  # what is made is asked next


@pytest.mark.asyncio
async def test_a_word_that_fits_twice_is_asked_about_once(house: System) -> None:
    talk, reply = await owner(house, *TO_PRODUCT)
    assert "làm sản phẩm gì" in reply
    assert "là câu trả lời" in await say(talk, "bo")
    reply = await say(talk, "1")
    assert "sản phẩm: bo" in reply.lower()


@pytest.mark.asyncio
@pytest.mark.parametrize(("said", "dropped"), [("bò", False), ("bỏ", True), ("hủy", True), ("huỷ", True)])
async def test_marks_tell_the_control_word_from_a_thing(house: System, said: str, dropped: bool) -> None:
    _, reply = await owner(house, *TO_PRODUCT, said)
    assert ("đã bỏ phiếu" in reply) is dropped
