"""The office's calendar: holidays of each year by the law, Tết among them; hours for messages to many."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.wiring import calendar
from config.settings import BadSetting, read_settings
from domain.worktime import HOLIDAYS, LAST, ZONE, WorkTime, by_law

KNOWN = {  # counted by hand from the articles
    2026: "0101 0216 0217 0218 0219 0220 0426 0427 0430 0501 0901 0902",
    2027: "0101 0205 0206 0207 0208 0209 0210 0211 0416 0430 0501 0503 0901 0902",
}


@pytest.mark.parametrize("year", KNOWN)
def test_holidays_of_known_years(year: int) -> None:
    assert by_law(year) == {date(year, int(day[:2]), int(day[2:])) for day in KNOWN[year].split()}


def test_no_year_is_without_tet_and_what_falls_on_a_weekend_is_made_up_for() -> None:
    for year in range(2026, LAST + 1):
        held = by_law(year)
        assert sum(day.weekday() < 5 for day in held) == 11, year
        assert date(year, 4, 30) in held <= HOLIDAYS


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        (
            datetime(2028, 1, 25, 9, tzinfo=ZONE),
            datetime(2028, 2, 1, 7, 30, tzinfo=ZONE),
        ),  # before Tết, to Monday made up for
        (datetime(2026, 12, 4, 19, 59, tzinfo=ZONE), datetime(2026, 12, 4, 19, 59, tzinfo=ZONE)),
        (datetime(2026, 12, 4, 20, tzinfo=ZONE), datetime(2026, 12, 7, 7, 30, tzinfo=ZONE)),  # over the weekend
        (datetime(2026, 12, 7, 3, tzinfo=ZONE), datetime(2026, 12, 7, 7, 30, tzinfo=ZONE)),
    ],
)
def test_when_a_message_to_many_may_leave(at: datetime, goes: datetime) -> None:
    worktime = WorkTime()
    assert worktime.next_broadcast(at) == goes.astimezone(UTC)
    assert worktime.may_broadcast(goes) and (at == goes or not worktime.may_broadcast(goes - timedelta(minutes=1)))


def test_nothing_to_many_on_a_market_day() -> None:
    """16 and 21 December 2026 are the 8th and the 13th lunar day; the market is on days that end in 3 and 8."""
    worktime = WorkTime(market=frozenset((3, 8, 13, 18, 23, 28)))
    market = datetime(2026, 12, 16, 9, tzinfo=ZONE)
    assert not worktime.may_broadcast(market) and worktime.may_push(market), "only messages to many wait"
    assert worktime.why_quiet(market) == "ngày chợ phiên (8 âm lịch)"
    assert worktime.next_broadcast(market) == datetime(2026, 12, 17, 7, 30, tzinfo=ZONE).astimezone(UTC)
    assert WorkTime().may_broadcast(market)


def test_days_that_the_government_moves() -> None:
    settings = read_settings(free_days="2027-02-12", work_days="2027-02-10", market_days="2 7")
    worktime = calendar(settings)
    days = [worktime.works_on(date(2027, 2, day)) for day in (9, 10, 11, 12)]
    assert days == [False, True, False, False] and worktime.market == {2, 7}
    for wrong in ({"free_days": "12/02/2027"}, {"market_days": "31"}):
        with pytest.raises(BadSetting, match=r"days are written as|numbers from 1 to 30"):
            read_settings(**wrong)
