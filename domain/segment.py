"""Whom a message to many is for: typed conditions on people, joined with and, or, not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST_DEEP = 6  # brackets within brackets
MOST_PARTS = 200


class Trait(StrEnum):
    """What can be asked of a person; each takes one or more values, of which one must hold."""

    UNIT = "unit"  # the commune or ward of the enterprise or of a standing need
    DISTRICT = "district"  # a former district: any of the communes it became
    SECTOR = "sector"
    PRODUCT = "product"  # words of the standing needs: goods, steps
    FORM = "form"  # legal form
    STAFF_LEAST = "staff_least"  # at least so many employees
    STAFF_MOST = "staff_most"
    NEED = "need"  # a standing need of this state; "any" for whatever state
    PROGRAMME = "programme"  # was told that this programme fits or nearly fits
    ATTENDED = "attended"  # came to this event
    REGISTERED = "registered"  # has a place or waits for one at this event
    CHANNEL = "channel"  # where the person talked last
    TAG = "tag"  # what officers noted
    REACHED = "reached"  # this broadcast has reached them and was not taken back, or may have
    RECENT = "recent"  # has had so many messages on our own account within a week
    PERSON = "person"  # this very person
    SAVED = "saved"  # fits a segment that is kept under this id


NUMBERS = frozenset((Trait.STAFF_LEAST, Trait.STAFF_MOST, Trait.REACHED, Trait.RECENT, Trait.PERSON, Trait.SAVED))
TRAIT_WORDS = {
    Trait.UNIT: "xã/phường",
    Trait.DISTRICT: "huyện cũ",
    Trait.SECTOR: "ngành",
    Trait.PRODUCT: "sản phẩm hoặc việc cần",
    Trait.FORM: "loại hình",
    Trait.STAFF_LEAST: "lao động từ",
    Trait.STAFF_MOST: "lao động đến",
    Trait.NEED: "phiếu nhu cầu",
    Trait.PROGRAMME: "hợp chương trình",
    Trait.ATTENDED: "đã dự",
    Trait.REGISTERED: "đã đăng ký",
    Trait.CHANNEL: "kênh",
    Trait.TAG: "nhãn",
    Trait.REACHED: "đã nhận tin",
    Trait.RECENT: "số tin nhận trong 7 ngày từ",
    Trait.PERSON: "đúng những người đã chọn",
    Trait.SAVED: "thuộc nhóm số",
}


class BadSegment(ValueError):
    """What was written is no segment; the message tells an officer where."""


@dataclass(frozen=True)
class Is:
    """One of these values holds of the person."""

    trait: Trait
    values: tuple[str, ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Segment"


@dataclass(frozen=True)
class All:
    """Every part holds; without parts: everybody."""

    parts: tuple["Segment", ...] = ()


@dataclass(frozen=True)
class Either:
    """At least one part holds; without parts: nobody."""

    parts: tuple["Segment", ...] = ()


Segment = Is | Not | All | Either
EVERYBODY = All()


def people(ids: list[int]) -> Segment:
    """Exactly these people."""
    return Is(Trait.PERSON, tuple(str(one) for one in ids)) if ids else Either()


def read(held: Any, deep: int = 0) -> Segment:
    """A segment from JSON: {"all": [...]}, {"any": [...]}, {"not": {...}}, {"unit": ["Xã A"]}. Raises BadSegment."""
    if deep > MOST_DEEP:
        raise BadSegment("Điều kiện lồng vào nhau quá nhiều lớp.")
    if not isinstance(held, dict) or len(held) != 1:
        raise BadSegment(f"Mỗi điều kiện chỉ có một tên, không phải {held!r}"[:200])
    ((key, value),) = held.items()
    if key in ("all", "any"):
        if not isinstance(value, list) or len(value) > MOST_PARTS:
            raise BadSegment("Nhiều điều kiện thì viết thành danh sách.")
        parts = tuple(read(part, deep + 1) for part in value)
        return All(parts) if key == "all" else Either(parts)
    if key == "not":
        return Not(read(value, deep + 1))
    if key == "people":  # how earlier drafts named them
        return people([int(one) for one in value])
    if key not in set(Trait):
        raise BadSegment(f"Không có điều kiện tên “{key}”.")
    trait = Trait(key)
    values = tuple(str(one).strip() for one in (value if isinstance(value, list) else [value]) if str(one).strip())
    if not values:
        raise BadSegment(f"Điều kiện “{TRAIT_WORDS.get(trait, key)}” chưa có giá trị.")
    if trait in NUMBERS and not all(one.isdigit() for one in values):
        raise BadSegment(f"Điều kiện “{TRAIT_WORDS.get(trait, key)}” cần một số, ví dụ 10.")
    return Is(trait, values)


def write(segment: Segment) -> dict[str, Any]:
    """The segment as JSON."""
    match segment:
        case Is(trait, values):
            return {trait.value: list(values)}
        case Not(part):
            return {"not": write(part)}
        case All(parts):
            return {"all": [write(part) for part in parts]}
        case Either(parts):
            return {"any": [write(part) for part in parts]}


def conditions(segment: Segment) -> Iterator[Is]:
    """Every condition in it, from left to right."""
    match segment:
        case Is():
            yield segment
        case Not(part):
            yield from conditions(part)
        case All(parts) | Either(parts):
            for part in parts:
                yield from conditions(part)


def words(segment: Segment, inside: bool = False, names: Mapping[Trait, Mapping[str, str]] | None = None) -> str:
    """The segment as an officer reads it; `names` are what values are called, by condition."""

    def named(trait: Trait, values: tuple[str, ...]) -> str:
        known = (names or {}).get(trait, {})
        return " hoặc ".join(known.get(value, value) for value in values)

    match segment:
        case Is(Trait.PERSON, values):
            return f"{len(values)} người đã chọn"
        case Is(Trait.NEED, values) if values == ("any",):
            return "có phiếu nhu cầu đang mở"
        case Is(Trait.SAVED, values) if names and Trait.SAVED in names:
            return f"nhóm {' hoặc '.join(names[Trait.SAVED].get(value, f'số {value}') for value in values)}"
        case Is(Trait.UNIT, values):
            return f"ở {named(Trait.UNIT, values)}"
        case Is(Trait.DISTRICT, values):
            return f"ở {named(Trait.DISTRICT, values)} (cũ)"
        case Is(Trait.REACHED, values):
            return f"đã nhận tin {' hoặc '.join(f'TB-{int(value):04d}' for value in values)}"
        case Is(Trait.RECENT, values):
            return f"đã nhận từ {min(map(int, values))} tin trong 7 ngày"
        case Is(trait, values):
            return f"{TRAIT_WORDS[trait]} {named(trait, values)}"
        case Not(part):
            return f"không phải ({words(part, names=names)})"
        case All(parts):
            if not parts:
                return "tất cả mọi người"
            text = " và ".join(words(part, True, names) for part in parts)
            return f"({text})" if inside and len(parts) > 1 else text
        case Either(parts):
            if not parts:
                return "không ai"
            text = " hoặc ".join(words(part, True, names) for part in parts)
            return f"({text})" if inside and len(parts) > 1 else text
