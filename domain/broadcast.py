"""A message of an officer to many: its states, the rules of two people, what its text may hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any

from domain.frames import Frame
from domain.segment import Segment
from domain.worktime import WorkTime, say_time

UNUSUAL = 5.0  # times the median of the last ones
LOOKED_BACK = 10
GROWN = 1.02  # an audience may grow so much between typing the count and approval
MOST_CHARACTERS = 1500
MOST_BUTTONS = 3
MOST_BESIDE_FILES = 900  # characters of a text that goes with a picture or a document; Telegram takes 1,024
LONGEST_LABEL = 30
LINK = re.compile(r"https?://[^\s<>\"]{4,480}")
RECALL_WITHIN: Mapping[str, timedelta] = {"telegram": timedelta(hours=48)}  # channels that take messages back
MOST_ALIKE = 5  # refusals for the same reason in a row: the content is wrong, not the people
NO_PUSH = "the channel allows no push"  # why somebody is left out whom a channel does not let us write to now
JOIN = ("dang ky", "tham gia", "di")
FIELD = re.compile(r"\{([^{}]*)\}")
FIELDS: Mapping[str, str] = {"ten": "tên người nhận", "co_so": "tên cơ sở", "xa": "xã/phường"}


class BroadcastState(StrEnum):
    """Where a broadcast stands; the last two are endings."""

    DRAFT = "draft"
    WAITING = "waiting_for_approval"
    SCHEDULED = "scheduled"  # approved, its time has not come
    RUNNING = "running"
    PAUSED = "paused"  # by the system: something is wrong with it; goes on when an officer says so
    STOPPED = "stopped"  # by an officer
    FINISHED = "finished"


STATE_WORDS = {
    BroadcastState.DRAFT: "Bản nháp",
    BroadcastState.WAITING: "Chờ duyệt",
    BroadcastState.SCHEDULED: "Đã hẹn giờ",
    BroadcastState.RUNNING: "Đang gửi",
    BroadcastState.PAUSED: "Tạm ngừng",
    BroadcastState.STOPPED: "Đã dừng",
    BroadcastState.FINISHED: "Đã xong",
}
UNDECIDED = (BroadcastState.DRAFT, BroadcastState.WAITING)
OPEN = (BroadcastState.SCHEDULED, BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.STOPPED)


@dataclass(frozen=True)
class Broadcast:
    """One broadcast; `audience` says for whom, `size` how many rows were written when it was approved."""

    id: int
    title: str
    text: str
    audience: Segment
    state: BroadcastState
    author: str = ""
    buttons: tuple[dict[str, Any], ...] = ()
    event_id: str | None = None
    must_deliver: bool = False
    urgent: str = ""  # why it may be sent at any hour; empty: it may not
    counted: int | None = None  # what its author typed: so many will get it
    size: int = 0
    erased: int = 0  # of them, people whose data have been erased since
    send_at: datetime | None = None
    approved_by: str | None = None
    reason: str = ""  # why it is paused or stopped
    corrects: int | None = None  # the broadcast whose readers it corrects
    replaces: int | None = None  # the broadcast whose rest it took over
    created_at: datetime | None = None

    @property
    def code(self) -> str:
        """How officers call it: TB-0012."""
        return f"TB-{self.id:04d}"


@dataclass(frozen=True)
class Count:
    """How many people a segment holds: who will get it by channel, who will not by reason."""

    by_channel: Mapping[str, int]
    left_out: Mapping[str, int]
    third_this_week: int = 0
    frames: Mapping[tuple[str, Frame], int] = field(default_factory=dict)  # (channel, frame), where it has frames

    @property
    def reached(self) -> int:
        """How many will get it."""
        return sum(self.by_channel.values())

    @property
    def may_grow_to(self) -> int:
        """How many get it when all who are out of a channel's frame write again before it leaves."""
        return self.reached + self.left_out.get(NO_PUSH, 0)

    @property
    def everybody(self) -> int:
        """How many people fit, whether they get it or not."""
        return self.reached + sum(self.left_out.values())


def unusual(reached: int, earlier: list[int]) -> float | None:
    """How many times the median of the last broadcasts this one is, when that is more than is usual."""
    recent = [size for size in earlier[-LOOKED_BACK:] if size > 0]
    if not recent:
        return None
    times = reached / median(recent)
    return times if times > UNUSUAL else None


def needs_second(reached: int, limit: int, strange: bool) -> bool:
    """Whether the count must be typed and another officer must approve."""
    return reached > limit or strange


class BadButton(ValueError):
    """A button cannot be as it was described; the message tells why."""


def button(what: str, label: str = "", url: str = "") -> dict[str, Any]:
    """A button under a message: "link" opens an address, "need" begins a form, "register:E001" books a seat. Raises
    BadButton."""
    named = " ".join(label.split())
    if len(named) > LONGEST_LABEL:
        raise BadButton(f"Chữ trên nút dài nhất {LONGEST_LABEL} ký tự.")
    if what == "link":
        if not named or not LINK.fullmatch(url.strip()):
            raise BadButton("Nút mở liên kết cần chữ trên nút và địa chỉ bắt đầu bằng https://")
        return {"label": named, "action": f"open:{url.strip()}", "also": []}
    if what == "need":
        return {"label": named or "Ghi nhu cầu", "action": "need:start", "also": ["ghi nhu cau", "ghi"]}
    kind, _, event_id = what.partition(":")
    if kind != "register" or not event_id:
        raise BadButton("Chưa có loại nút này.")
    return {"label": named or "Đăng ký tham dự", "action": what, "also": list(JOIN)}


def faults_of(
    title: str, text: str, buttons: tuple[dict[str, Any], ...] = (), pictures: int = 0, documents: int = 0
) -> list[str]:
    """What is wrong with the content, in words for the officer."""
    found = []
    if not title.strip():
        found.append("Chưa có tên để tìm lại.")
    if not text.strip():
        found.append("Chưa có nội dung.")
    if len(text) > MOST_CHARACTERS:
        found.append(f"Nội dung dài {len(text)} ký tự, nhiều nhất {MOST_CHARACTERS}.")
    strange = [name for name in FIELD.findall(text) if name not in FIELDS]
    if strange:
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        found.append(f"Không có ô điền {{{strange[0]}}}; chỉ có {known}.")
    if text.count("{") != text.count("}"):
        found.append("Có dấu { hoặc } lẻ.")
    if (pictures or documents) and len(text) > MOST_BESIDE_FILES:
        found.append(f"Có ảnh hoặc tệp kèm thì nội dung nhiều nhất {MOST_BESIDE_FILES} ký tự, nay {len(text)}.")
    if pictures > 1 or documents > 1:
        found.append("Mỗi tin kèm nhiều nhất một ảnh và một tệp.")
    if len(buttons) > MOST_BUTTONS:
        found.append(f"Nhiều nhất {MOST_BUTTONS} nút.")
    if len({one["label"] for one in buttons}) < len(buttons):
        found.append("Hai nút trùng chữ.")
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text as one person gets it; `values` by the names of FIELDS."""
    return FIELD.sub(lambda found: values.get(found[1], found[0]), text)


def wrong_time(worktime: WorkTime, at: datetime, now: datetime) -> str:
    """Why nothing may be scheduled for this instant; empty when it may."""
    if at < now - timedelta(minutes=1):
        return "Giờ hẹn đã qua."
    if worktime.may_broadcast(at):
        return ""
    why = worktime.why_quiet(at)
    return f"{say_time(at)} không gửi được: {why}. Sớm nhất là {say_time(worktime.next_broadcast(at))}."
