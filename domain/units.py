"""The units and periods in which owners count, with every way to type them."""

from domain.line import Line, Phrases, spellings

UNITS = spellings(
    {
        "kg": "kg", "kgs": "kg", "kilo": "kg", "kilogam": "kg", "kilôgam": "kg", "ki": "kg", "kí": "kg", "ký": "kg", "cân": "kg",
        "tạ": "tạ", "yến": "yến", "tấn": "tấn", "tấnn": "tấn", "lít": "lít", "l": "lít", "khối": "m3", "m3": "m3", "m2": "m2",
        "ha": "ha", "hecta": "ha", "héc": "ha", "sào": "sào", "mẫu": "mẫu", "con": "con", "quả": "quả", "trái": "quả",
        "chai": "chai", "gói": "gói", "hộp": "hộp", "túi": "túi", "cốc": "cốc", "cây": "cây", "gốc": "gốc", "kwp": "kWp",
        "kw": "kW", "kilowatt": "kW", "mw": "MW", "viên": "viên", "cái": "cái", "chiếc": "chiếc", "thùng": "thùng", "bao": "bao", "bịch": "bịch",
        "tấm": "tấm", "lọ": "lọ", "hũ": "hũ", "chậu": "chậu", "gam": "g", "gr": "g", "g": "g", "cành": "cành", "bông": "bông",
        "phôi": "phôi", "bầu": "bầu", "luống": "luống", "ống": "ống", "lon": "lon", "khay": "khay", "kiện": "kiện", "cuộn": "cuộn",
        "tờ": "tờ", "lồng": "lồng", "đàn": "đàn", "tem": "tem", "nhãn": "nhãn", "suất": "suất", "đơn": "đơn", "lượt": "lượt",
        "mét": "m", "m": "m", "bộ": "bộ", "xe": "xe", "bánh": "bánh", "phên": "phên", "bình": "bình", "tệp": "tệp",
        "cont": "cont", "thanh": "thanh", "mẻ": "mẻ", "cặp": "cặp", "homestay": "homestay", "đôi": "đôi", "phòng": "phòng", "bó": "bó", "rổ": "rổ", "sọt": "sọt", "khách": "khách", "trứng": "trứng",
    }
)  # fmt: skip
LONG_UNITS = Phrases(
    {
        "mét vuông|m vuông": "m2", "mét khối|m khối": "m3", "tấn =hơi": "tấn hơi", "sản phẩm": "sản phẩm", "ki lô|kí lô|ki lô gam": "kg", "ki lô oát|kí lô oát|ki lô watt|ki lô goát": "kW",
        "héc ta": "ha", "bịch phôi": "bịch", "đơn hàng": "đơn", "suất ăn": "suất", "m ^ 3": "m3",
        "m ^ 2": "m2", "gian hàng": "gian hàng", "lượt khách": "lượt khách", "người dùng": "người dùng", "hộp xốp": "hộp", "sản": "sản phẩm",
    }
)  # fmt: skip
STEAM = Phrases({"tan hoi": "tấn hơi"})  # only where a boiler is spoken of
BOILERS = Phrases({"lò hơi|nồi hơi|lo hoi|noi hoi|nồi hơi|cấp hơi": True})
WEIGHED = frozenset(("kg", "tạ", "yến", "tấn", "lít", "m3", "m2", "ha", "sào", "mẫu", "kWp"))
ONLY_IN_TIME = frozenset(
    ("cái", "chiếc", "bộ", "sản phẩm", "suất", "đơn", "lượt", "m", "xe", "tem", "nhãn", "tờ", "g", "bánh", "kW", "mẻ", "khách",
     "thanh", "rổ", "sọt", "bó", "lượt khách", "đơn hàng", "trứng")
)  # fmt: skip
PERIODS = spellings(
    {
        "mẻ": "mẻ", "mẽ": "mẻ", "lần": "mẻ", "lượt": "mẻ", "nồi": "mẻ", "lò": "mẻ", "đợt": "mẻ", "giờ": "giờ", "h": "giờ", "tiếng": "giờ",
        "ngày": "ngày", "đêm": "ngày", "hôm": "ngày", "tuần": "tuần", "tháng": "tháng", "quý": "quý", "năm": "năm", "vụ": "vụ",
        "mùa": "vụ", "sáng": "ngày", "ca": "ca", "phút": "phút", "p": "phút",
    }
)  # fmt: skip


def unit_at(line: Line, at: int, steam: bool = False) -> tuple[str, int] | None:
    """The unit that begins at a token: (its name, the index behind it)."""
    if steam and (found := STEAM.begins(line, at)):
        return found
    if line.words[at] not in FIRST_WORDS:
        return None
    if found := LONG_UNITS.begins(line, at):
        return found
    unit = UNITS.get(line.said[at])
    if unit == "sào" and line.said[at] == "sao" and (line.marked or "ocop" in line.words):
        return None  # a star of OCOP
    if unit == "kg" and line.said[at] == "can" and line.marked:  # a jerrycan, where marks are typed
        return "can", at + 1
    if unit in ("lít", "m", "g") and len(line.said[at]) == 1 and not line.touches(at) and unit != "lít":
        return None
    return (unit, at + 1) if unit else None


FIRST_WORDS = frozenset((*(key for key in UNITS if key.isascii()), *(name.split()[0] for name in LONG_UNITS)))
