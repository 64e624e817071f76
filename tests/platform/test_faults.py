"""Each fault of the emulated platforms, seen through two independent client libraries."""

import time

import pytest

from tests.platform.clients import Client
from tests.platform.phone import Refused
from tests.platform.running import Emulator
from tests.platform.witness import lan, refused

pytestmark = pytest.mark.asyncio


async def test_faults_of_calls(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    emulator.limits(on=False)

    def heard() -> int:
        return len(emulator.ledger(what="message"))

    emulator.fault("error", "sendMessage", code=502, body="<html>Bad Gateway</html>")
    with pytest.raises(Exception, match=r".") as gateway:
        await bot.send_message(phone.id, "x")
    assert type(gateway.value).__module__.startswith(("aiogram", "telegram"))
    emulator.fault("error", "sendMessage", times=2, code=500, description="Internal Server Error")
    for _ in range(2):
        await refused(client, "server", "", bot.send_message(phone.id, "x"))
    emulator.fault("error", "sendMessage", code=429, description="Too Many Requests: retry after 7", retry_after=7)
    await refused(client, "flood", "7", bot.send_message(phone.id, "x"))
    emulator.fault("drop_before", "sendMessage")
    await refused(client, "network", "", bot.send_message(phone.id, "x"))
    assert heard() == 0
    emulator.fault("deliver_then_drop", "sendMessage", contains="đây")
    await bot.send_message(phone.id, "khác")
    await refused(client, "network", "", bot.send_message(phone.id, "đây"))
    assert heard() == 2
    emulator.fault("delay", "sendMessage", seconds=0.5)
    began = time.monotonic()
    await bot.send_message(phone.id, "x")
    assert time.monotonic() - began > 0.45
    emulator.fault("deliver_then_hang", "sendMessage", seconds=60)
    await refused(client, "timeout", "", bot.send_message(phone.id, "x"))
    assert heard() == 4
    assert not [fault for fault in emulator.ask("GET", "faults") if fault["times"]], "each struck as often as told"


async def test_faults_of_updates(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    phone.say("hai")
    emulator.fault("reorder_updates")
    mixed = await bot.get_updates(timeout=1)
    assert [u.message.text for u in mixed] == ["hai", "/start"]
    emulator.fault("duplicate_update", "message", contains="hai")
    phone.say("ba")
    last = max(u.update_id for u in mixed)
    again = await bot.get_updates(offset=last + 1, timeout=1)
    assert [u.message.text for u in again] == ["hai", "ba"]
    assert again[0].update_id == mixed[0].update_id, "the very same update"


async def test_answers_that_go_wrong_after_the_message_arrived(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    emulator.limits(on=False)

    def heard() -> int:
        return len(emulator.ledger(what="message"))

    emulator.fault("deliver_then_error", "sendMessage", code=502, body="<html>Bad Gateway</html>")
    with pytest.raises(Exception, match=r".") as gateway:
        await bot.send_message(phone.id, "một")
    assert type(gateway.value).__module__.startswith(("aiogram", "telegram"))
    emulator.fault("truncate_json", "sendMessage")
    with pytest.raises(Exception, match=r".") as half:
        await bot.send_message(phone.id, "hai")
    assert type(half.value).__module__.startswith(("aiogram", "telegram")) and heard() == 2
    emulator.fault("slow_read", "sendMessage", seconds=0.6)
    began = time.monotonic()
    assert (await bot.send_message(phone.id, "ba")).text == "ba"
    assert time.monotonic() - began > 0.55 and heard() == 3


async def test_faults_choose_whom_they_hit(client: Client, emulator: Emulator) -> None:
    phone, other, bot = lan(emulator), lan(emulator), client.bot
    emulator.limits(on=False)
    emulator.fault("error", "sendMessage", chat_id=other.id, times=None, code=500)
    await bot.send_message(phone.id, "x")
    await refused(client, "server", "", bot.send_message(other.id, "x"))
    await bot.send_chat_action(other.id, "typing")
    emulator.clear()
    emulator.fault("error", times=None, chance=0.5, code=500)
    told = []
    for _ in range(30):
        try:
            told.append(await bot.send_message(phone.id, "x"))
        except client.errors["server"]:
            continue
    assert 5 <= len(told) <= 25, "about every second one"
    with pytest.raises(Refused, match="no such fault"):
        emulator.fault("magic")
    counts = emulator.ask("GET", "counts", None, contains="x", seconds=1000)
    assert counts["messages"] == counts["busiest"] == counts["chats"][f"telegram:{phone.id}"] == 1 + len(told)
