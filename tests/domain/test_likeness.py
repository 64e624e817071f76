"""How alike two texts are, what one adds, which places lie near."""

from domain.likeness import alike, days_named, numbers_added, share
from domain.places import distance, nearest


def test_share_is_of_runs_of_words() -> None:
    title = "Hội thảo công nghệ sấy lạnh cho hoa hồi"
    assert share(title, "kính mời dự HOI THAO cong nghe say lanh cho hoa hoi, 8h") == 1.0
    assert share(title, "hoa hồi cho lạnh sấy nghệ công thảo hội") < 0.2, "the same words in another order"
    assert share(title, "") == 0.0
    assert share("", "x") == 0.0


def test_numbers_and_links_that_were_added() -> None:
    source = "Liên hệ 0205 3812 345 hoặc https://so.langson.gov.vn/hoithao"
    assert numbers_added("gọi 02053812345, https://so.langson.gov.vn/hoithao", source) == []
    assert numbers_added("gọi 0912.345.678", source) == ["0912.345.678"]
    assert numbers_added("vào bit.ly/abc123 nhé", source) == ["bit.ly/abc123"]
    assert numbers_added("200 triệu, 16/12/2026, 8h00", source) == []


def test_days() -> None:
    assert days_named("8h ngày 16/12/2026, hạn 5.1") == {(16, 12), (5, 1)}
    assert days_named("ngày 16 tháng 12 năm 2026") == {(16, 12)}
    assert days_named("TT 200/2014/TT-BTC") == set()


def test_nearest_place() -> None:
    towns = {"A": (21.85, 106.76), "B": (21.90, 106.76), "C": (21.86, 106.80)}
    assert 5 < distance(towns["A"], towns["B"]) < 6
    assert nearest(towns, 21.851, 106.761, 3) == ["A"], "clearly the nearest"
    assert nearest(towns, 21.86, 106.78, 3)[:2] in (["A", "C"], ["C", "A"])
    assert nearest(towns, 10.0, 106.0, 3) == [], "too far from all"
    assert nearest(towns, 200.0, 106.0, 3) == []
    assert nearest({}, 21.85, 106.76, 3) == []


def test_alike_are_those_that_share_rare_words() -> None:
    texts = {
        "a": "quỹ bảo lãnh tín dụng của tỉnh cho vay thế nào",
        "b": "QUY BAO LANH tin dung của tỉnh cho ai vay",
        "c": "máy sấy của tỉnh cho ai thuê",
        "d": "giấy phép của tỉnh xin ở đâu",
    }
    assert alike(texts, 0.3) == [("a", "b")]
    assert alike(texts, 0.0)[0] == ("a", "b"), "the likest first"
    assert alike({}, 0.1) == alike({"a": "", "b": ""}, 0.1) == []
