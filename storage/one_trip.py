"""A driver for SQLite that fetches a statement with all its rows in one trip to the thread that holds the file."""

import sqlite3
from collections import deque
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)


def _run(connection: sqlite3.Connection, sql: str, values: Any, many: bool) -> tuple[sqlite3.Cursor, list[Any]]:
    cursor = connection.executemany(sql, values) if many else connection.execute(sql, values)
    return cursor, cursor.fetchall() if cursor.description else []


class OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    """Its parent goes there four times: for a cursor, to execute, for the rows, to close; each trip wakes two threads,
    which costs more than to run a small statement. Nothing stays open there after a statement."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = deque()
        self._soft_closed_memoized = {}  # type: ignore[assignment]

    async def _go(self, sql: str, values: Any, many: bool = False) -> None:
        driver: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            self._cursor, rows = await driver._execute(_run, driver._conn, sql, values, many)
            self._rows = deque(rows)

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._go(operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._go(operation, seq_of_parameters, many=True)

    def close(self) -> None:
        """Lets the rows go; the statement has ended already."""
        self._rows.clear()


class OneTripConnection(AsyncAdapt_aiosqlite_connection):
    """A connection with such cursors."""

    __slots__ = ()
    _cursor_cls = OneTripCursor  # type: ignore[assignment]


class OneTrip(AsyncAdapt_aiosqlite_dbapi):
    """What create_async_engine takes as `module`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: Any, **kw: Any) -> OneTripConnection:
        """A connection to a file."""
        return OneTripConnection(self, super().connect(*arg, **kw)._connection)
