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
each_way = pytest.mark.parametrize(
    ("variant", "twice"),
    [
        pytest.param(VARIANTS[0], False, id="plain-once"),
        pytest.param(VARIANTS[1], True, id="stripped-twice"),
        pytest.param(VARIANTS[0], True, id="plain-twice", marks=pytest.mark.long),
        pytest.param(VARIANTS[1], False, id="stripped-once", marks=pytest.mark.long),
    ],
)


@pytest.mark.asyncio
@each_way
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
@pytest.mark.parametrize("twice", [False, pytest.param(True, marks=pytest.mark.long)], ids=["once", "twice"])
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
@each_way
@each_file
async def test_telegram(file: Path, system: System, tmp_path: Path, variant: Variant, twice: bool) -> None:
    scenario = read(file)
    if variant.name in scenario.get("not", ()):
        variant = VARIANTS[0]
    await set_table(system, scenario.get("given") or {}, start(scenario))
    now = start(scenario).astimezone(UTC)
    await Talk(system, "office", now).give(scenario.get("given", {}))
    async with Telegram(system, now, tmp_path, twice).open() as door:
        await play(scenario, door, variant)
