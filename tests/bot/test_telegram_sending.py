"""What becomes of each message to Telegram under each fault: the real deliverer on a real database."""

import asyncio
import hmac
import shutil
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import event, select, text, update

from bot.channels.base import Ending
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_web import add_webhook
from bot.channels.telegram_write import parts, width
from bot.deliver import Deliverer
from bot.receive import Receiver
from conversation.reply import Choice, Enclosure, Gathering, Reply
from domain.notice import Kind
from domain.person import Alert, Purpose
from domain.worktime import WorkTime
from storage import outbox, people
from storage.database import Database
from storage.files import FileStore, hash_of
from storage.outbox import Outgoing
from storage.tables import address, inbox
from storage.tables import outbox as rows
from tests import pictures
from tests.platform.phone import Phone
from tests.platform.running import Emulator
from tests.platform.world import busiest

pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)  # 10:00 in Việt Nam, a Tuesday
HELLO = Reply("Chào anh/chị.", (Choice("Có", "x"), Choice("Không", "y")))


class Office:
    """A deliverer with its database; business time moves only when told."""

    def __init__(self, database: Database, emulator: Emulator, files: FileStore | None = None) -> None:
        self.database, self.emulator, self.now = database, emulator, NOW
        self.channel = TelegramChannel(emulator.token, emulator.base, files=files)
        self.deliverer = Deliverer(database, [self.channel], WorkTime(), "test")
        self._keys = 0

    async def lan(self) -> Phone:
        """A person who started the bot and wants news."""
        phone = self.emulator.person("Lan")
        phone.start()
        async with self.database.write() as db:
            place = await people.arrive(db, "telegram", "", str(phone.id), NOW)
            await people.give_consent(db, place.person_id, Purpose.NEWS, "1", NOW)
            await people.choose_alert(db, place.person_id, Alert.NOW)
        return phone

    async def put(self, phone: Phone, kind: Kind = Kind.REPLY, reply: Reply = HELLO) -> int:
        """Puts one message to a person into the outbox; its row."""
        self._keys += 1
        async with self.database.write() as db:
            place = await people.arrive(db, "telegram", "", str(phone.id), NOW)
            await outbox.put(db, kind, place.person_id, reply, f"k{self._keys}", NOW, NOW, place.id)
            return int((await db.execute(select(rows.c.id).order_by(rows.c.id.desc()).limit(1))).scalar_one())

    async def turn(self, seconds: float = 0.0) -> int:
        """Sends what is due so many seconds later."""
        self.now += timedelta(seconds=seconds)
        return await self.deliverer.drain(self.now)

    async def until_done(self, row: int, seconds: float = 20.0) -> str:
        """Sends until a row has ended; its state."""
        end = time.monotonic() + seconds
        while (state := await self.state(row)) in ("waiting", "retry_at", "sending"):
            assert time.monotonic() < end, f"still {state}"
            await self.turn(3)
            await asyncio.sleep(0.05)
        return state

    async def state(self, row: int) -> str:
        """A row's state."""
        async with self.database.read() as db:
            return str((await db.execute(select(rows.c.state).where(rows.c.id == row))).scalar_one())

    async def attempts(self, row: int) -> int:
        """How often a row was tried."""
        async with self.database.read() as db:
            return int((await db.execute(select(rows.c.attempt).where(rows.c.id == row))).scalar_one())

    async def address(self, phone: Phone) -> str:
        """The state of a person's address."""
        async with self.database.read() as db:
            found = await db.execute(select(address.c.state).where(address.c.external_id == str(phone.id)))
            return str(found.scalar_one())

    def heard(self, phone: Phone) -> int:
        """How many messages really reached a person."""
        return len(self.emulator.ledger(what="message", chat_id=phone.id))

    def tries(self, phone: Phone) -> list[dict[str, Any]]:
        """Every attempt to send to a person."""
        return [call for call in self.emulator.calls("sendMessage") if str(call["chat_id"]) == str(phone.id)]


@pytest_asyncio.fixture
async def office(blank: Path, tmp_path: Path, emulator: Emulator) -> AsyncIterator[Office]:
    """A deliverer of its own."""
    shutil.copy(blank, tmp_path / "office.db")
    made = Office(Database(f"sqlite:///{tmp_path}/office.db"), emulator, FileStore(tmp_path / "files"))
    await made.deliverer.begin()
    yield made
    await made.channel.close()
    await made.database.close()


# --- nobody knows ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("verb", "copies"), [("drop_before", 1), ("deliver_then_drop", 2), ("deliver_then_error", 2)])
async def test_lost_reply_is_said_once_more(office: Office, verb: str, copies: int) -> None:
    phone = await office.lan()
    office.emulator.fault(verb, "sendMessage")
    row = await office.put(phone)
    assert await office.until_done(row) == "sent"
    assert office.heard(phone) == copies
    methods = [call["method"] for call in office.emulator.calls()]
    tried = methods[methods.index("sendMessage") :]
    assert tried == ["sendMessage", "getMe", "sendMessage"], "asked before the second try"


async def test_reply_is_never_said_a_third_time(office: Office) -> None:
    phone = await office.lan()
    office.emulator.fault("deliver_then_drop", "sendMessage", times=9)
    row = await office.put(phone)
    assert await office.until_done(row) == "unknown"
    assert office.heard(phone) == 2


async def test_second_try_waits_until_the_platform_answers(office: Office) -> None:
    phone = await office.lan()
    office.emulator.fault("drop_before", times=3)  # whatever is called
    row = await office.put(phone)
    assert await office.until_done(row) == "sent"
    assert office.heard(phone) == 1


@pytest.mark.parametrize(
    ("verb", "copies"), [("drop_before", 0), ("deliver_then_drop", 1), ("deliver_then_hang", 1), ("error", 0)]
)
async def test_lost_notice_is_never_said_again(office: Office, verb: str, copies: int) -> None:
    phone = await office.lan()
    office.emulator.fault(verb, "sendMessage", seconds=0.2)
    row = await office.put(phone, Kind.NOTICE)
    assert await office.until_done(row) == "unknown"
    for _ in range(5):
        await office.turn(3600)
    assert (office.heard(phone), len(office.tries(phone))) == (copies, 1)


async def test_server_errors_pass(office: Office) -> None:
    phone = await office.lan()
    office.emulator.fault("error", "sendMessage", times=3, code=500)
    row = await office.put(phone)
    assert await office.until_done(row) == "sent"
    office.emulator.fault("error", "sendMessage", code=502, body="<html>Bad Gateway</html>")
    row = await office.put(phone)
    assert await office.until_done(row) == "sent"
    assert office.heard(phone) == 2


# --- surely not sent ------------------------------------------------------------------------------------------------
async def test_flood_answer_silences_the_whole_token(office: Office) -> None:
    people_ = [await office.lan() for _ in range(6)]
    first = await office.put(people_[0])
    office.emulator.fault(
        "error", "sendMessage", code=429, description="Too Many Requests: retry after 2", retry_after=2
    )
    await office.turn()
    began = time.time()
    ids = [first, *[await office.put(person) for person in people_[1:]]]
    for row in ids:
        assert await office.until_done(row) == "sent"
    later = [call["at"] for call in office.emulator.calls("sendMessage")][1:]
    assert min(later) - began >= 1.8, "nobody is written to while the platform asks for silence"
    assert await office.attempts(first) == 1, "being asked to wait is no try"


async def test_platform_out_of_reach(office: Office) -> None:
    phone = await office.lan()
    office.emulator.close()
    row = await office.put(phone)
    for _ in range(4):
        await office.turn(60)
        await asyncio.sleep(0.3)
    assert (await office.state(row), await office.attempts(row)) == ("retry_at", 0), "never given up, never counted"
    back = Emulator(port=office.emulator.port)
    back.platforms.telegram.bots[back.token].chat_with(back.platforms.world.arrive("Lan"))
    assert await office.until_done(row) == "sent"
    assert len(back.ledger(what="message")) == 1
    back.close()


async def test_moved_chat_is_followed(office: Office) -> None:
    phone = await office.lan()
    new = phone.do("migrate", chat_id=phone.id)
    row = await office.put(phone)
    await office.turn()
    await office.turn()
    assert await office.state(row) == "sent"
    assert [entry["chat_id"] for entry in office.emulator.ledger()] == [new]
    async with office.database.read() as db:
        assert (await db.execute(select(address.c.external_id))).scalars().all() == [str(new)]


# --- refused --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("act", "state"), [("block", "blocked"), ("deactivate", "blocked")])
async def test_refused_address_is_marked_and_left_alone(office: Office, act: str, state: str) -> None:
    phone = await office.lan()
    phone.do(act)
    row = await office.put(phone, Kind.NOTICE)
    assert await office.until_done(row) == "failed"
    assert await office.address(phone) == state
    async with office.database.write() as db:  # another notice, the person has not come back
        person = (await db.execute(select(address.c.person_id, address.c.id))).one()
        await outbox.put(db, Kind.NOTICE, person.person_id, HELLO, "next", NOW, NOW, person.id)
    await office.turn(60)
    assert (await office.state(row + 1), len(office.tries(phone))) == ("skipped", 1)


async def test_unknown_chat_and_bad_content_fail_at_once(office: Office) -> None:
    phone = await office.lan()
    stranger = office.emulator.person("Ai")
    row = await office.put(stranger)
    assert await office.until_done(row) == "failed"
    assert await office.address(stranger) == "invalid"
    office.emulator.fault("error", "sendMessage", code=400, description="Bad Request: can't parse entities")
    row = await office.put(phone)
    assert await office.until_done(row) == "failed"
    assert (await office.address(phone), len(office.tries(phone))) == ("active", 1)


async def test_refused_token_stops_the_channel(office: Office) -> None:
    phone = await office.lan()
    office.emulator.fault("error", "sendMessage", code=401, description="Unauthorized")
    row = await office.put(phone)
    await office.turn()
    assert office.channel.stopped is not None
    await office.turn(600)
    assert (await office.state(row), len(office.tries(phone))) == ("retry_at", 1)


# --- order and pace -------------------------------------------------------------------------------------------------
async def test_pace_and_lanes(office: Office) -> None:
    audience = [await office.lan() for _ in range(60)]
    for person in audience:
        await office.put(person, Kind.NOTICE)
    asker = await office.lan()
    sending = asyncio.ensure_future(_until_empty(office))
    await asyncio.sleep(0.5)
    await office.put(asker)
    put = time.time()
    await sending
    sent = office.emulator.ledger(what="message")
    reply = next(entry for entry in sent if entry["chat_id"] == asker.id)
    before = [entry for entry in sent if put < entry["at"] < reply["at"]]
    assert len(before) <= 15, "an answer passes the news that waits; what was claimed already goes first"
    assert len(sent) == 61 and office.emulator.limits()["refused"] == 0
    assert busiest(entry["at"] for entry in sent) <= 30


async def _until_empty(office: Office) -> None:
    """The running loop: begins sends without waiting for them."""
    done = asyncio.Event()
    while True:
        claimed = await office.deliverer.step(office.now, done.set)
        async with office.database.read() as db:
            open_ = (
                await db.execute(select(rows.c.id).where(rows.c.state.not_in(("sent", "unknown"))).limit(1))
            ).first()
        if not claimed and open_ is None:
            return
        await asyncio.sleep(0.02)


async def test_news_that_hangs_does_not_hold_up_answers(office: Office) -> None:
    office.channel.rate, office.channel.burst = 500.0, 100
    office.emulator.limits(on=False)
    office.emulator.fault("delay", "sendMessage", times=None, contains="Tin mới", seconds=2.5)
    for person in [await office.lan() for _ in range(60)]:
        await office.put(person, Kind.NOTICE, Reply("Tin mới"))
    asker = await office.lan()
    sending = asyncio.ensure_future(_until_empty(office))
    await asyncio.sleep(1.0)
    assert len(office.emulator.ledger()) == 0
    await office.put(asker)
    await asyncio.sleep(1.0)
    assert office.heard(asker) == 1
    office.emulator.clear()
    await sending


async def test_one_chat_hears_one_message_a_second_in_order(office: Office) -> None:
    phone = await office.lan()
    for number in range(5):
        row = await office.put(phone, reply=Reply(f"tin {number}"))
    assert await office.until_done(row) == "sent"
    sent = office.emulator.ledger(what="message")
    assert [entry["text"] for entry in sent] == [f"tin {number}" for number in range(5)]
    assert sent[-1]["at"] - sent[0]["at"] > 3.0
    assert office.emulator.limits()["refused"] == 0


# --- long texts, files ----------------------------------------------------------------------------------------------
async def test_long_text_is_split_and_never_begun_again(office: Office) -> None:
    phone = await office.lan()
    words = " ".join(f"Máy sấy số {number} 😀 giữ màu hoa hồi, không phụ thuộc thời tiết." for number in range(1, 180))
    pause = {"code": 429, "description": "Too Many Requests: retry after 1", "retry_after": 1}
    office.emulator.fault("error", "sendMessage", contains=parts(words)[1][:20], **pause)
    row = await office.put(phone, reply=Reply(words, HELLO.choices))
    assert await office.until_done(row) == "sent"
    heard = [line for line in phone.screen()["messages"] if line["from"] == "bot"]
    assert " ".join(line["text"] for line in heard) == words
    assert all(width(line["text"]) <= 4096 and line["text"].endswith(".") for line in heard)
    assert [bool(line["buttons"]) for line in heard] == [False] * (len(heard) - 1) + [True]


async def test_long_booking_still_brings_the_calendar(office: Office) -> None:
    phone = await office.lan()
    gathering = Gathering(
        "E1@nhipcau", "Hội thảo", NOW + timedelta(days=3), latitude=21.8, longitude=106.7, place="Số 1"
    )
    long = Reply("Em đã giữ chỗ. " * 100, gathering=gathering)
    assert await office.until_done(await office.put(phone, reply=long)) == "sent"
    kinds = [(await asyncio.to_thread(phone.hear))["kind"] for _ in range(3)]  # the last two come at the chat's pace
    assert kinds == ["text", "document", "venue"]


# --- pictures and documents -----------------------------------------------------------------------------------------
def kept(office: Office, label: str, name: str, mime: str, content: bytes) -> Enclosure:
    """A file as officers attach it, in the store."""
    store = office.channel.files.store
    assert store is not None
    store.keep(store.receive(content), content)
    return Enclosure(label, name, mime, "https://example.vn/x", hash_of(content))


async def test_pictures_and_documents_are_really_sent(office: Office) -> None:
    phone = await office.lan()
    qr = Enclosure("Mã QR", "ma-qr.png", "image/png", qr="NCHT:HT:1:x")
    photo = kept(office, "Ảnh", "anh.png", "image/png", pictures.png())
    paper = kept(office, "Tài liệu", "tai-lieu.pdf", "application/pdf", pictures.pdf())
    short, long = Reply("Mời dự.", HELLO.choices, files=(photo, paper)), Reply("Mời dự. " * 200, files=(paper,))
    for reply in (Reply("Đã giữ chỗ.", files=(qr,)), short, short, long):
        assert await office.until_done(await office.put(phone, reply=reply)) == "sent"
    heard = [phone.hear() for _ in range(7)]
    assert [one["kind"] for one in heard] == ["photo", "photo", "document", "photo", "document", "text", "document"]
    assert heard[1]["text"] == "Mời dự." and heard[1]["buttons"] == [["Có", "Không"]] and not heard[2]["text"]
    held = next(iter(office.emulator.platforms.telegram.bots.values())).files
    assert len(held) == 3, "what the platform has is not sent to it again"


async def test_all_parts_are_taken_back(office: Office) -> None:
    phone = await office.lan()
    files = (
        kept(office, "Ảnh", "anh.png", "image/png", pictures.png()),
        kept(office, "Tệp", "a.pdf", "application/pdf", pictures.pdf()),
    )
    row = await office.put(phone, reply=Reply("Mời dự.", files=files))
    assert await office.until_done(row) == "sent"
    async with office.database.read() as db:
        named = (await db.execute(select(rows.c.platform_id).where(rows.c.id == row))).scalar_one()
    place = str(phone.id)
    item = Outgoing(row, Kind.BROADCAST, 1, 1, "telegram", place, "", (), 1, platform_id=named)
    assert (await office.channel.recall(item)).ending is Ending.SENT
    gone = office.emulator.ledger(what="delete", chat_id=phone.id)
    assert [str(one["message_id"]) for one in gone] == named.split(",")


async def test_a_file_that_is_gone_is_refused_by_name(office: Office) -> None:
    phone = await office.lan()
    lost = Enclosure("Ảnh", "anh.png", "image/png", sha256="0" * 64)
    assert await office.until_done(await office.put(phone, reply=Reply("Mời dự.", files=(lost,)))) == "failed"
    assert not office.heard(phone)


# --- the database goes away -----------------------------------------------------------------------------------------
def impatient(database: Database) -> None:
    """A held database is an error at once, not after fifteen seconds."""

    @event.listens_for(database.engine.sync_engine, "checkout")
    def shorten(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")


async def test_poll_confirms_only_what_was_kept(office: Office) -> None:
    phone = await office.lan()
    phone.say("chào em")
    kept: list[str] = []
    down = [True]

    async def keep(messages: list[Any], _: datetime) -> None:
        if down:
            down.clear()
            raise OSError("the database is away")
        kept.extend(message.text for message in messages)

    with pytest.raises(OSError, match="away"):
        await office.channel.poll(keep, keep, 1)  # type: ignore[arg-type]
    for _ in range(2):
        await office.channel.poll(keep, keep, 0)  # type: ignore[arg-type]
    assert kept == ["/start", "chào em"], "it came again, once"


async def test_webhook_asks_to_come_again_while_the_database_is_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(office.database)
    compared: list[bool] = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append(real(a, b)) or compared[-1])
    receiver = Receiver(office.database, None)  # type: ignore[arg-type]  # it only stores
    app = FastAPI()
    add_webhook(app, office.channel, "s3cret", receiver.store_all, receiver.store_all)  # type: ignore[arg-type]
    phone = await office.lan()
    update = {"update_id": 77, "message": phone.say("chào em")}
    headers = {"x-telegram-bot-api-secret-token": "s3cret"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as telegram:
        async with office.database.engine.connect() as other:
            await other.execution_options(writes=True)
            await other.execute(text("UPDATE person SET name = 'x'"))
            away = await telegram.post("/telegram", json=update, headers=headers)
            assert (away.status_code, away.headers["retry-after"]) == (503, "5")
            await other.rollback()
        back = await telegram.post("/telegram", json=update, headers=headers)
    assert back.status_code == 200
    assert compared == [True, True], "the secret is compared in constant time"
    async with office.database.read() as db:
        assert (await db.execute(select(inbox.c.update_id))).scalars().all() == ["77"]


async def test_ending_is_written_when_the_database_is_back(office: Office) -> None:
    phone = await office.lan()

    impatient(office.database)
    row = await office.put(phone)
    office.emulator.fault("delay", "sendMessage", seconds=0.4)
    sending = asyncio.ensure_future(office.turn())
    await asyncio.sleep(0.2)
    async with office.database.engine.connect() as other:  # somebody else holds the database
        await other.execution_options(writes=True)
        await other.execute(text("UPDATE person SET name = 'x'"))
        await asyncio.sleep(1.0)
        assert office.heard(phone) == 1
        await other.rollback()
    await sending
    assert (await office.state(row), office.heard(phone)) == ("sent", 1)


async def test_killed_sender(office: Office) -> None:
    """Rows of an earlier boot: a reply is said again, a notice stays unknown."""
    phone = await office.lan()
    reply, notice = await office.put(phone), await office.put(await office.lan(), Kind.NOTICE)
    async with office.database.write() as db:
        await db.execute(update(rows).values(state="sending", worker="test#0", attempt=1))
    await office.deliverer.begin()
    await office.turn()
    assert (await office.state(reply), await office.state(notice)) == ("sent", "unknown")
