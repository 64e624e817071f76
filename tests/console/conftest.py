"""The console over a real system on each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.wiring import System, open_system
from config.settings import Settings
from tests.console.office import House
from tests.templates import Templates


@pytest_asyncio.fixture
async def house(system: System, tmp_path: Path) -> AsyncIterator[House]:
    """On SQLite and on PostgreSQL."""
    yield House(system, tmp_path)


@pytest_asyncio.fixture
async def light(tmp_path: Path, templates: Templates) -> AsyncIterator[House]:
    """On SQLite only, for what does not depend on the kind of database."""
    system = await open_system(Settings(), templates.sqlite(tmp_path / "test.db"), samples=False)
    yield House(system, tmp_path)
    await system.database.close()
