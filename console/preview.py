"""The assistant on another day: an officer asks, sees what would be said then, nothing is kept."""

from datetime import date

from fastapi import Response

from console.doors import Doors, Here
from conversation.talk import Talk
from domain.officer import Permission
from domain.worktime import local
from handlers import rehearsal
from storage import editions

doors = Doors()


@doors.see("/xem-bot", Permission.LOOK)
async def show(visit: Here, ngay: str = "", cau: str = "") -> Response:
    """What is said to `cau` on the day `ngay`."""
    today = local(visit.now).date()
    try:
        day = date.fromisoformat(ngay) if ngay else today
    except ValueError:
        day = today
    asked = cau.strip()[:500]
    reply = None
    if asked:
        reply = await rehearsal.rehearse(visit.desk.office, visit.desk.database, asked, day, Talk(met=True))
    async with visit.desk.database.read() as db:
        gaps = await editions.expiring(db, today)
    return visit.page("preview.html", day=day, asked=asked, reply=reply, gaps=gaps, today=today)
