"""When a message of ours was looked at, where the platform tells."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("seen_at", Instant()))


def downgrade() -> None:
    op.drop_column("outbox", "seen_at")
