"""A file that an officer attaches: told from its content, freed of hidden tags, put down once, hung on its noun."""

import asyncio
import re
from pathlib import PurePosixPath

from starlette.datastructures import UploadFile

from console.doors import Refused, Visit
from domain.evidence import EvidenceKind, Limits, Refusal
from domain.files import ENDINGS
from domain.inspection import Refused as NotKept
from domain.inspection import cleaned
from domain.text import plain
from storage import attachments
from storage.attachments import Attachment
from storage.database import Connection
from storage.files import hash_of

MB = 1_000_000
LIMITS = Limits(10 * MB, 20 * MB)  # what Telegram takes as a picture, what a form of ours takes as a file
WHY = {
    Refusal.EMPTY: "Anh/chị chọn một tệp.",
    Refusal.TOO_LARGE: "Tệp lớn quá: ảnh đến 10 MB, tài liệu đến 20 MB.",
    Refusal.BROKEN: "Tệp bị hỏng hoặc chưa đủ, anh/chị chọn lại giúp.",
}
KNOWN = "Chỉ nhận ảnh (JPG, PNG, WebP, GIF), PDF, Word, Excel; không nhận tệp có macro."
MOST_ATTACHED = 6  # to one noun
LINK = re.compile(r"https?://[^\s<>\"]{4,480}")


async def attach(visit: Visit, db: Connection, noun: str, noun_id: str) -> Attachment:
    """Takes the file of the form; raises Refused with what is wrong with it."""
    held = (await visit.request.form()).get("file")
    if not isinstance(held, UploadFile) or visit.desk.files is None:
        raise Refused(WHY[Refusal.EMPTY])
    if len(await attachments.of(db, noun, noun_id)) >= MOST_ATTACHED:
        raise Refused(f"Đính nhiều nhất {MOST_ATTACHED} tệp.")
    content = await held.read()
    try:
        kept, mime = await asyncio.to_thread(cleaned, content, EvidenceKind.DOCUMENT, LIMITS)
    except NotKept as error:
        raise Refused(WHY.get(error.reason, KNOWN)) from error
    if mime.startswith(("audio/", "video/")):
        raise Refused(KNOWN)
    named = plain(PurePosixPath(held.filename or "tep").stem)[:60].replace(" ", "-") or "tep"
    return await keep(visit, db, noun, noun_id, f"{named}.{ENDINGS[mime]}", mime, kept)


async def keep(
    visit: Visit, db: Connection, noun: str, noun_id: str, name: str, mime: str, content: bytes
) -> Attachment:
    """Puts a content down and hangs it on its noun: the row stands only together with the file in its place."""
    files, sha256 = visit.desk.files, hash_of(content)
    assert files is not None
    more = {"mime": mime, "size": len(content), "sha256": sha256}
    made = await attachments.add(db, noun, noun_id, name, visit.officer.name, visit.now, **more)
    received = await asyncio.to_thread(files.receive, content)
    await asyncio.to_thread(files.keep, received, content)
    return made
