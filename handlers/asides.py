"""Tells whether a message in the middle of a form is its answer or something else that is asked or wanted."""

import re

from conversation.need_form import from_entities
from conversation.story import read_story
from conversation.unknowns import says_right_send
from domain.need import Field
from domain.text import PERSON, fold, has_diacritics
from handlers import draft, filling, qualities
from handlers.bearing import LIKELY, other_role
from handlers.choices import TYPED
from handlers.routes import ACTS
from handlers.turn import Turn
from nlu.understanding import Understanding

ASKING = re.compile(r"\b(?:nào|gì|đâu|bao nhiêu|thế nào)\b", re.IGNORECASE)
ASKING_BARE = re.compile(  # without marks: "dau tu", "dau ra", "dau hoi" ask nothing
    r"\b(?:nao|gi|bao nhieu|the nao|dau(?! (?:tu|nam|ra|vu|thang|mua|tien|moi|goi|hoi|an|que|tram|dua|lac|gio))(?<!tinh dau))\b"
)
SHOW = re.compile(
    r"^(?:em\s+|a\s+|thi\s+)?(?:cho|gui|liet ke|gioi thieu)\s*(?:cho\s+)?(?:em|anh|chi|toi|minh)?\s*(?:xem|biet|danh sach)\b"
)
PLAIN_QUESTION = re.compile(
    r"\b(?:la gi|nghia la gi|bao nhieu|khi nao|bao gio|o dau|nhu the nao|the nao|tai sao|vi sao|thi sao|"
    r"khac gi|khac nhau|con .*khong)\b"
    r"(?:\s+(?:em|a|vay|nhi|day|the))*\W*$"
)
PLAIN_WORDS = {  # without one of these an answer is no such wish: "rau bò khai", "bơm trực tiếp"
    "cancel": re.compile(  # "đốt bỏ" tells how things are done
        rf"^(?!.*\bcai (?:dau|thu|kia|sau|truoc)\b)(?:\W*|.*\b(?:{PERSON}|thoi|cho|muon|xin|ma|da|phieu)\s+)"
        r"(?:huy|bo|dung|thoi|khong|ko|xoa|khoi)\b"
    ),
    "stop_news": re.compile(r"\b(?:tin|dung|nhan|gui|thong bao|stop|thoi|ngung|phien|spam)\b"),
    "talk_to_officer": re.compile(
        r"\b(?:can bo|nguoi|gap|goi|noi chuyen|nhan vien|hotline|dien thoai|lien he|chuyen vien|lanh dao|tu van|trao doi|so kh)\b"
    ),
}
OF_NEWS = re.compile(r"\b(?:tin|quang cao|quang ba|thong bao|spam)\b")
NAMES = (Field.CONTACT, Field.PRODUCT, Field.PLACE)
NOT_DIGRESSIONS = frozenset(
    ("declare_need", "correct", "affirm", "deny", "dont_know", "continue_need", "register_event")
)
QUESTIONS = frozenset(
    (
        "ask_policy",
        "ask_programme",
        "find_programme",
        "list_events",
        "see_offers",
        "help",
        "ask_need_status",
        "check_message",
    )
)
# acts that interrupt a free-text answer even when they are no question
FIRM = frozenset(("talk_to_officer", "stop_news", "see_my_data", "erase_my_data", "check_message", "abuse", "cancel"))


def asks_which(text: str) -> bool:
    """Whether a message holds a word that asks: nào, gì, đâu."""
    return (ASKING.search(text) if has_diacritics(text) else ASKING_BARE.search(fold(text))) is not None


def asks_aside(turn: Turn) -> bool:
    """Whether an unsure message is a question rather than the answer to the open one."""
    field = draft.waiting_field(turn)
    answering = turn.said.act in ("declare_need", "dont_know", "affirm", "deny") and not (
        field in TYPED and turn.text.rstrip().endswith("?")
    )
    if not turn.said.asks or field is None or answering:
        return False
    if field in TYPED or field is Field.PLACE:
        return field not in from_entities(turn.entities, turn.text) or "deadline_raw" in turn.entities
    if "?" not in turn.text and not turn.said.sure and read_story(turn.text).problem is not None:
        return False  # "bán không ai biết" tells what goes wrong
    return (
        "?" in turn.text
        or turn.said.act in QUESTIONS
        or PLAIN_QUESTION.search(fold(turn.text)) is not None
        or (turn.said.act == "out_of_scope" and turn.text.rstrip().endswith("?"))
    )


def digression(turn: Turn) -> Understanding | None:
    """The part of the message that asks for something else than the open question, if any."""
    field = draft.waiting_field(turn)
    if field is not None and filling.answers(turn, field):
        return None  # the expected answer comes first
    if field in TYPED and not any(sign.isalpha() for sign in turn.text):
        return None  # a bare figure asks for nothing
    if field is not None and qualities.told(turn, field) is not None:
        return None  # "sấy nhanh, giữ màu" wishes, though it is also a term's name
    for part in (turn.said, *turn.parts):
        if not part.sure or part.act in NOT_DIGRESSIONS or part.act not in ACTS:
            continue
        if part.act in PLAIN_WORDS and not part.asks and not PLAIN_WORDS[part.act].search(fold(part.text)):
            continue
        if (
            part.act == "stop_news"
            and field is not None
            and turn.said.roles
            and other_role(turn, field, LIKELY) == "done"
            and OF_NEWS.search(fold(part.text)) is None
        ):
            continue  # "thôi gửi cho chị đi" sends the form
        if part.act == "ask_policy" and not part.asks and read_story(part.text).wish is not None:
            continue  # "muốn hệ nước nóng bơm nhiệt" asks for no word's meaning
        if part.act == "stop_news" and says_right_send(turn.text):
            continue  # "dung, gui" without marks
        if part.asks and part.act not in ("greet", "thank"):
            return part
        if part.act in QUESTIONS and _states_more(turn, part):
            continue
        if field in NAMES and not _exactly(part):
            continue
        if part.act == "ask_programme" and part.programme and len(part.text.split()) <= 4:
            return part  # a programme's bare name is a question about it
        if part.act in FIRM or ((field in TYPED or field is None) and part.act not in ("greet", "out_of_scope")):
            return part
        if SHOW.match(fold(part.text)) or (part.act in QUESTIONS and asks_which(part.text)):
            return part
    return None


def _states_more(turn: Turn, part: Understanding) -> bool:
    """Whether what reads as a question without asking states a fact that the form lacks, or is a word or two: "dưới tỷ"."""
    folded = fold(part.text)
    if SHOW.match(folded) or asks_which(part.text):
        return False
    stated = from_entities(part.entities, part.text)
    return bool(stated) or (
        part.act == "ask_policy" and len(folded.split()) <= 2 and not (part.answer or "").startswith("term-")
    )


def _exactly(part: Understanding) -> bool:
    """Whether a message is plainly this act, so that it cannot be a name."""
    return part.confidence >= 0.9 and part.act not in ("help", "thank", "list_events")
