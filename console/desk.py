"""What all pages of the console share: database, office, clock, words, templates."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console import words
from console.live import Bell
from handlers.turn import Office
from storage.database import Database
from storage.files import FileStore

HERE = Path(__file__).parent
ROOT = "/can-bo"


def utc_now() -> datetime:
    """The instant by the machine's clock."""
    return datetime.now(UTC)


@cache
def static(name: str) -> str:
    """The address of a static file with a mark of its content, so that it may be kept for ever."""
    mark = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:10]
    return f"{ROOT}/static/{name}?{mark}"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(words.FILTERS)
    made.globals.update(words.NAMES)
    made.globals.update(static=static, root=ROOT)
    return made


@dataclass
class Desk:
    """One console; `wake` lets the outbox be looked at, `health` tells of the channels, `now` is business time."""

    database: Database
    office: Office
    secret: str
    now: Callable[[], datetime] = utc_now
    wake: Callable[[], object] = lambda: None
    health: Callable[[], dict[str, Any]] = dict
    files: FileStore | None = None
    templates: Environment = field(default_factory=_environment)
    bell: Bell = field(init=False)

    def __post_init__(self) -> None:
        self.bell = Bell(self.database)
