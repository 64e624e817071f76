"""Finds amounts of money in a message, with their bounds, and tells a budget from all other money."""

from collections.abc import Iterator

from domain.amounts import Found, Money
from domain.line import BREAKS, Line, Phrases, clause_start, fillers, phrases, read_line, within
from domain.numbers import BEGINS, DIGITS, LAST_DIGITS, SCALES, Span, read_number, read_range
from domain.units import UNITS, unit_at

CURRENCY = phrases("đồng|đ|vnđ|vnd|tiền|đồng tiền|bạc|d")
FOREIGN = phrases("usd|=đô|đô la|đôla|$|eur|euro|tệ|nhân dân tệ|yên|won|kip|bath|%")
APPROX, AT_MOST, AT_LEAST, FROM, NOTHING = "approx", "max", "min", "from", ""
BOUNDS = Phrases(
    {
        "trên dưới|xấp xỉ|gần|ngót|ngót nghét|quanh|loanh quanh|quanh quẩn|sấp xỉ|gần gần": APPROX,
        "dưới|không quá|không vượt|không vượt quá|không hơn|không trên|chưa quá|chưa đến|chưa tới|tối đa|nhiều nhất|cao nhất|max|"
        "kịch trần|kịch kim|kịch|trần|=đến|=tới|lên đến|lên tới|không được quá|đừng quá|đừng vượt|ít hơn|thấp hơn|rẻ hơn|nhỏ hơn|"
        "bé hơn|<|< =|trong vòng|đổ lại|quá lắm|cùng lắm|hết sức|không quá mức|chỉ đến|chỉ tới|giới hạn": AT_MOST,
        "trên|hơn|không dưới|không ít hơn|không kém|không thấp hơn|tối thiểu|ít nhất|ít ra|min|>|> =|lớn hơn|nhiều hơn|cao hơn|"
        "vượt|vượt quá|thấp nhất|tầm trên|chí ít": AT_LEAST,
        "từ": FROM,
        "đầu tư|đến từ|đầu từ|tự có": NOTHING,
    }
)  # fmt: skip
BOUND_WORDS = frozenset("den toi hon tren duoi".split())
FILLERS = phrases(
    "là|khoảng|tầm|cỡ|chừng|độ|vào|ước|ước chừng|đâu đó|chỉ|cũng|thì|được|mức|ở mức|ra|hết|với|cho|tổng|tổng cộng|cả thảy|tất cả|"
    "dự kiến|hiện|hiện tại|có|:|=|~|(|khoản|số|tiền|trong|vào khoảng|nằm|cái|của em|em|mình|rơi vào|cần|thôi|nhé|ạ|nhà em|bên em|"
    "bên mình|nhà mình|anh|chị|tui|tôi|đang|sẵn|thiết bị|khoảng độ|toàn bộ|quãng|áng|nhắm|tính|nghĩ|đây"
)
BOUNDS_AFTER = Phrases(
    {
        "đổ lại|trở lại|trở xuống|đổ xuống|quay đầu|là cùng|là hết mức|là hết cỡ|là hết|là kịch|là kịch trần|là tối đa|là nhiều|"
        "là max|tối đa|max|hoặc ít hơn|hoặc thấp hơn|hoặc dưới|trở vào|đổ vào|đổ về|là giới hạn|không hơn|thôi không hơn": AT_MOST,
        "trở lên|đổ lên|hoặc hơn|hoặc nhiều hơn|hoặc cao hơn|tối thiểu|là ít|là ít nhất|là tối thiểu": AT_LEAST,
        "trở lại đây": NOTHING,
    }
)
VAGUE_BEFORE = phrases(
    "vài|mấy|dăm|dăm ba|vài ba|đôi ba|một vài|hàng|bạc|cả|những|đôi|dăm bảy|tiền|hơn|trên|ngót nghét|ít|mấy cái|cỡ vài|cũng phải"
)
SURELY_VAGUE = phrases("vài|mấy|dăm|dăm ba|vài ba|đôi ba|một vài|dăm bảy|hàng|bạc|tiền")
VAGUE_AFTER = phrases("=mấy|mấy gì đó|có lẻ|lẻ|và hơn|bạc")
SOMETHING = phrases("gì đó|gì đấy|gì gì đó|gì ấy|j đó")
JUST_OVER = phrases("hơn|trên|=quá")
CLOSING = phrases(
    "thôi|thoi|là cùng|là hết|đổ lại|quay đầu|trở lại|trở xuống|đổ xuống|ạ|nhé|nha|nhá|thì|nếu|mà|để|và|là|em|anh|chị|ad|thui|hoy"
)  # what may stand behind an amount whose "triệu" is left out
BUDGET, REVENUE, CAPITAL, PRICE, OTHER, SPENT = "budget", "revenue", "capital", "price", "other", "spent"
KINDS: Phrases[tuple[str, int]] = Phrases(
    {
        "kinh phí|ngân sách|vốn|vốn đầu tư|vốn tự có|tự có|kinh phí dự kiến|tổng mức đầu tư|mức đầu tư|dự toán|tổng kinh phí|ngân quỹ|"
        "đối ứng|vốn đối ứng|tài chính|tiền mua|tiền máy|budget|chi phí đầu tư|túi tiền|quỹ mua|vốn liếng|tiền đầu tư": (BUDGET, 6),
        "bỏ ra|bỏ|chi|chi phí|đầu tư|mua|sắm|lắp|để dành|dành|dành ra|trong tay|giá máy|giá thiết bị|giá lò|giá dây chuyền|giá hệ thống|"
        "sắm máy|mua máy|xây|còn|=lo được|gom được|tích góp|trong túi|xoay được|góp được|góp lại được|dồn được|huy động được|vay được|"
        "vay thêm|vay được thêm|vay thêm được|vốn vay|vốn vay được": (BUDGET, 3),
        "doanh thu|dthu|doanh số|thu về|thu được|thu nhập|tổng thu|tiền bán hàng|thu hoạch được": (REVENUE, 8),
        "bán được|bán ra|=thu": (REVENUE, 3),
        "vốn điều lệ|vốn pháp định|tổng nguồn vốn|tổng vốn|vốn đăng ký|vốn chủ sở hữu|điều lệ": (CAPITAL, 6),
        "giá bán|bán giá|bán với giá|bán lẻ|bán buôn|bán sỉ|thu mua|giá thu mua|giá nhập|nhập vào|thương lái|giá thị trường|bán được giá": (PRICE, 6),
        "bán": (PRICE, 1),
        "lương|tiền lương|quỹ lương|tiền công|nhân công|công nhật|thuê|tiền thuê|phạt|xử phạt|nộp phạt|nợ|dư nợ|vay|khoản vay|"
        "vay ngân hàng|vay vốn|thuế|tiền thuế|lệ phí|tiền điện|tiền nước|tiền nhà|tiền than|tiền gas|tiền dầu|tiền xăng|tiền củi|tiền xe|hỗ trợ|được hỗ trợ|trợ cấp|"
        "thưởng|giải thưởng|lợi nhuận|=lãi|thiệt hại|đền|đền bù|trị giá|giá trị|hợp đồng|đơn hàng|báo giá|đặt cọc|học phí|"
        "bảo hiểm|lô hàng|tồn kho|xin|tài trợ|tạm ứng|ứng trước|tiền hàng|tiền giống|tiền phân|mắc|đắt hơn|chênh|chi trả|trả nợ|"
        "trả lương|giảm được|tiết kiệm được|hư hao|hao hụt": (OTHER, 5),
        "=mất|=lời|=lỗ|=công|=phí|=cọc|=điện|=mất toi|trả công|tốn|=hỏng mất|=thối mất|luong": (OTHER, 3),
        "máy này|máy đó|máy kia|máy ấy|con này|con đó|loại này|loại đó|cái này|cái đó|máy bên|người ta bán|họ bán|bên kia bán": (PRICE, 3),
        "đã mua|đã đầu tư|đã bỏ ra|đã bỏ|đã chi|đã xây|đã lắp|đã vay|đã tiêu|từng mua|từng đầu tư|đã sắm|đã làm|mua hồi|lỡ mua|"
        "đã hỗ trợ|đã trả": (SPENT, 5),
    }
)  # fmt: skip
KINDS_AFTER = Phrases(
    {
        "doanh thu|doanh số": REVENUE,
        "vốn điều lệ": CAPITAL,
        "tiền điện|tiền dầu|tiền xăng|tiền củi|tiền xe|tiền lương|tiền công|tiền phạt|tiền hàng|tiền nợ|tiền thuê|tiền vay|tiền lãi|tiền thuế|tiền nước|tiền than|lợi nhuận|"
        "nợ|tiền học|tiền cọc|bảo hiểm|lương": OTHER,
    }
)
BEFORE_NOW = phrases(
    "hồi trước|trước đây|ngày trước|hồi xưa|năm ngoái|năm trước|hôm trước|đợt trước|hồi năm|lúc trước|dạo trước|máy cũ|lò cũ|cái cũ"
)
YEARS = phrases("năm ngoái|năm trước|hồi")
WISHES = phrases(
    "muốn|cần|định|=tính|tìm|dự kiến|sắp|mong"
)  # behind a word of the past: the money is still to be spent
COMPOUND = {  # words about money that are the first half of other words: công ty, phí thẩm định, điện thoại
    "cong": frozenset("ty nghe suat trinh doan thuc cu dong an chung chuc xuong bo khai nghiep".split()),
    "dien": frozenset("thoai tu tich may".split()),
    "con": frozenset("giong nguoi".split()),
}
MACHINE_NOUNS = phrases(
    "máy|thiết bị|dây chuyền|lò|tủ|hệ thống|kho|nồi|bộ|cái|con máy|công nghệ|một cái|1 cái|phần mềm|trạm|một bộ|loại"
)
RATE = phrases(
    "/ tháng|/ ngày|/ năm|/ tuần|/ giờ|/ h|/ vụ|/ mẻ|/ công|/ người|/ ca|/ buổi|một tháng|mỗi tháng|1 tháng|hàng tháng|một ngày|mỗi ngày|"
    "1 ngày|một năm|mỗi năm|1 năm|hàng năm|một giờ|mỗi giờ|một tuần|mỗi tuần|một công|một vụ|mỗi vụ|mỗi mẻ|một mẻ|1 mẻ|một người|"
    "mỗi người|1 công|một buổi|tháng"
)
COSTS = frozenset("dien nuoc than cui cong thue xang dau gas luong".split())
ONE = frozenset(("/", "mot", "moi", "1", "tren"))
TIMED = frozenset("ngay gio tuan thang nam me ca vu".split())
CHAI_CUES = phrases("vốn|kinh phí|tiền|giá|ngân sách|tầm|khoảng|bỏ ra|đầu tư|có|dưới|tối đa|không quá|chừng|cỡ")
MANY_CHAI = 1e10  # VND: nobody counts so much in chai
NOT_CHAI = frozenset("ruou nuoc mat dau tinh sua / mot moi tuong nhua thuy giam".split())
ROOTS = frozenset("khoai san nghe gung hanh toi giong cai su sam ca dong ba".split())
NOT_COUNTED = frozenset(("cái", "chiếc", "bộ", "con", "mẻ", "lượt", "đầu", "nhãn", "đơn"))


def find_money(text: str) -> list[Found[Money]]:
    """All amounts of money with their kinds; vague ones ("vài trăm triệu") are left out."""
    return list(money_in(read_line(text)))


def money_in(line: Line, taken: bytearray | None = None) -> Iterator[Found[Money]]:
    """The same for a row; tokens that are `taken` belong to something else."""
    at = 0
    said = line.said
    tokens = line.tokens
    while at < line.size:
        if (said[at] not in BEGINS and tokens[at].value is None) or (taken and taken[at]) or _a_year(line, at):
            at += 1
            continue
        span = _paired(line, at) or read_range(line, at)
        span = span and (_hundreds(line, at, span) or span)
        if span is None or not _is_money(line, at, span):
            at += 1
            continue
        if not _vague(line, at, span.after) and not _doubtful(line, at, span):
            yield _found(line, at, span)
        at = span.after


def _hundreds(line: Line, at: int, span: Span) -> Span | None:
    """Hundreds of millions without that word, as they are spoken of money: "vốn trăm rưỡi", "trong túi có trăm hai"."""
    if span.word or "tram" not in line.words[at : span.after]:
        return None
    tens = LAST_DIGITS.get(line.said[span.after], 0) if 100 <= span.most < 1000 and span.most % 100 == 0 else 0
    after = span.after + bool(tens)
    follow = line.words[after]
    if follow and follow not in BREAKS and follow not in (",", ")") and not CLOSING.begins(line, after):
        return None
    begin = fillers(line, at, FILLERS)
    kind = KINDS.ends(line, begin) or KINDS.ends(line, at)
    named = kind[0][0] == BUDGET if kind is not None else "có" in line.said[begin:at] or "co" in line.said[begin:at]
    if not named:
        return None
    more = tens * 10
    return Span((span.least + more) * 1e6, (span.most + more) * 1e6, after, 1e6, "tram", span.at)


def doubtful_money(text: str) -> tuple[float, float] | None:
    """The two readings of "3tr triệu" (3 or 300 million), for a question back; None when nothing is doubtful."""
    line = read_line(text)
    for at in range(line.size):
        span = read_range(line, at)
        if span is not None and _doubtful(line, at, span):
            return span.most, span.most * 100
    return None


def is_vague_money(text: str) -> bool:
    """Whether an amount is only hinted at ("vài trăm triệu", "4x triệu")."""
    line = read_line(text)
    if any(found.kind == BUDGET for found in money_in(line)):
        return False
    for at, word in enumerate(line.words):
        if word in ("trieu", "tr", "ty", "ti", "tram", "chuc", "cu"):
            if SURELY_VAGUE.ends(line, at) or line.words[at - 1] == "x" or JUST_OVER.ends(line, at):
                return True
    return False


def _doubtful(line: Line, at: int, span: Span) -> bool:
    return span.word == "tr" and line.words[span.after] in ("trieu", "tr") and (line.value(at) or 10) < 10


def _a_year(line: Line, at: int) -> bool:
    """ "mỗi năm" is no five."""
    return line.words[at] == "nam" and line.words[at - 1] in ("moi", "hang", "mot", "ca", "trong", "nua", "/")


def _paired(line: Line, at: int) -> Span | None:
    """ "tối thiểu 200, tối đa 300 triệu": the first number takes the scale of the second."""
    bound = BOUNDS.ends(line, at)
    if bound is None or bound[0] not in (AT_LEAST, FROM):
        return None
    first = read_number(line, at)
    if first is None or first.scaled or first.value >= 1000:
        return None
    after = first.after
    while line.words[after] in (",", "nhung", "va", "ma", "thi", "-"):
        after += 1
    more = BOUNDS.begins(line, after)
    if more is None or more[0] != AT_MOST:
        return None
    second = read_number(line, fillers_after(line, more[1]))
    if second is None or second.scale < 1e6 or first.value >= second.lead * 10:
        return None
    return Span(first.value * second.scale, second.value, second.after, second.scale, second.word, second.at)


def fillers_after(line: Line, at: int) -> int:
    """The index behind "là", "khoảng" and the like that begin at a token."""
    while line.words[at] in ("la", "khoang", "tam", "chung", "co"):
        at += 1
    return at


def _is_money(line: Line, at: int, span: Span) -> bool:
    after = span.after
    if FOREIGN.begins(line, after) or line.words[at - 1] == "$":
        return False
    unit_said = CURRENCY.begins(line, after)
    currency = unit_said is not None
    if not span.word:
        if unit_said is not None and line.words[after] not in ("tien", "bac"):
            alone = at == 0 and not line.words[unit_said[1]]
            return span.least >= (1 if alone else 1000)
        kind = KINDS.ends(line, fillers(line, at, FILLERS))
        return span.least >= 1e6 and kind is not None and kind[0][0] in (BUDGET, CAPITAL, REVENUE) and at + 1 == after
    unit = None if currency else unit_at(line, after)
    said = line.said[span.at]
    if span.word == "chai":
        cue = fillers(line, at, FILLERS) != at or CHAI_CUES.ends(line, at) or BOUNDS.ends(line, at)
        timed = any(
            line.words[k] in TIMED and line.words[k - 1] in ONE for k in range(max(at - 3, 1), at)
        )  # "mỗi ngày được 300 chai"
        bottles = timed or span.most >= MANY_CHAI  # "3 vạn chai"
        return bool(cue) and unit is None and line.words[after] not in NOT_CHAI and not bottles
    if span.word in ("k", "nghin", "ngan", "van"):
        return currency or (unit is None and _priced(line, at, span))
    if span.word in ("cu", "toi"):
        if line.words[after] in ROOTS and span.word == "cu":
            return False
        if said in ("củ", "tỏi"):
            return True
        begin = fillers(line, at, FILLERS)
        spoken = any(
            found is not None for found in (KINDS.ends(line, begin), BOUNDS.ends(line, at), CHAI_CUES.ends(line, at))
        )
        exact = "," in line.words[at] or "." in line.words[at]
        return not line.marked and (span.word == "cu" or exact or spoken)
    return unit is None or unit[0] in NOT_COUNTED


def _priced(line: Line, at: int, span: Span) -> bool:
    """Whether thousands are money: nothing is counted by them, or a price is spoken of."""
    follow = line.words[span.after]
    if span.word == "k" or not follow.isalpha() or follow in ONE:
        return span.word != "van"
    spoken = KINDS.ends(line, fillers(line, at, FILLERS))
    if spoken is not None and spoken[0][0] == PRICE:
        return True
    return follow in ("thoi", "tro", "do", "la", "moi", "mot", "a", "nhe", "em", "hang") and span.word != "van"


def _vague(line: Line, at: int, after: int) -> bool:
    in_words = line.value(at) is None
    bare = in_words and line.said[at] not in DIGITS
    if SURELY_VAGUE.ends(line, at) and in_words and (bare or line.words[at] == "ba"):
        return True
    if bare and VAGUE_BEFORE.ends(line, at):
        return True
    if JUST_OVER.ends(line, at) and SOMETHING.begins(line, after):
        return True
    return VAGUE_AFTER.begins(line, after) is not None


def _found(line: Line, at: int, span: Span) -> Found[Money]:
    after = span.after
    behind = CURRENCY.begins(line, after)
    behind_at = behind[1] if behind else after
    low, high, begin, end, bounded = bounds(line, at, span, behind_at)
    after = max(after, end)
    kind, strength = _kind(line, begin, behind_at)
    has = kind == BUDGET and any(word in ("co", "con") for word in line.words[begin:at])
    only = has and any(word in ("chi", "moi") for word in line.words[begin:at])
    if kind == BUDGET and span.most < 1e6 and not _named(line, begin) and not bounded:
        kind = PRICE  # small change without a word about spending
    start = line.tokens[at].start
    return Found(
        Money(low, high), start, line.tokens[span.after - 1].end, kind, at, after, strength + bounded + has + 2 * only
    )


def bounds(line: Line, at: int, span: Span, behind: int) -> tuple[float | None, float | None, int, int, bool]:
    """How a number is bounded by the words before tokens[at] or from `behind` on.

    Gives (least, most, where the words before begin, the index behind the words after, whether a bound was said).
    """
    bound, begin = _bound(line, at)
    end = 0
    if bound in (None, APPROX, FROM):
        later = BOUNDS_AFTER.begins(line, behind)
        if later is not None and line.value(later[1]) is None:
            bound, end = later[0] or bound, later[1]
    if bound == AT_MOST:
        return None, span.most, begin, end, True
    if bound in (AT_LEAST, FROM) and span.least == span.most:
        return span.least, None, begin, end, True
    return span.least, span.most, begin, end, bound is not None


def _bound(line: Line, at: int) -> tuple[str | None, int]:
    """The bound said before a number with the index where the words about it begin."""
    bound: str | None = None
    here = at
    for _ in range(8):
        found = BOUNDS.ends(line, here)
        if found is not None and found[0] == NOTHING:
            break
        if found is not None and not _of_range(line, found[1], here):
            bound = bound if bound not in (None, APPROX) else found[0]
            here = found[1]
            continue
        skipped = FILLERS.ends(line, here)
        spoken = KINDS.ends(line, here)
        if skipped is None or (spoken is not None and spoken[1] < skipped[1]):
            break
        here = skipped[1]
    return bound, here


def _of_range(line: Line, start: int, at: int) -> bool:
    """Whether "đến" here stands behind another number, so that it is no bound."""
    return line.words[start] in ("den", "toi") and line.value(start - 1) is not None


def _kind(line: Line, begin: int, behind: int) -> tuple[str, int]:
    """What the money is: by the nearest word about money before it in its clause, else by what follows it."""
    follow = line.words[behind]
    named = behind if line.words[behind - 1] == "tien" else behind + 1 if follow == "tien" else None
    if named is not None and line.words[named] in COSTS:
        return OTHER, 1  # "mỗi tháng 12 triệu tiền điện"
    if follow in ONE and _per_piece(line, behind):
        return PRICE, 0
    kind, strength = BUDGET, 0
    edge = max(clause_start(line, begin), begin - 11)
    for gap, here in enumerate(range(begin, edge, -1)):
        if line.words[here - 1] == "," or (gap and _amount_word(line, here - 1)):
            break
        found = KINDS.ends(line, here)
        if found is not None and line.words[here] in COMPOUND.get(line.words[here - 1], ()):
            continue
        if found is not None and gap <= found[0][1]:
            kind, strength = found[0][0], 2
            break
        if line.words[here - 1] == "gia" and line.said[here - 1] in ("giá", "gia") and gap <= 5:
            kind, strength = (BUDGET, 1) if gap == 0 or MACHINE_NOUNS.begins(line, here) else (PRICE, 0)
            break
    if strength == 0 and (later := within(line, behind, KINDS_AFTER, behind + 2)):
        return later, 1
    if kind == BUDGET and strength < 2 and RATE.begins(line, behind):
        return OTHER, 0
    if kind == BUDGET and strength and RATE.begins(line, behind) and not _named(line, begin):
        return OTHER, 0
    if kind == BUDGET and not _named(line, begin) and _of_the_past(line, begin, behind):
        return SPENT, 0
    return kind, strength


def _amount_word(line: Line, at: int) -> bool:
    """Whether another amount stands here, so that what is before it speaks of that one; a year is none."""
    value = line.value(at)
    return value is not None and not 1990 <= value <= 2100 and (value >= 1000 or line.said[at + 1] in SCALES)


def _named(line: Line, begin: int) -> bool:
    found = KINDS.ends(line, begin)
    return found is not None and found[0] == (BUDGET, 6)


def _of_the_past(line: Line, begin: int, behind: int) -> bool:
    """Whether the clause speaks of money spent long ago."""
    start = clause_start(line, begin, (*BREAKS, ","))
    for here in range(begin - 1, start - 1, -1):
        if WISHES.begins(line, here) is not None and line.words[here - 1] not in ("khong", "chua", "da"):
            break
        if BEFORE_NOW.begins(line, here) is not None:
            return True
    return YEARS.begins(line, behind) is not None


def _per_piece(line: Line, at: int) -> bool:
    """Whether "/kg", "một cân", "mỗi chai" follows: the price of a product, not of a machine."""
    here = at + 1
    if line.words[at] == "/" and line.words[here] in ("1", "mot", "moi"):
        here += 1
    unit = UNITS.get(line.said[here])
    return (
        unit is not None
        and unit not in ("cái", "chiếc", "bộ", "con", "mẻ")
        and line.words[here + 1] not in ("may", "lo")
    )
