"""What an officer does at the console in a scenario: the real pages, signed in, under the scenario's clock."""

import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import select, update

from bot.wiring import System
from console import slips
from console.app import build
from console.desk import ROOT, Desk
from console.doors import PLAIN_COOKIE
from domain.text import fold
from storage import sessions
from storage.tables import inbox, need, officer, session, ticket

HOST = "http://test"
TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')
MARKS = {"ticket": ticket.c.code, "need": need.c.code, "slip": need.c.slip}
OWN = ("who", "post", "get", "shows", "lacks", "refused")


async def act(system: System, step: Mapping[str, Any], now: datetime) -> None:
    """One step: `who` an officer (nobody: without signing in), `get` or `post` a page with its other keys as the form;
    {person}, {need}, {ticket}, {slip} stand for the newest of each; `shows` and `lacks` words of the page,
    `refused: true` for a deed that must not be done."""
    desk = Desk(system.database, system.office, "scenario", now=lambda: now)
    app = FastAPI()
    app.mount(ROOT, build(desk))
    app.mount("/phieu", slips.build(desk))
    cookies = {PLAIN_COOKIE: await _signed_in(system, step["who"], now)} if step.get("who") else {}
    filled = {key: await _filled(system, str(value)) for key, value in step.items() if key not in ("shows", "lacks")}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=HOST, cookies=cookies, follow_redirects=True
    ) as client:
        answer = await _asked(client, filled)
    text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))
    where = f"{step.get('who', 'nobody')} at {step.get('get') or step.get('post')}"
    if step.get("refused"):
        assert answer.status_code >= 400 or "đang giữ cuộc trò chuyện này" in text, f"{where} was not refused"
    else:
        assert answer.status_code == 200, f"{where}: {answer.status_code} {text[:600]}"
    for part in step.get("shows", ()):
        assert fold(await _filled(system, str(part))) in fold(text), f"{where}: “{part}” missing in\n{text}"
    for part in step.get("lacks", ()):
        assert str(part) not in text, f"{where}: “{part}” stands in\n{text}"


async def _asked(client: httpx.AsyncClient, step: Mapping[str, str]) -> httpx.Response:
    if "get" in step:
        return await client.get(_path(step["get"]))
    form = {key: value for key, value in step.items() if key not in OWN}
    if step["post"].endswith("/noi"):
        form["once"] = uuid.uuid4().hex
    if client.cookies:
        found = TOKEN.search((await client.get(f"{ROOT}/tai-khoan")).text)
        assert found is not None, "not signed in"
        form["token"] = found[1]
    return await client.post(_path(step["post"]), data=form, headers={"Sec-Fetch-Site": "same-origin"})


def _path(path: str) -> str:
    return path if path.startswith("/phieu") else ROOT + path


async def _signed_in(system: System, name: str, now: datetime) -> str:
    async with system.database.write() as db:
        whose = (await db.execute(select(officer.c.id).where(officer.c.name == name))).scalar_one()
        await db.execute(update(officer).where(officer.c.id == whose).values(state="open", login=f"o{whose}"))
        token = await sessions.begin(db, whose, "scenario", now)
        await db.execute(update(session).values(ends_at=now + timedelta(hours=1)))
    return token


async def _filled(system: System, text: str) -> str:
    """The text with the newest person, need, ticket and slip put in."""
    async with system.database.read() as db:
        person = select(inbox.c.person_id).order_by(inbox.c.id.desc()).limit(1)
        if "{person}" in text:
            text = text.replace("{person}", str((await db.execute(person)).scalar_one()))
        for mark, column in MARKS.items():
            if f"{{{mark}}}" in text:
                newest = select(column).where(column.is_not(None)).order_by(column.table.c.id.desc()).limit(1)
                text = text.replace(f"{{{mark}}}", str((await db.execute(newest)).scalar_one()))
    return text
