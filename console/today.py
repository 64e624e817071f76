"""The first page: what waits, what is overdue, how the channels are, what comes tomorrow."""

from datetime import timedelta
from typing import Any

from fastapi import Response

from console.doors import Doors, Here
from domain.offer import OfferState
from domain.officer import Permission
from handlers import brief
from handlers import frames as reaching
from handlers import outages as telling
from storage import audit, board, frames, offered, talks

doors = Doors()
SHOWN = 6


@doors.see("/", Permission.LOOK)
async def show(visit: Here) -> Response:
    """What waits for this officer today."""
    async with visit.desk.database.read() as db:
        health = visit.desk.health()
        day = await brief.gather(db, visit.officer, visit.now, health)
        waiting = await talks.waiting(db, limit=SHOWN)
        fresh = await board.listed(db, board.Filter(state="submitted", oldest_first=True), limit=SHOWN)
        offers = await offered.listed(db, OfferState.SUBMITTED.value, limit=SHOWN)
        away = [(held, await telling.scope(db, held)) for held in day.away]
        reached = await frames.reach(db, visit.now, visit.desk.office.terms)
        restart = await audit.latest(db, "system", "restart", visit.now - timedelta(days=1))
    values: dict[str, Any] = {
        "day": day, "waiting": waiting, "fresh": fresh, "health": health, "restart": restart,
        "away": away, "offers": offers, "reached": reaching.today(reached),
    }  # fmt: skip
    return visit.page("today_lists.html" if visit.partial else "today.html", **values)
