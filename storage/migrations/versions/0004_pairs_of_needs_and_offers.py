"""Pairs of needs and offers on their way: reasons, introductions, suppliers, opinions, wishes, keys; needs are noticed."""

import sqlalchemy as sa
from alembic import op

from storage.triggers import drop_need_triggers, need_triggers
from storage.types import Instant

revision = "0004"
down_revision = "0006"
branch_labels = None
depends_on = None


def _to(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"), ondelete="CASCADE")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), autoincrement=True, nullable=False)


def upgrade() -> None:
    for name, kind in (("reason", sa.Text()), ("value_band", sa.Text()), ("changed_at", Instant())):
        op.add_column("match", sa.Column(name, kind, nullable=True))
    op.create_table(
        "introduction",
        _id(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("owner_wording", sa.Text()),
        sa.Column("owner_agreed_at", Instant()),
        sa.Column("asked_at", Instant()),
        sa.Column("supplier_wording", sa.Text()),
        sa.Column("supplier_agreed_at", Instant()),
        sa.Column("released_at", Instant()),
        sa.Column("withdrawn_at", Instant()),
        sa.Column("withdrawn_by", sa.Text()),
        _to("introduction", "need_id", "need"),
        _to("introduction", "offer_id", "offer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction")),
        sa.UniqueConstraint("code", name=op.f("uq_introduction_code")),
        sa.UniqueConstraint("need_id", "offer_id", name=op.f("uq_introduction_need_id")),
    )
    op.create_table(
        "supplier",
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=False),
        _to("supplier", "offer_id", "offer"),
        _to("supplier", "person_id", "person"),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_supplier")),
    )
    op.create_index(op.f("ix_supplier_person_id"), "supplier", ["person_id"])
    op.create_table(
        "opinion",
        _id(),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        _to("opinion", "person_id", "person"),
        _to("opinion", "offer_id", "offer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("person_id", "offer_id", name=op.f("uq_opinion_person_id")),
    )
    op.create_index(op.f("ix_opinion_person_id"), "opinion", ["person_id"])
    op.create_table(
        "need_wish",
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        _to("need_wish", "need_id", "need"),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_need_wish")),
    )
    op.create_table(
        "offer_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False, server_default="1"),
        _to("offer_key", "offer_id", "offer"),
        sa.PrimaryKeyConstraint("key", "offer_id", name=op.f("pk_offer_key")),
    )
    op.create_index(op.f("ix_offer_key_offer_id"), "offer_key", ["offer_id"])
    for statement in need_triggers(_postgres()):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_need_triggers(_postgres()):
        op.execute(statement)
    for table in ("offer_key", "need_wish", "opinion", "supplier", "introduction"):
        op.drop_table(table)
    for column in ("changed_at", "value_band", "reason"):
        op.execute(f"ALTER TABLE match DROP COLUMN {column}")


def _postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
