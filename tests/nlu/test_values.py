"""Short answers of yes and no as people type them."""

import pytest

from nlu.values import short_truth


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ký rồi", True), ("đã ký", True), ("da ky hop dong roi", True), ("mua xong rồi em ạ", True), ("vừa ký", True),
        ("chưa ký", False), ("chưa em ạ", False), ("không có", False), ("chua ky dau", False), ("vẫn chưa", False),
        ("chưa biết", None), ("không rõ lắm", None), ("chưa chắc", None), ("để hỏi lại", None), ("NATIF là gì", None), ("20 người", None),
    ],
)  # fmt: skip
def test_short_truth(text: str, meant: bool | None) -> None:
    assert short_truth(text) is meant
