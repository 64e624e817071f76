"""One's own account: password, second factor, places signed in, chats."""

import asyncio
from typing import Annotated, Any

import segno
from fastapi import Form, Response

from console import keys
from console.doors import Doors, Here, Refused, Visit
from domain.officer import Permission
from storage import audit, officers, once, sessions
from storage.once import OncePurpose

doors = Doors()


async def _page(visit: Visit, status: int = 200, **values: object) -> Response:
    async with visit.desk.database.read() as db:
        account = await officers.account_of(db, visit.officer.id)
        places = await sessions.of_officer(db, visit.officer.id, visit.now)
        chats = await officers.chats(db, visit.officer.id)
    assert account is not None
    shown: dict[str, object] = {"wrong": "", "code": "", "totp_secret": "", "totp_picture": "", **values}
    return visit.page("account.html", status, has_totp=bool(account.totp), places=places, chats=chats, **shown)


@doors.see("/tai-khoan", Permission.OWN)
async def show(visit: Here) -> Response:
    """The page of the account."""
    return await _page(visit)


@doors.do("/tai-khoan/mat-khau", Permission.OWN)
async def change_password(
    visit: Here,
    old: Annotated[str, Form(max_length=400)] = "",
    new: Annotated[str, Form(max_length=400)] = "",
    again: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Takes a new password and ends the sessions elsewhere."""
    async with visit.desk.database.read() as db:
        account = await officers.account_of(db, visit.officer.id)
    if account is None or not await asyncio.to_thread(keys.proves, old, account.password):
        return await _page(visit, 422, wrong="Mật khẩu hiện tại chưa đúng.")
    if new != again:
        return await _page(visit, 422, wrong="Hai lần gõ mật khẩu mới chưa giống nhau.")
    try:
        keys.check_password(new, visit.officer.name, visit.officer.login)
    except keys.WeakPassword as weak:
        return await _page(visit, 422, wrong=str(weak))
    held = await asyncio.to_thread(keys.hash_password, new)
    async with visit.desk.database.write() as db:
        await officers.set_password(db, visit.officer.id, held)
        await sessions.end_others(db, visit.officer.id, visit.session.digest)
        await audit.note(db, visit.officer.name, "change_password", "officer", str(visit.officer.id), visit.now)
    return visit.go("/tai-khoan", "password")


@doors.do("/tai-khoan/noi-khac", Permission.OWN)
async def end_elsewhere(visit: Here) -> Response:
    """Ends the sessions in other places."""
    async with visit.desk.database.write() as db:
        await sessions.end_others(db, visit.officer.id, visit.session.digest)
        await audit.note(db, visit.officer.name, "end_sessions", "officer", str(visit.officer.id), visit.now)
    return visit.go("/tai-khoan", "sessions")


# --- the second factor ------------------------------------------------------------------------------------------
@doors.do("/tai-khoan/ma-xac-thuc/moi", Permission.OWN)
async def offer_totp(visit: Here) -> Response:
    """Shows a new secret; nothing is kept until a code of it comes back."""
    return await _page(visit, **_totp(visit, keys.new_totp()))


def _totp(visit: Visit, secret: str) -> dict[str, Any]:
    picture = segno.make(keys.totp_link(secret, visit.officer.login), error="m")
    return {"totp_secret": secret, "totp_picture": picture.svg_data_uri(scale=4, border=2, light="#fff")}


@doors.do("/tai-khoan/ma-xac-thuc", Permission.OWN)
async def set_totp(
    visit: Here, secret: Annotated[str, Form(max_length=64)] = "", code: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """Switches the second factor on with the first right code."""
    good = secret.isalnum() and secret.isascii() and len(secret) == 32
    if not good or keys.totp_step(secret, code, visit.now.timestamp()) is None:
        again = _totp(visit, secret) if good else dict[str, Any]()
        return await _page(
            visit, 422, wrong="Mã chưa đúng. Anh/chị xem lại giờ trên điện thoại rồi thử mã mới.", **again
        )
    async with visit.desk.database.write() as db:
        await officers.set_totp(db, visit.officer.id, keys.lock(visit.desk.secret, secret))
        await audit.note(db, visit.officer.name, "set_totp", "officer", str(visit.officer.id), visit.now)
    return visit.go("/tai-khoan", "totp-on")


@doors.do("/tai-khoan/ma-xac-thuc/tat", Permission.OWN)
async def drop_totp(visit: Here, password: Annotated[str, Form(max_length=400)] = "") -> Response:
    """Switches the second factor off, for who knows the password."""
    async with visit.desk.database.read() as db:
        account = await officers.account_of(db, visit.officer.id)
    if account is None or not await asyncio.to_thread(keys.proves, password, account.password):
        return await _page(visit, 422, wrong="Mật khẩu chưa đúng nên mã xác thực vẫn bật.")
    async with visit.desk.database.write() as db:
        await officers.set_totp(db, visit.officer.id, None)
        await audit.note(db, visit.officer.name, "drop_totp", "officer", str(visit.officer.id), visit.now)
    return visit.go("/tai-khoan", "totp-off")


# --- chats ------------------------------------------------------------------------------------------------------
@doors.do("/tai-khoan/noi-chat", Permission.OWN)
async def offer_chat(visit: Here) -> Response:
    """Gives a code that ties a chat to this account within ten minutes."""
    async with visit.desk.database.write() as db:
        code = await once.make(db, OncePurpose.CHAT, visit.officer.id, visit.now)
    return await _page(visit, code=code)


@doors.do("/tai-khoan/bo-chat", Permission.OWN)
async def drop_chat(visit: Here, address: Annotated[int, Form()]) -> Response:
    """Ends the tie of a chat."""
    async with visit.desk.database.write() as db:
        held = {chat.address_id for chat in await officers.chats(db, visit.officer.id)}
        if address not in held:
            raise Refused("Chat này không nối với tài khoản của anh/chị.")
        await officers.unlink_chat(db, visit.officer.id, address)
        await audit.note(db, visit.officer.name, "unlink_chat", "officer", str(visit.officer.id), visit.now)
    return visit.go("/tai-khoan", "unlinked")
