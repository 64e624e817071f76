"""Signing in and out; opening an account by its one-time link."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from console import keys
from console.desk import ROOT, Desk
from console.doors import AtDesk, Doors, Here, cookie_name, render
from domain.officer import Officer, OfficerState, Permission, Role
from storage import attempts, audit, officers, once, sessions
from storage.database import Connection
from storage.officers import Account
from storage.once import OncePurpose

doors = Doors()
MOST_WRONG = 5  # passwords of one account before it rests
MOST_WRONG_PLACE = 30  # of one place
REST = timedelta(minutes=15)
WRONG = "Tên đăng nhập, mật khẩu hoặc mã xác thực chưa đúng."


def _place(request: Request) -> str:
    return f"place:{request.client.host if request.client else 'unknown'}"


def _back(path: str) -> str:
    """Where to go after signing in: only a page of ours."""
    good = path == ROOT or path.startswith(ROOT + "/")
    return path if good and "\\" not in path and not path.startswith("//") and "\n" not in path else ROOT + "/"


@doors.open_to_all("GET", "/dang-nhap")
async def show_sign_in(desk: AtDesk, ve: str = "") -> Response:
    """The sign-in page."""
    return _sign_in_page(desk, ve)


def _sign_in_page(desk: Desk, back: str, login: str = "", wrong: str = "", status: int = 200) -> Response:
    return render(desk, "sign_in.html", status, visit=None, flash="", token="", back=back, login=login, wrong=wrong)


@doors.open_to_all("POST", "/dang-nhap")
async def sign_in(
    request: Request,
    desk: AtDesk,
    login: Annotated[str, Form(max_length=100)] = "",
    password: Annotated[str, Form(max_length=400)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
    ve: Annotated[str, Form(max_length=600)] = "",
) -> Response:
    """Starts a session for the right login, password and, where it is on, code."""
    now = desk.now()
    name = login.strip().lower()[:100]
    marks = (f"login:{name}", _place(request))
    async with desk.database.read() as db:
        rest = await _rest(db, marks, now)
        account = await officers.account(db, name)
    if rest:
        return _sign_in_page(desk, ve, login, rest, 429)
    right = await asyncio.to_thread(keys.proves, password, account.password if account else None)
    step = _step(desk, account, code, now) if right and account else None
    async with desk.database.write() as db:
        await attempts.hold(db, marks, now)  # of many tries at the same instant only so many count
        rest = await _rest(db, marks, now)
        if rest:
            return _sign_in_page(desk, ve, login, rest, 429)
        good = right and account is not None and account.officer.state is OfficerState.OPEN
        if good and account and account.totp:
            good = step is not None and await officers.use_step(db, account.officer.id, step)
        if not good or account is None:
            await attempts.fail(db, marks[0], MOST_WRONG, REST, now)
            await attempts.fail(db, marks[1], MOST_WRONG_PLACE, REST, now)
        else:
            await attempts.clear(db, marks[0])
            await sessions.forget_ended(db, now)
            token = await sessions.begin(db, account.officer.id, request.headers.get("user-agent", ""), now)
            await audit.note(db, account.officer.name, "sign_in", "officer", str(account.officer.id), now)
    if not good:
        return _sign_in_page(desk, ve, login, WRONG, 401)
    return _signed_in(request, token, _back(ve))


async def _rest(db: Connection, marks: tuple[str, ...], now: datetime) -> str:
    """What is said while an account or a place rests; empty when neither does."""
    rests = [until for mark in marks if (until := await attempts.locked_until(db, mark, now))]
    minutes = int((max(rests) - now).total_seconds() // 60) + 1 if rests else 0
    return f"Đăng nhập sai nhiều lần. Anh/chị thử lại sau {minutes} phút." if rests else ""


def _step(desk: Desk, account: Account, code: str, now: datetime) -> int | None:
    if not account.totp:
        return None
    secret = keys.unlock(desk.secret, account.totp)
    return keys.totp_step(secret, code, now.timestamp()) if secret else None


def _signed_in(request: Request, token: str, path: str) -> Response:
    answer = RedirectResponse(path, 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(cookie_name(request), token, path="/", httponly=True, samesite="lax", secure=secure)
    return answer


@doors.do("/dang-xuat", Permission.OWN)
async def sign_out(visit: Here) -> Response:
    """Ends this session."""
    async with visit.desk.database.write() as db:
        await sessions.end(db, visit.session.digest)
    answer = visit.go("/dang-nhap")
    answer.delete_cookie(cookie_name(visit.request), path="/")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


# --- one-time links ---------------------------------------------------------------------------------------------
@doors.open_to_all("GET", "/mo/{token}")
async def show_link(desk: AtDesk, token: str) -> Response:
    """The page of a one-time link; looking does not use it up."""
    return await _link_page(desk, token)


async def _link_page(desk: Desk, token: str, wrong: str = "", name: str = "", login: str = "") -> Response:
    now = desk.now()
    async with desk.database.read() as db:
        first = await once.look(db, OncePurpose.FIRST, token, now)
        invited = await once.look(db, OncePurpose.INVITE, token, now)
        whose = await officers.find(db, invited[0]) if invited and invited[0] else None
    known = first is not None or whose is not None
    values = {"link": token, "known": known, "first": first is not None, "whose": whose, "wrong": wrong}
    status = 422 if wrong else 200 if known else 410
    return render(desk, "link.html", status, visit=None, flash="", token="", name=name, login=login, **values)


@doors.open_to_all("POST", "/mo/{token}")
async def open_account(
    request: Request,
    desk: AtDesk,
    token: str,
    password: Annotated[str, Form(max_length=400)] = "",
    again: Annotated[str, Form(max_length=400)] = "",
    name: Annotated[str, Form(max_length=80)] = "",
    login: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Chooses the password of an account; the first link makes the first account, an administrator's."""
    name, login = " ".join(name.split()), login.strip().lower()
    now = desk.now()
    async with desk.database.read() as db:
        invited = await once.look(db, OncePurpose.INVITE, token, now)
        whose = await officers.find(db, invited[0]) if invited and invited[0] else None
    wrong = _wrong_choice(whose, name, login, password, again)
    if wrong:
        return await _link_page(desk, token, wrong, name, login)
    held = await asyncio.to_thread(keys.hash_password, password)
    async with desk.database.write() as db:
        if whose is not None:
            used = await once.use(db, OncePurpose.INVITE, token, now)
            officer: Officer | None = whose
        else:
            used = await once.use(db, OncePurpose.FIRST, token, now) if not await officers.anybody(db) else None
            officer = await officers.invite(db, name, login, Role.ADMIN, now) if used else None
        if used is not None and officer is not None:
            await officers.set_password(db, officer.id, held)
            await sessions.end_others(db, officer.id)
            begun = await sessions.begin(db, officer.id, request.headers.get("user-agent", ""), now)
            await audit.note(db, officer.name, "open_account", "officer", str(officer.id), now)
    if used is None or officer is None:
        return await _link_page(desk, token)
    return _signed_in(request, begun, ROOT + "/")


def _wrong_choice(whose: Officer | None, name: str, login: str, password: str, again: str) -> str:
    if whose is None and (
        len(name) < 2 or not login.isascii() or len(login) < 2 or not login.replace(".", "").isalnum()
    ):
        return "Anh/chị điền họ tên, và tên đăng nhập gồm chữ không dấu, số hoặc dấu chấm."
    if password != again:
        return "Hai lần gõ mật khẩu chưa giống nhau."
    try:
        keys.check_password(password, whose.name if whose else name, whose.login if whose else login)
    except keys.WeakPassword as weak:
        return str(weak)
    return ""
