"""What does not fit is never called unclear, and what is unclear never said to be known."""

from handlers.words import doubt_words, reasons
from matching.wanted import Match

DEAR = "giá 500 triệu đồng, cao hơn mức dự kiến 300 triệu đồng"


def test_known_and_unknown_doubts_are_told_apart() -> None:
    assert doubt_words(["chưa rõ công suất", DEAR]) == f"Lưu ý: {DEAR}. Chưa rõ: công suất."
    assert doubt_words([DEAR]) == f"Lưu ý: {DEAR}."
    assert doubt_words([]) == ""


def test_a_doubt_is_told_before_a_reason() -> None:
    match = Match("A", 0.5, True, False, ("làm được khâu sấy", "dùng cho hoa hồi"), ("chưa rõ giá",))
    assert reasons(match) == "Hợp vì: làm được khâu sấy; dùng cho hoa hồi. Chưa rõ: giá."
    assert reasons(match, 45) == "Hợp vì: làm được khâu sấy. Chưa rõ: giá."
