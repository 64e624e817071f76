"""Reads the firm that writes: its name as typed, its legal form, its size."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.line import Line, Phrases, phrases, variants
from domain.numbers import BEGINS, read_range

FORMS = Phrases(
    {
        "công ty|cty|tnhh|cong ti|công ti|cty tnhh": "công ty", "hợp tác xã|htx|liên hiệp hợp tác xã|liên hiệp htx": "hợp tác xã",
        "tổ hợp tác|tht|tổ hợp tác xã": "tổ hợp tác", "hộ kinh doanh|hộ kinh danh|hkd|hộ cá thể|hộ kd|hộ kinh doanh cá thể": "hộ kinh doanh",
        "doanh nghiệp|dntn|dn|doanh nghiệp tư nhân": "doanh nghiệp",
    }
)  # fmt: skip
OTHERS_BEFORE = phrases(
    "các|những|mấy|nhiều|có|hỗ trợ|hỗ trợ cho|cho các|giữa|bán cho|mua của|đối tác là|nhờ|tìm|với|giới thiệu|kết nối|giúp|thuê|"
    "lên|lên thành|thành lập|sang|một số|vài|thương lái|hoặc|hiệp hội|luật|chuyển thành|chuyển lên|vào|của các|ký với|bên bán là|nhà cung cấp là"
)
OURS_BEFORE = phrases("cho công ty|cho htx em|có một|bên em có")
OTHERS_AFTER = phrases(
    "nào|khác|kia|ấy|đó|bán máy|cung cấp|họ|người ta|lớn|nước ngoài|phần mềm|điện lực|luật|hàng xóm|bên cạnh|bạn|mà có"
)
LEGAL = frozenset(
    "tnhh co phan cp mtv tm dv sx xnk dt xd va & - mot hai thanh vien tu nhan huu han thuong mai dich vu san xuat xuat nhap khau "
    "dau tu xay dung nong nghiep lam nghiep nong lam san che bien du lich tong hop phat trien cong nghe thuc pham duoc lieu kinh doanh "
    "chan nuoi thuy san dntn lam".split()
)
FIRM_LEADS = phrases(
    "công ty|cty|hợp tác xã|htx|doanh nghiệp tư nhân|doanh nghiệp|dntn|cơ sở|tổ hợp tác|hộ kinh doanh|hkd|liên hiệp htx|tht|công ti|xí nghiệp"
)
STOP = frozenset(
    kind
    for word in (
        "cần ở tại muốn xin sđt số đt chuyên là của đang có làm thì mình em tôi chúng anh chị nhà bên nhỏ lớn mới nào này không đã sẽ điện "
        "thoại liên mst mã địa zalo kính đề tìm mua hiện chưa được khi vào từ cho với ấy đó trên thuộc trồng nuôi gặp tên hay mong nhờ hỏi bị "
        "lên xuống ra kết giám người đại chủ k ko dc sdt dt muốn sản mà nhưng mst chuyển tới đến nhận"
    ).split()
    for kind in variants(word)
)
NAMED = phrases("tên|tên là|có tên|mang tên|tên gọi")
SIZES = Phrases(
    {
        "doanh nghiệp siêu nhỏ|quy mô siêu nhỏ|dn siêu nhỏ|loại siêu nhỏ": "siêu nhỏ",
        "doanh nghiệp nhỏ và vừa|dnnvv|doanh nghiệp vừa và nhỏ|dn nhỏ và vừa|dnvvn|quy mô nhỏ và vừa": "nhỏ và vừa",
        "doanh nghiệp nhỏ|quy mô doanh nghiệp nhỏ|dn nhỏ": "nhỏ",
        "doanh nghiệp vừa|dn vừa|quy mô doanh nghiệp vừa": "vừa",
    }
)
STAFF = phrases(
    "lao động|công nhân|nhân viên|thợ|nhân công|người làm|người lao động|nhân sự|lao động thường xuyên|ld|lđ|công nhân viên|cán bộ nhân viên|"
    "người làm việc|người thợ|bạn thợ|cbnv|thợ làm"
)
USUAL = frozenset(
    "cần muốn xin ở tại đang có là làm chúng tôi em anh chị tìm mua hiện mong kính đề số điện gặp tên chuyên mã".split()
)


@dataclass(frozen=True, slots=True)
class Firm:
    """A named firm in tokens[at:after], as typed in `said`."""

    said: str
    at: int
    after: int


def firms_in(line: Line) -> list[Firm]:
    """Firms that are named, as typed; "HTX trồng na" is not a name."""
    shouting = line.text.isupper()
    found: list[Firm] = []
    for _, at, after in FIRM_LEADS.all(line):
        if found and at < found[-1].after:
            continue
        firm = _firm(line, at, after, shouting)
        if firm is not None:
            found.append(firm)
    return found


def _firm(line: Line, at: int, start: int, shouting: bool) -> Firm | None:
    """The firm whose lead (công ty, HTX) stands in tokens[at:start]."""
    named = NAMED.begins(line, start)
    first = named[1] if named else start
    last, capitals = first, 0
    while last < line.size and last - first < 14:
        if _capital(line, last) and not _sentence_word(line, last, shouting):
            capitals += line.words[last] not in LEGAL
        elif not _between(line, last, capitals > 0):
            break
        last += 1
    while last > first and not line.words[last - 1].isalnum():
        last -= 1
    if capitals:
        return Firm(line.slice(at, last), at, last)
    return _lower_firm(line, at, first, named is not None)


def _capital(line: Line, at: int) -> bool:
    return line.words[at].isalpha() and line.text[line.tokens[at].start].isupper()


def _between(line: Line, at: int, started: bool) -> bool:
    """Whether a small word, number or sign belongs to a name: a capital follows soon ("Thuốc lá Bắc Sơn", "27-7 Xứ Lạng")."""
    word = line.words[at]
    if word.isalpha():
        return (word in LEGAL or (started and line.said[at] not in STOP)) and _capital_soon(line, at + 1)
    if line.tokens[at].value is not None:
        return (started and line.touches(at)) or _capital_soon(line, at + 1) or line.words[at + 1] in ("-", "/")
    beside = at + 1 < line.size and (_capital(line, at + 1) or line.tokens[at + 1].value is not None)
    return (
        word in ("&", "-", "/") and beside and (word == "&" or _capital(line, at + 1) or line.value(at - 1) is not None)
    )


def _sentence_word(line: Line, at: int, shouting: bool) -> bool:
    """Whether a capital belongs to a usual word ("HTX Cần mua", or any in a message of capitals)."""
    if shouting and line.said[at] in STOP:
        return True
    if line.words[at] == "lien":
        return line.words[at + 1] == "he"
    return line.words[at] not in LEGAL and line.said[at] in USUAL


def _capital_soon(line: Line, at: int) -> bool:
    """Whether a capital follows, with only words like "nông nghiệp" between."""
    here = at
    while here < line.size and here - at < 6 and line.words[here] in LEGAL and not _capital(line, here):
        here += 1
    return here < line.size and _capital(line, here)


def _lower_firm(line: Line, at: int, start: int, named: bool) -> Firm | None:
    """A name in small letters: behind "tên" or a legal mark ("cty tnhh hoàng long")."""
    here = start
    legal = False
    while here < line.size and line.words[here] in LEGAL and line.words[here].isalpha():
        legal = legal or line.words[here] in ("tnhh", "cp", "mtv") or (line.words[here] == "phan")
        here += 1
    if not (legal or named or line.words[at] == "dntn"):
        return None
    last = here
    while last < line.size and last - here < 5 and line.words[last].isalpha() and line.said[last] not in STOP:
        last += 1
    return Firm(line.slice(at, last), at, last) if last > here else None


def form_in(line: Line, ruled_out: frozenset[str]) -> str | None:
    """The legal form of the writer's own firm; forms of others ("công ty nào bán…") are left out."""
    best: str | None = None
    for form, at, after in form_spots(line):
        if form in ruled_out:
            continue
        own = OURS_BEFORE.ends(line, at)
        if own is None and (
            OTHERS_AFTER.begins(line, after) or (OTHERS_BEFORE.ends(line, at) and not _ours(line, after))
        ):
            continue
        if best is None or (best == "doanh nghiệp" and form != best):
            best = form
    return best


def _ours(line: Line, at: int) -> bool:
    return line.words[at] in ("em", "minh", "nha", "toi", "chung", "ben", "chi", "anh") or (
        at < line.size and line.text[line.tokens[at].start].isupper()
    )


def form_spots(line: Line) -> Iterator[tuple[str, int, int]]:
    """Every mention of a legal form."""
    for form, at, after in FORMS.all(line):
        if not (line.words[at] == "hop" and line.words[at - 1] == "to"):
            yield form, at, after


BEFORE_HEADS = frozenset("co em toi minh chung nho chi anh ben nha tam khoang hon".split())


GUESTS = frozenset(("di", "tham", "du", "dang", "hoc", "den", "toi"))


def _heads(line: Line, taken: bytearray) -> int | None:
    """The people of a firm, said right behind its form: "công ty 45 người", "htx em có 12 người"."""
    for _, at, after in form_spots(line):
        if line.words[at - 1] in ("cho", "ky"):
            continue  # "đăng ký cho công ty 5 người" counts guests
        here = after
        while line.words[here] in BEFORE_HEADS and here - after < 3:
            here += 1
        span = None if taken[here] else read_range(line, here)
        if (
            span is not None
            and span.most == int(span.most)
            and line.words[span.after] == "nguoi"
            and span.scale <= 1000
            and line.words[span.after + 1] not in GUESTS
        ):
            taken[here : span.after + 1] = b"\1" * (span.after + 1 - here)
            return int(span.most)
    return None


def size_in(line: Line, taken: bytearray) -> dict[str, Any]:
    """The number of employees with the class of a firm, where they are said."""
    size: dict[str, Any] = {}
    if kind := SIZES.all(line):
        size["class"] = kind[0][0]
    if not STAFF.all(line):
        if (heads := _heads(line, taken)) is not None:
            size["employees"] = heads
        return size
    for at in range(line.size):
        if taken[at] or (line.said[at] not in BEGINS and line.tokens[at].value is None):
            continue
        span = read_range(line, at)
        if span is None or span.scale > 1000 or span.most != int(span.most):
            continue
        after = (
            span.after + 1
            if line.words[span.after] in ("nguoi", "ban", "chi", "anh") and not STAFF.begins(line, span.after)
            else span.after
        )
        staff = STAFF.begins(line, after)
        if staff is not None and not (line.words[after] == "tho" and line.said[after] not in ("thợ", "tho")):
            size["employees"] = int(span.most)
            taken[at : staff[1]] = b"\1" * (staff[1] - at)
            break
    return size
