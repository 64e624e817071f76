"""Finds quantities with a unit in a message: what is processed, stored or served, in which time."""

from collections.abc import Iterator

from domain.amounts import AREA, MASS, VOLUME, Found, Quantity
from domain.line import BREAKS, Line, Phrases, clause_start, phrases, read_line, within
from domain.money import SURELY_VAGUE, bounds, money_in
from domain.numbers import BEGINS, DIGITS, Span, read_number, read_range
from domain.units import BOILERS, ONLY_IN_TIME, PERIODS, UNITS, WEIGHED, unit_at

EACH = frozenset("mot moi 1 hang hằng tren trong per cu".split())
NOT_THE_PERIOD = frozenset("nay sau ngoai truoc toi sang qua kia mai".split())
LOOSE_PERIODS = frozenset(
    "sang mua lan luot ca quy h tieng dem noi lo dot hom p".split()
)  # periods only beside "một", "mỗi" or "/"
TURNED_OUT = phrases("dự kiến|ước|thu|thu được|được|làm được|làm|sản xuất|thu hoạch|cắt|hái|ra|bán|xuất|chế biến")
NEEDED = phrases("cần|muốn|định|dự định")
CONTAINERS = phrases(
    "túi|gói|hộp|chai|lon|lọ|hũ|can|thùng|bao|bịch|bình|loại túi|đóng gói|vỉ|đóng túi|đóng chai|đóng hộp"
)
CONTAINER_UNITS = frozenset(("túi", "gói", "hộp", "chai", "lon", "lọ", "hũ", "can", "thùng", "bao", "bịch", "bình"))
NOT_CAPACITY = phrases(
    "nặng|cân nặng|trọng lượng|tải trọng|xe tải|xe|hỏng|hong mat|hong het|thoi mat|=hỏng mất|=thối|=thối mất|=mất|đổ bỏ|vứt|hao|hao hụt|thiệt hại|mốc mất|=hỏng hết|"
    "mặt bằng|nhà xưởng|diện tích xưởng|xưởng rộng|diện tích mặt bằng|cao|sâu|dài|rộng|chênh|cách|xa|đường kính|tồn|nhà rộng|đất rộng|đất nhà em rộng|"
    "=bạt|phế phẩm"
)
PLACES_OF_WORK = phrases(
    "xưởng|nhà xưởng|mặt bằng|khu đất|kho bãi|sân phơi|sân|văn phòng|cửa hàng|diện tích|diện tích xưởng"
)
NOT_COUNTED_THINGS = frozenset("may duong song so nguoi dau mat cai lo tu xe duong".split())
SUN = phrases("điện mặt trời|mặt trời|solar|áp mái|pin mặt trời|năng lượng mặt trời|thủy điện|quang điện")
WANTED = phrases(
    "công suất|năng suất|công suất thiết kế|nâng lên|tăng lên|lên|loại|cỡ|quy mô|mỗi máy|sức chứa|chứa|chứa được|mức|công suất tầm|"
    "năng lực|máy|dung tích|đạt|ra|lò|tủ|kho|trạm|hệ thống|nồi|dây chuyền"
)
OF_NOW = phrases("năm nay|giờ|hiện nay|hiện tại|bây giờ|nay|sắp tới|tới đây|năm sau|năm tới|sang năm")
OF_OLD = phrases("máy cũ|lò cũ|hồi trước|trước đây|năm ngoái|cũ|dây chuyền cũ|kho cũ")
DOUBTFUL = frozenset("mot hai ba nam sau bay tam chin".split())  # without marks also other words
PRICED = phrases("giá|bao nhiêu")
HALF_WORDS = frozenset(("nửa", "nua"))
OF_A_HARVEST = ("vụ", "năm")  # rather what grows than what is worked
ANIMALS = frozenset("lon heo ga vit trau bo de ngan cho".split())
HALF = frozenset(("rưỡi", "ruoi", "rưởi"))
SMALL_WORDS = frozenset(
    "thoi a nhe la nhung ma von tam khoang gia kinh duoi thi em va cho o ngan do nha chi voi hoac can muon vao toi".split()
)
STOPS = frozenset((",", ".", ";", "?", "!", ")", "", "\n", "-"))


def find_quantities(text: str) -> list[Found[Quantity]]:
    """All quantities with a unit, each with the time it is for; money is left out."""
    line = read_line(text)
    taken = bytearray(line.size)
    for money in money_in(line):
        taken[money.at : money.after] = b"\1" * (money.after - money.at)
    return list(quantities_in(line, taken))


def quantities_in(line: Line, taken: bytearray | None = None) -> Iterator[Found[Quantity]]:
    """The same for a row; tokens that are `taken` belong to something else."""
    steam = any(BOILERS.begins(line, at) for at, word in enumerate(line.words) if word in ("lo", "noi", "cap"))
    said, tokens = line.said, line.tokens
    at = 0
    while at < line.size:
        begins = said[at] in BEGINS or tokens[at].value is not None or UNITS.get(said[at]) in ("tấn", "tạ")
        if not begins or (taken and taken[at]) or _a_period(line, at):
            at += 1
            continue
        read = _measured(line, at, steam)
        if read is None or (taken and any(taken[at : read[0].after])):
            at += 1
            continue
        span, unit = read
        found = _found(line, at, span, unit)
        if found is not None:
            yield found
        at = span.after


def _a_period(line: Line, at: int) -> bool:
    """Whether "năm" here is a year ("mỗi năm 20 tấn"), or a number continues another ("3 5")."""
    if line.words[at] == "nam" and (line.words[at - 1] in EACH or line.words[at - 1] == "/"):
        return True
    if line.said[at] == "sau" and line.words[at - 1] in ("nam", "thang", "tuan", "ngay", "quy", "vu"):
        return True
    return line.words[at - 1] == "thu" and line.words[at] in DIGITS and line.said[at - 1] in ("thứ", "thu")


def _measured(line: Line, at: int, steam: bool) -> tuple[Span, str] | None:
    """A number or range with its unit: (the numbers up to behind the unit, the unit)."""
    if UNITS.get(line.said[at]) in ("tấn", "tạ"):
        half = line.said[at + 1] in HALF and line.value(at - 1) is None
        return (Span(1.5, 1.5, at + 2, 1, "", -1), UNITS[line.said[at]]) if half else None
    if line.said[at] in HALF_WORDS and line.said[at - 1] in PERIODS:  # "2 tháng nữa cần"
        return None
    if line.words[at] == "ba" and line.words[at + 1] == "con" and not line.marked and line.words[at + 2] not in ANIMALS:
        return None  # bà con
    span = read_range(line, at)
    if span is None or _vague(line, at, span):
        return None
    if span.word == "chai" and span.after == span.at + 1:  # a bottle, not a million
        return Span(span.least / 1e6, span.most / 1e6, span.after, 1, "", -1), "chai"
    found = unit_at(line, span.after, steam)
    if found is None:
        return None
    unit, after = found
    more = _rest(line, after, unit)
    if more is not None and span.least == span.most:
        extra, after = more
        return Span(span.least + extra, span.most + extra, after, 1, "", -1), unit
    wider = _to_other_unit(line, span, unit, after, steam)
    return wider or (span._replace(after=after), unit)


def _vague(line: Line, at: int, span: Span) -> bool:
    if SURELY_VAGUE.ends(line, at) and line.value(at) is None:
        return True
    if line.value(at) is None and line.words[at] == "chuc" and line.words[at - 1] in ("hang", "ca", "vai"):
        return True
    return span.after < line.size and line.said[span.after] == "mấy"


def _rest(line: Line, at: int, unit: str) -> tuple[float, int] | None:
    """What follows a unit of mass: "rưỡi", "2" in "1 tấn 2", "3 tạ" in "2 tấn 3 tạ"."""
    if line.said[at] in HALF:
        return 0.5, at + 1
    if unit not in ("tấn", "tạ", "yến"):
        return None
    digit = line.value(at)
    in_words = digit is None and line.said[at] in DIGITS and line.words[at] != "nam"
    if in_words:
        digit = float(DIGITS[line.said[at]])
    if digit is None or not 2 <= digit <= 9 or digit != int(digit):
        return None
    smaller = UNITS.get(line.said[at + 1])
    if smaller in MASS and MASS[smaller] < MASS[unit]:
        return digit * MASS[smaller] / MASS[unit], at + 2
    follow = line.said[at + 1]
    if (
        smaller
        or follow in PERIODS
        or line.words[at + 1] in ("-", "/", "nguoi", ":", "den", "toi", "may", "%", "pha", "tram")
    ):
        return None
    return (digit / 10, at + 1) if not in_words or follow in ("", ",", ".", "một", "mỗi", "mot", "moi") else None


def _to_other_unit(line: Line, span: Span, unit: str, after: int, steam: bool) -> tuple[Span, str] | None:
    """ "5 tạ đến 1 tấn": a range whose ends have units of their own, told in the second."""
    if span.least != span.most or unit not in (*MASS, *VOLUME):
        return None
    if line.words[after] not in ("-", "~", "den", "toi"):
        return None
    second = read_number(line, after + 1)
    other = unit_at(line, second.after, steam) if second else None
    if second is None or other is None:
        return None
    table = MASS if unit in MASS else VOLUME
    if other[0] not in table:
        return None
    least = span.least * table[unit] / table[other[0]]
    return (Span(least, second.value, other[1], 1, "", -1), other[0]) if least < second.value else None


def _found(line: Line, at: int, span: Span, unit: str) -> Found[Quantity] | None:
    per, past = _per_after(line, span.after)
    beside = (_per_start(line, span.after, past), past) if per else (0, 0)
    if per is None:
        per = _per_before(line, at)
    if not _stands(line, at, span, unit, per):
        return None
    low, high, begin, _, _ = bounds(line, at, span, past)
    start, stop = line.tokens[at].start, line.tokens[past - 1].end
    weight = _weight(line, at, begin, unit, per)
    return Found(Quantity(low, high, unit, per), start, stop, "", at, span.after, weight, beside)


def _per_start(line: Line, at: int, past: int) -> int:
    """Where "một ngày" or "/mẻ" begins that ends at `past`."""
    start = past - 1
    while start > at and (line.words[start - 1] in EACH or line.words[start - 1] == "/"):
        start -= 1
    return start


def _weight(line: Line, at: int, begin: int, unit: str, per: str | None) -> int:
    """How likely this is the wanted capacity when a message names several quantities."""
    weight = 4 * (per is not None) + 2 * (unit in WEIGHED) - (unit in AREA) - (per in OF_A_HARVEST)
    start = clause_start(line, at, (*BREAKS, ","))
    sentence = clause_start(line, at)
    old = _last(line, sentence, OF_OLD, at)
    need = max(_last(line, sentence, NEEDED, at), _last(line, sentence, OF_NOW, at))
    if WANTED.ends(line, begin) or NEEDED.ends(line, begin):
        weight += 4
    elif within(line, start, WANTED, at) is not None or within(line, start, NEEDED, at) is not None:
        weight += 1
    return weight - 6 if old > need else weight


def _last(line: Line, at: int, table: Phrases[bool], after: int) -> int:
    """Where the last such phrase begins in tokens[at:after]; -1 without one."""
    return max((here for here in range(at, after) if table.begins(line, here)), default=-1)


def _stands(line: Line, at: int, span: Span, unit: str, per: str | None) -> bool:
    """Whether the amount is one of what is processed, stored or served."""
    before = line.words[at - 1]
    if unit == "lọ" and per is None and line.said[span.after - 1] == "lo":  # lò
        return False
    if unit in ONLY_IN_TIME and per is None:
        return unit == "kW" and any(SUN.begins(line, here) for here in range(line.size))
    weighed = unit in WEIGHED or unit == "tấn hơi"
    if not weighed and per is None and (span.most == 1 or (not line.marked and line.said[at] in DOUBTFUL)):
        return False  # "lớp 1 trái tuyến"; "ba bau" for bà bầu
    if span.most == 1 and per is None and within(line, max(0, at - 6), PRICED, at) is not None:
        return False
    if unit in ("con", "đàn", "cái", "chiếc") and line.words[span.after] in NOT_COUNTED_THINGS and per is None:
        return False
    if unit in MASS or unit in ("lít", "m3"):
        if (CONTAINERS.ends(line, at) and per is None) or _into_container(line, span.after):
            return False
        if span.least == 1 == span.most and (_after_price(line, at) or before in ("nhieu", "tien", "gia")):
            return False
    if before in ("/", "so") and line.words[at - 2] not in ("ngay",):
        return False
    begin = bounds(line, at, span, span.after)[2]
    if NOT_CAPACITY.ends(line, begin) or NOT_CAPACITY.ends(line, at):
        return False
    return not (unit in AREA and per is None and (PLACES_OF_WORK.ends(line, begin) or PLACES_OF_WORK.ends(line, at)))


def _into_container(line: Line, at: int) -> bool:
    here = at + 1 if line.words[at] == "/" or line.words[at] in EACH else at
    return here > at and UNITS.get(line.said[here]) in CONTAINER_UNITS and line.said[here] != "lo"


def _after_price(line: Line, at: int) -> bool:
    """Whether an amount of money stands just before ("45 nghìn 1 kg")."""
    here = at
    while line.words[here - 1] in ("/", "dong", "d", "moi", "la"):
        here -= 1
    return line.words[here - 1] in ("k", "nghin", "ngan", "tr", "trieu") or (
        here < at and line.words[here - 1].isdigit()
    )


def _period(line: Line, at: int) -> str | None:
    period = PERIODS.get(line.said[at])
    if period == "vụ" and line.said[at] == "vu" and line.marked:
        return None
    return period


def _per_after(line: Line, at: int) -> tuple[str | None, int]:
    """The time behind a unit: "/mẻ", "một ngày", "mỗi năm", "trong 1 giờ"; with the index behind it (else `at`)."""
    words = line.words
    here = at
    while here < line.size and here - at < 5 and words[here] != "/" and words[here] not in EACH:
        if not words[here].isalpha() or (_period(line, here) and here > at):
            break
        here += 1
    if words[here] == "/" or words[here] in EACH:
        here += 1
        if words[here] in ("1", "mot", "moi"):
            here += 1
        if words[here] == "24" and words[here + 1] in ("h", "gio"):
            return "ngày", here + 2
        period = _period(line, here)
        if period:
            return period, here + (2 if words[here] == "ngay" and words[here + 1] == "dem" else 1)
        return None, at
    here = at + 1 if words[at] in ("tuoi", "kho", "bup", "nuoc") else at
    period = _period(line, here)
    if period and words[here] not in LOOSE_PERIODS:
        after = here + (2 if words[here] == "ngay" and words[here + 1] == "dem" else 1)
        follow, number = words[after], line.value(after)
        dated = number is not None and (number <= 31 or number >= 2000) and period in ("năm", "tháng", "ngày", "quý")
        doubtful = line.said[here] in ("nam", "vu", "mua") and follow.isalpha() and follow not in SMALL_WORDS
        if (
            not doubtful
            and follow not in NOT_THE_PERIOD
            and follow not in ("nao", "gieng", "chap", "het")
            and not dated
        ):
            return period, after
    return None, at


def _per_before(line: Line, at: int) -> str | None:
    """The time before a number: "mỗi ngày 2 tấn", "năm khoảng 20 tấn", "ngày cắt 1-2 tấn"."""
    words = line.words
    for here in range(at - 1, max(-1, at - 8), -1):
        if line.value(here) is not None or words[here] in STOPS or words[here] in ("(", ":", "/"):
            return None
        if words[here] in ("can", "mua") and words[here - 1] not in EACH and line.said[here] in ("cần", "mua", "can"):
            return None
        period = _period(line, here)
        if period is None:
            continue
        led = words[here - 1] in EACH
        follow = words[here + 1] if here + 1 < at else ""
        if follow in NOT_THE_PERIOD:
            done = follow in ("nay", "ngoai", "roi", "qua") and period in ("vụ", "năm")
            return (
                period if done and within(line, here, TURNED_OUT, at) and not within(line, here, NEEDED, at) else None
            )
        if (words[here] in LOOSE_PERIODS or period in ("giờ", "phút")) and not led:  # "giờ" is also now
            return None
        if words[here] in ("ngay", "hom") and words[here - 1] in ("hom", "truoc", "han"):
            return None
        if words[here - 1] == "quanh":  # "suối chảy quanh năm"
            return None
        return period
    return None
