"""Opens pages to those who may: every route names its permission, whatever names none is shut."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from config.logging import mask
from console import keys
from console.desk import ROOT, Desk
from domain.event import Event
from domain.officer import Officer, Permission
from storage import audit, catalogue, sessions
from storage.database import Connection
from storage.sessions import Session

SECURE_COOKIE, PLAIN_COOKIE = "__Host-nhipcau", "nhipcau-canbo"
SAID_COOKIE = "nhipcau-said"
Handler = Callable[..., Any]


class SignInFirst(Exception):
    """Nobody is signed in; the way back is kept."""


class Refused(Exception):
    """What was asked cannot be done; the message tells the officer why."""


def cookie_name(request: Request) -> str:
    """The cookie of the session: bound to this host when the way is encrypted."""
    return SECURE_COOKIE if request.url.scheme == "https" else PLAIN_COOKIE


@dataclass
class Visit:
    """One request of a signed-in officer."""

    request: Request
    desk: Desk
    officer: Officer
    session: Session
    now: datetime

    def may(self, permission: str) -> bool:
        """Whether this officer may do a thing."""
        return self.officer.may(Permission(permission))

    def private(self, text: str) -> str:
        """What people wrote, without phone numbers for those who may not see contacts."""
        return text if self.may("contacts") else mask(text).replace("[phone]", "(số được che)")

    @property
    def partial(self) -> bool:
        """Whether htmx asks for a piece of a page only."""
        return "hx-request" in self.request.headers and "hx-boosted" not in self.request.headers

    @property
    def by_itself(self) -> bool:
        """Whether an open page asks, not the officer: nobody stays signed in by a page left open."""
        return self.partial or self.request.headers.get("accept") == "text/event-stream"

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page in the officer's name."""
        said = unquote(self.request.cookies.get(SAID_COOKIE, ""))
        answer = render(
            self.desk, template, status, visit=self, flash=said, token=keys.mask(self.session.guard), **values
        )
        if said:
            answer.delete_cookie(SAID_COOKIE, path=ROOT)
        return answer

    def go(self, path: str, said: str = "") -> Response:
        """On to another page after a deed; `said` names what the page shall say (said.SAID), "name:detail"."""
        answer = RedirectResponse(ROOT + path, 303)
        if said:
            told = quote(said, safe=":, ")  # a cookie holds no Vietnamese letters
            answer.set_cookie(SAID_COOKIE, told, max_age=30, path=ROOT, httponly=True, samesite="strict")
        return answer


def render(desk: Desk, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A template as a page."""
    return HTMLResponse(desk.templates.get_template(template).render(**values), status)


def _visit(request: Request) -> Visit:
    held = getattr(request.state, "visit", None)
    if not isinstance(held, Visit):  # the route named no permission
        raise HTTPException(403)
    return held


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


Here = Annotated[Visit, Depends(_visit)]
AtDesk = Annotated[Desk, Depends(_desk)]


def _let_in(permission: Permission, changes: bool) -> Callable[[Request], Any]:
    async def check(request: Request) -> None:
        desk: Desk = request.app.state.desk
        now = desk.now()
        token = request.cookies.get(cookie_name(request), "")
        async with desk.database.read() as db:
            found = await sessions.find(db, token, now) if token else None
        if found is None:
            raise SignInFirst
        session, officer = found
        request.state.visit = visit = Visit(request, desk, officer, session, now)
        if not officer.may(permission):
            raise HTTPException(403)
        if changes and not keys.matches(str((await request.form()).get("token", "")), session.guard):
            raise HTTPException(403, "form")
        if now - session.seen_at >= sessions.TOUCH_EVERY and not visit.by_itself:
            async with desk.database.write() as db:
                await sessions.touch(db, session.digest, now)

    return check


class Doors:
    """The routes of one page file."""

    def __init__(self) -> None:
        self.router = APIRouter()

    def see(self, path: str, permission: Permission) -> Callable[[Handler], Handler]:
        """A page that changes nothing."""
        return self._route("GET", path, permission)

    def do(self, path: str, permission: Permission) -> Callable[[Handler], Handler]:
        """A deed: a form with the session's token, sent from a page of ours."""
        return self._route("POST", path, permission)

    def open_to_all(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """A page for somebody who is not signed in."""
        return self._add(method, path, None, [])

    def _route(self, method: str, path: str, permission: Permission) -> Callable[[Handler], Handler]:
        return self._add(method, path, permission, [Depends(_let_in(permission, method == "POST"))])

    def _add(
        self, method: str, path: str, permission: Permission | None, needs: list[Any]
    ) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.router.add_api_route(
                path,
                handler,
                methods=[method],
                dependencies=needs,
                response_model=None,
                openapi_extra={"x-permission": permission.value if permission else "everybody"},
            )
            return handler

        return keep


async def found_event(db: Connection, event_id: str) -> Event:
    """The event that an address names; 404 when there is none."""
    found = await catalogue.find_event(db, event_id)
    if found is None:
        raise HTTPException(404)
    return found


@asynccontextmanager
async def event_deed(visit: Visit, event_id: str, verb: str) -> AsyncIterator[tuple[Connection, Event, dict[str, str]]]:
    """One deed on an event in one transaction with its line in the log, where what is put into the dict stands."""
    after: dict[str, str] = {}
    async with visit.desk.database.write() as db:
        yield db, await found_event(db, event_id), after
        await audit.note(db, visit.officer.name, verb, "event", event_id, visit.now, after=after or None)


def sign_in_address(request: Request) -> str:
    """The sign-in page that leads back here afterwards."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{ROOT}/dang-nhap?ve={quote(back, safe='')}" if request.method == "GET" else f"{ROOT}/dang-nhap"
