"""Who came through the door, files that go with messages and events, what an event is about in more words."""

import secrets

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EVENT_WORDS = ("agenda", "speakers", "partners")


def upgrade() -> None:
    for name in EVENT_WORDS:
        op.add_column("event", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("need", sa.Column("event_id", sa.Text()))
    _give_codes()
    op.create_index("ix_registration_code", "registration", ["event_id", "code"], unique=True)
    op.create_table(
        "arrival",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("registration_id", sa.Integer()),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("phone", sa.Text()),
        sa.Column("heads", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_arrival_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_arrival_registration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("mark", name=op.f("uq_arrival_mark")),
    )
    op.create_index(op.f("ix_arrival_event_id"), "arrival", ["event_id"])
    op.create_index(op.f("ix_arrival_registration_id"), "arrival", ["registration_id"])
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("noun_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False, server_default=""),
        sa.Column("size", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sha256", sa.Text()),
        sa.Column("url", sa.Text(), nullable=False, server_default=""),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_noun", "attachment", ["noun", "noun_id"])
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"])


def _give_codes() -> None:
    """Whoever has a seat already gets six digits for the door."""
    held = sa.table("registration", sa.column("id"), sa.column("event_id"), sa.column("heads"), sa.column("code"))
    given: set[tuple[str, str]] = set()
    for row in op.get_bind().execute(sa.select(held.c.id, held.c.event_id).where(held.c.heads > 0)).all():
        while (code := f"{secrets.randbelow(10**6):06d}") and (row.event_id, code) in given:
            pass
        given.add((row.event_id, code))
        op.get_bind().execute(held.update().where(held.c.id == row.id).values(code=code))


def downgrade() -> None:
    op.drop_table("attachment")
    op.drop_table("arrival")
    op.drop_index("ix_registration_code", "registration")
    op.execute("ALTER TABLE need DROP COLUMN event_id")
    for name in reversed(EVENT_WORDS):
        op.execute(f"ALTER TABLE event DROP COLUMN {name}")
