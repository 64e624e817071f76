"""Entities of one message in the shapes of the contract."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.wiring import places
from config.settings import HOME
from domain.text import clean
from knowledge.library import load
from nlu.entities import read_entities
from nlu.score import items, score
from nlu.terms import Terms
from tests.domain.tables import bare

TODAY = date(2026, 11, 24)
TERMS = Terms(load().terms, load().teencode)
AS_TYPED = ("company", "contact_name", "deadline_raw")


def read(text: str) -> dict[str, Any]:
    return read_entities(clean(text), TODAY, places(), TERMS)


def rows(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(text, gold) of a file of golden statements, all said on TODAY."""
    held = yaml.safe_load((HOME / "tests" / "golden" / name).read_text(encoding="utf-8"))
    assert held["said_on"] == TODAY
    return ((row["text"], row["gold"]) for row in held["rows"])


@pytest.mark.parametrize(("name", "least", "least_bare"), [("entities.yaml", 0.97, 0.96), ("needs.yaml", 0.95, 0.94)])
def test_golden_statements(name: str, least: float, least_bare: float) -> None:
    """Micro-F1 over all slots, as written and without diacritics."""
    marked = score((gold, read(text)) for text, gold in rows(name))
    plain = score((_bare(gold), read(bare(text))) for text, gold in rows(name))
    assert marked.messages >= 80
    assert marked.f1 >= least, marked.as_json()
    assert plain.f1 >= least_bare, plain.as_json()


def _bare(gold: dict[str, Any]) -> dict[str, Any]:
    return {slot: bare(value) if slot in AS_TYPED else value for slot, value in gold.items()}


SAID: dict[str, dict[str, Any]] = {
    "nha em lam hoi kho hay bi moc, can may say tam 300tr": {
        "product": "hoa hồi", "process": "sấy", "budget": {"min": 300000000, "max": 300000000}},
    "xã Chi Lăng": {"location": {"province": "Lạng Sơn", "unit": "xã Chi Lăng"}},
    "Chi Lăng": {"location": {"province": "Lạng Sơn", "ambiguous": ["xã Chi Lăng", "huyện Chi Lăng (cũ)"]}},
    "Mai, 0912 345 678": {"phone": "+84912345678", "contact_name": "Mai"},
    "chị Hoa sđt o912345678": {"phone": "+84912345678", "contact_name": "Hoa"},
    "cho chị 2 suất hội thảo 16/12": {"date": "2026-12-16", "head_count": 2},
    "trái cây": {"product": "hoa quả"},
    "thịt heo": {"product": "thịt lợn"},
    "cho em hỏi chút": {},
    "cho em hoi chut": {},
    "Đồng ý": {},
    "đúng rồi": {},
    "dạ không ạ": {},
    "da khong a": {},
    "chưa biết": {},
    "thôi để sau": {},
    "1": {},
    "ok em": {},
    "tôi muốn gặp cán bộ": {},
    "toi muon gap can bo": {},
    "xóa dữ liệu của tôi": {},
    "TRL là gì": {},
    "hội thảo sắp tới có gì": {},
    "máy bị dừng": {},
    "300 dung r": {},
}  # fmt: skip


@pytest.mark.parametrize(("text", "entities"), SAID.items())
def test_entities(text: str, entities: dict[str, Any]) -> None:
    assert read(text) == entities


CORRECTED: dict[str, dict[str, Any]] = {
    "à nhầm, 2 tấn chứ không phải 1 tấn": {"capacity": {"value": 2, "unit": "tấn", "per": None}},
    "không phải 20 tấn, 12 tấn thôi": {"capacity": {"value": 12, "unit": "tấn", "per": None}},
    "12 chứ không phải 20 tấn": {"capacity": {"value": 12, "unit": "tấn", "per": None}},
    "40 tấn năm\nà 45": {"capacity": {"value": 45, "unit": "tấn", "per": "năm"}},
    "20 tấn một năm à quên 15 tấn một năm": {"capacity": {"value": 15, "unit": "tấn", "per": "năm"}},
    "ko phải 300tr đâu, 200tr": {"budget": {"min": 200000000, "max": 200000000}},
    "sửa kinh phí từ 300 triệu xuống 250 triệu": {"budget": {"min": 250000000, "max": 250000000}},
    "đổi 300tr thành 200tr": {"budget": {"min": 200000000, "max": 200000000}},
    "không phải tháng 3 mà là tháng 5": {"deadline": "2027-05-01/2027-05-31"},
}


@pytest.mark.parametrize(("text", "entities"), CORRECTED.items())
def test_a_correction_leaves_only_the_new_value(text: str, entities: dict[str, Any]) -> None:
    for written in (text, bare(text)):
        assert read(written) == entities, written


def process(*terms: str) -> dict[str, Any]:
    return {"process": terms[0] if len(terms) == 1 else list(terms)}


def out(*rows: tuple[str, str]) -> dict[str, Any]:
    return {"negated": [{"slot": slot, "value": value} for slot, value in rows]}


RULED_OUT: dict[str, dict[str, Any]] = {
    "không cần máy sấy, cần kho lạnh": process("bảo quản lạnh") | out(("process", "sấy")),
    "không phải sấy lạnh mà sấy dẻo": process("sấy dẻo") | out(("process", "sấy lạnh")),
    "cần sấy dẻo chứ không phải sấy lạnh": process("sấy dẻo") | out(("process", "sấy lạnh")),
    "không cần máy nghiền hay máy băm, chỉ cần đóng gói": process("đóng gói")
    | out(("process", "nghiền"), ("process", "băm")),
    "thôi không cần máy sấy nữa": out(("process", "sấy")),
    "máy sấy thì thôi, cần đóng gói": process("đóng gói") | out(("process", "sấy")),
    "đừng gợi ý kho lạnh, em hỏi cấp đông": process("cấp đông") | out(("process", "bảo quản lạnh")),
    "không làm thạch đen nữa": out(("product", "thạch đen")),
    "không trồng cà phê, trồng mắc ca": {"product": "mắc ca"} | out(("product", "cà phê")),
    "trừ máy nghiền ra thì gì cũng được": out(("process", "nghiền")),
    "em không ở Cao Bằng, em ở xã Tri Lễ": {
        "location": {"province": "Lạng Sơn", "unit": "xã Tri Lễ"}} | out(("location", "Cao Bằng")),
    "không phải công ty, bên em là hợp tác xã": {"org_form": "hợp tác xã"} | out(("org_form", "công ty")),
    # no ruling out
    "không chỉ sấy mà còn đóng gói": process("sấy", "đóng gói"),
    "ngoài sấy ra còn đóng gói": process("sấy", "đóng gói"),
    "chưa có máy sấy": process("sấy"),
    "không có kho lạnh nên hỏng nhiều": process("bảo quản lạnh"),
    "không biết sấy kiểu gì": process("sấy"),
    "có máy sấy không": process("sấy"),
    "máy sấy dùng có bền không em": process("sấy"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "entities"), RULED_OUT.items())
def test_what_is_ruled_out(text: str, entities: dict[str, Any]) -> None:
    for written in (text, bare(text)) if "trừ" not in text else (text,):
        assert items(read(written)) == items(entities), written


def test_place_in_a_firm_name_is_no_place() -> None:
    found = read("HTX Quýt Bắc Sơn cần máy sấy")
    assert "location" not in found
    assert found["company"] == "HTX Quýt Bắc Sơn"


def test_a_burst_means_the_same_as_one_message() -> None:
    parts = ["chị làm miến dong", "ở Na Dương", "40 tấn năm", "muốn mua máy mới", "dưới 500tr"]
    assert read("\n".join(parts)) == read(", ".join(parts))


EVENTS: dict[str, dict[str, Any]] = {
    "đăng ký 3 suất hội thảo ngày 16/12 lúc 8h30": {"date": "2026-12-16", "time": "08:30", "head_count": 3},
    "cho em đi 2 người": {"head_count": 2},
    "tập huấn 2 giờ rưỡi chiều thứ năm tuần sau": {"date": "2026-12-03", "time": "14:30"},
    "lớp học lúc 7 giờ 15 sáng": {"time": "07:15"},
    "dự hội chợ ngày mai, 4 người": {"date": "2026-11-25", "head_count": 4},
    "xưởng em 12 người làm": {"org_size": {"employees": 12}},
    "máy chạy 8 giờ/ngày": {},
}


@pytest.mark.parametrize(("text", "entities"), EVENTS.items())
def test_gatherings(text: str, entities: dict[str, Any]) -> None:
    for written in (text, bare(text)):
        assert read(written) == entities, written


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    read(text)


PIECES = (
    "máy sấy|hoa hồi|na|300 triệu|20 tấn/năm|xã Chi Lăng|0912345678|tháng 3|không cần|à nhầm|HTX Hoa Ban|, |. |\n|dưới |"
    "từ |đến |1/3|MST 4900276631|chị Mai|trước Tết|5 người|hội thảo|không phải|2 | - |/|mỗi |năm "
).split("|")


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_any_mixture_is_read(pieces: list[str]) -> None:
    found = read(" ".join(pieces))
    ruled_out = {(row["slot"], row["value"]) for row in found.get("negated", ())}
    for slot in ("product", "process"):
        values = found.get(slot, [])
        assert not ruled_out & {(slot, value) for value in ([values] if isinstance(values, str) else values)}
    for key, shape in (("budget", {"min", "max"}), ("location", {"province", "unit", "old", "ambiguous"})):
        assert set(found.get(key, ())) <= shape
    if budget := found.get("budget"):
        assert budget["min"] is None or budget["max"] is None or budget["min"] <= budget["max"]


WORST = (
    "1 ",
    "300 triệu ",
    "na ",
    "xã ",
    "a",
    "công ty ",
    "không cần ",
    "09 ",
    "tháng 3 ",
    "/",
    "1/3 ",
    "từ ",
    "hồi na chè ",
)


@pytest.mark.parametrize("piece", WORST)
def test_the_longest_message_takes_no_more_than_its_share(piece: str) -> None:
    """Twice the length may take about twice the time, never four times; measured on the processor, best of three."""
    whole = (piece * 4096)[:4096]

    def took(text: str) -> float:
        best = 9.0
        for _ in range(3):
            begun = time.process_time()
            read_entities(text, TODAY, places(), TERMS)
            best = min(best, time.process_time() - begun)
        return best

    took(whole)
    assert took(whole) < 3.2 * took(whole[:2048]) + 0.02
