"""Fills in a need for somebody without a smartphone; the slip that is handed over."""

import secrets
from typing import Annotated, Any

from fastapi import Form, HTTPException, Response

from console.doors import Doors, Here, Visit
from domain.need import Field
from domain.officer import Permission
from handlers import behalf
from handlers.behalf import Consent
from storage import board, people, profiles
from storage.database import Connection

doors = Doors()


@doors.see("/nhu-cau/moi", Permission.NEEDS)
async def show(visit: Here, cho: int | None = None, tim: str = "") -> Response:
    """The form; `cho` is the person it is for, when known."""
    return await _page(visit, cho=cho, tim=tim)


async def _page(visit: Visit, status: int = 200, cho: int | None = None, tim: str = "", **values: Any) -> Response:
    async with visit.desk.database.read() as db:
        owner = await profiles.glance(db, cho) if cho else None
        found = await profiles.listed(db, tim, limit=6) if tim.strip() else []
    shown: dict[str, Any] = {"told": {}, "wrong": {}, "own": "", "confirmer": "", "once": secrets.token_urlsafe(12)}
    if owner is not None and not values.get("told"):
        shown["told"] = {"contact": ", ".join(part for part in (owner.name, owner.phone) if part)}
    return visit.page("behalf.html", status, owner=owner, found=found, tim=tim, **{**shown, **values})


@doors.do("/nhu-cau/moi", Permission.NEEDS)
async def fill_in(
    visit: Here,
    own: Annotated[str, Form(max_length=2000)] = "",
    cho: Annotated[str, Form(max_length=12)] = "",
    confirmer: Annotated[str, Form(max_length=40)] = "",
    consent: Annotated[str, Form()] = "",
) -> Response:
    """Reads the nine fields as the chat would; keeps the need when all is well."""
    form = await visit.request.form()
    told = {field.value: str(form.get(field.value, ""))[:1000] for field in Field}
    made = behalf.read(visit.desk.office, told, visit.now)
    if consent != "yes":
        made.wrong["consent"] = "Phải đọc cho người đó nghe và được đồng ý thì mới lưu phiếu."
    async with visit.desk.database.read() as db:
        tapper = await _confirmer(db, confirmer)
    if confirmer.strip() and tapper is None:
        made.wrong["confirmer"] = "Không thấy chat nào của số này. Người đó cần nhắn trợ lý ít nhất một lần."
    if made.wrong:
        values: dict[str, Any] = {"told": told, "wrong": made.wrong, "own": own, "confirmer": confirmer}
        return await _page(visit, 422, cho=int(cho) if cho.isdigit() else None, **values)
    async with visit.desk.database.write() as db:
        owner = int(cho) if cho.isdigit() else await profiles.make(db, visit.now)
        need, _ = await behalf.record(
            visit.desk.office, db, visit.officer, owner, made.answers, own,
            Consent(visit.officer.name, visit.now), tapper, visit.now,
        )  # fmt: skip
    visit.desk.wake()
    return visit.go(f"/nhu-cau/{need.code}/giay-hen", f"filled-in:{need.code}")


async def _confirmer(db: Connection, said: str) -> int | None:
    """Whose chat shall confirm: a phone number or a person's number in the console."""
    digits = "".join(char for char in said if char.isdigit())
    if not digits:
        return None
    return await profiles.with_chat(db, digits)


@doors.see("/nhu-cau/{code}/giay-hen", Permission.NEEDS)
async def show_slip(visit: Here, code: str) -> Response:
    """The slip to print: a code that shows the state and nothing else."""
    async with visit.desk.database.read() as db:
        sheet = await board.sheet(db, code)
        if sheet is None or sheet.slip is None:
            raise HTTPException(404)
        who = await people.find(db, sheet.need.person_id)
    return visit.page("slip.html", sheet=sheet, who=who, where=f"{visit.desk.office.address.partition('://')[2]}/phieu")
