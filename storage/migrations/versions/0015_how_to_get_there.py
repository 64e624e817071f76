"""How people get to an event: the bus, where vehicles are left."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("travel", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("event", "travel")
