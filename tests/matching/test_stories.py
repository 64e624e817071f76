"""A story that names no step is heard by what it tells; what it tells demands no more than it is sure of."""

from collections import Counter

import pytest

from domain.text import fold
from knowledge.library import load
from knowledge.stories import NOTHING, load_stories
from matching.concepts import Concepts
from matching.marks import Marks
from matching.reading import Reader
from matching.stories import parts, taught
from matching.wanted import Decision, Wanted
from matching.weighing import BARELY
from matching.words import message_words, words_of
from tests.matching.test_matching import MATCHER

CONCEPTS = Concepts(load().terms, load().technology)
READER = Reader(CONCEPTS, load())


def heard(text: str) -> dict[str, float]:
    words = words_of(text)
    return taught().heard((words, CONCEPTS.read(words)))


def test_shipped_tellings_are_of_known_steps_and_told_once() -> None:
    steps = load_stories()
    assert NOTHING in steps
    assert not [step for step in steps if step != NOTHING and not CONCEPTS.known("process", step)]
    assert not [step for step, told in steps.items() if len(told) < 10]
    twice = Counter(fold(said) for told in steps.values() for said in told)
    assert not [said for said, count in twice.items() if count > 1]


@pytest.mark.parametrize("written", [str, fold], ids=["with marks", "without"])
@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("nước dưới ao thay không kịp, chỉ muốn nước chảy một vòng qua bể lọc rồi quay về nuôi tiếp", "ras"),
        ("nước thải ra cống đen kịt, môi trường về lấy mẫu rồi phạt, phải làm sạch rồi mới được thải ra", "xử lý nước thải"),
        ("người ta dán nhãn y hệt của mình, khách cầm về không biết chai nào thật chai nào giả", "chống hàng giả"),
        ("trâu bò mùa rét không có gì ăn, thân cây ngô thì vứt ngoài nương, muốn cất lại cho trâu bò ăn qua đông", "ủ chua"),
        ("tôm cá nổi đầu đớp không khí lúc gần sáng, sợ chết cả ao", "sục khí"),
    ],
)  # fmt: skip
def test_stories_without_a_name(text: str, step: str, written: type[str]) -> None:
    assert step in list(heard(written(text)))[:3]


def test_what_points_to_nothing_is_told_faintly() -> None:
    assert max(heard("cháu nhà tôi mới đi làm công ty, nhà giờ chỉ còn hai ông bà").values(), default=0.0) < 0.5
    assert heard("") == {}


def test_chances_are_chances() -> None:
    words = words_of("quả hái về ba hôm là nhũn, chưa kịp chở đi đã hỏng")
    chances = taught().chances(words, CONCEPTS.read(words))
    assert chances.sum() == pytest.approx(1.0)
    assert (chances >= 0).all()


def test_long_texts_are_heard_in_parts_that_leave_no_word_out() -> None:
    row = words_of(", ".join(["cả làng không ai biết làm sao cho nước này trong trở lại như ngày trước"] * 3)).folded
    covered = {at for first, last in parts(row) for at in range(first, last)}
    assert {at for at, word in enumerate(row) if word != "|"} <= covered


def test_a_named_step_before_the_wish_gives_way_to_the_one_wished_for() -> None:
    asked = READER.need(
        Wanted("Nhà trồng nấm sò, hái về phơi ngoài sân gặp mưa là thâm. Cần máy làm khô mỗi mẻ một tạ.")
    )
    assert asked.sure.get("trồng nấm", 1.0) == BARELY
    assert asked.sure.get("sấy", 1.0) > BARELY


def test_what_is_burnt_is_not_what_is_dried() -> None:
    asked = READER.need(Wanted("xây lò sấy thuốc lá đốt trấu, mùn cưa"))
    assert asked.products == ("thuốc lá",)
    assert READER.need(Wanted("cần lò đốt rác cho thôn")).products  # what is burnt is wanted itself


def test_names_of_places_are_no_goods() -> None:
    assert "na" not in READER.need(Wanted("Cơ sở miến dong ở Na Sầm cần máy tráng")).products
    assert "na" in READER.need(Wanted("Na Chi Lăng hái xuống ba hôm là nhũn")).products


def test_a_stated_step_that_no_vocabulary_knows_is_heard() -> None:
    need = Wanted("máy hay chết giữa ca", ("động cơ",), ("biết trước lúc nào máy hỏng",), stated=True)
    asked = READER.need(need)
    assert "bảo trì dự đoán" in asked.processes
    assert asked.sure["biết trước lúc nào máy hỏng"] == BARELY


def test_marks_by_the_words_beside() -> None:
    texts = ["tôi muốn mua máy", "nhà tôi bán tỏi", "củ tỏi khô", "tôi có ao cá"]
    marks = Marks(texts * 3, ["tỏi"])
    row = ("toi", "muon", "mua", "may")
    assert marks.chances(row, 0)["tôi"] > marks.chances(row, 0)["tỏi"]
    assert marks.chances(("cu", "toi", "kho"), 1)["tỏi"] > 0.5
    assert marks.chances(("xyz",), 0) == {"xyz": 1.0}


def test_the_question_names_what_the_nearest_offer_does() -> None:
    found = MATCHER.search(
        Wanted("gỗ keo xẻ ra phơi ngoài sân cứ nứt toác, làm cho khô đều không vênh", province_code="20")
    )
    assert found.decision is not Decision.NONE
    if found.decision is Decision.ASK:
        assert "gỗ keo" in str(found.ask)


def test_slips_reach_the_story() -> None:
    words = message_words("cá nỗi đầu lúc gần sáng, thiếu ô xi", READER._speller)
    assert "sục khí" in list(taught().heard((words, CONCEPTS.read(words))))[:3]
