"""An event as an entry for calendars (RFC 5545)."""

from icalendar import Calendar
from icalendar import Event as Entry

from conversation.reply import Gathering
from domain.event import LENGTH

NAME = "su-kien.ics"
MIME = "text/calendar"


def entry(gathering: Gathering) -> bytes:
    """The .ics file with a stable UID; a later version replaces the earlier entry."""
    made = Entry()
    made.add("uid", gathering.uid)
    made.add("sequence", gathering.sequence)
    made.add("dtstamp", gathering.start)
    made.add("dtstart", gathering.start)
    made.add("dtend", gathering.end or gathering.start + LENGTH)
    made.add("summary", gathering.title)
    if gathering.place:
        made.add("location", gathering.place)
    if gathering.organiser:
        made.add("description", f"Đơn vị tổ chức: {gathering.organiser}")
    if gathering.latitude is not None and gathering.longitude is not None:
        made.add("geo", (gathering.latitude, gathering.longitude))
    calendar = Calendar()
    calendar.add("prodid", "-//Nhip Cau//vi")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(made)
    made_of: bytes = calendar.to_ical()
    return made_of
