"""Puts a message of ours into Zalo's shape: one message where it fits, up to four buttons, numbers where there are more."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from bot.channels.base import numbered
from bot.channels.pieces import cut
from conversation.reply import Enclosure, Wants
from conversation.reply import within_template as fitted
from storage.outbox import Outgoing

TEXT_LIMIT = 2000  # code points, counted after NFC
MOST_BUTTONS = 4
MOST_LISTED = 5
TITLE_LIMIT = 100
PAYLOAD_LIMIT = 1000
FORM_TITLE = "Gửi tên và số điện thoại"
FORM_LIMIT = 500
MARK = "#nc:"  # begins what a button carries
CALENDAR = "Thêm vào lịch"
LIST_HINT = "Bấm vào dòng anh/chị chọn, hoặc gõ số từ 1 đến {count}."
Body = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """What the settings say about the platform's shapes; see config/settings.py."""

    typed_buttons: bool = False  # buttons name their template
    form_image: str = ""  # picture above the form for name and number; empty: the person types
    template_signs: int = 300  # how long the text within a template may be
    lists: bool = False  # more choices than buttons go as a list, no current page of the platform shows its form


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


@dataclass(frozen=True)
class Part:
    """One message to the platform: `words` as it gives them back; `file` goes with it when it has been uploaded."""

    words: str
    body: Body
    file: Enclosure | None = None
    plain: Body | None = None  # the same without a list, should the platform refuse that


def parts_of(item: Outgoing, shape: Shape, with_files: bool = True) -> list[Part]:
    """The messages that say this; almost always one. Without `with_files` what goes with it is told as links."""
    form = _form(item, shape)
    if form is not None:
        return [form]
    files = [file for file in item.files if with_files and kind_of(file)]
    text = nfc("\n".join([item.text, *_links(item, files)]))
    if len(files) == 1 and files[0].picture and not item.choices and len(text) <= TEXT_LIMIT:
        return [Part(text, {"text": text}, files[0])]
    buttons = _buttons(item)
    if len(item.choices) > MOST_BUTTONS:
        plain = f"{text}\n{nfc(numbered(item))}"
        if shape.lists and len(item.choices) <= MOST_LISTED + MOST_BUTTONS and len(plain) <= TEXT_LIMIT:
            listed = {"text": text, "attachment": {"type": "template", "payload": _list(item, shape)}}
            return [Part(text, listed, plain={"text": plain}), *(Part("", {}, file) for file in files)]
        text = plain
    made = [Part(piece, {"text": piece}) for piece in cut(text, TEXT_LIMIT)]
    if buttons:
        typed = {"template_type": "button"} if shape.typed_buttons else {}
        made[-1].body["attachment"] = {"type": "template", "payload": {**typed, "buttons": buttons}}
    return [*made, *(Part("", {}, file) for file in files)]


def kind_of(file: Enclosure) -> str:
    """As what the platform takes a file: image, file, or empty: not at all."""
    if file.mime in ("image/png", "image/jpeg"):
        return "image"
    return "file" if file.name.lower().endswith((".pdf", ".doc", ".docx")) else ""


def with_asset(part: Part, mark: str) -> Body:
    """The message with the uploaded file, as the platform calls it."""
    assert part.file is not None
    if kind_of(part.file) == "file":
        return {"attachment": {"type": "file", "payload": {"token": mark}}}
    element = {"media_type": "image", "attachment_id": mark}
    return {
        **part.body,
        "attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}},
    }


def link_to(file: Enclosure) -> str:
    """A file told as a link; empty where there is none."""
    return f"{file.label}: {file.url}" if file.url else ""


def _links(item: Outgoing, files: list[Enclosure]) -> list[str]:
    """What is told as a link: files that do not go as such, the calendar where no button is free for it."""
    found = [link for file in item.files if file not in files and (link := link_to(file))]
    if item.gathering is not None and item.gathering.url and len(item.choices) > MOST_BUTTONS - 1:
        found.append(f"{CALENDAR}: {item.gathering.url}")
    return found


def _form(item: Outgoing, shape: Shape) -> Part | None:
    """The platform's own form for name and number, when that is the open question."""
    text = nfc(item.text)
    if item.wants is not Wants.CONTACT or item.choices or not shape.form_image or len(text) > FORM_LIMIT:
        return None
    element = {"title": FORM_TITLE, "subtitle": text, "image_url": shape.form_image}
    payload = {"template_type": "request_user_info", "elements": [element]}
    return Part(f"{FORM_TITLE}\n{text}", {"attachment": {"type": "template", "payload": payload}})


def _buttons(item: Outgoing) -> list[dict[str, Any]]:
    """Up to four."""
    made: list[dict[str, Any]] = []
    for index, choice in enumerate(item.choices if len(item.choices) <= MOST_BUTTONS else ()):
        made.append({"title": nfc(choice["label"])[:TITLE_LIMIT], **_pressed(item, index)})
    if item.gathering is not None and item.gathering.url and len(item.choices) < MOST_BUTTONS:
        made.append({"title": CALENDAR, "type": "oa.open.url", "payload": {"url": item.gathering.url}})
    return made


def _pressed(item: Outgoing, index: int) -> dict[str, Any]:
    """What a choice does: one that opens an address does so by itself, any other tells us that it was pressed."""
    choice = item.choices[index]
    verb, _, url = choice.get("action", "").partition(":")
    if verb == "open":
        return {"type": "oa.open.url", "payload": {"url": url}}
    return {"type": "oa.query.hide", "payload": payload_of(item, index, choice)}


def _list(item: Outgoing, shape: Shape) -> dict[str, Any]:
    """Up to five lines with their numbers, what is more as buttons; the first line must say something below itself."""
    made: list[dict[str, Any]] = []
    for index, choice in enumerate(item.choices):
        did = _pressed(item, index)
        title = f"{index + 1}. {nfc(choice['label'])}"[:TITLE_LIMIT]
        if index >= MOST_LISTED:
            made.append({"title": title, **did})
            continue
        # a list tells an address beside its type, a button within its payload
        deed = {
            "type": did["type"],
            **(did["payload"] if isinstance(did["payload"], dict) else {"payload": did["payload"]}),
        }
        made.append({"title": title, "default_action": deed})
    made[0]["subtitle"] = LIST_HINT.format(count=len(item.choices))
    if shape.form_image:
        made[0]["image_url"] = shape.form_image
    buttons = {"buttons": made[MOST_LISTED:]} if len(made) > MOST_LISTED else {}
    return {"template_type": "list", "elements": made[:MOST_LISTED], **buttons}


def within_template(item: Outgoing, limit: int) -> str:
    """The words for an approved template."""
    return fitted(item.text, [choice["label"] for choice in item.choices], _links(item, []), limit)
