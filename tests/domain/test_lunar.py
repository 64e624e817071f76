"""The lunar calendar against published days."""

from datetime import date, timedelta

import pytest

from domain.lunar import day_of_month, months, solar, tet

# Mùng 1 Tết as the calendars of the country printed it.
TET = """2000-02-05 2001-01-24 2002-02-12 2003-02-01 2004-01-22 2005-02-09 2006-01-29 2007-02-17 2008-02-07 2009-01-26 2010-02-14
2011-02-03 2012-01-23 2013-02-10 2014-01-31 2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01
2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-02""".split()


def test_tet() -> None:
    assert [tet(int(day[:4])).isoformat() for day in TET] == TET


def test_tet_differs_from_the_chinese_new_year_where_the_zones_differ() -> None:
    assert [tet(year).isoformat() for year in (1968, 1985, 2007)] == ["1968-01-29", "1985-01-21", "2007-02-17"]


def test_feasts() -> None:
    assert solar(2026, 8, 15).isoformat() == "2026-09-25"  # Trung thu
    assert solar(2025, 3, 10).isoformat() == "2025-04-07"  # Giỗ Tổ
    assert solar(2024, 7, 15).isoformat() == "2024-08-18"  # Vu Lan
    assert solar(2026, 12, 23).isoformat() == "2027-01-30"  # ông Công ông Táo


def test_day_of_the_month() -> None:
    for text in TET:
        day = date.fromisoformat(text)
        assert [day_of_month(day + timedelta(days=step)) for step in (0, 1, 28)] == [1, 2, 29]
        assert day_of_month(day - timedelta(days=1)) in (29, 30)
    assert day_of_month(solar(2026, 8, 15)) == 15


@pytest.mark.parametrize("year", range(2000, 2060))
def test_lunar_months_are_whole(year: int) -> None:
    starts = [months(year)[month] for month in range(1, 13)]
    gaps = [(right - left).days for left, right in zip(starts, starts[1:], strict=False)]
    assert all(gap in (29, 30, 58, 59, 60) for gap in gaps)
