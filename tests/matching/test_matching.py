"""Needs meet offers: both directions agree, reasons are true, nothing unfit is shown."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.offer import Offer
from knowledge.library import load, read_offers
from matching.concepts import Concepts, Relation
from matching.engine import Matcher
from matching.wanted import Decision, Match, Wanted
from storage.seed import offer_from

OFFERS = [offer_from(row) for row in read_offers()]
MATCHER: Matcher[str] = Matcher(load())
MATCHER.load(OFFERS)
BY_ID = {offer.id: offer for offer in OFFERS}
CONCEPTS = Concepts(load().terms, load().technology)


def wanted(text: str, products: str = "", processes: str = "", **more: object) -> Wanted:
    def listed(value: str) -> tuple[str, ...]:
        return tuple(part for part in value.split(",") if part)

    return Wanted(text, listed(products), listed(processes), **{"province_code": "20", **more})  # type: ignore[arg-type]


def test_star_anise_dryer_is_found() -> None:
    found = MATCHER.search(wanted("can may say hoi tam 300tr", "hoa hồi", "sấy", budget={"min": 3e8, "max": 3e8}))
    assert found.decision is Decision.SHOW
    assert found.matches[0].offer == "O001"
    assert [m.offer for m in found.matches if m.shown] == ["O001"]


@pytest.mark.parametrize(
    ("product", "process"),
    [("tôm thẻ", "nuôi tôm"), ("hoa hồi", "lò nung"), ("gốm sứ", "sấy thăng hoa"), ("na", "sấy gỗ")],
)
def test_nothing_unfit_is_shown(product: str, process: str) -> None:
    found = MATCHER.search(wanted(f"cần {process} {product}", product, process))
    assert found.decision is not Decision.SHOW, [m for m in found.matches if m.shown]


def dryer(**changes: object) -> Offer:
    offer = Offer("Z1", "Máy sấy hồi", products=("hoa hồi",), processes=("sấy",), price_million_vnd={"min": 900, "max": 900},
                  capacity={"min": 100, "max": 200, "unit": "kg/mẻ"}, trl=9, transfer_modes=("BAN",))  # fmt: skip
    return replace(offer, **changes)  # type: ignore[arg-type]


NEED = wanted("cần máy sấy hồi", "hoa hồi", "sấy")


def test_limits_break_or_raise_doubts() -> None:
    assert MATCHER.explain(NEED, dryer()).shown
    assert not MATCHER.explain(replace(NEED, budget={"min": None, "max": 3e8}), dryer()).shown
    slightly = MATCHER.explain(replace(NEED, budget={"min": None, "max": 8e8}), dryer())
    assert slightly.shown
    assert any("cao hơn" in doubt for doubt in slightly.doubts)
    assert not MATCHER.explain(replace(NEED, capacity={"value": 2, "unit": "tấn", "per": "mẻ"}), dryer()).shown
    assert MATCHER.explain(replace(NEED, capacity={"value": 1.5, "unit": "tạ", "per": "mẻ"}), dryer()).doubts == ()
    assert not MATCHER.explain(replace(NEED, province_code="68"), dryer(serves="north")).shown
    ready = replace(NEED, text="cần máy sấy hồi đã bán trên thị trường, không nhận mẫu thử nghiệm")
    assert not MATCHER.explain(ready, dryer(trl=5)).shown
    assert not MATCHER.explain(replace(NEED, text="chỉ thuê dịch vụ sấy hồi, không mua"), dryer()).shown


def test_what_is_made_from_it_is_served_where_the_step_changes_things() -> None:
    rest = Offer("Z4", "Máy sấy bã hồi", products=("bã hồi",), processes=("sấy",))
    oil = Offer("Z5", "Nồi chưng cất tinh dầu hồi", products=("tinh dầu hồi",), processes=("chưng cất",))
    dry, still = (
        wanted("cần máy sấy hoa hồi", "hoa hồi", "sấy"),
        wanted("nồi chưng cất hoa hồi", "hoa hồi", "chưng cất"),
    )
    assert not MATCHER.explain(dry, rest).shown
    assert MATCHER.explain(still, oil).shown
    meat = Offer("Z6", "Buồng sấy thịt gác bếp", products=("thịt gác bếp",), processes=("sấy",))
    assert MATCHER.explain(wanted("sấy thịt trâu", "thịt trâu", "sấy"), meat).shown
    for need in (dry, still):
        MATCHER.put_need("need", need)
        for offer in (rest, oil, meat, dryer()):
            told = dict(MATCHER.percolate(offer))
            assert told.get("need", MATCHER.explain(need, offer)) == MATCHER.explain(need, offer)
            assert ("need" in told) == MATCHER.explain(need, offer).shown
        MATCHER.drop_need("need")


def test_the_right_thing_too_dear_comes_before_the_wrong_thing() -> None:
    matcher: Matcher[int] = Matcher(load())
    matcher.put(dryer(price_million_vnd={"min": 900, "max": 900}))
    matcher.put(Offer("Z7", "Máy phân loại hoa hồi", products=("hoa hồi",), processes=("phân loại",)))
    matches = matcher.search(replace(NEED, budget={"min": None, "max": 3e8})).matches
    assert [match.offer for match in matches] == ["Z1", "Z7"]
    assert not any(match.shown for match in matches)


def test_words_decide_where_terms_are_silent() -> None:
    odd = Offer("Z2", "Máy quấn lõi nam châm", products=("lõi nam châm",), processes=("quấn lõi",))
    assert MATCHER.explain(Wanted("xưởng cần máy quấn lõi nam châm"), odd).shown
    assert not MATCHER.explain(Wanted("xưởng cần máy quấn dây đồng"), odd).shown


def test_question_when_one_thing_is_missing() -> None:
    assert MATCHER.search(Wanted("em cần máy")).decision is Decision.ASK
    assert MATCHER.search(wanted("cần máy sấy", "", "sấy")).decision is Decision.ASK
    assert MATCHER.search(wanted("nhà em làm hồi", "hoa hồi")).decision is Decision.ASK


budgets = st.sampled_from([{}, {"min": None, "max": 2e8}, {"min": 5e8, "max": None}, {"min": 1e8, "max": 9e8}])
capacities = st.sampled_from(
    [{}, {"value": 400, "unit": "kg", "per": "mẻ"}, {"min": 1, "max": 3, "unit": "tấn", "per": "ngày"}]
)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(OFFERS), st.sampled_from(OFFERS), budgets, capacities, st.sampled_from(["20", "68", None]))
def test_both_directions_agree(
    left: Offer, right: Offer, budget: dict[str, float], size: dict[str, object], at: str | None
) -> None:
    need = Wanted(left.title, left.products[:2], right.processes[:2], size, budget, at)
    MATCHER.put_need("need", need)
    shown = {m.offer: m for m in MATCHER.search(need, limit=200).matches if m.shown}
    for offer in OFFERS:
        told = dict(MATCHER.percolate(offer))
        assert ("need" in told) == (offer.id in shown), offer.id
        if told:
            assert told["need"] == shown[offer.id]
            assert told["need"] == MATCHER.explain(need, offer)
    MATCHER.drop_need("need")


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_text_is_searched(text: str) -> None:
    found = MATCHER.search(Wanted(text))
    assert all(0 <= m.score < 1 for m in found.matches)
    assert [m.score for m in found.matches] == sorted((m.score for m in found.matches), reverse=True)


def test_put_and_drop_leave_no_trace() -> None:
    need = wanted("kho lạnh cho na", "na", "bảo quản lạnh")
    before = MATCHER.search(need)
    MATCHER.put(Offer("Z9", "Kho lạnh cho na", products=("na",), processes=("bảo quản lạnh",)))
    assert MATCHER.search(need) != before
    MATCHER.drop("Z9")
    assert MATCHER.search(need) == before


def test_worn_rows_are_laid_anew() -> None:
    fresh: Matcher[int] = Matcher(load())
    for turn in range(700):
        fresh.put(dryer(summary=f"bản {turn}"))
        fresh.put_need(1, replace(NEED, text=f"cần máy sấy hồi {turn}"))
    assert (fresh.offers, fresh.needs) == (1, 1)
    assert [key for key, _ in fresh.percolate(dryer())] == [1]
    assert [m.offer for m in fresh.search(NEED).matches] == ["Z1"]


@pytest.mark.parametrize(
    ("kind", "left", "right", "relation"),
    [
        ("process", "sấy", "sấy bơm nhiệt", Relation.NARROWER),
        ("process", "sấy bơm nhiệt", "sấy", Relation.BROADER),
        ("process", "sấy lạnh", "sấy bơm nhiệt", Relation.SIBLING),
        ("process", "bảo quản", "kho lạnh", Relation.NARROWER),
        ("product", "na", "hoa quả", Relation.BROADER),
        ("product", "na", "mãng cầu", Relation.SAME),
        ("product", "anethol", "tinh dầu hồi", Relation.MADE_FROM),
        ("product", "na", "gạch không nung", Relation.UNRELATED),
        ("product", "gỗ lim lạ", "gỗ", Relation.BROADER),
    ],
)
def test_relations(kind: str, left: str, right: str, relation: Relation) -> None:
    assert CONCEPTS.relation(kind, CONCEPTS.concept(kind, left), CONCEPTS.concept(kind, right)) is relation


def test_better_limits_never_lower_the_score() -> None:
    """The scale is monotone: what fits more is never worth less."""
    worse: Match = MATCHER.explain(replace(NEED, budget={"min": None, "max": 5e8}), dryer())
    better = MATCHER.explain(replace(NEED, budget={"min": None, "max": 9e8}), dryer())
    assert worse.score < better.score
