"""Finds communes, former communes, former districts, provinces in a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.line import BREAKS, Line, Phrases, phrases, read_line, variants
from domain.spelling import like
from domain.text import TOKEN, fold, place_tone

HOME = "Lạng Sơn"
TYPES = Phrases(
    {
        "xã|=xả": "xã", "phường": "phường", "p .": "phường", "thị trấn": "thị trấn", "tt": "thị trấn", "tt .": "thị trấn",
        "huyện": "huyện", "h .": "huyện", "tỉnh": "tỉnh", "tp": "thành phố", "tp .": "thành phố", "thành phố": "thành phố",
        "x .": "xã", "t .": "tỉnh", "tx": "thị xã", "thị xã": "thị xã", "tpho": "thành phố", "tphố": "thành phố",
    }
)  # fmt: skip
CUES = phrases(
    "ở|tại|thôn|bản|khu|bên|dưới|trên|về|thuộc|vùng|quê|phía|địa chỉ|từ|ngoài|trong|đất|đ / c|ở bên|ở dưới|ở trên|tận|người|"
    "hình như|hình như là|chắc là|cụm công nghiệp|khu công nghiệp|ccn|kcn|cụm cn|khu cn|nhà em|nhà chị|nhà mình|nhà anh|gần|quanh|lắp đặt tại|địa bàn|địa bàn xã|đặt ở|đc|ở chỗ|trú tại|ngay|chỗ|= o"
)
WEAK_CUES = frozenset(
    ("ben", "duoi", "tren", "ve", "ngoai", "trong", "dat", "gan", "tu", "nguoi", "khu", "ngay", "que", "ban", "cho")
)
AWAY = phrases(
    "bán xuống|bán ra|bán sang|bán ở|bán tại|bán cho|bán lên|bán về|bán đi|bán vào|gửi|gửi đi|giao|giao xuống|giao ra|giao cho|xuất đi|xuất sang|"
    "xuất ra|xuất|chở|chở xuống|chở ra|đưa xuống|đưa ra|đưa về|đưa sang|thị trường|mua ở|mua tại|mua từ|nhập từ|nhập ở|khách|lên|xuống|đi|ra|"
    "đặt mua ở|thương lái|siêu thị|máy của|hàng|ra tận|tận dưới|chuyển xuống|chuyển ra|công ty ở|đơn vị ở|=viện =ở|nơi cung cấp ở|trường|"
    "đại học|=viện|sang tận|học ở|kiểu|như ở|giống ở|bên nhà cung cấp ở|vào"
)
FORMER = phrases("cũ|( cũ )|( cũ|ngày trước|trước đây|trước kia|hồi trước|hồi xưa|ngày xưa|xưa|trước sáp nhập")
BETWEEN = frozenset((",", "-", "(", "/", ")", "thuoc", "cua", "cu", ".", "o", "tinh", "huyen"))
LONGEST = 6


@dataclass(frozen=True, slots=True)
class Place:
    """One name that can be meant: a present unit, a former one with its present units, a former district, a province."""

    kind: str  # unit | old | district | province
    name: str
    said_type: str
    province: str
    units: tuple[str, ...] = ()
    district: str = ""
    everyday: bool = False  # also a usual word or two, as Thống Nhất or Đồng Ý
    words: tuple[str, ...] = ()  # as it is spelt properly


@dataclass(frozen=True, slots=True)
class Spot:
    """A place name in tokens[at:after] (its type word included); `meant`: somebody is there, not only named after it."""

    options: tuple[Place, ...]
    at: int
    after: int
    meant: bool
    away: bool = False
    former: bool = False
    cued: bool = False  # a word like "ở" or "xã" stands before it


def _short(name: str) -> tuple[str, str]:
    """ "Xã Chi Lăng" as ("xã", "Chi Lăng")."""
    for kind in ("Thị trấn", "Thành phố", "Phường", "Huyện", "Tỉnh", "Xã"):
        if name.startswith(kind + " "):
            return kind.lower(), name[len(kind) + 1 :]
    return "", name


class Places:
    """The list of places; `find` gives the location of a message as in the entity contract."""

    def __init__(self, home: Mapping[str, Any], provinces: Mapping[str, Any]) -> None:
        """Takes the two shipped files as parsed."""
        self._names: dict[tuple[str, ...], list[Place]] = {}
        self._sizes: dict[str, list[int]] = {}
        self._holes: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        self._everyday = {fold(name) for name in home.get("everyday", ())}
        self.vocabulary: set[str] = set()
        old: dict[tuple[str, str, str], list[str]] = {}
        districts: set[str] = set()
        self.communes: dict[str, tuple[str, ...]] = {}  # the present communes of a former district: "huyện Chi Lăng"
        for row in home["units"]:
            kind, short = _short(row["name"])
            label = f"{kind} {short}"
            self._add("unit", short, kind, HOME, (label,))
            for former in row.get("formed_from", ()):
                former_kind, former_short = _short(former["name"])
                old.setdefault((former_kind, former_short, former["district"]), []).append(label)
                districts.add(former["district"])
                district = " ".join(_short(former["district"]))
                self.communes[district] = tuple(dict.fromkeys((*self.communes.get(district, ()), label)))
        for (kind, short, district), units in old.items():
            self._add("old", short, kind, HOME, tuple(dict.fromkeys(units)), _short(district)[1])
        for district in sorted(districts):
            kind, short = _short(district)
            self._add("district", short, kind, HOME)
        self.codes = {row["name"]: row["code"] for row in provinces["provinces"]}
        self._everyday |= {fold(name) for name in provinces.get("everyday", ())}
        for row in provinces["provinces"]:
            for name in dict.fromkeys((row["name"], *row["merged_from"])):
                self._add("province", name, "tỉnh", row["name"])
                for other in provinces.get("also", {}).get(name, ()):
                    self._add("province", name, "tỉnh", row["name"], said=other)
        for province, names in provinces.get("districts", {}).items():
            for name in names:
                if tuple(fold(word) for word in TOKEN.findall(place_tone(name))) not in self._names:
                    self._add("province", name, "huyện", province)  # no closer: the need of another province

    def _add(
        self,
        kind: str,
        name: str,
        said_type: str,
        province: str,
        units: tuple[str, ...] = (),
        district: str = "",
        said: str = "",
    ) -> None:
        words = tuple(TOKEN.findall(place_tone(said or name)))
        key = tuple(fold(word) for word in words)
        place = Place(kind, name, said_type, province, units, district, " ".join(key) in self._everyday, words)
        self._names.setdefault(key, []).append(place)
        self.vocabulary.update(words)
        sizes = self._sizes.setdefault(key[0], [])
        if len(key) not in sizes:
            sizes.append(len(key))
            sizes.sort(reverse=True)
        if len(key) > 1:
            for hole in range(len(key)):
                if len(key[hole]) >= 3:
                    holes = self._holes.setdefault((*key[:hole], "*", *key[hole + 1 :]), [])
                    if key not in holes:
                        holes.append(key)

    def spots(self, line: Line, firms: bytearray | None = None) -> list[Spot]:
        """Every place named in a row, from left to right; names inside `firms` are never meant."""
        found: list[Spot] = []
        at = 0
        while at < line.size:
            spot = self._spot(line, at, found, firms)
            if spot is not None:
                found.append(spot)
            at = spot.after if spot is not None else at + 1
        return found

    def _spot(self, line: Line, at: int, found: list[Spot], firms: bytearray | None) -> Spot | None:
        for size in self._sizes.get(line.words[at], ()):
            options = self._names.get(tuple(line.words[at : at + size]))
            if options and (spot := self._judge(line, at, size, options, found, firms)):
                return spot
        if line.words[at].isalpha() and line.words[at - 1] and (TYPES.ends(line, at) or _cued(line, at)):
            for size in (2, 3):
                key = self._mended(tuple(line.words[at : at + size]))
                if key and (spot := self._judge(line, at, size, self._names[key], found, firms, slip=True)):
                    return spot
        return None

    def _mended(self, row: tuple[str, ...]) -> tuple[str, ...] | None:
        """The one name that differs from these words by a single slip in a single word."""
        near = {
            key
            for hole in range(len(row))
            for key in self._holes.get((*row[:hole], "*", *row[hole + 1 :]), ())
            if like(row[hole], key[hole])
        }
        return near.pop() if len(near) == 1 else None

    def _judge(
        self,
        line: Line,
        at: int,
        size: int,
        options: list[Place],
        found: list[Spot],
        firms: bytearray | None,
        slip: bool = False,
    ) -> Spot | None:
        typed = line.said[at : at + size]
        if not slip and any(said != word for said, word in zip(typed, line.words[at:], strict=False)):
            as_typed = [place for place in options if list(place.words) == typed]  # "Tân Thanh" is not Tân Thành
            options = (
                as_typed
                or [place for place in options if _spelt(place.words, typed)]
                or ([p for p in options if _mistoned(p.words, typed)] if size > 1 and self._led(line, at) else [])
            )
        said_type = TYPES.ends(line, at)
        begin = at
        if said_type is not None and not _acre(line, said_type[1]):
            kind, begin = said_type
            options = [p for p in options if p.said_type == kind or (kind == "xã" and p.kind in ("unit", "old"))] or [
                p for p in options if p.kind in ("unit", "old")
            ]
        elif said_type is not None:
            said_type = None
        elif any(p.kind == "province" and p.name == HOME for p in options):
            options = [p for p in options if p.kind == "province"]
        if not options:
            return None
        inside = bool(firms and firms[at])
        after = at + size
        former = FORMER.begins(line, after)
        meant = not inside and bool(said_type or self._meant(line, at, size, options, found))
        if not meant and not inside and not _named(line, at, size, options):
            return None
        cued = said_type is not None or _cued(line, at) or _owned(line, at)
        away = meant and AWAY.ends(line, begin) is not None
        return Spot(tuple(options), begin, former[1] if former else after, meant, away, former is not None, cued)

    @staticmethod
    def _led(line: Line, at: int) -> bool:
        """Whether a type or a word of place stands before, or the name begins with a capital."""
        return TYPES.ends(line, at) is not None or _cued(line, at) or line.text[line.tokens[at].start].isupper()

    def _meant(self, line: Line, at: int, size: int, options: list[Place], found: list[Spot]) -> bool:
        everyday = all(place.everyday for place in options)
        typed = line.text[line.tokens[at].start : line.tokens[at + size - 1].end]
        capital = all(word[:1].isupper() for word in typed.split()) and not line.text.isupper()
        if everyday and not (capital and (_cued(line, at) or line.size > size)):
            return bool(found) and capital
        if _cued(line, at):
            return True
        follows = bool(found) and found[-1].meant and all(word in BETWEEN for word in line.words[found[-1].after : at])
        if follows:
            return True
        if _after_product(line, at):
            return _owned(line, at)
        if line.size <= size + 3:
            return not everyday or capital
        provinces = all(place.kind == "province" for place in options)
        broken = line.words[at - 1] in ("", ",", ".", ":", "(", "-", "\n", ";")
        named = line.words[at - 1].isalpha() and line.text[line.tokens[at - 1].start].isupper() and at > 0
        if capital and not named:
            return size > 1 or broken
        alone = broken and line.words[at + size] in ("", ",", ".", "-", "\n", ";", "cu", "huyen", "tinh", "xa", "(")
        alone = alone or (broken and self._sizes.get(line.words[at + size]) is not None)
        return size > 1 and ((provinces and not everyday) or alone) and not named

    def find(self, text: str) -> dict[str, Any] | None:
        """The location: {province, unit?, old?, ambiguous?}; None when the text names no place."""
        return self.locate([spot for spot in self.spots(read_line(text)) if spot.meant])

    def locate(self, spots: list[Spot]) -> dict[str, Any] | None:
        """The location that meant places give together."""
        spots = [spot for spot in spots if not spot.away] or []
        if not spots:
            return None
        inner = next((s for s in spots if not any(p.kind in ("district", "province") for p in s.options)), spots[0])
        spots = [inner, *(other for other in spots if other is not inner)]  # "ở Bình Gia ấy, xã Thiện Long"
        wider = {place.name for spot in spots[1:] for place in spot.options if place.kind == "district"}
        province = next((p for s in spots for p in s.options if p.kind == "province" and _only_province(s)), None)
        options = _narrowed(spots[0].options, wider)
        if spots[0].former:
            options = tuple(p for p in options if p.kind in ("old", "district")) or options
        if all(place.kind == "province" for place in options):
            deeper = [s for s in spots[1:] if any(p.kind in ("unit", "old", "district") for p in s.options)]
            if options[0].province == HOME and deeper:
                return _home(deeper[0].options)
            return _province(options[0])
        if province and province.province != HOME:
            return _province(province)
        return _home(options)


def _only_province(spot: Spot) -> bool:
    return all(place.kind == "province" for place in spot.options) or len(spot.options) == 1


def _spelt(words: tuple[str, ...], typed: list[str]) -> bool:
    """Whether a name is typed with its own marks or without some of them."""
    return len(words) == len(typed) and all(said in variants(word) for said, word in zip(typed, words, strict=True))


def _mistoned(words: tuple[str, ...], typed: list[str]) -> bool:
    """Whether one word of a name bears wrong marks."""
    if len(words) != len(typed):
        return False
    wrong = [word for said, word in zip(typed, words, strict=True) if said not in variants(word)]
    right = [word for said, word in zip(typed, words, strict=True) if said == word != fold(word)]
    return len(wrong) == 1 and bool(right)


def _acre(line: Line, at: int) -> bool:
    """ "hợp tác xã" is no commune."""
    return line.words[at] == "xa" and line.words[at - 1] == "tac"


def _cued(line: Line, at: int) -> bool:
    found = CUES.ends(line, at)
    if found is None:
        return False
    cue = line.words[at - 1]
    return not (cue in WEAK_CUES and not line.marked and cue in ("cho", "ban", "ngay", "trong"))


def _owned(line: Line, at: int) -> bool:
    """Whether a cooperative, a workshop or an orchard of a product is named by its place: "htx na Chi Lăng" is there."""
    return _after_product(line, at) and (line.words[at - 2] in OWNERS or _acre(line, at - 2))


def _after_product(line: Line, at: int) -> bool:
    """Whether a name stands right behind a word that is not about place, as in "chè Thái Nguyên"."""
    before = line.words[at - 1]
    return bool(before) and before in NAMED_AFTER and at > 0


OWNERS = frozenset(("htx", "xuong", "vuon", "so"))
NAMED_AFTER = frozenset(
    "htx xa cong ty cty tnhh che na hoi quyt hong mat ruou thach den gao dao le vit lon ga tra buoi cam mien pho banh nhan quan san "
    "lam nghiep sach xanh quay dac nong truong cay cu ong rung khau vai que gung tinh dau go xuong du lich thuoc cp sli chua".split()
)


def _named(line: Line, at: int, size: int, options: list[Place]) -> bool:
    """Whether a name that nobody is at is a name all the same, so that its words are nothing else."""
    if all(place.everyday for place in options):
        return False
    typed = line.slice(at, at + size)
    return size > 1 and (all(word[:1].isupper() for word in typed.split()) or _after_product(line, at))


def _narrowed(options: tuple[Place, ...], wider: set[str]) -> tuple[Place, ...]:
    kept = tuple(p for p in options if p.kind == "old" and p.district in wider)
    present = tuple(p for p in options if p.kind == "unit")
    if kept:
        same = {unit for place in kept for unit in place.units}
        if (
            present
            and {unit for place in present for unit in place.units} == same
            and all(p.name == kept[0].name for p in present)
        ):
            return present
        return kept
    if wider:
        options = present or options
    return options


def _province(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {"province": place.province}
    if place.name != place.province:
        found["old"] = place.name
    return found


def _home(options: tuple[Place, ...]) -> dict[str, Any]:
    units = [p for p in options if p.kind == "unit"]
    districts = [p for p in options if p.kind == "district"]
    former = [p for p in options if p.kind == "old"]
    if units and districts:
        return {
            "province": HOME,
            "ambiguous": [units[0].units[0], f"{districts[0].said_type} {districts[0].name} (cũ)"],
        }
    if units:
        return {"province": HOME, "unit": units[0].units[0]}
    if former:
        now = list(dict.fromkeys(unit for place in former for unit in place.units))
        old = f"{former[0].said_type} {former[0].name}"
        return {"province": HOME, "unit": now[0], "old": old} if len(now) == 1 else {
            "province": HOME, "old": old, "ambiguous": now}  # fmt: skip
    if districts:
        return {"province": HOME, "old": f"{districts[0].said_type} {districts[0].name}"}
    return {"province": HOME}


__all__ = ["BREAKS", "HOME", "Place", "Places", "Spot"]
