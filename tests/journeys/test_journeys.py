"""The scenarios on the terminal and on the web, with diacritics stripped, with every message delivered twice."""

from datetime import UTC
from pathlib import Path

import pytest

from bot.chat import Talk
from bot.wiring import System
from tests.journeys.doors import Terminal, Web
from tests.journeys.runner import VARIANTS, Variant, play, read, start

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
    talk = Talk(system, "mai", start(scenario).astimezone(UTC))
    await talk.begin()
    await play(scenario, Terminal(talk, twice), variant)


@pytest.mark.asyncio
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
@each_file
async def test_web(file: Path, system: System, twice: bool) -> None:
    scenario = read(file)
    door = Web(system, start(scenario).astimezone(UTC), twice)
    await door.begin()
    await play(scenario, door)
    await door.client.aclose()
