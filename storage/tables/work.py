"""The tables of work: changes, what is due, what must be done, who does it, what was done."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, Text, UniqueConstraint, text

from storage.tables.base import made, of_person, own_id
from storage.types import Instant, Json

writer = made(
    "writer",
    Column("name", Text, primary_key=True),
    Column("may_publish", Boolean, nullable=False, server_default=text("false")),
)
change_log = made(
    "change_log",
    own_id(),
    Column("noun", Text, nullable=False),
    Column("noun_id", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("outcome", Text),
    Index("ix_change_log_open", "done_at", "id"),
)
ticket = made(
    "ticket",
    own_id(),
    Column("code", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # officer | answer | erasure | fraud | feedback
    of_person(nullable=True),
    Column("text", Text, nullable=False),
    Column("about", Text),
    Column("state", Text, nullable=False, server_default="waiting"),  # waiting | taken | done | lapsed
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("officer_id", Integer),  # who took it
    Index("ix_ticket_due", "state", "due_at"),
)
review = made(
    "review",
    own_id(),
    Column("noun", Text, nullable=False),
    Column("noun_id", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    UniqueConstraint("noun", "noun_id", "why"),
)
due = made(
    "due",
    own_id(),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    of_person(nullable=True),
    Column("payload", Json, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("outcome", Text),
    Index("ix_due_open", "done_at", "due_at"),
)
counter = made("counter", Column("name", Text, primary_key=True), Column("value", Integer, nullable=False))
worker = made(
    "worker",
    Column("name", Text, primary_key=True),
    Column("boot", Integer, nullable=False),
    Column("beat", Float, nullable=False),
)
pace = made(
    "pace",
    Column("key", Text, primary_key=True),
    Column("until", Float, nullable=False),  # by the database's clock: when all that was allowed has been used up
)
lease = made(
    "lease",
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Float, nullable=False),
)
audit = made(
    "audit",
    own_id(),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("noun", Text, nullable=False),
    Column("noun_id", Text, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("reason", Text),
    Index("ix_audit_noun", "noun", "noun_id"),
)
