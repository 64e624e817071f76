"""Lists and single needs as files: XLSX, DOCX, PDF."""

import asyncio
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from fastapi import HTTPException, Response

from console import files
from console.doors import Doors, Here, Visit
from console.needs import wanted
from domain.officer import Permission
from domain.worktime import local
from handlers.national import need_list
from knowledge.sheets import Sheet, write
from storage import audit, board, people
from storage.board import Row

doors = Doors()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def _rows(visit: Visit, how: str) -> list[Row]:
    form = await visit.request.form()
    state, whose, unit, search = (str(form.get(name, ""))[:100] for name in ("trang-thai", "phu-trach", "xa", "tim"))
    parts = (state, whose, unit, search)
    async with visit.desk.database.read() as db:
        rows = await board.listed(db, wanted(visit, state, whose, unit, search), limit=board.MOST_EXPORTED)
    reason = f"{how}, {len(rows)} phiếu; lọc: {' · '.join(part for part in parts if part) or 'tất cả'}"
    async with visit.desk.database.write() as db:
        await audit.note(db, visit.officer.name, "export", "need", how, visit.now, reason=reason)
    return rows


def as_file(content: bytes, kind: str, name: str) -> Response:
    """A file to be saved."""
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _made(visit: Visit, how: str, kind: str, make: Callable[..., bytes]) -> Response:
    rows = await _rows(visit, how)
    content = await asyncio.to_thread(make, rows, visit.now)
    return as_file(content, kind, f"nhu-cau-{local(visit.now):%Y%m%d}.{how}")


@doors.do("/nhu-cau.xlsx", Permission.EXPORT)
async def as_xlsx(visit: Here) -> Response:
    """The filtered board as a workbook."""
    return await _made(visit, "xlsx", XLSX, files.workbook)


@doors.do("/nhu-cau.docx", Permission.EXPORT)
async def as_docx(visit: Here) -> Response:
    """The filtered board as a document."""
    return await _made(visit, "docx", DOCX, files.document)


@doors.do("/nhu-cau-quoc-gia.xlsx", Permission.EXPORT)
async def as_national_list(visit: Here) -> Response:
    """The standing needs that no offer serves, in the layout in which they go to the ministry and other platforms."""
    async with visit.desk.database.write() as db:
        sheet = await need_list(visit.desk.office, db, visit.now, unserved=True)
        reason = f"danh sách nhu cầu chưa có nguồn, {len(sheet.rows)} phiếu"
        await audit.note(db, visit.officer.name, "export", "need", "xlsx", visit.now, reason=reason)
    content = await asyncio.to_thread(_written, sheet)
    return as_file(content, XLSX, f"nhu-cau-chua-co-nguon-{local(visit.now):%Y%m%d}.xlsx")


def _written(sheet: Sheet) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bang.xlsx"
        write(sheet, file)
        return file.read_bytes()


@doors.see("/nhu-cau/{code}.pdf", Permission.EXPORT)
async def as_pdf(visit: Here, code: str) -> Response:
    """One need as an official form."""
    async with visit.desk.database.read() as db:
        sheet = await board.sheet(db, code)
        if sheet is None:
            raise HTTPException(404)
        who = await people.find(db, sheet.need.person_id)
    content: Any = BytesIO()
    await asyncio.to_thread(files.form, content, sheet, who, visit.now)
    return as_file(content.getvalue(), "application/pdf", f"{sheet.need.code}.pdf")
