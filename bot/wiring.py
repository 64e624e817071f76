"""Puts the parts together: knowledge, model, matcher, database, office."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from config.settings import Settings
from domain.evidence import MB, Limits
from domain.offer import Offer
from handlers.turn import Office
from knowledge.library import Library, load, read_events, read_offers
from matching.engine import Matcher
from nlu.model import Model, lesson, prepare
from nlu.places import Places
from nlu.terms import Terms
from storage import catalogue
from storage.database import Connection, Database
from storage.migrate import migrate
from storage.seed import seed, seed_samples

Say = Callable[[str], object]


def quiet(_: str) -> None:
    """Tells nobody."""


class CatalogueMatcher(Matcher):
    """The matcher kept in step with the offers of a database."""

    def __init__(self, library: Library) -> None:
        super().__init__(library.terms)
        self._stamp: tuple[int, int] | None = None
        self._held: dict[str, Offer] = {}

    async def refresh(self, db: Connection, now: datetime) -> None:
        """Takes in what has changed since the last look."""
        stamp = await catalogue.stamp(db)
        if stamp == self._stamp:
            return
        fresh = {offer.id: offer for offer in await catalogue.offers(db, now)}
        for offer_id in self._held.keys() - fresh.keys():
            self.drop(offer_id)
        for offer_id, offer in fresh.items():
            if self._held.get(offer_id) != offer:
                self.put(offer)
        self._held, self._stamp = fresh, stamp


@dataclass(frozen=True)
class System:
    """One wired process."""

    database: Database
    office: Office
    library: Library


@cache
def places() -> Places:
    """The shipped places."""
    library = load()
    return Places(library.places, library.provinces)


def build_mind(folder: Path, say: Say = quiet) -> Model:
    """The model of the shipped knowledge, trained when none fits."""
    library = load()
    taught = lesson(library)
    if not (folder / f"{taught.digest}.npz").exists():
        say("building the understanding model (once, under a minute)")
    return prepare(taught, places(), Terms(library.terms, library.teencode), folder)[0]


async def open_system(settings: Settings, url: str | None = None, samples: bool = True, say: Say = quiet) -> System:
    """Migrates, seeds, wires; raises Unreadable, TooNew, BadKnowledge."""
    library = load()
    database = Database(url or settings.database)
    done = await migrate(database)
    if done != "up to date":
        say(f"database: {done}")
    now = datetime.now(UTC)
    await seed(database, library, now)
    if samples and await seed_samples(database, read_offers(), read_events(), now):
        say("laid out the invented sample catalogue")
    matcher = CatalogueMatcher(library)
    mind = build_mind(settings.data_dir / "model", say)
    office = Office(
        mind,
        matcher,
        matcher.refresh,
        event_push_limit=settings.event_push_limit,
        file_limits=Limits(settings.image_limit_mb * MB, settings.file_limit_mb * MB),
        secret=settings.secret.get_secret_value().encode(),
    )
    return System(database, office, library)
