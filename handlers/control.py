"""Exact control words: what a short message does whatever is being asked."""

import re

from conversation.repairs import continues, puts_off
from conversation.reply import Choice, Reply
from conversation.topics import Topic, refused, wanted_again
from conversation.unknowns import says_right_send
from domain.need import Field
from domain.text import PERSON, fold, has_diacritics, place_tone, says_right
from handlers import answers, draft, filling, intake, linking, needs, privacy
from handlers.bearing import other_role
from handlers.choices import plain
from handlers.routes import CONTROL, Handler
from handlers.turn import Turn

AGREES = re.compile(r"^(?:(?:toi|chi|anh|minh|thoi|vay|the|ok|u)\s+)*dong y(?:\s+(?:luu|roi|do|luu phieu))*$")
DROPS = re.compile(  # nothing is named: the whole form is meant
    r"^\W*(?:(?:thoi|ma|em|chi|anh|toi|minh|da|nha|ben)\W+)*(?:khong|ko|k|chang|khoi)\s+(?:can|muon|lam|lay|mua|tim|"
    r"dang ky|ghi)\s+nua"
    r"(?:\s+(?:dau|em|a|nhe|roi))*\W*$|"
    rf"(?:^|[.,;]\s*)(?:(?:{PERSON}|thoi|the|thi)\s+)*(?:dong|huy)\s+phieu"
    rf"(?:\s+(?:nay|do|giup|ho|cho|di|nhe|lai|{PERSON}))*\W*(?:cam on.*)?$"
)
ONWARD = re.compile(r"(?:^|(?<!truc)(?<!gian)(?<!giao)(?<!ke)(?<!don)(?<!noi)\s)(?:tiep|tiep tuc|ghi tiep|lam tiep)$")


LOOKS_AGAIN = re.compile(
    rf"^(?:(?:{PERSON}|cho|thu|muon)\s+)*(?:xem|coi|doc|nhac)(?: lai)?(?: (?:phieu|cac y|nhung gi|may y))"
    r"(?: (?:nay|da ghi|dang ghi|lai|do|em))*$"
)
WRITES = re.compile(  # "ừ thì ghi phiếu đi"
    rf"^\W*(?:(?:{PERSON}|u|uh|ok|oke|da|vang|thi|the|vay|muon|can|cu|duoc|hay|cho|thoi)\s+)*(?:ghi|lap|mo|tao|lam)\s+(?:(?:cho|giup|ho)\s+)?"
    rf"(?:{PERSON}\s+)?(?:phieu|nhu cau)(?:\s+(?:nay|do|da|di|nhe|luon|giup|cho|moi|voi|{PERSON}))*\W*$"
)


async def ask_stop(turn: Turn) -> Reply:
    choices = (Choice("Dừng nhận tin", "news:off", ("dung", "co")), Choice("Không", "resume", ("khong",)))
    return Reply("Ý anh/chị là dừng nhận tin phải không ạ?", choices, quick=True)


COLLISIONS = {  # control words that are other words as well without their marks, with their own spellings
    "bo": ("bỏ",),  # bò, bơ, bộ
    "bo di": ("bỏ đi",),
    "huy": ("huỷ", "hủy"),  # Huy is a name
    "tiep": ("tiếp",),  # and so is Tiếp, in capitals
}


async def ask_word(turn: Turn) -> Reply:
    """Asks whether a word without marks is the control word or the answer: "bo" where a product is asked."""
    turn.talk.pending["word"] = turn.text[:60]
    choices = (
        Choice(f"Ghi “{turn.text.strip()}”", "word", ("ghi", "cau tra loi", "1")),
        Choice("Bỏ phiếu này", "need:drop", ("bo phieu", "huy phieu", "2")),
    )
    return Reply(f"“{turn.text.strip()}” là câu trả lời của anh/chị, hay anh/chị muốn bỏ phiếu ạ?", choices, quick=True)


def _means_control(turn: Turn, bare: str) -> bool:
    """Whether a word of COLLISIONS is the control word: spelt so, or without marks where no name is asked."""
    if has_diacritics(turn.text):
        said = " ".join(re.findall(r"\w+", place_tone(turn.text)))
        return said in map(place_tone, COLLISIONS[bare])
    return draft.waiting_field(turn) not in (Field.PRODUCT, Field.CONTACT)


def control_word(turn: Turn) -> Handler | None:
    """The handler of an exact control word; the undiacritised "dung" is never acted on silently."""
    bare = plain(turn.text)
    linked = linking.control(turn)
    if linked is not None:
        return linked
    if (topic := refused(turn.text)) is not None:
        return privacy.refuse_events if topic is Topic.EVENTS else privacy.refuse_offers
    if wanted_again(turn.text) is not None:
        return privacy.want_again
    if bare == "dung":
        if not has_diacritics(turn.text):
            return ask_stop
        return privacy.stop_news if "ừ" in turn.text.lower() else None
    filling_in = turn.talk.form is not None and draft.waiting_field(turn) is not None
    if filling_in and says_right_send(turn.text):
        return filling.send_off  # "dung gui di" is "đúng, gửi đi" rather than "đừng" while a form is open
    deciding = draft.asks_consent(turn) or draft.at_card(turn)  # there "dung gui" may well be "đúng, gửi"
    if bare in ("dung lai", "dung gui nua", "dung gui", "dung nhan tin") and not says_right(turn.text) and not deciding:
        return privacy.stop_news
    if bare in ("chi tiet", "xem day du", "noi ro hon", "xem them") and turn.talk.last_answer:
        return say_last_in_full
    if bare in ("huy", "huy bo", "bo", "bo di") and turn.talk.form is None:
        return None
    if turn.talk.form is not None and bare in COLLISIONS and not _means_control(turn, bare):
        return None if has_diacritics(turn.text) else ask_word
    if turn.talk.form is None and turn.talk.pending.get("dropped") and AGREES.match(bare):
        return intake.resume  # a change of mind after the consent was refused: it is asked again
    if turn.talk.form is not None and continues(turn.text):
        return intake.resume
    if turn.talk.form is not None and _puts_off(turn):
        return intake.put_by
    if turn.talk.form is not None and DROPS.search(fold(turn.text)):
        return needs.drop
    if turn.talk.form is not None and ONWARD.search(bare) and len(bare.split()) <= 5:
        return intake.resume
    if turn.talk.form is None and WRITES.match(fold(turn.text)):
        return intake.start
    if turn.talk.form is not None and LOOKS_AGAIN.match(bare):
        return intake.resume
    return CONTROL.get(bare) or CONTROL.get(" ".join(re.findall(r"\w+", fold(turn.text))))


def _puts_off(turn: Turn) -> bool:
    """Whether the talk is left for another time; "để sau" may also answer when something is needed."""
    field = draft.waiting_field(turn)
    return field is not Field.DEADLINE and (
        puts_off(turn.text) or (field is not None and not turn.entities and other_role(turn, field) == "later")
    )


async def say_last_in_full(turn: Turn) -> Reply:
    """The answer given last, in full."""
    return await answers.say_more(turn, turn.talk.last_answer or "")


SPEAK_FOR_THEMSELVES = (  # their replies bring the form's open question, or leave it on purpose
    intake.resume,
    intake.begin_new,
    intake.start,
    intake.put_by,
    filling.send_off,
    needs.drop,
    ask_word,
    ask_stop,
    linking.link,
    linking.ask_part,
)
