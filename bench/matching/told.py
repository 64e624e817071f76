"""From an offer written by another program to the message for those who chose "báo ngay": `python -m bench.matching.told`.

One real service process on SQLite with the emulated Telegram. In the quiet hours of Việt Nam nothing is sent: then the time runs
until the message stands in the outbox, by day until the platform has taken it.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bench.channels.__main__ import PATIENCE, command_of, running
from bench.matching.measures import percentile
from domain.person import Alert
from storage import needs, people
from storage.database import Database
from storage.tables import person
from tests.platform.phone import Remote
from tests.platform.running import free_port

GOODS = (("hoa hồi", "sấy"), ("na", "bảo quản lạnh"), ("măng", "đóng gói"), ("chè", "sấy"))
COLUMNS = "id, title, summary, products, processes, price_min_million_vnd, capacity_min, capacity_max, capacity_unit, state, written_by"


async def listeners(file: Path) -> None:
    """Everybody known so far leaves one need and wants to hear at once."""
    database, now = Database(f"sqlite:///{file}"), datetime.now(UTC)
    async with database.write() as db:
        for number, row in enumerate((await db.execute(select(person.c.id))).all()):
            product, process = GOODS[number % len(GOODS)]
            fields = {
                "product": {"value": [product], "words": product},
                "wish": {"value": [process], "words": process},
                "scale": {"value": {"value": 400, "unit": "kg", "per": "mẻ"}, "words": "400 kg/mẻ"},
            }
            await people.choose_alert(db, row.id, Alert.NOW)
            await needs.submit(db, row.id, f"cần máy {process} {product}", "", fields, "telegram", now, now)
    await database.close()


def write(db: sqlite3.Connection, number: int) -> str:
    """Another program writes one offer."""
    product, process = GOODS[number % len(GOODS)]
    values = (f"T{number:03d}", f"Máy {process} {product} số {number}", f"{process} {product}", f'["{product}"]',
              f'["{process}"]', 100.0, 300.0, 500.0, "kg/mẻ", "verified", "nhipcau")  # fmt: skip
    db.execute(f"INSERT INTO offer ({COLUMNS}) VALUES ({', '.join('?' * len(values))})", values)
    return values[0]


def told(db: sqlite3.Connection, offer: str) -> bool:
    """Whether all messages about an offer are out, or wait for the morning only."""
    query = "SELECT state, run_at > ? FROM outbox WHERE dedupe_key LIKE ?"
    rows = db.execute(query, (f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}.9", f"offer:{offer}:%")).fetchall()
    return bool(rows) and all(state not in ("waiting", "sending", "retry_at") or later for state, later in rows)


def measure(offers: int, crowd: int) -> list[float]:
    """Seconds from each offer to its messages."""
    port, found = free_port(), []
    remote = Remote(f"http://127.0.0.1:{port}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.db"
        with running([sys.executable, "-m", "tests.platform", "--port", str(port), "--quiet"]):
            _until(lambda: bool(remote.ask("GET", "bots")))
            command, env = command_of("nhipcau", "polling", remote.base, Path(folder))
            with running(command, **env):
                for number in range(crowd):
                    phone = remote.person(f"Khách {number}")
                    phone.start()
                    phone.hear(PATIENCE)
                asyncio.run(listeners(file))
                db = sqlite3.connect(file, timeout=60, isolation_level=None)
                time.sleep(3)  # the needs are taken note of
                for number in range(offers):
                    began, offer = time.monotonic(), write(db, number)
                    _until(lambda offer=offer: told(db, offer))
                    found.append(time.monotonic() - began)
                    time.sleep(0.1 * (number % 7))  # so that offers fall anywhere between two looks
                db.close()
    return found


def _until(test: object) -> None:
    assert callable(test)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if test():
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise TimeoutError("it did not come")


def main() -> None:
    """Prints p50 and p95."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching.told")
    parser.add_argument("--offers", type=int, default=40)
    parser.add_argument("--people", type=int, default=8)
    given = parser.parse_args()
    found = measure(given.offers, given.people)
    print(
        f"entry to message, {len(found)} offers, {given.people} people: p50 {percentile(found, 0.5):.2f} s, "
        f"p95 {percentile(found, 0.95):.2f} s, longest {max(found):.2f} s; load {os.getloadavg()[0]:.1f}, "
        f"{datetime.now(UTC):%H:%M} UTC"
    )


if __name__ == "__main__":
    main()
