"""The draft of an invitation to an event, for an officer to aim and send."""

from datetime import datetime

from domain.broadcast import Broadcast
from domain.event import Event, EventState
from domain.officer import Officer
from handlers.broadcasts import Impossible
from handlers.words import event_line
from storage import audit, broadcasts, gatherings
from storage.database import Connection


async def invite(db: Connection, event: Event, officer: Officer, now: datetime) -> Broadcast:
    """A draft to those whose needs fit the event; a button books a seat. Raises Impossible."""
    if event.state is not EventState.PUBLISHED or event.start <= now:
        raise Impossible("Chỉ mời được sự kiện đã công bố, chưa qua.")
    text = f"Kính mời {{ten}} dự {event_line(event)}." + (f" Tại {event.place}." if event.place else "")
    title, whom = f"Mời dự {event.title}", gatherings.invitees(event)
    made = await broadcasts.compose(db, title, text, whom, officer.name, now, event_id=event.id)
    await audit.note(db, officer.name, "draft", "broadcast", made.code, now, after={"từ": event.id})
    return made
