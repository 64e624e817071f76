"""The accounts of all officers and the log of what was done."""

from typing import Annotated

from fastapi import Form, Response

from console.deeds import changes
from console.desk import ROOT
from console.doors import Doors, Here, Refused, Visit
from domain.officer import GRANTS, Officer, OfficerState, Permission, Role
from handlers import takeover
from storage import audit, officers, once, sessions
from storage.database import Connection
from storage.once import OncePurpose

doors = Doors()


async def _page(visit: Visit, status: int = 200, **values: object) -> Response:
    async with visit.desk.database.read() as db:
        listed = await officers.everybody(db)
    shown: dict[str, object] = {"link": "", "whose": "", "wrong": "", **values}
    return visit.page("accounts.html", status, listed=listed, **shown)


@doors.see("/quan-tri", Permission.ACCOUNTS)
async def show(visit: Here) -> Response:
    """All accounts."""
    return await _page(visit)


@doors.do("/quan-tri/moi", Permission.ACCOUNTS)
async def invite(
    visit: Here,
    name: Annotated[str, Form(max_length=80)] = "",
    login: Annotated[str, Form(max_length=60)] = "",
    role: Annotated[Role, Form()] = Role.OFFICER,
) -> Response:
    """Makes an account and shows, this once, the link that opens it."""
    name, login = " ".join(name.split()), login.strip().lower()
    if len(name) < 2 or not login.isascii() or not login.replace(".", "").isalnum():
        return await _page(visit, 422, wrong="Cần họ tên, và tên đăng nhập gồm chữ không dấu, số hoặc dấu chấm.")
    async with visit.desk.database.write() as db:
        made = await officers.invite(db, name, login, role, visit.now)
        if made is not None:
            link = await once.make(db, OncePurpose.INVITE, made.id, visit.now)
            after = {"tên": name, "đăng nhập": login, "vai": role.value}
            await audit.note(db, visit.officer.name, "invite", "officer", str(made.id), visit.now, after=after)
    if made is None:
        return await _page(visit, 422, wrong="Họ tên hoặc tên đăng nhập này đã có rồi.")
    return await _page(visit, link=_address(visit, link), whose=name)


def _address(visit: Visit, token: str) -> str:
    return f"{visit.request.url.scheme}://{visit.request.url.netloc}{ROOT}/mo/{token}"


@doors.do("/quan-tri/{officer_id}/lien-ket", Permission.ACCOUNTS)
async def new_link(visit: Here, officer_id: int) -> Response:
    """A new link for somebody who lost the password or the phone; the old password and code end."""
    async with visit.desk.database.write() as db:
        whose = await _find(db, officer_id)
        if whose.id == visit.officer.id:
            raise Refused("Tài khoản của chính mình thì đổi mật khẩu ở mục Tài khoản của tôi.")
        if whose.state is not OfficerState.INVITED:
            await _keep_one_admin(db, whose)
        await officers.reopen(db, officer_id)
        await sessions.end_others(db, officer_id)
        link = await once.make(db, OncePurpose.INVITE, officer_id, visit.now)
        verb = "reopen_account" if whose.state is OfficerState.CLOSED else "new_link"
        await audit.note(db, visit.officer.name, verb, "officer", str(officer_id), visit.now)
    return await _page(visit, link=_address(visit, link), whose=whose.name)


async def _find(db: Connection, officer_id: int) -> Officer:
    whose = await officers.find(db, officer_id)
    if whose is None:
        raise Refused("Không có tài khoản này.")
    return whose


def _because(reason: str) -> None:
    if not reason.strip():
        raise Refused("Anh/chị ghi một câu: vì sao đổi tài khoản này.")


async def _keep_one_admin(db: Connection, whose: Officer) -> None:
    if whose.role is Role.ADMIN and whose.state is OfficerState.OPEN and await officers.open_admins(db) < 2:
        raise Refused("Đây là quản trị cuối cùng; hãy có thêm một quản trị nữa trước đã.")


@doors.do("/quan-tri/{officer_id}/vai", Permission.ACCOUNTS)
async def change_role(
    visit: Here, officer_id: int, role: Annotated[Role, Form()], reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """Gives an account another role."""
    _because(reason)
    async with visit.desk.database.write() as db:
        whose = await _find(db, officer_id)
        if role is not Role.ADMIN:
            await _keep_one_admin(db, whose)
        await officers.set_role(db, officer_id, role)
        if Permission.TALK not in GRANTS[role]:
            await takeover.leave(db, officer_id, visit.now)
        before, after = {"vai": whose.role.value}, {"vai": role.value}
        words = (visit.officer.name, "change_role", "officer", str(officer_id))
        await audit.note(db, *words, visit.now, reason, before, after)
    return visit.go("/quan-tri", "role")


@doors.do("/quan-tri/{officer_id}/dong", Permission.ACCOUNTS)
async def close(visit: Here, officer_id: int, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Closes an account; the talks it holds go back to the assistant."""
    _because(reason)
    async with visit.desk.database.write() as db:
        whose = await _find(db, officer_id)
        await _keep_one_admin(db, whose)
        await officers.close(db, officer_id)
        await takeover.leave(db, officer_id, visit.now)
        words = (visit.officer.name, "close_account", "officer", str(officer_id))
        await audit.note(db, *words, visit.now, reason, {"trạng thái": whose.state.value}, {"trạng thái": "closed"})
    return visit.go("/quan-tri", "closed")


@doors.see("/nhat-ky", Permission.AUDIT)
async def show_log(visit: Here, truoc: int | None = None, ai: str = "", gi: str = "") -> Response:
    """Who did what, when, why."""
    async with visit.desk.database.read() as db:
        entries = await audit.page(db, truoc, ai, gi)
        listed = await officers.everybody(db)
    rows = [(entry, changes(entry.noun, entry.before, entry.after)) for entry in entries]
    older = entries[-1].id if len(entries) == 50 else None
    names = {one.id: one.name for one in listed}
    return visit.page("log.html", rows=rows, listed=listed, names=names, ai=ai, gi=gi, older=older)
