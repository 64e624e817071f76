"""What a channel with rotating tokens, a counted allowance and echoes of its own messages needs."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("tried_id", sa.Integer()))
    op.create_table(
        "channel_grant",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("refresh_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_grant")),
    )
    op.create_table(
        "allowance",
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("remain", sa.Integer()),
        sa.Column("total", sa.Integer()),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_allowance_address_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_allowance")),
    )
    op.create_table(
        "echo",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "platform_id", name=op.f("pk_echo")),
    )
    op.create_index("ix_echo_said", "echo", ["external_id", "digest"])


def downgrade() -> None:
    op.drop_index("ix_echo_said", "echo")
    for table in ("echo", "allowance", "channel_grant"):
        op.drop_table(table)
    op.execute("ALTER TABLE outbox DROP COLUMN tried_id")
