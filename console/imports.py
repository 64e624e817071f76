"""Tables of offers from others: looked at row by row first, brought in whole or not at all."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from fastapi import Response
from starlette.datastructures import UploadFile

from console import uploads
from console.doors import Doors, Here, Refused, Visit
from domain.evidence import EvidenceKind
from domain.inspection import Refused as NotKept
from domain.inspection import cleaned
from domain.officer import Permission
from knowledge.files import BadKnowledge
from knowledge.sheets import COLUMNS, Preview, preview
from storage import attachments, audit, catalogue
from storage.attachments import Attachment
from storage.database import Connection
from storage.seed import offer_from

doors = Doors()
NOUN = "offer_table"  # what a table that is looked at hangs on, one for each officer
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {".xlsx": XLSX, ".csv": "text/csv"}
MOST_BYTES = 5 * uploads.MB
SHOWN_ROWS, SHOWN_MISTAKES = 20, 50
HEADINGS = [headings[0] for headings in COLUMNS.values()]


def _read(name: str, content: bytes) -> Preview:
    """What the table holds; a file that is no table at all is one mistake."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"bang{Path(name).suffix.lower()}"
        file.write_bytes(content)
        try:
            return preview(file)
        except BadKnowledge as error:
            return Preview(mistakes=(str(error).removeprefix(f"{file.name}: "),))


async def _held(visit: Visit, db: Connection) -> tuple[Attachment, Preview] | None:
    """The table this officer looks at, read anew."""
    found = await attachments.of(db, NOUN, str(visit.officer.id))
    if not found or visit.desk.files is None:
        return None
    file = visit.desk.files.path(found[-1].sha256)
    content = await asyncio.to_thread(file.read_bytes)
    return found[-1], await asyncio.to_thread(_read, found[-1].name, content)


@doors.see("/nhap-cong-nghe", Permission.NEEDS)
async def show(visit: Here) -> Response:
    """The form; below it what the table that was handed in would bring."""
    async with visit.desk.database.read() as db:
        held = await _held(visit, db)
        rows = held[1].offers if held else ()
        known = {one.id for one in await catalogue.some_offers(db, [row.id for row in rows])}
    values: dict[str, Any] = {"file": held[0] if held else None, "seen": held[1] if held else None, "known": known}
    return visit.page("imports.html", **values, rows=SHOWN_ROWS, most=SHOWN_MISTAKES, headings=HEADINGS)


async def _forget(db: Connection, visit: Visit) -> None:
    for one in await attachments.of(db, NOUN, str(visit.officer.id)):
        await attachments.drop(db, NOUN, one.noun_id, one.id)


@doors.do("/nhap-cong-nghe", Permission.NEEDS)
async def look(visit: Here) -> Response:
    """Takes a table to be looked at; nothing is brought in yet."""
    held = (await visit.request.form()).get("file")
    name = (held.filename or "") if isinstance(held, UploadFile) else ""
    kind = KINDS.get(Path(name).suffix.lower())
    if not isinstance(held, UploadFile) or kind is None or visit.desk.files is None:
        raise Refused("Anh/chị chọn một bảng Excel (.xlsx) hoặc CSV.")
    content = await held.read()
    if not content or len(content) > MOST_BYTES:
        raise Refused("Bảng trống hoặc lớn hơn 5 MB.")
    if kind == XLSX:
        try:
            content, _ = await asyncio.to_thread(cleaned, content, EvidenceKind.DOCUMENT, uploads.LIMITS)
        except NotKept as error:
            raise Refused(uploads.WHY.get(error.reason, uploads.KNOWN)) from error
    async with visit.desk.database.write() as db:
        await _forget(db, visit)
        await uploads.keep(visit, db, NOUN, str(visit.officer.id), Path(name).name[:100], kind, content)
        await audit.note(db, visit.officer.name, "attach", NOUN, str(visit.officer.id), visit.now)
    return visit.go("/nhap-cong-nghe")


@doors.do("/nhap-cong-nghe/ghi", Permission.NEEDS)
async def bring(visit: Here) -> Response:
    """Brings the table in, every row or none; people whose needs fit hear of it as of any new offer."""
    async with visit.desk.database.write() as db:
        held = await _held(visit, db)
        if held is None:
            raise Refused("Chưa có bảng nào để ghi.")
        _, seen = held
        if seen.mistakes or not seen.offers:
            raise Refused("Bảng còn lỗi nên chưa ghi gì. Anh/chị sửa các dòng báo đỏ rồi tải lên lại.")
        for row in seen.offers:
            await catalogue.write_offer(db, offer_from(row), "nhipcau")
        await _forget(db, visit)
        after = {"số giải pháp": str(len(seen.offers))}
        await audit.note(db, visit.officer.name, "import", "offer", held[0].name, visit.now, after=after)
    visit.desk.wake()
    return visit.go("/cong-nghe", f"imported:{len(seen.offers)}")


@doors.do("/nhap-cong-nghe/bo", Permission.NEEDS)
async def drop(visit: Here) -> Response:
    """Forgets the table."""
    async with visit.desk.database.write() as db:
        await _forget(db, visit)
        await audit.note(db, visit.officer.name, "detach", NOUN, str(visit.officer.id), visit.now)
    return visit.go("/nhap-cong-nghe")
