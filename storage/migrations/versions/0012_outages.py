"""The times when a channel could not be reached."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    lasts = sa.text("ended_at IS NULL")
    op.create_index("ix_outage_open", "outage", ["channel"], unique=True, sqlite_where=lasts, postgresql_where=lasts)


def downgrade() -> None:
    op.drop_index("ix_outage_open", "outage")
    op.drop_table("outage")
