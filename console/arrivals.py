"""The door of an event on an officer's phone: a page that works without a network, and what it sends afterwards."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Form, HTTPException, Response
from fastapi.responses import JSONResponse

from console import keys
from console.desk import ROOT, static
from console.doors import AtDesk, Doors, Here, Refused, Visit, found_event
from domain.arrival import MARK, MOST_HEADS, Arrival, How
from domain.event import Event, EventState
from domain.officer import Permission
from handlers import arrivals as making
from handlers import badge
from handlers.words import event_time
from nlu.identity import phone_number
from storage import arrivals, audit, catalogue
from storage.database import Connection

doors = Doors()
SCOPE = f"{ROOT}/cua/"
MOST_AT_ONCE = 500  # notes of one sending
OPEN_FOR = timedelta(hours=36)  # after the end: so long the door of an event is listed
FONTS = [
    f"vendor/be-vietnam-pro-{part}-normal.woff2"
    for part in ("latin-400", "latin-600", "vietnamese-400", "vietnamese-600")
]
EYES = [f"vendor/qr-0.7.0/{part}.js" for part in ("decode", "index")]  # read QR codes where the browser does not
MARKED, PLAIN = ("console.css", "arrivals.js", "icon.svg"), (*FONTS, *EYES)  # what the page needs without a network
CAMERA = {"Permissions-Policy": "camera=(self), microphone=(), geolocation=()"}


# --- what a phone keeps -----------------------------------------------------------------------------------------
@doors.open_to_all("GET", "/cua/sw.js")
async def worker(desk: AtDesk) -> Response:
    """The script that serves the page when there is no network."""
    files = [static(name) for name in (*MARKED, *PLAIN)]
    asked = [static(name) for name in MARKED] + [_plain(name) for name in PLAIN]
    made = desk.templates.get_template("arrivals_worker.js").render(
        files=json.dumps(asked), shell=SCOPE, mark=sha256("".join(files).encode()).hexdigest()[:12]
    )
    return Response(made, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def _plain(name: str) -> str:
    """The address by which other files name this one."""
    return static(name).partition("?")[0]


@doors.open_to_all("GET", "/cua/manifest.webmanifest")
async def manifest() -> Response:
    """Lets a phone put the page among its own programs."""
    icons = [
        {"src": static(f"icon-{side}.png"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": "any"}
        for side in (192, 512)
    ]
    told = {
        "name": "Nhịp Cầu: đón khách", "short_name": "Đón khách", "lang": "vi", "start_url": SCOPE, "scope": SCOPE,
        "display": "standalone", "background_color": "#f2f5f1", "theme_color": "#146041", "icons": icons,
    }  # fmt: skip
    return Response(json.dumps(told, ensure_ascii=False), media_type="application/manifest+json")


@doors.see("/cua/", Permission.SEND)
async def show(visit: Here) -> Response:
    """The page: the same for every event, it holds nothing of anybody."""
    return _page(visit)


def _page(visit: Visit) -> Response:
    made = visit.page("arrivals.html", scope=SCOPE, eye=_plain(EYES[0]))
    made.headers.update(CAMERA)
    return made


# --- what the page asks and tells -------------------------------------------------------------------------------
@doors.see("/cua/su-kien", Permission.SEND)
async def open_doors(visit: Here) -> Response:
    """The events whose door may be open soon."""
    async with visit.desk.database.read() as db:
        held = await catalogue.shown_events(db)
    near = [one for one in held if one.state is EventState.PUBLISHED and one.over_at + OPEN_FOR > visit.now]
    return JSONResponse([_event(one) for one in sorted(near, key=lambda one: one.start)])


def _event(held: Event) -> dict[str, Any]:
    when = event_time(held)
    return {
        "id": held.id, "title": held.title, "when": when, "place": held.place, "over": _figure(held.over_at),
        "cancelled": held.state is EventState.CANCELLED,
    }  # fmt: skip


def _figure(at: datetime | None) -> int | None:
    """Milliseconds since 1970, as browsers count."""
    return None if at is None else int(at.timestamp() * 1000)


async def _find(db: Connection, event_id: str) -> Event:
    held = await found_event(db, event_id)
    if held.state is EventState.SUBMITTED:
        raise HTTPException(404)
    return held


async def _list(visit: Visit, db: Connection, held: Event) -> dict[str, Any]:
    guests = [
        {
            "number": one.number, "name": one.name, "last3": one.last3, "heads": one.heads, "waiting": one.waiting,
            "state": one.state.value, "code": one.code, "came": _figure(one.came_at),
        }
        for one in await arrivals.listed(db, held.id)
    ]  # fmt: skip
    key = badge.public_key(visit.desk.office.secret)
    return {"event": _event(held), "key": key, "guests": guests, "token": keys.mask(visit.session.guard)}


@doors.see("/cua/su-kien/{event_id}", Permission.SEND)
async def preload(visit: Here, event_id: str) -> Response:
    """The list of an event with the key that checks badges, for a phone to keep."""
    async with visit.desk.database.read() as db:
        return JSONResponse(await _list(visit, db, await _find(db, event_id)))


@doors.do("/cua/su-kien/{event_id}", Permission.SEND)
async def take(
    visit: Here,
    event_id: str,
    device: Annotated[str, Form(max_length=64)],
    clock: Annotated[int, Form()],
    items: Annotated[str, Form(max_length=250_000)],
) -> Response:
    """Takes what a device noted; sent twice it is taken once. The list as it is now comes back."""
    async with visit.desk.database.write() as db:
        held = await _find(db, event_id)
        shift = visit.now - datetime.fromtimestamp(clock / 1000, UTC) if 0 < clock < 10**14 else timedelta()
        noted = _read(items, device, shift, held, visit.now)
        became = await making.take(db, held, noted, visit.officer.name, visit.now)
        fresh = sum(outcome == "new" for outcome in became.values())
        if fresh:
            after = {"số người": str(fresh)}
            await audit.note(db, visit.officer.name, "check_in", "event", event_id, visit.now, after=after)
        told = await _list(visit, db, held)
    return JSONResponse({**told, "became": became})


def _read(items: str, device: str, shift: timedelta, held: Event, now: datetime) -> list[Arrival]:
    """What a device tells; Refused when it cannot be read."""
    if not MARK.fullmatch(device):
        raise Refused("Máy này chưa có tên.")
    found = []
    try:
        for row in json.loads(items)[:MOST_AT_ONCE]:
            at = making.by_our_clock(datetime.fromtimestamp(int(row["at"]) / 1000, UTC), shift, held, now)
            number, name = row.get("number"), " ".join(str(row.get("name", "")).split())[:120]
            if (
                not MARK.fullmatch(row["mark"])
                or not (number is None or isinstance(number, int))
                or not (number or name)
            ):
                raise ValueError("no mark, number or name")
            phone = phone_number(str(row.get("phone") or "")[:30])
            heads = min(max(int(row.get("heads", 1)), 1), MOST_HEADS)
            found.append(Arrival(row["mark"], device, at, How(row["how"]), number, name, phone, heads))
    except (ValueError, TypeError, KeyError, OverflowError, OSError) as error:
        raise Refused("Danh sách máy này gửi lên không đọc được; máy vẫn giữ, anh/chị báo quản trị giúp.") from error
    return found


@doors.see("/cua/{event_id}", Permission.SEND)
async def show_one(visit: Here, event_id: str) -> Response:
    """The same page, which reads from its address which event is meant."""
    return _page(visit)
