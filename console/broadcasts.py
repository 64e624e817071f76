"""The messages to many: composing with a look on each channel, approval, stop, taking back, what became of everybody."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, HTTPException, Response

from console import looks, uploads
from console import segments as conditions
from console.doors import Doors, Here, Refused, Visit
from domain.broadcast import (
    FIELDS,
    MOST_BUTTONS,
    MOST_CHARACTERS,
    UNDECIDED,
    BadButton,
    Broadcast,
    BroadcastState,
    button,
    faults_of,
    wrong_time,
)
from domain.notice import OutboxState
from domain.officer import Permission
from domain.segment import All, BadSegment, Not
from domain.worktime import ZONE
from handlers import audiences
from handlers import broadcasts as making
from handlers import outages as telling
from handlers.broadcasts import Impossible
from storage import attachments, audit, broadcasts, catalogue, officers, outages, segments
from storage.database import Connection

doors = Doors()
STATES = list(BroadcastState)
AGAIN = {"failed": (OutboxState.FAILED,), "unknown": (OutboxState.UNKNOWN,)}


@doors.see("/tin", Permission.LOOK)
async def show_list(visit: Here, truoc: int | None = None) -> Response:
    """All broadcasts, the newest first."""
    state = visit.request.query_params.get("trang-thai", "")
    state = state if state in set(STATES) else ""
    async with visit.desk.database.read() as db:
        rows = await broadcasts.listed(db, state, truoc)
        ledgers = {row.id: await broadcasts.ledger(db, row.id, visit.now) for row in rows}
    older = rows[-1].id if len(rows) == broadcasts.PAGE else None
    values: dict[str, Any] = {"rows": rows, "ledgers": ledgers, "state": state, "states": STATES, "older": older}
    return visit.page("broadcasts.html", **values)


@doors.see("/tin/moi", Permission.SEND)
async def new(visit: Here) -> Response:
    """An empty sheet."""
    return await _sheet(visit)


async def _sheet(visit: Visit, status: int = 200, **given: Any) -> Response:
    async with visit.desk.database.read() as db:
        shown = {**await conditions.choices(db), "events": await catalogue.coming_events(db, visit.now)}
    values = {
        "told": {}, "wrong": "", **conditions.EMPTY,
        "fields": FIELDS, "most": MOST_CHARACTERS, "buttons": [],
    }  # fmt: skip
    return visit.page("broadcast_new.html", status, **{**values, **shown, **given})


def _buttons(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The buttons that a form describes; raises BadButton."""
    rows = [[str(form.get(f"{name}-{row}", "")) for name in ("button", "label", "url")] for row in range(MOST_BUTTONS)]
    return [button(what, label, url) for what, label, url in rows if what]


@doors.do("/tin/moi", Permission.SEND)
async def compose(visit: Here) -> Response:
    """Keeps a draft."""
    form = await visit.request.form()
    told = {name: str(form.get(name, "")) for name in ("title", "text", "event", "must")}
    async with visit.desk.database.read() as db:
        known = await audiences.names(db)
    try:
        rule, buttons = conditions.read_form(form, known), _buttons(form)
    except (BadSegment, BadButton) as error:
        return await _sheet(visit, 422, told=told, wrong=str(error))
    faults = faults_of(told["title"], told["text"], tuple(buttons))
    if faults:
        return await _sheet(visit, 422, told=told, wrong=" ".join(faults), buttons=buttons)
    more = {"event_id": told["event"] or None, "must_deliver": bool(told["must"]), "buttons": buttons}
    async with visit.desk.database.write() as db:
        made = await broadcasts.compose(db, told["title"], told["text"], rule, visit.officer.name, visit.now, **more)
        after = {"nhóm": await audiences.told(db, rule)}
        await audit.note(db, visit.officer.name, "draft", "broadcast", made.code, visit.now, after=after)
    return visit.go(f"/tin/{made.id}", f"drafted:{made.code}")


# --- one broadcast ----------------------------------------------------------------------------------------------
def _running(visit: Here) -> list[str] | None:
    return telling.running_channels(visit.desk.health())


async def _find(db: Connection, number: int) -> Broadcast:
    held = await broadcasts.find(db, number)
    if held is None:
        raise HTTPException(404)
    return held


@asynccontextmanager
async def _deed(visit: Visit, number: int) -> AsyncIterator[tuple[Connection, Broadcast]]:
    """One broadcast in one transaction: what is impossible is told to the officer, what is queued may leave afterwards."""
    try:
        async with visit.desk.database.write() as db:
            yield db, await _find(db, number)
    except Impossible as error:
        raise Refused(str(error)) from error
    visit.desk.wake()


@doors.see("/tin/{number}", Permission.LOOK)
async def show(visit: Here, number: int) -> Response:
    """One broadcast: what it will be, or what became of everybody."""
    async with visit.desk.database.read() as db:
        held = await _find(db, number)
        ledger = await broadcasts.ledger(db, number, visit.now)
        attached = await attachments.of(db, "broadcast", str(number))
        files = await making.files_of(visit.desk.office, db, held)
        events = await catalogue.coming_events(db, visit.now)
        ahead = None
        if held.state in UNDECIDED:
            ahead = await making.outlook(visit.desk.office, db, held, visit.now)
        log = await audit.of(db, "broadcast", held.code)
        rule_words = await audiences.told(db, held.audience)
        form = await conditions.choices(db)
        form |= conditions.as_form(held.audience, form["known"])
        away = await outages.current(db) if held.state is BroadcastState.RUNNING else {}
        terms = visit.desk.office.terms
        ways = await outages.elsewhere(db, number, list(away), visit.now, terms, _running(visit)) if away else None
        refused = None
        if held.state is BroadcastState.FINISHED:
            refused = await outages.refused(db, number, visit.now, terms, _running(visit))
    worktime = visit.desk.office.worktime
    resting = held.state is BroadcastState.RUNNING and not held.urgent and not worktime.may_broadcast(visit.now)
    values: dict[str, Any] = {
        "held": held,
        "ledger": ledger,
        "ahead": ahead,
        "log": log,
        "rule_words": rule_words,
        "resting_until": worktime.next_broadcast(visit.now) if resting else None,
        "why_words": making.why_words,
        "moving": held.state is BroadcastState.RUNNING or ledger.of(OutboxState.RECALL) > 0,
        "away": list(away.values()),
        "ways": ways,
        "refused": refused,
        "undecided": held.state in UNDECIDED,
        **form,
    }
    if visit.partial:
        return visit.page("broadcast_ledger.html", **values)
    reply = making.shown(held, files=files)
    shown: dict[str, Any] = {
        "preview": reply.text,
        "choices": reply.choices,
        "files": [(file, file.url.removeprefix(visit.desk.office.address)) for file in files],
        "numbered": looks.numbered(reply),
        "zalo": looks.on_zalo(reply),
        "in_template": looks.in_template(reply, terms.template_signs) if terms.template else None,
        "attached": attached,
        "events": events,
        "buttons": held.buttons,
    }
    return visit.page("broadcast.html", **values, **shown)


@doors.do("/tin/{number}/sua", Permission.SEND)
async def edit(visit: Here, number: int) -> Response:
    """Changes the words and buttons of a draft."""
    form = await visit.request.form()
    title, text = (str(form.get(name, "")).strip() for name in ("title", "text"))
    try:
        buttons = _buttons(form)
    except BadButton as error:
        raise Refused(str(error)) from error
    faults = faults_of(title, text, tuple(buttons))
    if faults:
        raise Refused(" ".join(faults))
    async with _deed(visit, number) as (db, held):
        await _revise(visit, db, held, title=title, text=text, buttons=buttons)
        before, after = {"nội dung": held.text}, {"nội dung": text}
        await audit.note(db, visit.officer.name, "edit", "broadcast", held.code, visit.now, None, before, after)
    return visit.go(f"/tin/{number}", "saved")


@doors.do("/tin/{number}/nhom", Permission.SEND)
async def aim(visit: Here, number: int) -> Response:
    """Sends a draft to somebody else."""
    form = await visit.request.form()
    try:
        async with _deed(visit, number) as (db, held):
            rule = conditions.read_form(form, await audiences.names(db))
            await segments.unfold(db, rule)  # raises where a kept segment is gone
            await _revise(visit, db, held, audience=rule)
            before, after = [{"nhóm": await audiences.told(db, one)} for one in (held.audience, rule)]
            await audit.note(db, visit.officer.name, "edit", "broadcast", held.code, visit.now, None, before, after)
    except BadSegment as error:
        raise Refused(str(error)) from error
    return visit.go(f"/tin/{number}", "saved")


@doors.do("/tin/{number}/bot-don", Permission.SEND)
async def spare(visit: Here, number: int) -> Response:
    """Leaves out whoever has had enough messages this week."""
    async with _deed(visit, number) as (db, held):
        rule = All((held.audience, Not(conditions.TIRED)))
        await _revise(visit, db, held, audience=rule)
        before, after = [{"nhóm": await audiences.told(db, one)} for one in (held.audience, rule)]
        await audit.note(db, visit.officer.name, "edit", "broadcast", held.code, visit.now, None, before, after)
    return visit.go(f"/tin/{number}", "saved")


async def _revise(visit: Visit, db: Connection, held: Broadcast, **changes: Any) -> None:
    """A draft again, to be submitted and approved as it is now."""
    if not await broadcasts.revise(db, held.id, visit.officer.name, **changes):
        raise Impossible("Tin này không còn là bản nháp.")


@doors.do("/tin/{number}/tep", Permission.SEND)
async def add_file(visit: Here, number: int) -> Response:
    """A picture or a document that goes with it."""
    async with _deed(visit, number) as (db, held):
        await _revise(visit, db, held)
        made = await uploads.attach(visit, db, "broadcast", str(number))
        await audit.note(db, visit.officer.name, "attach", "broadcast", held.code, visit.now, after={"tệp": made.name})
    return visit.go(f"/tin/{number}", "attached")


@doors.do("/tin/{number}/bo-tep", Permission.SEND)
async def drop_file(visit: Here, number: int, item: Annotated[int, Form()]) -> Response:
    """It goes without this file."""
    async with _deed(visit, number) as (db, held):
        await _revise(visit, db, held)
        if not await attachments.drop(db, "broadcast", str(number), item):
            raise HTTPException(404)
        await audit.note(db, visit.officer.name, "detach", "broadcast", held.code, visit.now)
    return visit.go(f"/tin/{number}", "detached")


@doors.do("/tin/{number}/thu", Permission.SEND)
async def try_out(visit: Here, number: int) -> Response:
    """Sends it to the officer's own chats only."""
    async with _deed(visit, number) as (db, held):
        chats = await officers.chats(db, visit.officer.id)
        if not chats:
            raise Impossible("Anh/chị chưa nối chat nào; nối ở trang Tài khoản của tôi.")
        await making.try_out(visit.desk.office, db, held, visit.officer, chats, visit.now)
    return visit.go(f"/tin/{number}", "tried")


def _instant(text: str) -> datetime | None:
    """What a field of date and time says, by the clock of Việt Nam."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError as error:
        raise Refused("Giờ hẹn chưa đọc được.") from error


@doors.do("/tin/{number}/gui", Permission.SEND)
async def submit(
    visit: Here,
    number: int,
    counted: Annotated[str, Form(max_length=20)] = "",
    send_at: Annotated[str, Form(max_length=30)] = "",
    urgent: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """The author is done with it."""
    typed = "".join(sign for sign in counted if sign.isdigit())
    at = _instant(send_at)
    if at is not None and not urgent and (why := wrong_time(visit.desk.office.worktime, at, visit.now)):
        raise Refused(why)
    async with _deed(visit, number) as (db, held):
        said = await making.submit(
            visit.desk.office, db, held, visit.officer, int(typed) if typed else None, visit.now, at, urgent
        )
    return visit.go(f"/tin/{number}", "sending" if said == "sent" else "in-review")


@doors.do("/tin/{number}/duyet", Permission.APPROVE)
async def approve(visit: Here, number: int) -> Response:
    """A second officer lets it go."""
    async with _deed(visit, number) as (db, held):
        await making.approve(visit.desk.office, db, held, visit.officer, visit.now)
    return visit.go(f"/tin/{number}", "sending")


@doors.do("/tin/{number}/tra-lai", Permission.APPROVE)
async def send_back(visit: Here, number: int, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """A second officer wants it changed."""
    async with _deed(visit, number) as (db, held):
        await making.send_back(db, held, visit.officer, reason, visit.now)
    return visit.go(f"/tin/{number}", "sent-back")


@doors.do("/tin/{number}/dung", Permission.SEND)
async def stop(visit: Here, number: int, reason: Annotated[str, Form(max_length=300)] = "") -> Response:
    """DỪNG: nothing more of it leaves."""
    async with _deed(visit, number) as (db, held):
        await making.stop(db, held, visit.officer, reason, visit.now)
    return visit.go(f"/tin/{number}", "stopped")


@doors.do("/tin/{number}/tiep", Permission.SEND)
async def go_on(visit: Here, number: int, reason: Annotated[str, Form(max_length=300)] = "") -> Response:
    """What is left is sent unchanged."""
    async with _deed(visit, number) as (db, held):
        await making.go_on(db, held, visit.officer, reason, visit.now)
    return visit.go(f"/tin/{number}", "sending")


@doors.do("/tin/{number}/bo", Permission.SEND)
async def give_up(visit: Here, number: int) -> Response:
    """The rest does not get it."""
    async with _deed(visit, number) as (db, held):
        await making.give_up(db, held, visit.officer, visit.now)
    return visit.go(f"/tin/{number}", "given-up")


@doors.do("/tin/{number}/kenh-khac", Permission.SEND)
async def send_elsewhere(visit: Here, number: int) -> Response:
    """What waits for a channel that stands still goes to the people's other one."""
    async with visit.desk.database.write() as db:
        held, terms = await _find(db, number), visit.desk.office.terms
        moved = await telling.send_elsewhere(db, held, visit.officer, visit.now, terms, _running(visit))
    visit.desk.wake()
    return visit.go(f"/tin/{number}", f"elsewhere:{moved}")


@doors.do("/tin/{number}/go", Permission.SEND)
async def recall(visit: Here, number: int) -> Response:
    """Takes back what can be taken back."""
    async with _deed(visit, number) as (db, held):
        gone, left = await making.recall(db, held, visit.officer, visit.now)
    return visit.go(f"/tin/{number}", f"recalling:{gone} tin, {left} tin ở lại")


@doors.do("/tin/{number}/dinh-chinh", Permission.SEND)
async def correct(visit: Here, number: int, text: Annotated[str, Form(max_length=4000)] = "") -> Response:
    """A draft for exactly those who still have it."""
    if not text.strip():
        raise Refused("Lời đính chính còn trống.")
    async with _deed(visit, number) as (db, held):
        made = await making.correct(db, held, visit.officer, text.strip(), visit.now)
    return visit.go(f"/tin/{made.id}", f"drafted:{made.code}")


@doors.do("/tin/{number}/viet-lai", Permission.SEND)
async def rewrite(
    visit: Here,
    number: int,
    text: Annotated[str, Form(max_length=4000)] = "",
    segment: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """A draft in its place: other words for the rest only, or for another segment."""
    audience = conditions.read_form({"segment": segment}) if segment.isdigit() else None
    async with _deed(visit, number) as (db, held):
        made = await making.rewrite(db, held, visit.officer, text.strip(), audience, visit.now)
    return visit.go(f"/tin/{made.id}", f"drafted:{made.code}")


@doors.do("/tin/{number}/gui-lai", Permission.SEND)
async def send_again(
    visit: Here,
    number: int,
    which: Annotated[str, Form(max_length=10)] = "failed",
    reason: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Tries those anew to whom it did not arrive, or of whom nobody knows."""
    if which not in AGAIN:
        raise Refused("Chọn gửi lại cho ai.")
    async with _deed(visit, number) as (db, held):
        count = await making.send_again(db, held, visit.officer, AGAIN[which], reason, visit.now)
    return visit.go(f"/tin/{number}", f"again:{count}")
