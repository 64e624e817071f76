"""What an owner's words state of the enterprise; look-alike words state nothing."""

from datetime import date
from typing import Any

import pytest

from bot.wiring import profiles
from domain.enterprise import Form
from nlu.values import read_form

ON = date(2026, 12, 7)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("htx 35 thành viên", Form.COOPERATIVE),
        ("htx 9 thanh vien", Form.COOPERATIVE),
        ("công ty TNHH một thành viên, 6 nhân viên", Form.COMPANY),
        ("sinh viên chưa lập gì", None),
        ("em là sinh vien", None),
        ("bệnh viện huyện", None),
        ("viện nghiên cứu cây trồng", Form.INSTITUTE),
        ("ben toi la vien", Form.INSTITUTE),
        ("Học viện Nông nghiệp", Form.INSTITUTE),
    ],
)
def test_form(text: str, form: Form | None) -> None:
    assert read_form(text) is form


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("công ty em mở tháng 3 năm nay", {"founded": "2026-03"}),
        ("htx lập năm ngoái", {"founded": "2025"}),
        ("htx mở được 3 năm", {"founded": "2023"}),
        ("công ty 15 năm tuổi", {"founded": "2011"}),
        ("chị 45 tuổi, chủ hộ kinh doanh", {}),
        ("công ty 10 người ở Lộc Bình", {"employees": 10}),
        ("xuong nho 3 nguoi say mang", {"employees": 3}),
        ("công ty em đăng ký 3 người đi hội thảo", {}),
        ("gặp 2 người bên sở", {}),
    ],
)
def test_founding_and_staff(text: str, stated: dict[str, Any]) -> None:
    told = profiles().from_text(text, {}, ON)
    assert {key: told[key] for key in ("founded", "employees") if key in told} == stated
