"""Entities of one message in the shapes of the contract."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wiring import places
from knowledge.library import load
from nlu.entities import read_entities
from nlu.terms import Terms

TODAY = date(2026, 11, 24)
TERMS = Terms(load().terms, load().teencode)
SAID: dict[str, dict[str, Any]] = {
    "nha em lam hoi kho hay bi moc, can may say tam 300tr": {
        "product": "hoa hồi", "process": "sấy", "budget": {"min": 300000000, "max": 300000000}},
    "xã Chi Lăng": {"location": {"province": "Lạng Sơn", "unit": "xã Chi Lăng"}},
    "Chi Lăng": {"location": {"province": "Lạng Sơn", "ambiguous": ["xã Chi Lăng", "huyện Chi Lăng (cũ)"]}},
    "em o xa chi lang": {"location": {"province": "Lạng Sơn", "unit": "xã Chi Lăng"}},
    "thị trấn Đồng Mỏ": {"location": {"province": "Lạng Sơn", "unit": "xã Chi Lăng", "old": "thị trấn Đồng Mỏ"}},
    "nhà ở Bắc Giang": {"location": {"province": "Bắc Ninh", "old": "Bắc Giang"}},
    "Mai, 0912 345 678": {"phone": "+84912345678", "contact_name": "Mai"},
    "chị Hoa sđt o912345678": {"phone": "+84912345678", "contact_name": "Hoa"},
    "cho chị 2 suất hội thảo 16/12": {"date": "2026-12-16", "head_count": 2},
    "à nhầm, 2 tấn chứ không phải 1 tấn": {"capacity": {"value": 2, "unit": "tấn", "per": None}},
    "không cần máy sấy, cần kho lạnh": {
        "process": "bảo quản lạnh", "negated": [{"slot": "process", "value": "sấy"}]},
    "trái cây": {"product": "hoa quả"},
    "thịt heo": {"product": "thịt lợn"},
    "cho em hỏi chút": {},
    "cho em hoi chut": {},
}  # fmt: skip


@pytest.mark.parametrize(("text", "entities"), SAID.items())
def test_entities(text: str, entities: dict[str, Any]) -> None:
    assert read_entities(text, TODAY, places(), TERMS) == entities


def test_place_in_a_firm_name_is_no_place() -> None:
    found = read_entities("HTX Quýt Bắc Sơn cần máy sấy", TODAY, places(), TERMS)
    assert "location" not in found
    assert found["company"] == "HTX Quýt Bắc Sơn"


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    read_entities(text, TODAY, places(), TERMS)
