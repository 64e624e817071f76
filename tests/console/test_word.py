"""While an officer has the word: news waits, a stop counts, a tap counts; promises about needs end in the truth."""

import pytest
from sqlalchemy import select

from bot.chat import Talk
from bot.watch import handle_changes
from conversation.message import MessageKind
from conversation.reply import Reply
from domain.notice import Kind
from domain.officer import Role
from domain.person import Alert, Purpose
from storage import claims, conversations, outbox, pairs, people
from storage.tables import conversation, evidence, need, offer, person
from tests.console.office import House, at
from tests.console.test_s11 import connected
from tests.console.test_s22 import TOLD, son_with_a_phone


async def news(house: House, talk: Talk, key: str, text: str) -> None:
    """Something new for a person, as the watch puts it into the outbox."""
    async with house.system.database.write() as db:
        await outbox.put(db, Kind.NOTICE, talk._person_id, Reply(text), key, house.now, house.now)


@pytest.mark.asyncio
async def test_news_waits_until_the_officer_is_done(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    mai, tai = await house.person("mai"), await house.person("tai")
    for talk in (mai, tai):
        await house.say(talk, "chào em")
        await _wants_news(house, talk)
    await lan.post(f"/hop-thu/{mai._person_id}/tiep-quan")
    for talk in (mai, tai):
        await news(house, talk, f"offer:O1:{talk._person_id}", "Có giải pháp mới.")
    await news(house, mai, "lapse:HT-0009", "Đến hẹn mà chưa trả lời.")
    assert await house.hear(tai) == ["Có giải pháp mới."]
    assert await house.hear(mai) == ["Đến hẹn mà chưa trả lời."], "the truth about a promise does not wait"
    async with house.system.database.read() as db:
        assert not await claims.any_due(db, house.now), "what is held back keeps every sender awake"
    await lan.post(f"/hop-thu/{mai._person_id}/tra-lai")
    back = await house.hear(mai)
    assert len(back) == 2 and "em trở lại" in back[0] and back[1] == "Có giải pháp mới."


@pytest.mark.asyncio
async def test_stop_counts_while_an_officer_speaks(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    mai = await house.person("mai")
    await house.say(mai, "chào em")
    await _wants_news(house, mai)
    talk = f"/hop-thu/{mai._person_id}"
    await lan.post(f"{talk}/tiep-quan")
    await news(house, mai, f"offer:O1:{mai._person_id}", "Có giải pháp mới.")
    assert await house.say(mai, "dung") == [], "it may mean “đúng”"
    assert await _alert(house, mai) == "now"
    (confirmed,) = await house.say(mai, "DỪNG")
    assert "ngừng mọi thông báo" in confirmed, "a stop is confirmed even now, and nothing else is said"
    assert await _alert(house, mai) == "off"
    await lan.post(f"{talk}/tra-lai")
    assert [text for text in await house.hear(mai) if "giải pháp" in text] == []


async def _wants_news(house: House, talk: Talk) -> None:
    async with house.system.database.write() as db:
        await people.choose_alert(db, talk._person_id, Alert.NOW)
        await people.give_consent(db, talk._person_id, Purpose.NEWS, "đồng ý nhận tin", house.now)


async def _alert(house: House, talk: Talk) -> str:
    async with house.system.database.read() as db:
        return str((await db.execute(select(person.c.alert).where(person.c.id == talk._person_id))).scalar_one())


@pytest.mark.asyncio
async def test_a_tap_counts_while_an_officer_speaks(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    son = await son_with_a_phone(light)
    await lan.post("/nhu-cau/moi", **TOLD, confirmer="0987654321", consent="yes")
    await light.hear(son)
    await lan.post(f"/hop-thu/{son._person_id}/tiep-quan")
    son.now = light.now
    assert await son.say(["Đúng"], MessageKind.BUTTON) == []
    assert "Mới gửi" in await lan.text("/nhu-cau/NC-0002")


@pytest.mark.asyncio
async def test_a_need_nobody_looked_at_ends_in_the_truth(house: House) -> None:
    house.now = at(7, 9, 0)
    hung = await house.officer("Hùng", Role.APPROVER)
    of_hung = await connected(house, hung, "chat-hung")
    son = await son_with_a_phone(house)
    await house.hear(son)
    await house.until(at(8, 8, 59))
    assert await house.hear(son) == []
    await house.until(at(8, 9, 4))
    told = await house.hear(son)
    assert len(told) == 1 and "NC-0001" in told[0] and "xin lỗi" in told[0]
    assert [text for text in await house.hear(of_hung) if "Quá hẹn" in text and "NC-0001" in text]


@pytest.mark.asyncio
async def test_a_need_looked_at_in_time_is_not_apologised_for(light: House) -> None:
    light.now = at(7, 9, 0)
    lan = await light.officer("Lan", Role.OFFICER)
    chat = await connected(light, lan, "chat-lan")
    son = await son_with_a_phone(light)
    await light.hear(son)
    asked = await light.say(chat, "/duyet NC-0001")
    assert "Duyệt NC-0001?" in asked[0] and await light.hear(son) == []
    assert "chủ nhu cầu được báo" in (await light.say(chat, "duyệt"))[0]
    told = await light.hear(son)
    assert len(told) == 1 and "Lan đã xem và duyệt phiếu NC-0001" in told[0]
    await light.until(at(9, 12, 0))
    assert await light.hear(son) == []


@pytest.mark.asyncio
async def test_silent_supplier_is_told_to_the_office(light: House) -> None:
    """After seven days whoever looks after the need, after fourteen who approves, after thirty the owner."""
    light.now = at(7, 9, 0)
    lan, hung = await light.officer("Lan", Role.OFFICER), await light.officer("Hùng", Role.APPROVER)
    of_lan, of_hung = await connected(light, lan, "chat-lan"), await connected(light, hung, "chat-hung")
    son, binh = await son_with_a_phone(light), await light.person("binh")
    await light.say(binh, "chào em")
    async with light.system.database.write() as db:
        await db.execute(offer.insert().values(id="O9", title="Kho lạnh nhỏ", state="verified", written_by="nhipcau"))
        await pairs.set_supplier(db, "O9", binh._person_id, light.now)
        await pairs.owner_agrees(db, 1, "O9", "đồng ý chuyển liên hệ", light.now)
    await lan.post("/nhu-cau/NC-0001/giao", officer=str(lan.officer.id))  # type: ignore[union-attr]
    await lan.post("/nhu-cau/NC-0001/duyet")
    await handle_changes(light.system.database, light.system.office, light.now)
    await light.until(at(7, 17, 0))
    assert len([text for text in await light.hear(binh) if "GT-0001" in text]) == 1
    await light.until(at(10, 8, 59))
    assert await light.hear(binh) == [], "reminded before three working days"
    heard: dict[int, list[str]] = {}
    for day in (13, 15, 20, 22):
        await light.until(at(day, 12, 0))
        told = {name: await light.hear(chat) for name, chat in (("Lan", of_lan), ("Hùng", of_hung))}
        heard[day] = [f"{name}: {text}" for name, texts in told.items() for text in texts if "im lặng" in text]
    assert [text for text in await light.hear(binh) if "nhắc lại" in text]
    assert heard[13] == [] and heard[20] == []
    assert len(heard[15]) == 1 and heard[15][0].startswith("Lan: NC-0001") and "7 ngày" in heard[15][0]
    assert len(heard[22]) == 1 and heard[22][0].startswith("Hùng: NC-0001") and "14 ngày" in heard[22][0]
    await light.until(at(8, 12, 0, month=1).replace(year=2027))
    truth = [text for text in await light.hear(son) if "chưa có đơn vị nào nhận" in text]
    assert len(truth) == 1 and "không trả lời sau 30 ngày" in truth[0]


@pytest.mark.asyncio
async def test_merged_with_photos_and_the_officer_who_speaks(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    son = await son_with_a_phone(house)
    mai = await house.person("mai")
    await house.say(mai, "chào em")
    kept, gone = son._person_id, mai._person_id
    await lan.post(f"/hop-thu/{gone}/tiep-quan")
    await news(house, mai, f"offer:O1:{gone}", "Có giải pháp mới.")
    row = {"person_id": gone, "kind": "photo", "channel": "terminal", "turn": 1, "inbox_id": 99, "state": "kept"}
    async with house.system.database.write() as db:
        await db.execute(evidence.insert().values(**row, created_at=house.now, run_at=house.now))
    await lan.post(f"/nguoi/{kept}/gop", other=str(gone), reason="cùng một người")
    async with house.system.database.read() as db:
        assert (await db.execute(select(evidence.c.person_id))).scalars().all() == [kept], "the photo was lost"
        holding = await conversations.holding(db, kept)
        assert holding is not None and holding.officer_id == lan.officer.id  # type: ignore[union-attr]
        assert len((await db.execute(select(conversation))).all()) == 1
        assert (await db.execute(select(need.c.person_id))).scalars().all() == [kept]
    await _wants_news(house, son)
    assert (await lan.post(f"/hop-thu/{kept}/tra-lai")).status_code == 303
    assert [text for text in await house.hear(mai) if "em trở lại" in text or "giải pháp" in text]
