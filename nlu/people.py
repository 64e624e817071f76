"""Reads the name of whom to contact."""

import re
from typing import Any

from domain.line import Line, phrases
from domain.text import fold

HONORIFICS = frozenset("anh chi co chu bac ong ba a c em e".split())
INTRODUCED = phrases(
    "tên là|tên em là|tên chị là|tên anh là|tên tôi là|tên mình là|em là|chị là|anh là|tôi là|mình là|tên|gặp|liên hệ|gọi cho|gọi|tên tôi|"
    "tên em|tên chị|tên anh|tôi tên|em tên|mình tên|chị tên|anh tên|e là|e tên|tớ là|cháu là|người liên hệ|đại diện|đại diện là|"
    "chủ hộ|giám đốc|chủ nhiệm|họ tên|họ và tên|liên hệ với|gặp anh|gặp chị|liên hệ anh|liên hệ chị|ng liên hệ|lh|chủ cơ sở"
)
NOT_NAMES = frozenset(
    "nha ben lam muon can o co chu htx cong cty hop dang sdt so dt khong xin la cua giam doc nhan dien thoai zalo em anh chi toi minh nhe a "
    "lien he goi cho va voi day thu xa huyen phuong thon so nay kia da duoc moi vay hay thi ma roi nua de hoi san xuat nong dan trong nuoi "
    "the vay u nham quen sua lai doi lon dung sai chuyen thanh ky tuoi nguoi cai ten hien ngay tam khoang may bo ad alo ok vang da oi phong ban quan gap ho kinh doanh doanh nghiep "
    "phat trien chinh gui dia mst email mail ha noi lang son tai khoi gi giup vao ra di chua nao sao do so kia cuoc danh sach".split()
)
NEVER = frozenset(
    "sở giám đốc công ty htx hợp nhà bên sđt số điện xã phường huyện đang cần muốn làm ở liên hệ zalo phó chủ nhiệm tịch".split()
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
        "gd",
        "pgd",
        "ql",
        "goi",
        "em",
        "nhe",
        "a",
    )
)
MIDDLE = frozenset("van thi huu duc thanh minh ngoc quang xuan dinh cong ba hong thu kim".split())
SURNAMES = frozenset(
    "nguyen tran le pham hoang vu vo dang bui do ho ngo duong ly nong ha luong loc vi hua chu la trieu ma lam dinh doan phan to be lo linh "
    "phung mong huynh mac cao luu truong dao mai".split()
)

MARKED_SURNAMES = frozenset(
    "bàn đàm bế lăng lành giáp sầm vy phương lường quách bạch tạ tô thân trịnh kiều khổng hồ từ lục lưu tăng thái châu lại".split()
)  # only as spelt: "bán" and "bạn" are no names


def bare_name(text: str) -> bool:
    """Whether a message is nothing but a person's full name in capitals: "Dương Công Hùng", "anh Nông Văn Tài"."""
    words: list[str] = re.findall(r"[^\W\d_]+", text)
    if words and fold(words[0]) in HONORIFICS:
        words = words[1:]
    if not 2 <= len(words) <= 5 or text.isupper() or re.search(r"[\d?!]", text):
        return False
    return fold(words[0]) in SURNAMES and all(word[:1].isupper() for word in words)


def contact_in(line: Line, phone: tuple[str, int, int] | None, inside: bytearray) -> str | None:
    """The name of whom to contact, as typed, without "anh" or "chị"."""
    small: str | None = None  # in small letters though the rest bears marks: a name told with "tôi là" comes first
    if phone is not None:
        name = _before_phone(line, phone[1], inside) or _after_phone(line, phone[2], inside)
        if name is not None and (name[:1].isupper() or not line.marked):
            return name
        small = name
    for _, at, after in INTRODUCED.all(line):
        if inside[at]:
            continue
        here = _past_honorific(line, after)
        named = after - at > 1 and "ten" in line.words[at:after]  # "em tên", "tên là"; "tên" alone is any name
        name = _name_at(line, here, inside, phone is not None or named)
        if name is not None:
            return name
    if phone is not None:
        for at in range(line.size):
            if line.words[at] in HONORIFICS and not inside[at] and (name := _name_at(line, at + 1, inside, False)):
                return name
    return small


def full_name_before(line: Line, phone: tuple[str, int, int] | None) -> str | None:
    """A surname with one to four more names, all in capitals, right before a number, whatever else the words may be:
    "Hứa Văn Chẩn", "Dương Công Hợp"."""
    if phone is None:
        return None
    here = phone[1]
    while here > 0 and line.words[here - 1] in BETWEEN and not _capital(line, here - 1):
        here -= 1
    start = here
    while start > 0 and here - start < 5 and line.words[start - 1].isalpha() and _capital(line, start - 1):
        start -= 1
    while start < here and not (
        _is_surname(line, start)
        and (line.words[start] not in HONORIFICS or (here - start >= 3 and line.said[start] == "chu"))
    ):
        start += 1
    return line.slice(start, here) if 2 <= here - start <= 5 else None


def _capital(line: Line, at: int) -> bool:
    return line.text[line.tokens[at].start].isupper()


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
    if _is_surname(line, at) and line.words[at + 1] in MIDDLE:  # "nông văn hai" wherever a name may stand
        last = at + 2
        while last - at < 4 and line.words[last].isalpha() and line.words[last] not in NOT_NAMES and not inside[last]:
            last += 1
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


def _before_phone(line: Line, at: int, inside: bytearray) -> str | None:
    here = at
    while here > 0 and line.words[here - 1] in BETWEEN and line.text[line.tokens[here - 1].start] != "A":
        here -= 1  # a capital A ends a name: Nguyễn Văn A
        if line.words[here] == ")" and "(" in line.words[max(here - 5, 0) : here]:  # "Hoàng Thị Tươi (GĐ)"
            here = max(k for k in range(max(here - 5, 0), here) if line.words[k] == "(")
    start = here
    while start > 0 and here - start < 5 and line.words[start - 1].isalpha() and not inside[start - 1]:
        word = line.words[start - 1]
        named = _middle(line, start - 1) or _surname(line, start - 1, here) or _between_names(line, start - 1)
        named = named or (start == here and _last_name(line, start - 1))
        capital = line.text[line.tokens[start - 1].start].isupper() and line.said[start - 1] not in NEVER
        if not named and (word in HONORIFICS or (word in NOT_NAMES and not capital)):
            break
        start -= 1
        if named and word in SURNAMES and word != "thi":
            break
    while start < here and line.words[start] in NOT_NAMES and not _surname(line, start, here):
        start += 1
    if start == here:
        return None
    said = [line.text[line.tokens[k].start] for k in range(start, here)]
    led = line.words[start - 1] in HONORIFICS or INTRODUCED.ends(line, start) is not None
    capital = all(char.isupper() for char in said)
    first = next((k for k in range(start, here) if line.text[line.tokens[k].start].isupper()), None)
    if not capital and first is not None and all(line.text[line.tokens[k].start].isupper() for k in range(first, here)):
        start, capital = first, True
    family = _is_surname(line, start) and 2 <= here - start <= 4
    if capital or family or (led and here - start <= 4) or (start == 0 and here - start <= 2):
        return line.slice(start, here)
    return None


def _is_surname(line: Line, at: int) -> bool:
    return line.words[at] in SURNAMES or line.said[at] in MARKED_SURNAMES


def _surname(line: Line, at: int, after: int) -> bool:
    """Whether a surname stands here before one to three more words of a name ("Nông Văn Thắng", "nông văn hai")."""
    if not _is_surname(line, at) or not 1 <= after - at - 1 <= 3:
        return False
    capital = [line.text[line.tokens[k].start].isupper() for k in range(at, after)]
    return all(capital) or (not any(capital) and line.words[at + 1] in MIDDLE)


def _last_name(line: Line, at: int) -> bool:
    """Whether a name that is also a title ends a full name in capitals: "Ngọc Anh", "Lan Anh"."""
    if at < 1 or line.words[at] not in HONORIFICS or line.words[at - 1] in HONORIFICS:
        return False
    return line.words[at - 1].isalpha() and all(line.text[line.tokens[k].start].isupper() for k in (at - 1, at))


def _between_names(line: Line, at: int) -> bool:
    """Whether a middle name that is also another word stands between names in capitals: "Dương Công Hùng"."""
    if at < 1 or line.words[at] not in MIDDLE or line.words[at - 1] not in SURNAMES:
        return False
    return all(line.text[line.tokens[k].start].isupper() for k in (at - 1, at, at + 1) if k < line.size)


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


def _stands(words: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def leave_name(text: str, name: str, found: dict[str, Any]) -> None:
    """Takes out what is only part of a person's name: Hồng is no persimmon, "Chị Lăng Thị Tâm" is not at Chi Lăng."""
    whole, said = fold(text), fold(name)
    at = whole.find(said)
    rest = f" {whole[:at]} {whole[at + len(said) :]} " if at >= 0 else f" {whole} "
    for key in ("product", "process"):
        if key in found:
            told = [found[key]] if isinstance(found[key], str) else list(found[key])
            kept = [term for term in told if not _stands(fold(term), said) or _stands(fold(term), rest)]
            found[key] = kept[0] if len(kept) == 1 else kept
            if not kept:
                del found[key]
    location = found.get("location") or {}
    for called in (location.get("unit"), location.get("old"), *(location.get("ambiguous") or ())):
        bare = re.sub(r"^(?:xa|phuong|huyen|thi tran|thi xa) | \(cu\)$", "", fold(str(called or "")))
        spot = whole.find(bare) if bare else -1
        if 0 <= spot < at + len(said) and at < spot + len(bare) and at >= 0:
            del found["location"]
            return
