"""Refusing one kind of messages leaves the other; "đúng" is no refusal; nothing of one's own is touched."""

from datetime import timedelta

import pytest

from bot.chat import Talk
from bot.clock import run_due
from bot.watch import handle_changes
from bot.wiring import System
from conversation.topics import Topic, refused, wanted_again
from domain.event import Event
from domain.segment import EVERYBODY
from storage import broadcasts, catalogue, segments
from tests.console.office import MONDAY

NEED = (
    "nhà em làm hoa hồi hay bị mốc, cần máy sấy tầm 300tr", "400 kg/mẻ", "chưa biết", "xã Tân Đoàn", "phơi ngoài sân",
    "Mai, 0900000001", "Đồng ý lưu phiếu", "Đúng, gửi", "Đồng ý, báo ngay khi có",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("đừng mời hội thảo nữa em", Topic.EVENTS),
        ("chỉ gửi tin công nghệ thôi, đừng gửi tin hội thảo", Topic.EVENTS),
        ("không nhận tin hội thảo nữa", Topic.EVENTS),
        ("Dừng tin sự kiện", Topic.EVENTS),
        ("thôi đừng mời chị đi tập huấn nữa nhé", Topic.EVENTS),
        ("dung moi hoi thao nua", Topic.EVENTS),
        ("chỉ nhận tin công nghệ thôi nhé", Topic.EVENTS),
        ("đừng gửi tin công nghệ nữa", Topic.OFFERS),
        ("dừng tin công nghệ", Topic.OFFERS),
        ("em chỉ muốn nhận thư mời hội thảo thôi", Topic.OFFERS),
        ("đúng, gửi em tin hội thảo đi", None),
        ("dung gui em tin hoi thao", None),  # without marks it may be "đúng"
        ("đừng gửi tin hội thảo hay tin công nghệ nữa", None),  # both: all news stops
        ("sao em không được mời hội thảo", None),
        ("em không nhận được tin hội thảo", None),
        ("huỷ đăng ký hội thảo giúp em", None),
        ("máy bị dừng giữa hội thảo", None),
        ("đừng gửi nữa", None),
        ("hội thảo đó em không đi được", None),
        ("không cần máy móc gì đâu", None),
    ],
)
def test_which_kind_is_refused(text: str, topic: Topic | None) -> None:
    assert refused(text) is topic


def test_which_kind_is_wanted_again() -> None:
    assert [wanted_again(text) for text in ("MỜI HỘI THẢO", "bật công nghệ", "mời chị đi hội thảo với")] == [
        Topic.EVENTS, Topic.OFFERS, None,
    ]  # fmt: skip


@pytest.mark.asyncio
async def test_no_more_invitations_but_technology(system: System) -> None:
    talk = Talk(system, "mai", MONDAY)
    await talk.begin()
    for text in NEED:
        await talk.say([text])

    async def hears_of(event: Event) -> list[str]:
        async with system.database.write() as db:
            await catalogue.write_event(db, event, "nhipcau")
        await handle_changes(system.database, system.office, talk.now)
        await run_due(system.database, system.office, talk.now)
        await talk.deliverer.drain(talk.now, only_address=talk._address)
        return [item.text for item in talk.channel.take() if "Mời anh/chị dự" in item.text]

    topics = {"products": ("hoa hồi",)}
    first = Event("E-1", "Hội thảo hồi", talk.now + timedelta(days=9), topics=topics)
    assert len(await hears_of(first)) == 1
    async with system.database.write() as db:
        many = await broadcasts.compose(db, "Mời", "Mời {ten} dự.", EVERYBODY, "Lan", talk.now, event_id="E-1")
        await broadcasts.approve(db, many, "Hùng", [], talk.now)
    (said,) = await talk.say(["thôi đừng mời hội thảo nữa em nhé"])
    assert "không mời hội thảo, tập huấn nữa" in said.text and "MỜI HỘI THẢO" in said.text
    await talk.deliverer.drain(talk.now)
    assert not [item for item in talk.channel.take() if "dự." in item.text], "what was on its way stays"
    assert not await hears_of(Event("E-2", "Hội thảo hồi hai", talk.now + timedelta(days=9), topics=topics))
    async with system.database.write() as db:
        found = await segments.count(db, EVERYBODY, talk.now, invites=True)
        assert (found.reached, found.left_out) == (0, {"the person wants no invitations": 1})
        assert (await segments.count(db, EVERYBODY, talk.now)).reached == 1, "other messages go on"
        ledger = await broadcasts.ledger(db, many.id, talk.now)
        assert ledger.reasons == {"the person wants no invitations": 1}
    (kept,) = await talk.say(["dữ liệu của tôi"])
    assert "không mời hội thảo" in kept.text
    await talk.say(["MỜI HỘI THẢO"])
    assert len(await hears_of(Event("E-3", "Hội thảo hồi ba", talk.now + timedelta(days=9), topics=topics))) == 1
