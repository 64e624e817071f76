"""For people: the picture of their badge, the entry for their calendar, a file of ours, each under an address that only
we can have made."""

import asyncio
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Response
from starlette.types import ASGIApp

from console.desk import Desk
from console.guard import Guard
from domain import signed
from domain.event import EventState
from handlers import badge, calendar, events
from storage import attachments, seats

KEPT = {"Cache-Control": "private, max-age=3600"}


def build(desk: Desk) -> ASGIApp:
    """The application to be mounted under /tep."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    def ours(said: str, mark: str) -> None:
        if not signed.holds(desk.office.secret, said, mark):
            raise HTTPException(404)

    async def place(number: int) -> seats.Place:
        async with desk.database.read() as db:
            found = await seats.by_number(db, number)
        if found is None or found.event.state is not EventState.PUBLISHED:
            raise HTTPException(404)
        return found

    @app.get("/ve/{number}/{mark}.png")
    async def show_badge(number: int, mark: str) -> Response:
        ours(f"ve/{number}", mark)
        held = await place(number)
        text = str(badge.badge(desk.office.secret, held.event.id, number))
        return Response(await asyncio.to_thread(badge.drawn, text), media_type="image/png", headers=KEPT)

    @app.get("/lich/{number}/{mark}.ics")
    async def show_entry(number: int, mark: str) -> Response:
        ours(f"lich/{number}", mark)
        entry = calendar.entry(events.calendar_entry((await place(number)).event))
        named = {"Content-Disposition": f'attachment; filename="{calendar.NAME}"'}
        return Response(entry, media_type=calendar.MIME, headers=named)

    @app.get("/tep/{item_id}/{mark}")
    async def show_file(item_id: int, mark: str) -> Response:
        ours(f"tep/{item_id}", mark)
        async with desk.database.read() as db:
            held = await attachments.find(db, item_id)
        if held is None or not held.sha256 or desk.files is None:
            raise HTTPException(404)
        try:
            content = await asyncio.to_thread(desk.files.path(held.sha256).read_bytes)
        except FileNotFoundError as error:
            raise HTTPException(404) from error
        how = "inline" if held.picture else "attachment"
        named = {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(held.name)}"}
        return Response(content, media_type=held.mime, headers={**KEPT, **named})

    app.add_middleware(Guard)
    return app
