"""Officers write to many from their chats: compose, count, approve by another, stop; on SQLite."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.wiring import System, open_system
from config.settings import Settings
from domain.officer import Role
from domain.segment import Is, Trait
from nlu.model import Model
from storage import officers, once, segments
from storage.once import OncePurpose
from storage.tables import broadcast, outbox
from tests.console.office import House
from tests.console.test_broadcasts import invite


@pytest_asyncio.fixture
async def system(tmp_path: Path, mind: Model) -> AsyncIterator[System]:
    made = await open_system(Settings(), f"sqlite:///{tmp_path}/d.db", samples=False)
    yield made
    await made.database.close()


@pytest.mark.asyncio
async def test_compose_approve_stop_in_chat(system: System, tmp_path: Path) -> None:
    house = House(system, tmp_path)
    await invite(house, 60)
    talks = {}
    for name, role in (("Lan", Role.OFFICER), ("Hùng", Role.APPROVER), ("Xem", Role.VIEWER)):
        hand = await house.officer(name, role)
        assert hand.officer is not None
        talks[name] = await house.person(f"chat-{name}")
        async with system.database.write() as db:
            code = await once.make(db, OncePurpose.CHAT, hand.officer.id, house.now)
            assert await officers.find(db, hand.officer.id)
        await house.say(talks[name], f"/noi {code}")
    lan, hung, viewer = talks["Lan"], talks["Hùng"], talks["Xem"]
    async with system.database.write() as db:
        await segments.keep(db, "Người sấy", Is(Trait.TAG, ("sấy",)), "Lan", house.now)

    (few,) = await house.say(lan, "/soantin nguoi say: Mời {ten} dự lớp sấy.")
    assert "TB-0001" in few and "12 người" in few and "/guitin TB-0001" in few
    (sent,) = await house.say(lan, "/guitin TB-0001")
    assert "đang gửi" in sent
    (all_,) = await house.say(lan, "/soantin Mời {ten} dự hội thảo.")
    assert "TB-0002" in all_ and "60 người" in all_ and "gõ đúng số người" in all_
    (refused,) = await house.say(lan, "/guitin TB-0002")
    assert "60" in refused
    (waits,) = await house.say(lan, "/guitin TB-0002 60")
    assert "người duyệt" in waits
    assert any("xin duyệt TB-0002" in text for text in await house.hear(hung))
    assert "không dùng được" in (await house.say(lan, "/duyettin TB-0002"))[0]
    assert "không dùng được" in (await house.say(viewer, "/dungtin TB-0002"))[0]
    (ask,) = await house.say(hung, "/duyettin TB-0002")
    assert "gửi 60 người" in ask
    (approved,) = await house.say(hung, "duyệt")
    assert "/dungtin TB-0002" in approved
    house.now += timedelta(seconds=9)
    (stopped,) = await house.say(lan, "/dungtin TB-0002 nhầm nhóm")
    assert "đã dừng" in stopped and "chưa gửi" in stopped and "tổng 63" in stopped.replace("62", "63")
    async with system.database.read() as db:
        states = list((await db.execute(select(broadcast.c.state).order_by(broadcast.c.id))).scalars())
        assert states == ["running", "stopped"]
        assert not (await db.execute(select(outbox.c.id).where(outbox.c.text == "Mời {ten} dự hội thảo."))).all()
    nobody = await house.person("khách lạ")
    assert not any("TB-" in text for text in await house.say(nobody, "/xemtin TB-0002")), "exists for officers only"
