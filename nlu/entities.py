"""Reads the typed entities of one message, in the shapes of the entity contract."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from domain.amounts import Found, Money, Quantity
from domain.dates import Said, periods_in, raw_in
from domain.line import BREAKS, Line, clause_start, phrases, read_line, within
from domain.money import money_in
from domain.numbers import BEGINS, read_range
from domain.quantities import quantities_in
from domain.spelling import Speller
from nlu.events import about_event, clock_in, heads_in
from nlu.firms import Firm, firms_in, form_in, form_spots, size_in
from nlu.hints import TermSpot
from nlu.identity import phone_in, tax_code_in
from nlu.people import contact_in, full_name_before, leave_name
from nlu.places import Places, Spot
from nlu.scope import corrects, replaced, ruled_out
from nlu.terms import Terms

Value = TypeVar("Value")
KEPT_SHORT = frozenset(
    "k h a e c tr r nd tt ht ct hs tp dn bn nt tk ns kp cn ls n t m l g j z x p ty ti q th ha kg ta tan may tu cu con ca".split()
)  # chat spellings that are words of the grammars themselves, or too short to be sure
TURNOVER = phrases("doanh thu|doanh số|dthu|lợi nhuận|sản lượng năm")
BARE_ENDS = frozenset(
    ("", ",", ".", "\n", "co", "thoi", "nhe", "a", "moi", "dung", "chu", "!", ";", "day", "em", "chi", "anh", "ma")
)


@lru_cache(maxsize=16)
def reader(places: Places, terms: Terms) -> Speller:
    """The speller that knows the words of these places and terms."""
    short = {str(key): str(full) for key, full in terms.teencode.get("words", {}).items()}
    kept = {key: full for key, full in short.items() if key.lower() not in KEPT_SHORT and "&" not in key}
    kept = {key: full for key, full in kept.items() if key.lower() not in terms.vocabulary}
    kept.setdefault("fai", "phải")
    return Speller((*places.vocabulary, *terms.vocabulary, *short.values()), kept)


def read_entities(text: str, today: date, places: Places, terms: Terms) -> dict[str, Any]:
    """The entities that the text states; a key is present only when it is said."""
    line = read_line(text, reader(places, terms))
    found: dict[str, Any] = {}
    negated: list[dict[str, str]] = []
    taken = bytearray(line.size + 1)
    figures = any(word[:1].isdigit() for word in line.words) or line.words.count("khong") > 0
    phone = phone_in(line, taken) if figures else None
    tax = tax_code_in(line, taken) if any(len(word) > 2 and word[0].isdigit() for word in line.words) else None
    firms = firms_in(line)
    inside = bytearray(line.size + 1)
    for firm in firms:
        inside[firm.at : firm.after] = b"\1" * (firm.after - firm.at)
    spots = places.spots(line, inside)
    named = bytearray(taken)
    for spot in spots:
        named[spot.at : spot.after] = b"\1" * (spot.after - spot.at)
    turned = corrects(line)
    event = about_event(line)
    if event and (clock := clock_in(line)):
        found["time"] = clock[0]
        named[clock[1] : clock[2]] = b"\1" * (clock[2] - clock[1])
    _amounts(line, named, turned, found)
    _time(line, today, named, turned, event, found)
    goods = _terms(line, terms, named, firms, inside, spots, found, negated)
    standing = [spot for spot in spots if spot.cued or spot.at not in goods]
    if turned >= 0 and (later := [spot for spot in standing if spot.at > turned]):
        standing = later  # "xã Hữu Lũng à không xã Yên Bình"
    _place(line, places, standing, found, negated)
    _people(line, phone, tax, firms, inside, named, event, found, negated)
    if negated:
        found["negated"] = [row for at, row in enumerate(negated) if row not in negated[:at]]
    return found


def _amounts(line: Line, taken: bytearray, turned: int, found: dict[str, Any]) -> None:
    money = list(money_in(line, taken))
    for row in money:
        taken[row.at : row.after] = b"\1" * (row.after - row.at)
    quantities = list(quantities_in(line, taken))
    for measured in quantities:
        for first, last in ((measured.at, measured.after), measured.beside):
            taken[first:last] = b"\1" * (last - first)
    bare = _bare_number(line, taken)
    standing = [row for row in money if not replaced(line, row.at, row.after)]
    if budget := _budget([row for row in standing if row.kind == "budget"], turned):
        found["budget"] = budget
    size: dict[str, Any] = {}
    for row in standing:
        if row.kind == "revenue":
            if row.value.min is not None:
                size["revenue"] = _whole(row.value.min)
            if row.value.max is not None and row.value.max != row.value.min:
                size["revenue_max"] = _whole(row.value.max)
        elif row.kind == "capital":
            size["capital"] = _whole(row.value.min or row.value.max)
    if size:
        found["org_size"] = size
    kept = [row for row in quantities if not replaced(line, row.at, row.after)]
    chosen = _chosen(line, kept, turned, lambda row: row.weight)
    if chosen is not None:
        found["capacity"] = _capacity(chosen.value)
    if bare is not None:
        _corrected(line, bare, turned, money, quantities, found)


def _chosen(
    line: Line, rows: list[Found[Value]], turned: int, weight: Callable[[Found[Value]], int]
) -> Found[Value] | None:
    """The last one said after a correction, else the most telling, else the first."""
    if not rows:
        return None
    if mended := [row for row in rows[1:] if line.said[row.at - 1] == "à"]:  # "40 cây à 400 gốc"
        return mended[-1]
    if turned >= 0:
        later = [row for row in rows if row.at > turned]
        return (later or rows)[-1] if len(later or rows) == 1 or not later else max(later, key=weight)
    return max(rows, key=lambda row: (weight(row), -row.at))


def _budget(rows: list[Found[Money]], turned: int) -> dict[str, Any] | None:
    if not rows:
        return None
    low = next((row for row in rows if row.value.max is None), None)
    high = next((row for row in rows if row.value.min is None and low is not None and row.at > low.at), None)
    if low is not None and high is not None and (low.value.min or 0) <= (high.value.max or 0) and turned < 0:
        return {"min": _whole(low.value.min), "max": _whole(high.value.max)}
    chosen = rows[-1] if turned >= 0 else max(rows, key=lambda row: (row.weight, -row.at))
    return {"min": _whole(chosen.value.min), "max": _whole(chosen.value.max)}


def _bare_number(line: Line, taken: bytearray) -> tuple[float, int, int] | None:
    """A number alone in its clause or before "chứ không phải": what a correction puts in the place of another."""
    for at in range(line.size):
        if taken[at] or (line.said[at] not in BEGINS and line.tokens[at].value is None):
            continue
        span = read_range(line, at)
        if span is None or span.least != span.most or line.words[span.after] not in BARE_ENDS:
            continue
        before = line.words[at - 1]
        if before in (
            "a",
            "nham",
            "phai",
            "la",
            "ma",
            "thanh",
            "quen",
            "",
            "\n",
            ",",
            "xuong",
            "len",
            "con",
            "khong",
            "sang",
        ):
            return span.most, at, span.after
    return None


def _corrected(
    line: Line,
    bare: tuple[float, int, int],
    turned: int,
    money: list[Found[Money]],
    quantities: list[Found[Quantity]],
    found: dict[str, Any],
) -> None:
    """Puts a bare number in the place of the amount it corrects ("40 tấn năm … à 45", "12 chứ không phải 20 tấn")."""
    value, at, _after = bare
    others: list[Found[Money] | Found[Quantity]] = [*money, *quantities]
    given_up = [row for row in others if replaced(line, row.at, row.after)]
    instead = bool(given_up) and len(others) == len(given_up)
    spoken = line.words[at - 1] in ("a", "nham", "quen", "khong", "la", "phai") and (
        turned >= 0 or line.words[at - 1] == "a"
    )
    if not (instead or spoken) or not others:
        return
    before = [row for row in others if row.at < at] or others
    old = (given_up or before)[-1]
    if isinstance(old.value, Quantity):
        found["capacity"] = {"value": _whole(value), "unit": old.value.unit, "per": old.value.per}
    elif value < 1000:
        scale = 1e9 if (old.value.max or old.value.min or 0) >= 1e9 and value < 100 else 1e6
        amount = _whole(value * scale)
        found["budget"] = {
            "min": None if old.value.min is None else amount,
            "max": None if old.value.max is None else amount,
        }


def _capacity(value: Quantity) -> dict[str, Any]:
    tail = {"unit": value.unit, "per": value.per}
    if value.min == value.max:
        return {"value": _whole(value.min), **tail}
    return {"min": _whole(value.min), "max": _whole(value.max), **tail}


def _whole(value: float | None) -> int | float | None:
    if value is None:
        return None
    return round(value) if abs(value - round(value)) < 1e-6 else round(value, 4)


def _time(line: Line, today: date, taken: bytearray, turned: int, event: bool, found: dict[str, Any]) -> None:
    periods = [row for row in periods_in(line, today, taken) if not replaced(line, row.at, row.after)]
    raw = raw_in(line)
    periods = [row for row in periods if not _of_revenue(line, row)]
    if raw is not None:
        periods = [row for row in periods if not (row.at < raw[1] and raw[0] < row.after and not _a_month(line, raw))]
    chosen = _period(periods, turned)
    if chosen is not None:
        for row in periods:
            taken[row.core : row.after] = b"\1" * (row.after - row.core)
        period = chosen.period
        if event and period.start is not None and period.start == period.end:
            found["date"] = period.start.isoformat()
        else:
            found["deadline"] = str(period)
    elif raw is not None:
        found["deadline_raw"] = line.slice(*raw)


def _of_revenue(line: Line, row: Said) -> bool:
    """Whether a period tells the year of a turnover ("doanh thu sang năm 6 tỷ")."""
    start = clause_start(line, row.at, (*BREAKS, ","))
    return within(line, start, TURNOVER, row.at) is not None


def _a_month(line: Line, raw: tuple[int, int]) -> bool:
    return "thang" in line.words[raw[0] : raw[1]]


def _period(rows: list[Said], turned: int) -> Said | None:
    if not rows:
        return None
    later = [row for row in rows if row.at > turned] if turned >= 0 else []
    if later:
        return later[-1]
    return max(rows, key=lambda row: (row.weight, -row.at))


def _terms(
    line: Line,
    terms: Terms,
    taken: bytearray,
    firms: list[Firm],
    inside: bytearray,
    spots: list[Spot],
    found: dict[str, Any],
    negated: list[dict[str, str]],
) -> frozenset[int]:
    """Puts the terms; gives where the names of products end ("chè Mẫu Sơn" tells no place)."""
    rows = terms.find(line, taken, frozenset(spot.at for spot in spots))
    marks = bytearray(line.size + 2)
    for row in rows:
        marks[row.at : row.after] = b"\1" * (row.after - row.at)
    kept: dict[str, list[str]] = {"product": [], "process": []}
    in_firms: list[TermSpot] = []
    for row in rows:
        if ruled_out(line, row.at, row.after, marks):
            negated.append({"slot": row.kind, "value": row.term})
        elif inside[row.at]:
            in_firms.append(row)
        elif row.term not in kept[row.kind]:
            kept[row.kind].append(row.term)
    if not kept["product"]:
        kept["product"] = [row.term for row in in_firms if row.kind == "product" and _of_trade(line, row, firms, spots)]
    broader = {parent for term in kept["process"] for parent in terms.parents.get(term, ())}
    kept["process"] = [term for term in kept["process"] if term not in broader]
    fuel = [row.term for row in rows if row.kind == "product" and _burnt(line, row)]
    if len(kept["product"]) > len(fuel):
        kept["product"] = [term for term in kept["product"] if term not in fuel]
    out = {(row["slot"], row["value"]) for row in negated}
    for kind, values in kept.items():
        left = [value for value in dict.fromkeys(values) if (kind, value) not in out]
        if left:
            found[kind] = left[0] if len(left) == 1 else left
    return frozenset(row.after for row in rows if row.kind == "product")


FUELS = frozenset(("than", "củi"))
BURNS = phrases("sấy|đốt|chạy|nấu|đun|bằng|dùng|lò|bếp|từ sấy|tốn|hết|mua")


def _burnt(line: Line, row: TermSpot) -> bool:
    """Whether coal or wood is what a kiln burns: "sấy than", "lò than"."""
    return row.term in FUELS and BURNS.ends(line, row.at) is not None


def _of_trade(line: Line, row: TermSpot, firms: list[Firm], spots: list[Spot]) -> bool:
    """Whether a product in the name of a firm is its trade (HTX Quýt Bắc Sơn), not its name (Hồng Phát)."""
    if row.after - row.at > 1:
        return True
    return any(spot.at == row.after for spot in spots) or any(firm.after == row.after for firm in firms)


def _place(line: Line, places: Places, spots: list[Spot], found: dict[str, Any], negated: list[dict[str, str]]) -> None:
    meant: list[Spot] = []
    marks = bytearray(line.size + 2)
    for spot in spots:
        if spot.meant and ruled_out(line, spot.at, spot.after, marks):
            negated.append({"slot": "location", "value": _label(spot)})
        elif spot.meant:
            meant.append(spot)
    if location := places.locate(meant):
        found["location"] = location


def _label(spot: Spot) -> str:
    """A place as it is called where it is ruled out."""
    place = spot.options[0]
    types = {option.said_type for option in spot.options}
    return f"{place.said_type} {place.name}" if len(types) == 1 and place.kind != "province" else place.name


def _people(
    line: Line,
    phone: tuple[str, int, int] | None,
    tax: str | None,
    firms: list[Firm],
    inside: bytearray,
    taken: bytearray,
    event: bool,
    found: dict[str, Any],
    negated: list[dict[str, str]],
) -> None:
    if phone is not None:
        found["phone"] = phone[0]
    if tax is not None:
        found["tax_code"] = tax
    marks = bytearray(line.size + 2)
    out = frozenset(form for form, at, after in form_spots(line) if ruled_out(line, at, after, marks))
    negated.extend({"slot": "org_form", "value": form} for form in sorted(out))
    if form := form_in(line, out):
        found["org_form"] = form
    if firms:
        found["company"] = firms[0].said
    if size := size_in(line, taken):
        found["org_size"] = {**size, **found.get("org_size", {})}
    nobody = bytearray(left | right for left, right in zip(inside, taken, strict=False))
    if name := full_name_before(line, phone) or contact_in(line, phone, nobody):
        found["contact_name"] = name
        leave_name(line.text, name, found)
    if (heads := heads_in(line, taken, event)) is not None:
        found["head_count"] = heads
