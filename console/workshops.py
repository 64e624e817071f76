"""Like needs that suggest a workshop: who asks for what, who could help, drafts at one tap."""

from typing import Annotated, Any

from fastapi import Form, HTTPException, Response

from console.doors import Doors, Here, Refused
from domain.officer import Permission
from domain.text import plain
from handlers import workshops
from handlers.words import wanted
from handlers.workshops import Cluster
from storage import audit
from storage.database import Connection

doors = Doors()


async def _cluster(db: Connection, visit: Here, name: str) -> Cluster | None:
    called = plain(workshops.widest(name))
    return next((one for one in await workshops.clusters(db, visit.now) if plain(one.name) == called), None)


@doors.see("/cung-can", Permission.LOOK)
async def show(visit: Here, viec: str = "") -> Response:
    """One cluster with its needs and the institutes that could come."""
    async with visit.desk.database.read() as db:
        found = await _cluster(db, visit, viec[:100])
        if found is None:
            raise HTTPException(404)
        institutes = await workshops.candidates(db, found, visit.now)
    rows = [(row, wanted(row.text, row.fields)) for row in found.needs]
    values: dict[str, Any] = {"found": found, "rows": rows, "institutes": institutes}
    return visit.page("workshop.html", **values)


@doors.do("/cung-can", Permission.SEND)
async def draft(visit: Here, viec: Annotated[str, Form(max_length=100)] = "") -> Response:
    """A draft event with a draft invitation; nothing is published, nothing sent."""
    async with visit.desk.database.write() as db:
        found = await _cluster(db, visit, viec)
        if found is None:
            raise Refused("Cụm nhu cầu này không còn nữa.")
        made = await workshops.draft(db, found, visit.now)
        why = "từ các nhu cầu giống nhau"
        await audit.note(db, visit.officer.name, "draft", "event", made["event"], visit.now, why)
    return visit.go(f"/su-kien/{made['event']}", "workshop-drafted")
