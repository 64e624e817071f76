"""Every reason and every doubt is true of both records; no limit is missed without being told."""

import re
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.offer import TRANSFER_MODES, Offer, readiness_words
from knowledge.library import load
from matching.concepts import Concepts, Relation
from matching.engine import Matcher
from matching.reasons import said_price, said_size
from matching.wanted import Match, Wanted

MATCHER: Matcher[int] = Matcher(load())
CONCEPTS = Concepts(load().terms, load().technology)
PRODUCTS = ("hoa hồi", "na", "hoa quả", "nông sản", "măng", "tinh dầu hồi", "gỗ keo", "nước thải sinh hoạt", "lợn")
STEPS = ("sấy", "sấy bơm nhiệt", "sấy lạnh", "bảo quản lạnh", "bảo quản", "chưng cất", "xử lý nước thải", "đóng gói")
KG = {"kg": 1, "tạ": 100, "tấn": 1000}
NORTH = {"4", "8", "11", "12", "14", "15", "19", "20", "24", "25"}

sizes = st.builds(
    lambda low, more, unit, per: {"min": low, "max": low + more, "unit": f"{unit}/{per}" if per else unit},
    st.integers(1, 900), st.integers(0, 900), st.sampled_from(sorted(KG)), st.sampled_from(["mẻ", "giờ", "ngày", ""]),
)  # fmt: skip
asked_sizes = st.builds(
    lambda value, unit, per: {"value": value, "unit": unit, "per": per or None},
    st.integers(1, 2000), st.sampled_from([*sorted(KG), "lít"]), st.sampled_from(["mẻ", "giờ", "ngày", ""]),
)  # fmt: skip
prices = st.builds(lambda low, more: {"min": low, "max": low + more}, st.integers(5, 900), st.integers(0, 900))
budgets = st.one_of(
    st.builds(lambda most: {"min": None, "max": most * 10**6}, st.integers(5, 2000)),
    st.builds(lambda value: {"min": value * 10**6, "max": value * 10**6}, st.integers(5, 2000)),
    st.builds(lambda least: {"min": least * 10**6, "max": None}, st.integers(5, 2000)),
)
nothing: st.SearchStrategy[dict[str, Any]] = st.just({})
offers = st.builds(
    lambda products, steps, size, price, serves, trl, modes, power: Offer(
        "Z", f"{steps[0].capitalize()} {products[0]}", f"Thiết bị tốt{power}.", None, products, steps, trl, modes, price, size,
        "mẫu", None, "1", serves,
    ),
    st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=3, unique=True).map(tuple),
    st.lists(st.sampled_from(STEPS), min_size=1, max_size=2, unique=True).map(tuple),
    st.one_of(nothing, sizes), st.one_of(nothing, prices), st.sampled_from(["all", "north", "20,4", "68"]),
    st.one_of(st.none(), st.integers(1, 9)), st.lists(st.sampled_from(sorted(TRANSFER_MODES)), max_size=3, unique=True).map(tuple),
    st.sampled_from(["", ", điện 3 pha", ", điện 1 pha"]),
)  # fmt: skip
needs = st.builds(
    lambda product, step, size, budget, place, extra: Wanted(
        f"cần {step} {product}{extra}", (product,), (step,), size, budget, place
    ),
    st.sampled_from(PRODUCTS), st.sampled_from(STEPS), st.one_of(nothing, asked_sizes), st.one_of(nothing, budgets),
    st.sampled_from(["20", "68", None]),
    st.sampled_from(["", ", đã bán trên thị trường, không nhận mẫu thử", ", điện 1 pha", ", chỉ thuê dịch vụ", ", muốn mua li-xăng"]),
)  # fmt: skip


def stated(kind: str, terms: tuple[str, ...], text: str) -> set[str]:
    """The concepts of listed terms with those the text itself names ("nước thải" in "xử lý nước thải na")."""
    named = {CONCEPTS.concept(kind, term) for term in (*PRODUCTS, "nước thải", "nước thải lợn") if term in text.lower()}
    return {CONCEPTS.concept(kind, term) for term in terms} | (named if kind == "product" else set())


def said(need: Wanted) -> tuple[str, ...]:
    """The steps that a need asks for: the text is more exact than the list where it says what is dried."""
    return ("sấy gỗ",) if "sấy gỗ" in need.text else need.processes


def related(kind: str, wanted: tuple[str, ...], term: str) -> Relation:
    """How a term that was told stands to the closest that was asked for."""
    right = CONCEPTS.concept(kind, term)
    return max(CONCEPTS.relation(kind, CONCEPTS.concept(kind, left), right) for left in wanted)


def serves_place(offer: Offer, code: str) -> bool:
    if offer.serves == "all":
        return True
    return code in (NORTH if offer.serves == "north" else set(offer.serves.split(",")))


def in_kg(row: dict[str, Any]) -> tuple[float, float, str] | None:
    unit, _, per = str(row.get("unit") or "").partition("/")
    per = row.get("per") or per
    if unit not in KG:
        return None
    low = row.get("value", row.get("min"))
    high = row.get("value", row.get("max"))
    return low * KG[unit], high * KG[unit], per


def check_reason(reason: str, need: Wanted, offer: Offer) -> None:
    if found := re.fullmatch(r"làm được khâu (.+)", reason):
        listed = {CONCEPTS.concept("process", step) for step in offer.processes}
        assert found[1] in listed | ({"sấy gỗ"} if "sấy gỗ" in offer.title.lower() else set())
        assert related("process", said(need), found[1]) >= Relation.NARROWER
    elif found := re.fullmatch(r"dùng cho (.+?)(?:, gần với (.+))?", reason):
        assert found[1] in stated("product", offer.products, offer.title)
        wanted = tuple(stated("product", need.products, need.text))
        assert related("product", wanted, found[1]) >= (Relation.MADE_FROM if found[2] else Relation.BROADER)
    elif reason.startswith("công suất "):
        assert reason == f"công suất {said_size(offer.capacity)}, anh/chị cần {said_size(need.capacity)}"
        here, there = in_kg(need.capacity), in_kg(offer.capacity)
        assert here is not None and there is not None and here[2] == there[2]
        assert there[0] <= here[1] * 1.03 and here[0] <= there[1] * 1.03
    elif reason.startswith("giá "):
        assert said_price(offer) in reason
        most = need.budget["max"]
        assert most is None or offer.price_million_vnd["min"] * 1e6 <= most * 1.03
    elif reason == "phục vụ tỉnh của anh/chị":
        assert need.province_code is not None and serves_place(offer, need.province_code)
    elif reason.startswith("công nghệ "):
        assert offer.trl is not None and offer.trl >= 8 and readiness_words(offer.trl) in reason
    elif reason.startswith("có hình thức "):
        assert any(reason.endswith(TRANSFER_MODES[mode]) for mode in offer.transfer_modes)
    elif reason.startswith("chạy điện "):
        assert "1 pha" in offer.summary
    else:
        raise AssertionError(f"a reason nobody knows: {reason}")


def check_doubt(doubt: str, need: Wanted, offer: Offer) -> None:
    if doubt.startswith("công suất "):
        here, there = in_kg(need.capacity), in_kg(offer.capacity)
        assert here is not None and there is not None
        assert said_size(offer.capacity) in doubt and said_size(need.capacity) in doubt
        if here[2] == there[2]:
            assert here[0] > there[1] or here[1] < there[0]
    elif doubt == "chưa rõ công suất":
        assert not offer.capacity and need.capacity
    elif doubt.startswith("anh/chị nêu "):
        assert said_size(offer.capacity) in doubt and said_size(need.capacity) in doubt
    elif doubt.startswith("giá "):
        assert offer.price_million_vnd["min"] * 1e6 > need.budget["max"]
    elif doubt == "chưa rõ giá":
        assert not offer.price_million_vnd and need.budget
    elif doubt.startswith("nơi cung cấp chưa nhận phục vụ"):
        assert need.province_code is not None and not serves_place(offer, need.province_code)
    elif doubt.startswith("công nghệ "):
        assert offer.trl is not None and offer.trl < 8
    elif doubt == "chưa rõ công nghệ đã bán hay chưa":
        assert offer.trl is None
    elif doubt.startswith("hình thức nêu là "):
        wanted = {"DV"} if "thuê" in need.text else {"LIX"}
        assert not wanted & set(offer.transfer_modes) and offer.transfer_modes
    elif doubt.startswith("chưa rõ có "):
        assert not offer.transfer_modes
    elif doubt == "máy cần điện 3 pha, chưa biết chỗ anh/chị có":
        assert "pha" not in need.text and "3 pha" in offer.summary
    elif doubt in ("chưa rõ dùng điện 1 pha hay 3 pha", "cần điện 3 pha"):
        assert "1 pha" in need.text and ("pha" not in offer.summary) == doubt.startswith("chưa")
    elif found := re.fullmatch(r"nơi cung cấp nêu (.+?)(?: nói chung)?, cần hỏi thêm về (.+)", doubt):
        assert found[1] in stated("product", offer.products, offer.title) | stated(
            "process", offer.processes, offer.title
        )
        assert found[2] in stated("product", need.products, need.text) | stated("process", said(need), need.text)
    elif found := re.fullmatch(r"nơi cung cấp làm (.+), không phải (.+)", doubt):
        assert related("process", said(need), found[1]) in (Relation.SIBLING, Relation.NEAR)
    elif doubt.startswith("nơi cung cấp không nêu khâu "):
        assert all(related("process", said(need), step) is Relation.UNRELATED for step in offer.processes)
    else:
        raise AssertionError(f"a doubt nobody knows: {doubt}")


@settings(deadline=None, max_examples=400)
@given(needs, offers)
def test_each_is_true_of_both(need: Wanted, offer: Offer) -> None:
    match = MATCHER.explain(need, offer)
    for reason in match.because:
        check_reason(reason, need, offer)
    for doubt in match.doubts:
        check_doubt(doubt, need, offer)


@settings(deadline=None, max_examples=300)
@given(needs, offers)
def test_no_limit_is_missed_untold(need: Wanted, offer: Offer) -> None:
    match: Match = MATCHER.explain(need, offer)
    told = " ".join(match.doubts)
    most = need.budget.get("max")
    least = offer.price_million_vnd.get("min")
    if most is not None and least is not None and least * 1e6 > most * 1.03:
        assert "cao hơn" in told
        assert not match.shown or least * 1e6 <= most * 2.05
    here, there = in_kg(need.capacity) if need.capacity else None, in_kg(offer.capacity) if offer.capacity else None
    if here and there and here[2] == there[2] and (here[0] > there[1] * 1.03 or here[1] * 1.03 < there[0]):
        assert "khác mức" in told
        assert not match.shown or (here[0] <= there[1] * 2.05 and there[0] <= here[1] * 2.05)
    if need.province_code is not None and not serves_place(offer, need.province_code):
        assert not match.shown


@settings(deadline=None, max_examples=150)
@given(needs, offers)
def test_fitting_more_is_never_worth_less(need: Wanted, offer: Offer) -> None:
    match = MATCHER.explain(need, offer)
    freer = MATCHER.explain(replace(need, budget={}, capacity={}), offer)
    if any(doubt.startswith(("giá ", "công suất ")) for doubt in match.doubts) and not any(
        reason.startswith(("giá ", "công suất ")) for reason in match.because
    ):
        assert match.score <= freer.score + 1e-6
