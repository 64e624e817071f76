"""The tables of messages to many."""

from sqlalchemy import Boolean, Column, Integer, Text, text

from storage.tables.base import made, own_id
from storage.types import Instant, Json

broadcast = made(
    "broadcast",
    own_id(),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("about", Text, unique=True),  # for example event:E001
    Column("audience", Json, nullable=False),
    Column("state", Text, nullable=False, server_default="draft", index=True),
    Column("created_at", Instant, nullable=False),
    Column("author", Text, nullable=False, server_default=""),
    Column("buttons", Json, nullable=False, server_default="[]"),
    Column("event_id", Text),
    Column("must_deliver", Boolean, nullable=False, server_default=text("false")),
    Column("urgent", Text, nullable=False, server_default=""),  # why it may be sent at any hour
    Column("counted", Integer),  # what its author typed
    Column("size", Integer, nullable=False, server_default="0"),
    Column("erased", Integer, nullable=False, server_default="0"),
    Column("send_at", Instant),
    Column("approved_by", Text),
    Column("approved_at", Instant),
    Column("reason", Text, nullable=False, server_default=""),
    Column("corrects", Integer),
    Column("replaces", Integer),
)
segment = made(
    "segment",
    own_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("rule", Json, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)
