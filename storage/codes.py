"""Running numbers people can say on the phone: NC-0001, HT-0001, CH-0001, XD-0001."""

from storage.database import Connection, insert_into
from storage.tables import counter


async def next_code(db: Connection, prefix: str) -> str:
    """The next code of this series; gaps appear only when a transaction is rolled back and none is given twice."""
    row = insert_into(db, counter).values(name=prefix, value=1)
    row = row.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
    number = (await db.execute(row.returning(counter.c.value))).scalar_one()
    return f"{prefix}-{number:04d}"
