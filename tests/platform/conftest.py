"""The emulator with each of the two client libraries."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.platform.clients import MAKERS, Client
from tests.platform.running import Emulator


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """A fresh emulated Telegram whose clock runs fast."""
    made = Emulator(tmp_path / "ledger.jsonl", speed=5.0)
    yield made
    made.close()


@pytest_asyncio.fixture(params=list(MAKERS))
async def client(request: pytest.FixtureRequest, emulator: Emulator) -> AsyncIterator[Client]:
    """Each library in turn."""
    made = MAKERS[request.param](emulator.base, emulator.token)
    if request.param == "ptb":
        await made.bot.initialize()
    yield made
    await made.close()
