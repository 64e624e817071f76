"""Opens the database, SQLite or PostgreSQL, the same way for everybody."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, Float, Integer, Table, bindparam, cast, event, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.elements import ColumnElement

from storage.one_trip import OneTrip
from storage.types import Json

Connection = AsyncConnection
FORGET_EVERY = 3600.0  # seconds
P = ParamSpec("P")
Q = TypeVar("Q")


class Unreadable(Exception):
    """The database cannot be opened; the message says why and how to mend it."""


def driver_url(url: str) -> URL:
    """The URL with the asynchronous driver put in; raises Unreadable for anything but SQLite and PostgreSQL."""
    try:
        parsed = make_url(url)
    except Exception as error:
        raise Unreadable("the database URL cannot be read; for example sqlite:////path/file.db") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise Unreadable(f"the database must be sqlite or postgresql, not {backend}")


class Database:
    """One pool of connections; `read` and `write` are transactions."""

    def __init__(self, url: str) -> None:
        self.url = driver_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {} if self.sqlite else {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}
        self.engine: AsyncEngine = self._engine(options)
        self._aside: AsyncEngine | None = None
        self._forgot = time.monotonic()
        # SQLite has one write lock: within a process one waits for it in line, without asking again and again
        self._line = asyncio.Lock() if self.sqlite else nullcontext()

    def _engine(self, options: dict[str, Any]) -> AsyncEngine:
        driver = {"module": OneTrip()} if self.sqlite else {}
        engine = create_async_engine(self.url, **driver, **options)
        if self.sqlite:
            _prepare_sqlite(engine.sync_engine)
        return engine

    @property
    def file(self) -> Path | None:
        """The SQLite file, None for PostgreSQL."""
        return Path(self.url.database) if self.sqlite and self.url.database else None

    @asynccontextmanager
    async def write(self, lasting: bool = True) -> AsyncIterator[Connection]:
        """A transaction that may write, never one inside another; on SQLite it holds the one write lock from its begin.

        One that is not `lasting` does not wait for the disk: after a power cut what it wrote may not have been."""
        if time.monotonic() - self._forgot > FORGET_EVERY:  # what another process has erased
            self._forgot = time.monotonic()
            forget_values(self.engine)
        async with self._line, self.engine.connect() as connection:
            await connection.execution_options(writes=True, lasting=lasting)
            async with connection.begin():
                if not lasting and not self.sqlite:
                    await connection.execute(select(func.set_config("synchronous_commit", "off", True)))
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """A transaction that only reads."""
        async with self.engine.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[Connection]:
        """A reading transaction that may be opened within another: it sees what is committed by now.

        It has a pool of its own, so that whoever holds all other connections cannot starve it.
        """
        if self._aside is None:
            self._aside = self._engine(
                {} if self.sqlite else {"pool_size": 1, "max_overflow": 1, "pool_pre_ping": True}
            )
        async with self._aside.connect() as connection, connection.begin():
            yield connection

    async def close(self) -> None:
        """Gives all connections back."""
        await self.engine.dispose()
        if self._aside is not None:
            await self._aside.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        options = connection.get_execution_options()
        writes = options.get("writes", False)
        waits = "FULL" if options.get("lasting", True) else "NORMAL"  # for the disk
        if writes and connection.info.get("waits", "FULL") != waits:
            connection.exec_driver_sql(f"PRAGMA synchronous={waits}")
            connection.info["waits"] = waits
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "invalidate")
    def let_go(connection: Any, _: Any, __: Any) -> None:
        """A statement whose task was cancelled leaves its cursor behind, and with it the write lock of a connection that
        is closed, until the garbage is collected: so the transaction ends first."""
        with suppress(Exception):  # the connection is thrown away in any case
            connection.run_async(lambda driver: driver.rollback())


def forget_values(engine: AsyncEngine) -> None:
    """A statement that is kept for its next use keeps the values of its first: a name, a number, words. They go here."""
    engine.clear_compiled_cache()


def made_once(build: Callable[Concatenate[Connection, P], Q]) -> Callable[Concatenate[Connection, P], Q]:
    """A statement that is put together once for each dialect and each choice of arguments: that costs more than to run
    a small one. What varies from run to run is a bound parameter."""
    made: dict[tuple[Any, ...], Q] = {}

    def statement(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> Q:
        key = (connection.dialect.name, *args, *sorted(kwargs.items()))
        if key not in made:
            made[key] = build(connection, *args, **kwargs)
        return made[key]

    return statement


def among(connection: Connection, column: ColumnElement[int], name: str) -> ColumnElement[bool]:
    """Whether a number is among those of the bound list `name`: one statement for lists of any length."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(bindparam(name, type_=Json())).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == func.any(bindparam(name, type_=postgresql.ARRAY(Integer)))


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the dialect of this connection."""
    return (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)


def database_clock(connection: Connection) -> ColumnElement[float]:
    """The database's own clock in seconds since 1970: the only clock of leases."""
    if connection.dialect.name == "sqlite":
        return literal_column("((julianday('now') - 2440587.5) * 86400.0)", Float)
    return cast(func.extract("epoch", func.clock_timestamp()), Float)
