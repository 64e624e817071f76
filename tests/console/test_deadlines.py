"""A deadline an officer sets is reminded of 14, 7 and 2 days before: in allowed hours, once, to nobody who wants it no more."""

from datetime import datetime, time, timedelta

import pytest

from bot.chat import Talk
from bot.clock import LATE, run_due
from conversation.message import MessageKind
from domain.officer import Role
from domain.worktime import ZONE
from storage.tables import outbox
from tests.console.office import House, at

ID = "natif-tai-tro-nhiem-vu-dmcn"
CLOSES = "2026-12-31"
DAYS = {14: "17/12/2026 08:00", 7: "24/12/2026 08:00", 2: "29/12/2026 08:00"}


async def set_deadline(house: House, day: str, officer: str = "Hùng") -> None:
    hand = await house.officer(officer, Role.APPROVER)
    assert (await hand.post(f"/chuong-trinh/{ID}/han", day=day, reason="thông báo mẫu của đợt")).status_code == 303


async def asked(house: House, name: str) -> Talk:
    """Somebody who wants to be reminded, and says so twice."""
    talk = await house.person(name)
    await house.say(talk, "NATIF tài trợ nhiệm vụ đổi mới công nghệ thế nào")
    assert "31/12/2026" in (await house.say(talk, "hạn nộp khi nào"))[0]
    for words in ("nhắc em trước hạn nhé", "nhac em truoc han nop voi"):
        told = (await house.say(talk, words))[0]
        assert "14 ngày, 7 ngày, 2 ngày" in told
    return talk


async def press(house: House, talk: Talk, label: str) -> str:
    talk.now = house.now
    said = await talk.say([label], MessageKind.BUTTON)
    assert len(said) == 1
    return said[0].text


async def heard_until(house: House, talks: list[Talk], end: datetime, step: timedelta) -> list[list[tuple[str, str]]]:
    """(local time, text) of all that came to each of them while the clock went on."""
    found: list[list[tuple[str, str]]] = [[] for _ in talks]
    while house.now < end:
        await house.pass_time(min(step, end - house.now))
        await house.pass_time(timedelta(0))  # looked at twice in the same moment
        for kept, talk in zip(found, talks, strict=True):
            kept += [(house.now.astimezone(ZONE).strftime("%d/%m/%Y %H:%M"), text) for text in await house.hear(talk)]
    return found


@pytest.mark.asyncio
async def test_three_reminders_each_once(house: House) -> None:
    """On SQLite and PostgreSQL, the clock going on by six hours."""
    await set_deadline(house, CLOSES)
    mai = await asked(house, "mai")
    heard = (await heard_until(house, [mai], at(31, 23), timedelta(hours=6)))[0]
    assert [moment for moment, _ in heard] == list(DAYS.values())
    for (_, text), days in zip(heard, DAYS, strict=True):
        assert text.startswith(f"Còn {days} ngày đến hạn nộp")
        assert "31/12/2026" in text
    later = await heard_until(house, [mai], house.now + timedelta(days=40), timedelta(days=1))
    assert later == [[]], "nothing after the deadline"


@pytest.mark.asyncio
async def test_none_after_turning_off(light: House) -> None:
    """By a tap, in words, by a stop of everything; who says that the reminder is still wanted keeps it."""
    await set_deadline(light, CLOSES)
    taps, says, stops, keeps, again = [await asked(light, name) for name in ("taps", "says", "stops", "keeps", "again")]
    everybody = [taps, says, stops, keeps, again]
    first = await heard_until(light, everybody, at(18, 9), timedelta(hours=6))
    assert [len(heard) for heard in first] == [1] * 5
    assert "thôi nhắc" in await press(light, taps, "Thôi nhắc")
    assert "thôi nhắc" in (await light.say(says, "thôi đừng nhắc hạn nộp nữa em"))[0]
    assert "hạn nộp đã hẹn" in (await light.say(stops, "DỪNG"))[0]
    assert "hạn nộp đã hẹn" in (await light.say(keeps, "DỪNG"))[0]
    assert "chỉ nhắc hạn nộp" in await press(light, keeps, "Vẫn nhắc")
    await press(light, again, "Thôi nhắc")
    await light.say(again, "NATIF tài trợ nhiệm vụ đổi mới công nghệ thế nào")
    assert "7 ngày, 2 ngày" in (await light.say(again, "nhắc em trước hạn nộp nhé"))[0]
    rest = await heard_until(light, everybody, at(31, 23), timedelta(hours=6))
    assert [len(heard) for heard in rest] == [0, 0, 0, 2, 2]


@pytest.mark.asyncio
async def test_an_outage_ends_in_allowed_hours(light: House) -> None:
    """Nothing ran from before the day until late in the evening: the reminder comes at 07:30 with the days then left."""
    await set_deadline(light, CLOSES)
    mai = await asked(light, "mai")
    light.now = at(17, 22, 10)
    await run_due(light.system.database, light.system.office, light.now, late=LATE)
    heard = (await heard_until(light, [mai], at(18, 12), timedelta(minutes=10)))[0]
    assert [moment for moment, _ in heard] == ["18/12/2026 07:30"]
    assert heard[0][1].startswith("Còn 13 ngày")


@pytest.mark.asyncio
async def test_what_was_queued_by_day_does_not_ring_at_night(light: House) -> None:
    """The process that sends stops between the queue and the sending, and comes back in the evening."""
    await set_deadline(light, CLOSES)
    mai = await asked(light, "mai")
    await light.until(at(17, 22, 10))
    assert await light.hear(mai) == [], "queued for 08:00, nobody sent it then"
    await light.until(at(18, 7, 30))
    assert len(await light.hear(mai)) == 1


@pytest.mark.asyncio
async def test_a_moved_deadline_is_told_with_its_new_day(light: House) -> None:
    await set_deadline(light, CLOSES)
    mai = await asked(light, "mai")
    await light.until(at(15, 9))
    await set_deadline(light, "2027-01-20", "Trang")
    heard = (await heard_until(light, [mai], at(31, 12, month=12) + timedelta(days=30), timedelta(hours=2)))[0]
    days = [text.split(" ngày")[0] for _, text in heard]
    assert days == ["Còn 34", "Còn 14", "Còn 7", "Còn 2"]
    assert "20/01/2027 (ngày mới)" in heard[0][1]
    assert not any("ngày mới" in text for _, text in heard[1:])


@pytest.mark.asyncio
async def test_a_deadline_taken_back_or_a_programme_pulled_is_not_reminded_of(light: House) -> None:
    await set_deadline(light, CLOSES)
    mai = await asked(light, "mai")
    await light.until(at(18, 9))
    assert len(await light.hear(mai)) == 1
    trang = await light.officer("Trang", Role.ADMIN)
    await trang.post("/cong-tac/tat", noun="programme", noun_id=ID, reason="nghi sai")
    await light.until(at(25, 9))
    assert await light.hear(mai) == []
    await set_deadline(light, "", "Hà")
    await light.until(at(31, 9))
    assert await light.hear(mai) == []
    async with light.system.database.read() as db:
        sent = (await db.execute(outbox.select().where(outbox.c.dedupe_key.like("remind:%")))).all()
    assert len(sent) == 1
    assert time(7, 30) <= sent[0].run_at.astimezone(ZONE).time() <= time(20)


@pytest.mark.asyncio
async def test_no_nudge_after_a_stop(light: House) -> None:
    """Who leaves a form open is reminded of it once; who has said stop is not."""
    stays, stops = await light.person("stays"), await light.person("stops")
    for talk in (stays, stops):
        assert "/9)" in (await light.say(talk, "nhà em làm hồi khô, phơi hay bị mốc, cần máy sấy"))[0]
    assert "ngừng mọi thông báo" in (await light.say(stops, "DỪNG"))[0]
    heard = await heard_until(light, [stays, stops], light.now + timedelta(days=5), timedelta(hours=12))
    assert [len(told) for told in heard] == [1, 0]
