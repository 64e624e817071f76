"""Office hours, quiet hours, holidays; promises are counted in them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.lunar import day_of_month, solar, tet

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

FIRST, LAST = 2026, 2040  # years whose holidays are known


def by_law(year: int) -> frozenset[date]:
    """The public holidays of a year by the Labour Code 2019, articles 111 and 112: Tết from the day before it, Giỗ Tổ on
    the 10th of the third lunar month; what falls on a weekend is made up for on the next working day. The government
    announces each year which days are moved beyond that."""
    free = [date(year, month, day) for month, day in ((1, 1), (4, 30), (5, 1), (9, 1), (9, 2))]
    free += [tet(year) + timedelta(days=step) for step in range(-1, 4)] + [solar(year, 3, 10)]
    found = set(free)
    for day in sorted(free):
        other = day
        while day.weekday() >= 5 and (other.weekday() >= 5 or other in found):
            other += timedelta(days=1)
        found.add(other)
    return frozenset(found)


HOLIDAYS = frozenset(day for year in range(FIRST, LAST + 1) for day in by_law(year))


def local(at: datetime) -> datetime:
    """The same instant on a clock in Việt Nam."""
    return at.astimezone(ZONE)


@dataclass(frozen=True)
class WorkTime:
    """The office's calendar; spans are local clock times."""

    spans: tuple[tuple[time, time], ...] = ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
    quiet_from: time = time(20)
    quiet_until: time = time(7, 30)
    holidays: frozenset[date] = field(default=HOLIDAYS)
    market: frozenset[int] = frozenset()  # days of the lunar month on which people are at the market

    def works_on(self, day: date) -> bool:
        """Whether the office is open on this day."""
        return day.weekday() < 5 and day not in self.holidays

    def is_open(self, at: datetime) -> bool:
        """Whether an officer is at work at this instant."""
        here = local(at)
        return self.works_on(here.date()) and any(start <= here.time() < end for start, end in self.spans)

    def promise(self, at: datetime) -> datetime:
        """One working day later at the same clock time, moved into office hours; UTC."""
        here = local(at)
        if not self.works_on(here.date()) or here.time() >= self.spans[-1][1]:
            day = self.next_working_day(here.date())
            start = self.spans[0][0]
        else:
            day, start = here.date(), max(here.time(), self.spans[0][0])
        due = datetime.combine(self.next_working_day(day), self._into_hours(start), ZONE)
        return due.astimezone(UTC)

    def next_working_day(self, day: date) -> date:
        """The first open day after this one."""
        following = day + timedelta(days=1)
        while not self.works_on(following):
            following += timedelta(days=1)
        return following

    def after(self, at: datetime, span: timedelta) -> datetime:
        """The instant at which so much working time has passed since `at`; UTC."""
        day, left = local(at).date(), span
        while True:
            for start, end in self.spans if self.works_on(day) else ():
                begin = max(datetime.combine(day, start, ZONE), local(at))
                close = datetime.combine(day, end, ZONE)
                if begin < close:
                    if left <= close - begin:
                        return (begin + left).astimezone(UTC)
                    left -= close - begin
            day += timedelta(days=1)

    def _into_hours(self, clock: time) -> time:
        for start, end in self.spans:
            if clock < start:
                return start
            if clock <= end:
                return clock.replace(second=0, microsecond=0)
        return self.spans[-1][1]

    def may_push(self, at: datetime) -> bool:
        """Whether news may be sent now: outside quiet hours, not on a public holiday."""
        here = local(at)
        return self.quiet_until <= here.time() < self.quiet_from and here.date() not in self.holidays

    def may_broadcast(self, at: datetime) -> bool:
        """Whether a message to many may be sent now: outside quiet hours, on a working day, on no market day."""
        day = local(at).date()
        return self.may_push(at) and self.works_on(day) and not self._market_on(day)

    def _market_on(self, day: date) -> bool:
        return bool(self.market) and day_of_month(day) in self.market

    def next_broadcast(self, at: datetime) -> datetime:
        """The first instant from `at` on at which a message to many may be sent; UTC."""
        while not self.may_broadcast(at):
            here = local(at)
            shut = not self.works_on(here.date()) or self._market_on(here.date())
            late = here.time() >= self.quiet_until or shut
            day = here.date() + timedelta(days=1) if late else here.date()
            at = datetime.combine(day, self.quiet_until, ZONE).astimezone(UTC)
        return at

    def why_quiet(self, at: datetime) -> str:
        """Why nothing is sent to many at this instant, in words; empty when it may be."""
        here = local(at)
        if here.date() in self.holidays:
            return "ngày nghỉ lễ, Tết"
        if here.weekday() >= 5:
            return "ngày nghỉ cuối tuần"
        if self._market_on(here.date()):
            return f"ngày chợ phiên ({day_of_month(here.date())} âm lịch)"
        return "" if self.may_push(at) else f"giờ nghỉ ({self.quiet_from:%H:%M}-{self.quiet_until:%H:%M})"

    def next_push(self, at: datetime) -> datetime:
        """The first instant from `at` on at which news may be sent; UTC."""
        if self.may_push(at):
            return at
        here = local(at)
        day = here.date() if here.time() < self.quiet_until else here.date() + timedelta(days=1)
        while day in self.holidays:
            day += timedelta(days=1)
        return datetime.combine(day, self.quiet_until, ZONE).astimezone(UTC)


def say_time(at: datetime) -> str:
    """An instant in words: "08:00 thứ Ba 08/12/2026"."""
    here = local(at)
    return f"{here:%H:%M} {WEEKDAYS[here.weekday()]} {here:%d/%m/%Y}"


def say_day(day: date) -> str:
    """A day in figures as people write it: 08/12/2026."""
    return f"{day:%d/%m/%Y}"
