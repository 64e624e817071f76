"""The scenarios on the terminal, the web, the emulated Telegram and Zalo; stripped of diacritics; every message delivered twice."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.chat import Talk
from bot.wiring import System
from tests.journeys.conftest import SPENT
from tests.journeys.doors import Terminal, Web
from tests.journeys.office import set_table
from tests.journeys.runner import VARIANTS, Variant, play, read, start
from tests.journeys.telegram_door import Telegram
from tests.journeys.zalo_door import Zalo

FILES = sorted(Path(__file__).parent.glob("s*.yaml"))
BURSTS = [file for file in FILES if any("burst" in step for step in read(file)["steps"])]
ANYWHERE = [file for file in FILES if "only" not in read(file)]  # the others need a platform that can be left
each_file = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
each_anywhere = pytest.mark.parametrize("file", ANYWHERE, ids=[file.stem for file in ANYWHERE])
bursts = pytest.mark.parametrize("file", BURSTS, ids=[file.stem for file in BURSTS])
WAYS = [
    pytest.param(VARIANTS[0], False, id="plain-once"),
    pytest.param(VARIANTS[1], True, id="stripped-twice"),
    pytest.param(VARIANTS[0], True, id="plain-twice", marks=pytest.mark.long),
    pytest.param(VARIANTS[1], False, id="stripped-once", marks=pytest.mark.long),
]
each_way = pytest.mark.parametrize(("variant", "twice"), WAYS)
mostly_plain = pytest.mark.parametrize(
    ("variant", "twice"), [WAYS[0], *(pytest.param(*way.values, id=way.id, marks=pytest.mark.long) for way in WAYS[1:])]
)


async def laid(file: Path, system: System) -> tuple[dict[str, Any], datetime]:
    """The scenario with its first instant, its table set."""
    scenario = read(file)
    await set_table(system, scenario.get("given") or {}, start(scenario))
    now = start(scenario).astimezone(UTC)
    await Talk(system, "office", now).give(scenario.get("given", {}))
    return scenario, now


def fitting(scenario: dict[str, Any], variant: Variant) -> Variant:
    """The variant, unless the scenario excludes it."""
    return VARIANTS[0] if variant.name in scenario.get("not", ()) else variant


async def on_terminal(file: Path, system: System, variant: Variant, twice: bool, shuffled: bool = False) -> None:
    scenario, now = await laid(file, system)
    talk = Talk(system, "mai", now)
    await talk.begin()
    await play(scenario, Terminal(talk, twice, shuffled), fitting(scenario, variant))


async def on_telegram(
    file: Path, system: System, folder: Path, variant: Variant, twice: bool, shuffled: bool = False
) -> None:
    scenario, now = await laid(file, system)
    async with Telegram(system, now, folder, twice, shuffled).open() as door:
        await play(scenario, door, fitting(scenario, variant))


@pytest.mark.asyncio
@each_way
@each_anywhere
async def test_terminal(file: Path, system: System, variant: Variant, twice: bool) -> None:
    await on_terminal(file, system, variant, twice)


@pytest.mark.asyncio
@each_way
@each_file
async def test_telegram(file: Path, system: System, tmp_path: Path, variant: Variant, twice: bool) -> None:
    await on_telegram(file, system, tmp_path, variant, twice)


async def on_zalo(
    file: Path, system: System, folder: Path, variant: Variant, twice: bool, shuffled: bool = False
) -> int:
    """Plays it; how many messages of ours it took."""
    scenario, now = await laid(file, system)
    async with Zalo(system, now, folder, twice, shuffled).open() as door:
        await play(scenario, door, fitting(scenario, variant))
        return door.told


@pytest.mark.asyncio
@mostly_plain
@each_file
async def test_zalo(
    file: Path,
    system: System,
    tmp_path: Path,
    variant: Variant,
    twice: bool,
    record_property: Callable[[str, object], None],
) -> None:
    record_property(SPENT, (file.stem, await on_zalo(file, system, tmp_path, variant, twice)))


@pytest.mark.asyncio
@mostly_plain
@each_anywhere
async def test_web(file: Path, system: System, variant: Variant, twice: bool) -> None:
    scenario, now = await laid(file, system)
    door = Web(system, now, twice)
    await door.begin()
    await play(scenario, door, fitting(scenario, variant))
    await door.client.aclose()


@pytest.mark.asyncio
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
@bursts
async def test_bursts_in_disorder(file: Path, system: System, tmp_path: Path, twice: bool) -> None:
    """The platform brings what was written within seconds in another order than it was written."""
    await on_telegram(file, system, tmp_path, VARIANTS[twice], twice, shuffled=True)


@pytest.mark.asyncio
@bursts
async def test_bursts_in_disorder_on_zalo(file: Path, system: System, tmp_path: Path) -> None:
    """The same, without diacritics, every event twice."""
    await on_zalo(file, system, tmp_path, VARIANTS[1], True, shuffled=True)


@pytest.mark.asyncio
@bursts
async def test_bursts_in_disorder_on_the_terminal(file: Path, system: System) -> None:
    await on_terminal(file, system, VARIANTS[0], False, shuffled=True)
