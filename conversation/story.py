"""Reads an owner's free sentence as a story: what goes wrong, how it is done now, what is wished for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conversation.cues import Cues, marked
from conversation.tellings import ASKED, HINTS, NOW, TROUBLES, WANTS
from conversation.wishes import BIDS, exclaims, going_on, lacks, refused, tidied
from domain.text import fold, nfc

LEAST_TROUBLE = 2  # words; a shorter trouble takes the clause before with it: "hay chảy mỡ, mốc"
LONGEST = 160  # characters kept of one part
STOPS = re.compile(r"[;:!?\n]+|(?<!\d)[.,]+|[.,]+(?!\d)")
JOINERS = Cues("nhưng mà, nhưng, mà lại, mà, cho nên, thế nên, vì thế", "nên, vì, do, tại vì, bởi vì, nhg")
NO_JOINT = re.compile(r"^\s+(?:qr|vạch|vach|số|so|vùng|vung|hs|định danh|dinh danh)(?!\w)", re.IGNORECASE)  # "ma QR"
NOT_JOINED = re.compile(r"(?:thế|vậy|nền|trở|tạo|làm|bao|vậy)\s*$")
NO_WANT = re.compile(
    r"(?:không|ko|k|hok|chẳng|chả|khỏi|đừng|chưa|thôi|thu|người|khách|lái|ít|ai|đâu|hết|"
    r"khong|chang|cha|khoi|dung|chua|thoi|nguoi|khach|lai|it|dau|het|tổng|mức|vốn|suất|chi phí|tong|muc|von|suat|chi phi)\s*(?:ai|ai\s+thèm|thèm|phải|phai)?\s*$"
)
OF_A_THING = re.compile(r"(?:giống|cây|con|hàng|phân|nguyên liệu|thức ăn|thuốc|củ|quả|gỗ|đồ)\s*$")
BOUGHT = re.compile(r"(?:đã|vừa|mới|từng|da|vua|moi|tung)\s*$")
MORE_WANT = re.compile(
    r"^(?:(?:có nhu cầu|nhu cầu|co nhu cau|nhu cau|đang|dang(?= can| tim| muon| dinh| mong)|rất|rat|cần|muốn|mún|mun|mong|tìm kiếm|tim kiem|tìm|mua|lắp đặt|lap dat|lắp|sắm|"
    r"kiếm|đầu tư|xin|nhờ|xây(?= kho| lò| trạm| hầm)|thêm|một|mot|1|cái|cai|bộ(?= máy)|hỏi về|hỏi|về|được|có|giúp|giùm|dùm|cho em|em|thử|xem|"
    r"định|tính|can|muon|tim|sam|kiem|dau tu|xin|hoi ve|ve|duoc|co|giup|cho|là|la|tư vấn|tu van|dinh mua|mới|lại(?= công nghệ| quy trình| máy)|lai(?= cong nghe| quy trinh| may)|mua|lap(?= may| kho| he| tram| dat))\s+)+"
)
DEVICES = (
    "máy, lò, nồi, kho lạnh, kho mát, kho đông, dây chuyền, hệ thống, thiết bị, phần mềm, công nghệ, quy trình, trạm, hầm, "
    "buồng, tủ, nhà màng, nhà lưới, giải pháp, kỹ thuật, lo sấy, xưởng, bộ"
)
DEVICE = re.compile(
    r"^(?:"
    + "|".join(re.escape(word.strip()) for word in DEVICES.split(","))
    + "|"
    + "|".join(re.escape(fold(word.strip())) for word in DEVICES.split(",") if " " in word.strip())
    + r"|may|thiet bi|he thong|day chuyen)(?!\w)(?!\s+(?:cũ|cu|hỏng|hong|móc|chạy|phải|phai|nhà em|nhà mình|bị|bi|đang|dang|hay|của))"
)
TROUBLE_WORD = re.compile(
    r"(?<!\w)(?<!thiết )(?<!trang )(?<!chuẩn )bị\s+\w|(?<!\w)hay bi\s+\w|"
    r"(?<!\w)(?<!thiet )(?<!trang )(?<!chuan )bi\s+(?!quyet|thu)\w|(?<!\w)khó\s+\w|"
    r"(?<!\w)(?:không|khong|ko|k|chưa|chua|hok)\s+(?:biết|biet|bik|bít|rõ|ro)\s[^,.;]{0,40}?(?:ở đâu|o dau|chỗ nào|cho nao|thế nào|the nao|ra sao|làm sao|lam sao|cách nào|cach nao|kiểu gì|kieu gi|đâu|dau)(?!\w)|"
    r"(?<!\w)(?:không|khong|ko|chưa|chua)\s+có\s+(?:máy|công nghệ|kỹ thuật|quy trình|thiết bị|kinh nghiệm|mã|tem|nhãn|giấy|chứng nhận|đầu ra|kho|người|thợ|chỗ)(?!\w)"
)
EASED = re.compile(
    r"(?:cho đỡ|đỡ bị|đỡ|để khỏi|khỏi bị|để không|cho khỏi|tránh|chống|hạn chế|cho bớt|cho do|de khoi|khoi bi|do bi|tranh|chong)\s+(?:bị\s+|bi\s+)?(.{3,60})$"
)
NOT_NOW = re.compile(
    r"(?:đang|dang|hiện|hien|vẫn|van)\s+(?:có\s+|co\s+)?(?:cần|muốn|tìm|định|tính|gặp|bị|mong|có nhu|thiếu|can|muon|tim|dinh|tinh|gap|bi|mong|thieu|"
    r"quan|chưa|chua|rất|không|ko)(?!\w)"
)
NO_MORE = re.compile(
    r"(?<!\w)(?:không|khong|ko|k|chẳng|chả|thôi|bỏ)(?:\s+(?:còn|con|muốn|muon|cho|được|duoc|dám|dam))?\s*$"
)
WORKS = re.compile(  # what is made or sold, not how
    r"(?:đang|dang|hiện|hien|vẫn|van)\s+(?:đang\s+|dang\s+)?(?:sản xuất|san xuat|làm|lam|trồng|trong|nuôi|nuoi|chế biến|che bien|kinh doanh|có|co|ở|"
    r"canh tác|canh tac|bán|ban|thu mua)(?!\w)"
)
HOW = re.compile(
    r"(?<!\w)(?:bằng|bang|thủ công|thu cong|tay|theo|kiểu|kieu|ngoài|ngoai|lò|lo|than|củi|cui|nắng|nang|sân|san|thuê|thue|gia công|gia cong|tự|tu|máy|may|"
    r"thương lái|thuong lai|chợ|cho|tươi|tuoi|truyền thống|truyen thong|lẻ|le)(?!\w)"
)
NOWADAYS = re.compile(
    r"^\W*(?:hiện nay|hiện tại|hiện giờ|hiện|bây giờ|dạo này|hien nay|hien tai|hien gio|bay gio|dao nay)(?!\w)(?!\s+(?:đang|dang|vẫn|van)(?!\w))\W*",
    re.IGNORECASE,
)
OWNED = re.compile(
    r"(?<!cho )(?<!\w)(?:nhà|bên|của|nha|ben|cua)\s+(?:em|tôi|mình|chị|anh|bác|ông|bà|chú|cô|con|cháu|e|toi|minh|chi|bac|ong|ba|co|chau|htx|cty|công ty)(?!\w)"
)  # "xưởng gỗ nhà tôi" is what one has, not what one wishes for
CALLS = re.compile(
    r"^(?:chào em|chào anh chị|chào ad|chào sở|xin chào|em chào|chao em|xin chao|chào|chao|alo|a lô|em ơi|em oi|ad ơi|ad oi|anh chị ơi|sở ơi|dạ|da|ạ|ừ|"
    r"vâng|cho em hỏi|cho hỏi|cho mình hỏi|cho tôi hỏi|cho chị hỏi|cho anh hỏi|cho em|cho hoi|thì|thi|mà|ma|là|la|và|va|nhưng|nhung|nên|"
    r"nhà em|nhà chị|nhà anh|nhà tôi|nhà mình|nhà e|nha em|nha chi|nha anh|nha toi|nha minh|nha e|bên em|bên chị|bên mình|bên tôi|bên e|ben em|ben minh|"
    r"ben toi|ben e|bọn em|tụi em|chúng tôi|chúng em|chung toi|bon em|mình|minh|tôi|toi|em|chị|chi|anh|e|năm nào cũng|vụ nào cũng|sản phẩm)(?!\w)[\s,]*"
)
ENDS = re.compile(
    r"[\s,]+(?:ạ|a|nhé|nhe|nha|với|voi|đi|thôi|em ơi|em oi|ad|được không|duoc khong|dc ko|được ko|được k|dc k|có được không|(?<!chân )không|(?<!chan )khong|(?<!chan )ko|hok|k|hả em|thì làm sao|thi lam sao|thì sao|thì phải làm gì|thì phải làm sao|ấy cháu ơi|cháu ơi|chau oi|con ơi|cháu ạ|hả cháu|cháu|ấy|đấy|"
    r"hả|vậy|vay|thì tốt|là được|luôn|á|ah|ak|ạk|lun|mà|(?<!hữu )(?<!động )(?<!vô )cơ|nữa|nua|thì|thi|cái nào)$"
)
TAILS = re.compile(
    r"[\s,]+(?:(?:với\s+|có\s+)?(?:công suất|cong suat|năng suất|nang suat|cs)\b.*|"
    r"(?:khoảng|khoang|tầm|tam|cỡ|co|dưới|duoi|trên|từ|tu|chừng|chung|độ|(?<!phân )loại|(?<!phan )loai|đổ lại|không quá|khong qua|tối đa|toi da|giá|gia|trong tầm|trong tam)\s+[^,]*\d.*|"
    r"(?:thôi\s+|thoi\s+)?(?:tiền|tien)\s+(?:thì|thi|có|co|tầm|khoảng|khoang)\b.*|(?:kinh phí|kinh phi|ngân sách|ngan sach|chi phí|chi phi|(?<!góp )(?<!gop )(?:vốn|von)|giá tầm|gia tam|trị giá)\b.*|"
    r"(?:trước|truoc|trong|vào|vao)\s+(?:vụ|vu|tháng|thang|năm|nam|tết|tet|quý|quy|mùa|mua|cuối|cuoi|tuần|tuan)\b.*|"
    r"(?:ở|tại|o|tai)\s+(?:xã|phường|huyện|thành phố|xa|phuong|huyen|[A-ZĐÀ-Ỹ]).*|"
    r"\d[\d.,]*\s*(?:-\s*\d[\d.,]*\s*)?(?:kg|tấn|tạ|yến|tan|ta|yen|m3|m2|m³|m²|khối|khoi|lít|lit|tr|triệu|trieu|tỷ|ty|ha|sào|người|con|cây)\b.*)$"
)
WHETHER = re.compile(
    r"^.{0,40}?\b(?:có|co)\s+(?!ai|bị|bi\b)(.{4,60}?)\s+(?:nào\s+|nao\s+)?(?:được|dc|đc|duoc)?\s*(?:không|ko|k|hok|khong)(?!\w)"
)
HELD = re.compile(  # folded
    r"^(?:xuong|lo|kho|ham|tram|may)\s+(?:minh|em|toi|nha|cua|nay|ben|cu)\b|^xuong\b"
)  # what one has already
SERVED = re.compile(r"^(?:nhận(?: làm)?|bán|cung cấp|nhan(?: lam)?|ban|cung cap)\s+(?=\S+\s+\S)", re.IGNORECASE)
AIDED = re.compile(
    r"^(?:được\s+|duoc\s+|dc\s+)?(?:tặng|tang|phát|phat|cho không|cho khong|hỗ trợ|ho tro|chính sách|chinh sach|chương trình|chuong trinh)(?!\w)"
)
DOING = re.compile(
    r"^(?:sấy|say|xử lý|xu ly|ép|ep|chế biến|che bien|bảo quản|bao quan|đóng gói|dong goi|tách|nghiền|nghien|tưới|tuoi|chưng cất|chung cat|"
    r"chiết xuất|chiet xuat|lọc|rang|sao khô|làm tem|lam tem|truy xuất|truy xuat|kiểm nghiệm|kiem nghiem|phân loại|phan loai|băm|bam|ủ phân|u phan)(?!\w)\s+\S+\s+\S+"
)
MUSING = re.compile(r"(?<!\w)(?:quá|qua)(?!\w)|(?<!\w)(?:nhỉ|nhi|chăng|ta)\W*$")  # "hay là do sấy nóng quá nhỉ"
AMOUNT = re.compile(
    r"\d[\d.,]*\s*(?:tấn|tan|tạ|ta|yến|yen|kg|cân|lít|lit|m3|m2|khối|khoi|ha|sào|sao|con|triệu|trieu|tr|tỷ|ty)"
    r"(?:\s*(?:/|một|mot|mỗi|moi)?\s*(?:năm|nam|ngày|ngay|mẻ|me|giờ|gio|tháng|thang|vụ|vu))?"
    r"(?:\s+(?:à|a|nhầm|nham|ý là|y la)\s*,?\s*\d[\d.,]*(?:\s*(?:tấn|tan|tạ|kg))?)?(?!\w)",
    re.IGNORECASE,
)
WORTH = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Story:
    """What the sentence tells; each part is in the owner's own words, None when not told."""

    problem: str | None = None
    current: str | None = None
    wish: str | None = None


def read_story(text: str) -> Story:
    """The parts of a free message; never raises."""
    text = nfc(text)
    problem: str | None = None
    current: str | None = None
    wishes: list[str] = []
    hint: str | None = None
    last = ""
    for clause in clauses(text):
        before, named = _split_wish(clause, text)
        wanted = tidied(named)  # "cần trước tháng 6" wishes for nothing
        if before is not None and hint is None and (not wishes or wanted is not None) and HINTS.search(before, text):
            hint = _trim(before)
        if wanted is not None:
            wishes.append(wanted)
            eased = EASED.search(wanted.lower())
            if problem is None and eased:
                problem = _trim(eased.group(1))
        if before is None:
            continue
        trouble = _trouble(before, text)
        if trouble is not None and problem is None:
            problem = f"{last}, {trouble}" if last and len(trouble.split()) < LEAST_TROUBLE else trouble
            now = _current(before, text)
            if now is not None and current is None:
                current = now
        elif trouble is not None and problem is not None and len(problem) + len(trouble) < 100:
            problem = f"{problem}, {trouble}"
        elif current is None:
            current = _current(before, text)
        last = _trim(before) if wanted is None and trouble is None and HINTS.search(before, text) else ""
    if problem is None and wishes and hint is not None and len(WORTH.findall(hint)) >= 3:
        problem = hint
    wish = max(wishes, key=lambda named: _weight(named, text)) if wishes else _unsaid_wish(text, current is not None)
    return Story(None if exclaims(problem) else problem, current, tidied(wish))


def _unsaid_wish(text: str, tells_now: bool) -> str | None:
    """A wish without a word of wanting: "ép dầu lạc tại quán", "có tận dụng làm phân được không".

    Work that is told as being done now ("chưng cất thủ công") is none.
    """
    for clause in clauses(text):
        bare = _strip_calls(clause)
        if found := WHETHER.match(bare.lower()):
            asked = SERVED.sub("", bare[found.start(1) : found.end(1)])
            if AIDED.match(asked.lower()) or fold(re.sub(r"\s+(?:nào|nao|gì|gi)$", "", asked)) in NAMELESS:
                return None  # "có hỗ trợ không" asks for support
            return _cut(asked)
        if DOING.match(bare.lower()) and not tells_now and not MUSING.search(bare.lower()):
            eased = EASED.search(bare.lower())
            return _cut(bare[: eased.start()] if eased and eased.start() > 8 else bare)
    return None


def tells_trouble(text: str) -> bool:
    """Whether a message speaks of something that goes wrong, whatever else it says."""
    return TROUBLES.search(text) is not None or TROUBLE_WORD.search(nfc(text).lower()) is not None


def clauses(text: str) -> Iterator[str]:
    """The parts of a message between commas, stops and the small joining words."""
    for part in STOPS.split(text):
        begin = 0
        for found in JOINERS.finditer(part, text):
            if (
                found.start() == 0
                or NOT_JOINED.search(part[: found.start()].lower())
                or NO_JOINT.match(part[found.end() :])
            ):
                continue
            if part[begin : found.start()].strip():
                yield part[begin : found.start()].strip()
            begin = found.end()
        if part[begin:].strip():
            yield part[begin:].strip()


def trim_answer(text: str) -> str:
    """An answer to an open question in the owner's words, without calls and politeness."""
    return _trim(" ".join(nfc(text).split()))


def wish_words(text: str) -> str:
    """An answer to "what do you wish for": the thing itself, without the words of wanting and the amounts."""
    text = " ".join(nfc(text).split())
    bidden = BIDS.match(text.lower())
    if bidden is not None and len(text) - bidden.end() > 3:
        text = text[bidden.end() :]
    parts = list(clauses(text))
    for at, clause in enumerate(parts):
        wanted = _split_wish(clause, text)[1]
        if wanted is not None:
            return ", ".join([wanted, *going_on(parts[at + 1 :], text, (TROUBLES, NOW, WANTS))])
    return _thing(text) or trim_answer(text)


def _split_wish(clause: str, whole: str) -> tuple[str | None, str | None]:
    """The part before a word of wanting, the wished thing after it."""
    asked = ASKED.search(clause, whole)
    if asked is not None and lacks(clause[: asked.start()]):
        asked = None  # "chưa có phần mềm gì cả" asks for nothing
    void = False  # "lò gạch cũ muốn bỏ" wants something, but no device
    for found in WANTS.finditer(clause, whole):
        before = clause[: found.start()]
        if NO_WANT.search(before.lower()):
            return (None, None) if _drops(clause) else (clause, None)
        if BOUGHT.search(before.lower()) and found.group().startswith(("mua", "lắp", "sắm", "đầu tư", "lap", "sam")):
            continue
        if asked is not None and asked.start() < found.start():
            break
        if found.group() in ("mua", "thay", "lắp") and OF_A_THING.search(before.lower()):
            continue  # "cây giống mua trôi nổi"
        thing = _thing(clause[found.start() :])
        if (
            thing is None
            or NO_THING.match(thing.lower())
            or (found.group() in ("mua", "sắm", "lắp") and SINCE.match(thing.lower()))
        ):
            void = void or (thing is not None and NO_THING.match(thing.lower()) is not None)
            continue
        return WISHER.sub("", before).strip() or None, thing
    if asked is not None:
        return clause[: asked.start()].strip() or None, _asked_thing(clause, asked)
    bare = _strip_calls(clause)
    if void:
        return clause, None
    if OWNED.search(bare.lower()) or HELD.match(fold(bare)):
        return clause, None
    if _names_device(bare, whole) and (_trouble(clause, whole) is None or EASED.search(clause.lower())):
        return None, _thing(bare)
    return clause, None


def _names_device(part: str, whole: str) -> bool:
    """Whether a device stands at the head; "may" is none where marks are typed: "may mặc xuất khẩu"."""
    found = DEVICE.match(part.lower())
    return found is not None and not (found.group() in ("may", "lo", "ham", "tu") and marked(whole))


def _drops(clause: str) -> bool:
    return re.search(r"(?:nữa|nua|đâu|dau)(?:\s+(?:em|ạ|a|rồi|roi))?\s*$", clause.lower()) is not None or refused(
        clause
    )


NAMELESS = (
    "cach",
    "may",
    "cong nghe",
    "thiet bi",
    "loai",
    "giai phap",
    "loai may",
    "ai",
    "gi",
    "phai lam sao",
    "lam sao",
    "phai lam gi",
    "lam the nao",
    "phai lam the nao",
    "that",
    "ngay",
    "gap",
    "giup",
)  # no wish yet


def _asked_thing(clause: str, asked: re.Match[str]) -> str | None:
    """ "có máy nào sấy dc tầm 5 tạ ko" becomes "máy sấy dc"; "bik cách nào giữ lâu" stays as a way."""
    rest = clause[asked.start() :]
    if len(WORTH.findall(rest)) <= len(WORTH.findall(asked.group())) + 1 and len(WORTH.findall(clause)) > 4:
        return _trim(clause[: asked.start()])  # "... thì làm kiểu gì": what stands before is meant
    rest = re.sub(r"\s+(?:không|khong|ko|k|hok)$", "", re.sub(r"^(?:có|co)\s+", "", rest.strip()))
    rest = re.sub(
        r"^(máy|công nghệ|thiết bị|loại máy|loại|giải pháp|cách|may|cong nghe|thiet bi|cach)\s+(?:nào|nao)\s+",
        r"\1 ",
        f"{rest} ",
    ).strip()
    if fold(rest) in NAMELESS or fold(rest) in ("khong", "ko", "k"):
        return None
    return _cut(rest) or _trim(clause)


def _thing(rest: str) -> str | None:
    rest = NUMBERING.sub("", rest.strip())
    while lead := MORE_WANT.match(rest.lower() + " "):
        if lead.end() >= len(rest):
            return None
        rest = NUMBERING.sub("", rest[lead.end() :].strip())
    cut = _cut(rest)
    return cut if WORTH.search(cut) and fold(cut) not in NAMELESS else None


def _cut(rest: str) -> str:
    kept = rest
    tail = TAILS.search(kept)
    if tail and tail.start() >= 4:
        kept = kept[: tail.start()]
    return _trim(kept)


def _trouble(clause: str, whole: str) -> str | None:
    eased = EASED.search(clause.lower())
    body = clause[: eased.start()] if eased else clause
    found = TROUBLES.search(body, whole) or TROUBLE_WORD.search(body.lower())
    if found:
        amounts = [match.end() for match in AMOUNT.finditer(body, 0, found.start()) if len(body) - match.end() > 8]
        return _trim(NOWADAYS.sub("", clause[amounts[-1] :] if amounts and len(clause.split()) > 8 else clause))
    if eased and TROUBLES.search(clause, whole):
        return _trim(eased.group(1))
    return None


def _current(clause: str, whole: str) -> str | None:
    now = NOW.search(clause, whole)
    if now is None or NOT_NOW.search(clause.lower()) or NO_MORE.search(clause[: now.start()].lower()):
        return None
    rest = clause[_work_before(clause, now) :]
    made = WORKS.match(rest.lower())
    if made and not HOW.search(rest.lower(), made.end()):
        return None
    trouble = re.search(r"\s+(?:hay bị|bị|hay bi|mà hay|thì hay|rất|không kịp|ko kịp)(?!\w)", rest.lower())
    if trouble and trouble.start() > 6:
        rest = rest[: trouble.start()]
    elif worse := TROUBLES.search(rest, whole):  # "hiện nay bột lẫn nhiều cát" tells no way of working
        rest = rest[: worse.start()]
        if NOWADAYS.match(rest.lower()) and not HOW.search(rest.lower()):
            return None
    if len(rest.split()) < 2:
        rest = clause
    return _trim(rest)


SINCE = re.compile(
    r"^(?:\d+|mấy|một|hai|ba|vài)\s+(?:năm|tháng|nam|thang)(?!\w)|^(?:năm ngoái|năm kia|từ|về|hồi|được)(?!\w)"
)  # bought already
WISHER = re.compile(
    r"\s+(?:(?:bên|nhà|ben|nha)\s+)?(?:em|e|chị|chi|anh|tôi|toi|mình|minh|bác|bac|htx)\s*$", re.IGNORECASE
)
NO_THING = re.compile(  # "mua về không ai biết vận hành", "lò cũ muốn bỏ" wish for nothing
    r"^(?:không|khong|ko|chưa|chua|bị|bi)\s|^(?:trôi nổi|troi noi|ngoài chợ|ngoai cho|lẻ tẻ|tứ xứ)|^(?:dùng|dung|làm|lam|có|co)$|^(?:nhanh|rẻ|re|tốt|đỡ|khoẻ) hơn$|^(?:bỏ|vứt|dẹp|phá|thanh lý|thanh ly|vứt bỏ|bỏ đi|bo di|phá đi|vut di|thôi)$"
)
NUMBERING = re.compile(r"^\(?[1-9]\s?[.)]\s*")
BY_HAND = ("thủ công", "bằng tay", "thu cong", "bang tay")


def _work_before(clause: str, now: re.Match[str]) -> int:
    """Where the telling of today's way begins: "thủ công" takes the work with it, "chưng cất thủ công"."""
    if now.group() not in BY_HAND:
        return now.start()
    words = list(re.finditer(r"\S+", clause[: now.start()]))[-2:]
    return words[0].start() if len(words) == 2 else now.start()


def _weight(wish: str, whole: str) -> tuple[bool, int]:
    """A named device says more than a verb; a longer wording more than a shorter one."""
    return _names_device(wish, whole), min(len(wish), 60)


def _strip_calls(part: str) -> str:
    kept = part.strip(" ,.-–")
    while lead := CALLS.match(kept.lower()):
        if len(kept) - lead.end() < 4:
            break
        kept = kept[lead.end() :].strip(" ,.-–")
    return kept


def _trim(part: str) -> str:
    """A clause without calls at its head and politeness at its end, cut at a word."""
    kept = _strip_calls(part)
    while tail := ENDS.search(kept.lower()):
        if tail.start() < 4:
            break
        kept = kept[: tail.start()].rstrip(" ,.")
    if len(kept) > LONGEST:
        kept = kept[:LONGEST].rsplit(" ", 1)[0] + "…"
    return kept
