"""The tables of the platforms: what they gave us, what they let us do, when they stood still."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Text, text

from storage.tables.base import made, own_id
from storage.types import Instant

channel_grant = made(  # what a platform gave us to speak with: tokens that change with each renewal
    "channel_grant",
    Column("channel", Text, primary_key=True),
    Column("state", Text, nullable=False),  # see storage.grants.GrantState
    Column("version", Integer, nullable=False),  # grows with every new pair
    Column("held", Text, nullable=False),  # encrypted with the key of the settings
    Column("refresh_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("seed", Text, nullable=False),  # digest of the token in the settings it began with
    Column("reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
allowance = made(  # how many more messages a platform lets us send to an address, as it last told
    "allowance",
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, nullable=False),  # the platform's word: reply, sub_quota, purchase_quota ...
    Column("remain", Integer),
    Column("total", Integer),
    Column("at", Instant, nullable=False),
)
echo = made(  # our own messages as the platform saw them arrive; says what became of a send without an answer
    "echo",
    Column("channel", Text, primary_key=True),
    Column("platform_id", Text, primary_key=True),
    Column("external_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_echo_said", "external_id", "digest"),
)
outage = made(  # one row for each time a channel could not be reached
    "outage",
    own_id(),
    Column("channel", Text, nullable=False),
    Column("since", Instant, nullable=False),  # the first send that failed
    Column("told_at", Instant, nullable=False),
    Column("ended_at", Instant),  # none: it lasts
    Column("reason", Text, nullable=False),
    Column("dropped", Integer, nullable=False, server_default="0"),  # news that was out of date when it ended
    Index(
        "ix_outage_open",
        "channel",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
