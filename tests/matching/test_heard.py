"""What a need says is understood without marks and with slips, and what only tells where something is from is not wanted."""

from dataclasses import replace

import pytest

from knowledge.library import load
from matching.concepts import Concepts
from matching.engine import Matcher
from matching.reading import Reader
from matching.wanted import Decision, Wanted
from tests.matching.test_matching import MATCHER, OFFERS

TITLES = {offer.id: offer.title for offer in OFFERS}
READER = Reader(Concepts(load().terms, load().technology), load())


@pytest.mark.parametrize(
    ("text", "kind", "concept"),
    [
        ("can lap kho lnh cho na", "process", "kho lạnh"),  # a letter left out
        ("nuôi cấy đông tùng hạ thảo", "product", "đông trùng hạ thảo"),  # a slip that is a word
        ("trong moc nhi bang mun cua", "product", "mùn cưa"),  # "mun" is not muốn here
        ("quan cf can may rang", "product", "cà phê"),
        ("máy in 3d làm răng sứ", "process", "in 3d"),
    ],
)
def test_names_are_heard(text: str, kind: str, concept: str) -> None:
    asked = READER.need(Wanted(text))
    assert concept in (asked.products if kind == "product" else asked.processes)


@pytest.mark.parametrize("text", ["ruộng lúa cần bẫy đèn năng lượng mặt trời", "cần kho bán hàng", "giá để hàng"])
def test_other_words_are_no_slips(text: str) -> None:
    asked = READER.need(Wanted(text))
    assert not {"giá đỗ", "kho lạnh"} & {*asked.products, *asked.processes}
    assert "điện" not in asked.words.said


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("xử lý bã thải sau chưng cất tinh dầu hồi", {"chưng cất", "tinh dầu hồi"}),
        ("xu ly ba thai sau chung cat tinh dau hoi", {"chưng cất", "tinh dầu hồi"}),
        ("nấu tinh dầu xong bã hồi chất đống, làm phân được không", {"chưng cất", "tinh dầu"}),
        ("xử lý nước thải của xưởng làm bún", {"làm bún"}),
        ("bã sau khi ép dầu lạc làm gì được", {"ép dầu", "dầu lạc"}),
    ],
)
def test_origin_is_not_what_is_wanted(text: str, gone: set[str]) -> None:
    asked = READER.need(Wanted(text, processes=("chưng cất",) if "chưng cất" in gone else ()))
    assert not gone & {*asked.products, *asked.processes}
    found = MATCHER.search(Wanted(text, province_code="20"))
    assert not any(match.shown and match.offer in ("O003", "O005", "O061", "O070") for match in found.matches)


def test_step_before_another_stays() -> None:
    asked = READER.need(Wanted("bảo quản na sau khi phân loại"))
    assert (asked.products, asked.processes) == (("na",), ("bảo quản",))


def test_unsure_step_demands_nothing() -> None:
    need = Wanted("nha may can day chuyen che xanh", ("chè",), ("cán",), province_code="20")
    assert not READER.need(need).firm_step
    assert MATCHER.search(need).decision is not Decision.NONE
    assert READER.need(replace(need, stated=True)).firm_step


def test_stated_terms_are_taken_at_their_word() -> None:
    story = "Mỏ đá thừa nhiều mạt đá, tôi định làm ra thứ gì bán cho bà con mà không phải đốt lò, tiền có 300 triệu."
    need = Wanted(story, ("gạch không nung", "mạt đá"), ("ép gạch",), province_code="20")
    stated = replace(need, stated=True)
    assert READER.need(stated).sure.get("gạch không nung", 1.0) == 1.0 > READER.need(need).sure["gạch không nung"]
    assert MATCHER.search(stated).matches[0].shown
    smoked = READER.need(Wanted("thịt gác bếp nhà tôi bám đầy bồ hóng", ("thịt gác bếp",), ("xông khói",), stated=True))
    assert "xông khói" in smoked.processes, "its other name stands within that of the meat"
    half = READER.need(Wanted("na hai ve dap nat het", ("na",), stated=True))
    assert "na" not in half.sure and not half.firm_step, "a step that only seems named is not stated with the product"


def test_a_long_story_weighs_no_more_than_an_offer_can_repeat() -> None:
    short = "cần máy sấy hoa hồi 400 kg một mẻ"
    story = f"{short}, năm nay mưa dầm dề bà con phơi chật cả sân kho lẫn đường liên xã, thương lái chê ỏng chê eo rồi bỏ về dưới xuôi"
    first, second = (
        MATCHER.search(Wanted(text, ("hoa hồi",), ("sấy",), province_code="20")) for text in (short, story)
    )
    assert first.matches[0].offer == second.matches[0].offer and second.matches[0].shown


def test_a_factory_for_something_else_is_no_dryer() -> None:
    found = MATCHER.search(Wanted("lò sấy gỗ keo cho xưởng nhỏ", ("gỗ keo",), ("sấy",), province_code="20"))
    assert all("ghép thanh" not in TITLES[match.offer] for match in found.matches if match.shown)


def test_step_for_any_product_needs_no_product() -> None:
    empty: Matcher[str] = Matcher(load())
    empty.load(offer for offer in OFFERS if offer.id == "O047")
    found = empty.search(Wanted("phần mềm kế toán cho hợp tác xã", (), ("kế toán",), province_code="20"))
    assert found.decision is Decision.NONE
