"""What the officers' console needs: accounts, sessions, who holds a talk, search without diacritics."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.text import plain
from storage.triggers import audit_triggers, drop_audit_triggers
from storage.types import Instant, Json

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_conversation_updated_at", "conversation", ["updated_at"], False),
    ("ix_conversation_officer_id", "conversation", ["officer_id"], False),
    ("ix_need_officer", "need", ["officer_id", "state"], False),
    ("ix_need_due", "need", ["state", "due_at"], False),
    ("ix_need_unit", "need", ["unit"], False),
    ("ix_need_list", "need", ["state", "id"], False),
    ("uq_need_slip", "need", ["slip"], True),
    ("ix_ticket_due", "ticket", ["state", "due_at"], False),
    ("ix_audit_noun", "audit", ["noun", "noun_id"], False),
    ("uq_officer_login", "officer", ["login"], True),
)


def _added() -> dict[str, list[sa.Column[Any]]]:
    return {
        "person": [sa.Column("folded", sa.Text(), nullable=False, server_default="")],
        "conversation": [sa.Column("officer_id", sa.Integer()), sa.Column("owned_until", Instant())],
        "need": [
            sa.Column("officer_id", sa.Integer()),
            sa.Column("unit", sa.Text()),
            sa.Column("folded", sa.Text(), nullable=False, server_default=""),
            sa.Column("asked", Json()),
            sa.Column("behalf", Json()),
            sa.Column("slip", sa.Text()),
        ],
        "ticket": [sa.Column("officer_id", sa.Integer())],
        "officer": [
            sa.Column("login", sa.Text()),
            sa.Column("password", sa.Text()),
            sa.Column("totp", sa.Text()),
            sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"),
        ],
    }


def _officer(index: bool = False, nullable: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey("officer.id", ondelete="CASCADE")
    return sa.Column("officer_id", sa.Integer(), key, nullable=nullable, index=index)


def upgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    for name, table, names, unique in INDEXES:
        op.create_index(name, table, names, unique=unique)
    _make_tables()
    for statement in audit_triggers(op.get_bind().dialect.name == "postgresql"):
        op.execute(statement)
    _fold_what_is_there()


def _make_tables() -> None:
    op.create_table(
        "officer_chat",
        sa.Column("address_id", sa.Integer(), sa.ForeignKey("address.id", ondelete="CASCADE"), primary_key=True),
        _officer(index=True),
        sa.Column("linked_at", Instant(), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.Text(), primary_key=True),
        _officer(index=True),
        sa.Column("guard", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
    )
    op.create_table(
        "once",
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        _officer(index=True, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
    )
    op.create_table(
        "attempt",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("locked_until", Instant()),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", ondelete="CASCADE"), index=True),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("noun_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Index("ix_note_noun", "noun", "noun_id"),
    )


def _fold_what_is_there() -> None:
    bind = op.get_bind()
    person = sa.table("person", sa.column("id"), sa.column("name"), sa.column("phone"), sa.column("folded"))
    for row in bind.execute(sa.select(person)).all():
        words = plain(" ".join(part for part in (row.name, (row.phone or "").replace("+84", "0")) if part))
        bind.execute(person.update().where(person.c.id == row.id).values(folded=words))
    need = sa.table(
        "need",
        *(sa.column(name) for name in ("id", "code", "text", "summary", "folded", "unit")),
        sa.column("fields", Json()),
    )
    for row in bind.execute(sa.select(need)).all():
        place = ((row.fields or {}).get("place") or {}).get("value") or {}
        values = {"folded": plain(f"{row.code} {row.text} {row.summary}")[:4000], "unit": place.get("unit")}
        bind.execute(need.update().where(need.c.id == row.id).values(**values))


def downgrade() -> None:
    for statement in drop_audit_triggers(op.get_bind().dialect.name == "postgresql"):
        op.execute(statement)
    for table in ("note", "attempt", "once", "session", "officer_chat"):
        op.drop_table(table)
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table, columns in _added().items():
        for column in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")
