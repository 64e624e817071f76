"""Puts a message of ours into Telegram's shape: parts, entities, keyboards, calendar files."""

import re
from collections.abc import Iterator
from typing import Any

from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.channels.pieces import cut
from bot.channels.telegram_read import callback_data
from conversation.reply import Gathering, Wants
from handlers import calendar
from storage.outbox import Outgoing

TEXT_LIMIT = 4096  # UTF-16 units
CAPTION_LIMIT = 1024
CODE = re.compile(r"\b(?:NC|HT|CH|XD)-\d{4,}\b")
HEAD = re.compile(r"^\(\d/9\)", re.MULTILINE)
WIDE = 18  # characters up to which two buttons share a row
SHARE_CONTACT = "Gửi số điện thoại của tôi"
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


def width(text: str) -> int:
    """The length of a text as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "replace")) // 2


def parts(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """The text in pieces that fit, cut at paragraphs, lines, sentences, words, in this order of preference."""
    return cut(text, limit, width)


def entities(text: str) -> list[MessageEntity]:
    """Codes can be copied at a touch, the progress stands out; offsets in UTF-16 units."""
    return sorted(_entities(text), key=lambda entity: entity.offset)


def _entities(text: str) -> Iterator[MessageEntity]:
    for pattern, kind in ((CODE, "code"), (HEAD, "bold")):
        for found in pattern.finditer(text):
            yield MessageEntity(type=kind, offset=width(text[: found.start()]), length=width(found.group()))


def keyboard(item: Outgoing) -> Markup:
    """The choices as buttons; a button that hands over the phone number when that is the open question, and goes
    with the next message that has no buttons of its own."""
    if item.choices:
        buttons = [_button(item, index, choice) for index, choice in enumerate(item.choices)]
        return InlineKeyboardMarkup(inline_keyboard=list(_rows(buttons)))
    if item.wants is Wants.CONTACT:
        share = KeyboardButton(text=SHARE_CONTACT, request_contact=True)
        return ReplyKeyboardMarkup(
            keyboard=[[share]],
            resize_keyboard=True,
            one_time_keyboard=True,
            input_field_placeholder="Tên, số điện thoại",
        )
    return ReplyKeyboardRemove(remove_keyboard=True)


def _button(item: Outgoing, index: int, choice: dict[str, Any]) -> InlineKeyboardButton:
    """One that opens an address does so by itself, any other tells us that it was pressed."""
    label = choice["label"][:64]
    verb, _, url = choice["action"].partition(":")
    if verb == "open":
        return InlineKeyboardButton(text=label, url=url)
    return InlineKeyboardButton(text=label, callback_data=callback_data(item.id, index, choice.get("mark", "")))


def _rows(buttons: list[InlineKeyboardButton]) -> Iterator[list[InlineKeyboardButton]]:
    row: list[InlineKeyboardButton] = []
    for button in buttons:
        if row and (len(row) == 2 or len(button.text) > WIDE or len(row[0].text) > WIDE):
            yield row
            row = []
        row.append(button)
    if row:
        yield row


def calendar_file(gathering: Gathering) -> BufferedInputFile:
    """The event as a file for calendars."""
    return BufferedInputFile(calendar.entry(gathering), filename=calendar.NAME)
