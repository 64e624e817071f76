"""Officers' tags of people as they stand at a platform."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag_there",
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("refused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_tag_there_address_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_id", "tag", name=op.f("pk_tag_there")),
    )


def downgrade() -> None:
    op.drop_table("tag_there")
