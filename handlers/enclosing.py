"""Puts what officers attached into messages."""

from conversation.reply import Enclosure
from handlers.badge import address
from handlers.turn import Office
from storage.attachments import Attachment


def enclosed(office: Office, item: Attachment) -> Enclosure:
    """An attached file as it goes with a message."""
    label = "Ảnh" if item.picture else item.name
    return Enclosure(label, item.name, item.mime, address(office, f"tep/{item.id}"), item.sha256)
