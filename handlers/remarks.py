"""Takes what is added to the form in words of its own: a remark for the officer, what was meant by the wish."""

import re

from conversation.reply import Reply
from conversation.story import trim_answer
from domain.need import Field
from domain.text import PERSON, fold, nfc
from handlers import qualities
from handlers.draft import MOST_OWN_WORDS, ask, plan
from handlers.supply import names_technology
from handlers.turn import Turn

LEAST_REMARK = 4  # words
ADDS = re.compile(
    rf"^\W*(?:(?:{PERSON}|a|a ma|ma|thi|nho|cho|de)\s+)*(?:ghi|bo sung|them|luu y|chu thich|note)\s*"
    r"(?:them|giup|ho|cho|la|vao|y|:)"
)


MEANS = re.compile(
    r"\by(?: (?:toi|em|chi|anh|minh|bac|co))? la\s+(.+?)(?:\s+(?:ay|co|a))?(?:\W+(?:chu )?(?:khong|ko) phai\b.*)?$"
)


def _meant_wish(turn: Turn) -> str | None:
    """What somebody says to have meant by the wish: "không, ý tôi là cấp đông nhanh chứ không phải sấy khô"."""
    held = (turn.talk.form or {}).get(Field.WISH.value) or {}
    found = MEANS.search(fold(nfc(turn.text)))
    if found is None or not held or held.get("unknown") or len(fold(nfc(turn.text))) != len(nfc(turn.text)):
        return None
    words = trim_answer(nfc(turn.text)[found.start(1) : found.end(1)])
    works = "process" in turn.entities or names_technology(words)
    return words if works and not {"capacity", "budget", "deadline", "phone"} & set(turn.entities) else None


async def add_words(turn: Turn) -> Reply | None:
    """Keeps a remark for the officer: "thêm giúp tôi: máy phải chạy điện 3 pha"; None when the message is none."""
    if not turn.said.asks and (meant := _meant_wish(turn)) is not None:
        told = qualities.add(turn, meant)
        await plan(turn)
        return await ask(turn, f"Em ghi {told}.")
    if turn.said.asks or ADDS.match(fold(turn.text)) is None or len(turn.text.split()) <= LEAST_REMARK:
        return None
    if len(turn.talk.own_words) < MOST_OWN_WORDS:
        turn.talk.own_words.append(turn.text[:500])
    await plan(turn)
    return await ask(turn, "Em ghi thêm ý này để cán bộ xem.")
