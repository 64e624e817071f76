"""What a channel is: it reads what people send, sends what we say, knows when it may push."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from conversation.message import Message
from domain.evidence import Refusal
from domain.person import AddressState
from storage.outbox import Allowance, Outgoing

if TYPE_CHECKING:  # the terminal needs no web framework
    from fastapi import FastAPI

# set by a channel when the bytes of a message have gone to the platform; from then on nothing calls it back
WRITTEN: ContextVar[asyncio.Event | None] = ContextVar("WRITTEN", default=None)


class Ending(StrEnum):
    """What came of one send."""

    SENT = "sent"
    UNSENT = "unsent"  # provably not sent: try again later
    UNKNOWN = "unknown"  # it may have arrived
    ERRED = "erred"  # the platform answered with an error of its own: most likely it did not arrive
    REFUSED = "refused"  # the platform says no for good
    NO_LEAVE = "no leave"  # the platform lets nobody speak to this person until they write again


@dataclass(frozen=True)
class Outcome:
    """The ending of a send with the platform's id of the message or the reason.

    `wait`: seconds until the row is tried again. `pause`: seconds in which the whole channel must keep quiet; such a
    try does not count. `address`: what the send taught about the address. `moved_to`: its new external id.
    """

    ending: Ending
    platform_id: str | None = None
    reason: str = ""
    wait: float = 5.0
    pause: float | None = None
    address: AddressState | None = None
    moved_to: str | None = None
    allowance: Allowance | None = None  # what the platform said of the messages that are left
    no_news: bool = False  # the person told the platform that they want no more of such messages
    away: bool = False  # the platform could not be reached or failed by itself: the fault is not the message's


@dataclass(frozen=True)
class ChatNews:
    """What a platform says about a chat: it can be reached or not, or it has moved."""

    channel: str
    account: str
    address: str
    state: AddressState | None = None
    moved_to: str | None = None


class Unfetched(Exception):
    """A file could not be fetched; `final` says whether trying again is of no use, the refusal says why then."""

    def __init__(self, refusal: Refusal, final: bool) -> None:
        super().__init__(refusal.value)
        self.refusal, self.final = refusal, final


class Channel(Protocol):
    """One door. `name` is what the address row carries.

    `rate` is in messages a second for the whole channel (None: as fast as we like), `burst` in messages; `stopped`
    says why the channel sends nothing (None: it does).
    """

    name: str
    rate: float | None
    burst: int

    @property
    def stopped(self) -> str | None:
        """Why it sends nothing now."""
        ...

    async def send(self, item: Outgoing) -> Outcome:
        """Sends one message; never raises for what the platform does."""
        ...

    def may_push(self, item: Outgoing, now: datetime) -> bool:
        """Whether this channel lets us speak first to this address now."""
        ...

    async def fetch(self, file_id: str, most: int) -> bytes:
        """The content of a file that a person sent, at most so many bytes. Raises Unfetched."""
        ...


Keep = Callable[[list[Message], datetime], Awaitable[object]]
Note = Callable[[ChatNews], Awaitable[object]]


class Line(Channel, Protocol):
    """A channel to a platform outside, as a running process holds it (`bot/run.py:open_lines`).

    `keep` stores messages durably: only after it has returned may the platform be told that they arrived. `note` takes
    news about chats.
    """

    async def listen(self, keep: Keep, note: Note, stopping: asyncio.Event) -> None:
        """Brings what people say until `stopping`; outlives every failure that may pass."""
        ...

    def add_to(self, app: "FastAPI", keep: Keep, note: Note) -> None:
        """Adds the addresses that the platform calls; none for a channel that asks by itself."""

    async def close(self) -> None:
        """Gives back what is open."""


@runtime_checkable
class Prompt(Protocol):
    """A channel that can hand a simple message to the network in one step, so that many leave under one last look."""

    @property
    def most_a_second(self) -> int | None:
        """How many messages the platform bears in any one second, from all processes together; None: any number."""
        ...

    def is_simple(self, item: Outgoing) -> bool:
        """Whether one step may be enough for a message."""
        ...

    async def ready(self, count: int) -> None:
        """Prepares what so many messages at once need; never raises for what the platform does."""
        ...

    def hand_over(self, item: Outgoing, then: Callable[[Outcome], None]) -> bool:
        """Its bytes leave now; `then` hears what came of it, later and once. False when it needs more than one step:
        nothing has left, and `send` does it."""
        ...


@runtime_checkable
class Recalls(Protocol):
    """A channel whose platform takes messages back."""

    async def recall(self, item: Outgoing) -> Outcome:
        """Takes back what was sent under `item.platform_id`; never raises for what the platform does."""
        ...


@runtime_checkable
class Looks(Protocol):
    """A channel whose platform can be asked what has arrived."""

    async def look(self, item: Outgoing) -> Outcome:
        """SENT with the platform's id when it arrived, UNSENT when it surely did not, UNKNOWN when that cannot be told."""
        ...


@runtime_checkable
class Probes(Protocol):
    """A channel that can be asked, at no cost to anybody, whether its platform answers."""

    async def probe(self) -> Outcome:
        """SENT when it does; never raises for what the platform does, never takes longer than some seconds."""
        ...


def linked(item: Outgoing) -> str:
    """A message with the addresses of what goes with it, for channels that send no files."""
    lines = [f"{file.label}: {file.url}" for file in item.files if file.url]
    if item.gathering is not None and item.gathering.url:
        lines.append(f"Thêm vào lịch: {item.gathering.url}")
    return "\n".join([item.text, *lines])


def numbered(item: Outgoing) -> str:
    """The choices of a message as lines with numbers."""
    return "\n".join(f"  {index}. {choice['label']}" for index, choice in enumerate(item.choices, 1))


def as_text(item: Outgoing) -> str:
    """A message with its choices as numbered text, for channels without buttons."""
    return f"{linked(item)}\n{numbered(item)}" if item.choices else linked(item)
