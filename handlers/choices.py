"""Finds the choice that a press or a typed message means: by label, number, figure, meaning, yes or no."""

import re
from collections.abc import Iterable

from conversation.need_form import from_entities
from conversation.reply import Choice
from domain.need import Field
from domain.text import fold, has_diacritics, says_right
from handlers import draft
from handlers.turn import Turn

POLITE = re.compile(r"\b(?:da|a|vang a|nhe|em|em oi|oi|nha|di|giup|voi|chau|nhe em|a em|thi|the)\b")
NUMBER = re.compile(r"(?:so|cau|chon|y|muc)?\s*(\d{1,2})\s*(?:a|nhe|em)?")
MOST_BEYOND = 2  # words behind a label that still mean it
FIGURES = re.compile(r"\d+")
TYPED = (Field.SCALE, Field.BUDGET, Field.DEADLINE, Field.CONTACT)


def pressed(turn: Turn) -> Choice | None:
    label = turn.pressed or ""
    for made in turn.offered:
        for choice in made:
            if choice.label == label:
                return choice
    wanted = fold(label)
    return next((c for made in turn.offered for c in made if fold(c.label) == wanted), None)


def plain(text: str) -> str:
    """A short message without case, diacritics, politeness and punctuation."""
    bare = re.sub(r"[^\w/]+", " ", fold(text)).strip()
    return " ".join(POLITE.sub(" ", bare).split()) or bare


def meant(turn: Turn, choices: Iterable[Choice]) -> Choice | None:
    """The choice whose label or one of whose meanings is all that was typed."""
    folded, bare = fold(turn.text.strip()), plain(turn.text)
    return next((c for c in choices if bare in (plain(c.label), *c.also) or folded in c.also), None)


FRILLS = re.compile(r"^(?:(?:thoi|the|vay|a|u|da|vang|ok|uh|em)\s+)+|(?:\s+(?:nua|nhe|dau|a|em|nha|di|vay|roi|ah))+$")


def typed_choice(turn: Turn) -> Choice | None:
    """The choice of the newest message that was typed by label, number or meaning."""
    current = turn.offered[0] if turn.offered else ()
    text = turn.text.strip()
    if not current or len(text) > 80:
        return None
    folded, bare = fold(text), plain(text)
    core = FRILLS.sub("", bare)  # "thôi không xoá nữa" is "Không xoá"
    for choice in current:
        if folded == fold(choice.label) or plain(choice.label) in (bare, core):
            return choice
    number = NUMBER.fullmatch(re.sub(r"[.)]$", "", bare))
    if number and not (len(current) < 2 and _may_be_an_amount(turn)):
        index = int(number.group(1)) - 1
        if 0 <= index < len(current):
            return current[index]
    if (named := meant(turn, current)) is not None:
        return named
    figures = FIGURES.findall(bare)
    picked = [choice for choice in current if choice.action.startswith("pick:") and figures]
    picked = [choice for choice in picked if FIGURES.findall(fold(choice.label))[: len(figures)] == figures]
    picked = [choice for choice in picked if _of_label(bare, choice)]
    if len(picked) == 1 and len(bare.split()) <= 5:
        return picked[0]
    for choice in current:  # "Kháng Chiến" means "Xã Kháng Chiến"
        if choice.action.startswith("pick:") and bare and plain(choice.label).partition(" ")[2] == bare:
            return choice
    for choice in current:
        label = plain(choice.label)
        beyond = len(bare.split()) - len(label.split())  # "chưa biết xã nào sau sáp nhập" says more than "Chưa biết"
        whole = len(label.split()) >= 2 and beyond <= MOST_BEYOND and bare.startswith(label)
        if len(bare) >= 4 and len(bare.split()) >= 2 and (label.startswith(bare) or whole):
            return choice
    return _yes_or_no(turn, current, bare)


BESIDE = frozenset("dung r roi trieu tr cu ty khoang tam nhe a em thoi den toi cai so u vang la chon".split())


def _of_label(bare: str, choice: Choice) -> bool:
    """Whether the words typed beside a figure are those of the choice: "5 tạ/vụ" does not mean "5.000 m²"."""
    words = {word for word in re.findall(r"[^\W\d_]+", bare) if word not in BESIDE}
    return words <= set(re.findall(r"[^\W\d_]+", plain(choice.label)))


def _may_be_an_amount(turn: Turn) -> bool:
    """Whether a bare figure may answer the open question itself: a budget may be one billion, a scale has a unit."""
    field = draft.waiting_field(turn)
    if field is Field.SCALE:
        return field in from_entities(turn.entities, turn.text)
    return field in TYPED and not turn.talk.pending.get("picks")


YES = ("Đồng ý", "Đúng", "Vẫn", "Tiếp tục", "Đăng ký")
REFUSES = re.compile(
    r"^(?:(?:toi|chi|anh|minh|ben|nha|thoi|ma)\s+)*(?:khong|ko|k|hok|hong|thoi|dung|chua|no|tu choi|khoi)"
    r"(?:\s+(?:dong y|luu|can|dau|muon|cho|duoc|phai|ok|the|nua|gui|nhan|xoa|"
    r"ghi|dang ky|luc nay|bay gio|het|nha|chi|anh|toi|phieu|so|thong tin|lam))*$"
)
NO = ("Không", "Để sau", "Bỏ")


SAYS_YES = re.compile(
    r"\b(?:dong y|co|ok|oke|okie|u|uh|um|uk|vang|duoc|dc|nhan|dung|nhat tri|da|chuan|gui|luu|tiep|chac|chot|roi)\b"
)


RIGHT = re.compile(r"^(?:(?:u|vang|da|a|roi)\s+)*dung(?:\s+(?:roi|gui|luu|phieu|day|luon|vay|do|het|thong tin))*$")


def _says_yes(turn: Turn, bare: str) -> bool:
    """Whether a short message is surely a yes and asks nothing: a yes may hand over a contact."""
    if turn.said.act != "affirm" or not turn.said.sure or len(turn.text) >= 40:
        return False
    asked = turn.said.asks or turn.text.rstrip().endswith("?")
    return not asked and SAYS_YES.search(f"{bare} {fold(turn.text)}") is not None


def _yes_or_no(turn: Turn, current: tuple[Choice, ...], bare: str) -> Choice | None:
    """Yes and no in whatever words, when the newest message asked a yes/no question; "dung" is then đúng."""
    asks_yes = any(choice.label.startswith(YES) for choice in current)
    if not asks_yes:
        return None
    if bare == "dung" or _says_yes(turn, bare):
        return next(choice for choice in current if choice.label.startswith(YES))
    unclear = bare.startswith("dung ") and (says_right(turn.text) or not has_diacritics(turn.text))
    if says_right(turn.text) and RIGHT.match(bare):
        return next(choice for choice in current if choice.label.startswith(YES))
    refuses = turn.said.act == "deny" or turn.text.lower().startswith("đừng")
    if refuses and REFUSES.match(bare) and not unclear:  # "đúng, gửi", "dung gui" are no refusal
        return next((choice for choice in current if choice.label.startswith(NO)), None)
    return None
