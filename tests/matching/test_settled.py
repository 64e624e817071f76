"""What is named and not meant: phrases, places, refusals, what is there already, what only looks alike without marks."""

from dataclasses import replace

import pytest

from domain.offer import Offer
from matching.engine import Matcher
from matching.reading import Reader
from matching.wanted import Decision
from matching.words import message_words, printed, words_of
from tests.matching.test_matching import CONCEPTS, MATCHER, load, wanted

READER = Reader(CONCEPTS, load())


def named(text: str) -> set[str]:
    asked = READER.need(wanted(text))
    return {*asked.products, *(step for step in asked.processes if step not in asked.told)}


@pytest.mark.parametrize(
    ("text", "unnamed"),
    [
        ("Trang trại lợn ở Lương Sơn cần xử lý nước thải", "sơn"),
        ("ho kinh doanh o Na Sam muon mo xuong nuoc binh", "na"),
        ("xưởng mình cần máy tráng miến, không dùng hàn the", "hàn"),
        ("ban cho khach Han Quoc, can may ep cui", "hàn"),
        ("cần cách giữ cam tươi lâu mà không phải xây kho lạnh", "kho lạnh"),
        ("ep dau lac tai nha, may 20 kg/gio", "điện gió"),
        ("nuoi ca tam tuan hoan 20 tan/nam", "nấm"),
    ],
)
def test_what_is_not_meant(text: str, unnamed: str) -> None:
    assert unnamed not in named(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("xuong can may han khung sat", "hàn"),
        ("cần kho lạnh nhỏ giữ cam tươi lâu", "kho lạnh"),
        ("khoi phai cho di xa, can may say mang", "măng"),
        ("bán măng/nấm khô, cần máy hút chân không", "nấm"),
    ],
)
def test_what_is_meant_all_the_same(text: str, kept: str) -> None:
    assert kept in named(text)


def test_how_long_an_amount_is_for_is_no_word() -> None:
    speller = READER._speller
    assert "gio" not in message_words("may 20 kg/gio", speller).folded
    assert "nam" in message_words("ban mang/nam kho", speller).folded


def test_what_is_published_is_read_with_just_its_marks() -> None:
    """ "May gạch" sews and is no máy gạch; typed without marks throughout it may be."""
    assert "ép gạch" not in {spot.concept for spot in CONCEPTS.read(printed("Công nghệ may gạch không nung cỡ nhỏ"))}
    assert "ép gạch" in {spot.concept for spot in CONCEPTS.read(printed("may gach khong nung co nho"))}
    assert "ép gạch" in {spot.concept for spot in CONCEPTS.read(words_of("muốn mua may gạch"))}


def test_a_product_in_a_title_is_no_step() -> None:
    """Scales for tea bags do not fill them."""
    offer = Offer("Z1", "Dây chuyền cân trà túi lọc", "Cân theo mẻ.", products=("trà túi lọc",), processes=("cân",))
    assert "đóng túi lọc" not in READER.offer(offer).processes
    assert "đóng túi lọc" in READER.offer(replace(offer, processes=())).processes


@pytest.mark.parametrize(
    ("text", "modes", "strict"),
    [
        ("chỉ mua đứt máy, không hợp tác nghiên cứu, không chia phần", 1, True),
        ("cần mua đứt dây chuyền, không nhận góp vốn, không trả phí li-xăng", 1, True),
        ("không biết bên mình có cho thuê máy không", 16, False),
    ],
)
def test_ways_that_are_declined(text: str, modes: int, strict: bool) -> None:
    asked = READER.need(wanted(text))
    assert (asked.modes, asked.strict) == (modes, strict)


def test_what_is_there_already_may_be_offered_with_more() -> None:
    """A farm that has a biogas tank whose water still fails the limits is served by biogas with more behind it."""
    need = wanted(
        "Trang trại lợn đã có hầm biogas nhưng nước ra vẫn vượt chuẩn, cần hệ thống xử lý tiếp", "nước thải chăn nuôi",
        "xử lý nước thải", stated=True,
    )  # fmt: skip
    assert READER.need(need).excluded == ()


def test_a_thing_nobody_knows_is_what_it_begins_with() -> None:
    """ "Gạch từ bột đá" is some kind of brick, so a press for unburnt bricks is shown."""
    need = wanted(
        "nhà có mỏ đá nhỏ, muốn mua máy ép gạch, mỗi giờ nghìn viên", "gạch từ bột đá", "ép gạch", stated=True
    )
    found = MATCHER.search(need, 5)
    assert found.decision is Decision.SHOW
    assert "O037" in {match.offer for match in found.matches if match.shown}


def test_behind_a_strong_fit_use_goes_before_wording() -> None:
    """An offer beside the right one in use comes before one that is only sized and worded like the need."""
    alone: Matcher[str] = Matcher(load())
    for offer in (
        Offer("A", "Máy sấy hồng", "Sấy hồng.", products=("hồng",), processes=("sấy",),
              capacity={"min": 800, "max": 1200, "unit": "kg/mẻ"}),
        Offer("B", "Máy bọc quả hồng", "Bọc quả hồng.", products=("hồng",), processes=("bọc quả",),
              capacity={"min": 800, "max": 1200, "unit": "kg/mẻ"}),
        Offer("C", "Dàn thiết bị kiểu mới cho nhà vườn", "Để lâu.", products=("hồng",), processes=("xông khói",)),
    ):  # fmt: skip
        alone.put(offer)
    need = wanted("cần máy sấy hồng mỗi mẻ một tấn quả", "hồng", "sấy", stated=True,
                  capacity={"value": 1000, "unit": "kg", "per": "mẻ"})  # fmt: skip
    found = alone.search(need, 3)
    assert [match.offer for match in found.matches] == ["A", "C", "B"]
    assert [match.score for match in found.matches] == sorted((match.score for match in found.matches), reverse=True)
