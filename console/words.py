"""How the console puts values into words: times, telephones, sizes; all that the templates may call by name."""

from datetime import date, datetime, timedelta
from typing import Any

from console import names
from console.deeds import NOUNS, VERBS, deed
from console.said import said_words, why
from domain.frames import Frame, standing
from domain.need import called
from domain.worktime import WEEKDAYS, local


def clock(at: datetime | None) -> str:
    """ "08:10 T2 07/12"."""
    if at is None:
        return ""
    here = local(at)
    return f"{here:%H:%M} {_short_day(here.date())} {here:%d/%m}"


def _short_day(day: date) -> str:
    return "CN" if day.weekday() == 6 else f"T{day.weekday() + 2}"


def full_time(at: datetime | None) -> str:
    """ "08:10 thứ Hai 07/12/2026"."""
    if at is None:
        return ""
    here = local(at)
    return f"{here:%H:%M} {WEEKDAYS[here.weekday()]} {here:%d/%m/%Y}"


def day(value: date | datetime | str | None) -> str:
    """ "07/12/2026"; a text is the ISO form of a day, or is left as it is."""
    if value is None:
        return ""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return str(value)
    return f"{local(value) if isinstance(value, datetime) else value:%d/%m/%Y}"


def how_long(at: datetime | None, now: datetime) -> str:
    """How far away an instant is, in the largest unit: "3 giờ", "2 ngày"."""
    if at is None:
        return ""
    span = abs(at - now)
    if span < timedelta(minutes=1):
        return "vừa xong" if at <= now else "ngay"
    if span < timedelta(hours=1):
        return f"{int(span.total_seconds() // 60)} phút"
    if span < timedelta(days=1):
        return f"{int(span.total_seconds() // 3600)} giờ"
    return f"{span.days} ngày"


def room(place: Any, now: datetime) -> str:
    """What may still be said to a person at an address, in words: the frame, then the messages that are left."""
    where = standing(place.channel, place.seen_at, now)
    told = f"đã nhắn {place.told} tin trong 7 ngày"
    if where.frame is Frame.OPEN or place.state != "active":
        return told
    until = clock(where.until) if where.until else ""
    frame = {
        Frame.FREE: f"nhắn không mất phí đến {until}",
        Frame.PAID: f"quá 48 giờ: chỉ việc của người này, mỗi tin mất phí, đến {until}",
        Frame.SHUT: "quá 7 ngày: chờ người này nhắn lại, hoặc gửi tin mẫu",
    }[where.frame]
    left = f", còn {place.remain}/{place.total} tin" if place.remain is not None and place.total is not None else ""
    return f"{told}; {frame}{left}"


def past(at: datetime, now: datetime) -> str:
    """ "3 giờ trước"."""
    words = how_long(at, now)
    return words if words == "vừa xong" else f"{words} trước"


def machine_time(at: datetime | None) -> str:
    """For the datetime attribute."""
    return at.isoformat() if at is not None else ""


def field_time(at: datetime | None) -> str:
    """For a field of date and time, by the clock of Việt Nam."""
    return f"{local(at):%Y-%m-%dT%H:%M}" if at is not None else ""


def masked_phone(phone: str | None) -> str:
    """0912***678."""
    if not phone:
        return ""
    shown = local_phone(phone)
    return f"{shown[:4]}***{shown[-3:]}" if len(shown) >= 9 else "***"


def local_phone(phone: str | None) -> str:
    """+84912345678 as people write it: 0912 345 678."""
    if not phone:
        return ""
    shown = "0" + phone[3:] if phone.startswith("+84") else phone
    return f"{shown[:4]} {shown[4:7]} {shown[7:]}" if len(shown) == 10 else shown


def kilobytes(size: int) -> str:
    """The size of a file, at least 1 kB."""
    return f"{thousands(max(1, round(size / 1000)))} kB"


def thousands(value: int) -> str:
    """1.940."""
    return f"{value:,}".replace(",", ".")


def initials(name: str | None) -> str:
    """What stands in for a face: the first letter of the given name."""
    return ((name or "?").split() or ["?"])[-1][:1].upper()


BROWSERS = (("Edg/", "Edge"), ("CocCoc", "Cốc Cốc"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "máy Mac"),
)


def browser(agent: str) -> str:
    """A browser as people call it: "Chrome trên Android"."""
    name = next((words for mark, words in BROWSERS if mark in agent), "Trình duyệt")
    system = next((words for mark, words in SYSTEMS if mark in agent), "")
    return f"{name} trên {system}" if system else name


def short(text: str, limit: int = 90) -> str:
    """One line of a text."""
    line = " ".join((text or "").split())
    return line if len(line) <= limit else line[: limit - 1].rstrip(" ,;:") + "…"


FILTERS: dict[str, Any] = {
    "clock": clock,
    "full_time": full_time,
    "day": day,
    "how_long": how_long,
    "past": past,
    "room": room,
    "machine_time": machine_time,
    "field_time": field_time,
    "masked": masked_phone,
    "phone": local_phone,
    "kilobytes": kilobytes,
    "thousands": thousands,
    "initials": initials,
    "short": short,
    "browser": browser,
    "said_words": said_words,
    "why": why,
    "deed": deed,
    "called": called,
}
NAMES: dict[str, Any] = {**names.GLOBALS, "VERBS": VERBS, "NOUNS": NOUNS}
