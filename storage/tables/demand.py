"""The tables of supply and demand: needs, offers, what joins them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)

from storage.tables.base import made, of_person, own_id
from storage.types import Instant, Json

need = made(
    "need",
    own_id(),
    Column("code", Text, nullable=False, unique=True),
    of_person(),
    Column("state", Text, nullable=False, index=True),
    Column("outcome", Text),
    Column("text", Text, nullable=False),  # the owner's own words
    Column("summary", Text, nullable=False, server_default=""),  # the official wording
    Column("fields", Json, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kinds", Json, nullable=False, server_default="[]"),  # see domain.kinds
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("created_at", Instant, nullable=False),
    Column("submitted_at", Instant),
    Column("due_at", Instant),
    Column("closed_at", Instant),
    Column("officer_id", Integer),  # who looks after it
    Column("unit", Text, index=True),  # the commune or ward
    Column("folded", Text, nullable=False, server_default=""),  # what search looks at; nothing of the contact
    Column("asked", Json),  # the one question back: {text, by, at, answer, answered_at}
    Column("behalf", Json),  # filled in by an officer: {by, consent_by, consent_at, confirmer, how}
    Column("slip", Text, unique=True),  # six digits that show the state only
    Column("event_id", Text),  # the event after which it was raised
    Index("ix_need_list", "state", "id"),
    Index("ix_need_due", "state", "due_at"),
    Index("ix_need_officer", "officer_id", "state"),
)
need_version = made(
    "need_version",
    own_id(),
    Column("need_id", ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("fields", Json, nullable=False),
    Column("author", Text, nullable=False),  # owner, or an officer's name
    Column("at", Instant, nullable=False),
    UniqueConstraint("need_id", "number"),
)
offer = made(
    "offer",
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False, server_default=""),
    Column("sector", Text),
    Column("products", Json, nullable=False, server_default="[]"),
    Column("processes", Json, nullable=False, server_default="[]"),
    Column("trl", Integer),
    Column("transfer_modes", Json, nullable=False, server_default="[]"),
    Column("price_min_million_vnd", Float),
    Column("price_max_million_vnd", Float),
    Column("capacity_min", Float),
    Column("capacity_max", Float),
    Column("capacity_unit", Text),
    Column("owner", Text, nullable=False, server_default=""),
    Column("owner_type", Text),
    Column("owner_province_code", Text),
    Column("serves", Text, nullable=False, server_default="all"),
    Column("contact", Text),
    Column("state", Text, nullable=False, server_default="submitted"),
    Column("valid_until", Date),
    Column("written_by", Text, nullable=False, server_default=""),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("sample", Boolean, nullable=False, server_default=text("false")),
    Column("shipped", Text),
    CheckConstraint("state IN ('submitted','verified','paused','expired','withdrawn')", name="state"),
    CheckConstraint("trl IS NULL OR trl BETWEEN 1 AND 9", name="trl"),
)
match = made(
    "match",
    own_id(),
    Column("need_id", ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("offer_id", ForeignKey("offer.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False, server_default="suggested"),
    Column("score", Float, nullable=False),
    Column("strong", Boolean, nullable=False, server_default=text("false")),
    Column("because", Json, nullable=False),
    Column("doubts", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("shown_at", Instant),
    Column("reason", Text),  # why it was declined, see domain.pairing
    Column("value_band", Text),  # of a contract
    Column("changed_at", Instant),
    UniqueConstraint("need_id", "offer_id"),
)
introduction = made(
    "introduction",
    own_id(),
    Column("code", Text, nullable=False, unique=True),
    Column("need_id", ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("offer_id", ForeignKey("offer.id", ondelete="CASCADE"), nullable=False),
    Column("owner_wording", Text),
    Column("owner_agreed_at", Instant),
    Column("asked_at", Instant),  # when the supplier was asked
    Column("supplier_wording", Text),
    Column("supplier_agreed_at", Instant),
    Column("released_at", Instant),  # when each got the other's contact
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", Text),  # owner | supplier | officer
    UniqueConstraint("need_id", "offer_id"),
)
supplier = made(
    "supplier",
    Column("offer_id", ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True),
    of_person(),
    Column("since", Instant, nullable=False),
    Column("confirmed_at", Instant, nullable=False),  # when the supplier last said that it still stands
)
opinion = made(
    "opinion",
    own_id(),
    of_person(),
    Column("offer_id", ForeignKey("offer.id", ondelete="CASCADE"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("person_id", "offer_id"),
)
need_wish = made(
    "need_wish",
    Column("need_id", ForeignKey("need.id", ondelete="CASCADE"), primary_key=True),
    Column("wish", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
offer_key = made(
    "offer_key",
    Column("key", Text, primary_key=True),
    Column("offer_id", ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("strength", Float, nullable=False, server_default="1"),
)
need_key = made(
    "need_key",
    Column("key", Text, primary_key=True),
    Column("need_id", ForeignKey("need.id", ondelete="CASCADE"), primary_key=True, index=True),
)
