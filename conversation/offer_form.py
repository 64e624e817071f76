"""The form of somebody who offers a technology: four questions, each with its reader."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from conversation.doubts import doubts
from conversation.flow import Answers, Flow, Misread, Question
from conversation.need_form import BARE_DEVICES, answer, capacity_words, local_phone, read_contact, unknown
from conversation.repairs import LEAD, LINK, PIECES
from domain.amounts import Money, money_words
from domain.money import find_money
from domain.need import Field
from domain.text import fold, has_diacritics, nfc

Entities = Mapping[str, Any]
Row = dict[str, Any]


class Part(StrEnum):
    """The four parts of an offer, in their numbered order."""

    WHAT = "what"
    SIZE = "size"
    PRICE = "price"
    CONTACT = "contact"

    @property
    def number(self) -> int:
        """1 to 4, as people see and name it."""
        return list(Part).index(self) + 1

    @property
    def label(self) -> str:
        """The usual Vietnamese name."""
        return LABELS[self]

    @property
    def required(self) -> bool:
        """Whether nothing can be sent without it."""
        return self in (Part.WHAT, Part.CONTACT)


LABELS = {Part.WHAT: "công nghệ", Part.SIZE: "công suất", Part.PRICE: "giá", Part.CONTACT: "liên hệ"}
NOT_KNOWN = {Part.SIZE: "chưa rõ", Part.PRICE: "thoả thuận"}
EXAMPLES = {
    Part.WHAT: "ví dụ “máy sấy lạnh cho hồng, mận”",
    Part.SIZE: "ví dụ “300-500 kg/mẻ”; chưa rõ thì nhắn “chưa biết”",
    Part.PRICE: "ví dụ “300 triệu” hoặc “280-450 triệu”; chưa tiện nói thì nhắn “thoả thuận”",
    Part.CONTACT: "ví dụ “Bình, 0912 345 678”",
}


def _asks(words: str) -> Any:
    return lambda form, answers: words


OFFER_FORM: Flow[None] = Flow(
    "offer",
    (
        Question("what", _asks("Máy hay công nghệ ấy làm việc gì, cho sản phẩm nào (ví dụ “máy sấy lạnh cho hồng, mận”)?")),
        Question("size", _asks("Công suất khoảng bao nhiêu (ví dụ 300-500 kg/mẻ)?"), (("Chưa rõ", "unknown"),)),
        Question("price", _asks("Giá bán khoảng bao nhiêu (ví dụ 280-450 triệu)?"), (("Thoả thuận", "unknown"),)),
        Question("contact", _asks("Cho em xin tên và số điện thoại để cán bộ liên hệ với anh/chị ạ?")),
    ),
)  # fmt: skip
WORDING = (
    "Gửi đi là anh/chị đồng ý cho Sở lưu bản này kèm tên, số điện thoại 5 năm; cán bộ duyệt rồi mới giới thiệu, "
    "người cần chỉ nhận liên hệ khi anh/chị cũng đồng ý."
)


# --- reading ----------------------------------------------------------------------------------------------------
THING = re.compile(
    r"\b(?:may|cong nghe|quy trinh|thiet bi|day chuyen|giai phap|he thong|bi quyet|phan mem|lo|kho|giong|(?<!ha )noi|tu|buong|ham|"
    r"che pham|dich vu|thiet ke|sang che|ban quyen|phuong phap|dung cu|xe|drone|tem|bao bi|tui)\b"
)
ENDS = re.compile(
    r"[.;!?\n(]|\b\w+ (?:duoc|dc) (?:khoang |tam )?\d|\b(?:chu (?:khong|ko)|muon|xin|gui|ai (?:can|mua|quan)|de (?:ban|chao|gioi|len)|dang (?:ban|len|tin|ky|chao)|"
    r"can (?:ban|tim|khach|chao|gioi|dang|nguoi)|nho (?:so|gioi|dang|em)|tim (?:khach|noi|don|doanh|nguoi)|san sang|"
    r"gia (?:khoang|tam|tu|ban|chi|re)|gia(?= \d)|cong suat|nang suat|lien he|moi (?:ba con|cac|moi nguoi)|(?:toi|den|cho) (?:cac|ba con|nhung)|dua (?:len|vao)|"
    r"nhuong (?:lai|quyen)|do (?:ben|xuong|toi|em|cong)|cua (?:ben|toi|em|chung|minh|cong|cty|xuong|"
    r"nha|vien|truong|nhom|anh|chi))\b"
)
NO_NAME = frozenset(
    "cua ben toi minh em chung nay do moi cu san co ban va may cong nghe thiet bi giai phap quy trinh he thong day chuyen phan mem "
    "san pham gi nao nua duoc khong them nay do ay kia dien pha".split()
)


def thing_named(text: str) -> str | None:
    """The words that name what is offered: "máy sấy hoa hồi" of "bên em có máy sấy hoa hồi muốn giới thiệu"; else None."""
    text = nfc(text)
    folded = fold(text)
    for found in THING.finditer(folded):
        if re.match(r"\s+(?:nay|do|ay|kia)\b", folded[found.end() :]):
            continue  # "máy này điện 3 pha" tells more of what is named already
        end = ENDS.search(folded, found.end())
        name = text[found.start() : end.start() if end else len(text)].strip(" ,.-–")
        if set(fold(name).split()) - NO_NAME:
            return name[:1].upper() + name[1:120]
    return None


def spelt(name: str, known: list[str]) -> str:
    """A name typed without diacritics, with the device, the products and the processes in their proper spelling."""
    if has_diacritics(name):
        return name
    spelling, rest = name, f" {fold(name)} "
    for term in sorted([*known, *BARE_DEVICES.values()], key=len, reverse=True):
        spelling = re.sub(rf"(?<!\w){re.escape(fold(term))}(?!\w)", term, spelling, flags=re.IGNORECASE)
        rest = rest.replace(f" {fold(term)} ", "  ")
    return name if rest.strip() else spelling[:1].upper() + spelling[1:]  # half a name with marks reads worse than none


def from_message(text: str, entities: Entities, name: str | None = None) -> dict[Part, Row]:
    """The parts that a message states; what is offered only where it is named together with what it does.

    `name` is that of the contact, when it is known already: then a number alone makes the contact.
    """
    found: dict[Part, Row] = {}
    goods, steps = _listed(entities.get("product")), _listed(entities.get("process"))
    thing = thing_named(text)
    if thing is not None and (goods or steps or len(thing.split()) > 2):
        found[Part.WHAT] = answer({"products": goods, "processes": steps}, spelt(thing, [*goods, *steps]), text)
    if capacity := entities.get("capacity"):
        found[Part.SIZE] = answer(capacity, capacity_words(capacity), text)
    if _by_the_piece(text):
        found[Part.PRICE] = answer(
            None, text.strip()[:80], text
        )  # so much a plant or a kilo is the price of no machine
    elif budget := entities.get("budget") or (SELLS.search(fold(text)) and stated_money(text)):
        found[Part.PRICE] = price(budget, text)
    said = entities.get("contact_name") or entities.get("company")
    said = (
        name if not said or f" {fold(said)} " in f" {fold(thing or '')} " else said
    )  # "hút chân" of a machine is nobody
    if (phone := entities.get("phone")) and said:
        found[Part.CONTACT] = answer({"name": said, "phone": phone}, f"{said}, {local_phone(phone)}", text)
    return found


PER_PIECE = re.compile(
    r"\s*(?:đồng|dong|d|đ)?\s*(?:/|\b(?:mot|moi|1)\b)\s*(?:cay|kg|qua|con|chai|hop|goi|m2|m3|bao|luot|gio|ha|sao|tem|thang|nam|buoi|tan|lit)\b"
)
SELLS = re.compile(r"\b(?:gia|ban)\b")


def _by_the_piece(text: str) -> bool:
    """Whether the first amount of money is said for a plant, a kilo, a year."""
    money = find_money(text)
    return bool(money) and PER_PIECE.match(fold(text)[money[0].end :]) is not None


def stated_money(text: str) -> dict[str, Any] | None:
    """The first amount of money in a text: {"min","max"} in VND; None without one."""
    found = find_money(text)
    return {"min": found[0].value.min, "max": found[0].value.max} if found else None


def price(value: Mapping[str, Any], said: str) -> Row:
    """A price as it is kept: {"min","max"} in VND."""
    held = {"min": value.get("min"), "max": value.get("max")}
    return answer(held, money_words(Money(held["min"], held["max"])), said)


def read_part(part: Part, text: str, entities: Entities, patient: bool = True, name: str | None = None) -> Row:
    """Reads the answer to one question; raises Misread with a kind explanation. After a first misread own words count."""
    found = from_message(text, entities)
    if part is Part.CONTACT:
        return read_contact(text, entities, name)  # a number told before stands among the entities
    if part in found:
        return found[part]
    if part is Part.PRICE and (money := stated_money(text)):
        return price(money, text)
    if part is Part.WHAT:
        if len(re.findall(r"[^\W\d_]+", text)) < (2 if patient else 1):
            raise Misread(f"Em chưa rõ là máy hay công nghệ gì, {EXAMPLES[part]}.")
        words = thing_named(text) or text.strip()[:120]
        if patient and {Part.PRICE, Part.SIZE} & set(found) and thing_named(text) is None:
            raise Misread(f"Em ghi rồi ạ. Đó là máy hay công nghệ gì, {EXAMPLES[part]}.")  # "giá 12 triệu một cái"
        goods, steps = _listed(entities.get("product")), _listed(entities.get("process"))
        return answer(
            {"products": goods, "processes": steps}, spelt(words[:1].upper() + words[1:], [*goods, *steps]), text
        )
    if not patient and re.search(r"\d", text):  # kept in own words; nothing is guessed
        return answer(None, text.strip()[:80], text)
    raise Misread(f"Em chưa đọc được {part.label}, {EXAMPLES[part]}.")


PRICE_LEAD = re.compile(
    r"^\W*(?:(?:à|a|ý|thì|thi|giảm|giam|tăng|tang|lên|len|xuống|xuong|đổi|doi|giá|gia|bán|ban|là|la|"
    r"chỉ|chi|còn|con|sửa|sua|thành|thanh|em|ờ|uh|ừ|dạ|da)\s+)+",
    re.IGNORECASE,
)


def price_readings(text: str, entities: Entities) -> list[Row]:
    """What a price without a unit may mean: "200" is 200 million, "15" fifteen million or billion; {"label","value"} each."""
    if entities.get("budget") or stated_money(text):
        return []
    found = doubts(PRICE_LEAD.sub("", text), entities, Field.BUDGET)
    return found[1] if found is not None and found[0] is Field.BUDGET else []


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(item) for item in value or ()]


# --- corrections ------------------------------------------------------------------------------------------------
NAMES = {
    Part.WHAT: ("ten may", "ten cong nghe", "ten thiet bi"),
    Part.SIZE: ("cong suat", "nang suat", "quy mo"),
    Part.PRICE: ("gia ban", "gia", "tien"),
    Part.CONTACT: ("so dien thoai", "dien thoai", "lien he", "sdt", "so dt", "ten nguoi", "ten toi", "ten lien he"),
}
NUMBERED = re.compile(
    r"^\W*(?:(?:em|cho|toi|anh|chi|minh|a)\s+)*(?:sua|doi|chinh)\s*(?:lai\s*)?(?:cau|so|muc|"
    r"y)?\s*([1-4])\b(?!\s*(?:trieu|tr|tan|ta|kg|ty))"
    r"(?:\s*(?:thanh|la|lai|sang|:|=))?\s*"
)


def corrected(text: str) -> Iterator[tuple[Part, str]]:
    """Parts named by number or name, each with what follows: "giá 200 thôi", "sửa 2 thành 500 kg/mẻ"."""
    text = nfc(text)
    numbered = NUMBERED.match(fold(text))
    if numbered is not None:
        yield list(Part)[int(numbered[1]) - 1], text[numbered.end() :].strip(" .")
        return
    for piece in PIECES.split(text):
        lead = LEAD.match(piece)
        bare = piece[lead.end() if lead else 0 :]
        folded = fold(bare)
        for part, names in NAMES.items():
            name = next((name for name in names if re.match(rf"{name}(?!\w)", folded)), None)
            if name is not None:
                rest = bare[len(name) :]
                link = LINK.match(rest)
                yield part, rest[link.end() if link else 0 :].strip(" .")
                break


# --- the card ---------------------------------------------------------------------------------------------------
def count_told(told: Answers) -> int:
    """How many of the four parts are told."""
    return sum(1 for part in Part if part.value in told)


def not_known(part: Part, said: str) -> Row:
    """The answer "not known yet" in the words of this part."""
    return {**unknown(said), "words": NOT_KNOWN[part]}


def offer_card(told: Answers, notes: list[str]) -> str:
    """The numbered summary."""
    lines = [
        f"{part.number}. {part.label.capitalize()}: {told[part.value]['words']}" for part in Part if part.value in told
    ]
    return "\n".join([*lines, *([f"Ý thêm: {'; '.join(notes)}"] if notes else [])])
