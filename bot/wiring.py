"""Puts the parts together: knowledge, model, matcher, database, office."""

import asyncio
import gc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from bot.outside import OutsideMind
from config import logs
from config.settings import Settings
from domain import frames
from domain.evidence import MB, Limits
from domain.worktime import HOLIDAYS, WorkTime, local
from handlers.turn import Office
from handlers.words import wanted
from knowledge.library import Library, load, read_events, read_offers
from matching.engine import Matcher
from nlu.current import Current
from nlu.lesson import lesson
from nlu.model import Model, prepare
from nlu.places import Places
from nlu.profile import Profiles
from nlu.roles import Roles, prepare_roles, role_lesson
from nlu.sectors import Sectors
from nlu.terms import Terms
from storage import catalogue, changes, needs
from storage.database import Connection, Database
from storage.migrate import migrate
from storage.seed import seed, seed_samples

Say = Callable[[str], object]


def quiet(_: str) -> None:
    """Tells nobody."""


class CatalogueMatcher(Matcher[int]):
    """The matcher kept in step with the offers and the standing needs of a database, by its change log."""

    def __init__(self, library: Library, database: Database) -> None:
        super().__init__(library)
        self._database = database
        self._turn = asyncio.Lock()
        self._seen: changes.Seen | None = None
        self._day: date | None = None

    async def refresh(self, now: datetime) -> None:
        """Takes in what was committed since the last look, whoever wrote it; everything at the first.

        It reads in a transaction of its own: one index serves many turns at once, each with its own view of the data.
        """
        async with self._turn, self._database.aside() as db:
            await self._read_news(db, now)

    async def _read_news(self, db: Connection, now: datetime) -> None:
        today = local(now).date()
        seen, fresh = await changes.news(db, self._seen or changes.Seen(0, {}))
        if self._seen is None or fresh is None:
            await self._read_all(db, now)
        else:
            for noun, noun_id in dict.fromkeys(fresh):
                if noun == "offer":
                    await self._read_offer(db, noun_id, now)
                elif noun == "need":
                    await self._read_need(db, int(noun_id))
        if self._day is not None and today > self._day:
            for offer_id in await catalogue.ended(db, self._day, today):
                self.drop(offer_id)
        self._seen, self._day = seen, today

    async def _read_all(self, db: Connection, now: datetime) -> None:
        fresh = {offer.id: offer for offer in await catalogue.offers(db, now)}
        for offer_id in set(self.offer_ids()) - fresh.keys():
            self.drop(offer_id)
        for offer in fresh.values():
            if not self.holds(offer):
                self.put(offer)
        standing = {row.need.id: row.need for row in await needs.listening(db)}
        for need_id in set(self.need_ids()) - standing.keys():
            self.drop_need(need_id)
        for need in standing.values():
            self.put_need(need.id, wanted(need.text, need.fields))

    async def _read_offer(self, db: Connection, offer_id: str, now: datetime) -> None:
        offer = await catalogue.public_offer(db, offer_id, now)
        if offer is None:
            self.drop(offer_id)
        elif not self.holds(offer):
            self.put(offer)

    async def _read_need(self, db: Connection, need_id: int) -> None:
        row = await needs.heard(db, need_id)
        if row is None:
            self.drop_need(need_id)
        else:
            self.put_need(need_id, wanted(row.need.text, row.need.fields))


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


@cache
def terms() -> Terms:
    """The shipped vocabulary."""
    library = load()
    return Terms(library.terms, library.teencode)


@cache
def profiles() -> Profiles:
    """The reader of what owners say of their enterprise."""
    library = load()
    rows = library.provinces["provinces"]
    present = {old: row["name"] for row in rows for old in (*row["merged_from"], row["name"])}
    return Profiles(Sectors(library.sectors), present)


def build_roles(folder: Path) -> Roles:
    """What a message to an open form may be, trained in a second when none fits."""
    return prepare_roles(role_lesson(load()), places(), terms(), folder)


def build_mind(folder: Path, say: Say = quiet) -> Model:
    """The model of the shipped knowledge, trained when none fits."""
    library = load()
    taught = lesson(library)
    if not (folder / f"{taught.digest}.npz").exists():
        say("building the understanding model (once, under a minute)")
    return prepare(taught, places(), terms(), folder, build_roles(folder))[0]


def open_mind(settings: Settings, say: Say = quiet) -> Current | OutsideMind:
    """The mind of a running system: the newest model of the data folder, or an outside server before it."""
    folder = settings.data_dir / "model"
    mind = Current(build_mind(folder, say), folder, places(), terms())
    mind.refresh()
    return OutsideMind(settings.understanding_url, mind) if settings.understanding_url else mind


def paid_for(settings: Settings) -> frames.Terms:
    """What news may cost by the settings."""
    return frames.Terms(
        reserve=settings.zalo_reserve,
        paid=settings.zalo_paid_news,
        template=bool(settings.zalo_news_template),
        own_template=bool(settings.zalo_own_template),
        price=settings.zalo_price,
        template_price=settings.zalo_template_price,
        template_signs=settings.zalo_template_signs,
    )


def calendar(settings: Settings) -> WorkTime:
    """The office's calendar: holidays by law with what the government announced, days on which people are at the market."""
    free, work = (
        {date.fromisoformat(day) for day in held.split()} for held in (settings.free_days, settings.work_days)
    )
    return WorkTime(holidays=(HOLIDAYS | free) - work, market=frozenset(map(int, settings.market_days.split())))


async def open_system(settings: Settings, url: str | None = None, samples: bool = True, say: Say = quiet) -> System:
    """Migrates, seeds, wires; raises Unreadable, TooNew, BadKnowledge."""
    logs.configure()
    library = load()
    database = Database(url or settings.database)
    done = await migrate(database)
    if done != "up to date":
        say(f"database: {done}")
    now = datetime.now(UTC)
    await seed(database, library, now)
    if samples and await seed_samples(database, read_offers(), read_events(), now):
        say("laid out the invented sample catalogue")
    matcher = CatalogueMatcher(library, database)
    mind = open_mind(settings, say)
    office = Office(
        mind,
        matcher,
        matcher.refresh,
        profiles(),
        places().communes,
        library.questions,
        calendar(settings),
        event_push_limit=settings.event_push_limit,
        broadcast_alone=settings.broadcast_alone,
        terms=paid_for(settings),
        file_limits=Limits(settings.image_limit_mb * MB, settings.file_limit_mb * MB),
        secret=settings.secret.get_secret_value().encode(),
        address=settings.address,
    )
    return System(database, office, library)


def keep_out_of_collection() -> None:
    """What has been built so far lives to the end: the garbage collector need not walk it again in the midst of a turn
    (a whole walk over it takes a tenth of a second, and seconds where memory is slow)."""
    gc.freeze()
