"""Reads who comes to a gathering and which of the listed gatherings is meant."""

import re
from collections.abc import Sequence
from datetime import date

from conversation.ordinals import listed_place
from domain.dates import find_periods
from domain.event import Event
from domain.text import fold
from domain.worktime import WEEKDAYS, local

FIGURES = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10}
COUNT = r"(\d{1,3}|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi)"
PEOPLE = r"(?:nguoi|ng|suat|cho|dua|anh em|chi em|ban|ve|mang|thanh vien)"
HEADS = re.compile(rf"\b{COUNT}\s*{PEOPLE}\b(?!\s+(?:nao|o|tai|hop|mo|gui|ban|cho thue))")
MORE = re.compile(rf"\b(?:them|cong)\s+{COUNT}\s*{PEOPLE}\b|\b{COUNT}\s*{PEOPLE}\s+nua\b")
FEWER = re.compile(rf"\b(?:bot|giam|rut|huy|tru)\s+(?:di\s+|bot\s+)?{COUNT}\s*{PEOPLE}\b")
ALONE = re.compile(
    r"\b(?:mot minh|1 minh|(?:moi|co|chi)\s+(?:minh\s+)?(?:minh|toi|em|anh|chi|co|chu|bac)(?:\s+(?:toi|em|anh|chi))?\s+(?:di|thoi|du)|moi minh)\b"
)
COUPLE = re.compile(
    r"\bdi (?:cung|voi|va) (?:ca )?(?:vo|chong|con|me|bo|ban)\b|"
    r"\b(?:(?:hai|2|ca)\s+)?vo chong\b|\b(?:toi|em|anh|chi|minh|co|chu|bac)\s+(?:voi|va|vs|cung)\s+(?:ca\s+)?(?:ong|ba)?\s*"
    r"(?:vo|chong|xa|ban|con|dua|me|bo|em trai|em gai|chi gai|anh trai|nha toi)\b"
)
ONE_LESS = re.compile(  # "vợ anh không đi được"
    r"\b(?:vo|chong|con|ban|me|bo|ba xa|ong xa|nguoi kia|em trai|em gai|anh trai|chi gai|dua em|thang em|mot nguoi|1 nguoi)\b"
    r"(?:\s+\w+){0,2}?\s+(?:khong|ko|k|chua|ban|met)\s*(?:di|du|toi|den|tham gia|roi|khong di)\b"
)
PLUS = re.compile(
    rf"\b(?:toi|em|anh|chi|minh|co|chu|bac)\s+(?:voi|va|vs|cung|dan)\s+{COUNT}\s*(?:{PEOPLE}|con|nhan vien|tho|cong nhan|chau)\b"
)


def heads(text: str, had: int | None = None) -> int | None:
    """How many people come in all; `had` is what was said before, for "thêm 1 người nữa". None when nothing is said."""
    folded = fold(text)
    if found := PLUS.search(folded):
        return 1 + _figure(found[1])
    if found := MORE.search(folded):
        return (had or 1) + _figure(found[1] or found[2])
    if (found := FEWER.search(folded)) and had:
        return max(had - _figure(found[1]), 0)
    if had and ONE_LESS.search(folded):
        return max(had - 1, 0)
    told = [_figure(found[1]) for found in HEADS.finditer(folded)]
    if told:
        return told[-1]  # "từ 2 người lên 4 người", "2 à 3 người"
    if ALONE.search(folded):
        return 1
    return 2 if COUPLE.search(folded) else None


def _figure(word: str) -> int:
    return int(word) if word.isdigit() else FIGURES[word]


SMALL = frozenset(
    "a ay da u thoi em chi anh toi minh co chu bac ben nha la khoang tam chung cho nhe nha oi roi dung phai khong ma lai di du len xuong "
    "tu thanh con chi ca tong cong them nua bot giam doi sua ghi dang ky dk giu dat gom va voi vs nham se van duoc dc a nguoi ng suat giup "
    "xin loi ok oke cam on that ra ben nay minh hai muon the vay vo chong con dua mot hai ba bon nam sau bay tam moi ban nay luon thanh vien tham gia hom do".split()
)


def only_heads(text: str, most: int = 1) -> bool:
    """Whether a short message says how many come and hardly anything else: at most so many other words."""
    words = re.findall(r"[^\W\d_]+", fold(text))
    return len(words) <= 14 and sum(word not in SMALL for word in words) <= most


# --- which one --------------------------------------------------------------------------------------------------
SOONEST = re.compile(r"\b(?:som nhat|gan nhat|dau tien|truoc nhat|sap toi nhat|ke tiep)\b")
LATEST = re.compile(r"\b(?:muon nhat|tre nhat|xa nhat|cuoi cung)\b")
NOUN = r"(?:cai|buoi|lop|hoi thao|su kien|hom|khoa|tap huan|phien)"
ORDINAL_OR_DAY = re.compile(r"(?:\b(\w+)\s+)?thu\s+(?:hai|ba|tu|nam|[2-6])\b")
LEADS = re.compile(rf"\b{NOUN}\b|\b(?:dang ky|dk|tham gia|tham du|di|du|giu cho)\b")
OF_NO_USE = frozenset(
    "va cho cua tu toi den sau khi co cac nhung mot khau ky cach voi tai o ve la de thu hoach giu lau thao buoi lop gioi thieu "
    "san pham giai phap cong nghe tap huan quy trinh nong san lam".split()
)


def picks(text: str, events: Sequence[Event], today: date) -> list[int]:
    """The places, in `events`, of the gatherings a message may mean; empty when it names none."""
    if not events:
        return []
    folded = fold(text)
    place = listed_place(text, len(events))
    if SOONEST.search(folded) or LATEST.search(folded):
        order = sorted(range(len(events)), key=lambda at: events[at].start)
        return [order[0] if SOONEST.search(folded) else order[-1]]
    if place is not None:
        said = ORDINAL_OR_DAY.search(folded)  # "buổi thứ ba" may be the third or the one on Tuesday
        on_day = _by_day(folded, text, events, today) if said and said[1] != "cai" else []
        return on_day if said and said[1] == "hom" and on_day else sorted({place, *on_day})
    left = list(range(len(events)))
    for narrow in (_by_place, _by_day, _by_words):
        kept = narrow(folded, text, events, today)
        if kept:
            left = [at for at in left if at in kept] or left
    return left if len(left) < len(events) or (len(events) == 1 and LEADS.search(folded)) else []


def _by_place(folded: str, text: str, events: Sequence[Event], today: date) -> list[int]:
    return [
        at
        for at, event in enumerate(events)
        if (name := _commune(event.place)) and re.search(rf"\b{re.escape(name)}\b", folded)
    ]


def _commune(place: str) -> str:
    """What follows "xã" or "phường" in a place, folded; else the last part."""
    last = fold(place).rpartition(",")[2].strip()
    return re.sub(r"^(?:xa|phuong|thi tran|huyen|thanh pho|tp)\s+", "", last) if len(last) >= 4 else ""


def _by_day(folded: str, text: str, events: Sequence[Event], today: date) -> list[int]:
    spans = [period for period, _, _ in find_periods(text, today) if period.start or period.end]
    days = [local(event.start).date() for event in events]
    found = [
        at
        for at, day in enumerate(days)
        for span in spans
        if (span.start or today) <= day <= (span.end or span.start or today)
    ]
    if found:
        return found
    if number := re.search(r"\b(?:ngay|hom|mung)\s+(\d{1,2})\b", folded):
        return [at for at, day in enumerate(days) if day.day == int(number[1])]
    named = [fold(name) for name in WEEKDAYS]
    weekday = re.search(r"\bthu\s+([2-7])\b|\bchu nhat\b", folded)
    wanted = next((at for at, name in enumerate(named) if re.search(rf"\b{name}\b", folded)), None)
    if wanted is None and weekday is not None:
        wanted = int(weekday[1]) - 2 if weekday[1] else 6
    if wanted is not None:
        return [at for at, day in enumerate(days) if day.weekday() == wanted]
    part = re.search(r"\bbuoi (sang|chieu)\b|\b(?:sang|chieu)$", folded)
    if part is not None:
        morning = "sang" in part.group()
        return [at for at, event in enumerate(events) if (local(event.start).hour < 12) == morning]
    return []


TOKENS = re.compile(r"[^\W_]+")


def _by_words(folded: str, text: str, events: Sequence[Event], today: date) -> list[int]:
    """Those whose topic, or two words of whose title, the message names."""
    padded = f" {' '.join(TOKENS.findall(folded))} ".replace(" hoi thao ", " ")
    scores = []
    for event in events:
        topics = [fold(term) for terms in event.topics.values() for term in terms]
        title = set(TOKENS.findall(fold(event.title).replace("hoi thao", ""))) - OF_NO_USE
        shared = sum(f" {word} " in padded for word in title)
        scores.append(
            3 * any(f" {term} " in padded for term in topics) + (shared if shared > 1 or len(title) < 3 else 0)
        )
    best = max(scores)
    return [at for at, score in enumerate(scores) if score == best] if best else []
