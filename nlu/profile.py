"""Turns a profile as people or programs state it, or an owner's own words, into the facts that conditions look at."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from conversation.cues import Cues
from conversation.kinds import CUES as KIND_CUES
from domain.enterprise import Facts, Form, Period, years_before
from domain.kinds import MACHINE, Kind
from domain.money import find_money
from domain.text import fold, nfc
from nlu.sectors import Sectors

FORM_WORDS = (
    (Form.COOPERATIVE, r"lien hiep (?:hop tac xa|htx)|hop tac xa|htx|hxt"),
    (Form.GROUP, r"to hop tac|tht|to hop san xuat|nhom ho"),
    (Form.PRIVATE, r"doanh nghiep tu nhan|dntn"),
    (Form.INSTITUTE, r"vien nghien cuu|vien|truong dai hoc|dai hoc|truong cao dang|hoc vien|to chuc (?:khoa hoc va cong nghe|kh&cn|khcn)|trung tam nghien cuu"),
    (Form.FARM, r"chu trang trai|trang trai"),
    (Form.HOUSEHOLD, r"ho kinh doanh|hkd|ho ca the|ho san xuat|ho kinh te|kinh doanh ca the"),
    (Form.PERSON, r"ca nhan|ho gia dinh|nong ho|ho nong dan|nong dan"),
    (Form.COMPANY, r"cong ty|cty|tnhh|co phan|ctcp|hop danh|doanh nghiep|dn|dnnvv|doanh nghiep nha nuoc"),
)  # fmt: skip
FORM_PATTERNS = tuple((form, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for form, words in FORM_WORDS)
OURS = re.compile(r"(?:nha|ben|cua|chung)?\s*(?:em|anh|chi|toi|minh|tui|bac|chau)(?: (?:la|dang la|lam|co))?\s*$")
YES = frozenset("true yes y co roi da dung vang x".split()) | {"da co", "co roi", "da roi"}
NO = frozenset("false no n khong chua ko k".split()) | {"khong co", "chua co"}
NUMBERS = frozenset(
    "employees revenue_vnd capital_vnd taxable_profit_vnd rd_spend_vnd rd_percent_revenue rd_staff rd_staff_degree "
    "scitech_products scitech_revenue_percent growth_percent_2y equity_percent ocop_stars".split()
)
TRUTHS = frozenset(
    "rural already_bought has_rd institute_partner new_product prototype patent trademark software_ip prize "
    "scitech_certificate startup first_registration split_from_existing owner_previous_company subsidiary investor "
    "seeks_equity woman_owned in_value_chain linkage_contract energy_saving counterpart_fund has_collateral exports "
    "household_ethnic_minority received_state_support".split()
)
MAY_BE_NEGATIVE = frozenset(("taxable_profit_vnd", "growth_percent_2y"))
LOAN = {"signed": "truth", "months_left": "number", "rate_percent": "number", "tech_project": "truth"}
ROLES = {
    "supplier": "nha cung cap, ben cung cap, cung cap, ben ban, nguoi ban, ben chuyen giao, supplier, seller, provider",
    "buyer": "nguoi mua, ben mua, ben nhan, mua, can mua, buyer, customer, khach hang",
}
SIZE_WORDS = {
    "siêu nhỏ": ("micro",),
    "nhỏ": ("micro", "small"),
    "vừa": ("medium",),
    "nhỏ và vừa": ("micro", "small", "medium"),
}
TAX = Cues("thuế, tndn, miễn thuế, giảm thuế, ưu đãi thuế, quyết toán thuế")
# key: (words for yes, words for no); a "chưa" or "không" just before the words for yes means no
SAYINGS: dict[str, tuple[Cues, Cues]] = {
    "already_bought": (
        Cues("mua máy rồi, mua rồi, mua xong, đã mua, vừa mua, mới mua, lắp xong, lắp đặt xong, đã lắp, đã nhập máy, đã đặt cọc mua"),
        Cues("chưa mua, định mua, đang tính mua, dự định mua, sắp mua, muốn mua, cần mua"),
    ),
    "new_product": (Cues("sản phẩm mới, hàng mới ra, dòng sản phẩm mới"), Cues("không có sản phẩm mới, chưa có sản phẩm mới")),
    "prototype": (Cues("mẫu thử, sản phẩm mẫu, bản thử nghiệm, sản phẩm thử nghiệm, prototype"), Cues("chưa có mẫu thử")),
    "patent": (
        Cues("bằng sáng chế, bằng độc quyền sáng chế, có sáng chế, giải pháp hữu ích, bằng độc quyền"),
        Cues("không có sáng chế, chưa có sáng chế, chưa có bằng"),
    ),
    "trademark": (
        Cues("có nhãn hiệu, đã đăng ký nhãn hiệu, được cấp nhãn hiệu, nhãn hiệu đã đăng ký, có thương hiệu"),
        Cues("chưa đăng ký nhãn hiệu, chưa có nhãn hiệu, chưa có thương hiệu, không có nhãn hiệu"),
    ),
    "software_ip": (Cues("phần mềm tự viết, phần mềm của mình, phần mềm riêng, bản quyền phần mềm, phần mềm tự làm"), Cues("")),
    "prize": (Cues("đạt giải, được giải, giải thưởng, giải nhất, giải nhì, giải ba"), Cues("chưa đạt giải, chưa có giải")),
    "scitech_certificate": (
        Cues("giấy chứng nhận doanh nghiệp khoa học, chứng nhận doanh nghiệp khcn, đã là doanh nghiệp khoa học công nghệ"),
        Cues("chưa là doanh nghiệp khoa học"),
    ),
    "startup": (
        Cues("khởi nghiệp sáng tạo, khởi nghiệp đổi mới sáng tạo, startup, start-up, start up"),
        Cues("không phải khởi nghiệp, không phải startup"),
    ),
    "first_registration": (
        Cues("đăng ký lần đầu, thành lập lần đầu, đăng ký kinh doanh lần đầu"),
        Cues("không phải lần đầu, đăng ký lần thứ hai"),
    ),
    "split_from_existing": (
        Cues("tách ra từ, chia tách, tách công ty, sáp nhập, hợp nhất, chuyển đổi từ công ty, tách từ công ty"),
        Cues("không tách, không phải tách, không sáp nhập"),
    ),
    "subsidiary": (Cues("công ty con, công ty thành viên, công ty liên kết"), Cues("không phải công ty con")),
    "investor": (
        Cues("có nhà đầu tư, quỹ đầu tư rót, được rót vốn, được đầu tư, quỹ cam kết, nhà đầu tư cam kết, gọi được vốn"),
        Cues("chưa có nhà đầu tư, chưa gọi được vốn, không có nhà đầu tư"),
    ),
    "seeks_equity": (Cues("gọi vốn, kêu gọi góp vốn, tìm nhà đầu tư, bán cổ phần, huy động vốn góp"), Cues("không gọi vốn")),
    "woman_owned": (Cues("phụ nữ làm chủ, nữ làm chủ, chủ là nữ, giám đốc nữ, nữ giám đốc"), Cues("")),
    "in_value_chain": (
        Cues("trong chuỗi giá trị, tham gia chuỗi, cụm liên kết, nhà cung cấp của công ty, thuộc chuỗi, vào chuỗi"),
        Cues("chưa vào chuỗi, không trong chuỗi, chưa tham gia chuỗi, ngoài chuỗi"),
    ),
    "linkage_contract": (
        Cues("hợp đồng liên kết, hợp đồng bao tiêu, ký liên kết, ký bao tiêu"),
        Cues("chưa có hợp đồng liên kết, chưa ký bao tiêu"),
    ),
    "energy_saving": (Cues("tiết kiệm điện, tiết kiệm năng lượng, giảm tiền điện, đỡ tốn điện, bớt điện"), Cues("")),
    "has_collateral": (
        Cues("có tài sản thế chấp, có sổ đỏ, có tài sản bảo đảm, đủ thế chấp"),
        Cues("không có tài sản thế chấp, không có gì thế chấp, thiếu tài sản thế chấp, không có thế chấp, không có sổ đỏ, không có tài sản bảo đảm, hết tài sản thế chấp"),
    ),
    "institute_partner": (
        Cues("phối hợp với viện, hợp tác với viện, hợp tác với trường, có viện hỗ trợ, viện chuyển giao, cùng viện, với đại học"),
        Cues("chưa có viện nào"),
    ),
    "has_rd": (
        Cues("có nghiên cứu, bộ phận nghiên cứu, phòng nghiên cứu, phòng r&d, đang nghiên cứu, tự nghiên cứu, chi cho nghiên cứu, chi nghiên cứu"),
        Cues("không nghiên cứu, không có nghiên cứu, chưa nghiên cứu, không làm nghiên cứu"),
    ),
    "received_state_support": (
        Cues("đã được hỗ trợ, đã nhận hỗ trợ, từng được hỗ trợ, đã nhận tiền nhà nước, từng nhận hỗ trợ"),
        Cues("chưa được hỗ trợ, chưa nhận hỗ trợ, chưa từng nhận, chưa được đồng nào, chưa nhận đồng nào"),
    ),
    "rural": (Cues("ở nông thôn, vùng nông thôn, ở quê, ở bản, ở thôn, vùng cao"), Cues("ở thành phố, ở phường, trong thành phố")),
    "loan.signed": (
        Cues("đã ký hợp đồng vay, ký vay rồi, đã vay, đang vay, vừa ký vay, hợp đồng vay đã ký"),
        Cues("chưa vay, chưa ký vay, định vay, đang tính vay, sắp vay, chưa ký hợp đồng vay"),
    ),
}  # fmt: skip
DENIED = re.compile(r"(?:chua|khong|ko|k|chua he|khong he|chua tung)(?: (?:co|duoc|phai|la))?\s*$")
DAY = r"(?:(\d{1,2})[/.-])?(?:(\d{1,2})[/.-])?((?:19|20)\d{2})"
FOUNDED = re.compile(
    r"(?:thanh lap|dang ky(?: kinh doanh)?|mo|cap giay phep|giay phep|ra doi|lap)[^.;\n\d]{0,24}?"
    r"(?:thang\s*(\d{1,2})\s*(?:nam\s*)?)?" + DAY
)
AGED = re.compile(
    r"(?:hoat dong|mo|lam|thanh lap|chay|kinh doanh)[^.;\n\d]{0,16}?(\d{1,2})\s*nam(?:\s*(ruoi))?(?!\s*\d)"
)
BARE_DAY = re.compile(r"^\D{0,20}(?:(\d{1,2})[/.-])?(?:(\d{1,2})[/.-])?((?:19|20)\d{2})\b")
BARE_YEARS = re.compile(r"(?:duoc|hon|gan|tam|khoang)?\s*(\d{1,2})\s*nam")
BUSINESS = re.compile(
    r"(?<!muon )(?<!can )(?<!dinh )(?<!xin )(?<!de )(?<!may )\b(?:chuyen(?: ve)?|linh vuc|nganh(?: nghe)?|kinh doanh|buon ban|san xuat|"
    r"che bien|trong|nuoi|thu mua|lam nghe|lam(?! sao| the nao| gi| ho so| iso| haccp| vietgap| giay| thu tuc| duoc| chu))\s+"
    r"[^,.;?!\n]{2,60}"
)
MONTHS_LEFT = re.compile(r"(?:con|vay|thoi han)[^.;\n\d]{0,12}?(\d{1,3})\s*(thang|nam)")
RATE = re.compile(r"lai(?: suat)?[^.;\n\d]{0,12}?(\d{1,2}(?:[.,]\d{1,2})?)\s*%")
STARS = re.compile(r"ocop[^.;\n\d]{0,12}?([345])\s*sao|([345])\s*sao[^.;\n\d]{0,12}ocop")
RD_PERCENT = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)\s*%\s*doanh thu[^.;\n]{0,24}(?:nghien cuu|r&d|doi moi)|(?:nghien cuu|r&d)[^.;\n\d]{0,16}(\d{1,2}(?:[.,]\d{1,2})?)\s*%\s*doanh thu")  # fmt: skip
GROWTH = re.compile(r"(?:tang truong|tang doanh thu|doanh thu tang)[^.;\n\d]{0,16}(\d{1,3})\s*%")


def read_form(text: str) -> Form | None:
    """The legal form that a text names; of several the one said of oneself, else the first."""
    folded = fold(text)
    spots = [(spot.start(), form) for form, pattern in FORM_PATTERNS for spot in pattern.finditer(folded)]
    kept = [(at, form) for at, form in spots if not _inside(at, form, spots, folded)]
    own = [(at, form) for at, form in kept if OURS.search(folded[:at])]
    return min(own or kept)[1] if kept else None


def _inside(at: int, form: Form, spots: list[tuple[int, Form]], folded: str) -> bool:
    """Whether another form's longer name covers this word: "doanh nghiệp tư nhân", "công ty … hợp tác"."""
    return form is Form.COMPANY and any(other == at and held is not form for other, held in spots)


def read_truth(value: Any) -> bool | None:
    """A yes or no as programs and people write it; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value > 0
    if isinstance(value, str):
        said = " ".join(re.findall(r"\w+", fold(value)))
        return True if said in YES else False if said in NO else None
    return None


def read_number(value: Any) -> float | None:
    """A number as programs and people write it ("12", "1,5 tỷ", "8%"); None for anything else."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value) if value == value and abs(value) != float("inf") else None
    if not isinstance(value, str):
        return None
    money = find_money(value)
    if money and (money[0].value.min is not None or money[0].value.max is not None):
        return money[0].value.min if money[0].value.min is not None else money[0].value.max
    plain = re.search(r"-?\d+(?:[.,]\d+)*", value)
    if plain is None:
        return None
    digits = plain.group()
    if re.fullmatch(r"-?\d{1,3}(?:[.,]\d{3})+", digits):
        return float(re.sub(r"[.,]", "", digits))
    try:
        return float(digits.replace(",", "."))
    except ValueError:
        return None


def read_day(value: Any, bare: bool = True) -> Period | None:
    """A day known to the year, month or day: 2024, "2024-03", "2024-03-01", "01/03/2024"; None when unreadable."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, date):
        return Period(value, value)
    said = str(int(value)) if isinstance(value, int | float) else str(value).strip()
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:T.*)?", said)
    if found:
        return _period(int(found[1]), found[2], found[3])
    turned = BARE_DAY.match(said) if bare else None
    return _period(int(turned[3]), *_day_month(turned[1], turned[2])) if turned else None


def _day_month(first: str | None, second: str | None) -> tuple[str | None, str | None]:
    """(month, day) of what stands before a year: "03" or "01", "03"."""
    return (second, first) if second is not None else (first, None)


def _period(year: int, month: str | None, day: str | None) -> Period | None:
    try:
        if month is None:
            return Period(date(year, 1, 1), date(year, 12, 31))
        first = date(year, int(month), int(day) if day else 1)
        if day:
            return Period(first, first)
        following = date(year + first.month // 12, first.month % 12 + 1, 1)
        return Period(first, following - timedelta(days=1))
    except ValueError:
        return None


class Profiles:
    """Reads profiles and owners' words; safe to share."""

    def __init__(self, sectors: Sectors, provinces: Mapping[str, str]) -> None:
        """`provinces` maps present and former names to the present one."""
        self._sectors = sectors
        self._provinces = {fold(said): name for said, name in provinces.items()}

    def facts(self, raw: Mapping[str, Any], on: date) -> Facts:
        """The facts of a profile in the contract's keys; what cannot be read counts as unknown."""
        known: dict[str, Any] = {}
        for key in NUMBERS:
            value = read_number(raw.get(key))
            if value is not None and (value >= 0 or key in MAY_BE_NEGATIVE):
                known[key] = value
        for key in TRUTHS:
            if (truth := read_truth(raw.get(key))) is not None:
                known[key] = truth
        known |= _loan(raw.get("loan"))
        known |= {f"loan.{key[5:]}": raw[key] for key in raw if key.startswith("loan.") and raw[key] is not None}
        if province := self.province(raw.get("province")):
            known["province"] = province
        if role := read_role(raw.get("role")):
            known["role"] = role
        if isinstance(raw.get("size_class"), str) and raw["size_class"] in SIZE_WORDS:
            known["size_class"] = SIZE_WORDS[raw["size_class"]]
        form = read_form(raw["legal_form"]) if isinstance(raw.get("legal_form"), str) else None
        sector = raw.get("sector")
        words = [str(part) for part in sector] if isinstance(sector, list | tuple) else [sector]
        tags = self._sectors.read(*(word for word in words if isinstance(word, str)))
        return Facts(on, form, tags, _not_later(read_day(raw.get("founded")), on), _derived(known))

    def province(self, value: Any) -> str | None:
        """The present name of a province, or the words as they stand when we do not know it."""
        if not isinstance(value, str) or not value.strip():
            return None
        bare = re.sub(r"^(?:tinh|thanh pho|tp\.?)\s+", "", fold(value).strip())
        return self._provinces.get(bare, None if bare in ("khong biet", "chua ro", "unknown") else value.strip())

    def from_text(self, text: str, entities: Mapping[str, Any], on: date) -> dict[str, Any]:
        """The profile that an owner's words state, in the contract's keys; nothing is guessed."""
        text = nfc(text)
        folded = fold(text)
        raw: dict[str, Any] = {}
        if form := read_form(text):
            raw["legal_form"] = next(name for name, held in FORM_NAMES.items() if held is form)
        raw |= _sizes(entities.get("org_size") or {})
        raw |= _place(entities.get("location") or {})
        told = [*_business(text, folded), *_listed(entities.get("product")), *_listed(entities.get("process"))]
        if self._sectors.read(*told):
            raw["sector"] = told
        if founded := _founded(folded, on):
            raw["founded"] = founded
        for key, (yes, no) in SAYINGS.items():
            if (said := _said(text, folded, yes, no)) is not None:
                raw[key] = said
        raw |= _figures(folded)
        if kinds := read_needs(text):
            raw["need_kind"] = list(kinds)
        return raw


FORM_NAMES = {
    "công ty": Form.COMPANY, "doanh nghiệp tư nhân": Form.PRIVATE, "hợp tác xã": Form.COOPERATIVE,
    "tổ hợp tác": Form.GROUP, "hộ kinh doanh": Form.HOUSEHOLD, "chủ trang trại": Form.FARM,
    "cá nhân": Form.PERSON, "viện nghiên cứu": Form.INSTITUTE,
}  # fmt: skip


def read_needs(text: str) -> tuple[str, ...]:
    """The kinds of help that a text asks for by name; empty when it names none.

    Who looks for a machine is also served by programmes for renewal, application, transfer.
    """
    found = [kind.value for kind, cues in KIND_CUES.items() if cues.search(text) is not None]
    if Kind.SEARCH.value in found:
        found += [kind.value for kind in MACHINE]
    return tuple(dict.fromkeys([*([Kind.TAX.value] if TAX.search(text) else []), *found]))


def read_role(value: Any) -> str | None:
    """supplier or buyer; None when the words are neither."""
    said = fold(value).strip() if isinstance(value, str) else ""
    return next((role for role, words in ROLES.items() if said and said in words.split(", ")), None)


def _loan(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        read = {"truth": read_truth, "number": read_number}
        held = {f"loan.{key}": read[kind](value.get(key)) for key, kind in LOAN.items()}
        return {key: said for key, said in held.items() if said is not None}
    said = read_truth(value)
    return {} if said is None else {"loan.signed": said}


def _derived(known: dict[str, Any]) -> dict[str, Any]:
    """What follows from what is stated: shares from amounts, research from its cost."""
    revenue, spend = known.get("revenue_vnd"), known.get("rd_spend_vnd")
    if "rd_percent_revenue" not in known and revenue and spend is not None:
        known["rd_percent_revenue"] = spend / revenue * 100
    if "has_rd" not in known and (spend or known.get("rd_percent_revenue")):
        known["has_rd"] = True
    if revenue and known.get("scitech_revenue_percent") is not None:
        known["scitech_revenue_vnd"] = revenue * known["scitech_revenue_percent"] / 100
    return known


def _not_later(founded: Period | None, on: date) -> Period | None:
    """A founding that lies in the future is no fact."""
    if founded is None or founded.first > on:
        return None
    return Period(founded.first, min(founded.last, on))


def _listed(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _sizes(size: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if size.get("employees") is not None:
        found["employees"] = size["employees"]
    if size.get("revenue") is not None:
        found["revenue_vnd"] = size["revenue"]
    elif size.get("revenue_max") is not None:
        found["revenue_vnd"] = size["revenue_max"]
    if size.get("capital") is not None:
        found["capital_vnd"] = size["capital"]
    if size.get("class") in SIZE_WORDS:
        found["size_class"] = size["class"]
    return found


def _place(location: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if location.get("province"):
        found["province"] = location["province"]
    unit = fold(str(location.get("unit") or ""))
    if unit.startswith(("xa ", "phuong ", "thi tran ")):
        found["rural"] = unit.startswith("xa ")
    return found


def _business(text: str, folded: str) -> list[str]:
    """The clauses in which a message tells what the enterprise does."""
    return [text[spot.start() : spot.end()] for spot in BUSINESS.finditer(folded)]


def _founded(folded: str, on: date) -> str | None:
    if found := FOUNDED.search(folded):
        loose, first, second, year = found.groups()
        month, day = _day_month(first, second)
        held = _period(int(year), month or loose, day)
        return None if held is None else _dashed(int(year), month or loose, day)
    if aged := AGED.search(folded):
        day_then = years_before(on, int(aged[1]))
        return str(day_then.year if not aged[2] else day_then.year - 1) if int(aged[1]) else str(on.year)
    return None


def _dashed(year: int, month: str | None, day: str | None) -> str:
    return "-".join([str(year), *(f"{int(part):02d}" for part in (month, day if month else None) if part)])


def _said(text: str, folded: str, yes: Cues, no: Cues) -> bool | None:
    if no.search(text) is not None:
        return False
    spot = yes.search(text)
    if spot is None:
        return None
    return DENIED.search(folded[: spot.start()]) is None


def _figures(folded: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "vay" in folded:
        if left := MONTHS_LEFT.search(folded):
            found["loan.months_left"] = int(left[1]) * (12 if left[2] == "nam" else 1)
        if rate := RATE.search(folded):
            found["loan.rate_percent"] = float(rate[1].replace(",", "."))
    if stars := STARS.search(folded):
        found["ocop_stars"] = int(stars[1] or stars[2])
    if share := RD_PERCENT.search(folded):
        found["rd_percent_revenue"] = float((share[1] or share[2]).replace(",", "."))
    if growth := GROWTH.search(folded):
        found["growth_percent_2y"] = int(growth[1])
    return found
