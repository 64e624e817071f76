"""Migrated, seeded databases: each kind is made once in a run, every test gets a copy of its own."""

import asyncio
import shutil
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from bot.wiring import open_system
from config.settings import Settings


def new_database(uri: str, like: str | None = None) -> str:
    """The address of a new PostgreSQL database: empty, or a copy of the one at `like`."""
    name = f"t{uuid.uuid4().hex[:12]}"
    copied = f' TEMPLATE "{make_url(like).database}"' if like else ""
    with psycopg.connect(uri, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"{copied}')
    return make_url(uri).set(database=name).render_as_string(hide_password=False)


class Templates:
    """Copies of databases as `open_system` leaves them, with the sample catalogue or without."""

    def __init__(self, folder: Path, postgres: Callable[[], str]) -> None:
        """`postgres` gives the server's address when it is first needed."""
        self.folder, self._postgres = folder, postgres
        self._made: dict[tuple[str, bool], str] = {}

    def sqlite(self, file: Path, samples: bool = False) -> str:
        """A seeded SQLite file at this path; its address."""
        shutil.copy(self._template("sqlite", samples).removeprefix("sqlite:///"), file)
        return f"sqlite:///{file}"

    def postgresql(self, samples: bool = False) -> str:
        """The address of a seeded PostgreSQL database."""
        return new_database(self._postgres(), self._template("postgresql", samples))

    def _template(self, kind: str, samples: bool) -> str:
        if (kind, samples) not in self._made:
            url = new_database(self._postgres()) if kind == "postgresql" else f"sqlite:///{self.folder}/{samples}.db"
            with ThreadPoolExecutor(1) as aside:  # away from a test's own loop
                aside.submit(asyncio.run, _lay_out(url, samples)).result()
            self._made[kind, samples] = url
        return self._made[kind, samples]


async def _lay_out(url: str, samples: bool) -> None:
    system = await open_system(Settings(), url, samples=samples)
    await system.database.close()
