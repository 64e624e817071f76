"""Migrations, seeding, upgrades, other writers' limits; on both kinds of database."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import MetaData, func, select, text, update

from bot.wiring import System
from knowledge.files import BadKnowledge, read_one
from knowledge.library import ShippedAnswer, ShippedOffer, load, read_offers
from storage.database import Database, Unreadable
from storage.migrate import TooNew, downgrade, migrate
from storage.reviews import ALIKE
from storage.seed import seed, seed_samples
from storage.tables import answer_version, metadata, offer, review, shipment

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.mark.asyncio
async def test_up_down_up(url: str) -> None:
    database = Database(url)
    assert (await migrate(database)).startswith("made new tables")
    assert await migrate(database) == "up to date"
    await downgrade(database, "base")
    assert await migrate(database) != "up to date"
    assert await migrate(database) == "up to date"
    await database.close()


@pytest.mark.asyncio
async def test_tables_are_those_of_the_code(system: System) -> None:
    held = MetaData()
    async with system.database.read() as db:
        await db.run_sync(held.reflect)
    for name, table in metadata.tables.items():
        assert name in held.tables
        assert set(held.tables[name].columns.keys()) == set(table.columns.keys()), name


@pytest.mark.asyncio
async def test_newer_database_is_refused(url: str) -> None:
    database = Database(url)
    await migrate(database)
    async with database.write() as db:
        await db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(TooNew, match="newer"):
        await migrate(database)
    await database.close()


def test_other_databases_are_refused() -> None:
    with pytest.raises(Unreadable):
        Database("mysql://localhost/x")


@pytest.mark.asyncio
async def test_seed_once_and_low_confidence_waits_for_review(system: System) -> None:
    library = load()
    assert not await seed(system.database, library, NOW)
    async with system.database.read() as db:
        versions = (await db.execute(select(func.count()).select_from(answer_version))).scalar_one()
        near = review.c.why.startswith(ALIKE, autoescape=True)  # answers that lie near one another wait too
        asked = select(review.c.noun_id).where(review.c.noun == "answer", ~near)
        waiting = set((await db.execute(asked)).scalars())
        approver = set((await db.execute(select(answer_version.c.approved_by))).scalars())
    assert versions == len(library.answers)
    assert waiting == {answer.id for answer in library.answers if answer.confidence != "high"}
    assert approver == {"khởi tạo 23/11/2026"}


@pytest.mark.asyncio
async def test_upgrade_never_overwrites_an_officer(system: System) -> None:
    library = load()
    first = library.answers[0]
    async with system.database.write() as db:
        mine = update(answer_version).where(answer_version.c.answer_id == first.id)
        await db.execute(mine.values(short="Lời của cán bộ."))
        await db.execute(update(shipment).values(digest="older"))
    changed = first.model_copy(update={"short": "Lời mới của bản phát hành."})
    newer = type(library)(**{**library.__dict__, "answers": (changed, *library.answers[1:])})
    assert await seed(system.database, newer, NOW)
    async with system.database.read() as db:
        rows = (
            await db.execute(
                select(answer_version).where(answer_version.c.answer_id == first.id).order_by(answer_version.c.number)
            )
        ).all()
    assert [(row.state, row.short) for row in rows] == [
        ("approved", "Lời của cán bộ."),
        ("draft", "Lời mới của bản phát hành."),
    ]


@pytest.mark.asyncio
async def test_samples_once(system: System) -> None:
    offers = read_offers()
    assert len(offers) == 120
    assert await seed_samples(system.database, offers, [], NOW)
    assert not await seed_samples(system.database, offers, [], NOW)
    async with system.database.read() as db:
        assert (await db.execute(select(func.count()).select_from(offer))).scalar_one() == 120


def test_bad_knowledge_names_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "faq-999.yaml"
    file.write_text("id: faq-999\nkind: answer\ntopic: x\nquestion: ngắn\n", encoding="utf-8")
    with pytest.raises(BadKnowledge, match=r"faq-999\.yaml:4: question"):
        read_one(ShippedAnswer, file)
    file.write_text("id: [\n", encoding="utf-8")
    with pytest.raises(BadKnowledge, match=r"faq-999\.yaml"):
        read_one(ShippedOffer, file)


def test_shipped_knowledge_is_whole() -> None:
    library = load()
    assert len(library.programmes) == 88
    assert len(library.bodies) == 20
    assert len(library.places["units"]) == 65
    assert len(library.provinces["provinces"]) == 34
    assert all(answer.verified_on == date(2026, 11, 23) for answer in library.answers)
