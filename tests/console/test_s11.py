"""S11: a human is asked for; taking over, handing back, silence when idle, the truth on a lapse."""

import asyncio
from datetime import timedelta

import pytest

from bot.chat import Talk
from conversation.message import Message
from domain.officer import Role
from domain.person import Alert, Purpose
from handlers import brief, takeover
from storage import conversations, dues, officers, people
from tests.console.office import Hand, House, at


async def connected(house: House, hand: Hand, name: str) -> Talk:
    """An officer's chat, tied by the one-time code of the console."""
    chat = await house.person(name)
    page = (await hand.post("/tai-khoan/noi-chat")).text
    code = page.split("/noi ")[1][:8]
    assert "đã nối" in (await house.say(chat, f"/noi {code}"))[0]
    return chat


@pytest.mark.asyncio
async def test_taken_over_and_handed_back(house: House) -> None:
    house.now = at(11, 16, 50)  # a Friday
    lan, hung = await house.officer("Lan", Role.OFFICER), await house.officer("Hùng", Role.APPROVER)
    mai = await house.person("mai")
    told = (await house.say(mai, "cho gặp cán bộ"))[0]
    assert "HT-0001" in told and "16:50 thứ Hai 14/12/2026" in told
    house.now = at(14, 8, 10)
    assert "HT-0001" in await lan.text("/hop-thu")
    talk = f"/hop-thu/{mai._person_id}"
    assert (await lan.post(f"{talk}/tiep-quan")).status_code == 303
    await lan.post(
        f"{talk}/noi", words="Chào chị Mai, em Lan đây ạ. Máy sấy SH-200 bên Viện đang có sẵn.", once="once-0001"
    )
    await lan.post(
        f"{talk}/noi", words="Chào chị Mai, em Lan đây ạ. Máy sấy SH-200 bên Viện đang có sẵn.", once="once-0001"
    )
    assert await house.hear(mai) == ["Chào chị Mai, em Lan đây ạ. Máy sấy SH-200 bên Viện đang có sẵn."]
    assert await house.say(mai, "máy đó bao nhiêu tiền") == [], "the assistant spoke while Lan holds"
    assert "máy đó bao nhiêu tiền" in await lan.text(talk)
    assert "Lan đang giữ" in await hung.text(talk)
    refused = await hung.post(f"{talk}/tiep-quan")
    assert refused.status_code == 303 and "Lan" in refused.headers["set-cookie"]
    assert (await hung.post(f"{talk}/noi", words="Hùng đây", once="once-0002")).status_code == 409
    assert await house.hear(mai) == []
    await lan.post(f"{talk}/tra-lai", promise="báo giá máy sấy", by="2026-12-16T08:00")
    back = await house.hear(mai)
    assert len(back) == 1 and "báo giá máy sấy" in back[0] and "08:00 thứ Tư 16/12/2026" in back[0]
    later = (await house.say(mai, "máy đó bao nhiêu tiền"))[0]
    assert "SH-200" in later, later
    assert "HT-0001" not in await lan.text("/hop-thu"), "a human has answered"
    async with house.system.database.read() as db:
        holding = await conversations.holding(db, mai._person_id)
    assert holding is not None and (holding.owner, holding.officer_id) == ("bot", None)


@pytest.mark.asyncio
@pytest.mark.parametrize("words", ["DỪNG", "đừng gửi tin cho chị nữa", "/dung"])
async def test_a_stop_is_confirmed_while_an_officer_speaks(house: House, words: str) -> None:
    """Whoever wants no more news hears that it was heard, once; the officer sees it; nothing else is answered."""
    lan = await house.officer("Lan", Role.OFFICER)
    mai = await house.person("mai")
    await house.say(mai, "gặp cán bộ")
    async with house.system.database.write() as db:
        await people.give_consent(db, mai._person_id, Purpose.NEWS, "mẫu", house.now)
        await people.choose_alert(db, mai._person_id, Alert.NOW)
        await dues.plan(db, "deadline", "deadline:x:1", house.now + timedelta(days=3), mai._person_id, {})
    talk = f"/hop-thu/{mai._person_id}"
    await lan.post(f"{talk}/tiep-quan")
    told = await house.say(mai, words)
    assert len(told) == 1 and "ngừng mọi thông báo" in told[0] and "BẬT TIN" in told[0]
    async with house.system.database.read() as db:
        who = await people.find(db, mai._person_id)
        assert who.alert is Alert.OFF and not await people.has_consent(db, who.id, Purpose.NEWS)
    shown = await lan.text(talk)
    assert words in shown and "ngừng mọi thông báo" in shown
    assert "không nhắc" in (await house.say(mai, "không nhắc"))[0]
    assert await house.say(mai, "máy đó bao nhiêu tiền") == [], "the assistant spoke while Lan holds"
    await lan.post(f"{talk}/noi", words="Chị cần gì em giúp ạ?", once="once-0001")
    assert await house.hear(mai) == ["Chị cần gì em giúp ạ?"]
    assert await house.say(mai, "không nhắc") == []


@pytest.mark.asyncio
async def test_four_idle_working_hours_give_it_back(house: House) -> None:
    house.now = at(7, 15, 30)
    lan = await house.officer("Lan", Role.OFFICER)
    mai = await house.person("mai")
    await house.say(mai, "gặp cán bộ")
    talk = f"/hop-thu/{mai._person_id}"
    await lan.post(f"{talk}/tiep-quan")
    await house.until(at(7, 16, 0))
    await lan.post(f"{talk}/noi", words="Em xem rồi báo chị ngay.", once="once-0001")
    await house.hear(mai)
    await house.until(at(8, 10, 29))  # 1 h on Monday afternoon, 2 h 59 min on Tuesday morning
    assert await house.hear(mai) == []
    await house.until(at(8, 10, 31))
    told = await house.hear(mai)
    assert len(told) == 1 and "Lan" in told[0] and "HT-0002" in told[0] and "10:30 thứ Tư 09/12/2026" in told[0]
    assert "HT-0002" in await lan.text("/hop-thu")
    assert await house.say(mai, "chào em"), "the assistant answers again"
    assert (await lan.post(f"{talk}/noi", words="Muộn rồi", once="once-0002")).status_code == 409


@pytest.mark.asyncio
async def test_what_a_closed_account_held_comes_back_at_once(light: House) -> None:
    trang, lan = await light.officer("Trang", Role.ADMIN), await light.officer("Lan", Role.OFFICER)
    assert lan.officer is not None
    mai = await light.person("mai")
    await light.say(mai, "gặp cán bộ")
    await lan.post(f"/hop-thu/{mai._person_id}/tiep-quan")
    assert await light.say(mai, "alo") == []
    close = f"/quan-tri/{lan.officer.id}/dong"
    assert (await trang.post(close)).status_code == 409, "closed without a reason"
    await trang.post(close, reason="chuyển công tác")
    await light.pass_time(timedelta(minutes=1))
    assert "quay lại với anh/chị" in (await light.hear(mai))[0]
    assert await light.say(mai, "chào em"), "the assistant answers again"
    assert "không còn quyền trả lời" in await trang.text("/nhat-ky")


@pytest.mark.asyncio
async def test_lapse_is_told_within_five_minutes_and_the_approver_is_alarmed(house: House) -> None:
    house.now = at(11, 16, 50)
    lan, hung = await house.officer("Lan", Role.OFFICER), await house.officer("Hùng", Role.APPROVER)
    of_hung, of_lan = await connected(house, hung, "chat-hung"), await connected(house, lan, "chat-lan")
    mai = await house.person("mai")
    await house.say(mai, "gặp cán bộ")
    await lan.post(f"/hop-thu/{mai._person_id}/tiep-quan")  # taken, but not a word
    await lan.post(f"/hop-thu/{mai._person_id}/tra-lai")
    await house.hear(mai)
    await house.until(at(14, 16, 49))
    assert await house.hear(mai) == []
    await house.until(at(14, 16, 55))
    told = await house.hear(mai)
    assert len(told) == 1 and "HT-0001" in told[0] and "xin lỗi" in told[0]
    alarm = [text for text in await house.hear(of_hung) if "Quá hẹn" in text]
    assert len(alarm) == 1 and "HT-0001" in alarm[0]
    assert not [text for text in await house.hear(of_lan) if "Quá hẹn" in text], (
        "the approver is alarmed, not everybody"
    )
    assert "quá hẹn" in await lan.text("/")


@pytest.mark.asyncio
async def test_never_both_at_once(house: House) -> None:
    """Many officers reach for one talk while the person writes: one officer gets it, no reply is made after that."""
    hands = [await house.officer(f"Cán bộ {index}", Role.OFFICER) for index in range(6)]
    mai = await house.person("mai")
    await house.say(mai, "chào em")

    async def reach(hand: Hand) -> bool:
        assert hand.officer is not None
        async with house.system.database.write() as db:
            return await takeover.take_over(house.system.office, db, hand.officer, mai._person_id, house.now)

    async def write(number: int) -> None:
        item = Message("terminal", "", f"race-{number}", "mai", f"tin {number}", house.now)
        await mai.receiver.store(item, house.now)
        await mai.receiver.take_turn(mai._person_id, house.now)

    results = await asyncio.gather(*(reach(hand) for hand in hands), *(write(number) for number in range(4)))
    assert sum(result is True for result in results[:6]) == 1
    before = len(await house.hear(mai))
    assert before <= 4
    await write(99)
    assert await house.hear(mai) == [], "the assistant answered after an officer had taken over"


@pytest.mark.asyncio
async def test_waiting_replies_of_the_assistant_are_taken_back(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    mai = await house.person("mai")
    item = Message("terminal", "", "quiet-1", "mai", "chào em", house.now)
    await mai.receiver.store(item, house.now)
    await mai.receiver.take_turn(mai._person_id, house.now)  # answered, not yet sent
    await lan.post(f"/hop-thu/{mai._person_id}/tiep-quan")
    assert await house.hear(mai) == []


@pytest.mark.asyncio
async def test_officer_commands_exist_for_officers_only(house: House) -> None:
    lan, xem = await house.officer("Lan", Role.OFFICER), await house.officer("Xem", Role.VIEWER)
    mai = await house.person("mai")
    await house.say(mai, "chào em")
    plain = await house.say(mai, "/khongcolenh")
    for command in ("/homnay", "/tra HT-0001", "/traloi HT-0001 xin chào", "/duyet NC-0001", "/lenh"):
        assert await house.say(mai, command) == plain, f"{command} tells a stranger that it exists"
    await house.say(mai, "gặp cán bộ")
    chat = await connected(house, lan, "chat-lan")
    assert "1 đang chờ" in (await house.say(chat, "/homnay"))[0]
    asked = await house.say(chat, "/traloi HT-0001 Em Lan đây, chị cần gì ạ?")
    assert "Gửi cho" in asked[0] and await house.hear(mai) == [], "a command took effect before it was confirmed"
    assert "Đã gửi" in (await house.say(chat, "gửi"))[0]
    assert await house.hear(mai) == ["Em Lan đây, chị cần gì ạ?"]
    seer = await connected(house, xem, "chat-xem")
    assert "không dùng được" in (await house.say(seer, "/traloi HT-0001 hi"))[0]
    asked = await house.say(chat, "/traloi HT-0001 Câu thứ hai")
    assert "Gửi cho" in asked[0]
    async with house.system.database.write() as db:
        assert lan.officer is not None
        await officers.close(db, lan.officer.id)
    assert "không còn quyền" in (await house.say(chat, "gửi"))[0] and await house.hear(mai) == []
    assert await house.say(chat, "/homnay") == plain, "a closed account still has commands"
    assert (await lan.get("/")).status_code == 303, "a closed account is still signed in"


@pytest.mark.asyncio
async def test_brief_at_half_past_seven(house: House) -> None:
    house.now = at(11, 15, 0)
    lan = await house.officer("Lan", Role.OFFICER)
    chat = await connected(house, lan, "chat-lan")
    mai = await house.person("mai")
    await house.say(mai, "gặp cán bộ")
    await house.until(at(14, 7, 29))
    assert await house.hear(chat) == [], "not on a weekend"
    await house.until(at(14, 7, 30))
    told = await house.hear(chat)
    assert len(told) == 1 and "1 đang chờ trả lời" in told[0] and len(told[0]) <= 600
    await house.pass_time(timedelta(days=1))
    assert len(await house.hear(chat)) == 1, "one brief a day"


@pytest.mark.asyncio
async def test_brief_tells_what_stands_still(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    assert lan.officer is not None
    async with light.system.database.read() as db:
        well = await brief.gather(db, lan.officer, light.now, {"ready": True, "late": [], "stopped": {}})
        ill = await brief.gather(db, lan.officer, light.now, {"ready": False, "stopped": {"telegram": "mã bot sai"}})
    assert "Cần xem máy" not in brief.say(well, lan.officer, light.now)
    assert "telegram đang dừng (mã bot sai)" in brief.say(ill, lan.officer, light.now)
