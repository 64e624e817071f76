"""What a person sends us, whatever the channel."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class MessageKind(StrEnum):
    """What sort of thing arrived."""

    TEXT = "text"
    BUTTON = "button"  # a choice of an earlier reply was pressed; text holds its label
    OTHER = "other"  # photo, sticker, voice ...: described in extra


@dataclass(frozen=True)
class Message:
    """One inbound message; unique by channel, account and update_id. Times are UTC.

    `order` puts messages of the same instant into the order in which they were written (0: as they arrived).
    `edits` is the `order` of an earlier message whose text this one replaces. `count` is the platform's own count of
    all that its people do, pressed buttons too, which carry no time of their own (None: it has none).
    """

    channel: str
    account: str
    update_id: str
    address: str
    text: str
    sent_at: datetime
    kind: MessageKind = MessageKind.TEXT
    order: int = 0
    edits: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    count: int | None = None
