"""Reads an event of Zalo's webhook: a message, a pressed button, news about the person, an echo of our own words, a look at
them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.channels.base import ChatNews
from bot.channels.zalo.write import nfc, read_payload
from conversation.message import Message, MessageKind
from domain.evidence import EvidenceKind
from domain.person import AddressState

NAME = "zalo"
ACCOUNT = ""  # one Official Account an installation: addresses stay the same when the application changes
START = "/start"
KINDS = {
    "image": EvidenceKind.PHOTO,
    "gif": EvidenceKind.VIDEO,
    "video": EvidenceKind.VIDEO,
    "audio": EvidenceKind.VOICE,
    "file": EvidenceKind.DOCUMENT,
    "sticker": EvidenceKind.STICKER,
    "location": EvidenceKind.LOCATION,
    "business_card": EvidenceKind.CONTACT,
}
Event = dict[str, Any]


@dataclass(frozen=True)
class Echo:
    """One of our own messages as the platform saw it arrive."""

    address: str
    platform_id: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Looked:
    """A person has looked at messages of ours."""

    address: str
    platform_ids: tuple[str, ...]
    at: datetime


Read = Message | ChatNews | Echo | Looked


def happened_at(event: Event) -> datetime | None:
    """When it happened, by the platform; None for a time that cannot be."""
    try:
        return datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def read(event: Event, now: datetime) -> list[Read]:
    """What one event means for us; nothing for what is none of our business. Never raises."""
    name, at = str(event.get("event_name", "")), happened_at(event) or now
    if name in ("follow", "unfollow"):
        return _membership(event, name, at)
    sender, recipient = _id(event.get("sender")), _id(event.get("recipient"))
    if name.startswith("oa_send_") and "group" not in name:
        held = event.get("message")
        message = held if isinstance(held, dict) else {}
        mark = str(message.get("msg_id") or "")
        return [Echo(recipient, mark, str(message.get("text") or ""), at)] if mark and recipient else []
    if name == "user_seen_message":
        return _looked(event, recipient, at)
    if not sender or "group" in name or "anonymous" in name:
        return []
    if name == "user_submit_info":
        return _submitted(event, sender, at)
    if name.startswith("user_send_"):
        return list(_said(event, name, sender, at))
    return []


def _id(held: object) -> str:
    return str(held.get("id") or "") if isinstance(held, dict) else ""


def _looked(event: Event, recipient: str, at: datetime) -> list[Read]:
    """The older and the newer shape: one id, a list of ids."""
    held = event.get("message")
    message = held if isinstance(held, dict) else {}
    listed = message.get("msg_ids")
    ids = tuple(str(one) for one in (listed if isinstance(listed, list) else [message.get("msg_id")]) if one)
    return [Looked(recipient, ids[:100], at)] if recipient and ids else []


def _membership(event: Event, name: str, at: datetime) -> list[Read]:
    """Whoever follows is greeted as one who pressed START."""
    address = _id(event.get("follower")) or _id(event.get("sender"))
    if not address:
        return []
    if name == "unfollow":
        return [ChatNews(NAME, ACCOUNT, address, state=AddressState.BLOCKED)]
    update = f"follow:{address}:{event.get('timestamp')}"
    return [
        ChatNews(NAME, ACCOUNT, address, state=AddressState.ACTIVE),
        Message(NAME, ACCOUNT, update, address, START, at),
    ]


def _submitted(event: Event, sender: str, at: datetime) -> list[Read]:
    """The form for name and number, filled in; the older and the newer shape."""
    held = event.get("info")
    info = held if isinstance(held, dict) else {}
    number = str(info.get("phone") or "").strip()
    phone = f"+{number}" if number.startswith("84") else number
    text = ", ".join(part for part in (nfc(str(info.get("name") or "")).strip(), phone) if part)
    update = f"info:{sender}:{event.get('timestamp')}"
    return [Message(NAME, ACCOUNT, update, sender, text, at, extra={"shared": "contact"})] if text else []


def _said(event: Event, name: str, sender: str, at: datetime) -> Iterator[Read]:
    """The message of a person; several pictures in one become several."""
    held = event.get("message")
    message = held if isinstance(held, dict) else {}
    mark = message.get("msg_id") or f"{sender}:{event.get('timestamp')}"
    update = f"{name}:{mark}"
    text = nfc(str(message.get("text") or ""))
    attachments = [one for one in message.get("attachments") or [] if isinstance(one, dict)]
    pressed = read_payload(text)
    if pressed is not None:
        row, index, label = pressed
        extra: dict[str, Any] = {} if row is None else {"row": row, "index": index}
        yield Message(NAME, ACCOUNT, update, sender, label or "(nút)", at, MessageKind.BUTTON, extra=extra)
        return
    kind = name.removeprefix("user_send_")
    if kind in ("text", "link") and not _is_card(attachments):
        links = [url for one in attachments if (url := str(_payload(one).get("url") or "")) and url not in text]
        words = " ".join([text, *links]).strip()
        yield Message(NAME, ACCOUNT, update, sender, words, at, extra={"forwarded": True} if kind == "link" else {})
        return
    for number, one in enumerate(attachments or [{}]):
        extra = _described(kind, one, message, update)
        if len(attachments) > 1:
            extra["album"] = update
        own = update if number == 0 else f"{update}:{number}"
        yield Message(NAME, ACCOUNT, own, sender, "" if number else text, at, MessageKind.OTHER, number, extra=extra)


def _payload(one: dict[str, Any]) -> dict[str, Any]:
    held = one.get("payload")
    return held if isinstance(held, dict) else {}


def _is_card(attachments: list[dict[str, Any]]) -> bool:
    return any("phone" in str(_payload(one).get("description") or "") for one in attachments)


def _described(kind: str, one: dict[str, Any], message: dict[str, Any], update: str) -> dict[str, Any]:
    """What is needed to fetch or show what is not text."""
    payload = _payload(one)
    known = EvidenceKind.CONTACT if kind in ("link", "business_card") else KINDS.get(kind)
    if known is None:
        raw = json.dumps(message, ensure_ascii=True)[:4000]
        return {"kind": EvidenceKind.UNKNOWN.value, "raw": raw}
    extra: dict[str, Any] = {"kind": known.value}
    if known is EvidenceKind.CONTACT:
        extra["card"] = str(payload.get("description") or "")[:300]
    elif known is EvidenceKind.LOCATION:
        place = _place(payload, message)
        extra |= {"latitude": place[0], "longitude": place[1]} if place else {}
    elif known is not EvidenceKind.STICKER and payload.get("url"):
        extra |= {"file_id": str(payload["url"]), "file_unique_id": f"{update}:{payload['url']}"[-200:]}
        size, name = str(payload.get("size") or ""), str(payload.get("name") or "")
        extra |= {"file_size": int(size)} if size.isdecimal() else {}
        extra |= {"file_name": name[:200]} if name else {}
    return extra


def _place(payload: dict[str, Any], message: dict[str, Any]) -> tuple[float, float] | None:
    """A place in any of the shapes in which it has been seen."""
    for held in (payload.get("coordinates"), payload, message.get("location")):
        if not isinstance(held, dict):
            continue
        for names in (("latitude", "longitude"), ("lat", "long")):
            try:
                found = float(held[names[0]]), float(held[names[1]])
            except (KeyError, TypeError, ValueError):
                continue
            if -90 <= found[0] <= 90 and -180 <= found[1] <= 180:
                return found
    return None
