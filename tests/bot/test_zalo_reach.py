"""What officers are told of Zalo beforehand is what happens: the count before a message to many, what is left with people."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.channels.zalo.write import read_payload
from bot.wiring import paid_for
from console.papers import report_lines
from conversation.reply import Choice, Reply
from domain.event import Event
from domain.frames import Frame, Terms, Way
from domain.notice import Kind, OutboxState
from domain.person import Purpose
from domain.segment import EVERYBODY
from handlers.frames import today
from storage import broadcasts, catalogue, frames, gatherings, outages, outbox, people, segments
from storage.seats import Line
from storage.tables import address, conversation, person
from storage.tables import outbox as rows
from tests.bot.zalo_office import Office, settings_of
from tests.platform.phone import ZaloPhone

pytestmark = pytest.mark.asyncio
NEWS = {"id": "tpl", "text": "Sở gửi: <content>", "names": ["content"]}


# --- the count before a message to many -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "reached", "paid", "templates"),
    [
        ({}, 1, 0, 0),
        ({"zalo_paid_news": True}, 3, 1, 0),  # who has only kept ones left gets one of them: their next answer is paid
        ({"zalo_news_template": "tpl"}, 4, 0, 3),
        ({"zalo_paid_news": True, "zalo_news_template": "tpl"}, 4, 1, 2),
    ],
)
async def test_the_count_before_is_what_arrives(
    opened: Callable[..., Any], given: dict[str, Any], reached: int, paid: int, templates: int
) -> None:
    office = await opened(**given)
    office.emulator.account(package=100, template=NEWS)
    await office.lan("Bảy Ngày")
    office.later(days=5)
    await office.lan("Hai Ngày")
    office.later(days=2.2)
    busy = await office.lan("Hết Lượt")
    for _ in range(6):
        await office.put(busy)
        await office.turn(1)
    await office.lan("Mới")
    terms = paid_for(settings_of(office.emulator, **given))
    before = office.emulator.account()
    async with office.database.write() as db:
        count = await segments.count(db, EVERYBODY, office.now, terms)
        held = await broadcasts.compose(db, "Mời", "Mời anh/chị dự hội thảo.", EVERYBODY, "Trang", office.now)
        await broadcasts.approve(db, held, "Hùng", [], office.now)
    for _ in range(4):
        await office.turn(1)
    async with office.database.read() as db:
        ledger = await broadcasts.ledger(db, held.id, office.now)
    after = office.emulator.account()
    told = Counter[Way]()
    for (_, frame), number in count.frames.items():
        told[terms.way(frame)] += number
    assert count.reached == reached == ledger.of(OutboxState.SENT)
    assert sum(count.left_out.values()) == 4 - reached == ledger.of(OutboxState.SKIPPED)
    assert before["package"] - after["package"] == paid <= told[Way.PAID], "never more than was told"
    assert before["templates"] - after["templates"] == templates == told[Way.TEMPLATE]


@pytest.mark.parametrize(
    ("terms", "news", "answers"),
    [
        (Terms(), 1, 2),
        (Terms(paid=True), 2, 2),
        (Terms(template=True, own_template=True), 3, 3),
    ],
)
async def test_in_an_outage_zalo_takes_over_only_for_those_it_lets_us_write_to(
    opened: Callable[..., Any], terms: Terms, news: int, answers: int
) -> None:
    """Three people of a silent Telegram have linked Zalo: one wrote there just now, one days ago, one weeks ago. Whoever
    Zalo would refuse keeps waiting for Telegram instead of getting nothing."""
    office = await opened()
    for name, days in (("Tám Ngày", 5), ("Ba Ngày", 3), ("Mới", 0)):
        phone = await office.lan(name)
        await also_on_telegram(office, phone)
        office.later(days=days)
    async with office.database.write() as db:
        held = await broadcasts.compose(db, "Mời", "Mời anh/chị dự hội thảo.", EVERYBODY, "Trang", office.now)
        await broadcasts.approve(db, held, "Hùng", [], office.now)
        ways = await outages.elsewhere(db, held.id, ["telegram"], office.now, terms, ["telegram", "zalo"])
        assert (ways.only, ways.count) == (3 - news, news)
        moved = await outages.answer_elsewhere(
            db, "telegram", ["telegram"], "Telegram hỏng. ", office.now, terms, ["telegram", "zalo"]
        )
        assert moved == answers
        assert await outages.send_elsewhere(db, held.id, ["telegram"], office.now, terms, ["telegram", "zalo"]) == news
        assert await outages.send_elsewhere(db, held.id, ["telegram"], office.now, terms, ["telegram", "zalo"]) == 0


async def also_on_telegram(office: Office, phone: ZaloPhone) -> None:
    """The person talks on Telegram now, agreed that both are one, and waits for an answer there."""
    async with office.database.write() as db:
        place = await people.arrive(db, "zalo", "", phone.uid, office.now)
        other = await people.arrive(db, "telegram", "", f"t{phone.uid}", office.now)
        await db.execute(update(address).where(address.c.id == other.id).values(person_id=place.person_id))
        await db.execute(delete(person).where(person.c.id == other.person_id))
        talk = update(conversation).where(conversation.c.person_id == place.person_id)
        await db.execute(talk.values(address_id=other.id))
        await people.give_consent(db, place.person_id, Purpose.LINK, "1", office.now)
        key = f"reply:{phone.uid}"
        await outbox.put(db, Kind.REPLY, place.person_id, Reply("Dạ có ạ."), key, office.now, office.now, other.id)


# --- what is left, asked ----------------------------------------------------------------------------------------------
async def stands(office: Office) -> Any:
    """How people stand on Zalo, as officers are told."""
    async with office.database.read() as db:
        return (await frames.reach(db, office.now, Terms()))["zalo"]


async def test_what_is_left_is_asked_and_told(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_ask_quota=True)
    lan, hoa = await office.lan(), await office.lan("Hoa")
    await office.lan("Im Lâu")
    office.later(days=3)
    await office.writes(lan)
    await office.writes(hoa)
    async with office.database.write() as db:  # as the webhook, which tells when they wrote
        for phone in (lan, hoa):
            await people.arrive(db, "zalo", "", phone.uid, office.now)
    office.emulator.platforms.zalo.users[lan.uid].sent_in_frame = 7  # an officer wrote from Zalo's own page
    assert (await stands(office)).people == {Frame.FREE: 2, Frame.PAID: 1} and (await stands(office)).left is None
    office.later(60)
    assert await office.channel.quotas.look(office.now) == 2, "of those out of the free time nothing is asked"
    held = await stands(office)
    assert held.people == {Frame.FREE: 1, Frame.SPENT: 1, Frame.PAID: 1}
    assert (held.left, held.told_at) == (1 + 8, office.now)
    assert (await today_words(office))[0].startswith("Zalo: 1 người nhắn được miễn phí, 1 người đã hết lượt miễn phí")
    news = await office.put(lan, Reply("Có công nghệ mới."), Kind.NOTICE, "offer:")
    await office.turn(1)
    assert await office.state(news) == "skipped", "what is left is kept for answers"
    assert await office.channel.quotas.look(office.now) == 0, "known well enough for an hour"
    office.later(3700)
    assert await office.channel.quotas.look(office.now) == 2


async def today_words(office: Office) -> list[str]:
    return today({"zalo": await stands(office)})


async def test_a_refused_question_hurts_nobody(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_ask_quota=True)
    lan, hoa = await office.lan(), await office.lan("Hoa")
    office.later(60)
    office.emulator.fault("error", "quota", code=-201, description="user_id is invalid!")
    assert await office.channel.quotas.look(office.now) == 1, "the other one is asked all the same"
    office.later(3700)
    calls = office.calls("quota")
    office.emulator.fault("error", "quota", code=-223, description="OA has not authorized this API", times=None)
    assert await office.channel.quotas.look(office.now) == 0
    assert office.calls("quota") == calls + 1, "a missing right is not asked for with every person"
    rows = [await office.put(phone) for phone in (lan, hoa)]
    await office.turn(1)
    assert [await office.state(row) for row in rows] == ["sent", "sent"] and office.channel.stopped is None


async def test_nothing_is_asked_by_itself(opened: Callable[..., Any]) -> None:
    office = await opened()
    assert office.channel.quotas is None


# --- lists --------------------------------------------------------------------------------------------------------------
MANY = Reply("Anh/chị chọn việc nào?", tuple(Choice(f"Việc {n}", "x") for n in range(1, 8)))


async def test_many_choices_as_a_list_where_the_setting_says_so(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_lists=True)
    lan = await office.lan()
    row = await office.put(lan, MANY)
    await office.turn()
    line = lan.screen()["messages"][-1]
    assert (line["text"], line["kind"]) == ("Anh/chị chọn việc nào?", "list")
    assert line["buttons"] == [[f"{n}. Việc {n}"] for n in range(1, 8)]
    lan.press("3. Việc 3")
    pressed = office.emulator.platforms.zalo.users[lan.uid]
    assert read_payload(pressed.lines[0]["buttons"][2]["payload"]) == (row, 2, "Việc 3"), "as under a button"
    await office.put(lan, Reply("Chọn?", MANY.choices[:4]))
    await office.turn(1)
    assert lan.screen()["messages"][-1]["kind"] == "text", "up to four are buttons"
    ten = Reply("Chọn?", tuple(Choice(f"Việc {n}", "x") for n in range(1, 11)))
    await office.put(lan, ten)
    await office.turn(1)
    assert lan.screen()["messages"][-1]["text"].endswith(" 10. Việc 10"), "more than a list holds: by number"


async def test_a_refused_list_becomes_numbers_and_is_sent_once(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_lists=True)
    office.emulator.account(lists=False)
    lan = await office.lan()
    row = await office.put(lan, MANY)
    await office.turn()
    assert await office.state(row) == "sent" and lan.screen()["messages"][-1]["text"].endswith("  7. Việc 7")
    office.emulator.fault("deliver_then_drop", "cs")
    lost = await office.put(lan, MANY)
    assert await office.until_done(lost) == "sent"
    assert office.heard(lan) == 2, "what arrived as numbers is known again"
    calls = office.calls("cs")
    await office.put(lan, MANY)
    await office.turn(1)
    assert office.calls("cs") == calls + 1, "a list is not tried again"


async def test_a_refusal_for_another_reason_leaves_lists_on(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_lists=True)
    lan = await office.lan()
    office.emulator.fault("error", "cs", code=-248, description="violates platform standards", times=2)
    row = await office.put(lan, MANY)
    await office.turn()
    assert await office.state(row) == "failed" and office.channel.shape.lists


# --- tags ---------------------------------------------------------------------------------------------------------------
async def tag(office: Office, phone: ZaloPhone, *tags: str) -> None:
    """Puts tags on a person as the console does."""
    async with office.database.write() as db:
        place = await people.arrive(db, "zalo", "", phone.uid, office.now)
        await segments.set_tags(db, place.person_id, list(tags))


def tags_there(office: Office, phone: ZaloPhone) -> set[str]:
    return office.emulator.platforms.zalo.users[phone.uid].tags


async def test_tags_of_the_console_stand_at_zalo_too(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_tags=True)
    lan = await office.lan()
    tags_there(office, lan).add("của Zalo")  # put there by hand, not ours to take away
    await tag(office, lan, "OCOP", "vườn na")
    assert await office.channel.tags.look() == 2
    assert tags_there(office, lan) == {"ocop", "vườn na", "của Zalo"}
    assert await office.channel.tags.look() == 0, "told once"
    await tag(office, lan, "vườn na", "sấy")
    assert await office.channel.tags.look() == 2
    assert tags_there(office, lan) == {"sấy", "vườn na", "của Zalo"}
    async with office.database.write() as db:
        place = await people.arrive(db, "zalo", "", lan.uid, office.now)
        await people.empty(db, place.person_id)
    await office.channel.tags.look()
    assert tags_there(office, lan) == {"của Zalo"}, "whoever is erased here keeps no tag of ours there"


async def test_tags_that_fail_block_nothing(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_tags=True)
    lan, hoa = await office.lan(), await office.lan("Hoa")
    await tag(office, lan, "na")
    await tag(office, hoa, "na")
    office.emulator.fault("error", "tagfollower", code=-201, description="user_id is invalid!")
    assert await office.channel.tags.look() == 2 and await office.channel.tags.look() == 0
    assert (tags_there(office, lan), tags_there(office, hoa)) == (set(), {"na"}), "one refusal, the other goes"
    await tag(office, hoa, "na", "hồi")
    office.emulator.fault("error", "tagfollower", code=-223, description="OA has not authorized this API")
    row = await office.put(hoa)
    await office.turn(1)
    assert await office.channel.tags.look() == 0 and await office.state(row) == "sent"
    assert office.channel.stopped is None, "a missing right for tags stops no message"
    office.emulator.fault("deliver_then_drop", "tagfollower")
    assert await office.channel.tags.look() == 0
    assert await office.channel.tags.look() == 1 and tags_there(office, hoa) == {"na", "hồi"}


async def test_no_tag_leaves_by_itself(opened: Callable[..., Any]) -> None:
    office = await opened()
    lan = await office.lan()
    await tag(office, lan, "na")
    assert office.channel.tags is None
    stopping = asyncio.Event()
    listening = asyncio.ensure_future(office.channel.listen(nothing, nothing, stopping))
    await asyncio.sleep(0.5)
    stopping.set()
    await listening
    assert office.calls("tagfollower") == 0 and office.calls("quota") == 0


async def nothing(*_: Any) -> None:
    """Takes what comes and does nothing with it."""


async def test_the_running_channel_asks_and_tells(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_tags=True, zalo_ask_quota=True)
    lan = await office.lan()
    await tag(office, lan, "na")
    stopping = asyncio.Event()
    listening = asyncio.ensure_future(office.channel.listen(nothing, nothing, stopping))
    end = time.monotonic() + 10
    while not (tags_there(office, lan) and office.calls("quota")):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    stopping.set()
    await listening


# --- who looked at it -----------------------------------------------------------------------------------------------
async def test_who_looked_at_an_invitation_is_counted_once_and_only_where_zalo_tells(
    opened: Callable[..., Any],
) -> None:
    office = await opened()
    first, second = await office.lan("Một"), await office.lan("Hai")
    event = Event("HT-say", "Hội thảo sấy", office.now + timedelta(days=9))
    async with office.database.write() as db:
        await catalogue.write_event(db, event, "nhipcau")
        held = await broadcasts.compose(db, "Mời", "Mời dự.", EVERYBODY, "Trang", office.now, event_id="HT-say")
        await broadcasts.approve(db, held, "Hùng", [], office.now)
    while await office.turn(1):
        pass

    async def nothing(*_: Any) -> None:
        return None

    seen = str(first.do("look")).split()
    assert seen, "the emulated account told of a look"
    around = {
        "sender": {"id": "oa"},
        "recipient": {"id": first.uid},
        "timestamp": str(int(office.now.timestamp() * 1000)),
    }
    for message in ({"msg_ids": seen}, {"msg_id": seen[-1]}, {"msg_ids": ["strange"]}, {}):
        heard = {"event_name": "user_seen_message", "message": message, **around}
        await office.channel.take(heard, nothing, nothing)
        await office.channel.take({**heard, "recipient": {"id": second.uid}}, nothing, nothing)  # not theirs
    async with office.database.read() as db:
        ledger = await broadcasts.ledger(db, held.id, office.now)
        report = await gatherings.report(db, "HT-say", event.over_at)
        found = (
            await db.execute(
                select(address.c.external_id)
                .join(rows, rows.c.address_id == address.c.id)
                .where(rows.c.seen_at.is_not(None))
            )
        ).scalars()
        assert set(found) == {first.uid}
    assert (ledger.reached, ledger.seen) == (2, 1)
    assert (report.invited, report.reached, report.seen, report.telling) == (2, 2, 1, 2)
    told = dict(report_lines(report, Line(0, 0, 0, 0, 0)))
    assert told["Đã xem"] == "1 trên 2 người ở Zalo"
