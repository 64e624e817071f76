"""Sorts a burst of messages into own words, words of others, things sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from conversation.message import Message, MessageKind
from domain.evidence import EvidenceKind, Sent
from domain.text import clean


@dataclass(frozen=True)
class Bundle:
    """What one burst holds.

    `own` are the person's own words, message by message, captions of own pictures among them; `forwarded` is somebody
    else's; `edited`: the words replace earlier ones.
    """

    own: tuple[str, ...] = ()
    forwarded: str = ""
    sent: tuple[Sent, ...] = ()
    edited: bool = False

    @property
    def text(self) -> str:
        """The own words as one: however they are cut into messages, they mean the same."""
        return " ".join(self.own)


def sort_out(items: Iterable[tuple[int, Message]]) -> Bundle:
    """The bundle of (inbox id, message) pairs in the order in which they were written."""
    own: list[str] = []
    others: list[str] = []
    sent: list[Sent] = []
    edited = False
    for inbox_id, item in items:
        forwarded = bool(item.extra.get("forwarded"))
        words = clean(item.text)
        into = others if forwarded else own
        if words and words not in into:  # a message sent again on a bad line says nothing new
            into.append(words)
        edited = edited or item.edits is not None
        if item.kind is MessageKind.OTHER and item.edits is None:  # an edit changes the words only
            sent.append(_thing(inbox_id, item, words, forwarded))
        elif forwarded and words and item.edits is None:
            sent.append(Sent(EvidenceKind.FORWARD, inbox_id, words, True))
    return Bundle(tuple(own), "\n".join(others), tuple(sent), edited)


def _thing(inbox_id: int, item: Message, words: str, forwarded: bool) -> Sent:
    extra = item.extra
    try:
        kind = EvidenceKind(str(extra.get("kind")))
    except ValueError:
        kind = EvidenceKind.UNKNOWN
    return Sent(
        kind=kind,
        inbox_id=inbox_id,
        caption=words or clean(str(extra.get("card") or "")),
        forwarded=forwarded,
        file_id=extra.get("file_id"),
        ref=extra.get("file_unique_id"),
        name=clean(str(extra.get("file_name") or ""))[:200],
        mime=str(extra.get("mime_type") or "").lower()[:100],
        size=None if (size := _number(extra.get("file_size"))) is None else int(size),
        album=None if extra.get("album") is None else str(extra["album"]),
        latitude=_number(extra.get("latitude")),
        longitude=_number(extra.get("longitude")),
    )


def _number(value: object) -> float | None:
    """A number that a platform told, some as text; None when it is none."""
    try:
        return float(str(value))
    except ValueError:
        return None
