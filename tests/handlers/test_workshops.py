"""Like needs suggest a workshop: counted, drafted, nothing published or sent."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.wiring import System
from domain.person import Purpose
from handlers import workshops
from knowledge.library import read_offers
from storage import catalogue, needs, people
from storage.seed import offer_from
from storage.tables import broadcast, event, outbox

NOW = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # 07:30 in Việt Nam
GOODS = ("hoa hồi",) * 7 + ("măng",) * 3 + ("na",) * 2


async def like_needs(system: System) -> None:
    """Twelve needs for drying from five communes within sixty days; three of them already have an offer."""
    async with system.database.write() as db:
        for number, product in enumerate(GOODS):
            who = await people.arrive(db, "terminal", "", f"p{number}", NOW)
            if number != 11:
                await people.give_consent(db, who.person_id, Purpose.NEWS, "tin", NOW)
            fields = {
                "product": {"value": [product], "words": product},
                "wish": {"value": ["sấy lạnh" if number % 2 else "sấy"], "words": "sấy"},
                "place": {"value": {"province": "Lạng Sơn", "unit": f"xã Mẫu {number % 5}"}, "words": ""},
            }
            at = NOW - timedelta(days=number * 4)
            made = await needs.submit(db, who.person_id, f"sấy {product}", "", fields, "terminal", at, at)
            if number < 3:
                await catalogue.write_offer(db, offer_from(read_offers()[0]), "nhipcau")
                await needs.keep_match(db, made.id, "O001", 0.9, True, [], [], NOW, False)
        for row in read_offers():
            await catalogue.write_offer(db, offer_from(row), "nhipcau")


@pytest.mark.asyncio
async def test_twelve_needs_make_drafts_only(system: System) -> None:
    await like_needs(system)
    async with system.database.write() as db:
        (cluster,) = await workshops.clusters(db, NOW)
        assert cluster.words == "12 nhu cầu sấy (hoa hồi 7, măng 3, na 2), chưa có nguồn cho 9"
        assert (len(cluster.places), cluster.refuse_news) == (5, 1)
        made = await workshops.draft(db, cluster, NOW)
        assert await workshops.draft(db, cluster, NOW) is not None
        assert len(made["needs"]) == 12
        assert len(made["institutes"]) == 3
        assert all(institute["why"].startswith("có ") for institute in made["institutes"])
        assert made["audience"] == 11, "who refuses news is counted, not invited"
        assert (await db.execute(select(event.c.state))).scalars().all() == ["submitted"]
        assert (await db.execute(select(broadcast.c.state))).scalars().all() == ["draft"]
        assert (await db.execute(select(func.count()).select_from(outbox))).scalar_one() == 0


@pytest.mark.asyncio
async def test_old_needs_and_few_needs_make_none(system: System) -> None:
    await like_needs(system)
    async with system.database.read() as db:
        assert await workshops.clusters(db, NOW + timedelta(days=90)) == []
