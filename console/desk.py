"""What all pages of the console share: database, office, clock, words, templates."""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console import words
from console.live import Bell
from handlers.turn import Office
from nlu.understanding import Context, Understanding
from storage.database import Connection, Database

HERE = Path(__file__).parent
ROOT = "/can-bo"
MOST_READ = 2000  # messages whose reading is kept in memory


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


@dataclass(frozen=True)
class Exhibit:
    """A photo, recording or file that belongs to a need; `address` is where the console serves it."""

    kind: str
    words: str
    address: str


Evidence = Callable[[Connection, int], Awaitable[list[Exhibit]]]


async def no_evidence(db: Connection, need_id: int) -> list[Exhibit]:
    """Where nothing but words is kept."""
    return []


@dataclass
class Desk:
    """One console; `wake` lets the outbox be looked at, `health` tells of the channels, `now` is business time."""

    database: Database
    office: Office
    secret: str
    now: Callable[[], datetime] = utc_now
    wake: Callable[[], object] = lambda: None
    health: Callable[[], dict[str, Any]] = dict
    evidence: Evidence = no_evidence
    templates: Environment = field(default_factory=_environment)
    bell: Bell = field(init=False)

    def __post_init__(self) -> None:
        self.bell = Bell(self.database)
        self._read: OrderedDict[int, Understanding] = OrderedDict()

    def read_message(self, message_id: int, text: str, programme: str | None, at: datetime) -> Understanding:
        """What a stored message states; read once, since a message does not change."""
        held = self._read.get(message_id)
        if held is None:
            held = self.office.mind.understand(text[:1000], Context(programme=programme), at)
            self._read[message_id] = held
            if len(self._read) > MOST_READ:
                self._read.popitem(last=False)
        return held
