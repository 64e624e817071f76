"""A channel goes dark (S25): one alarm with time and scope, everything waits, goes on by itself, or goes elsewhere."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import delete, select, update

import bot.channels.telegram_wire
import bot.health
from bot.channels.base import Outcome
from bot.channels.telegram import TelegramChannel
from bot.channels.web import WebChannel
from bot.clock import run_due
from bot.deliver import MOST_FLYING, Deliverer
from conversation.reply import Reply
from domain.frames import Terms
from domain.notice import Kind
from domain.person import Purpose
from domain.worktime import WorkTime
from handlers import broadcasts as making
from handlers import outages as telling
from storage import broadcasts, outages, outbox, people
from storage.tables import address, broadcast, event, message, officer_chat, outage, person
from storage.tables import outbox as ledger
from tests.bot.hall import HUNG, LAN, NOW, Hall

pytestmark = pytest.mark.asyncio
RATE = 25.0
PATIENCE = 1.0  # seconds of silence before the alarm, here


class Process:
    """One process that sends on Telegram and on the page; business time is the hall's."""

    def __init__(self, hall: Hall, name: str = "a") -> None:
        self.hall, self.over = hall, False
        self.telegram = TelegramChannel(hall.emulator.token, hall.emulator.base)
        self.web = WebChannel()
        self.deliverer = Deliverer(hall.database, [self.telegram, self.web], WorkTime(), name)
        self.deliverer.health.patience = PATIENCE
        self.office: Any = SimpleNamespace(
            worktime=WorkTime(),
            health=lambda: {"channels": list(self.deliverer.channels)},
            broadcast_alone=50,
            terms=Terms(),
        )

    async def begin(self) -> "Process":
        await self.deliverer.begin()
        self.task = asyncio.ensure_future(self.run())
        return self

    async def run(self) -> None:
        while not self.over:
            await self.deliverer.step(self.hall.now, lambda: None)
            await asyncio.sleep(self.deliverer.rest or 0.05)

    async def leave(self) -> None:
        self.over = True
        await self.task
        await self.deliverer.finish(5)
        await self.telegram.close()


async def open_hall(hall: Hall, count: int) -> dict[str, int]:
    """People on Telegram; the two officers can be reached on the page, Hùng on Telegram too. Addresses by name."""
    await hall.open(count)
    found: dict[str, int] = {}
    for one in (LAN, HUNG):
        found[one.name] = await add_page(hall, f"officer-{one.name}", None)
        async with hall.database.write() as db:
            await db.execute(officer_chat.insert().values(officer_id=one.id, address_id=found[one.name], linked_at=NOW))
    async with hall.database.write() as db:
        phone = (await db.execute(select(address.c.id).where(address.c.person_id == hall.people[0]))).scalar_one()
        await db.execute(
            officer_chat.insert().values(officer_id=HUNG.id, address_id=phone, linked_at=NOW - timedelta(1))
        )
    return found


async def add_page(hall: Hall, name: str, person_id: int | None, linked: bool = True) -> int:
    """The page as an address of a new person, or of one known on Telegram; `linked`: who agreed to that."""
    async with hall.database.write() as db:
        made = await people.arrive(db, "web", "", name, NOW)
        if person_id is not None:
            await db.execute(update(address).where(address.c.id == made.id).values(person_id=person_id))
            await db.execute(delete(person).where(person.c.id == made.person_id))
            if linked:
                await people.give_consent(db, person_id, Purpose.LINK, "1", NOW)
    return made.id


async def page_of(hall: Hall, address_id: int) -> list[str]:
    """What the page shows."""
    async with hall.database.read() as db:
        query = select(message.c.text).where(message.c.address_id == address_id).order_by(message.c.id)
        return list((await db.execute(query)).scalars())


async def until(test: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := await test()):
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.1)
    return found


# --- three ways to be cut off -------------------------------------------------------------------------------------
def refuse(hall: Hall) -> Callable[[], None]:
    """Nobody listens any more: connections are refused."""
    emulator = hall.emulator

    async def shut() -> None:
        for site in list(emulator._runner.sites):
            await site.stop()
        assert emulator._runner.server is not None
        for one in list(emulator._runner.server.connections):
            one.force_close()

    async def listen() -> None:
        await web.TCPSite(emulator._runner, "127.0.0.1", emulator.port).start()

    emulator.run(shut())
    return lambda: emulator.run(listen())


def fail(hall: Hall) -> Callable[[], None]:
    """Every call is answered with 502."""
    hall.emulator.platforms.faults.put("error", [], times=None, code=502, description="Bad Gateway")
    return hall.emulator.platforms.faults.clear


def hang(hall: Hall) -> Callable[[], None]:
    """No call is answered."""
    hall.emulator.platforms.faults.put("delay", [], times=None, seconds=600)
    return hall.emulator.platforms.faults.clear


@pytest.mark.parametrize(
    ("database", "cut"),
    [
        ("sqlite", refuse),
        ("sqlite", fail),
        ("sqlite", hang),
        pytest.param("postgresql", fail, marks=pytest.mark.postgres),
    ],
    indirect=["database"],
)
async def test_cut_off_in_mid_broadcast_everything_waits_and_goes_on_by_itself(
    hall: Hall, cut: Callable[[Hall], Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.health, "HANGS", 1.0)
    monkeypatch.setattr(bot.channels.telegram_wire, "ANSWER_SECONDS", 6)
    pages = await open_hall(hall, 60)
    process = await Process(hall).begin()
    sent = await hall.send()
    await hall.until(lambda found: found["sent"] >= 10, sent.id)
    mend = cut(hall)
    hall.now += timedelta(minutes=1)

    async def alarms() -> list[str]:
        return [text for text in await page_of(hall, pages["Lan"]) if "không gửi được tin từ" in text]

    (told,) = await until(alarms)
    assert told.startswith("Telegram không gửi được tin từ 10:0") and "tin gửi nhiều người đang chờ" in told
    before = await hall.states(sent.id)
    await asyncio.sleep(3)
    held = await hall.states(sent.id)
    left = held["waiting"] + held["retry_at"]
    assert left >= 15 and left >= before["waiting"] + before["retry_at"] - 2, "nothing more is tried"
    assert (await hall.held(sent.id)).state.value == "running", "it goes on by itself, nobody need do anything"
    assert len(await alarms()) == 1
    assert len(await page_of(hall, pages["Hùng"])) == 1, "one alarm each, on the channel that works"
    mend()
    states = await hall.until_done(sent.id, 90)
    assert states["sent"] + states["unknown"] == 60, states
    assert states["unknown"] <= MOST_FLYING, "no more than what was on its way, which nobody may send again"
    assert max(hall.copies("hội thảo").values()) == 1

    async def back() -> list[str]:
        return [text for text in await page_of(hall, pages["Lan"]) if "Telegram chạy lại" in text]

    assert len(await until(back)) == 1
    async with hall.database.read() as db:
        assert not await outages.current(db)
    await process.leave()


async def test_a_single_lost_answer_alarms_nobody(hall: Hall) -> None:
    pages = await open_hall(hall, 12)
    process = await Process(hall).begin()
    hall.emulator.fault("deliver_then_drop", "sendMessage", times=2)
    sent = await hall.send()
    assert await hall.until_done(sent.id) == {"sent": 10, "unknown": 2, "skipped": 2}
    await asyncio.sleep(PATIENCE + 0.5)
    assert not [text for text in await page_of(hall, pages["Lan"]) if "không gửi được" in text]
    await process.leave()


async def test_a_refused_token_is_told_and_a_new_process_takes_over_the_outage(hall: Hall) -> None:
    pages = await open_hall(hall, 3)
    hall.emulator.fault("error", code=401, description="Unauthorized", times=1)
    process = await Process(hall).begin()
    sent = await hall.send()
    await until(lambda: page_of(hall, pages["Lan"]))
    (alarm,) = await page_of(hall, pages["Lan"])
    assert "Telegram không gửi được" in alarm and "đặt lại NHIPCAU_TELEGRAM_TOKEN" in alarm, "it will not mend itself"
    assert process.telegram.stopped
    await process.leave()
    again = await Process(hall).begin()  # with a token that is good
    assert again.deliverer.health.pulses["telegram"].misses, "it begins with care"
    assert (await hall.until_done(sent.id, 90))["sent"] == 3
    await again.leave()


# --- S25 ------------------------------------------------------------------------------------------------------------
async def plan_event(hall: Hall, at: datetime) -> None:
    async with hall.database.write() as db:
        await db.execute(event.insert().values(id="E9", title="Hội thảo mẫu", starts_at=at, state="published"))


async def say(hall: Hall, number: int, text: str, kind: Kind = Kind.REPLY, key: str = "") -> None:
    """Something for the person with this number goes into the outbox, to where they talked."""
    async with hall.database.write() as db:
        home = (
            await db.execute(
                select(address.c.id).where(address.c.person_id == hall.people[number], address.c.channel == "telegram")
            )
        ).scalar_one()
        key = key or f"reply:{number}"
        await outbox.put(db, kind, hall.people[number], Reply(text), key, hall.now, hall.now, home)


async def test_s25_the_whole_channel_goes_dark(hall: Hall) -> None:
    """14 people: 9 on Telegram only, 4 linked the page, 1 has a page of the same name without having agreed."""
    pages = await open_hall(hall, 14)
    linked = [await add_page(hall, f"page-{n}", hall.people[n]) for n in range(4)]
    stranger = await add_page(hall, "page-stranger", hall.people[4], linked=False)
    await plan_event(hall, NOW + timedelta(hours=5))
    mend = refuse(hall)
    process = await Process(hall).begin()
    began = hall.now
    await say(hall, 1, "Sở làm việc từ 07:30.")
    await say(hall, 6, "Phiếu của anh/chị đang chờ.")
    await say(hall, 7, "Mời dự hội thảo mẫu.", Kind.NOTICE, f"event:E9:{hall.people[7]}")
    sent = await hall.send("Mời {ten} dự buổi tập huấn.")
    hall.now += timedelta(minutes=2)
    (alarm,) = await until(lambda: page_of(hall, pages["Lan"]))
    assert alarm.startswith("Telegram không gửi được tin từ 10:0")
    assert "2 câu trả lời, 1 tin báo, 14 tin gửi nhiều người đang chờ" in alarm
    assert await page_of(hall, pages["Hùng"]) == [alarm], "Lan and Hùng, once each, where they can be reached"

    hall.now = began + timedelta(minutes=31)
    await run_due(hall.database, process.office, hall.now)
    question = (await until(lambda: _longer(hall, pages["Lan"], 1)))[1]
    assert "10 người chỉ có kênh đó; 4 có trang web đã liên kết. Gửi kênh kia thay?" in question
    answered = await until(lambda: page_of(hall, linked[1]))
    assert answered == ["(Telegram đang trục trặc nên em trả lời ở đây ạ.)\nSở làm việc từ 07:30."]

    moved = 0
    async with asyncio.timeout(30):
        while moved < 4:  # what is being tried in this moment has not come back yet: the next tap takes it
            async with hall.database.write() as db:
                moved += await telling.send_elsewhere(db, sent, LAN, hall.now, Terms(), ["telegram", "web"])
            await asyncio.sleep(0.05)
    async with hall.database.write() as db:
        again = await telling.send_elsewhere(db, sent, LAN, hall.now, Terms(), ["telegram", "web"])
    assert (moved, again) == (4, 0), "one more tap does nothing"
    await hall.until(lambda found: found["sent"] == 4, sent.id)
    for number in (0, 2, 3):
        assert await page_of(hall, linked[number]) == [f"Mời Khách {number} dự buổi tập huấn."]
    assert not await page_of(hall, stranger), "who did not agree hears nothing there"

    hall.now = began + timedelta(hours=25)
    mend()
    states = await hall.until_done(sent.id, 90)
    assert states == {"sent": 14, "skipped": 2}, "all but the officers, who asked for no news"
    heard = hall.copies("tập huấn")
    assert sum(heard.values()) == 10 and not set(hall.chats[:4]) & set(heard), "nobody gets it on both"
    late = await until(lambda: _spoken(hall, hall.chats[6]))
    assert late[0].startswith("Em xin lỗi đã trả lời muộn") and late[0].endswith("Phiếu của anh/chị đang chờ.")
    assert not hall.copies("hội thảo mẫu"), "news older than its event is dropped"
    (told,) = await until(lambda: _with(hall, pages["Lan"], "Telegram chạy lại lúc"))
    assert "Bỏ 1 tin vì sự kiện đã qua." in told
    async with hall.database.read() as db:
        (row,) = (await db.execute(select(ledger).where(ledger.c.dedupe_key.like("event:%")))).all()
        assert (row.state, row.reason) == ("skipped", "the event is over")
        (past,) = (await db.execute(select(outage))).all()
        assert (past.channel, past.dropped) == ("telegram", 1) and past.since == began
    await process.leave()


async def _longer(hall: Hall, address_id: int, than: int) -> list[str]:
    found = await page_of(hall, address_id)
    return found if len(found) > than else []


async def _with(hall: Hall, address_id: int, part: str) -> list[str]:
    return [text for text in await page_of(hall, address_id) if part in text]


async def _spoken(hall: Hall, chat: int) -> list[str]:
    entries = list(hall.emulator.platforms.world.ledger.entries)
    return [
        one["text"] for one in entries if one["what"] == "message" and one["chat_id"] == chat and "Phiếu" in one["text"]
    ]


async def test_the_page_works_on_while_telegram_is_dark(hall: Hall) -> None:
    """Answers to people on the page and officers' notices are not held up by the other channel."""
    pages = await open_hall(hall, 5)
    mend = hang(hall)
    process = await Process(hall).begin()
    for number in range(5):
        await say(hall, number, "Chờ.", key=f"reply:{number}")
    async with hall.database.write() as db:
        who = (await db.execute(select(address.c.person_id).where(address.c.id == pages["Lan"]))).scalar_one()
        await outbox.put(db, Kind.REPLY, who, Reply("Đây ạ."), "reply:99", hall.now, hall.now, pages["Lan"])
    began = time.monotonic()
    await until(lambda: page_of(hall, pages["Lan"]))
    assert time.monotonic() - began < 3
    mend()
    await process.leave()


async def test_invitations_approved_before_their_event_are_dropped_after_it_thanks_are_not(hall: Hall) -> None:
    await hall.open(3)
    await plan_event(hall, NOW + timedelta(hours=1))
    invited = await hall.send("Mời dự.", event_id="E9")
    hall.now = NOW + timedelta(hours=2)
    thanks = await hall.send("Cảm ơn anh/chị đã dự.", event_id="E9")
    process = await Process(hall).begin()
    assert await hall.until_done(invited.id) == {"skipped": 3}
    assert await hall.until_done(thanks.id) == {"sent": 3}
    async with hall.database.read() as db:
        assert (await broadcasts.ledger(db, invited.id, hall.now)).reasons == {"the event is over": 3}
        assert making.why_words("the event is over") == "sự kiện đã qua"
        assert (await db.execute(select(broadcast.c.id))).all()
    await process.leave()


async def test_other_endings_do_not_count_as_silence() -> None:
    from bot.channels.base import Ending
    from bot.pulse import TRIPS, Pulse

    pulse = Pulse()
    for number in range(TRIPS):
        assert not pulse.held
        pulse.miss(NOW, float(number), "x")
    assert pulse.held and pulse.down_for(62.0) == 62.0
    pulse.answered(70.0)
    assert pulse.trying and not pulse.held, "one message may try"
    pulse.miss(NOW, 71.0, "x")
    assert pulse.held and pulse.look_at > 71.0
    pulse.answered(80.0)
    pulse.answered(111.0)
    assert not pulse.misses, "nothing was to be sent, and the platform answers"
    assert Outcome(Ending.UNSENT, pause=3.0).away is False, "a limit is no silence"
