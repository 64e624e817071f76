"""The tables of what is known: programmes, answers, documents, places."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Text, UniqueConstraint

from storage.tables.base import made, of_person, own_id
from storage.types import Instant, Json

programme = made(
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
answer = made(
    "answer",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("aliases", Json, nullable=False),
    Column("examples", Json, nullable=False),
)
answer_version = made(
    "answer_version",
    own_id(),
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
answer_shown = made(
    "answer_shown",
    own_id(),
    of_person(),
    Column("version_id", ForeignKey("answer_version.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
)
document = made(
    "document",
    Column("id", Text, primary_key=True),
    Column("data", Json, nullable=False),
    Column("shipped", Text),
)
pull = made(  # the kill switch: an answer, a topic or a programme of which nothing may leave
    "pull",
    own_id(),
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
finding = made(  # what the programme finder told whom, from which facts, by which rule
    "finding",
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("programme_id", Text, primary_key=True),
    Column("fit", Text, nullable=False),
    Column("facts", Json, nullable=False),
    Column("rule", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
body = made("body", Column("id", Text, primary_key=True), Column("name", Text, nullable=False), Column("data", Json))
product = made(
    "product", Column("id", Text, primary_key=True), Column("name", Text, nullable=False), Column("data", Json)
)
place = made(
    "place", Column("code", Text, primary_key=True), Column("name", Text, nullable=False), Column("data", Json)
)
shipment = made(
    "shipment",
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
