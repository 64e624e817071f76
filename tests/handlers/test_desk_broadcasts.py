"""Officers write to many from their chats: compose, count, approve by another, stop; on SQLite."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.chat import Talk
from bot.wiring import System, open_system
from config.settings import Settings
from domain.event import Event
from domain.officer import Role
from domain.segment import Is, Trait
from domain.worktime import ZONE
from handlers.desk_broadcasts import read_instant
from nlu.model import Model
from storage import broadcasts, catalogue, once, segments
from storage.once import OncePurpose
from storage.tables import broadcast, outbox
from tests.console.office import House, at
from tests.console.test_broadcasts import invite


@pytest_asyncio.fixture
async def system(tmp_path: Path, mind: Model) -> AsyncIterator[System]:
    made = await open_system(Settings(), f"sqlite:///{tmp_path}/d.db", samples=False)
    yield made
    await made.database.close()


async def seated(house: House) -> dict[str, Talk]:
    """Lan who sends, Hùng who approves and a viewer, each in a chat of their own; 60 people, 12 of whom dry."""
    await invite(house, 60)
    talks = {}
    for name, role in (("Lan", Role.OFFICER), ("Hùng", Role.APPROVER), ("Xem", Role.VIEWER)):
        hand = await house.officer(name, role)
        assert hand.officer is not None
        talks[name] = await house.person(f"chat-{name}")
        async with house.system.database.write() as db:
            code = await once.make(db, OncePurpose.CHAT, hand.officer.id, house.now)
        await house.say(talks[name], f"/noi {code}")
    async with house.system.database.write() as db:
        await segments.keep(db, "Người sấy", Is(Trait.TAG, ("sấy",)), "Lan", house.now)
    return talks


@pytest.mark.asyncio
async def test_compose_approve_stop_in_chat(system: System, tmp_path: Path) -> None:
    house = House(system, tmp_path)
    talks = await seated(house)
    lan, hung, viewer = talks["Lan"], talks["Hùng"], talks["Xem"]
    (few,) = await house.say(lan, "/soantin nguoi say: Mời {ten} dự lớp sấy.")
    assert "TB-0001" in few and "12 người" in few
    (sent,) = await house.say(lan, "Gửi 12 người")
    assert "đang gửi" in sent
    long = "Mời {ten} dự hội thảo. " + "Chương trình gồm nhiều phần. " * 40 + "Hết."
    (all_,) = await house.say(lan, f"/soantin {long}")
    assert "TB-0002" in all_ and "60 người" in all_ and "đúng số người" in all_ and "Hết." in all_, "read to its end"
    (refused,) = await house.say(lan, "/guitin TB-0002")
    assert "60" in refused
    (waits,) = await house.say(lan, "/guitin TB-0002 60")
    assert "người duyệt" in waits
    assert any("xin duyệt TB-0002" in text for text in await house.hear(hung))
    assert "không dùng được" in (await house.say(lan, "/duyettin TB-0002"))[0]
    assert "không dùng được" in (await house.say(viewer, "/dungtin TB-0002"))[0]
    (shown,) = await house.say(hung, "Xem để duyệt")
    assert "Lan soạn" in shown and "tất cả mọi người" in shown and "Hết." in shown
    (ask,) = await house.say(hung, "Duyệt…")
    assert "gửi 60 người" in ask and "Hết." in ask
    (approved,) = await house.say(hung, "duyệt")
    assert "TB-0002 cho 60 người, đang gửi" in approved
    house.now += timedelta(seconds=9)
    (stopped,) = await house.say(hung, "DỪNG GỬI")
    assert "đã dừng" in stopped and "chưa gửi" in stopped and "tổng 63" in stopped.replace("62", "63")
    async with system.database.read() as db:
        states = list((await db.execute(select(broadcast.c.state).order_by(broadcast.c.id))).scalars())
        assert states == ["running", "stopped"]
        assert not (await db.execute(select(outbox.c.id).where(outbox.c.text == long))).all(), "fields are filled"
    nobody = await house.person("khách lạ")
    assert not any("TB-" in text for text in await house.say(nobody, "/xemtin TB-0002")), "exists for officers only"


@pytest.mark.asyncio
async def test_changed_scheduled_sent_back_and_gone_on_in_chat(system: System, tmp_path: Path) -> None:
    house = House(system, tmp_path)
    talks = await seated(house)
    lan, hung = talks["Lan"], talks["Hùng"]
    await house.say(lan, "/soantin Mời {ten} dự hội thảo.")
    await house.say(lan, "/guitin TB-0001 60")
    assert "cần sửa gì" in (await house.say(hung, "/tralaitin TB-0001"))[0]
    assert "trả TB-0001" in (await house.say(hung, "/tralaitin TB-0001 chỉ gửi người sấy"))[0]
    (changed,) = await house.say(lan, "/suatin TB-0001 Người sấy: Mời {ten} dự lớp sấy.")
    assert "12 người" in changed and "dự lớp sấy" in changed
    assert "cuối tuần" in (await house.say(lan, "/guitin TB-0001 lúc 9h 12/12"))[0]
    assert "chưa đọc được" in (await house.say(lan, "/guitin TB-0001 lúc sáng sớm"))[0]
    (planned,) = await house.say(lan, "/guitin TB-0001 lúc 9h 8/12")
    assert "09:00 thứ Ba 08/12/2026" in planned
    assert "đã hẹn giờ" in (await house.say(lan, "/xemtin TB-0001"))[0]
    (stopped,) = await house.say(lan, "/dungtin TB-0001")
    assert "chưa gửi 12" in stopped and "/suatin TB-0001" in stopped
    assert "lý do" in (await house.say(lan, "/tieptin TB-0001"))[0]
    (rest,) = await house.say(lan, "/suatin TB-0001 Mời {ten} dự lớp sấy hồi.")
    assert "TB-0002" in rest and "12 người" in rest and "lớp sấy hồi" in rest
    async with system.database.read() as db:
        made = await broadcasts.find(db, 2)
    assert made is not None and made.replaces == 1
    assert "Em gửi TB-0002 xuống đây" in (await house.say(lan, "Xem như người nhận"))[0]
    async with system.database.read() as db:
        tried = (await db.execute(select(outbox).where(outbox.c.text == "Mời Lan dự lớp sấy hồi."))).one()
    assert tried.state == "sent" and tried.broadcast_id is None
    (recent,) = await house.say(lan, "/tin")
    assert "TB-0002" in recent and "bản nháp" in recent and "TB-0001" in recent
    assert "Người sấy: 12 người" in (await house.say(lan, "/nhom"))[0]
    assert "gửi tiếp" in (await house.say(lan, "/tieptin TB-0001 vẫn đúng"))[0]
    assert "/sukien" in (await house.say(lan, "/lenh"))[0], "the list is told to its end"
    house.now = at(8, 21)
    assert "sẽ tự gửi từ 07:30 thứ Tư 09/12/2026" in (await house.say(lan, "/guitin TB-0002"))[0]


@pytest.mark.asyncio
async def test_events_in_chat(system: System, tmp_path: Path) -> None:
    house = House(system, tmp_path)
    talks = await seated(house)
    start = house.now + timedelta(days=9)
    held = Event("E9", "Hội thảo sấy nông sản", start, place="Hội trường Sở", seats=30, topics={})
    async with system.database.write() as db:
        await catalogue.write_event(db, held, "nhipcau")
    (listed,) = await house.say(talks["Lan"], "/sukien")
    assert "Hội thảo sấy nông sản" in listed and "giữ 0/30 chỗ" in listed
    (told,) = await house.say(talks["Lan"], "Hội thảo sấy nông sản")
    assert "Được mời 0" in told
    (draft,) = await house.say(talks["Lan"], "Soạn thư mời")
    assert "60 người" in draft and "Kính mời anh/chị dự Hội thảo sấy nông sản" in draft


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("8h30 mai", (8, 8, 30)),
        ("14:00 15/12", (15, 14, 0)),
        ("9 giờ ngày 15/12/2026", (15, 9, 0)),
        ("17h", (7, 17, 0)),
    ],
)
def test_an_hour_in_words(said: str, meant: tuple[int, int, int]) -> None:
    day, hour, minute = meant
    assert read_instant(said, date(2026, 12, 7)) == datetime(2026, 12, day, hour, minute, tzinfo=ZONE)
    for wrong in ("25:00", "mai", "8h 31/2", ""):
        with pytest.raises(ValueError, match=r"Giờ hẹn|ngày này"):
            read_instant(wrong, date(2026, 12, 7))
