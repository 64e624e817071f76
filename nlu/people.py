"""Reads who writes: phone, tax code, firm with its form and size, the name of a contact."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.line import Line, Phrases, phrases, variants
from domain.numbers import read_range
from domain.text import level

PHONE = re.compile(
    r"(?<![\w.,])(?:\(?\+?\(?84\)?|00\s?84|\(?[0oO])[\s.\-)]?\(?(?:0\)?[\s.\-]?)?(?:[\doOlI][\s.\-()]{0,2}){7,9}[\doOlI](?!\w|[.,]\d)"
)
SHORT_PHONE = re.compile(r"(?<![\w.,])[35789](?:[\s.\-]?[\doOlI]){8}(?!\w|[.,]\d)")
PHONE_CUES = phrases(
    "sđt|số điện thoại|điện thoại|đt|số đt|số|zalo|gọi|alo|tel|phone|hotline|liên hệ|di động|sdt|số zalo|sms|call"
)
NOT_PHONE_AFTER = re.compile(r"\s*(?:đồng|đ|vnd|vnđ|tr|triệu|tỷ|kg|tấn|dong|trieu|ty|tan)\b", re.IGNORECASE)
TAX = re.compile(
    r"(?<!\w)(?:mst|m\.s\.t|mã số thuế|ma so thue|mã thuế|ma thue|mã số dn|ma so dn|mã số doanh nghiệp|ma so doanh nghiep|mã số hkd|"
    r"mã số hộ kinh doanh|ma so ho kinh doanh|mã số htx|ma so htx|mã số hợp tác xã|ma so hop tac xa|mã dn|ma dn|số thuế|so thue|"
    r"mã số định danh|ma so dinh danh|tax code|tax|mã số)(?:\s+(?:là|la|của|cua|em|tôi|toi|bên|ben|mình|minh|công|cong|ty|htx|"
    r"số|so|chị|chi|anh|hộ|ho|cá|ca|nhân|nhan|thuế|thue|nhé|e))*\s*[:\-#.]?\s*((?:[\doOlI][\s.]?){9,11}[\doOlI](?:\s?-\s?\d{3})?)(?![\w\-]*\d)",
    re.IGNORECASE,
)
LOOSE_TAX = re.compile(r"(?<![\w.,/+\-])(\d{10})(-\d{3})?(?![\w]|[.,]\d)")
WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
LOOKS = str.maketrans("oOlI", "0011")
FORMS = Phrases(
    {
        "công ty|cty|tnhh|cong ti|công ti|cty tnhh": "công ty", "hợp tác xã|htx|liên hiệp hợp tác xã|liên hiệp htx": "hợp tác xã",
        "tổ hợp tác|tht|tổ hợp tác xã": "tổ hợp tác", "hộ kinh doanh|hkd|hộ cá thể|hộ kd|hộ kinh doanh cá thể": "hộ kinh doanh",
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
    "công ty|cty|hợp tác xã|htx|doanh nghiệp tư nhân|doanh nghiệp|dntn|cơ sở|tổ hợp tác|hộ kinh doanh|hkd|liên hiệp htx|tht|cty tnhh|công ti|xí nghiệp"
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
    "lao động|công nhân|nhân viên|thợ|nhân công|người làm|người lao động|nhân sự|lao động thường xuyên|ld|công nhân viên|cán bộ nhân viên|"
    "người làm việc|người thợ|bạn thợ|cbnv|thợ làm"
)
HONORIFICS = frozenset("anh chi co chu bac ong ba a c em e".split())
INTRODUCED = phrases(
    "tên là|tên em là|tên chị là|tên anh là|tên tôi là|tên mình là|em là|chị là|anh là|tôi là|mình là|tên|gặp|liên hệ|gọi cho|gọi|tên tôi|"
    "tên em|tên chị|tên anh|tôi tên|em tên|mình tên|chị tên|anh tên|e là|e tên|tớ là|cháu là|người liên hệ|đại diện|đại diện là|"
    "chủ hộ|giám đốc|chủ nhiệm|họ tên|họ và tên|liên hệ với|gặp anh|gặp chị|liên hệ anh|liên hệ chị|ng liên hệ|lh|chủ cơ sở"
)
NOT_NAMES = frozenset(
    "nha ben lam muon can o co chu htx cong cty hop dang sdt so dt khong xin la cua giam doc nhan dien thoai zalo em anh chi toi minh nhe a "
    "lien he goi cho va voi day thu xa huyen phuong thon so nay kia da duoc moi vay hay thi ma roi nua de hoi san xuat nong dan trong nuoi "
    "chuyen thanh ky tuoi nguoi cai ten hien ngay tam khoang may bo ad alo ok vang da oi phong ban quan gap ho kinh doanh doanh nghiep "
    "phat trien chinh gui dia mst email mail ha noi lang son tai".split()
)


@dataclass(frozen=True, slots=True)
class Firm:
    """A named firm in tokens[at:after], as typed in `said`."""

    said: str
    at: int
    after: int


def cover(line: Line, start: int, end: int, taken: bytearray) -> tuple[int, int]:
    """Marks the tokens of text[start:end] as taken; gives their range."""
    first = next((at for at, token in enumerate(line.tokens) if token.end > start), line.size)
    last = first
    while last < line.size and line.tokens[last].start < end:
        taken[last] = 1
        last += 1
    return first, last


def phone_in(line: Line, taken: bytearray) -> tuple[str, int, int] | None:
    """The first phone number: (E.164, its tokens from, to); takes the tokens of all."""
    text = level(line.text)
    first: tuple[str, int, int] | None = None
    for found in PHONE.finditer(text):
        number = phone_number(found.group())
        if number is None or NOT_PHONE_AFTER.match(text, found.end()):
            continue
        span = cover(line, found.start(), found.end(), taken)
        first = first or (number, *span)
    if first is None:
        for found in SHORT_PHONE.finditer(text):
            at = next((at for at, token in enumerate(line.tokens) if token.start >= found.start()), 0)
            back = at - 1 if line.words[at - 1] in (":", ".", "-") else at
            if PHONE_CUES.ends(line, back) and not NOT_PHONE_AFTER.match(text, found.end()):
                digits = re.sub(r"\D", "", found.group().translate(LOOKS))
                return (f"+84{digits}", *cover(line, found.start(), found.end(), taken))
    return first


def phone_number(said: str) -> str | None:
    """E.164, or None when it is no Vietnamese number."""
    digits = re.sub(r"\D", "", said.translate(LOOKS))
    if digits.startswith("0084"):
        digits = digits[2:]
    if digits.startswith("840") and len(digits) in (12, 13):
        digits = "84" + digits[3:]
    if digits.startswith("84") and (len(digits) == 11 or (len(digits) == 12 and digits[2] == "2")):
        return "+" + digits
    if (
        digits.startswith("0")
        and digits[1:2] != "0"
        and (len(digits) == 10 or (len(digits) == 11 and digits[1] == "2"))
    ):
        return "+84" + digits[1:]
    return None


def tax_code_in(line: Line, taken: bytearray) -> str | None:
    """The tax code: named as one, or ten digits whose check digit is right."""
    text = level(line.text)
    for found in TAX.finditer(text):
        digits = re.sub(r"[\s.]", "", found[1].translate(LOOKS))
        if re.fullmatch(r"\d{10}(?:-\d{3})?|\d{12}", digits):
            cover(line, found.start(), found.end(), taken)
            return digits
    for found in LOOSE_TAX.finditer(text):
        if valid_tax_code(found[1]) and phone_number(found[1]) is None:
            cover(line, found.start(), found.end(), taken)
            return found[1] + (found[2] or "")
    return None


def valid_tax_code(code: str) -> bool:
    """Whether the tenth digit of a tax code (10 or 10-3 digits) is the check digit; 12 digits have none."""
    if re.fullmatch(r"\d{12}", code):
        return True
    if not re.fullmatch(r"\d{10}(?:-\d{3})?", code):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, code, strict=False))
    return 10 - total % 11 == int(code[9])


def firms_in(line: Line) -> list[Firm]:
    """Firms that are named, as typed; "HTX trồng na" is not a name."""
    shouting = line.text.isupper()
    found: list[Firm] = []
    at = 0
    while at < line.size:
        lead = FIRM_LEADS.begins(line, at)
        firm = _firm(line, at, lead[1], shouting) if lead else None
        if firm is not None:
            found.append(firm)
        at = firm.after if firm else at + 1
    return found


def _firm(line: Line, at: int, start: int, shouting: bool) -> Firm | None:
    here = NAMED.begins(line, start)
    named = here is not None
    here_at = here[1] if here else start
    last = here_at
    capitals = 0
    while last < line.size and last - here_at < 14:
        word = line.words[last]
        typed = line.text[line.tokens[last].start]
        if word in ("&", "-") and line.size > last + 1 and line.text[line.tokens[last + 1].start].isupper():
            last += 1
        elif (
            word.isalpha()
            and typed.isupper()
            and not (shouting and line.said[last] in STOP)
            and not _sentence_word(line, last, word)
        ):
            capitals += 1
            last += 1
        elif (
            (
                word.isalpha()
                and (word in LEGAL or (capitals and line.said[last] not in STOP))
                and _capital_soon(line, last + 1)
            )
            or (line.tokens[last].value is not None and capitals and line.touches(last))
            or (line.tokens[last].value is not None and capitals and not line.words[last + 1].isalpha())
        ):
            last += 1
        else:
            break
    if capitals and any(line.words[k] not in LEGAL for k in range(here_at, last)):
        return Firm(line.slice(at, last), at, last)
    return _lower_firm(line, at, here_at, named)


def _sentence_word(line: Line, at: int, word: str) -> bool:
    """Whether a capital belongs to a usual word ("HTX Cần mua")."""
    if word == "lien":
        return line.words[at + 1] == "he"
    return word not in LEGAL and line.said[at] in USUAL


USUAL = frozenset(
    "cần muốn xin ở tại đang có là làm chúng tôi em anh chị tìm mua hiện mong kính đề số điện gặp tên chuyên mã".split()
)


def _capital_soon(line: Line, at: int) -> bool:
    """Whether a capital follows, with only words like "nông nghiệp" between."""
    here = at
    while (
        here < line.size
        and here - at < 6
        and line.words[here] in LEGAL
        and not line.text[line.tokens[here].start].isupper()
    ):
        here += 1
    return here < line.size and line.text[line.tokens[here].start].isupper()


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
    for at in range(line.size):
        found = FORMS.begins(line, at)
        if found is None or found[0] in ruled_out:
            continue
        form, after = found
        if form == "hợp tác xã" and line.words[at] == "hop" and line.words[at - 1] == "to":
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
    for at in range(line.size):
        if (found := FORMS.begins(line, at)) and not (line.words[at] == "hop" and line.words[at - 1] == "to"):
            yield found[0], at, found[1]


def size_in(line: Line, taken: bytearray) -> dict[str, Any]:
    """The number of employees with the class of a firm, where they are said."""
    size: dict[str, Any] = {}
    for at in range(line.size):
        if "class" not in size and (kind := SIZES.begins(line, at)):
            size["class"] = kind[0]
        if taken[at] or "employees" in size:
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
            for here in range(at, staff[1]):
                taken[here] = 1
    return size


def contact_in(line: Line, phone: tuple[str, int, int] | None, firms: list[Firm], inside: bytearray) -> str | None:
    """The name of whom to contact, as typed, without "anh" or "chị"."""
    if phone is not None:
        name = _before_phone(line, phone[1], inside) or _after_phone(line, phone[2], inside)
        if name is not None:
            return name
    for at in range(line.size):
        found = INTRODUCED.begins(line, at)
        if found is None or inside[at]:
            continue
        here = _past_honorific(line, found[1])
        bold = line.words[at] in ("em", "chi", "anh", "toi", "minh", "e") and line.words[found[1] - 1] == "la"
        name = _name_at(line, here, inside, phone is not None or (not bold and "ten" in line.words[at : found[1]]))
        if name is not None:
            return name
    if phone is not None:
        for at in range(line.size):
            if line.words[at] in HONORIFICS and not inside[at] and (name := _name_at(line, at + 1, inside, False)):
                return name
    return None


def _past_honorific(line: Line, at: int) -> int:
    while line.words[at] in (":", "-", "la") or (line.words[at] in HONORIFICS and line.words[at + 1].isalpha()):
        at += 1
    return at


def _name_at(line: Line, at: int, inside: bytearray, small: bool) -> str | None:
    """One to five name words from a token on: with capitals, or in small letters where a name is sure to stand."""
    last = at
    while last < line.size and last - at < 5 and line.words[last].isalpha() and not inside[last]:
        if not line.text[line.tokens[last].start].isupper() or (
            line.words[last] in NOT_NAMES and line.said[last] in NEVER
        ):
            break
        last += 1
    if last > at:
        return line.slice(at, last)
    if not small:
        return None
    while (
        last < line.size
        and last - at < 3
        and line.words[last].isalpha()
        and line.words[last] not in NOT_NAMES
        and not inside[last]
    ):
        last += 1
    ended = last >= line.size or not line.words[last].isalpha() or line.words[last] in NOT_NAMES
    return line.slice(at, last) if last > at and ended else None


NEVER = frozenset(
    "giám đốc công ty htx hợp nhà bên sđt số điện xã phường huyện đang cần muốn làm ở liên hệ zalo phó chủ nhiệm tịch".split()
)
BETWEEN = frozenset(
    (
        ":",
        ",",
        "-",
        ".",
        "(",
        ")",
        "sdt",
        "dt",
        "so",
        "dien",
        "thoai",
        "zalo",
        "tel",
        "phone",
        "lien",
        "he",
        "la",
        "di",
        "dong",
        "/",
        "call",
        "goi",
        "em",
        "nhe",
        "a",
    )
)


SURNAMES = frozenset(
    "nguyen tran le pham hoang vu vo dang bui do ho ngo duong ly nong ha luong loc vi hua chu la trieu ma lam dinh doan phan to be lo linh "
    "phung mong huynh mac cao luu truong dao mai".split()
)


def _before_phone(line: Line, at: int, inside: bytearray) -> str | None:
    here = at
    while here > 0 and line.words[here - 1] in BETWEEN:
        here -= 1
    start = here
    while start > 0 and here - start < 5 and line.words[start - 1].isalpha() and not inside[start - 1]:
        word = line.words[start - 1]
        if word in HONORIFICS or (word in NOT_NAMES and not _middle(line, start - 1)):
            break
        start -= 1
    while start < here and line.words[start] in NOT_NAMES:
        start += 1
    if start == here:
        return None
    said = [line.text[line.tokens[k].start] for k in range(start, here)]
    led = line.words[start - 1] in HONORIFICS or INTRODUCED.ends(line, start) is not None
    capital = all(char.isupper() for char in said)
    first = next((k for k in range(start, here) if line.text[line.tokens[k].start].isupper()), None)
    if not capital and first is not None and all(line.text[line.tokens[k].start].isupper() for k in range(first, here)):
        start, capital = first, True
    family = line.words[start] in SURNAMES and 2 <= here - start <= 4
    if capital or family or (led and here - start <= 4) or (start == 0 and here - start <= 2):
        return line.slice(start, here)
    return None


def _middle(line: Line, at: int) -> bool:
    """Whether "thị" stands here, as in the middle of women's names."""
    return line.words[at] == "thi" and line.said[at] != "thì"


def _after_phone(line: Line, at: int, inside: bytearray) -> str | None:
    here = at
    while line.words[here] in (":", ",", "-", "(", ".", "gap", "ten", "la", "\n"):
        here += 1
    here = _past_honorific(line, here)
    return _name_at(
        line, here, inside, line.words[here - 1] in ("ten", "gap", "la") or line.words[here - 1] in HONORIFICS
    )
