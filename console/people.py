"""The people: search, one profile with addresses, consents and history, notes, merging of duplicates."""

from typing import Annotated, Any

from fastapi import Form, HTTPException, Response

from console.doors import Doors, Here, Refused, Visit
from domain.officer import Permission
from storage import audit, conversations, notes, profiles, segments

doors = Doors()


@doors.see("/nguoi", Permission.LOOK)
async def show_list(visit: Here, tim: str = "", truoc: int | None = None) -> Response:
    """People by name, number or enterprise, without diacritics."""
    async with visit.desk.database.read() as db:
        rows = await profiles.listed(db, tim[:100], truoc)
    older = rows[-1].id if len(rows) == profiles.PAGE else None
    return visit.page("people_list.html" if visit.partial else "people.html", rows=rows, search=tim, older=older)


@doors.see("/nguoi/{person_id}", Permission.LOOK)
async def show_person(visit: Here, person_id: int) -> Response:
    """One profile."""
    return await _page(visit, person_id)


async def _page(visit: Visit, person_id: int, **values: Any) -> Response:
    async with visit.desk.database.read() as db:
        profile = await profiles.profile(db, person_id, visit.now)
        if profile is None:
            raise HTTPException(404)
        shown: dict[str, Any] = {
            "profile": profile,
            "who": profile.glance,
            "alike": await profiles.alike(db, profile.glance) if visit.may("people") else [],
            "notes": await notes.of(db, "person", str(person_id)),
            "log": await audit.of(db, "person", str(person_id), 20),
            "tags": await segments.tags_of(db, person_id),
        }
    return visit.page("person.html", **{**shown, **values})


@doors.do("/nguoi/{person_id}/ghi-chu", Permission.PEOPLE)
async def add_note(visit: Here, person_id: int, text: Annotated[str, Form(max_length=2000)] = "") -> Response:
    """Notes something beside a person."""
    async with visit.desk.database.write() as db:
        if await profiles.glance(db, person_id) is None:
            raise HTTPException(404)
        if text.strip():
            await notes.add(db, "person", str(person_id), person_id, text.strip(), visit.officer.name, visit.now)
            await audit.note(db, visit.officer.name, "note", "person", str(person_id), visit.now)
    return visit.go(f"/nguoi/{person_id}", "noted")


@doors.do("/nguoi/{person_id}/nhan", Permission.PEOPLE)
async def set_tags(visit: Here, person_id: int, tags: Annotated[str, Form(max_length=400)] = "") -> Response:
    """Puts tags on a person, by which segments find them."""
    async with visit.desk.database.write() as db:
        if await profiles.glance(db, person_id) is None:
            raise HTTPException(404)
        before = await segments.tags_of(db, person_id)
        await segments.set_tags(db, person_id, tags.split(",")[:20])
        after = await segments.tags_of(db, person_id)
        words = ({"nhãn": ", ".join(before)}, {"nhãn": ", ".join(after)})
        await audit.note(db, visit.officer.name, "tag", "person", str(person_id), visit.now, None, *words)
    return visit.go(f"/nguoi/{person_id}", "tagged")


@doors.do("/nguoi/{person_id}/gop", Permission.PEOPLE)
async def merge(
    visit: Here,
    person_id: int,
    other: Annotated[int, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Makes two records of one person one; the other record ends."""
    if not reason.strip():
        raise Refused("Gộp hồ sơ cần một lý do, ví dụ: cùng số điện thoại, đã hỏi lại chủ.")
    if other == person_id:
        raise Refused("Đây là cùng một hồ sơ.")
    async with visit.desk.database.write() as db:
        kept, gone = await profiles.glance(db, person_id), await profiles.glance(db, other)
        if kept is None or gone is None:
            raise HTTPException(404)
        first, second = await conversations.hold(db, person_id), await conversations.hold(db, other)
        if first is None or second is None:
            raise Refused("Một trong hai người đang có tin chưa đọc xong. Một phút nữa anh/chị gộp lại.")
        await profiles.merge(db, first, second)
        after = {"hồ sơ được gộp vào": str(other), "phiếu chuyển sang": str(gone.needs)}
        words = (visit.officer.name, "merge", "person", str(person_id))
        await audit.note(db, *words, visit.now, after=after, reason=reason)
    return visit.go(f"/nguoi/{person_id}", "merged")
