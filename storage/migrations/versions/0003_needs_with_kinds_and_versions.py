"""What kinds of help a need asks for, with every earlier version of it; ids of messages are never given twice."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # ids that readers keep as cursors must never be given again
        for name in ("message", "outbox"):
            with op.batch_alter_table(name, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
                pass
    op.add_column("need", sa.Column("kinds", Json(), nullable=False, server_default="[]"))
    op.create_table(
        "need_version",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("fields", Json(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_version_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_version")),
        sa.UniqueConstraint("need_id", "number", name=op.f("uq_need_version_need_id")),
    )


def downgrade() -> None:
    op.drop_table("need_version")
    op.execute("ALTER TABLE need DROP COLUMN kinds")
