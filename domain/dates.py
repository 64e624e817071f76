"""Deadlines as owners say them, read as periods of days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain import calendar
from domain.bases import Base
from domain.calendar import Days
from domain.line import BREAKS, Line, Phrases, clause_start, phrases, read_line, within
from domain.times import base_at

BEFORE, BY, AFTER, FROM, IN_TIME, UNTIL = "before", "by", "after", "from", "in time", "until"
LEADS = Phrases(
    {
        "trước|trước khi|trước lúc|trước khi vào|trước khi đến|trước khi sang|=trc": BEFORE,
        "hạn|hạn chót|hạn cuối|thời hạn|deadline|chậm nhất|muộn nhất|trễ nhất|không muộn hơn|không chậm hơn|không quá|đến|tới|"
        "cho đến|cho tới|đến hết|tới hết|hết|đến cuối|chậm|muộn|lâu nhất|chốt": BY,
        "sau|sau khi hết|qua|ra|ngoài|hết dịp|sau dịp": AFTER,
        "từ|kể từ|bắt đầu từ|bắt đầu": FROM,
        "kịp|kịp cho|giáp|cận|áp|kịp bán|kịp trước|kịp dịp|để bán|để kịp bán|để phục vụ|kịp phục vụ|kịp hàng|để kịp": IN_TIME,
        "từ nay đến|từ giờ đến|từ nay tới|từ giờ tới|từ nay cho đến|từ bây giờ đến|từ giờ cho đến|từ nay đến hết|từ giờ đến hết|"
        "nội trong|trong vòng từ nay đến|từ đây đến|từ đây tới": UNTIL,
    }
)  # fmt: skip
FILLERS = phrases(
    "vào|trong|khoảng|tầm|là|dịp|đợt|lễ|độ|chừng|vào khoảng|thời điểm|mốc|vào dịp|cho|lúc|:|(|thì|được|cỡ|vụ|mùa|nhất|phải|khoảng độ|"
    "tối|ngày|hẹn|nộp|nộp hồ sơ|gửi hồ sơ|nhận|giao hàng|đăng ký|cuối cùng|có máy|xong|bàn giao|giao|mình|chỉ|ngoài|luôn|giao máy|có|đầu vụ"
)
TRAILS = Phrases(
    {
        "trở đi|trở về sau|đổ đi|trở lên": FROM,
        "là hạn|là hạn chót|là hạn cuối|là muộn nhất|là chậm nhất|là cùng|là phải xong|là phải có|là trễ nhất|là xong|phải xong|"
        "là phải giao|phải có rồi|là hết hạn|đổ lại|trở lại|trở về trước|trở về trc": BY,
    }
)
UNMARKED_LEADS = frozenset(("den", "toi", "ra", "qua", "tu", "ap", "giap", "can"))
OF_PRODUCTS = frozenset(("thach", "tram", "dau", "gao", "nep", "duong", "sam"))
NEED = phrases(
    "cần|phải có|xong|hoàn thành|lắp đặt|lắp|giao|bàn giao|kịp|có máy|mua|lấy|nhận|dùng|triển khai|hẹn|khởi công|làm được|chạy"
)
TODAYS = frozenset(("nay",))
PAST = phrases("ngoái|trước|vừa rồi|vừa qua|rồi|vừa xong|hồi|qua")
LONG_AGO = phrases(
    "hồi|từ hồi|thành lập|thành lập từ|thành lập vào|đăng ký từ|hoạt động từ|làm từ|từ năm|ra đời|mua từ|mua hồi"
)
SEASON = phrases("vụ|mùa|chính vụ|thu hoạch|mùa vụ|vụ thu hoạch|mùa thu hoạch")
SEASON_LEADS = phrases(
    "trước|sau|kịp|đầu|cuối|trong|đến|vào|cho|cho kịp|để kịp|tới|qua|hết|giữa|kịp cho|trước khi vào|khi vào|giáp|vào đầu|trước khi đến|kịp vào"
)
AFTER_SEASON = frozenset(
    "na hoi hong quyt che mua toi sau nay le dao mat moi thu hoach thach den kho lua man tet he dong xuan hai vai ngo gat "
    "nam sang cam buoi mai tra que tra gao thu chinh mac nhan mit rau vu vai nua mung dau".split()
)
RAWS = phrases(
    "càng sớm càng tốt|cần gấp|gấp lắm|làm gấp|đang gấp|sớm nhất có thể|càng nhanh càng tốt|vài tháng nữa|mấy tháng nữa|cần ngay|"
    "vài tuần nữa|mấy tuần nữa|cần sớm|gấp ạ|gấp nhé|hơi gấp|rất gấp|asap|sớm càng tốt|bao giờ có thì|khi nào có thì|lúc nào có thì|có lúc nào mua lúc đó|ngay bây giờ|bây giờ luôn|ngay lập tức|làm luôn|trước hè|trước mùa nóng|trước mùa mưa|trước mùa rét|trước mùa lạnh|trước mùa khô|sang hè|chưa vội|không vội|chưa gấp|không gấp|chưa cần gấp|không cần gấp|chưa cần vội|không cần vội|từ từ|thong thả|càng sớm càng hay|trước rét|trước khi rét|trước đợt rét|trước mưa bão|trước mưa|trước lũ|có ngay càng tốt|có ngay|ngay càng tốt|nhanh càng tốt|càng nhanh|càng sớm|vài năm nữa|khi nào cũng được|lúc nào cũng được"
)
HURRIED = frozenset("som gap lam qua can rat hoi da a em nhe nha cang tot".split())
SHORT_ANSWER = 5  # words and signs of a message that is nothing but a time
WEATHER = frozenset(("mua", "kho", "bao", "lanh", "nong", "am"))


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end` inclusive, None is open; `raw` is how it was said; both None: only the words are known."""

    start: date | None
    end: date | None
    raw: str

    def __str__(self) -> str:
        return f"{self.start or '..'}/{self.end or '..'}"


@dataclass(frozen=True, slots=True)
class Said:
    """A period found in tokens[at:after], named from `core` on; `weight` tells how surely something is wanted then."""

    period: Period
    at: int
    after: int
    weight: int
    core: int


def find_periods(text: str, today: date) -> list[tuple[Period, int, int]]:
    """The periods a text names, clipped to `today`, each with its place; past ones are left out."""
    line = read_line(text)
    return [
        (said.period, line.tokens[said.at].start, line.tokens[said.after - 1].end) for said in periods_in(line, today)
    ]


def periods_in(line: Line, today: date, taken: bytearray | None = None) -> list[Said]:
    """The same for a row; tokens that are `taken` belong to something else."""
    found: list[Said] = []
    at = 0
    while at < line.size:
        base = None if taken and taken[at] else base_at(line, at, today)
        if base is None:
            at += 1
            continue
        said = _said(line, at, base, today)
        if said is not None:
            found.append(said)
        at = max(base.after, said.after if said else 0, at + 1)
    return found


def _said(line: Line, at: int, base: Base, today: date) -> Said | None:
    if PAST.begins(line, base.after) and not base.fixed and line.words[base.after] != "hoi":
        return None
    lead, begin = _lead(line, at)
    if LONG_AGO.ends(line, begin) or (LONG_AGO.ends(line, at) and _past_season(line, at) == at):
        return None
    days, after = base.days, base.after
    if lead in (FROM, None) and (end := _range_end(line, after, today, days[0])):
        days, after = (days[0], end.days[1]), end.after
        lead = None
    if base.ranged and lead == FROM:
        lead = None
    if trail := TRAILS.begins(line, after):
        lead, after = (trail[0] if lead in (None, FROM) else lead), trail[1]
    if base.silent and not _meant(line, at, begin, after, lead):
        return None
    shift = _ahead(line, after, days[0]) if lead == BEFORE else None
    if shift is not None:
        days, after = (shift[0] + timedelta(days=1), shift[0]), shift[1]
    period = _led(days, lead, base.ends, line.slice(begin, after), today)
    if period is None:
        return None
    weight = 3 if lead in (BEFORE, BY, IN_TIME, UNTIL) else 1 if lead in (AFTER, FROM) else 0
    start = clause_start(line, at, (*BREAKS, ","))
    if within(line, start, NEED, begin) is not None or within(line, after, NEED, after + 3) is not None:
        weight += 1
    return Said(period, begin, after, weight, at)


def _lead(line: Line, at: int) -> tuple[str | None, int]:
    """The word that says on which side of a period the deadline lies, with where the words about it begin."""
    here = _past_season(line, at)
    for _ in range(5):
        found = LEADS.ends(line, here)
        if found is not None and not _other_word(line, found[1], here):
            return found
        skipped = FILLERS.ends(line, here)
        if skipped is None:
            break
        here = skipped[1]
    return None, at


def _past_season(line: Line, at: int) -> int:
    """Where "mùa hồi" begins that stands before "tháng 7"; else `at`."""
    for back in (1, 2, 3):
        if line.words[at - back] in ("vu", "mua") and at >= back:
            return at - back
        if line.words[at - back] not in AFTER_SEASON:
            break
    return at


def _other_word(line: Line, start: int, at: int) -> bool:
    """Whether "den" or "toi" without marks is another word here (thạch đen, tôi)."""
    word = line.words[start]
    if (
        word == "toi" and line.said[start] == "toi" and line.words[at] in ("hom", "mai", "nay", "thu", "chu")
    ):  # tối nay, tôi
        return True
    if at - start > 1 or word not in UNMARKED_LEADS:
        return False
    if word == "can":
        return line.said[start] != "cận"
    if word in ("ra", "qua"):
        return line.words[at] not in ("tet", "gieng", "mung", "ram", "thang", "nam")
    return line.said[start] == word and line.words[start - 1] in OF_PRODUCTS


def _range_end(line: Line, at: int, today: date, start: date) -> Base | None:
    """The end of "từ … đến …" or "… - …" behind a first period."""
    here = at
    while line.words[here] in ("cho", "keo", "dai", "khoang"):
        here += 1
    if line.words[here] not in ("den", "toi", "-", "~"):
        return None
    here += 1
    while line.words[here] in ("het", "tam", "khoang", "ngay"):
        here += 1
    end = base_at(line, here, today)
    if end is not None and end.days[1] < start:
        end = base_at(line, here, start)
    return end if end is not None and end.days[1] >= start else None


def _meant(line: Line, at: int, begin: int, after: int, lead: str | None) -> bool:
    """Whether a bare "năm nay", "hôm nay", "Tết" tells when something is wanted."""
    if lead is not None or line.size <= 3:
        return True
    start = clause_start(line, at, (*BREAKS, ","))
    led = line.words[begin - 1] in ("trong", "ngay", "vao", "dip", "het", "cuoi")
    near = (
        within(line, max(start, begin - 6), NEED, begin) is not None or within(line, after, NEED, after + 3) is not None
    )
    return led or near


def _ahead(line: Line, at: int, day: date) -> tuple[date, int] | None:
    """ "trước Tết 1 tháng": so long before."""
    count = line.value(at)
    unit = line.words[at + 1]
    if count is None or count > 90 or unit not in ("ngay", "tuan", "thang"):
        return None
    return calendar.later(day, -count, unit), at + 2


def _led(days: Days, lead: str | None, ends: bool, raw: str, today: date) -> Period | None:
    first, last = days
    if lead == AFTER:
        return Period(max(today, last + timedelta(days=1)), None, raw)
    if lead == FROM:
        return Period(max(today, first), None, raw)
    if last < today:
        return None
    if lead in (BEFORE, IN_TIME):
        end = last if ends else first - timedelta(days=1)
        if lead == IN_TIME and first != last:
            end = last
        return Period(None, end, raw) if end >= today else None
    if lead == BY:
        return Period(None, last, raw)
    if lead == UNTIL:
        return Period(today, last, raw)
    return Period(max(today, first), last, raw)


def find_raw(text: str) -> str | None:
    """Words of time that give no date ("trước vụ na", "càng sớm càng tốt"), as typed."""
    line = read_line(text)
    found = raw_in(line)
    return line.slice(*found) if found else None


def raw_in(line: Line) -> tuple[int, int] | None:
    """The tokens of such words in a row."""
    return next(_raws(line), None)


def _raws(line: Line) -> Iterator[tuple[int, int]]:
    for _, at, after in RAWS.all(line):
        yield at, after
    if (
        line.size <= SHORT_ANSWER - 2
        and HURRIED.issuperset(line.words[: line.size])
        and {"som", "gap"} & set(line.words)
    ):
        yield 0, line.size
    for _, at, after in SEASON.all(line):
        lead = SEASON_LEADS.ends(line, at)
        named = 0
        while named < 3 and line.words[after] in AFTER_SEASON and line.words[after] not in ("", ","):
            if line.words[after] == "thang" or (line.words[after] == "thu" and line.value(after + 1) is not None):
                break
            after, named = after + 1, named + 1
        if line.words[after] == "thang":  # "vụ tháng 6" is a month
            continue
        harvest = line.words[at] == "thu"
        if lead is None:
            if line.words[after - 1] == "nay" and line.size <= SHORT_ANSWER:  # "mùa khô này"
                yield at, after
            if (
                at == 0
                and named
                and after == line.size <= SHORT_ANSWER
                and line.words[after - 1] not in ("nay", "toi", "sau")
            ):
                yield at, after  # "vụ xuân hè", nothing else
            if not (line.words[at] in ("vu", "mua") and named and line.words[after - 1] in ("toi", "sau")):
                continue
            yield at, after
        elif harvest and lead[0] and line.words[at - 1] == "sau":  # "sau thu hoạch" names a trade
            continue
        elif named or line.words[at - 1] in ("truoc", "kip", "dau", "cuoi", "cho") or lead[1] < at - 1:
            if WEATHER & set(line.words[at + 1 : after]) and line.words[at - 1] not in ("truoc", "kip", "sau"):
                continue
            yield lead[1], after


def period_words(period: Period) -> str:
    """For example "tháng 6/2027", "trước 01/06/2027", "năm 2027"."""
    start, end = period.start, period.end
    if start is None and end is None:
        return period.raw
    if start is None and end is not None:
        return f"chậm nhất {end:%d/%m/%Y}"
    if start is not None and end is None:
        return f"từ {start:%d/%m/%Y}"
    assert start is not None
    assert end is not None
    if start == end:
        return f"{start:%d/%m/%Y}"
    if (start, end) == calendar.month(start.year, start.month):
        return f"tháng {start.month}/{start.year}"
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return f"năm {start.year}"
    return f"{start:%d/%m/%Y} - {end:%d/%m/%Y}"
