"""A console with a clock of its own, officers who are signed in, people who talk: what the console's tests share."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select, update

from bot.chat import Talk
from bot.clock import run_due
from bot.wiring import System
from console import handouts, slips
from console.app import build
from console.desk import ROOT, Desk
from console.doors import PLAIN_COOKIE, SAID_COOKIE
from domain.officer import Officer, Role
from domain.worktime import ZONE
from storage import officers, sessions
from storage.files import FileStore
from storage.tables import audit, session

MONDAY = datetime(2026, 12, 7, 1, 0, tzinfo=UTC)  # 08:00 in Việt Nam
TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')
HOST = "http://test"


def at(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    """An instant of 2026 by a clock of Việt Nam."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


class Hand:
    """One officer's browser without scripts."""

    def __init__(self, house: "House", officer: Officer | None = None, token: str = "") -> None:
        cookies = {PLAIN_COOKIE: token} if token else {}
        self.house, self.officer = house, officer
        app = house.app
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HOST, cookies=cookies)

    async def _stay(self) -> None:
        """Signed in again after a night or a weekend: whoever still has a session goes on with it."""
        async with self.house.system.database.write() as db:
            values = {"seen_at": self.house.now, "ends_at": self.house.now + timedelta(hours=1)}
            await db.execute(update(session).values(**values))

    async def get(self, path: str, **given: Any) -> httpx.Response:
        await self._stay()
        return await self.client.get(path if path.startswith("/phieu") else ROOT + path, **given)

    async def show(self, page: Any) -> str:
        """A browser's page sees what this officer sees; the address of the console there."""
        base = "http://localhost"  # an origin that browsers trust

        async def answer(route: Any) -> None:
            asked = route.request
            await self._stay()
            headers = {**asked.headers, "Origin": HOST, "Sec-Fetch-Site": "same-origin"}
            whole = {"content": asked.post_data_buffer, "headers": headers, "follow_redirects": True}
            made = await self.client.request(asked.method, asked.url.removeprefix(base), **whole)
            told = {name: value for name, value in made.headers.items() if not name.startswith("content-encoding")}
            await route.fulfill(status=made.status_code, body=made.content, headers=told)

        await page.route(f"{base}/**", answer)
        return base + ROOT

    async def token(self) -> str:
        page = await self.get("/tai-khoan")
        found = TOKEN.search(page.text)
        return found[1] if found else ""

    async def post(self, path: str, file: tuple[str, bytes] | None = None, **fields: Any) -> httpx.Response:
        data = {"token": await self.token(), **fields}
        where = path if path.startswith("/phieu") else ROOT + path
        headers = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}
        before = await self.house.deeds()
        answer = await self.client.post(where, data=data, files={"file": file} if file else None, headers=headers)
        said = answer.cookies.get(SAID_COOKIE, "").strip('"')
        if said and not said.startswith("held"):  # whoever held a talk before still holds it: nothing was done
            assert await self.house.deeds() > before, f"{path} was done without a line in the log"
        return answer

    async def text(self, path: str) -> str:
        page = await self.get(path)
        assert page.status_code == 200, (path, page.status_code, page.text[:500])
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)))


class House:
    """The console over a real system; `now` is the one clock of officers and people."""

    def __init__(self, system: System, folder: Path, now: datetime = MONDAY) -> None:
        self.system, self.now = system, now
        self.files = FileStore(folder / "files")
        self.desk = Desk(system.database, system.office, "a test's secret", now=lambda: self.now, files=self.files)
        self.app = FastAPI()
        self.desk_app = build(self.desk)
        self.app.mount(ROOT, self.desk_app)
        self.app.mount("/phieu", slips.build(self.desk))
        self.app.mount("/tep", handouts.build(self.desk))
        self.talks: list[Talk] = []
        self._made = 0

    async def officer(self, name: str, role: Role) -> Hand:
        """An officer with an open account who is signed in."""
        self._made += 1
        async with self.system.database.write() as db:
            made = await officers.invite(db, name, f"o{self._made}", role, self.now)
            assert made is not None
            await officers.set_password(db, made.id, "unused")
            held = await officers.find(db, made.id)
            token = await sessions.begin(db, made.id, "test", self.now)
        return Hand(self, held, token)

    async def deeds(self) -> int:
        """How many lines the log has."""
        async with self.system.database.read() as db:
            return int((await db.execute(select(func.count()).select_from(audit))).scalar_one())

    def nobody(self) -> Hand:
        return Hand(self)

    async def person(self, name: str) -> Talk:
        talk = Talk(self.system, name, self.now)
        await talk.begin()
        self.talks.append(talk)
        return talk

    async def say(self, talk: Talk, text: str) -> list[str]:
        """What the person hears in answer."""
        talk.now = self.now
        return [item.text for item in await talk.say([text])]

    async def hear(self, talk: Talk) -> list[str]:
        """What has come for the person meanwhile."""
        talk.now = self.now
        await talk.deliverer.drain(self.now, only_address=talk._address)
        return [item.text for item in talk.channel.take()]

    async def pass_time(self, step: timedelta) -> None:
        """All that falls due happens, each at its own time."""
        self.now += step
        await run_due(self.system.database, self.system.office, self.now)

    async def until(self, at: datetime) -> None:
        await self.pass_time(at - self.now)
