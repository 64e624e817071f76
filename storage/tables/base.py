"""What every table of the shared database is made with."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table
from sqlalchemy.sql.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def made(name: str, *items: SchemaItem, never_again: bool = False) -> Table:
    """A table; `never_again`: the id of a deleted row is not given to another (PostgreSQL never does that)."""
    return Table(name, metadata, *items, sqlite_autoincrement=never_again)


def own_id() -> Column[int]:
    """A row's own number."""
    return Column("id", Integer, primary_key=True, autoincrement=True)


def of_person(nullable: bool = False) -> Column[int]:
    """Whose row it is; it goes with the person."""
    return Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=nullable, index=True)
