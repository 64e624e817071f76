"""After an event: materials for those who came, papers that say so, the report."""

import asyncio
from typing import Annotated

from fastapi import Form, HTTPException, Response

from console import papers, uploads
from console.doors import Doors, Here, Refused, event_deed, found_event
from console.exports import XLSX, as_file
from domain.event import EventState
from domain.officer import Permission
from domain.text import plain
from handlers import after as making
from storage import arrivals, attachments, audit, gatherings, seats

doors = Doors()
PDF = "application/pdf"


@doors.do("/su-kien/{event_id}/tep", Permission.SEND)
async def add_file(visit: Here, event_id: str) -> Response:
    """Attaches a file; those who come get it after the event."""
    async with event_deed(visit, event_id, "attach") as (db, held, after):
        after["tài liệu"] = (await uploads.attach(visit, db, "event", held.id)).name
    return visit.go(f"/su-kien/{event_id}", "attached")


@doors.do("/su-kien/{event_id}/lien-ket", Permission.SEND)
async def add_link(
    visit: Here,
    event_id: str,
    name: Annotated[str, Form(max_length=120)] = "",
    url: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Attaches a link."""
    if not name.strip() or not uploads.LINK.fullmatch(url.strip()):
        raise Refused("Liên kết cần một tên và địa chỉ bắt đầu bằng https://")
    async with event_deed(visit, event_id, "attach") as (db, held, after):
        await attachments.add(db, "event", held.id, name.strip(), visit.officer.name, visit.now, url=url.strip())
        after["liên kết"] = url.strip()
    return visit.go(f"/su-kien/{event_id}", "attached")


@doors.do("/su-kien/{event_id}/bo-tep", Permission.SEND)
async def drop(visit: Here, event_id: str, item: Annotated[int, Form()]) -> Response:
    """Takes something away that was attached."""
    async with event_deed(visit, event_id, "detach") as (db, _, _):
        if not await attachments.drop(db, "event", event_id, item):
            raise HTTPException(404)
    return visit.go(f"/su-kien/{event_id}", "detached")


@doors.do("/su-kien/{event_id}/phat", Permission.SEND)
async def hand_out(visit: Here, event_id: str) -> Response:
    """Sends the materials to those who came and have not got them yet; by itself it happens two hours after the end."""
    async with event_deed(visit, event_id, "hand_out") as (db, held, after):
        items = await attachments.of(db, "event", event_id)
        there = [row.person_id for row in await gatherings.who_came(db, event_id)]
        if held.start > visit.now or not items or not there:
            raise Refused("Phát được khi sự kiện đã bắt đầu, đã có tài liệu và có người đến.")
        told = await making.hand_out(visit.desk.office, db, held, items, there, visit.now)
        after["số tin"] = str(told)
    visit.desk.wake()
    return visit.go(f"/su-kien/{event_id}", f"handed-out:{told}")


@doors.do("/su-kien/{event_id}/giay", Permission.SEND)
async def give_papers(visit: Here, event_id: str) -> Response:
    """Makes out certificates for those who came and have none, and sends them."""
    async with visit.desk.database.read() as db:
        held = await found_event(db, event_id)
        there = [row for row in await gatherings.who_came(db, event_id) if row.name]
    if held.over_at > visit.now or held.state is EventState.CANCELLED or not there:
        raise Refused("Phát giấy được khi sự kiện đã kết thúc, đã ghi người đến và họ đã có tên.")
    given = 0
    for row in there:  # one transaction each: whoever comes to the desk meanwhile need not wait
        paper = await asyncio.to_thread(papers.certificate, held, row.name, row.id, visit.officer.name, visit.now)
        async with visit.desk.database.write() as db:
            if await attachments.of(db, "registration", str(row.id)):
                continue
            name = f"giay-xac-nhan-{row.id}.pdf"
            made = await uploads.keep(visit, db, "registration", str(row.id), name, PDF, paper)
            given += await making.give_paper(visit.desk.office, db, held, made, row.person_id, visit.now)
    async with event_deed(visit, event_id, "certify") as (_, _, after):
        after["số giấy"] = str(given)
    visit.desk.wake()
    return visit.go(f"/su-kien/{event_id}", f"certified:{given}")


@doors.see("/su-kien/{event_id}/bao-cao.pdf", Permission.LOOK)
async def report(visit: Here, event_id: str) -> Response:
    """What came of the event, as a file that names nobody."""
    async with visit.desk.database.read() as db:
        held = await found_event(db, event_id)
        found = await gatherings.report(db, event_id, held.over_at)
        figures = await seats.figures(db, event_id)
    content = await asyncio.to_thread(papers.report, held, found, figures, visit.now)
    return as_file(content, PDF, f"bao-cao-{plain(held.title).replace(' ', '-')[:50]}.pdf")


@doors.do("/su-kien/{event_id}/nguoi-du.xlsx", Permission.EXPORT)
async def guest_list(visit: Here, event_id: str) -> Response:
    """Who registered and who came, as a workbook."""
    async with visit.desk.database.write() as db:
        held = await found_event(db, event_id)
        guests = await arrivals.listed(db, event_id)
        await audit.note(db, visit.officer.name, "export", "event", event_id, visit.now, reason=f"{len(guests)} dòng")
    content = await asyncio.to_thread(papers.guest_list, held, guests, visit.now)
    return as_file(content, XLSX, f"nguoi-du-{plain(held.title).replace(' ', '-')[:50]}.xlsx")
