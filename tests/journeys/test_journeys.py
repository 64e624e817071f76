"""The scenarios on the terminal, the web, the emulated Telegram; stripped of diacritics; every message delivered twice."""

from datetime import UTC
from pathlib import Path

import pytest

from bot.chat import Talk
from bot.wiring import System
from tests.journeys.doors import Terminal, Web
from tests.journeys.office import set_table
from tests.journeys.runner import VARIANTS, Variant, play, read, start
from tests.journeys.telegram_door import Telegram

FILES = sorted(Path(__file__).parent.glob("s*.yaml"))
each_file = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


@pytest.mark.asyncio
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
@pytest.mark.parametrize("variant", VARIANTS, ids=[variant.name for variant in VARIANTS])
@each_file
async def test_terminal(file: Path, system: System, variant: Variant, twice: bool) -> None:
    scenario = read(file)
    if variant.name in scenario.get("not", ()):
        variant = VARIANTS[0]
    await set_table(system, scenario.get("given") or {}, start(scenario))
    talk = Talk(system, "mai", start(scenario).astimezone(UTC))
    await talk.begin()
    await talk.give(scenario.get("given", {}))
    await play(scenario, Terminal(talk, twice), variant)


@pytest.mark.asyncio
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
@each_file
async def test_web(file: Path, system: System, twice: bool) -> None:
    scenario = read(file)
    await set_table(system, scenario.get("given") or {}, start(scenario))
    now = start(scenario).astimezone(UTC)
    await Talk(system, "office", now).give(scenario.get("given", {}))
    door = Web(system, now, twice)
    await door.begin()
    await play(scenario, door)
    await door.client.aclose()


@pytest.mark.asyncio
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
@pytest.mark.parametrize("variant", VARIANTS, ids=[variant.name for variant in VARIANTS])
@each_file
async def test_telegram(file: Path, system: System, tmp_path: Path, variant: Variant, twice: bool) -> None:
    scenario = read(file)
    if variant.name in scenario.get("not", ()):
        variant = VARIANTS[0]
    now = start(scenario).astimezone(UTC)
    await Talk(system, "office", now).give(scenario.get("given", {}))
    async with Telegram(system, now, tmp_path, twice).open() as door:
        await play(scenario, door, variant)
