"""The tables of events: seats, the door, files that hang on something."""

from sqlalchemy import Boolean, CheckConstraint, Column, Float, ForeignKey, Index, Integer, Text, UniqueConstraint, text

from storage.tables.base import made, of_person, own_id
from storage.types import Instant, Json

event = made(
    "event",
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False, server_default=""),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("place", Text, nullable=False, server_default=""),
    Column("travel", Text, nullable=False, server_default=""),  # the bus, where vehicles are left
    Column("seats", Integer),
    Column("taken", Integer, nullable=False, server_default="0"),
    Column("free", Boolean),
    Column("topics", Json, nullable=False, server_default="{}"),
    Column("programmes", Json, nullable=False, server_default="[]"),
    Column("organiser", Text, nullable=False, server_default=""),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("agenda", Text, nullable=False, server_default=""),
    Column("speakers", Text, nullable=False, server_default=""),
    Column("partners", Text, nullable=False, server_default=""),  # who organises it with us
    Column("state", Text, nullable=False, server_default="submitted"),
    Column("written_by", Text, nullable=False, server_default=""),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("sample", Boolean, nullable=False, server_default=text("false")),
    Column("shipped", Text),
    CheckConstraint("state IN ('submitted','published','cancelled','over')", name="state"),
)
registration = made(
    "registration",
    own_id(),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    of_person(),
    Column("heads", Integer, nullable=False),  # seats held, booked or offered; without a seat: those who wait
    Column("state", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("waiting", Integer, nullable=False, server_default="0"),  # heads that wait for a seat
    Column("waits_since", Instant),  # the order of the line
    Column("offered", Integer, nullable=False, server_default="0"),  # freed seats kept for the person
    Column("offered_until", Instant),
    Column("code", Text),  # six digits for the door
    Column("came_at", Instant),
    Column("useful", Text),  # what the person said of it afterwards
    UniqueConstraint("event_id", "person_id"),
    CheckConstraint("heads >= 0", name="heads"),
    Index("ix_registration_code", "event_id", "code", unique=True),
)
arrival = made(  # who came through the door, as each device noted it
    "arrival",
    own_id(),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("mark", Text, nullable=False, unique=True),  # made by the device: what is sent twice is noted once
    Column("device", Text, nullable=False),
    Column("registration_id", ForeignKey("registration.id", ondelete="CASCADE"), index=True),
    Column("name", Text, nullable=False, server_default=""),  # of somebody who had not registered
    Column("phone", Text),
    Column("heads", Integer, nullable=False, server_default="1"),
    Column("how", Text, nullable=False),  # see domain.arrival
    Column("officer", Text, nullable=False),
    Column("at", Instant, nullable=False),  # when they stood at the door, by our clock
    Column("received_at", Instant, nullable=False),
)
attachment = made(  # a file or a link that goes with a broadcast, an event or a registration
    "attachment",
    own_id(),
    Column("noun", Text, nullable=False),
    Column("noun_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("mime", Text, nullable=False, server_default=""),
    Column("size", Integer, nullable=False, server_default="0"),
    Column("sha256", Text, index=True),
    Column("url", Text, nullable=False, server_default=""),  # of a link
    Column("author", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_attachment_noun", "noun", "noun_id"),
)
