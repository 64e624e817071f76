"""Opens the console inside the running system; prints the one link that makes the first account."""

from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp

from config.settings import Settings
from console import handouts, slips
from console.app import build
from console.desk import ROOT, Desk
from handlers.turn import Office
from storage import officers, once
from storage.database import Database
from storage.files import FileStore
from storage.once import OncePurpose


async def open_console(
    database: Database,
    office: Office,
    settings: Settings,
    wake: Callable[[], object],
    health: Callable[[], dict[str, Any]],
    say: Callable[[str], object],
) -> dict[str, ASGIApp]:
    """The applications by the path they are mounted under."""
    files = FileStore(settings.data_dir / "files")
    desk = Desk(database, office, settings.secret.get_secret_value(), wake=wake, health=health, files=files)
    async with database.write() as db:
        link = None if await officers.anybody(db) else await once.make(db, OncePurpose.FIRST, None, desk.now())
    if link is not None:
        address = f"http://{settings.host}:{settings.port}{ROOT}/mo/{link}"
        say(f"no officer has an account yet; make the first one within 24 hours: {address}")
    return {ROOT: build(desk), "/phieu": slips.build(desk), "/tep": handouts.build(desk)}
