"""Reads how people put a form right: "sửa 3 thành 15 tấn", "kinh phí 200tr thôi", "à không phải"."""

import re
from collections.abc import Iterator

from domain.need import Field
from domain.text import fold, nfc

EDIT = re.compile(
    r"\b(?:sua|doi|chinh)\s*(?:lai\s*)?(?:cau|so|muc|y)?\s*(?:so\s*)?([1-9])\b(?!\s*(?:trieu|tr|tan|ta|kg|ty|nam|thang|ngay))"
    r"(?:\s*(?:(?:thanh|la|lai|sang)\b|:|=))?\s*"
)
NEXT = re.compile(
    r"(?:[;,\n]|\bva\b)\s*(?:cau|muc|y)\s*([1-9])\b\s*(?:(?:thanh|la|lai|sang)\b|:|=)?\s*"
)  # "…; mục 7: quý 4"
EDIT_NAMED = re.compile(r"\b(?:sua|doi|chinh)\s+(?:lai\s+)?")
NUMBERED = re.compile(r"^\W*(?:cau|so|muc|y)?\s*([1-9])\b\s*(?:(?:thanh|la|lai|sang)\b|[:=.)])?\s*")
SAYS_WRONG = re.compile(
    r"^(?:a|ay|uh|o|da|thoi|chet|xin loi|em oi|ma)?\s*,?\s*(?:khong phai|ko phai|a khong|nham|lon|khong,|ko,|sai roi|y la|y em la|"
    r"y chi la|y toi la|quen|noi nham|ghi nham|go nham|viet nham|dinh chinh|noi lai|chu khong)\b"
)
ONLY = re.compile(
    r"\b(?:thoi|moi dung|chu khong phai|chu ko phai|moi phai)\s*(?:em|a|nhe|nha)?\W*$|"
    r"\b(?:moi dung|moi phai)\b\W|^\W*(?:(?:khoan|a|o|uh|em oi)\W+)*(?:(?:toi|em|chi|anh|minh)\s+)?(?:noi|ghi|go|viet|nhan) (?:nham|sai|lon)\b"
)
CONTINUES = re.compile(
    r"^\W*(?:(?:da|vang|u|uh|ok|oke|thoi|the|roi|gio|nao|em|chi|anh|toi|minh|minh|cho|hay|quay lai|vay|cu)\W+)*"
    r"(?:(?:lam|dien|ghi|khai|hoi|viet)\s+tiep|tiep tuc|tiep)(?:\s+(?:di|nhe|nha|thoi|em|a|phieu|cho|chi|anh|nao|luon|duoc roi|roi))*\W*$"
)


def continues(text: str) -> bool:
    """Whether the person goes on with what was begun: "vâng, làm tiếp đi ạ", "thôi quay lại điền tiếp đi"."""
    return CONTINUES.match(fold(text)) is not None


FILLERS = frozenset(
    "a ay da u vang uh ok thoi em chi anh toi minh la khoang tam co chung do duoi tren moi mot cho nhe nha oi roi dung phai khong ko ma chu "
    "nham lai ghi quen so thanh nay kia day cung chi gan hon toi da khong phai sua vay the nhu".split()
)
FIELD_NAMES = {
    Field.PROBLEM: ("van de", "kho khan"),
    Field.PRODUCT: ("san pham", "mat hang"),
    Field.SCALE: ("quy mo", "san luong", "cong suat", "nang suat"),
    Field.CURRENT: ("dang lam the nao", "cach lam", "hien nay", "dang lam"),
    Field.WISH: ("mong muon", "may can", "nhu cau"),
    Field.BUDGET: ("kinh phi", "ngan sach", "von", "tien"),
    Field.DEADLINE: ("khi nao can", "thoi gian can", "thoi han", "thoi gian", "khi nao", "han"),
    Field.PLACE: ("dia diem", "cho lam", "noi lam", "dia chi", "o dau", "xa", "phuong"),
    Field.CONTACT: ("so dien thoai", "dien thoai", "lien he", "sdt", "so dt", "ten"),
}
LEAD = re.compile(
    r"^\W*(?:(?:à|a|ý|thì|thi|mà|ma|với|voi|cả|ca|còn|con|em|chị|chi|anh|cho|lại|lai|sửa|sua|đổi|doi|chỉnh|chinh)\s+)*",
    re.IGNORECASE,
)
LINK = re.compile(
    r"^\s*(?:cần|can|dự kiến|du kien)?\s*(?:(?:(?:thành|thanh|là|la|sang|lại|lai|chỉ|chi)(?!\w)|:|=|-)\s*)*",
    re.IGNORECASE,
)
PIECES = re.compile(r"[;\n]|,(?!\d)|\.(?!\d)|(?<!\w)(?:và|va|còn|con)(?!\w)")
COMMUNE_ACTS = re.compile(  # "xã hỗ trợ được 150 triệu" names no place
    r"(?:xa|phuong)\s+(?:ho tro|cho|bao|noi|cap|co|da|dang|se|hop|van dong|keu|yeu cau|dau tu|gop|lo)\b"
)
INSTEAD = re.compile(
    r"\b(?:thoi|a ma|hay la|doi sang|chuyen sang|thay vi|khong phai|nghi lai|doi y|them|nua|ngoai ra|con can|voi ca)\b"
)


def numbered(text: str, alone: bool) -> list[tuple[Field, str]]:
    """Fields named by their number, each with the words up to the next; `alone`: "3 thành 15 tấn" counts as well."""
    text = nfc(text)
    folded = fold(text)
    found = list(EDIT.finditer(folded)) or (list(NUMBERED.finditer(folded)) if alone else [])
    if found:
        more = [
            match for match in NEXT.finditer(folded, found[0].end()) if all(match.start() >= one.end() for one in found)
        ]
        found += more
    ends = [*(match.start() for match in found[1:]), len(text)]
    return [
        (list(Field)[int(match.group(1)) - 1], text[match.end() : end].strip(" ;,."))
        for match, end in zip(found, ends, strict=False)
    ]


def named(text: str) -> Iterator[tuple[Field, str]]:
    """Pieces that begin with the name of a field, with what follows: "kinh phí 200tr; địa điểm xã Chi Lăng"."""
    for piece in PIECES.split(nfc(text)):
        bare = piece[LEAD.match(piece).end() :]  # type: ignore[union-attr]  # matches always
        folded = fold(bare)
        for field, names in FIELD_NAMES.items():
            name = next((name for name in names if re.match(rf"{name}(?!\w)", folded)), None)
            if name is not None and not COMMUNE_ACTS.match(folded):
                rest = bare if name in ("xa", "phuong") else bare[len(name) :]
                yield field, rest[LINK.match(rest).end() :].strip(" .")  # type: ignore[union-attr]
                break


def wants_edit(text: str) -> bool:
    """Whether the message speaks of changing something."""
    return EDIT_NAMED.search(fold(text)) is not None


def says_wrong(text: str) -> bool:
    """Whether the message says that something was wrong: "à nhầm", "12 tấn thôi"."""
    folded = fold(text)
    return SAYS_WRONG.search(folded) is not None or ONLY.search(folded) is not None


def only_facts(text: str) -> bool:
    """Whether a short message says an amount, a date or a place with hardly another word."""
    words = [word for word in re.findall(r"[^\W\d_]+", fold(text)) if word not in FILLERS]
    return bool(re.search(r"\d", text)) and len(words) <= 3 and len(text) < 40


WHEN_FREE = (
    r"(?:luc khac|hom khac|khi khac|bua khac|ngay mai|mai|toi nay|toi|chieu|lat nua|lat|tuan sau|(?:khi|luc) nao ranh)"
)
LATER = re.compile(
    r"^\W*(?:(?:thoi|a|da|em|chi|anh|toi|minh|gio|hom nay|bay gio|dang|ban|viec|qua|chut|ti|ranh|khong|chua|ko|roi|co)\W+)*"
    rf"(?:(?:de|hen)\s+{WHEN_FREE}(?:\s+(?:em|chi|anh|toi|minh|bac|co|chu))?(?:\s+(?:se|hay|moi))?(?:\s+(?:ghi|lam|gui|noi|tra loi|khai))?|(?<=thoi\s)de\s+sau|{WHEN_FREE}\s+(?:(?:em|chi|anh|toi|minh)\s+)?(?:se\s+)?"
    r"(?:ghi|lam|noi|nhan|nhan tin|tra loi|khai|dien|noi chuyen|quay lai|gui)(?:\s+(?:tiep|sau|lai|not))?)"
    r"(?:\s+(?:di|nhe|nha|em|a|duoc khong|vay|da|cung duoc|roi|tiep))*\W*$"
)


def puts_off(text: str) -> bool:
    """Whether the person leaves the whole talk for another time: "thôi để sau đi", "đang bận, mai nói tiếp"."""
    return LATER.match(fold(text)) is not None


MEASURES = frozenset(
    "tan ta yen kg can ky lit khoi ha sao mau con qua chai bao tui hop me lan ngay thang nam vu mua ca gio tuan quy trieu tr ty ti toi dong vnd k "
    "nghin ngan tram chuc ruoi dau giua cuoi sau truoc trong vao den tu va hoac lam duoc dc co cho tinh tong het xong can dinh bo ra so dt sdt dien "
    "re sang quay lai lien he mst ma so thue tet nguyen dan am duong lich mung ram som gap nhanh gium giup duoi tren "
    "htx hop tac xa cong ty cty ho thanh vien qua co so xuong vuon doanh nghiep kinh doanh gia dinh "
    "d vnd cua t q thanh pham nguyen lieu tuoi kho quy mo san luong cong suat nang suat kinh phi ngan sach von du kien thoi gian dia diem dia chi nua "
    "thoai zalo ten xa phuong huyen thanh pho tp thon ban o tai thuoc nha ben hay han cu moi hang hien".split()
)


def facts_alone(text: str, names: str = "") -> bool:
    """Whether a message says nothing but amounts, dates and the given names, so that it tells no story."""
    known = {*re.findall(r"[^\W\d_]+", fold(names))}
    words = [word for word in re.findall(r"[^\W\d_]+", fold(text)) if word not in FILLERS | MEASURES]
    return all(word in known for word in words)


def changes_mind(text: str) -> bool:
    """Whether the message brings something else instead, or besides."""
    return INSTEAD.search(fold(text)) is not None


FIGURE = r"\d+(?:[.,]\d+)?"
MENDED = re.compile(
    rf"(?<![\w.,])({FIGURE})(\s*(?:tấn|tan|tạ|ta|yến|yen|kg|cân|can|lít|lit|m3|m2|khối|khoi|ha|sào|sao|con|triệu|trieu|tr|tỷ|ty|củ|cu|người|nguoi))"
    rf"(?:\s*(?:/|một|mot|mỗi|moi)?\s*(năm|nam|ngày|ngay|mẻ|me|giờ|gio|tháng|thang|vụ|vu))?\s*[,.;]?\s+"
    rf"(?:à|a|ấy|ay|ý|y|nhầm|nham|à nhầm|a nham|ý là|y la|à không|a khong|lộn|lon)\s*,?\s*({FIGURE})"
    rf"(?!\s*(?:tấn|tan|tạ|ta\b|yến|kg|lít|m3|m2|triệu|trieu|tr\b|tỷ|ty\b|[\d/]))",
    re.IGNORECASE,
)


def mend(text: str) -> str:
    """The text with a figure put right in passing: "40 tấn năm à 45" becomes "45 tấn năm"."""
    return MENDED.sub(lambda found: f"{found[4]}{found[2]}{f'/{found[3]}' if found[3] else ''}", text)
