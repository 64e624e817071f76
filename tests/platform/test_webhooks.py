"""How the emulated Telegram calls a webhook, seen through two independent client libraries."""

import asyncio

import pytest

from tests.platform.clients import Client
from tests.platform.running import Emulator
from tests.platform.witness import Receiver, lan, refused, until

pytestmark = pytest.mark.asyncio


async def test_webhook(client: Client, emulator: Emulator) -> None:
    phone, hook = lan(emulator), Receiver()
    url = await hook.begin()
    for wrong in ("http://example.com/x", "https://example.com:1234/x"):
        await refused(client, "bad", "webhook", client.bot.set_webhook(wrong))
        emulator.advance(1)
    await client.bot.set_webhook(url, secret_token="s3cret_-", max_connections=5, allowed_updates=["message"])
    flood = client.bot.set_webhook(url, secret_token="s3cret_-")
    await refused(client, "flood", "", flood)
    await until(lambda: hook.texts() == ["/start"])  # what waited is pushed
    hook.pause = lambda raw: 0.15 if raw["message"]["text"] == "một" else 0.0
    for text in ("một", "hai", "ba"):
        phone.say(text)
    await until(lambda: len(hook.got) == 4)
    assert hook.texts() == ["/start", "một", "hai", "ba"], "one chat is in order although the first was slow"
    assert {secret for _, _, secret in hook.got} == {"s3cret_-"}
    assert client.read(hook.got[1][1]).message.text == "một"
    info = await client.bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.max_connections) == (url, 0, 5)
    await client.bot.delete_webhook()
    phone.say("bốn")
    await asyncio.sleep(0.2)
    assert len(hook.got) == 4
    assert [u.message.text for u in await client.bot.get_updates(timeout=1)] == ["bốn"]
    await hook.runner.cleanup()


async def test_webhook_is_tried_again(client: Client, emulator: Emulator) -> None:
    phone, hook = lan(emulator), Receiver()
    hook.status = lambda _: (503, "100") if len(hook.got) < 2 else (500, None) if len(hook.got) < 4 else (200, None)
    await client.bot.set_webhook(await hook.begin())
    await until(lambda: len(hook.got) == 1)
    emulator.advance(50)
    await asyncio.sleep(0.3)
    assert len(hook.got) == 1, "Retry-After is honoured"
    emulator.advance(51)
    await until(lambda: len(hook.got) >= 3)  # 503 was repeated; a plain error is tried again after 2 seconds
    emulator.advance(3)
    await until(lambda: len(hook.got) == 4)
    info = await client.bot.get_webhook_info()
    assert "500 Internal Server Error" in info.last_error_message
    assert info.pending_update_count == 0
    phone.say("sau")
    await until(lambda: hook.texts()[-1] == "sau")
    await hook.runner.cleanup()


async def test_webhook_queues_run_beside_one_another(client: Client, emulator: Emulator) -> None:
    phone, hook = lan(emulator), Receiver()
    sent = await client.bot.send_message(phone.id, "Chọn", reply_markup=client.buttons((("Có", "1"),)))
    hook.pause = lambda raw: 0.4 if raw.get("message", {}).get("text") == "chậm" else 0.0
    await client.bot.set_webhook(await hook.begin(), max_connections=3)
    phone.say("chậm")
    phone.press("Có", sent.message_id)
    phone.do("block")
    await until(lambda: len(hook.got) == 4)
    kinds = [next(key for key in raw if key != "update_id") for _, raw, _ in hook.got]
    assert kinds[-1] == "message", "a press and news of membership overtake a slow message"
    phone.do("unblock")
    hook.pause = lambda raw: 0.2
    for person in [lan(emulator) for _ in range(8)]:
        person.say("chào")
    await until(lambda: len(hook.got) >= 20)
    assert hook.most_inside == 3, "max_connections"
    hook.status = lambda raw: (500, None) if "callback_query" in raw else (200, None)
    phone.press("Có", sent.message_id)
    await until(lambda: "callback_query" in hook.got[-1][1])
    emulator.advance(149)
    await until(lambda: emulator.ask("GET", "bots")[0]["pending"] == 0)  # too old by its next turn: given up
    await hook.runner.cleanup()


async def test_call_in_the_answer_is_carried_out(client: Client, emulator: Emulator) -> None:
    phone, hook = lan(emulator), Receiver()
    hook.body = {"method": "sendMessage", "chat_id": phone.id, "text": "chào chị"}
    await client.bot.set_webhook(await hook.begin())
    await until(lambda: phone.all_heard() == ["chào chị"])
    assert [entry["text"] for entry in emulator.ledger(what="message")] == ["chào chị"]
    hook.body = {"method": "deleteWebhook"}
    phone.say("em ơi")
    await until(lambda: len(hook.got) == 2)
    assert (await client.bot.get_webhook_info()).url, "only what speaks to people is carried out"
    await hook.runner.cleanup()


async def test_who_is_gone_for_a_day_is_called_no_more(client: Client, emulator: Emulator) -> None:
    phone, hook = lan(emulator), Receiver()
    hook.status = lambda _: (410, None)
    await client.bot.set_webhook(await hook.begin())
    await until(lambda: len(hook.got) >= 2)
    emulator.advance(22 * 3600)
    await until(lambda: len(hook.got) >= 3)
    assert (await client.bot.get_webhook_info()).url
    emulator.advance(2 * 3600 - 120)
    await until(lambda: not emulator.ask("GET", "bots")[0]["webhook"])
    assert not (await client.bot.get_webhook_info()).url
    phone.say("em ơi")
    assert await client.bot.get_updates(timeout=1), "whoever polls may have them"
    await hook.runner.cleanup()


async def test_what_waits_may_be_dropped(client: Client, emulator: Emulator) -> None:
    phone, hook = lan(emulator), Receiver()
    await client.bot.set_webhook(await hook.begin(), drop_pending_updates=True)
    phone.say("một")
    await until(lambda: hook.texts() == ["một"])
    hook.status = lambda _: (500, None)
    phone.say("hai")
    await until(lambda: "hai" in hook.texts())
    await client.bot.delete_webhook(drop_pending_updates=True)
    assert not await client.bot.get_updates(timeout=1)
    await hook.runner.cleanup()


async def test_updates_pushed_twice_and_in_disorder(client: Client, emulator: Emulator) -> None:
    phone, hook = lan(emulator), Receiver()
    url = await hook.begin()
    for text in ("một", "hai"):
        phone.say(text)
    emulator.fault("reorder_updates", "message", contains="một")
    emulator.fault("duplicate_update", "message", contains="hai")
    await client.bot.set_webhook(url)
    await until(lambda: len(hook.got) == 4)
    assert hook.texts() == ["/start", "hai", "hai", "một"]
    assert hook.got[1][1]["update_id"] == hook.got[2][1]["update_id"], "the very same update"
    await hook.runner.cleanup()
