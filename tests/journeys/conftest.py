"""Which databases the scenarios are played on: SQLite always, PostgreSQL two of them always and all in the long run."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.wiring import System, open_system
from config.settings import Settings
from tests.templates import Templates

ALWAYS = ("s01", "s04")


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres])])
async def system(request: pytest.FixtureRequest, tmp_path: Path, templates: Templates) -> AsyncIterator[System]:
    """A seeded system, without samples."""
    url = templates.sqlite(tmp_path / "test.db") if request.param == "sqlite" else templates.postgresql()
    made = await open_system(Settings(), url, samples=False)
    yield made
    await made.database.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Most scenarios on PostgreSQL belong to the long run."""
    for item in items:
        if "journeys" not in item.nodeid or "postgresql" not in item.nodeid:
            continue
        short = any(f"-{name}" in item.nodeid or f"[{name}" in item.nodeid for name in ALWAYS)
        if not (short and "plain-once" in item.nodeid and "test_terminal" in item.nodeid):
            item.add_marker(pytest.mark.long)
