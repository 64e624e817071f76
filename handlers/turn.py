"""What a handler is given for one turn of one person."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from conversation.reply import LIMIT, Choice
from conversation.talk import Talk
from domain.evidence import Limits, Sent
from domain.finder import Question
from domain.frames import Terms
from domain.offer import Offer
from domain.person import Person
from domain.worktime import WorkTime, local
from matching.wanted import Found, Match, Wanted
from nlu.profile import Profiles
from nlu.understanding import Mind, Understanding
from storage.database import Connection
from storage.evidence import Piece


class Matchmaker(Protocol):
    """The three verbs of matching as handlers use them; kept up to date by whoever wires us."""

    def search(self, wanted: Wanted, limit: int = 10) -> Found:
        """The offers for a need."""
        ...

    def percolate(self, offer: Offer) -> Iterable[tuple[int, Match]]:
        """The standing needs for an offer, by their ids."""
        ...

    def explain(self, wanted: Wanted, offer: Offer) -> Match:
        """Why one offer serves one need."""
        ...


@dataclass(frozen=True)
class Office:
    """What stays the same over turns: the mind, the matchmaker, the calendar, the limits."""

    mind: Mind
    matcher: Matchmaker
    refresh: Callable[[datetime], Awaitable[None]]  # before matching: brings the index up to date
    profiles: Profiles  # reads what owners say of their enterprise
    communes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of a former district: "huyện Chi Lăng"
    questions: tuple[Question, ...] = ()  # what the programme finder may ask
    worktime: WorkTime = field(default_factory=WorkTime)
    event_push_limit: int = 50
    broadcast_alone: int = 50  # to so many people one officer may write without a second
    terms: Terms = field(default_factory=Terms)  # what is paid for where a channel counts the time since a last word
    file_limits: Limits = field(default_factory=Limits)
    secret: bytes = b""  # keys the digests of link codes, signs badges and addresses
    address: str = ""  # under which people reach our pages, for links in messages
    health: Callable[[], Mapping[str, Any]] = dict  # how this process's channels and loops are: ready, late, stopped


@dataclass
class Turn:
    """One turn: who speaks, what was said and understood, the talk to change, the transaction to write in."""

    office: Office
    db: Connection
    person: Person
    talk: Talk
    channel: str
    text: str
    said: Understanding
    now: datetime
    parts: tuple[Understanding, ...] = ()  # the sentences of a longer message, each understood on its own
    offered: list[tuple[Choice, ...]] = field(default_factory=list)  # choices of the last messages, newest first
    pressed: str | None = None  # the full label of a pressed choice
    pressed_choice: Choice | None = None  # the pressed choice itself, when the channel knows it
    edited: bool = False  # the message replaces the words of an earlier one
    forwarded: str = ""  # somebody else's words, passed on
    sent: tuple[Sent, ...] = ()  # photos, voices, places ... of this burst
    burst: int = 0  # the inbox id of its first message
    address_id: int = 0  # where this was written
    pieces: list[Piece] = field(default_factory=list)  # what was noted of them
    afterwards: list[Callable[[], Awaitable[object]]] = field(default_factory=list)  # last acts of the transaction
    unclear: str = ""  # the message before, when it was answered with a choice of readings
    first: bool = False  # the person has never written before: the reply begins with who we are
    opened: str | None = None  # the open question outside the need form when the message came
    topic: str | None = None  # what the reply before was about
    kept_open: bool = False  # something else was answered: that question stays open
    room: int = LIMIT  # characters left for the answer in this reply

    @property
    def today(self) -> date:
        """The business day in Việt Nam."""
        return local(self.now).date()

    @property
    def entities(self) -> dict[str, Any]:
        """What the message states."""
        return self.said.entities

    def just_named(self, programme_id: str) -> bool:
        """Whether the message itself names the programme, which need not be said aloud again."""
        return self.said.programme == programme_id and self.talk.recall_programme(self.now) != programme_id
