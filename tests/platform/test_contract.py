"""What the emulated Telegram promises, seen through two independent client libraries."""

import asyncio
import json
import time
from datetime import timedelta

import pytest

from tests.platform import telegram_updates
from tests.platform.clients import MAKERS, Client
from tests.platform.running import Emulator
from tests.platform.telegram_people import JPEG
from tests.platform.witness import lan, refused
from tests.platform.world import busiest, read_ledger

pytestmark = pytest.mark.asyncio


# --- who, texts, entities -------------------------------------------------------------------------------------------
async def test_bot_knows_itself_and_a_wrong_token_is_refused(client: Client, emulator: Emulator) -> None:
    me = await client.bot.get_me()
    assert me.is_bot and me.username == "nhipcau_bot"
    other = MAKERS[client.name](emulator.base, "700000001:NobodyHasThisTokenAtAll000000000000")
    await refused(client, "token", "", other.bot.get_me())
    await other.close()


async def test_chat_exists_only_after_start(client: Client, emulator: Emulator) -> None:
    stranger = emulator.person("Mai")
    await refused(client, "bad", "chat not found", client.bot.send_message(stranger.id, "x"))
    group = lan(emulator).do("group", title="Tổ")["chat_id"]
    stranger.do("say_in_group", group=group, text="chào")
    await refused(client, "forbidden", "can't initiate", client.bot.send_message(stranger.id, "x"))
    stranger.start("need")
    sent = await client.bot.send_message(stranger.id, "xin chào")
    assert stranger.hear()["text"] == "xin chào"
    assert sent.chat.id == stranger.id and sent.from_user.is_bot
    assert [row["message_id"] for row in emulator.ledger(what="message", chat_id=stranger.id)] == [sent.message_id]
    assert read_ledger(emulator.file)[-1]["text"] == "xin chào", "on the disk before the answer"


async def test_texts_within_limits(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    await refused(client, "bad", "message text is empty", bot.send_message(phone.id, " \n "))
    await bot.send_message(phone.id, "😀" * 2048)
    await refused(client, "bad", "message is too long", bot.send_message(phone.id, "😀" * 2048 + "a"))
    await bot.send_message(phone.id, "<b>" + "a" * 4096 + "</b>", parse_mode="HTML")
    picture = client.upload(JPEG, "a.jpg")
    await bot.send_photo(phone.id, picture, caption="a" * 1024)
    picture = client.upload(JPEG, "a.jpg")
    await refused(client, "bad", "caption is too long", bot.send_photo(phone.id, picture, caption="a" * 1025))


async def test_entities(client: Client, emulator: Emulator) -> None:
    phone, bot, entity = lan(emulator), client.bot, client.types.MessageEntity
    sent = await bot.send_message(phone.id, "😀 đậm & <b>", entities=[entity(type="bold", offset=3, length=3)])
    assert (sent.text, [(e.type, e.offset, e.length) for e in sent.entities]) == ("😀 đậm & <b>", [("bold", 3, 3)])
    for offset, length, words in ((0, 99, "ends after the end"), (99, 1, "begins after"), (1, 1, "in the middle")):
        wrong = [entity(type="bold", offset=offset, length=length)]
        await refused(client, "bad", words, bot.send_message(phone.id, "😀x", entities=wrong))
    html = await bot.send_message(phone.id, "a <i>b</i> <a href='http://x.vn'>c</a> &lt;", parse_mode="HTML")
    assert (html.text, [(e.type, e.offset) for e in html.entities]) == ("a b c <", [("italic", 2), ("text_link", 4)])
    for text in ("<b>x", "x</b>", "<blink>x</blink>", "<b><i>x</b></i>"):
        await refused(client, "bad", "can't parse entities", bot.send_message(phone.id, text, parse_mode="HTML"))
    mark = await bot.send_message(phone.id, "*a* _b_ 1\\.2", parse_mode="MarkdownV2")
    assert (mark.text, [e.type for e in mark.entities]) == ("a b 1.2", ["bold", "italic"])
    for text in ("1.2", "*x"):
        await refused(client, "bad", "can't parse entities", bot.send_message(phone.id, text, parse_mode="MarkdownV2"))


# --- buttons --------------------------------------------------------------------------------------------------------
async def test_button_data_is_counted_in_bytes(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    await bot.send_message(phone.id, "x", reply_markup=client.buttons((("Có", "đ" * 32),)))
    wrong = client.buttons((("Có", "đ" * 32 + "a"),))
    await refused(client, "bad", "button_data_invalid", bot.send_message(phone.id, "x", reply_markup=wrong))


async def test_press_and_its_answer(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    sent = await bot.send_message(phone.id, "Chọn", reply_markup=client.buttons((("Có", "1"), ("Không", "2"))))
    assert phone.hear()["buttons"] == [["Có", "Không"]]
    phone.press("Không")
    updates = await bot.get_updates(timeout=2)
    query = updates[-1].callback_query
    assert (query.data, query.message.message_id, query.from_user.id) == ("2", sent.message_id, phone.id)
    await bot.answer_callback_query(query.id, text="Dạ")
    assert emulator.ledger(what="answer")[0]["shown"] == "Dạ"
    await refused(client, "bad", "query is too old", bot.answer_callback_query(query.id))
    phone.press("Có")
    late = (await bot.get_updates(offset=updates[-1].update_id + 1, timeout=2))[-1].callback_query
    emulator.advance(151)
    await refused(client, "bad", "query is too old", bot.answer_callback_query(late.id))


async def test_editing(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    where = {"chat_id": phone.id, "message_id": (await bot.send_message(phone.id, "một")).message_id}
    await bot.edit_message_text("hai", **where)
    assert phone.screen()["messages"][-1]["text"] == "hai"
    await refused(client, "bad", "message is not modified", bot.edit_message_text("hai", **where))
    await bot.edit_message_reply_markup(**where, reply_markup=client.buttons((("Có", "1"),)))
    assert phone.screen()["messages"][-1]["buttons"] == [["Có"]]
    own = phone.say("của tôi")["message_id"]
    await refused(client, "bad", "can't be edited", bot.edit_message_text("x", chat_id=phone.id, message_id=own))
    await bot.delete_message(**where)
    assert all(line["from"] == "person" for line in phone.screen()["messages"])
    await refused(client, "bad", "message to edit not found", bot.edit_message_text("ba", **where))
    await refused(client, "bad", "message to delete not found", bot.delete_message(**where))


# --- files, places, commands ----------------------------------------------------------------------------------------
async def test_files_both_ways(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    content = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    sent = await bot.send_document(phone.id, client.upload(content, "hội thảo.ics"), caption="Lịch")
    assert (sent.document.file_name, sent.document.file_size, sent.caption) == ("hội thảo.ics", len(content), "Lịch")
    again = await bot.send_document(phone.id, sent.document.file_id)
    assert await client.download(again.document.file_id) == content
    phone.do("send", kind="photo", content=JPEG + b"hers", caption="ảnh đây")
    message = (await bot.get_updates(timeout=2))[-1].message
    assert message.caption == "ảnh đây"
    assert await client.download(message.photo[-1].file_id) == JPEG + b"hers"
    await refused(client, "bad", "file", client.download("nobody"))
    with pytest.raises(client.errors["bad"]):
        await bot.send_photo(phone.id, client.upload(b"no picture", "a.jpg"))


async def test_places_actions_copies(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    sent = await bot.send_venue(phone.id, 21.85, 106.76, "Hội trường", "số 1")
    assert sent.venue.location.latitude == 21.85
    await bot.send_location(phone.id, 21.0, 106.0)
    emulator.advance(60)
    await bot.send_chat_action(phone.id, "typing")
    await refused(client, "bad", "action", bot.send_chat_action(phone.id, "dancing"))
    theirs = await bot.send_message(phone.id, "gốc")
    copied = await bot.copy_message(phone.id, phone.id, theirs.message_id)
    assert copied.message_id > theirs.message_id
    assert [line["text"] for line in phone.screen()["messages"]][-2:] == ["gốc", "gốc"]


async def test_commands_by_scope_and_language(client: Client, emulator: Emulator) -> None:
    bot, command = client.bot, client.types.BotCommand
    private = client.types.BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([command(command="phieu", description="Ghi phiếu")], scope=private, language_code="vi")
    await bot.set_my_commands([command(command="need", description="State a need")], scope=private, language_code="en")
    assert [row.command for row in await bot.get_my_commands(scope=private, language_code="vi")] == ["phieu"]
    assert list(await bot.get_my_commands()) == []
    wrong = [command(command="sai-tên", description="x")]
    await refused(client, "bad", "bot_command_invalid", bot.set_my_commands(wrong))


# --- reachability ---------------------------------------------------------------------------------------------------
async def test_blocked_gone_moved(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    phone.do("block")
    await refused(client, "forbidden", "bot was blocked by the user", bot.send_message(phone.id, "x"))
    changes = [update.my_chat_member for update in await bot.get_updates(timeout=2) if update.my_chat_member]
    assert [change.new_chat_member.status for change in changes] == ["kicked"]
    phone.do("unblock")
    await bot.send_message(phone.id, "x")
    phone.do("deactivate")
    await refused(client, "forbidden", "user is deactivated", bot.send_message(phone.id, "x"))
    other = lan(emulator)
    group = other.do("group", title="Tổ hợp tác")["chat_id"]
    await bot.send_message(group, "chào cả nhà")
    new = other.do("migrate", chat_id=group)
    moved = await refused(client, "moved", "", bot.send_message(group, "x"))
    assert getattr(moved, "migrate_to_chat_id", None) == new or getattr(moved, "new_chat_id", None) == new
    await bot.send_message(new, "x")


# --- limits ---------------------------------------------------------------------------------------------------------
async def test_limits(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    for _ in range(3):
        await bot.send_message(phone.id, "x")
    flood = await refused(client, "flood", "retry", bot.send_message(phone.id, "x"))
    assert getattr(flood, "retry_after", None) in (1, timedelta(seconds=1))
    emulator.advance(1.1)
    await bot.send_message(phone.id, "x")
    emulator.advance(60)
    crowd = [lan(emulator) for _ in range(35)]
    await asyncio.gather(*(bot.send_message(p.id, "x", allow_paid_broadcast=True) for p in crowd))
    emulator.advance(60)
    group = phone.do("group", title="Tổ")["chat_id"]
    for _ in range(20):
        emulator.advance(1)
        await bot.send_message(group, "x")
    await refused(client, "flood", "", bot.send_message(group, "x"))
    emulator.advance(60)
    people = [lan(emulator) for _ in range(40)]
    emulator.hold(True)  # all within one instant, however slow this machine is
    told = await asyncio.gather(*(bot.send_message(p.id, "x") for p in people), return_exceptions=True)
    emulator.hold(False)
    heard = [row["at"] for row in emulator.ledger(what="message") if row["chat_id"] in {p.id for p in people}]
    assert busiest(heard) <= 30 and sum(isinstance(item, Exception) for item in told) >= 10


# --- updates --------------------------------------------------------------------------------------------------------
async def test_polling(client: Client, emulator: Emulator) -> None:
    phone, bot = lan(emulator), client.bot
    for number in range(5):
        phone.say(f"tin {number}")
    first = await bot.get_updates(limit=2, timeout=1, allowed_updates=["message"])
    assert [u.message.text for u in first] == ["/start", "tin 0"]
    again = await bot.get_updates(limit=100, timeout=1)
    assert [u.update_id for u in again[:2]] == [u.update_id for u in first], "not confirmed: comes again"
    rest = await bot.get_updates(offset=first[-1].update_id + 1, timeout=1)
    assert [u.message.text for u in rest] == [f"tin {n}" for n in range(1, 5)]
    phone.do("block")
    assert await bot.get_updates(offset=rest[-1].update_id + 1, timeout=1) == type(rest)(), (
        "only messages were asked for"
    )
    phone.do("unblock")
    began = time.monotonic()
    waiting = asyncio.ensure_future(bot.get_updates(offset=rest[-1].update_id + 1, timeout=2))
    await asyncio.sleep(0.2)
    phone.say("đây")
    assert (await waiting)[0].message.text == "đây"
    assert time.monotonic() - began < 1.5, "a waiting poll is woken"
    emulator.advance(86401)
    assert not await bot.get_updates(timeout=1), "kept for a day"


async def test_polling_from_the_end_and_at_most_so_long(
    client: Client, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = lan(emulator)
    for number in range(4):
        phone.say(f"tin {number}")
    last = await client.bot.get_updates(offset=-1, timeout=1)
    assert [u.message.text for u in last] == ["tin 3"]
    assert len(await client.bot.get_updates(timeout=1)) == 1, "what stood before it is forgotten"
    await client.bot.get_updates(offset=last[0].update_id + 1, timeout=0)
    monkeypatch.setattr(telegram_updates, "LONGEST_POLL", 0.2)
    began = time.monotonic()
    assert not await client.bot.get_updates(offset=last[0].update_id + 2, timeout=50)
    assert time.monotonic() - began < 2


async def test_only_one_may_poll(client: Client, emulator: Emulator) -> None:
    first = asyncio.ensure_future(client.bot.get_updates(timeout=1))
    await asyncio.sleep(0.2)
    other = MAKERS[client.name](emulator.base, emulator.token)
    if client.name == "ptb":
        await other.bot.initialize()
    second = asyncio.ensure_future(other.bot.get_updates(timeout=1))
    await refused(client, "conflict", "terminated by other getupdates", first)
    assert not await second
    await client.bot.set_webhook("https://nowhere.invalid/x")
    await refused(client, "conflict", "webhook is active", client.bot.get_updates(timeout=1))
    await client.bot.delete_webhook()
    await other.close()


async def test_json_and_query_requests() -> None:
    import aiohttp

    emulator = Emulator()
    phone = lan(emulator)
    base = f"{emulator.base}/bot{emulator.token}"
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{base}/sendMessage", json={"chat_id": phone.id, "text": "json"}) as answer:
            assert (await answer.json())["result"]["text"] == "json"
        async with session.get(f"{base}/SENDMESSAGE", params={"chat_id": phone.id, "text": "query"}) as answer:
            assert (await answer.json())["result"]["text"] == "query"
        keyboard = json.dumps({"inline_keyboard": [[{"text": "x"}]]})
        body = {"chat_id": phone.id, "text": "x", "reply_markup": keyboard}
        async with session.post(f"{base}/sendMessage", data=body) as answer:
            told = await answer.json()
            assert (answer.status, told["error_code"]) == (400, 400) and "Text buttons" in told["description"]
        async with session.get(f"{base}/sendTelepathy") as answer:
            assert answer.status == 404
    emulator.close()
