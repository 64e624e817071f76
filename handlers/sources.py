"""Shared phrasing: what a statement rests on, whether its documents hold on the day it is said."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from conversation.reply import shorten
from domain.answer import AnswerVersion, overdue
from domain.document import Document, Documents, Force, force, over_since
from domain.text import fold
from domain.worktime import say_day

ROOM = 230  # characters of one line of sources
# words in a line that tell of a document that it no longer, not yet or not surely holds
SAYS_SO = re.compile(
    r"het hieu luc|het ky|het phan|het giai doan|het han|da het|het tu|ket thuc|khong con|khong dung|bai bo|bi thay|"
    r"dang duoc thay|da thay|thay the|chua chac|chua xac nhan|chua dam chac|chua ro|chua co hieu luc|du thao|"
    r"can .{0,30}xac nhan|dieu le cu|du an cu|nam 2020"
)


def force_words(document: Document, day: date) -> str:
    """How a document stands on a day when it does not simply hold; empty when it does."""
    held = force(document, day)
    if held is Force.OVER:
        since = over_since(document)
        return f"đã hết hiệu lực {since}".strip()
    if held is Force.NOT_YET:
        return "chưa có hiệu lực"
    return "chưa chắc còn hiệu lực" if held is Force.UNSURE else ""


def now_instead(document: Document, documents: Documents) -> str:
    """What holds instead of a document that was replaced, in words; empty when nobody says."""
    following = [documents.by_id[id_].label for id_ in document.replaced_by if id_ in documents.by_id]
    return f"nay xem {', '.join(following)}" if following else ""


def basis_line(basis: Iterable[Mapping[str, Any]], documents: Documents, day: date, room: int = ROOM) -> str:
    """The legal basis in one line; what is unconfirmed or does not hold on the day is marked so."""
    line = ""
    for row in basis:
        article = f", {row['article']}" if row.get("article") else ""
        doubts = [force_words(paper, day) for paper in documents.known(row["label"])]
        marks = [mark for mark in doubts if mark]
        if not row.get("confirmed") and not marks:
            marks.append("chưa xác nhận")
        part = f"{row['label']}{article}" + (f" ({marks[0]})" if marks else "")
        longer = f"{line}; {part}" if line else part
        if len(longer) > room and line:
            break
        line = longer
    return f"Căn cứ: {shorten(line, room + 60)}." if line else ""


def force_notes(text: str, documents: Documents, day: date, told: str = "") -> str:
    """One line that tells of each document the text names whether it no longer holds, unless its own line does."""
    notes = []
    marked = {paper.id for paper in documents.known(told)}
    for line in text.splitlines():
        if SAYS_SO.search(fold(line)):
            continue
        for paper in documents.known(line):
            words = force_words(paper, day)
            if words and paper.id not in marked:
                marked.add(paper.id)
                instead = now_instead(paper, documents)
                notes.append(f"{paper.label} {words}" + (f", {instead}" if instead else ""))
    return f"Lưu ý: {'; '.join(notes)}." if notes else ""


def checked_line(version: AnswerVersion, day: date) -> str:
    """When an answer was last checked; said aloud when that is too long ago."""
    if version.verified_on is None:
        return ""
    late = " (đã quá hạn rà soát, anh/chị hỏi lại cán bộ trước khi dùng)" if overdue(version, day) else ""
    return f"Cập nhật {say_day(version.verified_on)}{late}."
