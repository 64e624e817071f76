"""Puts a message of ours into Zalo's shape: one message where it fits, up to four buttons, numbers where there are more."""

import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bot.channels.base import as_text
from bot.channels.pieces import cut
from conversation.reply import Gathering, Wants, shorten
from storage.outbox import Outgoing, gathering_from
from storage.secrecy import Box, Locked

TEXT_LIMIT = 2000  # code points, counted after NFC
MOST_BUTTONS = 4
TITLE_LIMIT = 100
PAYLOAD_LIMIT = 1000
FORM_TITLE = "Gửi tên và số điện thoại"
FORM_LIMIT = 500
MARK = "#nc:"  # begins what a button carries
CALENDAR = "Thêm vào lịch"
CALENDAR_PATH = "/lich"
Body = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """What the settings say about the platform's shapes; see config/settings.py."""

    typed_buttons: bool = False  # buttons name their template
    form_image: str = ""  # picture above the form for name and number; empty: the person types
    public_url: str = ""  # where our own pages can be reached; empty: no calendar links
    template_signs: int = 300  # how long the text within a template may be


def nfc(text: str) -> str:
    """The text as it is counted and compared."""
    return unicodedata.normalize("NFC", text)


def payload_of(item: Outgoing, index: int, choice: dict[str, Any]) -> str:
    """What a button carries: the row of the outbox it hangs under, its place, the form with its revision, its label."""
    return f"{MARK}{item.id}.{index}.{choice.get('mark', '')[:40]} {nfc(choice['label'])}"[:PAYLOAD_LIMIT]


def read_payload(text: str) -> tuple[int | None, int, str] | None:
    """The row, the place and the label of a pressed button; None for words that somebody wrote."""
    if not text.startswith(MARK):
        return None
    head, _, label = text.removeprefix(MARK).partition(" ")
    row, _, rest = head.partition(".")
    index = rest.partition(".")[0]
    if row.isdecimal() and index.isdecimal() and len(row) < 16 and len(index) < 4:
        return int(row), int(index), label
    return None, 0, label


def bodies(item: Outgoing, shape: Shape, box: Box) -> list[Body]:
    """The messages that say this; almost always one."""
    form = _form(item, shape)
    if form is not None:
        return [form]
    buttons = _buttons(item, shape, box)
    shown = bool(item.choices) and len(item.choices) <= MOST_BUTTONS
    text = nfc(item.text if shown or not item.choices else as_text(item))
    made: list[Body] = [{"text": piece} for piece in cut(text, TEXT_LIMIT)]
    if buttons:
        typed = {"template_type": "button"} if shape.typed_buttons else {}
        made[-1]["attachment"] = {"type": "template", "payload": {**typed, "buttons": buttons}}
    return made


def words_of(body: Body) -> str:
    """The words of a message as the platform gives them back."""
    if "text" in body:
        return str(body["text"])
    element = body["attachment"]["payload"]["elements"][0]
    return f"{element['title']}\n{element['subtitle']}"


def _form(item: Outgoing, shape: Shape) -> Body | None:
    """The platform's own form for name and number, when that is the open question."""
    text = nfc(item.text)
    if item.wants is not Wants.CONTACT or item.choices or not shape.form_image or len(text) > FORM_LIMIT:
        return None
    element = {"title": FORM_TITLE, "subtitle": text, "image_url": shape.form_image}
    payload = {"template_type": "request_user_info", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


def _buttons(item: Outgoing, shape: Shape, box: Box) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    if len(item.choices) <= MOST_BUTTONS:
        made = [
            {"title": nfc(c["label"])[:TITLE_LIMIT], "type": "oa.query.hide", "payload": payload_of(item, index, c)}
            for index, c in enumerate(item.choices)
        ]
    if item.gathering is not None and shape.public_url and len(made) < MOST_BUTTONS:
        url = f"{shape.public_url.rstrip('/')}{CALENDAR_PATH}/{calendar_mark(item.gathering, box)}.ics"
        made.append({"title": CALENDAR, "type": "oa.open.url", "payload": {"url": url}})
    return made


def calendar_mark(gathering: Gathering, box: Box) -> str:
    """An event as a part of a link that nobody else can make up."""
    held = {
        "uid": gathering.uid, "title": gathering.title, "start": gathering.start.astimezone(UTC).isoformat(),
        "end": gathering.end.isoformat() if gathering.end else None, "place": gathering.place,
        "organiser": gathering.organiser, "sequence": gathering.sequence,
        "latitude": gathering.latitude, "longitude": gathering.longitude,
    }  # fmt: skip
    return box.lock(json.dumps(held, ensure_ascii=False))


def read_calendar_mark(mark: str, box: Box) -> Gathering | None:
    """The event of a link; None when the link is not ours."""
    try:
        return gathering_from(json.loads(box.unlock(mark)))
    except (Locked, ValueError, TypeError):
        return None


def within_template(item: Outgoing, limit: int) -> str:
    """The words for an approved template: cut at a sentence, the last line kept, then what can be answered by number."""
    listed = nfc("; ".join(f"{number}. {choice['label']}" for number, choice in enumerate(item.choices, 1)))
    room = limit - len(listed) - 1 if 0 < len(listed) < limit // 2 else limit
    text = nfc(item.text)
    if len(text) > room:
        head, mark, tail = text.rpartition("\n")
        kept = bool(mark) and len(tail) < room // 2
        text = f"{shorten(head, room - len(tail) - 1)}\n{tail}" if kept else shorten(text, room)
    return f"{text}\n{listed}" if room < limit else text
