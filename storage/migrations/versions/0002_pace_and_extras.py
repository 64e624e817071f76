"""What only some channels can show, where an event is, how fast a channel may speak."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("extras", Json(), nullable=False, server_default="{}"))
    op.add_column("event", sa.Column("latitude", sa.Float(), nullable=True))
    op.add_column("event", sa.Column("longitude", sa.Float(), nullable=True))
    op.create_table(
        "pace",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pace")),
    )


def downgrade() -> None:
    op.drop_table("pace")
    for table, column in (("event", "longitude"), ("event", "latitude"), ("outbox", "extras")):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
