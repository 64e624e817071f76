"""What the emulated Telegram refuses, with the platform's words, seen through two independent client libraries."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.platform.clients import Client
from tests.platform.running import Emulator
from tests.platform.telegram_people import JPEG
from tests.platform.witness import lan, refused

pytestmark = pytest.mark.asyncio
Call = Callable[[Client, int], Any]


def keyboard(client: Client, **button: Any) -> Any:
    """An inline keyboard of one button."""
    made = client.types.InlineKeyboardButton(text=button.pop("text", "x"), **button)
    return client.types.InlineKeyboardMarkup(inline_keyboard=[[made]])


def commands(client: Client, count: int = 1, name: str = "a", words: str = "b") -> Any:
    """A call that registers commands."""
    made = [client.types.BotCommand(command=name + str(n) * (count > 1), description=words) for n in range(count)]
    return client.bot.set_my_commands(made)


def wordy(client: Client, chat: int, **more: Any) -> Any:
    """A call that sends a text."""
    return client.bot.send_message(chat, "x", **more)


REFUSED: dict[str, tuple[str, Call]] = {
    "parse mode": ("unsupported parse_mode", lambda c, chat: wordy(c, chat, parse_mode="BBCode")),
    "kind of entity": ("unsupported type", lambda c, chat: wordy(
        c, chat, entities=[c.types.MessageEntity(type="shiny", offset=0, length=1)])),
    "button without an act": ("text buttons are unallowed", lambda c, chat: wordy(c, chat, reply_markup=keyboard(c))),
    "button without a label": ("button text is empty", lambda c, chat: wordy(
        c, chat, reply_markup=keyboard(c, text=" ", callback_data="1"))),
    "address of a button": ("wrong http url", lambda c, chat: wordy(
        c, chat, reply_markup=keyboard(c, url="javascript:alert(1)"))),
    "many buttons": ("too long", lambda c, chat: wordy(
        c, chat, reply_markup=c.buttons(*[(("x", "1"),) * 5] * 21))),
    "label of a keyboard": ("button text is empty", lambda c, chat: wordy(
        c, chat, reply_markup=c.types.ReplyKeyboardMarkup(keyboard=[[c.types.KeyboardButton(text=" ")]]))),
    "answered message": ("message to be replied not found", lambda c, chat: wordy(
        c, chat, reply_to_message_id=999_999)),
    "no chat": ("chat_id is empty", lambda c, chat: c.bot.send_message("", "x")),
    "no such chat": ("chat not found", lambda c, chat: c.bot.send_message(chat + 5000, "x")),
    "venue": ("address must be non-empty", lambda c, chat: c.bot.send_venue(chat, 21.8, 106.7, "Chợ", " ")),
    "place": ("wrong location", lambda c, chat: c.bot.send_location(chat, 121.8, 106.7)),
    "empty file": ("file must be non-empty", lambda c, chat: c.bot.send_document(chat, c.upload(b"", "a.ics"))),
    "no such file": ("wrong remote file", lambda c, chat: c.bot.send_document(chat, "nobody")),
    "long caption": ("caption is too long", lambda c, chat: c.bot.send_document(
        chat, c.upload(JPEG, "a.jpg"), caption="a" * 1025)),
    "long answer to a press": ("message_too_long", lambda c, chat: c.bot.answer_callback_query("1", text="a" * 201)),
    "many commands": ("more than 100", lambda c, chat: commands(c, 101)),
    "name of a command": ("bot_command_invalid", lambda c, chat: commands(c, name="a" * 33)),
    "capitals in a command": ("bot_command_invalid", lambda c, chat: commands(c, name="Phieu")),
    "words of a command": ("description_invalid", lambda c, chat: commands(c, words="a" * 257)),
    "secret": ("unallowed characters", lambda c, chat: c.bot.set_webhook("http://127.0.0.1:1/", secret_token="bí mật")),
    "webhook": ("https", lambda c, chat: c.bot.set_webhook("http://example.com/")),
    "copied message": ("message to copy not found", lambda c, chat: c.bot.copy_message(chat, chat, 999_999)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_refused(client: Client, emulator: Emulator, name: str) -> None:
    words, call = REFUSED[name]
    phone = lan(emulator)
    before = len(emulator.calls())
    await refused(client, "bad", words, call(client, phone.id))
    assert len(emulator.calls()) == before + 1, "the platform refuses, not the library"
    assert not emulator.ledger(), "nobody heard anything"
