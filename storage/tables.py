"""The tables of the shared database."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.schema import SchemaItem

from storage.types import Instant, Json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, *items: SchemaItem, never_again: bool = False) -> Table:
    """`never_again`: the id of a deleted row is not given to another (PostgreSQL never does that)."""
    return Table(name, metadata, *items, sqlite_autoincrement=never_again)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _person(nullable: bool = False) -> Column[int]:
    return Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=nullable, index=True)


# --- people -----------------------------------------------------------------------------------------------------
person = _table(
    "person",
    _id(),
    Column("name", Text),
    Column("phone", Text, index=True),
    Column("alert", Text, nullable=False, server_default="off"),
    Column("folded", Text, nullable=False, server_default=""),  # name and number without diacritics, for search
    Column("created_at", Instant, nullable=False),
)
address = _table(
    "address",
    _id(),
    _person(),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="active"),
    Column("seen_at", Instant, nullable=False),
    UniqueConstraint("channel", "account", "external_id"),
)
enterprise = _table(
    "enterprise",
    _id(),
    _person(),
    Column("name", Text),
    Column("org_form", Text),
    Column("tax_code", Text),
    Column("employees", Integer),
    Column("unit", Text),
    Column("province", Text),
    Column("profile", Json, nullable=False),
)
consent = _table(
    "consent",
    _id(),
    _person(),
    Column("purpose", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)

# --- talk -------------------------------------------------------------------------------------------------------
conversation = _table(
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
inbox = _table(
    "inbox",
    _id(),
    _person(),
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
outbox = _table(
    "outbox",
    _id(),
    Column("kind", Text, nullable=False),
    Column("broadcast_id", ForeignKey("broadcast.id", ondelete="CASCADE")),
    _person(),
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
message = _table(
    "message",
    _id(),
    _person(),
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE"), nullable=False),
    Column("direction", Text, nullable=False),  # in | out
    Column("text", Text, nullable=False),
    Column("choices", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outbox_id", Integer, unique=True),
    Column("inbox_id", Integer, unique=True),
    never_again=True,
)
broadcast = _table(
    "broadcast",
    _id(),
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
segment = _table(
    "segment",
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("rule", Json, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)
person_tag = _table(
    "person_tag",
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", Text, primary_key=True, index=True),
)

tag_there = _table(  # tags as a platform was told of them; `refused`: it did not take this one
    "tag_there",
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("refused", Boolean, nullable=False, server_default=text("false")),
)

evidence = _table(
    "evidence",
    _id(),
    _person(),
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
loose_file = _table("loose_file", Column("sha256", Text, primary_key=True))  # whose file may no longer be needed
link_code = _table(
    "link_code",
    _id(),
    _person(),
    Column("digest", Text, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("used_at", Instant),
)
link_try = _table(
    "link_try",
    _id(),
    _person(),
    Column("at", Instant, nullable=False, index=True),
)

# --- supply and demand ------------------------------------------------------------------------------------------
need = _table(
    "need",
    _id(),
    Column("code", Text, nullable=False, unique=True),
    _person(),
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
need_version = _table(
    "need_version",
    _id(),
    Column("need_id", ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("fields", Json, nullable=False),
    Column("author", Text, nullable=False),  # owner, or an officer's name
    Column("at", Instant, nullable=False),
    UniqueConstraint("need_id", "number"),
)
offer = _table(
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
match = _table(
    "match",
    _id(),
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
introduction = _table(
    "introduction",
    _id(),
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
supplier = _table(
    "supplier",
    Column("offer_id", ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True),
    _person(),
    Column("since", Instant, nullable=False),
    Column("confirmed_at", Instant, nullable=False),  # when the supplier last said that it still stands
)
opinion = _table(
    "opinion",
    _id(),
    _person(),
    Column("offer_id", ForeignKey("offer.id", ondelete="CASCADE"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("person_id", "offer_id"),
)
need_wish = _table(
    "need_wish",
    Column("need_id", ForeignKey("need.id", ondelete="CASCADE"), primary_key=True),
    Column("wish", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
offer_key = _table(
    "offer_key",
    Column("key", Text, primary_key=True),
    Column("offer_id", ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("strength", Float, nullable=False, server_default="1"),
)
need_key = _table(
    "need_key",
    Column("key", Text, primary_key=True),
    Column("need_id", ForeignKey("need.id", ondelete="CASCADE"), primary_key=True, index=True),
)
event = _table(
    "event",
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False, server_default=""),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("place", Text, nullable=False, server_default=""),
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
registration = _table(
    "registration",
    _id(),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    _person(),
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
arrival = _table(  # who came through the door, as each device noted it
    "arrival",
    _id(),
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
attachment = _table(  # a file or a link that goes with a broadcast, an event or a registration
    "attachment",
    _id(),
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
writer = _table(
    "writer",
    Column("name", Text, primary_key=True),
    Column("may_publish", Boolean, nullable=False, server_default=text("false")),
)
change_log = _table(
    "change_log",
    _id(),
    Column("noun", Text, nullable=False),
    Column("noun_id", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("outcome", Text),
    Index("ix_change_log_open", "done_at", "id"),
)

# --- knowledge --------------------------------------------------------------------------------------------------
programme = _table(
    "programme",
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("effective_from", Text),
    Column("effective_to", Text),
    Column("data", Json, nullable=False),
    Column("shipped", Text),
)
answer = _table(
    "answer",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("aliases", Json, nullable=False),
    Column("examples", Json, nullable=False),
)
answer_version = _table(
    "answer_version",
    _id(),
    Column("answer_id", ForeignKey("answer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("short", Text, nullable=False),
    Column("full", Text, nullable=False),
    Column("basis", Json, nullable=False),
    Column("sources", Json, nullable=False),
    Column("programmes", Json, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("verified_on", Date),
    Column("confidence", Text, nullable=False),
    Column("recheck_days", Integer, nullable=False, server_default="90"),
    Column("author", Text, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", Instant),
    Column("shipped", Text),
    UniqueConstraint("answer_id", "number"),
)
answer_shown = _table(
    "answer_shown",
    _id(),
    _person(),
    Column("version_id", ForeignKey("answer_version.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
)
document = _table(
    "document",
    Column("id", Text, primary_key=True),
    Column("data", Json, nullable=False),
    Column("shipped", Text),
)
pull = _table(  # the kill switch: an answer, a topic or a programme of which nothing may leave
    "pull",
    _id(),
    Column("noun", Text, nullable=False),  # answer | topic | programme
    Column("noun_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("pulled_by", Text, nullable=False),
    Column("pulled_at", Instant, nullable=False),
    Column("asked_back_by", Text),
    Column("asked_back_at", Instant),
    Column("ended_by", Text),
    Column("ended_at", Instant),
    Index("ix_pull_open", "ended_at", "noun", "noun_id"),
)
finding = _table(  # what the programme finder told whom, from which facts, by which rule
    "finding",
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("programme_id", Text, primary_key=True),
    Column("fit", Text, nullable=False),
    Column("facts", Json, nullable=False),
    Column("rule", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
body = _table("body", Column("id", Text, primary_key=True), Column("name", Text, nullable=False), Column("data", Json))
product = _table(
    "product", Column("id", Text, primary_key=True), Column("name", Text, nullable=False), Column("data", Json)
)
place = _table(
    "place", Column("code", Text, primary_key=True), Column("name", Text, nullable=False), Column("data", Json)
)
shipment = _table(
    "shipment",
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# --- work -------------------------------------------------------------------------------------------------------
ticket = _table(
    "ticket",
    _id(),
    Column("code", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # officer | answer | erasure | fraud | feedback
    _person(nullable=True),
    Column("text", Text, nullable=False),
    Column("about", Text),
    Column("state", Text, nullable=False, server_default="waiting"),  # waiting | taken | done | lapsed
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("officer_id", Integer),  # who took it
    Index("ix_ticket_due", "state", "due_at"),
)
review = _table(
    "review",
    _id(),
    Column("noun", Text, nullable=False),
    Column("noun_id", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    UniqueConstraint("noun", "noun_id", "why"),
)
due = _table(
    "due",
    _id(),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    _person(nullable=True),
    Column("payload", Json, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("outcome", Text),
    Index("ix_due_open", "done_at", "due_at"),
)
counter = _table("counter", Column("name", Text, primary_key=True), Column("value", Integer, nullable=False))
worker = _table(
    "worker",
    Column("name", Text, primary_key=True),
    Column("boot", Integer, nullable=False),
    Column("beat", Float, nullable=False),
)
pace = _table(
    "pace",
    Column("key", Text, primary_key=True),
    Column("until", Float, nullable=False),  # by the database's clock: when all that was allowed has been used up
)
lease = _table(
    "lease",
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Float, nullable=False),
)
audit = _table(
    "audit",
    _id(),
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

# --- channels ---------------------------------------------------------------------------------------------------
channel_grant = _table(  # what a platform gave us to speak with: tokens that change with each renewal
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
allowance = _table(  # how many more messages a platform lets us send to an address, as it last told
    "allowance",
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, nullable=False),  # the platform's word: reply, sub_quota, purchase_quota ...
    Column("remain", Integer),
    Column("total", Integer),
    Column("at", Instant, nullable=False),
)
echo = _table(  # our own messages as the platform saw them arrive; says what became of a send without an answer
    "echo",
    Column("channel", Text, primary_key=True),
    Column("platform_id", Text, primary_key=True),
    Column("external_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_echo_said", "external_id", "digest"),
)

# --- channels that stood still ----------------------------------------------------------------------------------
outage = _table(  # one row for each time a channel could not be reached
    "outage",
    _id(),
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

# --- officers ---------------------------------------------------------------------------------------------------
officer = _table(
    "officer",
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),  # invited | open | closed
    Column("created_at", Instant, nullable=False),
    Column("login", Text, unique=True),
    Column("password", Text),  # argon2id
    Column("totp", Text),  # encrypted with the key of the settings
    Column("totp_step", Integer, nullable=False, server_default="0"),  # the last step used: a code serves once
)
officer_chat = _table(
    "officer_chat",
    Column("address_id", ForeignKey("address.id", ondelete="CASCADE"), primary_key=True),
    Column("officer_id", ForeignKey("officer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("linked_at", Instant, nullable=False),
)
session = _table(
    "session",
    Column("digest", Text, primary_key=True),
    Column("officer_id", ForeignKey("officer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("guard", Text, nullable=False),  # what every form of this session carries
    Column("agent", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)
once = _table(
    "once",
    Column("digest", Text, primary_key=True),
    Column("purpose", Text, nullable=False),  # first | invite | chat
    Column("officer_id", ForeignKey("officer.id", ondelete="CASCADE"), index=True),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("used_at", Instant),
)
attempt = _table(
    "attempt",
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_at", Instant, nullable=False),
    Column("locked_until", Instant),
)
note = _table(
    "note",
    _id(),
    _person(nullable=True),
    Column("noun", Text, nullable=False),  # person | need
    Column("noun_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_note_noun", "noun", "noun_id"),
)
