"""The tables of talk: what came in, what goes out, what was said, what was sent along."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Text, UniqueConstraint, text

from storage.tables.base import made, of_person, own_id
from storage.types import Instant, Json

conversation = made(
    "conversation",
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("owner", Text, nullable=False, server_default="bot"),
    Column("address_id", ForeignKey("address.id", ondelete="SET NULL")),
    Column("data", Json, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("quick", Boolean, nullable=False, server_default=text("false")),
    Column("updated_at", Instant, nullable=False, index=True),
    Column("officer_id", Integer, index=True),  # who holds it while owner is officer
    Column("owned_until", Instant),  # then it goes back to the assistant by itself
)
inbox = made(
    "inbox",
    own_id(),
    of_person(),
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("update_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),  # ASCII JSON: keeps what no database text can hold
    Column("sent_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("quick", Boolean, nullable=False, server_default=text("false")),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("reason", Text),
    Column("handled_at", Instant),
    UniqueConstraint("channel", "account", "update_id"),
    Index("ix_inbox_waiting", "state", "person_id"),
    never_again=True,
)
outbox = made(
    "outbox",
    own_id(),
    Column("kind", Text, nullable=False),
    Column("broadcast_id", ForeignKey("broadcast.id", ondelete="CASCADE")),
    of_person(),
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE")),
    Column("channel", Text),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("choices", Json, nullable=False),
    Column("quotes", Json, nullable=False),
    Column("extras", Json, nullable=False, server_default="{}"),  # wants, gathering: what only some channels can show
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("run_at", Instant, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("worker", Text),
    Column("lease_until", Float),  # seconds since 1970 by the database's own clock
    Column("tried_id", Integer),  # the address to which it was last sent
    Column("platform_id", Text),
    Column("seen_at", Instant),  # when the person looked at it, where the platform tells
    Column("reason", Text),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_outbox_due", "state", "run_at"),
    Index(
        "ix_outbox_lane",
        "broadcast_id",
        "kind",
        "run_at",
        "id",
        sqlite_where=text("state IN ('waiting', 'retry_at')"),
        postgresql_where=text("state IN ('waiting', 'retry_at')"),
    ),
    Index("ix_outbox_broadcast", "broadcast_id", "state"),
    never_again=True,
)
message = made(
    "message",
    own_id(),
    of_person(),
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE"), nullable=False),
    Column("direction", Text, nullable=False),  # in | out
    Column("text", Text, nullable=False),
    Column("choices", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outbox_id", Integer, unique=True),
    Column("inbox_id", Integer, unique=True),
    never_again=True,
)
evidence = made(
    "evidence",
    own_id(),
    of_person(),
    Column("need_id", ForeignKey("need.id", ondelete="CASCADE"), index=True),
    Column("form_id", Text, index=True),  # the form that was open, or was opened by it
    Column("ticket", Text),  # the code of the ticket that carries it
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("reason", Text),
    Column("caption", Text, nullable=False, server_default=""),
    Column("forwarded", Boolean, nullable=False, server_default=text("false")),
    Column("name", Text, nullable=False, server_default=""),
    Column("sha256", Text, index=True),
    Column("mime", Text),
    Column("size", Integer),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("channel", Text, nullable=False),
    Column("file_id", Text),  # what the channel calls the file
    Column("ref", Text),  # what the channel calls the content, for good
    Column("album", Text),
    Column("turn", Integer, nullable=False),  # the first message of the burst it came with
    Column("inbox_id", Integer, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("run_at", Instant, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("worker", Text),
    Column("lease_until", Float),
    Index("ix_evidence_waiting", "state", "run_at"),
)
loose_file = made("loose_file", Column("sha256", Text, primary_key=True))  # whose file may no longer be needed
