"""Broadcasts with segments, tags, approval; the line for a seat at an event."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'retry_at')")


def _added() -> dict[str, list[sa.Column[Any]]]:
    def flag(name: str) -> sa.Column[Any]:
        return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))

    def number(name: str) -> sa.Column[Any]:
        return sa.Column(name, sa.Integer(), nullable=False, server_default="0")

    def words(name: str) -> sa.Column[Any]:
        return sa.Column(name, sa.Text(), nullable=False, server_default="")

    return {
        "broadcast": [
            words("author"),
            sa.Column("buttons", Json(), nullable=False, server_default="[]"),
            sa.Column("event_id", sa.Text()),
            flag("must_deliver"),
            words("urgent"),
            sa.Column("counted", sa.Integer()),
            number("size"),
            number("erased"),
            sa.Column("send_at", Instant()),
            sa.Column("approved_by", sa.Text()),
            sa.Column("approved_at", Instant()),
            words("reason"),
            sa.Column("corrects", sa.Integer()),
            sa.Column("replaces", sa.Integer()),
        ],
        "registration": [
            number("waiting"),
            sa.Column("waits_since", Instant()),
            number("offered"),
            sa.Column("offered_until", Instant()),
            sa.Column("code", sa.Text()),
            sa.Column("came_at", Instant()),
            sa.Column("useful", sa.Text()),
        ],
    }


def upgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.execute(
        "UPDATE registration SET waiting = heads, heads = 0, waits_since = created_at WHERE state = 'waitlisted'"
    )
    op.create_index("ix_broadcast_state", "broadcast", ["state"])
    lane = ["broadcast_id", "kind", "run_at", "id"]
    op.create_index("ix_outbox_lane", "outbox", lane, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_outbox_broadcast", "outbox", ["broadcast_id", "state"])
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rule", Json(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("name", name=op.f("uq_segment_name")),
    )
    op.create_table(
        "person_tag",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_tag_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "tag", name=op.f("pk_person_tag")),
    )
    op.create_index(op.f("ix_person_tag_tag"), "person_tag", ["tag"])


def downgrade() -> None:
    op.drop_table("person_tag")
    op.drop_table("segment")
    for index, table in (
        ("ix_outbox_broadcast", "outbox"),
        ("ix_outbox_lane", "outbox"),
        ("ix_broadcast_state", "broadcast"),
    ):
        op.drop_index(index, table)
    for table, columns in _added().items():
        for column in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")
