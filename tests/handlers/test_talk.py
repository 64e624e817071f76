"""What owners say out of turn: facts beside the question, nods, repeats, several questions' answers, lists, places."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.chat import Talk
from bot.wiring import System, open_system
from config.settings import Settings
from conversation.ordinals import listed_place
from conversation.repairs import facts_alone
from conversation.story import read_story
from domain.text import says_right
from storage import conversations
from tests.templates import Templates

NOW = datetime(2026, 12, 7, 1, 10, tzinfo=UTC)
OPENING = "nhà em làm hồi khô, phơi hay bị mốc, muốn tìm máy sấy"
WISH = "em cần máy sấy măng"  # the first open question is what goes wrong


@pytest_asyncio.fixture
async def house(tmp_path: Path, templates: Templates) -> AsyncIterator[System]:
    made = await open_system(Settings(), templates.sqlite(tmp_path / "t.db", samples=True), samples=True)
    yield made
    await made.database.close()


async def talk_of(house: System, *said: str) -> tuple[Talk, str]:
    """The talk after these messages, with the last reply."""
    talk = Talk(house, "mai", NOW)
    await talk.begin()
    reply = ""
    for text in said:
        reply = "\n".join(item.text for item in await talk.say([text]))
    return talk, reply


async def form_of(talk: Talk) -> dict[str, str]:
    """The words of each field of the open form."""
    async with talk.system.database.read() as db:
        held = await conversations.hold(db, talk._person_id)
    assert held is not None
    return {name: row["words"] for name, row in (held.talk.form or {}).items()}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ("mỗi năm khoảng 40 tấn, vào tháng 9 tháng 10", "scale", "40 tấn/năm"),
        ("ngay lam duoc 50 can", "scale", "50 kg/ngày"),
        ("500 kg 1 lan", "scale", "500 kg/mẻ"),
        ("tầm 3 chục triệu đổ lại", "budget", "tối đa 30 triệu đồng"),
        ("Trước tết nguyên đán", "deadline", "chậm nhất 05/02/2027"),
        ("ten Binh 0966555444", "contact", "Binh, 0966555444"),
        ("Hoàng Thị Mai, số 0977.888.999", "contact", "Hoàng Thị Mai, 0977888999"),
        ("xã Hữu Liên", "place", "xã Hữu Liên"),
    ],
)
async def test_a_fact_tells_no_trouble(house: System, said: str, field: str, words: str) -> None:
    talk, reply = await talk_of(house, WISH, said)
    form = await form_of(talk)
    assert form[field] == words
    assert "problem" not in form
    assert "khó khăn" in reply
    assert ("deadline" in form) == (field == "deadline")


@pytest.mark.asyncio
@pytest.mark.parametrize("again", [OPENING, OPENING.upper(), "nha em lam hoi kho, phoi hay bi moc, muon tim may say"])
async def test_the_first_message_sent_again_answers_nothing(house: System, again: str) -> None:
    talk, first = await talk_of(house, OPENING)
    before = await form_of(talk)
    for _ in range(3):
        (item,) = await talk.say([again, again])
        assert "đã ghi" in item.text
        assert item.text.splitlines()[-1] == first.splitlines()[-1]
    assert await form_of(talk) == before


@pytest.mark.asyncio
async def test_the_same_message_twice_in_a_burst_counts_once(house: System) -> None:
    talk, _ = await talk_of(house)
    await talk.say([OPENING, OPENING])
    assert (await form_of(talk))["problem"] == "phơi hay bị mốc"


@pytest.mark.asyncio
@pytest.mark.parametrize("nod", ["ừ", "ok em", "vâng", "cảm ơn em"])
async def test_a_nod_answers_no_question(house: System, nod: str) -> None:
    talk, _ = await talk_of(house, OPENING, "20 tấn/năm", "300 triệu", "chưa biết", nod, nod)
    assert "place" not in await form_of(talk)


@pytest.mark.asyncio
@pytest.mark.parametrize(("said", "known"), [("chưa", True), ("không", True), ("chua co", True), ("20 tấn", False)])
async def test_a_bare_no_means_not_known(house: System, said: str, known: bool) -> None:
    talk, _ = await talk_of(house, OPENING, said)
    assert ((await form_of(talk)).get("scale") == "chưa biết") is known


@pytest.mark.asyncio
async def test_a_former_district_is_asked_by_its_communes(house: System) -> None:
    talk, reply = await talk_of(house, OPENING, "20 tấn/năm", "300 triệu", "chưa biết", "TP Lạng Sơn")
    assert "Phường Đông Kinh" in reply
    (_item,) = await talk.say(["phường đông kinh"])
    assert (await form_of(talk))["place"].startswith("phường Đông Kinh")


@pytest.mark.asyncio
async def test_a_name_in_doubt_outlives_other_answers(house: System) -> None:
    talk, reply = await talk_of(house, WISH, "huu lung", "phơi hay bị mốc", "20 tấn/năm", "300 triệu", "chưa biết")
    assert "Xã Hữu Lũng hay" in reply
    (item,) = await talk.say(["ten Binh 0966555444"])
    assert "Xã Hữu Lũng hay" in item.text
    await talk.say(["1"])
    assert (await form_of(talk))["place"] == "xã Hữu Lũng"


@pytest.mark.asyncio
async def test_a_place_put_as_a_question_is_an_answer(house: System) -> None:
    talk, _ = await talk_of(house, OPENING, "20 tấn/năm", "300 triệu", "chưa biết", "xa tan doan ha em?")
    assert (await form_of(talk))["place"] == "xã Tân Đoàn"


@pytest.mark.asyncio
async def test_more_of_the_need_is_no_name(house: System) -> None:
    start = (OPENING, "20 tấn/năm", "300 triệu", "chưa biết", "xã Tân Đoàn", "chưa biết")
    talk, reply = await talk_of(house, *start, "đang nấu bằng nồi đồng của ông bà để lại, ra ít dầu")
    form = await form_of(talk)
    assert "contact" not in form
    assert "nồi đồng" in form["current"]
    assert "số điện thoại" in reply


@pytest.mark.asyncio
async def test_a_number_beside_consent_corrects_the_contact(house: System) -> None:
    start = (OPENING, "20 tấn/năm", "300 triệu", "chưa biết", "xã Tân Đoàn", "phơi sân", "Minh 0912000111")
    talk, reply = await talk_of(house, *start, "0912000222")
    assert (await form_of(talk))["contact"] == "Minh, 0912000222"
    assert "đồng ý chứ ạ" in reply
    (_item,) = await talk.say(["đổi số điện thoại thành 0912000333"])
    assert (await form_of(talk))["contact"] == "Minh, 0912000333"


@pytest.mark.asyncio
async def test_the_card_is_corrected_and_sent_in_words(house: System) -> None:
    start = (OPENING, "20 tấn/năm", "300 triệu", "chưa biết", "xã Tân Đoàn", "phơi sân", "Minh 0912000111", "đồng ý")
    talk, _reply = await talk_of(house, *start, "sửa 6 thành 2,2 tỷ")
    assert (await form_of(talk))["budget"] == "2,2 tỷ đồng"
    (item,) = await talk.say(["đúng, gửi"])
    assert "NC-0001" in item.text


@pytest.mark.asyncio
async def test_right_is_never_stop(house: System) -> None:
    _talk, reply = await talk_of(house, "chào em", "đúng, gửi")
    assert "ngừng mọi thông báo" not in reply
    _talk, reply = await talk_of(house, "dung nhan tin")
    assert "ngừng mọi thông báo" in reply


@pytest.mark.asyncio
async def test_nothing_wanted_any_more_ends_the_form(house: System) -> None:
    talk, reply = await talk_of(house, OPENING, "20 tấn/năm", "thôi không cần nữa")
    assert await form_of(talk) == {}
    assert "bỏ phiếu" in reply


@pytest.mark.asyncio
async def test_a_question_without_an_answer_comes_last(house: System) -> None:
    talk, reply = await talk_of(house, WISH, "chưa biết", "chưa biết")
    assert "Quy mô" in reply
    for text in ("20 tấn/năm", "300 triệu", "chưa biết", "xã Tân Đoàn", "phơi sân", "Minh 0912000111"):
        (item,) = await talk.say([text])
    assert "khó khăn" in item.text
    (item,) = await talk.say(["măng hay bị mốc"])
    assert "đồng ý chứ ạ" in item.text


@pytest.mark.asyncio
@pytest.mark.parametrize("said", ["nghị định 13/2019 còn hiệu lực không", "nd 13/2019 con hieu luc k", "quỹ NATIF"])
async def test_a_law_is_no_trouble_of_the_owner(house: System, said: str) -> None:
    talk, reply = await talk_of(house, WISH, said)
    assert "problem" not in await form_of(talk)
    assert "Căn cứ" in reply
    assert "khó khăn" in reply.splitlines()[-1]


@pytest.mark.asyncio
async def test_readings_offered_in_the_form_are_answered_by_number(house: System) -> None:
    talk, reply = await talk_of(house, OPENING, "cái vụ hỗ trợ kia kìa được không em?")
    assert "1. " in reply
    assert "Quy mô" in reply.splitlines()[-1]
    (item,) = await talk.say(["1"])
    assert "scale" not in await form_of(talk)
    assert "Quy mô" in item.text.splitlines()[-1]


@pytest.mark.asyncio
async def test_one_of_a_list_is_meant_by_its_place(house: System) -> None:
    talk, listed = await talk_of(house, "co hoi thao nao sap toi k")
    second = listed.split("\n2. ")[1].split(":")[0]
    (item,) = await talk.say(["dang ky cho em cai thu hai"])
    assert second in item.text
    (item,) = await talk.say(["2 nguoi"])
    assert "2 chỗ" in item.text
    (item,) = await talk.say(["co may say nao k"])
    first = item.text.split("\n1. ")[1].split(" (")[0]
    (item,) = await talk.say(["may 1 gia bao nhieu"])
    assert first in item.text


@pytest.mark.parametrize(
    ("text", "place"),
    [("cái đầu tiên", 0), ("buoi thu 2", 1), ("số 3", 2), ("cái cuối cùng", 3), ("may so 9", None), ("đi 2 người", None),
     ("tháng 3", None), ("chương trình thứ ba", 2), ("loai 2 trieu", None), ("", None)],
)  # fmt: skip
def test_places_in_a_list(text: str, place: int | None) -> None:
    assert listed_place(text, 4) == place


@pytest.mark.parametrize(
    ("text", "names", "alone"),
    [("khoảng 25 tấn một vụ", "", True), ("0912 345 678 Hà", "Hà", True), ("thủ công 50kg/ngày", "", False),
     ("trước tháng 6 năm sau", "", True), ("xã Văn Quan hả em", "xã Văn Quan", True), ("hồi bị mốc", "hồi", False)],
)  # fmt: skip
def test_facts_alone(text: str, names: str, alone: bool) -> None:
    assert facts_alone(text, names) is alone


def test_a_device_named_first_is_a_wish() -> None:
    story = read_story("Thiết bị đóng gói chân không cho thịt lợn hun khói")
    assert (story.problem, story.wish is not None) == (None, True)
    assert read_story("chúng tôi đang sản xuất bột thạch đen, muốn tìm dây chuyền cô đặc").current is None
    assert read_story("đang làm thủ công bằng tay").current is not None


@pytest.mark.parametrize(
    ("text", "right"), [("đúng, gửi", True), ("dùng thử", True), ("đừng gửi nữa", False), ("dung", False)]
)
def test_marked_words_are_told_apart(text: str, right: bool) -> None:
    assert says_right(text) is right


FULL = (OPENING, "20 tấn/năm", "300 triệu", "chưa biết", "xã Tân Đoàn", "phơi sân", "Nguyễn Văn A 0909 090 909 nhé")


@pytest.mark.asyncio
async def test_consent_is_refused_by_a_plain_no_only(house: System) -> None:
    talk, reply = await talk_of(house, *FULL, "chưa làm gì")
    assert (await form_of(talk))["contact"] == "Nguyễn Văn A, 0909090909"
    assert "đồng ý chứ ạ" in reply
    (item,) = await talk.say(["ko đồng ý đâu"])
    assert await form_of(talk) == {}
    (item,) = await talk.say(["tôi đồng ý"])
    assert "đồng ý chứ ạ" in item.text, "asked again: nobody agrees to a paper that is not before them"
    (item,) = await talk.say(["đồng ý"])
    assert "Em ghi vậy đúng chưa ạ?" in item.text


@pytest.mark.asyncio
async def test_nothing_in_store_keeps_to_the_open_form(house: System) -> None:
    _talk, reply = await talk_of(house, OPENING, "có những đơn vị nào cung cấp lọc bụi")
    assert "Quy mô" in reply.splitlines()[-1]
    assert "để lại nhu cầu" not in reply


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ("trà hoa vàng sấy bị mất màu, tìm máy sấy thăng hoa tầm 800 triệu", "wish", "máy sấy thăng hoa"),
        ("muốn bán chè lên sàn, chưa biết làm", "wish", "bán chè lên sàn"),
        ("Thiết bị đóng gói chân không cho thịt lợn hun khói, mỗi ngày 50 cân", "scale", "50 kg/ngày"),
    ],
)
async def test_a_story_opens_the_form_whatever_it_names(house: System, said: str, field: str, words: str) -> None:
    talk, _ = await talk_of(house, said)
    assert (await form_of(talk))[field] == words


@pytest.mark.asyncio
async def test_trouble_with_a_word_of_asking_is_trouble(house: System) -> None:
    talk, _ = await talk_of(house, "muốn bán chè lên sàn", "bán không ai biết")
    assert (await form_of(talk))["problem"] == "bán không ai biết"


@pytest.mark.asyncio
async def test_a_wish_instead_of_an_unknown_one_has_no_former_words(house: System) -> None:
    talk, _ = await talk_of(house, "nhà em làm na hay bị chín rộ không bán kịp", "chưa biết", "5 tấn/ngày")
    (item,) = await talk.say(["không cần máy sấy nữa, cần kho lạnh"])
    if "thay mong muốn cũ" in item.text:
        (item,) = await talk.say(["1"])
    assert (await form_of(talk))["wish"] == "kho lạnh"
    assert "None" not in item.text
