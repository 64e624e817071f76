"""What becomes of each message to Zalo under each answer and each fault: the real deliverer on a real database."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, text, update

from bot.channels.base import Ending
from bot.channels.zalo import channel as zalo_channel
from bot.channels.zalo.errors import CODES, Case
from bot.deliver import Deliverer
from conversation.reply import Choice, Enclosure, Gathering, Reply, Wants
from domain.frames import Frame, Terms
from domain.notice import Kind
from domain.person import AddressState
from domain.worktime import WorkTime
from storage import echoes, frames, officers, people
from storage.files import hash_of
from storage.outbox import Outgoing
from storage.tables import officer, person
from storage.tables import outbox as rows
from tests import pictures
from tests.bot.zalo_office import HELLO, Office
from tests.platform.running import Emulator

pytestmark = pytest.mark.asyncio
OWN = {"id": "tpl", "text": "Sở gửi: <content>", "names": ["content"]}


@pytest_asyncio.fixture
async def office(opened: Callable[..., Any]) -> Office:
    """A deliverer with the settings as they are shipped."""
    made: Office = await opened()
    return made


# --- shapes ---------------------------------------------------------------------------------------------------------
async def test_buttons_numbers_and_long_texts(office: Office) -> None:
    lan = await office.lan()
    await office.put(lan)
    await office.turn()
    few = lan.screen()["messages"][-1]
    assert (few["text"], few["buttons"]) == ("Chào anh/chị.", [["Có"], ["Không"]])
    many = Reply("Anh/chị chọn việc nào?", tuple(Choice(f"Việc {n}", "x") for n in range(1, 6)))
    await office.put(lan, many)
    await office.turn()
    line = lan.screen()["messages"][-1]
    assert line["buttons"] == [] and line["text"].endswith("  4. Việc 4\n  5. Việc 5"), "more than four: by number"
    decomposed = "Cần máy sấy ".encode().decode() + "e\u0302\u0301" * 3
    long = ". ".join(f"Câu số {n} nói một việc" for n in range(130)) + "."
    await office.put(lan, Reply(decomposed))
    await office.put(lan, Reply(long, (Choice("Xem", "x"),)))
    await office.turn()
    seen = lan.screen()["messages"][2:]
    assert seen[0]["text"].endswith("ếếế"), "composed before it is counted"
    assert len(seen) == 3 and all(len(one["text"]) <= 2000 for one in seen)
    assert seen[1]["text"].endswith("."), "cut at the end of a sentence"
    assert [one["buttons"] for one in seen[1:]] == [[], [["Xem"]]], "buttons hang under the last part"


async def test_form_for_name_and_number_and_calendar(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_form_image="https://nhipcau.example.vn/a.png")
    lan = await office.lan()
    seat = Gathering("E1", "Hội thảo", office.now, place="Chi Lăng", url="https://nhipcau.example.vn/lich/E1.ics")
    await office.put(lan, Reply("(9/9) Cho em tên và số điện thoại ạ?", wants=Wants.CONTACT))
    await office.put(
        lan,
        Reply(
            "Em đã giữ chỗ.",
            (Choice("Huỷ", "x"), Choice("Trang hội thảo", "open:https://a.example.vn")),
            gathering=seat,
        ),
    )
    await office.turn()
    form, kept = lan.screen()["messages"]
    assert form["kind"] == "user_info" and form["text"].endswith("số điện thoại ạ?")
    assert kept["buttons"] == [["Huỷ"], ["Trang hội thảo"], ["Thêm vào lịch"]]
    assert kept["links"] == ["https://a.example.vn", seat.url]
    assert office.heard(lan) == 2, "one reply, one message"


async def test_pictures_and_documents_are_uploaded_once_and_become_links_where_messages_are_few(
    opened: Callable[..., Any], tmp_path: Path
) -> None:
    office = await opened(data_dir=tmp_path)
    store = office.channel.assets.store
    files = []
    for name, mime, content in (
        ("to-roi.jpg", "image/jpeg", pictures.jpeg()),
        ("tai-lieu.pdf", "application/pdf", pictures.pdf()),
        ("bang.xlsx", "application/x", b"x"),
    ):
        kept = store.receive(content)
        store.keep(kept, content)
        files.append(Enclosure(name, name, mime, f"https://a.example.vn/{name}", hash_of(content)))
    lan, mai = await office.lan(), await office.lan("Mai")
    alone = Reply("Mời anh/chị dự hội thảo.", files=(files[0],))
    whole = Reply("Mời anh/chị.", (Choice("Đăng ký", "x"),), files=tuple(files))
    for phone in (lan, mai):
        await office.put(phone, alone)
        await office.put(phone, whole)
    await office.turn()
    seen = [(line["kind"], line["text"]) for line in lan.screen()["messages"]]
    assert seen == [
        ("image", "Mời anh/chị dự hội thảo."),
        ("text", "Mời anh/chị.\nbang.xlsx: https://a.example.vn/bang.xlsx"),
        ("image", ""),
        ("file", ""),
    ]
    assert office.calls("upload_image") == office.calls("upload_file") == 1, "uploaded once for all"
    office.later(days=6)
    await office.writes(lan)
    office.later(days=1.5)
    await office.writes(lan)
    await office.put(lan, Reply("Xin gửi lại.", files=(files[0],)))
    await office.turn(1)
    assert lan.screen()["messages"][-1]["text"] == "Xin gửi lại." and office.calls("upload_image") == 2, (
        "after seven days anew"
    )
    office.emulator.account(free_in_frame=4)
    await office.writes(lan)
    for _ in range(2):
        await office.put(lan)
        await office.turn(1)
    await office.put(lan, whole)
    await office.turn(1)
    last = lan.screen()["messages"][-1]
    assert last["kind"] == "text" and last["text"].count("https://a.example.vn/") == 3, (
        "few are left: links in one message"
    )


# --- nobody knows ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.NOTICE])
@pytest.mark.parametrize(
    ("verb", "how"),
    [("deliver_then_drop", {}), ("drop_before", {}), ("deliver_then_error", {"code": 502}), ("truncate_json", {})],
)
async def test_what_may_have_arrived_is_looked_for_and_said_exactly_once(
    office: Office, kind: Kind, verb: str, how: dict[str, Any]
) -> None:
    lan = await office.lan()
    office.emulator.fault(verb, "cs", **how)
    row = await office.put(lan, kind=kind, key="" if kind is Kind.REPLY else "answered:")
    await office.turn()
    assert await office.state(row) == ("retry_at" if kind is Kind.REPLY else "unknown")
    office.deliverer.lost.looked_at = -99.0
    await office.turn(90)
    assert await office.until_done(row) == "sent"
    assert office.heard(lan) == 1, "the conversation tells whether it arrived"
    assert (await office.row(row)).platform_id == lan.screen()["messages"][-1]["message_id"]


async def test_the_same_words_twice_are_two_messages(office: Office) -> None:
    lan = await office.lan()
    first = await office.put(lan)
    await office.turn()
    office.emulator.fault("drop_before", "cs")
    second = await office.put(lan)
    assert [await office.until_done(row) for row in (first, second)] == ["sent", "sent"]
    assert office.heard(lan) == 2, "what another row has for its own is not taken for this one"


async def test_an_echo_tells_without_asking(office: Office) -> None:
    lan = await office.lan()
    office.emulator.fault("deliver_then_drop", "cs")
    row = await office.put(lan)
    await office.turn()
    mark = lan.screen()["messages"][-1]["message_id"]
    async with office.database.write() as db:
        await echoes.keep(db, "zalo", mark, lan.uid, HELLO.text, office.now)
        await echoes.keep(db, "zalo", mark, lan.uid, HELLO.text, office.now)
    await office.turn(30)
    assert (await office.row(row)).platform_id == mark
    assert office.heard(lan) == 1 and office.calls("conversation") == 0


async def test_worker_killed_between_sending_and_writing(office: Office) -> None:
    """As after kill -9: the row still says sending when the next worker begins."""
    lan = await office.lan()
    row = await office.put(lan)
    notice = await office.put(lan, Reply("Đã có lời đáp."), Kind.NOTICE, "answered:")
    await office.turn()
    held = {"state": "sending", "platform_id": None, "ended_at": None}
    async with office.database.write() as db:
        await db.execute(update(rows).where(rows.c.id.in_((row, notice))).values(**held))
        await db.execute(text("DELETE FROM message"))
    heir = Deliverer(office.database, [office.channel], WorkTime(), "test")  # the same name: its rows come back at once
    await heir.begin()
    assert [await office.state(one) for one in (row, notice)] == ["waiting", "unknown"]
    office.deliverer = heir
    await office.turn(90)
    heir.lost.looked_at = -99.0
    await office.turn(90)
    assert [await office.state(one) for one in (row, notice)] == ["sent", "sent"]
    assert office.heard(lan) == 2, "nothing was said a second time"
    assert (await office.row(notice)).reason == "found at the platform"


async def test_while_it_cannot_be_asked_nothing_is_sent_again(office: Office) -> None:
    lan = await office.lan()
    office.emulator.fault("deliver_then_drop", "cs")
    office.emulator.fault("error", "conversation", times=2, code=-200, description="Send message failed")
    row = await office.put(lan)
    await office.turn()
    await office.turn(20)
    assert office.heard(lan) == 1 and await office.state(row) == "retry_at"
    assert await office.until_done(row) == "sent"
    assert office.heard(lan) == 1


# --- every code -----------------------------------------------------------------------------------------------------
ENDS = {
    Case.AGAIN: ("sent", 2), Case.LATER: ("sent", 2), Case.ASSET: ("sent", 2), Case.RATE: ("sent", 2),
    Case.CONTENT: ("failed", 0), Case.TEMPLATE: ("skipped", 0), Case.LEFT: ("failed", 0), Case.ASLEEP: ("failed", 0), Case.UNSUBSCRIBED: ("failed", 0),
    Case.WINDOW: ("skipped", 0), Case.FULL: ("skipped", 0), Case.NIGHT: ("sent", 2), Case.MONEY: ("sent", 2),
    Case.STOP: ("sent", 2), Case.TOKEN: ("sent", 2), Case.STRANGE: ("unknown", 0),
}  # fmt: skip
EACH = [next(code for code in CODES if CODES[code] is case) for case in Case if case is not Case.STRANGE]


@pytest.mark.parametrize("code", [*EACH, -9999])
async def test_each_class_of_error_has_its_ending(office: Office, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CODES.get(code, Case.STRANGE)
    monkeypatch.setattr(zalo_channel, "RATE_REST", 0.2)
    monkeypatch.setattr(zalo_channel, "STOP_SECONDS", 0.6)  # longer than a busy machine sleeps
    lan = await office.lan()
    office.emulator.fault("error", "cs", code=code, description="as documented", times=2 if case is Case.TOKEN else 1)
    row = await office.put(lan, kind=Kind.NOTICE, key="remind:")
    await office.turn()
    if case in (Case.STOP, Case.TOKEN):
        assert office.channel.stopped and await office.state(row) == "retry_at"
    for _ in range(8):
        if await office.state(row) != "retry_at":
            break
        assert office.heard(lan) == 0
        await asyncio.sleep(0.25)
        office.later(60 if case is not Case.NIGHT else 6 * 3600)
        await office.writes(lan)  # the frame of 48 hours stays open
        async with office.database.write() as db:
            await db.execute(update(rows).where(rows.c.id == row).values(run_at=office.now))
        await office.turn()
    ending, calls = ENDS[case]
    assert await office.state(row) == ending
    assert office.heard(lan) == (1 if ending == "sent" else 0)
    assert office.calls("cs") >= max(calls, 1)
    assert await office.address(lan) == {Case.LEFT: "blocked", Case.ASLEEP: "invalid"}.get(case, "active")
    async with office.database.read() as db:
        alert = (await db.execute(select(person.c.alert))).scalar_one()
    assert alert == ("off" if case in (Case.LEFT, Case.ASLEEP, Case.UNSUBSCRIBED) else "now")


UNSENT, REFUSED, NO_LEAVE = Ending.UNSENT, Ending.REFUSED, Ending.NO_LEAVE
DOCUMENTED: tuple[tuple[int, Case, Ending, str], ...] = (  # and what stands out: pause, stop, address, news, night
    (-32, Case.RATE, UNSENT, "pause"),
    (-100, Case.ASSET, UNSENT, ""),
    (-200, Case.AGAIN, UNSENT, ""),
    (-201, Case.CONTENT, REFUSED, ""),
    (-204, Case.STOP, UNSENT, "stop"),
    (-205, Case.STOP, UNSENT, "stop"),
    (-209, Case.STOP, UNSENT, "stop"),
    (-210, Case.CONTENT, REFUSED, ""),
    (-211, Case.MONEY, NO_LEAVE, ""),
    (-212, Case.STOP, UNSENT, "stop"),
    (-213, Case.LEFT, REFUSED, "blocked"),
    (-214, Case.LATER, UNSENT, ""),
    (-216, Case.TOKEN, UNSENT, "stop"),
    (-217, Case.LEFT, REFUSED, "blocked"),
    (-218, Case.FULL, NO_LEAVE, ""),
    (-219, Case.STOP, UNSENT, "stop"),
    (-220, Case.TOKEN, UNSENT, "stop"),
    (-221, Case.STOP, UNSENT, "stop"),
    (-223, Case.STOP, UNSENT, "stop"),
    (-224, Case.MONEY, NO_LEAVE, "told"),
    (-227, Case.ASLEEP, REFUSED, "invalid"),
    (-230, Case.WINDOW, NO_LEAVE, ""),
    (-232, Case.WINDOW, NO_LEAVE, ""),
    (-233, Case.CONTENT, REFUSED, ""),
    (-234, Case.NIGHT, UNSENT, "night"),
    (-235, Case.STOP, UNSENT, "stop"),
    (-237, Case.MONEY, NO_LEAVE, "told"),
    (-238, Case.MONEY, NO_LEAVE, "told"),
    (-240, Case.CONTENT, REFUSED, ""),
    (-241, Case.MONEY, NO_LEAVE, "told"),
    (-242, Case.STOP, UNSENT, "stop"),
    (-244, Case.UNSUBSCRIBED, REFUSED, "no news"),
    (-248, Case.CONTENT, REFUSED, "told"),
    (-249, Case.TEMPLATE, NO_LEAVE, "told"),
    (-320, Case.MONEY, NO_LEAVE, "told"),
    (-321, Case.MONEY, NO_LEAVE, "told"),
    (-403, Case.CONTENT, REFUSED, ""),
)


async def test_every_documented_code_over_the_wire(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each code in turn, as the platform says it to one answer; the tokens are renewed for those about tokens."""
    assert {code for code, *_ in DOCUMENTED} == set(CODES)
    monkeypatch.setattr(zalo_channel, "RATE_REST", 0.0)
    channel, lan = office.channel, await office.lan()
    said: list[int] = []

    async def worry(code: int, _: Any) -> None:
        said.append(code)

    monkeypatch.setattr(channel, "worry", worry)
    for code, case, ending, more in DOCUMENTED:
        channel._stopped, channel.api._hopeless_until = None, None
        office.emulator.fault("error", "cs", code=code, description="as documented", times=2)
        item = Outgoing(1, Kind.REPLY, 1, 1, "zalo", lan.uid, "Chào", (), 1, at=office.now, seen_at=office.now)
        outcome = await channel.send(item)
        office.emulator.clear()
        assert (CODES[code], outcome.ending) == (case, ending), code
        found = {
            "pause": outcome.pause is not None,
            "stop": channel.stopped is not None,
            "blocked": outcome.address is AddressState.BLOCKED,
            "invalid": outcome.address is AddressState.INVALID,
            "no news": outcome.no_news,
            "night": outcome.wait > 3600 and case is Case.NIGHT,
            "told": said == [code],
        }
        said.clear()
        assert [name for name, held in found.items() if held] == ([more] if more else []), code
        assert str(code) in outcome.reason, "the reason stands in the row"
    assert office.heard(lan) == 0


async def test_rate_limit_silences_the_channel_and_costs_no_try(office: Office) -> None:
    lan, mai = await office.lan(), await office.lan("Mai")
    office.emulator.fault("error", "cs", code=-32, description="Your application reached limit call api")
    first, second = await office.put(lan), await office.put(mai)
    await office.turn()
    await office.turn(1)
    assert office.calls("cs") <= 2 and office.heard(lan) + office.heard(mai) <= 1
    assert (await office.row(first)).attempt + (await office.row(second)).attempt <= 1


async def test_out_of_reach(office: Office) -> None:
    lan = await office.lan()
    await office.put(lan)
    await office.turn()
    port = office.emulator.port
    office.emulator.close()
    row = await office.put(lan)
    await office.deliverer.drain(office.now)
    assert await office.state(row) == "retry_at" and (await office.row(row)).attempt == 0
    again = Emulator(port=port)
    again.close()


# --- frames, templates, the budget ----------------------------------------------------------------------------------
async def test_after_seven_days_an_answer_waits_for_the_person(office: Office) -> None:
    lan = await office.lan()
    office.later(days=8)
    answer = await office.put(lan, Reply("Sở đã có lời đáp."), Kind.NOTICE, "answered:")
    reminder = await office.put(lan, Reply("Mai có hẹn."), Kind.NOTICE, "remind:")
    await office.turn()
    assert [await office.state(row) for row in (answer, reminder)] == ["retry_at", "skipped"]
    assert office.calls("cs") == 0, "nothing is asked of the platform that it must refuse"
    await office.writes(lan)
    await office.turn()
    assert await office.state(answer) == "sent" and office.heard(lan) == 1


async def test_after_seven_days_a_template_goes_where_there_is_one(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_own_template="tpl", zalo_template_signs=120)
    office.emulator.account(template=OWN)
    lan = await office.lan()
    office.later(days=8)
    long = "Sở đã xem phiếu của anh/chị. " * 6 + "\nAnh/chị còn cần hỗ trợ không ạ?"
    row = await office.put(lan, Reply(long, (Choice("Còn", "x"), Choice("Thôi", "y"))), Kind.NOTICE, "answered:")
    news = await office.put(lan, Reply("Có công nghệ mới."), Kind.NOTICE, "offer:")
    await office.turn()
    assert [await office.state(one) for one in (row, news)] == ["sent", "skipped"]
    seen = lan.screen()["messages"][-1]["text"].removeprefix("Sở gửi: ")
    assert len(seen) <= 120 and "còn cần hỗ trợ không ạ?" in seen and seen.endswith("1. Còn; 2. Thôi")


async def test_templates_rest_at_night(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_own_template="tpl")
    office.emulator.account(template=OWN)
    lan = await office.lan()
    office.later(days=8, seconds=13 * 3600)  # 23:00
    row = await office.put(lan, Reply("Sở đã có lời đáp."), Kind.NOTICE, "answered:")
    await office.turn()
    assert await office.state(row) == "retry_at" and office.calls("template") == 0
    assert 7 * 3600 < ((await office.row(row)).run_at - office.now).total_seconds() < 9 * 3600
    await office.turn(9 * 3600)
    assert await office.state(row) == "sent"


async def test_news_costs_nothing_unless_paid_for(opened: Callable[..., Any]) -> None:
    office = await opened()
    office.emulator.account(package=5)
    lan = await office.lan()
    office.later(days=3)
    news = await office.put(lan, Reply("Có công nghệ mới."), Kind.NOTICE, "offer:")
    own = await office.put(lan, Reply("Sở đã có lời đáp."), Kind.NOTICE, "answered:")
    await office.turn()
    assert [await office.state(row) for row in (news, own)] == ["skipped", "sent"]
    assert office.emulator.account()["package"] == 4


async def test_the_last_messages_of_a_frame_are_kept_for_the_person(office: Office) -> None:
    lan = await office.lan()
    sent = 0
    for number in range(8):
        row = await office.put(lan, Reply(f"Tin số {number}"), Kind.NOTICE, "offer:")
        await office.turn(1)
        sent += await office.state(row) == "sent"
    assert sent == 6, "two of eight are kept"
    own = [await office.put(lan, Reply(f"Đáp {number}")) for number in range(2)]
    await office.turn()
    assert [await office.state(row) for row in own] == ["sent", "sent"]
    await office.writes(lan)  # a new frame begins
    row = await office.put(lan, Reply("Tin nữa"), Kind.NOTICE, "offer:")
    await office.turn()
    assert await office.state(row) == "sent"


async def test_what_is_left_of_the_package_is_no_free_message(office: Office) -> None:
    """The eight are used up, the next answer is paid out of a package that holds plenty: news does not follow it."""
    office.emulator.account(package=500)
    lan = await office.lan()
    for number in range(9):
        await office.put(lan, Reply(f"Đáp {number}"))
        await office.turn(1)
    assert office.heard(lan) == 9 and office.emulator.account()["package"] == 499
    news = await office.put(lan, Reply("Có công nghệ mới."), Kind.NOTICE, "offer:")
    await office.turn(1)
    assert await office.state(news) == "skipped" and office.emulator.account()["package"] == 499
    async with office.database.read() as db:
        held = (await frames.reach(db, office.now, Terms()))["zalo"]
    assert held.people == {Frame.SPENT: 1} and held.package is not None and held.package.remain == 499
    own = await office.put(lan, Reply("Đáp nữa"))
    await office.turn(1)
    assert await office.state(own) == "sent", "an answer may cost money"


async def test_a_template_for_phones_only_is_given_up_and_told_once(opened: Callable[..., Any]) -> None:
    office = await opened(zalo_own_template="tpl")
    office.emulator.account(template={**OWN, "by_uid": False})
    lan, hoa = await office.lan(), await office.lan("Hoa")
    await officer_at(office, "trang")
    office.later(days=8)
    answer = Reply("Sở đã có lời đáp.")
    rows_ = [await office.put(phone, answer, Kind.NOTICE, "answered:") for phone in (lan, hoa, lan)]
    await office.turn(1)
    tried = office.calls("template")
    rows_.append(await office.put(hoa, Reply("Cán bộ đã xem phiếu."), Kind.NOTICE, "answered:"))
    await office.turn(1)
    assert [await office.state(row) for row in rows_] == ["retry_at"] * 4, "as without a template: they wait"
    assert office.calls("template") == tried <= 2, "tried by no more than were on their way together"
    (told,) = await told_to_officers(office)
    assert "Mẫu tin Zalo" in told and "-249" in told
    await office.writes(lan)
    await office.turn(1)
    assert office.heard(lan) == 2 and office.heard(hoa) == 0


async def test_an_empty_purse_is_told_once_a_day(office: Office) -> None:
    lan = await office.lan()
    await officer_at(office, "trang")
    office.emulator.fault("error", "cs", code=-321, description="ZCA is out of money", times=None)
    for number in range(3):
        await office.put(lan, Reply(f"Đáp {number}"))
        await office.turn(1)
    assert len(await told_to_officers(office)) == 1
    office.later(days=1)
    await office.put(lan, Reply("Đáp nữa"))
    await office.writes(lan)
    await office.turn(1)
    told = await told_to_officers(office)
    assert len(told) == 2 and all("hết tiền" in line for line in told)


async def officer_at(office: Office, name: str) -> None:
    """An officer who approves, with a chat at a terminal."""
    async with office.database.write() as db:
        place = await people.arrive(db, "terminal", "", name, office.now)
        held = {"name": name.title(), "role": "approver", "state": "open", "created_at": office.now}
        number = (await db.execute(officer.insert().values(**held).returning(officer.c.id))).scalar_one()
        await officers.link_chat(db, number, place.id, office.now)


async def told_to_officers(office: Office) -> list[str]:
    """What officers are told by the system."""
    async with office.database.read() as db:
        query = select(rows.c.text).where(rows.c.dedupe_key.like("desk:zalo-%")).order_by(rows.c.id)
        return list((await db.execute(query)).scalars())


async def test_when_the_frame_is_used_up_an_answer_waits_for_the_next_one(office: Office) -> None:
    lan = await office.lan()
    answers = [await office.put(lan, Reply(f"Đáp số {number}")) for number in range(9)]
    for _ in range(9):
        await office.turn(1)
    states = [await office.state(row) for row in answers]
    assert states == ["sent"] * 8 + ["retry_at"] and (await office.row(answers[-1])).attempt == 0
    await office.writes(lan)
    await office.turn(1)
    assert await office.state(answers[-1]) == "sent"


async def test_without_the_right_to_read_the_conversation_replies_go_once_more(office: Office) -> None:
    lan = await office.lan()
    office.emulator.fault("error", "conversation", times=None, code=-212, description="App has not registered this api")
    office.emulator.fault("deliver_then_drop", "cs")
    row = await office.put(lan)
    notice_only = await office.lan("Mai")
    assert await office.until_done(row) == "sent" and office.channel.stopped is None
    assert office.heard(lan) == 2, "as on a platform that cannot be asked: one second copy at most"
    office.emulator.fault("deliver_then_drop", "cs")
    notice = await office.put(notice_only, kind=Kind.NOTICE, key="answered:")
    await office.turn()
    office.deliverer.lost.looked_at = -99.0
    await office.turn(90)
    assert await office.state(notice) == "unknown" and office.heard(notice_only) == 1


async def test_uploads_are_refused_by_size_and_kept_for_seven_days(office: Office) -> None:
    lan = await office.lan()
    await office.channel.api.get("/v2.0/oa/getoa")
    office.emulator.account(expire=True)
    mark = await office.channel.api.upload("file", "phieu.pdf", b"%PDF-1.4 test")
    body = {"recipient": {"user_id": lan.uid}, "message": {"attachment": {"type": "file", "payload": {"token": mark}}}}
    assert (await office.channel.api.post("/v3.0/oa/message/cs", body))["user_id"] == lan.uid
    with pytest.raises(Exception, match="-201"):
        await office.channel.api.upload("file", "lich.ics", b"BEGIN:VCALENDAR")
    office.later(days=6.9)
    await office.writes(lan)
    await office.channel.api.post("/v3.0/oa/message/cs", body)
    office.later(days=0.2)
    with pytest.raises(Exception, match="-100"):
        await office.channel.api.post("/v3.0/oa/message/cs", body)
