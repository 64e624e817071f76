"""Telephone numbers, tax codes, firms, names."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.line import read_line
from nlu.firms import firms_in, form_in
from nlu.identity import phone_in, phone_number, tax_code_in, valid_tax_code
from nlu.people import contact_in
from tests.domain.tables import bare

PHONES = {
    "0912345678": "+84912345678",
    "0912 345 678": "+84912345678",
    "0912.345.678": "+84912345678",
    "0912-345-678": "+84912345678",
    "09 12 34 56 78": "+84912345678",
    "0 9 1 2 3 4 5 6 7 8": "+84912345678",
    "+84912345678": "+84912345678",
    "+84 912 345 678": "+84912345678",
    "(+84) 912345678": "+84912345678",
    "84912345678": "+84912345678",
    "0084912345678": "+84912345678",
    "+84 0912345678": "+84912345678",
    "o912345678": "+84912345678",
    "O9l2 345 678": "+84912345678",
    "0912 345 67o": "+84912345670",
    "o9I2345678": "+84912345678",
    "0205 3812 999": "+842053812999",
    "0205.3812.999": "+842053812999",
    "(0205) 3812999": "+842053812999",
    "02438222333": "+842438222333",
    "sđt 912345678": "+84912345678",
    "gọi 0383.556.778 nhé": "+84383556778",
    "tổng 300 triệu, sđt 0912345678": "+84912345678",
    "số không chín ba sáu không không không bốn một tám": "+84936000418",
    "so khong chin tam ba khong khong khong bon bon sau": "+84983000446",
    "Hứa Văn Chẩn 0386 000 951 đồng ý lưu": "+84386000951",
}  # fmt: skip
NO_PHONES = (
    "300.000.000 đồng", "0,5 tỷ", "1900 1234", "091234567", "09123456789012", "4900123456", "MST 0101234567", "kinh phí 0912345678 đồng",
    "2027-02-06", "1.200.000.000", "020185001234",
)  # fmt: skip
TAX_CODES = {
    "MST 4900276631": "4900276631",
    "mã số thuế: 4900276631": "4900276631",
    "ma so thue la 4900 276 631": "4900276631",
    "mst 49oo27663l": "4900276631",
    "MST 4900276631-001": "4900276631-001",
    "mst 4900276631 - 001": "4900276631-001",
    "mã số hộ kinh doanh em là 020185001234": "020185001234",
    "mã số thuế cá nhân 020185001234": "020185001234",
}  # fmt: skip
FIRMS = {
    "HTX Quýt Bắc Sơn cần máy sấy": "HTX Quýt Bắc Sơn",
    "Công ty TNHH MTV Chè Thái Bình có nhu cầu": "Công ty TNHH MTV Chè Thái Bình",
    "Công ty Cổ phần Thuốc lá Bắc Sơn, vốn 20 tỷ": "Công ty Cổ phần Thuốc lá Bắc Sơn",
    "Công ty CP Đầu tư & Phát triển Nông Lâm nghiệp Xứ Lạng ở phường Kỳ Lừa": "Công ty CP Đầu tư & Phát triển Nông Lâm nghiệp Xứ Lạng",
    "cty tnhh hoàng long cần mua": "cty tnhh hoàng long",
    "htx tên là xuân mai, ở xã Tri Lễ": "htx tên là xuân mai",
    "Hộ kinh doanh Bế Văn Sơn, phường Kỳ Lừa": "Hộ kinh doanh Bế Văn Sơn",
    "Doanh nghiệp tư nhân Minh Hòa": "Doanh nghiệp tư nhân Minh Hòa",
    "Công ty TNHH 27-7 Lạng Sơn cần": "Công ty TNHH 27-7 Lạng Sơn",
    "CÔNG TY TNHH HOÀNG LONG CẦN MUA MÁY": "CÔNG TY TNHH HOÀNG LONG",
    "HTX trồng na cần máy": None,
    "công ty nào bán máy sấy": None,
    "Công ty chúng tôi cần máy": None,
    "HTX Cần mua máy sấy": None,
    "công ty xuất khẩu tinh dầu hồi tìm công nghệ": None,
}  # fmt: skip
FORMS: dict[str, str | None] = {
    "bên em là htx": "hợp tác xã",
    "cty e 12 người": "công ty",
    "Công ty TNHH Hoàng Long": "công ty",
    "nhà em là hộ kinh doanh": "hộ kinh doanh",
    "hkd nhà chị": "hộ kinh doanh",
    "tổ hợp tác 8 hộ": "tổ hợp tác",
    "doanh nghiệp em": "doanh nghiệp",
    "DNTN Minh Hòa": "doanh nghiệp",
    "công ty nào bán máy": None,
    "các doanh nghiệp khác": None,
    "bán cho công ty": None,
    "hộ gia đình": None,
    "hội nông dân": None,
}
NAMES: dict[str, str | None] = {
    "Mai, 0912 345 678": "Mai",
    "chị Hoa sđt o912345678": "Hoa",
    "Mình là Hoàng Văn Nam, số 0987.654.321": "Hoàng Văn Nam",
    "liên hệ chị Thảo 0912345670 nhé": "Thảo",
    "sđt +84 38 777 6655 tên Hà": "Hà",
    "0912345678 Mai HTX Xuân Dương": "Mai",
    "0912345678 (chị Nga)": "Nga",
    "Nguyễn Thị Hạnh - 0397778899": "Nguyễn Thị Hạnh",
    "nguyễn thị hạnh 0397778899": "nguyễn thị hạnh",
    "em tên Đức ạ": "Đức",
    "tôi tên là Lý Văn Phúc": "Lý Văn Phúc",
    "họ tên: Trần Quang Huy": "Trần Quang Huy",
    "gọi anh Lộc 0333 222 111": "Lộc",
    "chi hoa 0912345678": "hoa",
    "Người liên hệ: Bà Hoàng Thị Lan, 0978 111 222": "Hoàng Thị Lan",
    "cần máy sấy, 0912345678": None,
    "tôi là giám đốc công ty": None,
    "em là hộ kinh doanh": None,
}


def taken(line: Any) -> bytearray:
    return bytearray(line.size + 1)


@pytest.mark.parametrize(("text", "phone"), PHONES.items())
def test_phone(text: str, phone: str) -> None:
    line = read_line(text)
    found = phone_in(line, taken(line))
    assert found is not None
    assert found[0] == phone


@pytest.mark.parametrize("text", NO_PHONES)
def test_no_phone(text: str) -> None:
    line = read_line(text)
    marks = taken(line)
    assert tax_code_in(line, marks) or phone_in(line, marks) is None


@given(
    st.from_regex(r"0[35789][0-9]{8}", fullmatch=True),
    st.lists(st.sampled_from(("", " ", ".", "-")), min_size=9, max_size=9),
)
def test_any_mobile_number_in_any_groups(number: str, signs: list[str]) -> None:
    said = number[0] + "".join(sign + digit for sign, digit in zip(signs, number[1:], strict=True))
    assert phone_number(said) == "+84" + number[1:]
    line = read_line(f"gọi {said} nhé")
    found = phone_in(line, taken(line))
    assert found is not None
    assert found[0] == "+84" + number[1:]


@pytest.mark.parametrize(("text", "code"), TAX_CODES.items())
def test_tax_code(text: str, code: str) -> None:
    line = read_line(text)
    assert tax_code_in(line, taken(line)) == code


def test_check_digit() -> None:
    assert valid_tax_code("0100109106")  # as published by its owner, a state corporation
    assert not valid_tax_code("0100109107")
    assert valid_tax_code("0100109106-001")
    assert valid_tax_code("020185001234")
    assert not valid_tax_code("123")
    line = read_line("công ty 0100109106 đây")
    assert tax_code_in(line, taken(line)) == "0100109106"
    line = read_line("số 5100109107 đây")
    assert tax_code_in(line, taken(line)) is None


@pytest.mark.parametrize(("text", "name"), FIRMS.items())
def test_firm(text: str, name: str | None) -> None:
    assert next((firm.said for firm in firms_in(read_line(text))), None) == name


@pytest.mark.parametrize(("text", "form"), FORMS.items())
def test_form(text: str, form: str | None) -> None:
    for written in (text, bare(text)):
        assert form_in(read_line(written), frozenset()) == form, written


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_name(text: str, name: str | None) -> None:
    line = read_line(text)
    marks = taken(line)
    phone = phone_in(line, marks)
    for firm in firms_in(line):
        marks[firm.at : firm.after] = b"\1" * (firm.after - firm.at)
    assert contact_in(line, phone, marks) == name
