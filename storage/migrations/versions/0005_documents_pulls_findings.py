"""Documents as nouns, the kill switch, what the programme finder told whom."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("data", Json(), nullable=False),
        sa.Column("shipped", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_table(
        "pull",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("noun_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("pulled_by", sa.Text(), nullable=False),
        sa.Column("pulled_at", Instant(), nullable=False),
        sa.Column("asked_back_by", sa.Text(), nullable=True),
        sa.Column("asked_back_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pull")),
    )
    op.create_index("ix_pull_open", "pull", ["ended_at", "noun", "noun_id"])
    op.create_table(
        "finding",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("fit", sa.Text(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_finding_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "programme_id", name=op.f("pk_finding")),
    )


def downgrade() -> None:
    op.drop_table("finding")
    op.drop_index("ix_pull_open", "pull")
    op.drop_table("pull")
    op.drop_table("document")
