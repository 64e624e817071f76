"""Puts a message of ours into Telegram's shape: parts, entities, keyboards, calendar files."""

import json
import re
from collections.abc import Iterator
from typing import Any

from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
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


def as_call(item: Outgoing, text: str, last: bool) -> bytes:
    """One piece of a message as the body of sendMessage; the buttons hang under the last one."""
    body: dict[str, Any] = {"chat_id": item.external_id, "text": text}
    if marks := entities(text):
        body["entities"] = [mark.model_dump(exclude_none=True) for mark in marks]
    if last:
        body["reply_markup"] = markup(item)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def keyboard(item: Outgoing) -> Markup:
    """The markup in the library's shape, for what goes by its methods."""
    made = markup(item)
    if "inline_keyboard" in made:
        return InlineKeyboardMarkup.model_validate(made)
    return (ReplyKeyboardMarkup if "keyboard" in made else ReplyKeyboardRemove).model_validate(made)


def markup(item: Outgoing) -> dict[str, Any]:
    """The choices as buttons; a button that hands over the phone number when that is the open question, and goes
    with the next message that has no buttons of its own."""
    if item.choices:
        return {"inline_keyboard": list(_rows([_button(item, *one) for one in enumerate(item.choices)]))}
    if item.wants is Wants.CONTACT:
        return {
            "keyboard": [[{"text": SHARE_CONTACT, "request_contact": True}]],
            "resize_keyboard": True,
            "one_time_keyboard": True,
            "input_field_placeholder": "Tên, số điện thoại",
        }
    return {"remove_keyboard": True}


def _button(item: Outgoing, index: int, choice: dict[str, Any]) -> dict[str, str]:
    """One that opens an address does so by itself, any other tells us that it was pressed."""
    label = choice["label"][:64]
    verb, _, url = choice["action"].partition(":")
    if verb == "open":
        return {"text": label, "url": url}
    return {"text": label, "callback_data": callback_data(item.id, index, choice.get("mark", ""))}


def _rows(buttons: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    row: list[dict[str, str]] = []
    for button in buttons:
        if row and (len(row) == 2 or len(button["text"]) > WIDE or len(row[0]["text"]) > WIDE):
            yield row
            row = []
        row.append(button)
    if row:
        yield row


def calendar_file(gathering: Gathering) -> BufferedInputFile:
    """The event as a file for calendars."""
    return BufferedInputFile(calendar.entry(gathering), filename=calendar.NAME)
