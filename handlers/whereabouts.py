"""Answers what a place is called today: "xã Hồ Sơn cũ nay là xã nào?"."""

import re

from conversation.need_form import from_entities
from conversation.reply import Reply
from domain.need import Field
from domain.text import fold
from handlers.draft import fill
from handlers.turn import Turn

SHORT = 7  # words
SURE = re.compile(r"\b(?:dung|phai)(?: khong| ko| k| chua)\b")
CALLED_NOW = re.compile(
    r"\b(?:xa|phuong|thi tran|huyen)\b[^,.;]{0,40}\b(?:la|thuoc|thanh|vao|ten)\s+(?:xa |phuong |ten )?(?:nao|gi|dau)\b|"
    r"\b(?:xa|phuong) (?:moi|nao|gi)\b.{0,30}\b(?:la gi|nao|sap nhap|ten gi)\b|\bsap nhap\b.{0,40}\b(?:nao|gi|dau)\b"
)


def _fill(turn: Turn) -> str:
    """Takes the place into an open form that lacks it, when it is told rather than asked: "ngày xưa là xã Tú Đoạn"."""
    if turn.talk.form is None or "?" in turn.text or Field.PLACE.value in turn.talk.form:
        return ""
    told = fill(turn, {Field.PLACE: from_entities(turn.entities, turn.text)[Field.PLACE]})
    return f" Em ghi {'; '.join(told)}."


def answer(turn: Turn) -> Reply | None:
    """The present name of the place that the message asks about; None when it asks about none."""
    place = turn.entities.get("location") or {}
    held = ((turn.talk.form or {}).get(Field.PLACE.value) or {}).get("words")
    if held and place and len(turn.text.split()) <= SHORT and SURE.search(fold(turn.text)):
        return Reply(f"Dạ, nơi làm em đang ghi là {held}.")
    if not place or CALLED_NOW.search(fold(turn.text)) is None:
        return None
    if place.get("ambiguous"):
        return Reply(f"Tên này có thể là {' hoặc '.join(place['ambiguous'])} ạ.")
    if place.get("unit") and place.get("old"):
        told = _fill(turn)
        return Reply(f"Dạ, {place['old']} nay thuộc {place['unit']}, tỉnh {place['province']} ạ.{told}")
    if place.get("unit"):
        return Reply(f"Dạ, tên hiện nay là {place['unit']}, tỉnh {place['province']} ạ.")
    return None
