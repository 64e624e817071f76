"""One inbound turn: the loop a newcomer reads first."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import structlog

from conversation.bundle import sort_out
from conversation.message import Message, MessageKind
from conversation.repairs import mend
from conversation.reply import LIMIT, LONG_LIMIT, Choice, Reply, shorten
from conversation.talk import Talk
from domain.notice import Kind
from handlers import draft, evidence, router
from handlers.turn import Office, Turn
from nlu.understanding import Context, Understanding
from storage import conversations, inbox, outbox, people
from storage.database import Connection, Database
from storage.inbox import Waiting

log = structlog.get_logger()
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
MOST_PARTS = 12
SORRY = (
    "Tin của anh/chị em nhận rồi nhưng xử lý bị trục trặc, em đã chuyển cán bộ xem. "
    "Những gì đã ghi vẫn còn; anh/chị nhắn tiếp bình thường nhé."
)


class Receiver:
    """Takes people's turns, one at a time for each person, in the order in which they wrote."""

    def __init__(self, database: Database, office: Office) -> None:
        self.database = database
        self.office = office

    async def store(self, message: Message, now: datetime) -> bool:
        """Keeps a message before anybody is told that it arrived; False when it was kept before."""
        async with self.database.write() as db:
            return await inbox.put(db, message, now) is not None

    async def store_all(self, messages: list[Message], now: datetime) -> int:
        """Keeps a batch in one transaction; how many were new."""
        if not messages:
            return 0
        async with self.database.write() as db:
            return sum([await inbox.put(db, message, now) is not None for message in messages])

    async def take_ready(self, now: datetime) -> int:
        """Takes the turn of everybody whose burst is over; how many turns were taken."""
        async with self.database.read() as db:
            ready = await inbox.ready(db, now)
        taken = 0
        for person_id in ready:
            taken += await self.take_turn(person_id, now)
            await asyncio.sleep(0)  # let other work of this process go on between two people
        return taken

    async def take_turn(self, person_id: int, now: datetime) -> bool:
        """One turn in one transaction: answers, conversation, inbox marks and the reply, or nothing at all."""
        ids: list[int] = []
        try:
            await self._read_ahead(person_id)
            async with self.database.write() as db:
                held = await conversations.hold(db, person_id)
                if held is None:
                    return False
                waiting = one_turn(await inbox.waiting_for(db, person_id))
                if not waiting:
                    return False
                ids = [row.id for row in waiting]
                home = waiting[-1]
                turn = await self._prepare(db, person_id, held.talk, waiting, now)
                await evidence.take(turn)
                speaks = router.answer if held.owner == "bot" else router.overhear  # or an officer has the word
                reply = fitted(await speaks(turn))
                if reply.text:
                    key = f"reply:{ids[0]}"
                    mark = held.talk.mark
                    await outbox.put(
                        db, Kind.REPLY, person_id, reply, key, now, now, address_id=home.address_id, mark=mark
                    )
                await inbox.mark_handled(db, ids, now)
                await inbox.set_aside(db, evidence.strange(turn), "a kind nobody here can read", now)
                await conversations.keep(db, held, home.address_id, reply.quick, now)
                for act in turn.afterwards:
                    await act()
            return True
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.error("turn failed", person=person_id, error=type(error).__name__, exc_info=True)
            await self._count_failure(person_id, ids, error, now)
            return False

    async def _prepare(self, db: Connection, person_id: int, talk: Talk, waiting: list[Waiting], now: datetime) -> Turn:
        """Merges a burst into one turn and understands it."""
        rows = merged(waiting)
        last = rows[-1].message
        bundle = sort_out((row.id, row.message) for row in rows)
        turn = Turn(
            office=self.office,
            db=db,
            person=await people.find(db, person_id),
            talk=talk,
            channel=waiting[-1].channel,
            text=bundle.text[:4096],
            said=_NOTHING,
            now=now,
            pressed=last.text if last.kind is MessageKind.BUTTON else None,
            pressed_choice=await _choice(db, person_id, last),
            edited=bundle.edited,
            forwarded=bundle.forwarded[:4096],
            sent=bundle.sent,
            burst=waiting[0].id,
            address_id=waiting[-1].address_id,
            offered=await outbox.recent_choices(db, person_id),
        )
        field = draft.waiting_field(turn)
        context = Context(question=field.value if field else None, programme=talk.recall_programme(now))
        turn.said = self.office.mind.understand(mend(turn.text), context, now)
        turn.parts = tuple(self.office.mind.understand(piece, context, now) for piece in sentences(bundle.own))
        return turn

    async def _read_ahead(self, person_id: int) -> None:
        """Lets an outside mind read before the transaction begins: no lock is held while a network answers."""
        ahead = getattr(self.office.mind, "ahead", None)
        if ahead is None:
            return
        async with self.database.read() as db:
            waiting = one_turn(await inbox.waiting_for(db, person_id))
        bundle = sort_out((row.id, row.message) for row in merged(waiting))
        await ahead([mend(bundle.text[:4096]), *sentences(bundle.own)])

    async def _count_failure(self, person_id: int, ids: list[int], error: Exception, now: datetime) -> None:
        if not ids:
            return
        async with self.database.write() as db:
            aside = await inbox.count_failure(db, ids, f"{type(error).__name__}: {error}", now)
            if aside:
                sorry = Reply(SORRY)
                await outbox.put(db, Kind.REPLY, person_id, sorry, f"reply:{ids[0]}", now, now)
                log.warning("messages quarantined", person=person_id, count=len(ids))


def sentences(said: Iterable[str]) -> list[str]:
    """The sentences of one turn; none when there is only one, or too many."""
    pieces = [piece.strip() for part in said for piece in SENTENCE.split(part) if piece.strip()]
    return pieces if 1 < len(pieces) <= MOST_PARTS else []


def one_turn(waiting: list[Waiting]) -> list[Waiting]:
    """The messages of the next turn: a pressed button or a command is a turn of its own, the rest is merged."""
    alone = [index for index, row in enumerate(waiting) if _stands_alone(row.message)]
    if not alone:
        return waiting
    return waiting[: max(alone[0], 1)]


def _stands_alone(item: Message) -> bool:
    return item.kind is MessageKind.BUTTON or item.text.startswith("/")


def merged(waiting: list[Waiting]) -> list[Waiting]:
    """A burst with its edits put in place: an edited message stands where it was first written, in its last words."""
    kept: list[Waiting] = []
    for row in waiting:
        at = row.message.edits
        place = next((i for i, old in enumerate(kept) if at is not None and old.message.order == at), None)
        if place is None:
            kept.append(row)
        else:
            first = kept[place].message
            kept[place] = replace(kept[place], message=replace(first, text=row.message.text))
    return kept


async def _choice(db: Connection, person_id: int, item: Message) -> Choice | None:
    """The very choice a button stands for, when the channel knows which message it hangs under."""
    if item.kind is not MessageKind.BUTTON or "row" not in item.extra:
        return None
    return await outbox.choice_at(db, person_id, int(item.extra["row"]), int(item.extra["index"]))


_NOTHING = Understanding(text="", act="out_of_scope", confidence=0.0, sure=False)


def fitted(reply: Reply) -> Reply:
    """The reply within the limit of characters; the last lines, where the open question stands, are kept."""
    limit = LONG_LIMIT if reply.long else LIMIT
    if len(reply.text) <= limit:
        return reply
    head, mark, tail = reply.text.rpartition("\n")
    if mark and len(tail) < limit // 2:
        text = f"{shorten(head, limit - len(tail) - 1)}\n{tail}"
    else:
        text = shorten(reply.text, limit)
    return replace(reply, text=text)
