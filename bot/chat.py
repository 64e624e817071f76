"""A talk in the terminal, with the line protocol for programs."""

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.channels.base import Ending, Outcome, Unfetched, as_text, linked
from bot.clock import run_due
from bot.deliver import Deliverer
from bot.receive import Receiver
from bot.watch import handle_changes
from bot.wiring import System
from conversation.message import Message, MessageKind
from conversation.reply import Reply
from conversation.talk import Talk as StoredTalk
from domain.event import EventState
from domain.evidence import Refusal
from domain.notice import Kind
from domain.offer import OfferState
from domain.worktime import say_day
from handlers import rehearsal
from knowledge.library import ShippedEvent, ShippedOffer
from storage import catalogue, inbox, people
from storage.outbox import Outgoing
from storage.seed import event_from, offer_from

CHANNEL = "terminal"
MOST_TRIES = 3
STEP = re.compile(r"\s*(\d{1,7})\s*([smhd])\s*")
UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class TerminalChannel:
    """Keeps what was said until the talk picks it up."""

    name = CHANNEL
    rate: float | None = None
    burst = 1
    stopped: str | None = None

    def __init__(self) -> None:
        self.said: list[Outgoing] = []

    async def send(self, item: Outgoing) -> Outcome:
        """Always succeeds: a terminal is there as long as we are."""
        self.said.append(item)
        return Outcome(Ending.SENT)

    def may_push(self, item: Outgoing, now: datetime) -> bool:
        """A terminal may be spoken to at any time."""
        return True

    async def fetch(self, file_id: str, most: int) -> bytes:
        """Nobody sends a file at a terminal."""
        raise Unfetched(Refusal.GONE, final=True)

    def take(self) -> list[Outgoing]:
        """What was said since the last look."""
        said, self.said = self.said, []
        return said


class Talk:
    """One person at a terminal under a business clock that only `advance` moves."""

    def __init__(self, system: System, person: str, now: datetime) -> None:
        self.system, self.person, self.now = system, person, now
        self.channel = TerminalChannel()
        self.receiver = Receiver(system.database, system.office)
        self.deliverer = Deliverer(system.database, [self.channel], system.office.worktime, f"chat-{person}"[:60])
        self._seen: tuple[date, StoredTalk] | None = None  # the day that is rehearsed, with the talk of the rehearsal
        self._count = 0
        self._boot = ""
        self._address = 0
        self._person_id = 0

    async def begin(self) -> None:
        """Meets the person; talk left by an earlier run goes on."""
        await self.deliverer.begin()
        self._boot = self.deliverer.who
        await self._meet()
        if await self.receiver.take_turn(self._person_id, self.now):
            await self._drain()  # a turn that a kill had cut off: its reply is in the history now
            self.channel.take()

    async def _meet(self) -> None:
        """Who is at the terminal: another row, when its channels were linked meanwhile."""
        async with self.system.database.write() as db:
            address = await people.arrive(db, CHANNEL, "", self.person, self.now)
        self._address, self._person_id = address.id, address.person_id

    async def _drain(self) -> None:
        await self.deliverer.drain(self.now, only_address=self._address)

    async def say(self, texts: list[str], kind: MessageKind = MessageKind.TEXT) -> list[Outgoing]:
        """What the person writes at once, with all that it is answered: a command in it is a turn of its own."""
        if (seen := await self._rehearse("\n".join(texts))) is not None:
            return [seen]
        for text in texts:
            self._count += 1
            update = f"{self._boot}:{self._count}"
            await self.receiver.store(Message(CHANNEL, "", update, self.person, text, self.now, kind), self.now)
        await self._meet()
        failed = 0
        while failed < MOST_TRIES and await self._waits():
            failed += not await self.receiver.take_turn(self._person_id, self.now)
        await handle_changes(self.system.database, self.system.office, self.now)
        await self._drain()
        return [item for item in self.channel.take() if item.kind == "reply" or not texts]

    async def _rehearse(self, text: str) -> Outgoing | None:
        """What is answered while another day is looked at ("xem bot ngày 01/01/2027"); None in an ordinary talk."""
        if (day := rehearsal.day_to_see(text)) is not None:
            self._seen = day, StoredTalk(met=True)
            reply = Reply(rehearsal.opening(day))
        elif self._seen is None:
            return None
        elif rehearsal.ends(text):
            self._seen = None
            reply = Reply("Em đã về hôm nay ạ.")
        else:
            day, held = self._seen
            heard = await rehearsal.rehearse(self.system.office, self.system.database, text, day, held)
            reply = replace(heard, text=f"[Xem thử ngày {say_day(day)}]\n{heard.text}")
        return shown(reply, self._person_id, self._address, self.person)

    async def _waits(self) -> bool:
        async with self.system.database.read() as db:
            return bool(await inbox.waiting_for(db, self._person_id))

    async def advance(self, step: timedelta) -> list[Outgoing]:
        """Moves the clock; all that falls due happens on the way."""
        end = self.now + step

        async def then(at: datetime) -> None:
            self.now = max(self.now, at)
            await self._drain()

        await run_due(self.system.database, self.system.office, end, then)
        self.now = end
        await handle_changes(self.system.database, self.system.office, end)
        await self._drain()
        return self.channel.take()

    async def give(self, table: dict[str, Any]) -> list[Outgoing]:
        """Sets offers and events as officers would have; wrong rows are told on standard error."""
        async with self.system.database.write() as db:
            for row in table.get("offers") or ():
                try:
                    offer = ShippedOffer.model_validate({"state": OfferState.VERIFIED, **row})
                    await catalogue.write_offer(db, offer_from(offer), "nhipcau")
                except (ValidationError, TypeError) as error:
                    print(f"offer not taken: {str(error).splitlines()[0]}", file=sys.stderr)
            for row in table.get("events") or ():
                try:
                    event = ShippedEvent.model_validate({"state": EventState.PUBLISHED, **row})
                    await catalogue.write_event(db, event_from(event), "nhipcau")
                except (ValidationError, TypeError) as error:
                    print(f"event not taken: {str(error).splitlines()[0]}", file=sys.stderr)
        await handle_changes(self.system.database, self.system.office, self.now)
        return []


def shown(reply: Reply, person_id: int, address_id: int, name: str) -> Outgoing:
    """A reply that was never queued, as a terminal shows it."""
    choices = tuple({"label": choice.label, "action": choice.action} for choice in reply.choices)
    return Outgoing(0, Kind.REPLY, person_id, address_id, CHANNEL, name, reply.text, choices, 1)


def read_step(text: str) -> timedelta | None:
    """ "3d" as three days; None when it cannot be read."""
    found = STEP.fullmatch(text)
    return timedelta(**{UNIT[found[2]]: int(found[1])}) if found else None


async def take_line(talk: Talk, line: str) -> list[Outgoing]:
    """Does what one line of the protocol says; a line that cannot be read does nothing."""
    try:
        record = json.loads(line)
    except ValueError:
        return []
    if not isinstance(record, dict):
        return []
    if isinstance(record.get("text"), str):
        return await talk.say([record["text"]])
    if isinstance(record.get("burst"), list):
        texts = [text for text in record["burst"] if isinstance(text, str)]
        return await talk.say(texts) if texts else []
    if isinstance(record.get("button"), str):
        return await talk.say([record["button"]], MessageKind.BUTTON)
    if isinstance(record.get("advance"), str) and (step := read_step(record["advance"])):
        return await talk.advance(step)
    if isinstance(record.get("given"), dict):
        return await talk.give(record["given"])
    return []


def as_json(said: list[Outgoing]) -> str:
    """The line that answers a line."""
    replies = [{"text": linked(item), "choices": [choice["label"] for choice in item.choices]} for item in said]
    return json.dumps({"replies": replies}, ensure_ascii=False)


def _lines() -> Iterator[str]:
    """Standard input line by line; bytes that are no UTF-8 are kept as marks."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace")


async def chat_json(system: System, person: str, now: datetime) -> None:
    """Speaks the line protocol until the input ends."""
    talk = Talk(system, person, now)
    await talk.begin()
    lines = _lines()
    while (line := await asyncio.to_thread(next, lines, None)) is not None:
        try:
            said = await take_line(talk, line)
        except Exception as error:  # one bad line must not end the talk
            print(f"line failed: {type(error).__name__}", file=sys.stderr)
            said = []
        sys.stdout.buffer.write(as_json(said).encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()


async def chat_terminal(system: System, person: str, now: datetime | None) -> None:
    """Talks with a person at the keyboard; an empty line or Ctrl-D ends it."""
    talk = Talk(system, person, now or datetime.now(UTC))
    await talk.begin()
    print("Nhịp Cầu. Anh/chị nhắn gì cũng được; Ctrl-D để thôi.\n")
    while True:
        line = await asyncio.to_thread(_ask)
        if line is None:
            print()
            return
        if now is None:
            talk.now = datetime.now(UTC)
        for item in await talk.say([line]):
            print(f"\n{as_text(item)}\n")


def _ask() -> str | None:
    try:
        return input("> ")
    except (EOFError, KeyboardInterrupt):
        return None


def database_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{path.resolve()}"
