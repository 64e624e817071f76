"""Standing needs by the keys of matching, as offers are."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "need_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_key_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "need_id", name=op.f("pk_need_key")),
    )
    op.create_index(op.f("ix_need_key_need_id"), "need_key", ["need_id"])


def downgrade() -> None:
    op.drop_table("need_key")
