"""Every commune, ward, former unit and province, in the ways people name them."""

from typing import Any

import pytest

from bot.wiring import places
from domain.text import fold
from knowledge.library import load
from tests.domain.tables import bare

HOME = load().places
UNITS = [row["name"] for row in HOME["units"]]
DISTRICTS = sorted({former["district"] for row in HOME["units"] for former in row["formed_from"]})
OLD = sorted({(former["name"], former["district"]) for row in HOME["units"] for former in row["formed_from"]})
PROVINCES = [(name, row["name"]) for row in load().provinces["provinces"] for name in row["merged_from"]]


def now(name: str, district: str) -> list[str]:
    """The present units that a former unit has become."""
    return [
        row["name"][0].lower() + row["name"][1:]
        for row in HOME["units"]
        for former in row["formed_from"]
        if (former["name"], former["district"]) == (name, district)
    ]


def small(name: str) -> str:
    """ "Xã Chi Lăng" as "xã Chi Lăng"."""
    return name[0].lower() + name[1:]


@pytest.mark.parametrize("name", UNITS)
def test_present_units_by_type_and_name(name: str) -> None:
    for text in (f"em ở {small(name)}", bare(f"em ở {small(name)}"), fold(f"nhà em ở {name} làm hồi, cần máy sấy")):
        assert places().find(text) == {"province": "Lạng Sơn", "unit": small(name)}, text


def test_a_name_with_its_marks_is_no_other() -> None:
    assert places().find("xã Tân Thanh") == {"province": "Lạng Sơn", "unit": "xã Hoàng Văn Thụ", "old": "xã Tân Thanh"}
    assert places().find("xa tan thanh") == {"province": "Lạng Sơn", "unit": "xã Tân Thành"}


@pytest.mark.parametrize(("name", "district"), OLD)
def test_former_units_with_their_district(name: str, district: str) -> None:
    units = now(name, district)
    for text in (f"{small(name)}, {small(district)}", bare(f"o {small(name)} {small(district)} cu")):
        found = places().find(text)
        assert found is not None, text
        assert found["province"] == "Lạng Sơn"
        assert found.get("unit") in units or set(found.get("ambiguous", ())) == set(units), text


@pytest.mark.parametrize("district", DISTRICTS)
def test_former_districts(district: str) -> None:
    kind, name = small(district).split(" ", 1) if district.startswith("Huyện") else ("thành phố", district[10:])
    assert places().find(f"nhà em ở {kind} {name}") == {"province": "Lạng Sơn", "old": f"{kind} {name}"}
    if kind == "huyện":
        wanted = {"province": "Lạng Sơn", "ambiguous": [f"xã {name}", f"huyện {name} (cũ)"]}
        for text in (f"ở {name}", bare(f"em o {name}"), name):
            assert places().find(text) == wanted, text


@pytest.mark.parametrize(("name", "present"), PROVINCES)
def test_provinces(name: str, present: str) -> None:
    wanted = {"province": present} | ({"old": name} if name != present else {})
    for text in (f"bên em ở tỉnh {name}", bare(f"ben em o tinh {name}")):
        assert places().find(text) == wanted, text


SAID: dict[str, dict[str, Any] | None] = {
    "e o yen khoai loc binh": {"province": "Lạng Sơn", "unit": "xã Mẫu Sơn", "old": "xã Yên Khoái"},
    "Mẫu Sơn, Cao Lộc": {"province": "Lạng Sơn", "unit": "xã Ba Sơn", "old": "xã Mẫu Sơn"},
    "xã Mẫu Sơn": {"province": "Lạng Sơn", "unit": "xã Mẫu Sơn"},
    "thị trấn Đồng Mỏ": {"province": "Lạng Sơn", "unit": "xã Chi Lăng", "old": "thị trấn Đồng Mỏ"},
    "phường Chi Lăng cũ": {"province": "Lạng Sơn", "unit": "phường Lương Văn Tri", "old": "phường Chi Lăng"},
    "ở Hà Giang cũ": {"province": "Tuyên Quang", "old": "Hà Giang"},
    "em ở HN": {"province": "Hà Nội"},
    "o tphcm": {"province": "Hồ Chí Minh"},
    "ở Bắc Cạn": {"province": "Thái Nguyên", "old": "Bắc Kạn"},
    "xã Tân Tiến, Bắc Giang": {"province": "Bắc Ninh", "old": "Bắc Giang"},
    "tp Lạng Sơn": {"province": "Lạng Sơn", "old": "thành phố Lạng Sơn"},
    "Lạng Sơn": {"province": "Lạng Sơn"},
    "chè Thái Nguyên ngon": None,
    "muốn bán xuống Hà Nội": None,
    "thị trường Hải Phòng": None,
    "Đồng ý": None,
    "đồng ý lưu phiếu": None,
    "thống nhất vậy nhé": None,
    "hop tac xa doan ket": None,
    "son la loai gi tot": None,
    "làm vườn thanh long": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "location"), SAID.items())
def test_location(text: str, location: dict[str, Any] | None) -> None:
    assert places().find(text) == location
