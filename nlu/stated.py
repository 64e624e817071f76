"""Reads from an owner's own words what they state of their enterprise, in the keys of a profile."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from conversation.cues import Cues
from conversation.kinds import CUES as KIND_CUES
from domain.enterprise import years_before
from domain.kinds import MACHINE, Kind
from domain.text import fold, nfc
from nlu.sectors import Sectors
from nlu.values import FORM_NAMES, day_month, period, read_form

SIZE_WORDS = {
    "siêu nhỏ": ("micro",),
    "nhỏ": ("micro", "small"),
    "vừa": ("medium",),
    "nhỏ và vừa": ("micro", "small", "medium"),
}
MACHINES = Cues("máy, máy móc, thiết bị, dây chuyền, công nghệ, lò sấy, kho lạnh, kho mát, hệ thống")
# kinds of help called by their own names, which in a story of need would say little
NAMED = {
    Kind.CAPITAL: Cues(
        "vay tiền, cần vốn, hỗ trợ vốn, hỗ trợ về vốn, nguồn vốn, vay ưu đãi, cho vay, vay mua, đi vay, muốn vay, cần vay, vay được, xin vay, khoản vay"
    ),
    Kind.QUALITY: Cues("năng suất chất lượng, năng suất và chất lượng, nâng cao chất lượng, nâng cao năng suất, quản lý chất lượng"),
    Kind.MARKET: Cues("thị trường, xuất khẩu, xúc tiến, quảng bá"),
    Kind.TRAINING: Cues("khóa học, mở lớp, tư vấn viên, học quản trị"),
}  # fmt: skip
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
    "rural": (Cues("ở nông thôn, vùng nông thôn, ở quê, ở bản, ở thôn, ở xã, dưới xã, trong xã, vùng cao"), Cues("ở thành phố, ở phường, trong thành phố")),
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
THIS_YEAR = re.compile(
    r"(?:thanh lap|mo|ra doi|lap)[^.;\n\d]{0,16}?(?:thang\s*(\d{1,2})\s*)?(?:nam )(nay|ngoai|truoc)\b"
)
AGED = re.compile(
    r"(?:hoat dong|mo|lam|thanh lap|chay|kinh doanh)[^.;\n\d]{0,16}?(?<!thang )(\d{1,2})\s*nam(?:\s*(ruoi))?(?!\s*\d)"
    r"|(?:cong ty|cty|doanh nghiep|htx|hop tac xa|xuong|co so)[^.,;\n\d]{0,20}(\d{1,2})\s*nam tuoi"
)
HEADS = re.compile(r"(?<!di )(?<!dang ky )(?<!them )\b(\d{1,4})\s*nguoi\b(?!\s*(?:di|tham du|den|len|dang ky|du))")
HEADS_LISTED = re.compile(r"\b(?:lao dong|nhan su|nhan vien|cong nhan|so nguoi|nguoi lam)\s*[:=]\s*(\d{1,4})\b")
WORKPLACE = re.compile(r"\b(?:cong ty|cty|doanh nghiep|htx|hop tac xa|ho kinh doanh|hkd|xuong|co so|to hop tac)\b")
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


def stated(text: str, entities: Mapping[str, Any], on: date, sectors: Sectors) -> dict[str, Any]:
    """The profile that an owner's words state, in the contract's keys; nothing is guessed."""
    text = nfc(text)
    folded = fold(text)
    raw: dict[str, Any] = {}
    if form := read_form(text):
        raw["legal_form"] = next(name for name, held in FORM_NAMES.items() if held is form)
    raw |= _sizes(entities.get("org_size") or {})
    if "employees" not in raw and WORKPLACE.search(folded) and (heads := HEADS.search(folded)):
        raw["employees"] = int(heads[1])
    if "employees" not in raw and (listed := HEADS_LISTED.search(folded)):
        raw["employees"] = int(listed[1])
    raw |= _place(entities.get("location") or {})
    told = [*_business(text, folded), *_listed(entities.get("product")), *_listed(entities.get("process"))]
    if sectors.read(*told):
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


def read_needs(text: str) -> tuple[str, ...]:
    """The kinds of help that a text asks for by name; empty when it names none.

    Who looks for a machine is also served by programmes for renewal, application, transfer.
    """
    named = {kind for kind, cues in NAMED.items() if cues.search(text) is not None}
    found = [kind.value for kind, cues in KIND_CUES.items() if kind in named or cues.search(text) is not None]
    if TAX.search(text) is not None:
        found.insert(0, Kind.TAX.value)
    if Kind.SEARCH.value in found:
        if len(found) > 1 and MACHINES.search(text) is None:
            found.remove(Kind.SEARCH.value)  # "sấy hồi" tells the trade, not the wish
        else:
            found += [kind.value for kind in MACHINE]
    return tuple(dict.fromkeys(found))


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
        month, day = day_month(first, second)
        held = period(int(year), month or loose, day)
        return None if held is None else _dashed(int(year), month or loose, day)
    if near := THIS_YEAR.search(folded):
        return _dashed(on.year - (near[2] != "nay"), near[1], None)
    if aged := AGED.search(folded):
        years = int(aged[1] or aged[3])
        day_then = years_before(on, years)
        return str(day_then.year if not aged[2] else day_then.year - 1) if years else str(on.year)
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
