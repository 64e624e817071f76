"""The door of an event: what devices noted is taken once, whoever came is asked afterwards."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.arrival import NAMES_KEPT, Arrival, Noted
from domain.event import ASKED_AFTER, Event
from handlers.turn import Office
from storage import arrivals, dues, seats
from storage.database import Connection
from storage.dues import Due

EARLY = timedelta(hours=24)  # nobody stands at the door earlier than that before the beginning


async def welcome(db: Connection, event: Event, person_id: int, now: datetime) -> bool:
    """Somebody came: noted at the earliest time, asked after the end. False when they never had a place."""
    if not await seats.came(db, event.id, person_id, now):
        return False
    await _plan_question(db, event, person_id, now)
    return True


async def _plan_question(db: Connection, event: Event, person_id: int, now: datetime) -> None:
    at = max(event.over_at + ASKED_AFTER, now)
    await dues.plan(db, "after", f"after:{event.id}:{person_id}", at, person_id, {"event": event.id})


async def take(db: Connection, event: Event, noted: Iterable[Arrival], officer: str, now: datetime) -> dict[str, Noted]:
    """Takes what a device noted while it had no network; what became of each, by its mark."""
    became = {}
    for one in noted:
        became[one.mark], who = await arrivals.note(db, event.id, one, officer, now)
        if who is not None:
            await _plan_question(db, event, who, now)
        elif became[one.mark] is Noted.NEW:
            await dues.plan(
                db, "walk_ins", f"walk_ins:{event.id}", event.over_at + NAMES_KEPT, None, {"event": event.id}
            )
    return became


def by_our_clock(at: datetime, shift: timedelta, event: Event, now: datetime) -> datetime:
    """When somebody stood at the door: the device's clock put right by its shift, never later than now, never long
    before the event."""
    return min(max(at + shift, event.start - EARLY), now)


async def forget_walk_ins(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """A month after an event nobody's name is kept who only walked in."""
    return f"{await arrivals.forget_names(db, due.payload['event'])} names forgotten"
