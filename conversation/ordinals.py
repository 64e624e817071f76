"""Reads which of a listed few is meant: "cái đầu tiên", "buổi thứ hai", "số 3", "cái cuối"."""

import re

from domain.text import fold

NOUN = r"(?:cai|buoi|so|muc|hoi thao|su kien|lop|may|loai|giai phap|chuong trinh|dong|y|cau)"
FIRST = re.compile(rf"\b(?:dau tien|thu nhat|{NOUN}\s+(?:dau|nhat|mot))\b")
LAST = re.compile(rf"\b(?:cuoi cung|{NOUN}\s+(?:cuoi|chot))\b")
WORDS = {"hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5}
NTH = re.compile(
    rf"\b(?:{NOUN}\s+(?:so\s+|thu\s+)?|thu\s+)([1-9]|hai|ba|tu|bon|nam)\b(?!\s*(?:nguoi|trieu|tr|tan|ta|kg|ty|ngay|thang|nam))"
)


def listed_place(text: str, size: int) -> int | None:
    """The place, from 0, of what the message means in a list of `size`; None when it names none."""
    folded = fold(text)
    if size < 1:
        return None
    if FIRST.search(folded):
        return 0
    if LAST.search(folded):
        return size - 1
    found = NTH.search(folded)
    if found is None:
        return None
    place = WORDS.get(found[1]) or int(found[1])
    return place - 1 if place <= size else None
