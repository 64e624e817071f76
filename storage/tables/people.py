"""The tables of people: who they are, where they can be reached, what they agreed to."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Text, UniqueConstraint, text

from storage.tables.base import made, of_person, own_id
from storage.types import Instant, Json

person = made(
    "person",
    own_id(),
    Column("name", Text),
    Column("phone", Text, index=True),
    Column("alert", Text, nullable=False, server_default="off"),
    Column("no_events", Boolean, nullable=False, server_default=text("false")),  # wants no invitations to events
    Column("no_offers", Boolean, nullable=False, server_default=text("false")),  # wants no news of technology
    Column("folded", Text, nullable=False, server_default=""),  # name and number without diacritics, for search
    Column("created_at", Instant, nullable=False),
)
address = made(
    "address",
    own_id(),
    of_person(),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="active"),
    Column("seen_at", Instant, nullable=False),
    UniqueConstraint("channel", "account", "external_id"),
)
enterprise = made(
    "enterprise",
    own_id(),
    of_person(),
    Column("name", Text),
    Column("org_form", Text),
    Column("tax_code", Text),
    Column("employees", Integer),
    Column("unit", Text),
    Column("province", Text),
    Column("profile", Json, nullable=False),
)
consent = made(
    "consent",
    own_id(),
    of_person(),
    Column("purpose", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)
person_tag = made(
    "person_tag",
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", Text, primary_key=True, index=True),
)
tag_there = made(  # tags as a platform was told of them; `refused`: it did not take this one
    "tag_there",
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("refused", Boolean, nullable=False, server_default=text("false")),
)
link_code = made(
    "link_code",
    own_id(),
    of_person(),
    Column("digest", Text, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("used_at", Instant),
)
link_try = made(
    "link_try",
    own_id(),
    of_person(),
    Column("at", Instant, nullable=False, index=True),
)
