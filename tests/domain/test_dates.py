"""Deadlines, the lunar calendar, business hours."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import find_periods, find_raw
from domain.lunar import months, tet
from domain.worktime import WorkTime

TODAY = date(2026, 11, 24)
PERIODS = {
    "trước tháng 6 năm sau": "../2027-05-31",
    "tháng 3": "2027-03-01/2027-03-31",
    "quý 2/2027": "2027-04-01/2027-06-30",
    "cuối năm": "2026-11-24/2026-12-31",
    "đầu năm sau": "2027-01-01/2027-03-31",
    "trước cuối năm": "../2026-12-31",
    "tuần sau": "2026-11-30/2026-12-06",
    "trong 3 tháng": "2026-11-24/2027-02-24",
    "3 tháng nữa": "2026-11-24/2027-02-24",
    "truoc tet": "../2027-02-05",
    "sau Tết": "2027-02-07/..",
    "rằm tháng 7": "2027-08-16/2027-08-16",
    "30/4": "2027-04-30/2027-04-30",
    "12/2026": "2026-12-01/2026-12-31",
    "đầu tháng 5": "2027-05-01/2027-05-10",
    "hạn 15/3/2027": "../2027-03-15",
    "từ tháng 3": "2027-03-01/..",
    "tháng 3-4": "2027-03-01/2027-04-30",
    "sang năm": "2027-01-01/2027-12-31",
    "ngày 5 tháng 3": "2027-03-05/2027-03-05",
    "tháng giêng": "2027-02-06/2027-03-07",
}


@pytest.mark.parametrize(("text", "period"), PERIODS.items())
def test_period(text: str, period: str) -> None:
    assert [str(found[0]) for found in find_periods(text, TODAY)] == [period]


@pytest.mark.parametrize("text", ["năm 2019", "20 tấn/năm", "năm ngoái", "trước vụ na", "càng sớm càng tốt", "3 tháng"])
def test_no_period(text: str) -> None:
    assert find_periods(text, TODAY) == []


def test_words_without_a_date_are_kept() -> None:
    assert find_raw("cần trước vụ na") == "trước vụ na"
    assert find_raw("càng sớm càng tốt ạ") == "càng sớm càng tốt"


def test_tet() -> None:
    assert [tet(year).isoformat() for year in (2023, 2024, 2025, 2026, 2027, 2028, 2030)] == [
        "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2030-02-02",
    ]  # fmt: skip


@pytest.mark.parametrize("year", range(2000, 2060))
def test_lunar_months_are_whole(year: int) -> None:
    starts = [months(year)[month] for month in range(1, 13)]
    gaps = [(right - left).days for left, right in zip(starts, starts[1:], strict=False)]
    assert all(gap in (29, 30, 58, 59, 60) for gap in gaps)


@given(st.text(max_size=60) | st.from_regex(r"(thang|ngay|quy|nam|tuan|mung|ram|[ /-]|\d{1,4}){0,8}", fullmatch=True))
def test_any_text_is_read(text: str) -> None:
    for period, start, end in find_periods(text, TODAY):
        assert 0 <= start < end
        assert period.start is None or period.end is None or period.start <= period.end


def test_promise_is_one_working_day() -> None:
    friday = datetime(2026, 12, 4, 3, 0, tzinfo=UTC)  # 10:00 in Việt Nam
    assert WorkTime().promise(friday) == datetime(2026, 12, 7, 3, 0, tzinfo=UTC)
