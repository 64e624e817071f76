"""Finds communes, former communes, former districts, provinces in a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.text import TOKEN, fold, nfc, place_tone

HOME = "Lạng Sơn"
TYPES = {
    ("xa",): "xã", ("phuong",): "phường", ("p",): "phường", ("thi", "tran"): "thị trấn", ("tt",): "thị trấn",
    ("huyen",): "huyện", ("h",): "huyện", ("tinh",): "tỉnh", ("tp",): "thành phố", ("thanh", "pho"): "thành phố",
}  # fmt: skip
CUES = {
    "o",
    "tai",
    "thon",
    "ban",
    "khu",
    "ben",
    "den",
    "dia",
    "chi",
    "ve",
    "thuoc",
    "vung",
    "tren",
    "duoi",
    "que",
    "phia",
}
SPELT_CUES = {"o": "ở", "tai": "tại", "thon": "thôn", "ban": "bản", "ve": "về", "que": "quê", "ben": "bên", "den": "đến",
              "thuoc": "thuộc", "vung": "vùng", "tren": "trên", "duoi": "dưới", "dia": "địa", "chi": "chỉ"}  # fmt: skip
NAMED_AFTER = {"htx", "xa", "cong", "ty", "cty", "tnhh", "che", "na", "hoi", "quyt", "hong", "mat", "ruou", "thach", "den",
               "gao", "dao", "le", "vit", "lon", "ga", "tra", "buoi", "cam", "mien", "pho", "banh", "nhan", "quan"}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One name that can be meant: a present unit, a former one with its present units, a former district, a province."""

    kind: str  # unit | old | district | province
    name: str
    said_type: str
    province: str
    units: tuple[str, ...] = ()
    district: str = ""


@dataclass(frozen=True)
class Spot:
    """A place name found in text[start:end]."""

    options: tuple[Place, ...]
    start: int
    end: int


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
        old: dict[tuple[str, str, str], list[str]] = {}
        districts: set[str] = set()
        for row in home["units"]:
            kind, short = _short(row["name"])
            label = f"{kind} {short}"
            self._add(Place("unit", short, kind, HOME, (label,)))
            for former in row.get("formed_from", ()):
                former_kind, former_short = _short(former["name"])
                old.setdefault((former_kind, former_short, former["district"]), []).append(label)
                districts.add(former["district"])
        for (kind, short, district), units in old.items():
            self._add(Place("old", short, kind, HOME, tuple(dict.fromkeys(units)), _short(district)[1]))
        for district in districts:
            kind, short = _short(district)
            self._add(Place("district", short, kind, HOME))
        self.codes = {row["name"]: row["code"] for row in provinces["provinces"]}
        for row in provinces["provinces"]:
            for name in {row["name"], *row["merged_from"]}:
                self._add(Place("province", name, "tỉnh", row["name"]))

    def _add(self, place: Place) -> None:
        self._names.setdefault(tuple(TOKEN.findall(fold(place.name))), []).append(place)

    def spots(self, text: str) -> list[Spot]:
        """Every place meant in the text, from left to right."""
        composed = nfc(text)
        row = [(fold(m.group()), m.group(), m.start(), m.end()) for m in TOKEN.finditer(composed)]
        found: list[Spot] = []
        at = 0
        while at < len(row):
            for size in (4, 3, 2, 1):
                options = (
                    self._names.get(tuple(word[0] for word in row[at : at + size])) if at + size <= len(row) else None
                )
                if options:
                    spot = self._judge(composed, row, at, size, options, bool(found))
                    if spot:
                        found.append(spot)
                        at += size - 1
                        break
            at += 1
        return found

    def _judge(
        self, text: str, row: list[tuple[str, str, int, int]], at: int, size: int, options: list[Place], follows: bool
    ) -> Spot | None:
        start, end = row[at][2], row[at + size - 1][3]
        said = text[start:end]
        if said.lower() != fold(said):
            options = [place for place in options if place_tone(place.name) == place_tone(said)]
        said_type, width = _type_before(row, at)
        if said_type:
            typed = [
                p for p in options if p.said_type == said_type or (said_type == "xã" and p.kind in ("unit", "old"))
            ]
            options = typed or [p for p in options if p.kind in ("unit", "old")]
        if not options or not (said_type or self._meant(text, row, at, size, options, follows)):
            return None
        return Spot(tuple(options), row[at - width][2], end)

    def _meant(
        self, text: str, row: list[tuple[str, str, int, int]], at: int, size: int, options: list[Place], follows: bool
    ) -> bool:
        if at:
            before = row[at - 1]
            if before[0] in CUES and (before[1].lower() == before[0] or before[1].lower() == SPELT_CUES.get(before[0])):
                return True
            if before[0] in NAMED_AFTER and not text[before[3] : row[at][2]].strip():
                return False
        if len(row) <= size + 3 or follows:
            return True
        capital = all(word[1][:1].isupper() for word in row[at : at + size])
        shouting = text.isupper()
        named = at and row[at - 1][1][:1].isupper() and not text[row[at - 1][3] : row[at][2]].strip(" ")
        return size > 1 and ((capital and not shouting and not named) or all(p.kind == "province" for p in options))

    def find(self, text: str) -> dict[str, Any] | None:
        """The location: {province, unit?, old?, ambiguous?}; None when the text names no place."""
        spots = self.spots(text)
        if not spots:
            return None
        wider = {place.name for spot in spots[1:] for place in spot.options if place.kind == "district"}
        province = next((p for s in spots for p in s.options if p.kind == "province" and len(s.options) == 1), None)
        options = _narrowed(spots[0].options, wider)
        if all(place.kind == "province" for place in options):
            return _province(options[0])
        if province and province.province != HOME:
            return _province(province)
        return _home(options)


def _type_before(row: list[tuple[str, str, int, int]], at: int) -> tuple[str, int]:
    for size in (2, 1):
        before = tuple(word[0] for word in row[max(0, at - size) : at])
        if len(before) == size and before in TYPES:
            typed = " ".join(word[1].lower() for word in row[at - size : at])
            if before == ("xa",) and at > 1 and row[at - 2][0] == "tac":
                return "", 0
            if typed in (TYPES[before], " ".join(before)):
                return TYPES[before], size
    return "", 0


def _narrowed(options: tuple[Place, ...], wider: set[str]) -> tuple[Place, ...]:
    kept = tuple(p for p in options if p.kind == "old" and p.district in wider)
    if kept:
        return kept
    if wider:
        options = tuple(p for p in options if p.kind == "unit") or options
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
