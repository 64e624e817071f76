"""Reads a Telegram update: a message, a pressed button, or news about the chat itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiogram import types
from pydantic import ValidationError

from bot.channels.base import ChatNews
from conversation.message import Message, MessageKind
from domain.evidence import EvidenceKind
from domain.person import AddressState

NAME = "telegram"
BUTTON = "(nút)"
KINDS = {
    "photo": EvidenceKind.PHOTO,
    "video": EvidenceKind.VIDEO,
    "video_note": EvidenceKind.VIDEO,
    "voice": EvidenceKind.VOICE,
    "audio": EvidenceKind.AUDIO,
    "animation": EvidenceKind.VIDEO,
    "document": EvidenceKind.DOCUMENT,
    "sticker": EvidenceKind.STICKER,
    "location": EvidenceKind.LOCATION,
    "contact": EvidenceKind.CONTACT,
}  # "animation" stands before "document": Telegram sends both

SERVICE = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "chat_background_set",
    "connected_website",
    "proximity_alert_triggered",
    "successful_payment",
    "refunded_payment",
)  # what the application notes by itself: nobody said it


@dataclass(frozen=True)
class Pressed:
    """A button press to be acknowledged within seconds."""

    query_id: str
    message: Message | None


Read = Message | Pressed | ChatNews | None


def read(raw: dict[str, Any], account: str, now: datetime) -> Read:
    """What one update means for us; None for what is none of our business. Never raises."""
    update_id = str(raw.get("update_id", ""))
    try:
        update = types.Update.model_validate(raw)
    except ValidationError:
        return _unreadable(raw, account, update_id, now)
    if update.message is not None:
        return _message(update.message, account, update_id)
    if update.edited_message is not None:
        return _message(update.edited_message, account, update_id, edited=True)
    if update.callback_query is not None:
        return _pressed(update.callback_query, account, update_id, now)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, account)
    return None


def _unreadable(raw: dict[str, Any], account: str, update_id: str, now: datetime) -> Read:
    """An update of a shape we do not know yet is kept for a human and answered politely."""
    held = raw.get("message") or raw.get("edited_message")
    chat = held.get("chat") if isinstance(held, dict) else None
    if not isinstance(chat, dict) or chat.get("type") != "private" or "id" not in chat:
        return None
    extra = {"kind": EvidenceKind.UNKNOWN.value, "raw": str(raw)[:4000]}
    count = _count(update_id)
    return Message(NAME, account, update_id, str(chat["id"]), "", now, MessageKind.OTHER, extra=extra, count=count)


def _message(said: types.Message, account: str, update_id: str, edited: bool = False) -> Read:
    if said.migrate_to_chat_id is not None:
        return ChatNews(NAME, account, str(said.chat.id), moved_to=str(said.migrate_to_chat_id))
    if said.chat.type != "private" or said.from_user is None or said.from_user.is_bot:
        return None
    if any(getattr(said, name, None) is not None for name in SERVICE):
        return None
    kind, extra = _other(said)
    text = said.text or said.caption or ""
    own = said.contact
    if own is not None and own.user_id == said.from_user.id:  # only the sender's own number is taken
        name = " ".join(part for part in (own.first_name, own.last_name) if part)
        text, kind, extra = f"{name}, {_phone(own.phone_number)}", MessageKind.TEXT, {"shared": "contact"}
    if said.forward_origin is not None:
        extra["forwarded"] = True
    return Message(
        channel=NAME,
        account=account,
        update_id=update_id,
        address=str(said.chat.id),
        text=text,
        sent_at=said.date.astimezone(UTC),
        kind=kind,
        order=said.message_id,
        edits=said.message_id if edited else None,
        extra=extra,
        count=_count(update_id),
    )


def _count(update_id: str) -> int | None:
    """Updates are counted in the order in which the platform took them, messages and presses alike."""
    return int(update_id) if update_id.isdecimal() else None


def _phone(number: str) -> str:
    """Telegram leaves the plus out at times."""
    return number if number.startswith(("+", "0")) else f"+{number}"


def _other(said: types.Message) -> tuple[MessageKind, dict[str, Any]]:
    """The kind of a message, with what is needed to fetch or show what is not text."""
    if said.text is not None:
        return MessageKind.TEXT, {}
    name = next((name for name in KINDS if getattr(said, name, None)), None)
    if name is None:
        shown = said.model_dump_json(exclude_none=True, exclude={"from_user", "chat"})
        return MessageKind.OTHER, {"kind": EvidenceKind.UNKNOWN.value, "raw": shown[:4000]}
    held = getattr(said, name)
    file = held[-1] if isinstance(held, list) else held
    extra: dict[str, Any] = {"kind": KINDS[name].value}
    if isinstance(held, types.Contact):
        extra["card"] = ", ".join(part for part in (held.first_name, held.last_name, held.phone_number) if part)
    for key in ("file_id", "file_unique_id", "file_size", "mime_type", "file_name", "latitude", "longitude"):
        value = getattr(file, key, None)
        if value is not None:
            extra[key] = value
    if said.media_group_id is not None:
        extra["album"] = said.media_group_id
    return MessageKind.OTHER, extra


def _pressed(query: types.CallbackQuery, account: str, update_id: str, now: datetime) -> Read:
    under = query.message
    if under is None or under.chat.type != "private":
        return Pressed(query.id, None)
    row, index = _data(query.data or "")
    extra: dict[str, Any] = {} if row is None else {"row": row, "index": index}
    label = _label(under, query.data) if isinstance(under, types.Message) else ""
    address = str(under.chat.id)
    pressed = Message(
        NAME,
        account,
        update_id,
        address,
        label or BUTTON,
        now,
        MessageKind.BUTTON,
        extra=extra,
        count=_count(update_id),
    )
    return Pressed(query.id, pressed)


def callback_data(row: int, index: int, mark: str) -> str:
    """What a button carries: the row of the outbox it hangs under, its place, the form with its revision."""
    return f"{row}.{index}.{mark}".encode()[:64].decode(errors="ignore")


def _data(data: str) -> tuple[int | None, int]:
    row, _, rest = data.partition(".")
    index = rest.partition(".")[0]
    if row.isdecimal() and index.isdecimal() and len(row) < 16 and len(index) < 4:
        return int(row), int(index)
    return None, 0


def _label(under: types.Message, data: str | None) -> str:
    rows = under.reply_markup.inline_keyboard if under.reply_markup is not None else []
    return next((button.text for row in rows for button in row if button.callback_data == data), "")


def _membership(change: types.ChatMemberUpdated, account: str) -> Read:
    if change.chat.type != "private":
        return None
    gone = change.new_chat_member.status in ("kicked", "left")
    return ChatNews(NAME, account, str(change.chat.id), state=AddressState.BLOCKED if gone else AddressState.ACTIVE)
