"""How fast the officers' console is with a province's people in it: python -m bench.console [--officers 4] [--rounds 40]."""

import argparse
import asyncio
import contextlib
import os
import random
import socket
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Table, func, insert, select
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.wiring import keep_out_of_collection, open_system
from config.settings import HOME, Settings
from console.app import build
from console.desk import ROOT, Desk
from console.doors import PLAIN_COOKIE
from domain.officer import Role
from domain.text import plain
from storage import officers, sessions
from storage.database import Database
from storage.tables import address, audit, conversation, match, message, need, offer, person, ticket

PEOPLE, NEEDS, MESSAGES, TICKETS = 10_000, 20_000, 200_000, 600
WAITED = "x-waited"  # the header of our own with the milliseconds without a processor
FAMILIES = "Nguyễn Trần Lê Hoàng Vi Nông Lý Hà Đinh Lương Triệu Mã Chu Bế Dương".split()
MIDDLES = "Văn Thị Minh Thu Đức Ngọc Hồng Quang Thanh Kim".split()
GIVEN = "Mai Lan Tài Đức Én Hùng Trang Sơn Hoa Thuỷ Bình Cường Dung Hạnh Loan Phúc Tuấn Yến".split()
PRODUCTS = "hoa hồi,na,măng,thạch đen,chè,quýt,mật ong,rau bò khai,gỗ bóc,miến dong".split(",")
PROCESSES = "sấy,đóng gói,bảo quản lạnh,nghiền,chưng cất,rửa,tưới,phân loại".split(",")
UNITS = [f"xã {name}" for name in "Chi Lăng,Văn Quan,Mẫu Sơn,Na Dương,Bình Gia,Hữu Lũng,Tràng Định,Cao Lộc".split(",")]
WORDS = "em ơi cho hỏi máy này giá bao nhiêu có hỗ trợ không nhà tôi làm được mấy năm rồi cần đổi mới".split()
STATES = ("submitted", "open", "open", "introduced", "closed", "closed", "closed", "waiting_for_owner")
PAGES = (
    "/", "/hop-thu", "/hop-thu?muc=tat-ca", "/hop-thu/{person}", "/nhu-cau", "/nhu-cau?trang-thai=open&tim=say",
    "/nhu-cau?tim={name}", "/nhu-cau?tim=khong+co+dau", "/nhu-cau/{need}", "/nguoi", "/nguoi?tim={name}", "/nguoi/{person}",
    "/tra-loi", "/tra-loi?tim=ho+tro", "/tra-loi/faq-030", "/ra-soat", "/nhat-ky", "/tai-khoan", "/cong-nghe", "/tin",
    "/tin/moi", "/nhom", "/su-kien", "/chuong-trinh", "/nhu-cau/moi", "/cong-tac",
)  # fmt: skip


def people(chance: random.Random, now: datetime) -> dict[Table, list[dict[str, Any]]]:
    """Invented people, each with an address and a talk."""
    rows: dict[Table, list[dict[str, Any]]] = {person: [], address: [], conversation: []}
    for key in range(1, PEOPLE + 1):
        name = f"{chance.choice(FAMILIES)} {chance.choice(MIDDLES)} {chance.choice(GIVEN)}"
        phone, born = f"+84{900000000 + key * 37 % 99999999:09d}", now - timedelta(minutes=key * 40)
        known = {"name": name, "phone": phone, "folded": plain(f"{name} 0{phone[3:]}"), "created_at": born}
        place = {"channel": chance.choice(("telegram", "zalo", "web")), "account": "", "external_id": f"x{key}"}
        rows[person].append({"id": key, **known})
        rows[address].append({"id": key, "person_id": key, **place, "seen_at": born})
        talk = {"person_id": key, "address_id": key, "data": {}, "updated_at": now - timedelta(minutes=key)}
        rows[conversation].append(talk)
    return rows


def need_of(chance: random.Random, key: int, now: datetime) -> dict[str, Any]:
    """An invented need."""
    product, process, unit = chance.choice(PRODUCTS), chance.choice(PROCESSES), chance.choice(UNITS)
    text = f"nhà em làm {product} ở {unit}, " + " ".join(chance.choices(WORDS, k=25))
    told = {"problem": "hay hỏng khi trời mưa", "product": product, "wish": f"máy {process}"}
    told["scale"] = f"{chance.randint(1, 90)} tấn/năm"
    fields = {name: {"value": [process] if name == "wish" else None, "words": said} for name, said in told.items()}
    fields["place"] = {"value": {"unit": unit}, "words": unit}
    at, code = now - timedelta(minutes=20 * (NEEDS - key)), f"NC-{key:04d}"
    summary = f"Sản phẩm: {product}; mong muốn: máy {process}"
    words = {"text": text, "summary": summary, "fields": fields, "folded": plain(f"{code} {text} {summary}")}
    times = {"created_at": at, "submitted_at": at, "due_at": at + timedelta(days=1)}
    held = {"state": chance.choice(STATES), "officer_id": chance.choice((None, 1, 2)), "unit": unit}
    return {"id": key, "code": code, "person_id": key % PEOPLE + 1, "channel": "telegram", **words, **times, **held}


def line_of(chance: random.Random, key: int, now: datetime) -> dict[str, Any]:
    """A line of somebody's talk."""
    whose, way = key % PEOPLE + 1, "in" if key // PEOPLE % 2 else "out"
    said = {"text": " ".join(chance.choices(WORDS, k=18)), "choices": [], "at": now - timedelta(minutes=MESSAGES - key)}
    return {"id": key, "person_id": whose, "address_id": whose, "direction": way, **said}


def ticket_of(chance: random.Random, key: int, now: datetime) -> dict[str, Any]:
    """A promise to somebody."""
    due_at = now + timedelta(minutes=chance.randint(-300, 3000))
    who = {"kind": "HT", "person_id": chance.randint(1, PEOPLE), "text": "gặp cán bộ"}
    return {"code": f"HT-{key:04d}", **who, "created_at": now, "due_at": due_at}


async def seed(database: Database, now: datetime) -> None:
    """Lays invented people with needs and talks into an empty database."""
    async with database.read() as db:
        if (await db.execute(select(func.count()).select_from(need))).scalar_one() >= NEEDS:
            return  # left by an earlier run
    chance = random.Random(7)
    rows = people(chance, now)
    for table, make, count in ((need, need_of, NEEDS), (message, line_of, MESSAGES), (ticket, ticket_of, TICKETS)):
        rows[table] = [make(chance, key, now) for key in range(1, count + 1)]
    deed = {"at": now, "actor": "Lan", "verb": "verify", "noun": "need"}
    rows[audit] = [{**deed, "noun_id": f"NC-{key:04d}"} for key in range(1, NEEDS + 1)]
    found = {"offer_id": "O1", "score": 0.8, "because": ["sấy"], "doubts": [], "created_at": now}
    offers = [{"id": "O1", "title": "Máy sấy lạnh", "state": "verified", "written_by": "nhipcau"}]
    rows |= {offer: offers, match: [{"need_id": key, **found} for key in range(1, NEEDS // 4 + 1)]}
    async with database.write() as db:
        for table, held in rows.items():
            for start in range(0, len(held), 2000):
                await db.execute(insert(table), held[start : start + 2000])


class Seen(NamedTuple):
    """A page with the server's own time for it, and how much of that other work held the processors, in ms."""

    page: str
    took: float
    waited: float


async def visit(
    client: httpx.AsyncClient, rounds: int, chance: random.Random, told: list[Seen], think: float = 0.0
) -> None:
    """One officer going from page to page, reading each for `think` seconds on average."""
    for _ in range(rounds):
        if think:
            await asyncio.sleep(chance.expovariate(1 / think))
        page = chance.choice(PAGES)
        given = {
            "person": chance.randint(1, PEOPLE),
            "need": f"NC-{chance.randint(1, NEEDS):04d}",
            "name": chance.choice(GIVEN),
        }
        answer = await client.get(ROOT + page.format(**given))
        assert answer.status_code == 200, (page, answer.status_code)
        took = float(answer.headers["server-timing"].rpartition("=")[2])
        told.append(Seen(page, took, float(answer.headers[WAITED])))


def spread(times: list[float]) -> str:
    """The middle, the 95th of a hundred and the worst, of milliseconds."""
    late = sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]
    return f"p50 {statistics.median(times):.0f} ms, p95 {late:.0f} ms, worst {max(times):.0f} ms"


async def _used() -> float:
    return time.process_time()


def _held_up() -> float:
    held = Path(f"/proc/self/task/{os.getpid()}/schedstat")  # Linux tells of the thread that serves; elsewhere 0
    return int(held.read_text().split()[1]) / 1e6 if held.exists() else 0.0


class Timed:
    """Tells of each page how many milliseconds the serving thread was ready to go on but had no processor."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before = _held_up()

        async def marked(told: Message) -> None:
            if told["type"] == "http.response.start":
                MutableHeaders(scope=told)[WAITED] = f"{_held_up() - before:.1f}"
            await send(told)

        await self.app(scope, receive, marked)


async def serve(url: str, port: int) -> None:
    """The console alone in a process, as in the field; /cpu tells the seconds of processor time it has used."""
    system = await open_system(Settings(data_dir=HOME / "var"), url, samples=False)
    keep_out_of_collection()
    app = FastAPI()
    app.mount(ROOT, build(Desk(system.database, system.office, "bench")))
    app.add_api_route("/cpu", _used)
    app.add_middleware(Timed)
    await uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off")).serve()
    await system.database.close()


async def enter(database: Database, count: int, now: datetime) -> list[str]:
    """So many officers who are signed in; their cookies."""
    tokens = []
    async with database.write() as db:
        for index in range(count):
            mark = f"{now:%H%M%S}{index}"
            made = await officers.invite(db, f"Cán bộ {mark}", f"o{mark}", Role.ADMIN, now)
            assert made is not None
            await officers.set_password(db, made.id, "unused")
            tokens.append(await sessions.begin(db, made.id, "bench", now))
    return tokens


async def measure(url: str, count: int, rounds: int, think: float) -> dict[str, Any]:
    """Seeds, serves in a process of its own, lets one officer and then `count` officers walk."""
    system = await open_system(Settings(data_dir=HOME / "var"), url, samples=False)
    now = datetime.now(UTC)
    began = time.perf_counter()
    await seed(system.database, now)
    if url.startswith("postgresql"):  # as its own housekeeping does within minutes: figures then come from the indexes
        async with system.database.engine.connect() as db:
            await (await db.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql("VACUUM ANALYZE")
    seeded = time.perf_counter() - began
    tokens = await enter(system.database, count, now)
    await system.database.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bench.console", "--serve", str(port), "--database", url]
    process = await asyncio.create_subprocess_exec(*command)
    base = f"http://127.0.0.1:{port}"
    clients = [httpx.AsyncClient(base_url=base, cookies={PLAIN_COOKIE: token}, timeout=60) for token in tokens]

    async def used() -> float:
        return float((await clients[0].get("/cpu")).text)

    try:
        await _until_open(clients[0], process)
        await visit(clients[0], 40, random.Random(1), [])  # warm
        found: dict[str, Any] = {"seeded": seeded}
        plans = {"alone": (clients[:1], rounds * 2, 0.0), "together": (clients, rounds, think), "pressed": (clients, rounds // 2, 0.0)}  # fmt: skip
        for name, (walkers, each, reads) in plans.items():
            told: list[Seen] = []
            cpu, began = await used(), time.perf_counter()
            walks = (visit(client, each, random.Random(index), told, reads) for index, client in enumerate(walkers))
            await asyncio.gather(*walks)
            pages = len(told)
            rates = {"cpu": (await used() - cpu) / pages * 1000, "rate": pages / (time.perf_counter() - began)}
            found[name] = {"told": told, **rates}
    finally:
        process.terminate()
        await process.wait()
    return found


async def _until_open(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    for _ in range(2400):
        assert process.returncode is None, "the server ended"
        with contextlib.suppress(httpx.TransportError):
            await client.get("/cpu")
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the server did not start")


def main() -> None:
    """Prints p50, p95 and the worst by page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--officers", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--think", type=float, default=1.0, help="seconds an officer reads a page")
    parser.add_argument("--database", default="")
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.database, given.serve))
        return
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder)}/bench.db"
        found = asyncio.run(measure(url, given.officers, given.rounds, given.think))
    print(f"seeded {PEOPLE} people, {NEEDS} needs, {MESSAGES} messages in {found['seeded']:.0f} s")
    labels = {"alone": "one officer", "together": f"{given.officers} officers, each reading {given.think:g} s a page",
              "pressed": f"{given.officers} officers without a pause"}  # fmt: skip
    for name, label in labels.items():
        told = found[name]["told"]
        print(
            f"{label}: {len(told)} pages, {found[name]['rate']:.1f} a second, processor {found[name]['cpu']:.0f} ms a page"
        )
        print(f"  server time {spread([one.took for one in told])}")
        print(f"  without waiting for a processor {spread([max(0.0, one.took - one.waited) for one in told])}")
        pages = {page: [one.took for one in told if one.page == page] for page in {one.page for one in told}}
        for page, values in sorted(pages.items(), key=lambda row: -statistics.median(row[1])):
            print(f"    {page:38} {len(values):4} pages, {spread(values)}")


if __name__ == "__main__":
    main()
