"""Products with processes: every name of the vocabulary, and words that only look like one."""

from typing import Any

import pytest

from domain.line import read_line
from domain.text import place_tone
from knowledge.library import load
from nlu.terms import Terms
from tests.domain.tables import bare

LEXICON = load().terms
TERMS = Terms(LEXICON, load().teencode)
LONG = [
    (kind, row["term"], name)
    for kind, key in (("product", "products"), ("process", "processes"))
    for row in LEXICON[key]
    for name in (row["term"], *row.get("also", ()))
    if len(name.split()) > 1
]


def terms(text: str) -> list[tuple[str, str]]:
    """What is found in a text, in its order."""
    return [(spot.kind, spot.term) for spot in TERMS.find(read_line(text))]


@pytest.mark.parametrize(("kind", "term", "name"), LONG)
def test_long_names(kind: str, term: str, name: str) -> None:
    assert (kind, term) in terms(f"nhà em {place_tone(name)}")


def test_no_name_means_two_things_of_a_kind() -> None:
    for kind in ("products", "processes"):
        seen: dict[str, str] = {}
        for row in LEXICON[kind]:
            for name in (row["term"], *row.get("also", ())):
                assert seen.setdefault(name, row["term"]) == row["term"], name


FOUND = {
    "trong moc nhi": ["mộc nhĩ"],
    "may hai hoa hoi": ["hoa hồi", "thu hoạch"],
    "bã hồi làm phân được không": ["bã hồi", "ủ phân"],
    "lam phan mem quan ly": ["phần mềm quản lý"],
    "máy rang xay cà phê": ["cà phê", "rang", "xay"],
    "máy sấy": ["sấy"],
    "kho mát": ["bảo quản lạnh"],
    "tủ mát": ["bảo quản lạnh"],
    "trái cây": ["hoa quả"],
    "thịt heo": ["thịt lợn"],
    "làm hồi khô": ["hoa hồi"],
    "hồi nhà em": ["hoa hồi"],
    "5 tạ hồng": ["hồng"],
    "na chín nhanh": ["na"],
    "sấy nấm": ["nấm", "sấy"],
    "mật ong": ["mật ong"],
    "chè ô long": ["chè ô long"],
    "hệ thống xử lý cho nước thải": ["nước thải", "xử lý nước thải"],
    "sấy măng bằng năng lượng mặt trời": ["măng", "sấy", "sấy năng lượng mặt trời"],
    "ép dầu sở": ["dầu sở", "ép dầu"],
    "máy băm với sấy": ["băm", "sấy"],
    "muốn xay bột": ["xay"],
    "may say thach den": ["sấy", "thạch đen"],
    "trong na o nha": ["na"],
    "lam mien dong": ["miến dong"],
    "thach dem": ["thạch đen"],
    "hoa hòi": ["hoa hồi"],
    "máy xấy": ["sấy"],
    "miến rong": ["miến dong"],
    "trưng cất tinh dầu": ["chưng cất", "tinh dầu"],
    "cam nha em": ["cam"],
    "say nam": ["nấm", "sấy"],
}  # fmt: skip
NOTHING = """
hồi trước
hồi phục
phản hồi
thu hồi
một hồi
màu hồng
hồng ngoại
na ná
nết na
bí mật
bảo mật
mật khẩu
chế độ
cơ chế
hội thảo
hỏi chút
cho em hỏi
vận hành
bảo hành
hành chính
tỷ lệ
liên lạc
cam kết
đào tạo
giấy phép
kính gửi
công nghệ
đề nghị
mặt bằng
mất mùa
may quá
ép giá
máy bay
đá bóng
lao động
hợp đồng
nhân viên
chị Hồng
anh Đào
chờ phản hồi của Sở
nam nay
sang nam
may cu hong
de toi xem
voi lai
cai nay la gi
mua duoc khong
con co gi nua
toi se goi lai
cho toi xin
da xong
ca nha
bo qua
"""


@pytest.mark.parametrize(("text", "found"), FOUND.items())
def test_found(text: str, found: list[str]) -> None:
    assert sorted(term for _, term in terms(text)) == sorted(found)


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_nothing(text: str) -> None:
    for form in (text, bare(text)):
        assert terms(form) == [], form


def test_places_of_terms() -> None:
    spots: list[Any] = TERMS.find(read_line("cần máy sấy lạnh cho hoa hồi"))
    assert [(spot.term, spot.at, spot.after) for spot in spots] == [("sấy lạnh", 1, 4), ("hoa hồi", 5, 7)]
