"""Reads whether somebody wants no more messages of one kind, or wants them again: events, technology."""

import re
from enum import StrEnum

from domain.text import fold, has_diacritics, nfc


class Topic(StrEnum):
    """Kinds of messages on our own account that can be refused on their own."""

    EVENTS = "events"  # invitations to workshops, training, fairs
    OFFERS = "offers"  # new technology that fits a need


NAMED = {
    Topic.EVENTS: r"(?:hoi thao|su kien|tap huan|hoi nghi|toa dam|trien lam|hoi cho|lop hoc)",
    Topic.OFFERS: r"tin (?:tuc )?(?:ve )?(?:cong nghe|giai phap|thiet bi|may moc)",
}
NO = r"\b(?P<no>dung|ngung|tat|khoi|thoi dung|thoi khong|khong can|khong muon|ko can|ko muon)"
TELL = r"(?:moi|gui|nhan|bao|nghe|thong bao|tin)"
MAYBE = {Topic.EVENTS: "", Topic.OFFERS: "?"}  # "dừng tin công nghệ" needs no other verb
REFUSES = {
    topic: re.compile(
        rf"{NO}(?:\s+\w+){{0,3}}?\s+(?:{TELL}\b(?:\s+\w+){{0,4}}?\s+){MAYBE[topic]}{named}"
        rf"|\b(?:khong|ko) (?:nhan|nghe)(?! (?:duoc|thay))(?:\s+\w+){{0,3}}?\s+{named}"
    )
    for topic, named in NAMED.items()
}
ONLY = {
    topic: re.compile(rf"\bchi (?:muon |can |xin )?(?:gui|nhan|bao|nghe|moi)(?:\s+\w+){{0,3}}?\s+{named}")
    for topic, named in NAMED.items()
}
AGAIN = {
    Topic.EVENTS: re.compile(r"^\W*(?:bat|moi)(?: lai)?(?: tin)? (?:hoi thao|su kien)(?: lai)?(?: nhe| di| em)*\W*$"),
    Topic.OFFERS: re.compile(r"^\W*(?:bat)(?: lai)?(?: tin)? cong nghe(?: lai)?(?: nhe| di| em)*\W*$"),
}
ASKS = re.compile(r"\?\s*$|\b(?:sao|ha|u|phai khong|dung khong)\s*\W*$|\bsao\b")
NOT_THIS_WORD = ("đúng", "dùng", "đứng", "dũng", "tát", "tất", "tật", "khói")


def refused(text: str) -> Topic | None:
    """The one kind of messages that somebody wants no more of; None when none, or when both are meant."""
    folded, said = fold(text), nfc(text).lower()
    if ASKS.search(folded):
        return None
    found = {topic for topic, pattern in REFUSES.items() if (at := pattern.search(folded)) and _means_no(said, at)}
    if not found and (only := [topic for topic, pattern in ONLY.items() if pattern.search(folded)]):
        found = set(Topic) - set(only)
    return found.pop() if len(found) == 1 else None


def _means_no(said: str, found: re.Match[str]) -> bool:
    """Whether the word before is "đừng" or "dừng", not "đúng"; without marks only with "nữa" behind it."""
    if found["no"] not in ("dung", "tat", "khoi"):
        return True
    word = said[found.start("no") : found.end("no")]
    if has_diacritics(word):
        return word not in NOT_THIS_WORD
    return has_diacritics(said) is False and bool(re.search(r"\bnua\b|\bmoi\b", said[found.start() :]))


def wanted_again(text: str) -> Topic | None:
    """The kind of messages that somebody wants again."""
    folded = fold(text)
    return next((topic for topic, pattern in AGAIN.items() if pattern.search(folded)), None)
