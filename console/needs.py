"""The needs: the board with filters, one need with its evidence, its matches, every deed on it."""

from typing import Annotated, Any

from fastapi import Form, HTTPException, Response
from fastapi.responses import FileResponse

from console.differences import difference
from console.doors import Doors, Here, Refused, Visit
from conversation.flow import Misread
from conversation.need_form import read_contact, read_field, summary
from conversation.reply import Reply
from domain.need import Field, Need, NeedState, Outcome
from domain.notice import Kind
from domain.officer import Permission
from handlers import behalf
from handlers.desk import verified_words
from nlu.understanding import Context
from storage import audit, board, evidence, needs, notes, officers, outbox, people, work
from storage.board import Filter, Sheet
from storage.database import Connection

doors = Doors()
STATES = [state for state in NeedState if state is not NeedState.DRAFT]
ONWARD = {
    NeedState.OPEN: (NeedState.INTRODUCED,),
    NeedState.INTRODUCED: (NeedState.IN_TRANSFER,),
    NeedState.IN_TRANSFER: (),
}
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
OPEN_STATES = tuple(state for state in STATES if state is not NeedState.CLOSED)


def wanted(visit: Visit, state: str, whose: str, unit: str, search: str, before: int | None = None) -> Filter:
    """The filter that the address of the board describes."""
    late = visit.now if state == "qua-hen" else None
    known = state if state in {one.value for one in STATES} else ""
    mine = visit.officer.id if whose == "toi" else int(whose) if whose.isdigit() else None
    return Filter(known, mine, whose == "chua", unit, search, late, before)


@doors.see("/nhu-cau", Permission.LOOK)
async def show_board(visit: Here, truoc: int | None = None) -> Response:
    """The board."""
    asked = visit.request.query_params
    state, whose = asked.get("trang-thai", ""), asked.get("phu-trach", "")
    unit, search = asked.get("xa", ""), asked.get("tim", "")[:100]
    async with visit.desk.database.read() as db:
        rows = await board.listed(db, wanted(visit, state, whose, unit, search, truoc))
        around: dict[str, Any] = {}
        if not visit.partial:  # while somebody types only the list is made anew
            around = {
                "counts": await board.by_state(db),
                "units": await board.units(db),
                "everybody": await officers.everybody(db),
                "figures": await work.figures(db, visit.officer.id, visit.now),
                "states": STATES,
            }
    older = rows[-1].id if len(rows) == board.PAGE else None
    around |= {"rows": rows, "older": older, "state": state, "whose": whose, "unit": unit, "search": search}
    return visit.page("needs_list.html" if visit.partial else "needs.html", **around)


# --- one need ---------------------------------------------------------------------------------------------------
@doors.see("/nhu-cau/{code}", Permission.LOOK)
async def show_need(visit: Here, code: str) -> Response:
    """One need with everything beside it."""
    return await _page(visit, code)


async def _page(visit: Visit, code: str, status: int = 200, **values: Any) -> Response:
    async with visit.desk.database.read() as db:
        sheet = await _find(db, code)
        held = await board.versions(db, sheet.need.id)
        shown: dict[str, Any] = {
            "sheet": sheet,
            "need": sheet.need,
            "who": await people.find(db, sheet.need.person_id),
            "versions": _changes(held),
            "matches": await board.matches(db, sheet.need.id),
            "notes": await notes.of(db, "need", sheet.need.code),
            "log": await audit.of(db, "need", sheet.need.code),
            "everybody": [one for one in await officers.everybody(db) if one.may(Permission.NEEDS)],
            "names": await officers.names(db),
            "evidence": await evidence.of_need(db, sheet.need.id),
        }
    shown |= {"onward": ONWARD.get(sheet.need.state, ()), "outcomes": list(Outcome)}
    return visit.page("need.html", status, **{"wrong": {}, "told": {}, **shown, **values})


@doors.see("/nhu-cau/{code}/tep/{piece_id}", Permission.CONTACTS)
async def show_piece(visit: Here, code: str, piece_id: int) -> Response:
    """A photo to look at; any other file only to be carried away, never opened in the page."""
    async with visit.desk.database.read() as db:
        sheet = await _find(db, code)
        piece = next((one for one in await evidence.of_need(db, sheet.need.id) if one.id == piece_id), None)
    if piece is None or piece.sha256 is None or visit.desk.files is None:
        raise HTTPException(404)
    place = visit.desk.files.path(piece.sha256)
    if not place.is_file():
        raise HTTPException(404)
    picture = piece.mime in PICTURES
    headers = {
        "Content-Disposition": "inline" if picture else f'attachment; filename="{sheet.need.code}-{piece_id}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return FileResponse(place, media_type=piece.mime if picture else "application/octet-stream", headers=headers)


async def _find(db: Connection, code: str) -> Sheet:
    sheet = await board.sheet(db, code)
    if sheet is None:
        raise HTTPException(404)
    return sheet


def _words(fields: dict[str, Any]) -> dict[str, str]:
    """The fields as words; the contact stays out of every log."""
    kept = (field for field in Field if field is not Field.CONTACT and field.value in fields)
    return {field.short: fields[field.value].get("words", "") for field in kept}


def _changes(held: list[board.Version]) -> list[tuple[board.Version, Any]]:
    older = [*held[1:], None][: len(held)]
    return [
        (version, difference(_words(before.fields) if before else None, _words(version.fields)) if before else [])
        for version, before in zip(held, older, strict=True)
    ]


@doors.do("/nhu-cau/{code}/sua", Permission.NEEDS)
async def edit(visit: Here, code: str) -> Response:
    """Corrects fields through the same readers as the chat; keeps the earlier wording."""
    form = await visit.request.form()
    reason = str(form.get("reason", "")).strip()
    told = {field.value: " ".join(str(form.get(field.value, "")).split())[:1000] for field in Field}
    async with visit.desk.database.write() as db:
        sheet = await _find(db, code)
        need = sheet.need
        fields, wrong = _reread(visit, need, told)
        if not reason:
            wrong["reason"] = "Anh/chị ghi một câu: sửa theo đâu (chủ nhu cầu gọi, xem tận nơi…)."
        if not wrong and fields != need.fields:
            await needs.amend(db, need, need.text, summary(fields), fields, visit.officer.name, visit.now)
            before, after = _words(need.fields), _words(fields)
            await audit.note(db, visit.officer.name, "edit", "need", need.code, visit.now, reason, before, after)
    if wrong:
        return await _page(visit, code, 422, wrong=wrong, told={**told, "reason": reason})
    return visit.go(f"/nhu-cau/{need.code}", "saved")


def _reread(visit: Visit, need: Need, told: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    fields, wrong = dict(need.fields), dict[str, str]()
    for field in Field:
        text = told[field.value]
        if not text or text == (fields.get(field.value) or {}).get("words"):
            continue
        said = visit.desk.office.mind.understand(text, Context(question=field.value), visit.now)
        try:
            if field is Field.CONTACT:
                fields[field.value] = read_contact(text, said.entities)
            else:
                fields[field.value] = read_field(field, text, said.entities, patient=False)
        except Misread as misread:
            wrong[field.value] = str(misread)
    return fields, wrong


# --- moving it on -----------------------------------------------------------------------------------------------
async def _tell_owner(db: Connection, visit: Visit, need: Need, text: str, key: str) -> None:
    """Says something to the owner of a need, where there is a chat."""
    mark = f"officer:{visit.officer.id}:{need.code}:{key}:{visit.now:%Y%m%d%H%M%S%f}"
    await outbox.put(db, Kind.REPLY, need.person_id, Reply(text), mark, visit.now, visit.now)


async def _moved(
    db: Connection,
    visit: Visit,
    need: Need,
    before: tuple[NeedState, ...],
    after: NeedState,
    outcome: Outcome | None = None,
) -> None:
    if not await board.move(db, need.id, before, after, visit.now, outcome):
        raise Refused("Phiếu này vừa được người khác chuyển bước. Anh/chị tải lại trang để xem.")


@doors.do("/nhu-cau/{code}/duyet", Permission.NEEDS)
async def verify(visit: Here, code: str, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Confirms that the need is clear and real; suppliers may see it without contact from now on."""
    async with visit.desk.database.write() as db:
        need = (await _find(db, code)).need
        await _moved(db, visit, need, (NeedState.SUBMITTED,), NeedState.OPEN)
        states = ({"trạng thái": need.state.value}, {"trạng thái": NeedState.OPEN.value})
        await audit.note(db, visit.officer.name, "verify", "need", need.code, visit.now, reason, *states)
        await _tell_owner(db, visit, need, verified_words(visit.officer.name, need.code), "verified")
    visit.desk.wake()
    return visit.go(f"/nhu-cau/{need.code}", f"verified:{need.code}")


@doors.do("/nhu-cau/{code}/hoi-lai", Permission.NEEDS)
async def ask_owner(visit: Here, code: str, question: Annotated[str, Form(max_length=400)] = "") -> Response:
    """Asks the owner one question; the next answer in chat lands on the need."""
    question = question.strip()
    if not question:
        raise Refused("Câu hỏi còn trống.")
    async with visit.desk.database.write() as db:
        sheet = await _find(db, code)
        if sheet.asked and not sheet.asked.get("answer"):
            raise Refused("Đã có một câu đang chờ trả lời; mỗi lần chỉ hỏi một câu để người dân đỡ rối.")
        asked = {"text": question, "by": visit.officer.name, "at": visit.now.isoformat()}
        await board.ask(db, sheet.need.id, asked)
        await audit.note(db, visit.officer.name, "ask_owner", "need", sheet.need.code, visit.now, reason=question)
        words = f"Về phiếu {sheet.need.code}, cán bộ {visit.officer.name} hỏi thêm: {question}"
        await _tell_owner(db, visit, sheet.need, words, "asked")
    visit.desk.wake()
    return visit.go(f"/nhu-cau/{sheet.need.code}", "asked")


@doors.do("/nhu-cau/{code}/giao", Permission.NEEDS)
async def assign(visit: Here, code: str, officer: Annotated[str, Form(max_length=10)] = "") -> Response:
    """Gives the need to an officer."""
    async with visit.desk.database.write() as db:
        sheet = await _find(db, code)
        whose = await officers.find(db, int(officer)) if officer.isdigit() else None
        if whose is not None and not whose.may(Permission.NEEDS):
            raise Refused("Người này không nhận phiếu được.")
        names = await officers.names(db)
        await board.assign(db, sheet.need.id, whose.id if whose else None)
        before = {"phụ trách": names.get(sheet.officer_id or 0, "")}
        after = {"phụ trách": whose.name if whose else ""}
        await audit.note(db, visit.officer.name, "assign", "need", sheet.need.code, visit.now, "", before, after)
    return visit.go(f"/nhu-cau/{sheet.need.code}", "assigned")


@doors.do("/nhu-cau/{code}/buoc", Permission.NEEDS)
async def advance(
    visit: Here, code: str, state: Annotated[NeedState, Form()], reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """Moves a verified need on: introduced, in transfer; or opens a closed one again."""
    async with visit.desk.database.write() as db:
        need = (await _find(db, code)).need
        again = need.state is NeedState.CLOSED and state is NeedState.OPEN
        if not again and state not in ONWARD.get(need.state, ()):
            raise Refused("Bước này không đi tiếp từ trạng thái hiện tại.")
        if again and not reason.strip():
            raise Refused("Mở lại phiếu đã đóng cần một lý do.")
        await _moved(db, visit, need, (need.state,), state)
        states = ({"trạng thái": need.state.value}, {"trạng thái": state.value})
        verb = "reopen_need" if again else "advance"
        await audit.note(db, visit.officer.name, verb, "need", need.code, visit.now, reason, *states)
    return visit.go(f"/nhu-cau/{need.code}", "need-moved")


@doors.do("/nhu-cau/{code}/dong", Permission.NEEDS)
async def close(
    visit: Here, code: str, outcome: Annotated[Outcome, Form()], reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """Closes the need with its outcome; the owner is told why."""
    if not reason.strip():
        raise Refused("Đóng phiếu cần một câu giải thích; câu này được gửi cho chủ nhu cầu.")
    async with visit.desk.database.write() as db:
        need = (await _find(db, code)).need
        await _moved(db, visit, need, OPEN_STATES, NeedState.CLOSED, outcome)
        before, after = {"trạng thái": need.state.value}, {"trạng thái": f"closed, {outcome.value}"}
        await audit.note(db, visit.officer.name, "close_need", "need", need.code, visit.now, reason, before, after)
        words = f"Phiếu {need.code} đã đóng. {reason.strip().rstrip('.')}. Anh/chị chưa ưng thì nhắn “gặp cán bộ”."
        await _tell_owner(db, visit, need, words, "closed")
    visit.desk.wake()
    return visit.go(f"/nhu-cau/{need.code}", f"need-closed:{need.code}")


@doors.do("/nhu-cau/{code}/ghi-chu", Permission.NEEDS)
async def add_note(visit: Here, code: str, text: Annotated[str, Form(max_length=2000)] = "") -> Response:
    """Notes something beside the need."""
    async with visit.desk.database.write() as db:
        need = (await _find(db, code)).need
        if text.strip():
            await notes.add(db, "need", need.code, need.person_id, text.strip(), visit.officer.name, visit.now)
            await audit.note(db, visit.officer.name, "note", "need", need.code, visit.now)
    return visit.go(f"/nhu-cau/{need.code}", "noted")


@doors.do("/nhu-cau/{code}/giay-ky", Permission.NEEDS)
async def confirm_on_paper(visit: Here, code: str, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """The owner signed on paper: as good as the tap, with the officer's word for it."""
    if not reason.strip():
        raise Refused("Anh/chị ghi giấy ký ngày nào, lưu ở đâu.")
    async with visit.desk.database.write() as db:
        need = (await _find(db, code)).need
        if need.state is not NeedState.WAITING_FOR_OWNER:
            raise Refused("Phiếu này không còn chờ xác nhận.")
        await behalf.confirm(visit.desk.office, db, need, visit.now)
        await audit.note(db, visit.officer.name, "confirm_on_paper", "need", need.code, visit.now, reason=reason)
    return visit.go(f"/nhu-cau/{need.code}", "confirmed")
