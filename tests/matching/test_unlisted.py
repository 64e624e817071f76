"""What no vocabulary knows is put as what it names or heard; what is there already, stated or suits anything is weighed so."""

import pytest

from bot.needs import wanted_from
from domain.offer import Offer
from matching.engine import Matcher
from matching.reading import Reader
from matching.unlisted import named_in, spelt_out
from matching.wanted import Decision, Wanted
from matching.weighing import BARELY
from tests.matching.test_matching import BY_ID, CONCEPTS, MATCHER, load, wanted

READER = Reader(CONCEPTS, load())


@pytest.mark.parametrize(
    ("step", "named"),
    [
        ("làm hầm khí sinh học", ["biogas"]),  # in several words
        ("rửa trứng", ["rửa"]),  # in one, before its goods
        ("sấy", []),  # known
        ("cắt gừng", []),  # "cắt" says too little
        ("báo sớm máy hỏng", []),
    ],
)
def test_what_an_unknown_step_names(step: str, named: list[str]) -> None:
    assert named_in(CONCEPTS, step) == named


def test_a_step_that_names_nothing_stays_as_it_is() -> None:
    assert spelt_out(CONCEPTS, ("sấy", "báo sớm máy hỏng", "làm hầm khí sinh học")) == (
        "sấy",
        "báo sớm máy hỏng",
        "biogas",
    )


def stated(text: str, products: str, processes: str, **more: object) -> Wanted:
    return wanted(text, products, processes, stated=True, **more)


def test_an_unknown_step_is_heard_with_its_story() -> None:
    text = "Bản mười tám nhà chưa có đèn, cạnh bản có con suối chảy quanh năm, muốn thắp sáng, xem ti vi"
    asked = READER.need(stated(text, "điện", "thắp đèn nhờ suối"))
    likeliest = max(asked.told, key=lambda step: asked.sure[step])
    assert likeliest == "thủy điện nhỏ"
    assert asked.sure[likeliest] > BARELY


def test_what_an_offer_lists_under_no_known_name_is_found() -> None:
    alone: Matcher[str] = Matcher(load())
    offer = Offer(
        "Z1", "Bãi lọc ngầm cho làng du lịch", "Nước thải sinh hoạt chảy qua sỏi và rễ cây sậy là đạt cột B, không tốn điện.",
        products=("nước thải sinh hoạt",), processes=("đầm sậy làm trong nước",),
    )  # fmt: skip
    alone.put(offer)
    need = stated(
        "nước thải của mấy nhà nghỉ chảy thẳng ra suối, xã nhắc hoài", "nước thải sinh hoạt", "xử lý nước thải"
    )
    found = alone.search(need)
    assert [match.offer for match in found.matches if match.shown] == ["Z1"]
    alone.put_need("N1", need)
    assert [key for key, _ in alone.percolate(offer)] == ["N1"]


@pytest.mark.parametrize(
    ("text", "asked_for"),
    [
        ("Kho lạnh thì hợp tác xã có rồi, muốn quả vải đi xa được hơn", False),
        ("Kho lạnh đã xây từ năm ngoái, giờ muốn quả vải đi xa được hơn", False),
        ("Đã có kho lạnh, muốn quả vải đi xa được hơn", False),
        ("Kho lạnh đã có nhưng hỏng, muốn làm cái khác trữ vải", True),
        ("Muốn làm kho lạnh trữ vải", True),
    ],
)
def test_what_is_there_already_is_not_asked_for(text: str, asked_for: bool) -> None:
    assert ("kho lạnh" in READER.need(wanted(text, "vải")).processes) == asked_for


def test_what_is_stated_stands_whatever_the_text_tells_besides() -> None:
    need = stated(
        "Kho lạnh thì hợp tác xã có rồi, anh không hỏi kho nữa, quả hái xuống ba hôm là nâu", "vải", "bảo quản"
    )
    asked = READER.need(need)
    assert "bảo quản" in asked.processes
    assert asked.sure.get("bảo quản", 1.0) > BARELY
    assert "O085" in [match.offer for match in MATCHER.search(need).matches if match.shown]


def test_a_kind_of_something_known_is_that_thing() -> None:
    asked = READER.need(stated("uống vào sáng dậy đau đầu", "rượu thóc", "khử andehit"))
    assert asked.sure.get("rượu thóc", 1.0) > BARELY


def test_a_step_that_suits_anything_suits_goods_that_the_offer_does_not_name() -> None:
    found = MATCHER.search(stated("khách đòi giơ điện thoại lên soi là biết hàng của ai", "mận", "truy xuất nguồn gốc"))
    assert "mận" not in BY_ID["O047"].products
    assert found.decision is not Decision.NONE
    assert found.matches[0].offer == "O047"


def test_what_may_serve_is_asked_about_before_nothing_is_said() -> None:
    found = MATCHER.search(stated("muốn bán quanh năm", "vịt quay", "bảo quản"))
    assert found.decision is Decision.ASK


def test_what_may_cost_nothing_is_in_reach_of_a_small_budget() -> None:
    alone: Matcher[str] = Matcher(load())
    offer = Offer("Z1", "Gian hàng mạng cho chè", products=("chè",), processes=("thương mại điện tử",),
                  price_million_vnd={"min": 0, "max": 30})  # fmt: skip
    alone.put(offer)
    need = stated("cần bán chè trên mạng", "chè", "thương mại điện tử", budget={"min": None, "max": 20_000_000})
    match = alone.search(need).matches[0]
    assert match.shown
    assert any(reason.startswith("giá ") for reason in match.because)


def test_a_given_province_goes_before_a_place_in_the_text() -> None:
    told = {"location": {"province": "Hà Nội"}}
    assert wanted_from("gửi xe về Hà Nội", told, "15").province_code == "15"
    assert wanted_from("gửi xe về Hà Nội", told).province_code == "1"
    assert wanted_from("gửi xe đi xa", {}).province_code == "20"
