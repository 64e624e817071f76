"""Whether a message states a need, though it was surely or unsurely read as something else."""

import re

from conversation.story import read_story
from conversation.wishes import two_wishes
from domain.text import PERSON, fold
from handlers import programmes, supply
from handlers.turn import Turn

TAKES_OVER = re.compile(
    r"\b(?:muon|can|mong|tim|xin|dinh|tinh|nhu cau|de nghi|dang ky)\s+(?:\S+\s+){0,3}?(?:tiep\s+)?nhan\s+(?:lai\s+)?"
    r"(?:chuyen giao|cong nghe|quy trinh|ky thuat|bi quyet)"
    r"|\b(?:muon|can|tim|dinh|tinh)\s+(?:\S+\s+){0,2}?mua\s+(?:lai\s+)?(?:cong nghe|quy trinh|bi quyet)"
)


def takes_over(turn: Turn) -> bool:
    """Whether a message that asks nothing wants to receive a technology from somebody: "muốn nhận chuyển giao quy trình …"."""
    return not turn.said.asks and TAKES_OVER.search(fold(turn.text)) is not None


def tells_need(turn: Turn) -> bool:
    """Whether a message tells a story of need (what goes wrong, what is wished, of what) though it was read as something else."""
    said = turn.said
    if said.asks and ASKS_LEAVE.search(fold(turn.text)) and said.act != "declare_need":
        return False
    if takes_over(turn) or _states(turn) or _introduces(turn) or greets_and_tells(turn):
        return True
    if two_wishes(turn.text) is not None or (
        turn.talk.pending.get("seen") and not said.asks and BUYS.search(fold(turn.text))
    ):
        return True
    if said.act in LOOKS_LIKE and len(turn.text.split()) <= MOST_OF_A_NAME and turn.entities.get("product"):
        return True  # "na", "cam": nothing but a product
    plainly_other = said.sure and said.act not in (
        "declare_need",
        "ask_policy",
        "out_of_scope",
        "correct",
        "offer_technology",
    )
    if plainly_other or (said.sure and said.confidence > 0.85 and said.act != "declare_need"):
        return False
    if programmes.asks_which(turn):
        return False
    story = read_story(turn.text)
    if story.wish is None and story.problem is None:
        return False
    if story.wish and story.problem and not said.sure:
        return True
    if said.act == "declare_need" and said.confidence >= LIKELY and not AIDS.search(fold(turn.text)):
        return True
    if said.asks and said.act in ("ask_policy", "ask_programme", "find_programme", "see_offers"):
        return False
    named = (
        bool(turn.entities.get("product")) + bool(turn.entities.get("process")) + bool(turn.entities.get("capacity"))
    )
    return bool(story.wish) + bool(story.problem) + named >= 2


AID_THING = re.compile(  # at the head of a wish that is for money, not for a machine
    rf"^(?:(?:duoc|co|it|nhieu|mot|cac|nhung|them|chut|nha nuoc|so|ve|ho|cho|{PERSON}|ben|xin|vay|nhan|huong|tim|hieu|biet)\s+)*"
    r"(?:tien|von|kinh phi|tai tro|chinh sach|ho tro (?:tien|von|kinh phi|lai suat|tai chinh)|"
    r"nguon (?:von|tien|kinh phi|ho tro|luc)|"
    r"chuong trinh (?:ho tro|nao|gi|vay|von|tai tro|khuyen|nha nuoc|cua|de|cho|phu hop)|ct ho tro|"
    r"goi (?:ho tro|vay|von)|khoan (?:ho tro|vay|tien)|quy (?:ho tro|nao|phat trien|doi moi)|(?:nguon|ho tro)$)\b"
)


def seeks_aid(turn: Turn) -> bool:
    """Whether what is wished for is money or a programme, and no trouble is told: "muốn xin tiền làm đề tài"."""
    said = turn.said
    if (said.sure and said.act not in ("declare_need", "find_programme")) or said.programme is not None:
        return False
    story = read_story(turn.text)
    return story.problem is None and story.wish is not None and AID_THING.match(fold(story.wish)) is not None


ASKS_LEAVE = re.compile(  # "cho tôi hỏi …" announces a question
    rf"\b(?:cho|xin|muon)\s+(?:phep\s+)?(?:{PERSON}\s+)?(?:duoc\s+)?hoi\b(?!\s+mua)"
)
OPENS = re.compile(
    r"\b(?:dang ky|dang ki|ghi|lap|gui|mo|tao|khai|viet)\s+"
    r"(?:(?:luon|giup|ho|cho|em|anh|chi|toi|minh|1|mot|cai|thanh|vao)\s+){0,4}(?:nhu cau|phieu)\b"
)


def opens_form(turn: Turn) -> bool:
    """Whether a message asks for the need form by name and asks nothing else: "ok em đăng ký nhu cầu luôn, máy cô đặc"."""
    return not turn.said.asks and OPENS.search(fold(turn.text)) is not None


def asks_for_offers(turn: Turn) -> bool:
    """Whether a message most likely asks what there is of a named thing: "bên em có máy nào tách hạt mắc mật không"."""
    named = {"product", "process"} & set(turn.entities)
    return turn.said.act == "see_offers" and turn.said.confidence >= LIKELY and bool(named)


LOOKS_LIKE = frozenset(("out_of_scope", "abuse", "cancel", "affirm", "deny", "thank", "dont_know"))
MOST_OF_A_NAME = 4  # words
LEAST_TOLD = 7  # words of a story
LIKELY = 0.5  # a need that is told is rather opened than asked back about


def greets_and_tells(turn: Turn) -> bool:
    """Whether a greeting goes on to a wish or a trouble with something named: "Chào Sở. Tôi cần máy sấy thạch đen"."""
    if turn.said.act != "greet" or "?" in turn.text or not {"product", "process"} & set(turn.entities):
        return False
    story = read_story(turn.text)
    introduces = turn.entities.get("product") and any(map(INTRODUCES.match, re.split(r"[,.;!\n]", fold(turn.text))))
    return story.wish is not None or story.problem is not None or bool(introduces)


def goes_on_telling(turn: Turn) -> bool:
    """Whether an unclear message states facts of a need after another unclear one that told some: both tell one need."""
    if turn.talk.form is not None or not turn.unclear or turn.said.asks:
        return False
    facts = {"product", "process", "capacity", "budget", "deadline", "location"} & set(turn.entities)
    story = read_story(f"{turn.unclear}. {turn.text}")
    return bool(facts) and bool(story.wish or story.problem)


def names_goods(turn: Turn) -> bool:
    """Whether an unclear message names a product with what goes wrong with it, with who makes it, or little else."""
    named = {"product", "process"} & set(turn.entities)
    if turn.talk.form is not None or turn.said.asks or not named or AIDS.search(fold(turn.text)):
        return False
    if not turn.entities.get("product"):
        return read_story(turn.text).problem is not None or supply.names_technology(turn.text)
    who = {"company", "org_form", "location", "capacity", "contact_name"} & set(turn.entities)
    return read_story(turn.text).problem is not None or len(turn.text.split()) <= MOST_OF_A_NAME or bool(who)


INTRODUCES = re.compile(
    r"^\W*(?:\S+\s+){0,5}?(?:nha|ben|htx|hop tac xa|co so|xuong|cong ty|vuon|trai|toi|em|chi|anh|minh|bac)\b(?:\s+\S+){0,4}?\s+"
    r"(?:lam|nuoi|trong|san xuat|che bien|nau|chung|u|kinh doanh|export|xuat khau|gia cong|thu mua)\s"
)
HELP = re.compile(
    r"\b(?:nho|xin|can|muon)\s+(?:duoc\s+)?(?:tu van|giup|lam|ap dung|xay dung|dang ky|chung nhan|trien khai|co)\b"
)


def _introduces(turn: Turn) -> bool:
    """Whether somebody begins a story: "nhà em nuôi cá tầm ở Mẫu Sơn", "nhờ tư vấn ISO 22000 cho xưởng thạch đen"."""
    folded = fold(turn.text)
    if turn.said.asks or not turn.entities.get("product") or AIDS.search(folded):
        return False
    if turn.said.act not in (*MISTAKEN, "declare_need") or (turn.said.act == "see_offers" and turn.said.sure):
        return False
    return INTRODUCES.match(folded) is not None or (
        HELP.search(folded) is not None and read_story(turn.text).wish is not None
    )


BUYS = re.compile(r"\b(?:can|muon|dinh|tinh|dat)\s+(?:dat\s+)?mua\b")  # of what was just shown
PRICE = re.compile(
    r"\b(?:may|lo|noi|kho|thiet bi|day chuyen|he thong|bo|ham)\b.*\b(?:bao nhieu tien|nhieu tien|"
    r"gia (?:bn|nhiu|bnhieu|bao nhieu|the nao|sao|ca)|bao nhieu (?:mot|1) (?:cai|bo|con|chiec)|gia tam)\b"
)


def asks_price(turn: Turn) -> bool:
    """Whether the price of a machine for a named work or product is asked, which the offers in store tell."""
    named = {"product", "process"} & set(turn.entities)
    return (
        bool(named)
        and turn.said.asks
        and not AIDS.search(fold(turn.text))
        and PRICE.search(fold(turn.text)) is not None
    )


SEEKS = re.compile(
    r"^\W*(?:\S+\s+){0,8}?(?:can|tim|can tim|dang tim|can mua|muon mua|tim mua|muon tim|muon lap|can lap|"
    r"muon dau tu|can dau tu)\s+(?!hieu|hoi|biet|giup|gap|tu van|ho tro|vay|von|lam|co|dk|dang ky|thong tin|giay|nop|gi\b)"
)
AIDS = re.compile(
    r"\b(?:duoc ho tro|xin ho tro|ho tro (?:gi|von|tien|kinh phi|lai)|vay|tang|cho khong|mien phi|chinh sach|chuong trinh|"
    r"thu tuc|ho so|giay to|nghi dinh|thong tu|quyet dinh)\b"
)


ASKS_AID = re.compile(
    r"\b(?:nha nuoc|tinh|so|xa|nguon nao|chuong trinh nao|ho tro|tai tro|vay)\b.*\b(?:khong|ko|k|nao|gi|bao nhieu|o dau)\b"
)


def asks_aid(turn: Turn) -> bool:
    """Whether a message that tells a need asks beside it whether anybody helps with money."""
    folded = fold(turn.text)
    helps = re.search(r"\b(?:ho tro|tai tro|cho tien|cho vay|vay|nguon|chuong trinh)\b", folded) is not None
    return turn.said.asks and helps and ASKS_AID.search(folded) is not None


def seeks_device(turn: Turn) -> bool:
    """Whether a message that was not surely read as something else looks for a machine or a technology of a stated kind."""
    said, folded = turn.said, fold(turn.text)
    if (said.sure and said.act not in MISTAKEN) or AIDS.search(folded):
        return False
    wish = read_story(turn.text).wish
    if wish is None or not supply.names_technology(wish):
        return False
    sized = bool({"budget", "capacity"} & set(turn.entities))
    stated = bool({"product", "process"} & set(turn.entities))
    seeks = SEEKS.match(folded) is not None
    return stated and ((seeks and not (said.asks and said.sure)) or (sized and not said.sure))


MISTAKEN = frozenset(("ask_policy", "ask_programme", "see_offers", "out_of_scope", "correct", "give_feedback"))


def _states(turn: Turn) -> bool:
    """Whether a message that asks nothing tells a wish and beside it what goes wrong, how much or for how much money.

    One who offers a product that is no technology looks for buyers, which is a need as well.
    """
    said = turn.said
    if seeks_device(turn):
        return True
    if said.asks or (said.act == "offer_technology" and supply.names_technology(turn.text)):
        return False
    if said.act not in MISTAKEN and said.act != "offer_technology":
        return False
    story = read_story(turn.text)
    told = bool(story.problem) + len({"budget", "capacity", "deadline"} & set(turn.entities))
    offered = said.act == "offer_technology" and bool(turn.entities.get("product"))
    named = {"product", "process"} & set(turn.entities)
    if (
        story.problem is not None
        and named
        and len(turn.text.split()) >= LEAST_TOLD
        and not AIDS.search(fold(turn.text))
    ):
        return True  # "máy sấy mua về không ai biết vận hành" tells a need whatever term is in it
    return story.wish is not None and (told > 0 or offered)
