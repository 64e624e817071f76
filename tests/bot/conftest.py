"""A running `nhipcau run` that talks to the emulated Telegram; a hall of people on a database of its own."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from storage.database import Database
from storage.migrate import migrate
from tests.bot.hall import Hall
from tests.bot.senders import Senders
from tests.bot.zalo_office import Office
from tests.conftest import new_database
from tests.platform.phone import Phone
from tests.platform.running import Emulator
from tests.templates import Templates
from tests.warm import Nursery, WarmServer


@dataclass
class Running:
    """The emulator with the system that talks to it."""

    emulator: Emulator
    server: WarmServer

    def lan(self, payload: str = "", **more: Any) -> Phone:
        """A new person who pressed START and heard the greeting."""
        phone = self.emulator.person("Lan", phone="+84900000001", **more)
        phone.start(payload)
        phone.hear()
        return phone

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the system's database says."""
        with sqlite3.connect(self.server.file, timeout=15) as db:
            return db.execute(query, values).fetchall()

    def inbox_of(self, phone: Phone) -> list[tuple[Any, ...]]:
        """(kind, payload, state) of everything a person sent."""
        where = "person_id = (SELECT person_id FROM address WHERE channel = 'telegram' AND external_id = ?)"
        return self.rows(f"SELECT kind, payload, state FROM inbox WHERE {where} ORDER BY id", str(phone.id))


SPEED = 4.0  # of the platform's clock: its second for each chat passes sooner, nothing else waits for it


def begin(nursery: Nursery, folder: Path, mode: str, speed: float = SPEED) -> Running:
    """Starts both; `speed` is that of the emulator's clock."""
    emulator = Emulator(folder / "ledger.jsonl", speed=speed)
    more = {"NHIPCAU_TELEGRAM_TOKEN": emulator.token, "NHIPCAU_TELEGRAM_API_URL": emulator.base}
    server = WarmServer(nursery, folder, speed=speed, **more, NHIPCAU_TELEGRAM_MODE=mode, NHIPCAU_LOG_LEVEL="error")
    server.env["NHIPCAU_TELEGRAM_WEBHOOK_URL"] = server.base
    return Running(emulator, server.start())


def end(running: Running) -> None:
    """Stops both."""
    running.server.kill()
    running.emulator.close()


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with empty tables, to be copied."""
    file = tmp_path_factory.mktemp("blank") / "blank.db"

    async def make() -> None:
        database = Database(f"sqlite:///{file}")
        await migrate(database)
        await database.close()

    asyncio.run(make())
    return file


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Fresh emulated platforms."""
    made = Emulator()
    yield made
    made.close()


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, blank: Path, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        shutil.copy(blank, tmp_path / "hall.db")
        made = Database(f"sqlite:///{tmp_path}/hall.db")
    else:
        made = Database(new_database(request.getfixturevalue("postgres")))
        await migrate(made)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def nursery(templates: Templates) -> Iterator[Nursery]:
    """The warm parent of the servers."""
    made = Nursery(templates)
    yield made
    made.close()


@pytest.fixture(scope="module")
def polling(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Iterator[Running]:
    """A system that polls, shared by a module: each test has people of its own."""
    running = begin(nursery, tmp_path_factory.mktemp("polling"), "polling")
    yield running
    end(running)


@pytest.fixture(scope="module")
def webhook(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Iterator[Running]:
    """A system that is called, shared by a module."""
    running = begin(nursery, tmp_path_factory.mktemp("webhook"), "webhook")
    yield running
    end(running)


@pytest_asyncio.fixture
async def hall(database: Database, emulator: Emulator) -> AsyncIterator[Hall]:
    """People on the emulated Telegram."""
    yield Hall(database, emulator)


@pytest_asyncio.fixture
async def opened(blank: Path, tmp_path: Path, emulator: Emulator) -> AsyncIterator[Callable[..., Any]]:
    """Opens deliverers to the emulated Zalo with these settings, on one database."""
    shutil.copy(blank, tmp_path / "office.db")
    database = Database(f"sqlite:///{tmp_path}/office.db")
    made: list[Office] = []

    async def open_one(**more: Any) -> Office:
        office = Office(database, emulator, **more)
        await office.deliverer.begin()
        made.append(office)
        return office

    yield open_one
    for office in made:
        await office.channel.close()
    await database.close()


@pytest_asyncio.fixture
async def senders(database: Database, emulator: Emulator) -> AsyncIterator[Senders]:
    """Senders as processes of their own; they end with the test."""
    made = Senders(Hall(database, emulator))
    yield made
    made.end()
