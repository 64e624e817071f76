"""The tables of officers: accounts, sessions, notes."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Text

from storage.tables.base import made, of_person, own_id
from storage.types import Instant

officer = made(
    "officer",
    own_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),  # invited | open | closed
    Column("created_at", Instant, nullable=False),
    Column("login", Text, unique=True),
    Column("password", Text),  # argon2id
    Column("totp", Text),  # encrypted with the key of the settings
    Column("totp_step", Integer, nullable=False, server_default="0"),  # the last step used: a code serves once
)
officer_chat = made(
    "officer_chat",
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE"), primary_key=True),
    Column("officer_id", ForeignKey("officer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("linked_at", Instant, nullable=False),
)
session = made(
    "session",
    Column("digest", Text, primary_key=True),
    Column("officer_id", ForeignKey("officer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("guard", Text, nullable=False),  # what every form of this session carries
    Column("agent", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)
once = made(
    "once",
    Column("digest", Text, primary_key=True),
    Column("purpose", Text, nullable=False),  # first | invite | chat
    Column("officer_id", ForeignKey("officer.id", ondelete="CASCADE"), index=True),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("used_at", Instant),
)
attempt = made(
    "attempt",
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_at", Instant, nullable=False),
    Column("locked_until", Instant),
)
note = made(
    "note",
    own_id(),
    of_person(nullable=True),
    Column("noun", Text, nullable=False),  # person | need
    Column("noun_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_note_noun", "noun", "noun_id"),
)
