"""Brings a database to the newest tables: a copy first, a refusal when it comes from a newer version."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import inspect, text

from storage.database import Database, Unreadable

KEPT_COPIES = 5


class TooNew(Exception):
    """The database was made by a newer version; the message says what to do."""


def _config(connection: SyncConnection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _state(connection: SyncConnection) -> tuple[str | None, str, bool]:
    """(revision of the database, newest revision, whether the database has tables)."""
    scripts = ScriptDirectory.from_config(_config(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise TooNew(
            f"This database was made by a newer version (tables {current}). Use that version, or restore an older copy."
        )
    head = scripts.get_current_head()
    assert head is not None
    return current, head, bool(inspect(connection).get_table_names())


def _copy_sqlite(file: Path) -> Path:
    """A consistent copy beside the database; only the newest few are kept."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    target = file.with_name(f"{file.stem}.before-migration-{stamp}{file.suffix}")
    free = shutil.disk_usage(file.parent).free
    if free < 2 * file.stat().st_size:
        raise Unreadable(f"not enough disk for a copy of {file.name} before migrating; free some space")
    with sqlite3.connect(file) as source, sqlite3.connect(target) as copy:
        source.backup(copy)
    copies = sorted(file.parent.glob(f"{file.stem}.before-migration-*{file.suffix}"))
    for old in copies[:-KEPT_COPIES]:
        old.unlink()
    return target


async def migrate(database: Database) -> str:
    """Migrates if needed; tells in one English word group what was done. Raises TooNew."""
    async with database.write() as connection:
        current, head, has_tables = await connection.run_sync(_state)
    if current == head:
        return "up to date"
    copy = _copy_sqlite(database.file) if database.file is not None and current is not None else None
    async with database.write() as connection:
        if not database.sqlite:  # two processes starting together: the second waits, then finds nothing to do
            await connection.execute(text("SELECT pg_advisory_xact_lock(72652026)"))
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
    if not has_tables:
        return f"made new tables {head}"
    return f"migrated {current} -> {head}" + (f", copy kept as {copy.name}" if copy else "")


async def downgrade(database: Database, revision: str) -> None:
    """Goes back to an older revision (used by the tests of the migrations)."""
    async with database.write() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), revision))
