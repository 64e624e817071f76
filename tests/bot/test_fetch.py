"""Files of real messages over the emulated Telegram: kept once, cleaned, refused by name, found again after a kill."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.fetch import Fetcher
from bot.wiring import System
from domain.evidence import EvidenceState, Refusal
from storage.files import hash_of
from storage.tables import evidence, inbox, loose_file, outbox
from tests import pictures
from tests.bot.conftest import Running, begin, end
from tests.bot.test_telegram import settled
from tests.journeys.phone_door import WORKER
from tests.journeys.runner import Thing
from tests.journeys.telegram_door import Telegram
from tests.platform.phone import Phone
from tests.warm import Nursery

NOW = datetime(2026, 12, 7, 2, 0, tzinfo=UTC)
NEED = "nhà em làm măng khô, hay bị mốc, muốn tìm máy sấy"


@pytest_asyncio.fixture
async def door(system: System, tmp_path: Path) -> AsyncIterator[Telegram]:
    """A phone whose owner has an open form."""
    async with Telegram(system, NOW, tmp_path).open() as made:
        await made.say([NEED])
        yield made


async def rows(system: System, table: Any = evidence) -> list[Any]:
    async with system.database.read() as db:
        return list((await db.execute(select(table).order_by(*table.primary_key.columns))).all())


def files(door: Telegram) -> dict[str, bytes]:
    """What lies in the store, by hash."""
    return {path.name: path.read_bytes() for path in door.files.folder.glob("??/*")}


@pytest.mark.asyncio
async def test_a_photo_is_kept_once_without_its_tags(door: Telegram, system: System) -> None:
    photo = pictures.jpeg(5, orientation=6)
    for caption in ("mốc thế này", ""):
        await door.send([Thing("photo", caption, content=photo)])
    kept = await rows(system)
    assert [row.state for row in kept] == ["kept"], "the same picture hangs on the form once"
    (name, content), *more = files(door).items()
    assert not more
    assert name == kept[0].sha256 == hash_of(content)
    assert pictures.PLACE in photo and pictures.PLACE not in content
    assert (kept[0].mime, kept[0].size, kept[0].caption) == ("image/jpeg", len(content), "mốc thế này")
    assert stat.S_IMODE(door.files.path(name).stat().st_mode) == 0o600
    assert not list(door.files.incoming.glob("*"))


@pytest.mark.asyncio
async def test_two_people_share_one_file_until_both_are_erased(system: System, tmp_path: Path) -> None:
    photo, seen = pictures.jpeg(6), []
    for number in range(2):
        async with Telegram(system, NOW + timedelta(hours=number), tmp_path).open() as door:
            door.person.id += number  # another account
            await door.say([NEED])
            await door.send([Thing("photo", content=photo)])
            seen.append(door)
    assert len(files(door)) == 1 and len(await rows(system)) == 2
    for number, left in enumerate((1, 0)):
        async with seen[number].open():
            await seen[number].say(["xoá hết dữ liệu của tôi"])
            await seen[number].say(["XOÁ"])
            await seen[number].fetcher.step(seen[number].now)
            assert len(files(seen[number])) == left
            assert len(await rows(system)) == left
    assert not await rows(system, loose_file)


HOSTILE: dict[str, tuple[Thing, Refusal | None]] = {
    "page called a picture": (Thing("document", content=b"<html><script>x</script></html>", name="a.jpg"), Refusal.WRONG_TYPE),
    "program as a photo": (Thing("photo", content=b"MZ" + bytes(500)), Refusal.WRONG_TYPE),
    "document as a photo": (Thing("photo", content=pictures.pdf()), Refusal.WRONG_TYPE),
    "cut photo": (Thing("photo", content=pictures.plain_jpeg(9)[:-9]), Refusal.BROKEN),
    "cut document": (Thing("document", content=pictures.docx()[:-40], name="a.docx"), Refusal.BROKEN),
    "macros": (Thing("document", content=pictures.docx({"word/vbaProject.bin": b"x"}), name="a.docx"), Refusal.WRONG_TYPE),
    "large photo": (Thing("document", content=pictures.plain_jpeg() + bytes(11_000_000), name="a.jpg"), Refusal.TOO_LARGE),
    "picture called a table": (Thing("document", content=pictures.png(), name="bang.xlsx"), None),
    "bomb": (Thing("document", content=pictures.bomb(), name="bom.docx"), None),
    "voice": (Thing("voice", content=pictures.voice()), None),
}  # fmt: skip


@pytest.mark.asyncio
@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_files_end_by_name(door: Telegram, system: System, name: str) -> None:
    thing, reason = HOSTILE[name]
    heard = await door.send([thing])
    (row,) = await rows(system)
    assert (row.state, row.reason) == ("refused" if reason else "kept", reason.value if reason else None)
    assert heard[0].text.endswith("?"), "the form's question stands after it"
    if reason is None:
        assert row.size == row.size and row.size <= len(thing.content or b""), "kept as it came, never unpacked"
        assert len(files(door)) == 1 and len(heard) == 1
    else:
        assert not files(door)
        if reason is not Refusal.TOO_LARGE or len(heard) > 1:
            assert "gửi lại" in heard[-1].text or "quá lớn" in heard[-1].text, "the person is told"
    assert "20 tấn/năm" in (await door.say(["20 tấn/năm"]))[0].text, "the form is untouched"


@pytest.mark.asyncio
async def test_too_large_is_told_at_once_and_never_fetched(door: Telegram, system: System) -> None:
    (heard,) = await door.send([Thing("video", size=80_000_000)])
    assert "quá lớn" in heard.text
    (row,) = await rows(system)
    assert (row.state, row.reason, row.attempt) == ("refused", "too_large", 0)


@pytest.mark.asyncio
async def test_files_that_are_gone_and_networks_that_fail(door: Telegram, system: System) -> None:
    faults = door.platforms.faults
    faults.put("error", ["getFile"], times=2, code=500)
    faults.put("drop_before", ["getFile"], times=1)
    await door.send([Thing("photo", content=pictures.jpeg(11))])
    for _ in range(4):
        door.now += timedelta(hours=2)
        await door.fetcher.step(door.now)
    (row,) = await rows(system)
    assert (row.state, row.attempt) == ("kept", 4)
    faults.put("error", ["getFile"], times=1, code=400, description="Bad Request: wrong file_id")
    heard = await door.send([Thing("photo", content=pictures.jpeg(12))])
    assert (await rows(system))[1].reason == Refusal.GONE.value and "gửi lại" in heard[-1].text
    faults.put("error", ["getFile"], times=None, code=502)
    await door.send([Thing("photo", content=pictures.jpeg(13))])
    for _ in range(8):
        door.now += timedelta(hours=2)
        await door.fetcher.step(door.now)
    row = (await rows(system))[2]
    assert (row.state, row.reason, row.attempt) == ("refused", Refusal.OUT_OF_REACH.value, 6)


@pytest.mark.asyncio
async def test_refusals_of_one_burst_are_told_once(door: Telegram, system: System) -> None:
    broken = [Thing("photo", content=pictures.plain_jpeg(20 + n)[:-5], album="x") for n in range(3)]
    heard = await door.send(broken)
    assert len(heard) == 2 and "hỏng" in heard[1].text
    async with system.database.read() as db:
        keys = (await db.execute(select(outbox.c.dedupe_key).where(outbox.c.dedupe_key.like("file:%")))).all()
    assert len(keys) == 1


@pytest.mark.asyncio
async def test_what_a_stopped_process_had_begun_is_begun_anew(door: Telegram, system: System) -> None:
    door.platforms.faults.put("delay", ["getFile"], times=1, seconds=30)
    door.hands.send(door.person, "photo", pictures.jpeg(30))
    await door._turn()
    stuck = asyncio.ensure_future(door.fetcher.step(door.now))
    for _ in range(200):
        if any(row.lease_until for row in await rows(system)):
            break
        await asyncio.sleep(0.05)
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)
    other = Fetcher(system.database, [door.channel], door.files, door.fetcher.limits, "other")
    assert await other.step(door.now) == 0, "another process waits for the lease to end"
    again = Fetcher(system.database, [door.channel], door.files, door.fetcher.limits, WORKER)
    assert await again.step(door.now) == 1, "the same one, started again, does not"
    assert (await rows(system))[0].state == EvidenceState.KEPT.value
    async with system.database.write() as db:  # the late answer of the first is nobody's any more
        await db.execute(update(evidence).values(state="waiting", worker=door.fetcher.who, attempt=1, lease_until=0.0))
    assert await other.step(door.now) == 1


@pytest.mark.asyncio
async def test_strange_kinds_are_set_aside_and_nothing_waits_behind(door: Telegram, system: System) -> None:
    (heard,) = await door.send([Thing("unknown")])
    assert "chưa đọc được" in heard.text and heard.text.endswith("?")
    held = [row for row in await rows(system, inbox) if row.state == "quarantined"]
    assert len(held) == 1 and "dice" in json.loads(held[0].payload)["extra"]["raw"]
    assert "20 tấn/năm" in (await door.say(["20 tấn/năm"]))[0].text


# --- the whole process ------------------------------------------------------------------------------------------
@pytest.fixture
def running(tmp_path: Path, nursery: Nursery) -> Any:
    made = begin(nursery, tmp_path, "polling")
    yield made
    end(made)


def test_a_kill_while_fetching_loses_nothing(running: Running) -> None:
    phone: Phone = running.lan()
    running.emulator.fault("delay", "getFile", seconds=20, times=1)
    phone.do("send", kind="photo", content=pictures.jpeg(40), caption=NEED)
    assert "1 ảnh" in phone.hear()["text"]
    settled(lambda: running.emulator.calls("getFile"))
    settled(lambda: not running.rows("SELECT id FROM outbox WHERE state != 'sent'"))
    running.server.kill()
    running.server.start()
    settled(lambda: running.rows("SELECT state FROM evidence") == [("kept",)], 30)
    ((sha256, attempt),) = running.rows("SELECT sha256, attempt FROM evidence")
    assert attempt == 2
    data = Path(running.server.env["NHIPCAU_DATA_DIR"]) / "files"
    assert (data / sha256[:2] / sha256).read_bytes() == pictures.plain_jpeg(40)
    phone.silence(1)
