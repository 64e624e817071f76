"""The console over a real system on each kind of database."""

from collections.abc import AsyncIterator, Callable

import pytest_asyncio

from bot.wiring import System, open_system
from config.settings import Settings
from tests.console.office import House


@pytest_asyncio.fixture
async def house(system: System) -> AsyncIterator[House]:
    """On SQLite and on PostgreSQL."""
    yield House(system)


@pytest_asyncio.fixture
async def light(laid: Callable[[str], str]) -> AsyncIterator[House]:
    """On SQLite only, for what does not depend on the kind of database."""
    system = await open_system(Settings(), laid("sqlite"), samples=False)
    yield House(system)
    await system.database.close()
