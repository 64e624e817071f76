"""The review queue: what is unsure, what nobody has verified for long, what runs out."""

from typing import Annotated, Any

from fastapi import Form, Response

from console.doors import Doors, Here, Refused
from domain.officer import Permission
from domain.worktime import local
from storage import audit, editions, knowledge, reviews

doors = Doors()
SHOWN = 20
NEAR = "gan-giong"  # the tab of answers that lie near one another


@doors.see("/ra-soat", Permission.REVIEW)
async def show(visit: Here, muc: str = "", sau: int = 0) -> Response:
    """What an officer should look at."""
    today = local(visit.now).date()
    async with visit.desk.database.read() as db:
        noun = reviews.ALIKE if muc == NEAR else muc
        rows = await reviews.open_reviews(db, noun, sau)
        named = [id_ for row in rows if row.noun == "answer" for id_ in (row.noun_id, row.other) if id_]
        held, counts = await knowledge.versions(db), await reviews.count(db)
        values: dict[str, Any] = {
            "rows": rows,
            "counts": counts,
            "near": counts.pop(reviews.ALIKE),
            "expiring": await editions.expiring(db, today, held=held),
            "unverified": (await editions.unverified(db, today, held))[:SHOWN],
            "questions": {id_: held[id_][-1].question for id_ in named if id_ in held},
        }
    older = rows[-1].id if len(rows) == 40 else None
    return visit.page("review.html", **values, noun=muc, older=older, today=today)


@doors.do("/ra-soat/{review_id}/xong", Permission.REVIEW)
async def finish(visit: Here, review_id: int, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Ends one after somebody has looked at it."""
    if not reason.strip():
        raise Refused("Ghi một câu: đã đối chiếu với đâu.")
    async with visit.desk.database.write() as db:
        done = await reviews.finish(db, review_id, visit.now)
        if done is not None:
            words = (visit.officer.name, "clear_review", done.noun, done.noun_id)
            await audit.note(db, *words, visit.now, reason)
    return visit.go("/ra-soat", "reviewed" if done else "")
