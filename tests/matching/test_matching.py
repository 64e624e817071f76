"""Needs meet offers: both directions agree, reasons are true, nothing unfit is shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.offer import Offer
from knowledge.library import load, read_offers
from matching.engine import Matcher
from matching.taxonomy import Relation, Taxonomy
from matching.wanted import Decision, Wanted
from storage.seed import offer_from

OFFERS = [offer_from(row) for row in read_offers()]
MATCHER = Matcher(load().terms)
MATCHER.load(OFFERS)
BY_ID = {offer.id: offer for offer in OFFERS}


def wanted(text: str, products: str = "", processes: str = "", **more: object) -> Wanted:
    def listed(value: str) -> tuple[str, ...]:
        return tuple(part for part in value.split(",") if part)

    return Wanted(text, listed(products), listed(processes), province_code="20", **more)  # type: ignore[arg-type]


def test_star_anise_dryer_is_found() -> None:
    found = MATCHER.search(wanted("can may say hoi tam 300tr", "hoa hồi", "sấy", budget={"min": 3e8, "max": 3e8}))
    assert found.decision is Decision.SHOW
    assert all("hoa hồi" in BY_ID[m.offer].products or m.doubts for m in found.matches if m.shown)
    assert found.matches[0].shown


@pytest.mark.parametrize(
    ("product", "process"), [("tôm thẻ", "nuôi tôm"), ("hoa hồi", "lò nung"), ("gốm sứ", "sấy thăng hoa")]
)
def test_nothing_unfit_is_shown(product: str, process: str) -> None:
    found = MATCHER.search(wanted(f"{process} {product}", product, process))
    assert not [m for m in found.matches if m.shown and product not in BY_ID[m.offer].products]


def test_too_dear_and_too_small_are_not_shown() -> None:
    offer = Offer("Z1", "Sấy hồi", products=("hoa hồi",), processes=("sấy",), price_million_vnd={"min": 900, "max": 900},
                  capacity={"min": 100, "max": 200, "unit": "kg/mẻ"})  # fmt: skip
    need = wanted("sấy hồi", "hoa hồi", "sấy")
    assert MATCHER.explain(need, offer).shown
    assert not MATCHER.explain(wanted("sấy hồi", "hoa hồi", "sấy", budget={"min": None, "max": 3e8}), offer).shown
    slightly = MATCHER.explain(wanted("sấy hồi", "hoa hồi", "sấy", budget={"min": None, "max": 8e8}), offer)
    assert slightly.shown
    assert any("cao hơn" in doubt for doubt in slightly.doubts)
    big = {"value": 2, "unit": "tấn", "per": "mẻ"}
    assert not MATCHER.explain(wanted("sấy hồi", "hoa hồi", "sấy", capacity=big), offer).shown
    MATCHER.drop("Z1")


def test_question_when_nothing_is_known() -> None:
    assert MATCHER.search(Wanted("em cần máy")).decision is Decision.ASK


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(OFFERS),
    st.sampled_from(OFFERS),
    st.sampled_from([{}, {"min": None, "max": 2e8}, {"min": 5e8, "max": None}]),
)
def test_both_directions_agree(left: Offer, right: Offer, budget: dict[str, float | None]) -> None:
    need = Wanted(left.title, left.products[:1], right.processes[:1], budget=budget, province_code="20")
    shown = {m.offer: m for m in MATCHER.search(need, limit=200).matches if m.shown}
    for offer in (left, right):
        told = dict(MATCHER.percolate(offer, [("need", need)]))
        assert (offer.id in shown) == ("need" in told)
        if told:
            assert told["need"] == shown[offer.id]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_text_is_searched(text: str) -> None:
    found = MATCHER.search(Wanted(text))
    assert all(0 <= m.score < 1 for m in found.matches)


def test_put_and_drop_leave_no_trace() -> None:
    need = wanted("kho lạnh cho na", "na", "bảo quản lạnh")
    before = MATCHER.search(need)
    MATCHER.put(Offer("Z9", "Kho lạnh cho na", products=("na",), processes=("bảo quản lạnh",)))
    assert MATCHER.search(need) != before
    MATCHER.drop("Z9")
    assert MATCHER.search(need) == before


def test_relations() -> None:
    taxonomy = Taxonomy(load().terms)
    assert taxonomy.relation("sấy", "sấy bơm nhiệt") is Relation.NARROWER
    assert taxonomy.relation("sấy bơm nhiệt", "sấy") is Relation.BROADER
    assert taxonomy.relation("na", "hoa quả") is Relation.BROADER
    assert taxonomy.relation("na", "na") is Relation.SAME
    assert taxonomy.relation("na", "gạch") is Relation.UNRELATED
