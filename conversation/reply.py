"""What we say back: a text with choices, whatever the channel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.text import nfc

LIMIT = 600
LONG_LIMIT = 2000


@dataclass(frozen=True)
class Choice:
    """One thing a person can press or type; `action` is "verb" or "verb:argument" for the router."""

    label: str
    action: str
    also: tuple[str, ...] = ()
    mark: str = ""  # the form with its revision when this was offered; set when the reply is stored


class Wants(StrEnum):
    """What a phone could hand over at a tap instead of typing."""

    CONTACT = "contact"


@dataclass(frozen=True)
class Gathering:
    """An event to put into a calendar; times are UTC, `sequence` grows with every change of the event."""

    uid: str
    title: str
    start: datetime
    end: datetime | None = None
    place: str = ""
    organiser: str = ""
    sequence: int = 0
    latitude: float | None = None
    longitude: float | None = None
    url: str = ""  # where the entry can be fetched, for channels that send no files


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a message: kept under its hash, or a QR code that is drawn; `url` for channels that send
    no files. `label` says what it is, `name` is the file's."""

    label: str
    name: str
    mime: str
    url: str = ""
    sha256: str = ""
    qr: str = ""  # what the QR code holds

    @property
    def picture(self) -> bool:
        """Whether it can be looked at where it stands."""
        return self.mime.startswith("image/")


@dataclass(frozen=True)
class Reply:
    """One outgoing message; an empty text means silence is right."""

    text: str
    choices: tuple[Choice, ...] = ()
    quotes: tuple[str, ...] = ()  # ids of the answers and programmes quoted, for the kill switch
    long: bool = False  # the person asked for more, or it is a card: up to LONG_LIMIT characters
    quick: bool = False  # the next message is likely a short answer: do not wait for a burst
    wants: Wants | None = None  # channels that can offer it show a button for it
    gathering: Gathering | None = None  # channels that can send files add it as a calendar entry
    files: tuple[Enclosure, ...] = ()

    def then(self, other: "Reply | None") -> "Reply":
        """This reply followed by another in the same message; its own choices come first, as they are numbered there."""
        if other is None or not other.text:
            return self
        mine = {choice.label for choice in self.choices}
        return replace(
            self,
            text=f"{self.text}\n\n{other.text}" if self.text else other.text,
            choices=(*self.choices, *(choice for choice in other.choices if choice.label not in mine)),
            quotes=(*self.quotes, *other.quotes),
            long=self.long or other.long,
            quick=self.quick or other.quick,
            wants=other.wants,
            gathering=self.gathering or other.gathering,
            files=(*self.files, *other.files),
        )

    def with_choices(self, choices: Iterable[Choice]) -> "Reply":
        """The same words with these choices."""
        return replace(self, choices=tuple(choices))


SILENCE = Reply("")


def shorten(text: str, limit: int = LIMIT) -> str:
    """The text cut at a sentence or word end so that it has at most `limit` characters."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    for mark in (". ", "\n", "; ", ", ", " "):
        at = head.rfind(mark)
        if at > limit // 2:
            return head[: at + (1 if mark == ". " else 0)].rstrip(" ,;") + ("" if mark == ". " else "…")
    return head + "…"


def within_template(text: str, labels: Sequence[str], links: Iterable[str], limit: int) -> str:
    """The words for an approved template of a platform: cut at a sentence, the last line kept, then what can be
    answered by number, then links as far as there is room; at most `limit` characters after NFC."""
    listed = nfc("; ".join(f"{number}. {label}" for number, label in enumerate(labels, 1)))
    room = limit - len(listed) - 1 if 0 < len(listed) < limit // 2 else limit
    text = nfc(text)
    if len(text) > room:
        head, mark, tail = text.rpartition("\n")
        kept = bool(mark) and len(tail) < room // 2
        text = f"{shorten(head, room - len(tail) - 1)}\n{tail}" if kept else shorten(text, room)
    whole = f"{text}\n{listed}" if room < limit else text
    for link in links:
        if len(whole) + len(link) < limit:
            whole = f"{whole}\n{link}"
    return whole


@dataclass
class Sentences:
    """Collects lines up to a limit, so that a reply never grows too long; later lines are dropped first."""

    limit: int = LIMIT
    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> bool:
        """Adds the line if it still fits; tells whether it did."""
        if line and len("\n".join([*self.lines, line])) <= self.limit:
            self.lines.append(line)
            return True
        return False

    def __str__(self) -> str:
        return "\n".join(self.lines)
