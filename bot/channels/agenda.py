"""An event as an entry for the calendar of a phone."""

from datetime import timedelta

from icalendar import Calendar, Event

from conversation.reply import Gathering

FILE_NAME = "su-kien.ics"


def entry_of(gathering: Gathering) -> bytes:
    """The event as an .ics file with a stable UID; a later version replaces the earlier entry."""
    entry = Event()
    entry.add("uid", gathering.uid)
    entry.add("sequence", gathering.sequence)
    entry.add("dtstamp", gathering.start)
    entry.add("dtstart", gathering.start)
    entry.add("dtend", gathering.end or gathering.start + timedelta(hours=3))
    entry.add("summary", gathering.title)
    if gathering.place:
        entry.add("location", gathering.place)
    if gathering.organiser:
        entry.add("description", f"Đơn vị tổ chức: {gathering.organiser}")
    if gathering.latitude is not None and gathering.longitude is not None:
        entry.add("geo", (gathering.latitude, gathering.longitude))
    calendar = Calendar()
    calendar.add("prodid", "-//Nhip Cau//vi")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    made: bytes = calendar.to_ical()
    return made
