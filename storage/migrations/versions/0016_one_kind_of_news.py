"""Which kinds of messages on our own account a person has refused on their own."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = ("no_events", "no_offers")


def upgrade() -> None:
    for name in KINDS:
        op.add_column("person", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    for name in reversed(KINDS):
        op.drop_column("person", name)
