"""Which databases the scenarios are played on: SQLite always, PostgreSQL two of them always and all in the long run; what
they took on Zalo is printed at the end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.wiring import System, open_system
from config.settings import Settings
from tests.templates import Templates

ALWAYS = ("s01", "s04")
SPENT = "messages on Zalo"  # the property of a test: the scenario, how many


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many messages of ours each scenario took on Zalo, the most of its variants; also from other workers."""
    most: dict[str, int] = {}
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == SPENT:
                scenario, count = value
                most[scenario] = max(most.get(scenario, 0), int(count))
    if most:
        terminalreporter.write_sep("-", SPENT)
        told = [f"{scenario.partition('_')[0].upper()} {count}" for scenario, count in sorted(most.items())]
        terminalreporter.write_line(", ".join(told))
