"""Shows what would be answered on another day: one turn that is answered as ever, then rolled back."""

import re
from datetime import date, datetime, time

from conversation.reply import Reply
from conversation.talk import Talk
from domain.text import fold
from domain.worktime import ZONE, say_day
from handlers import router
from handlers.turn import Office, Turn
from nlu.understanding import Context
from storage import people
from storage.database import Database

AT = time(9)
SEE = re.compile(
    r"^(?:cho (?:em |anh |chi )?)?xem (?:bot|tro ly|cau tra loi)(?: vao)? ngay "
    r"(?:(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>20\d\d)|(?P<y2>20\d\d)-(?P<m2>\d{1,2})-(?P<d2>\d{1,2}))$"
)
ENOUGH = frozenset(("thoi xem", "xem bot hom nay", "het xem", "thoat xem"))


class _Enough(Exception):
    """Ends the transaction without keeping anything."""


def day_to_see(text: str) -> date | None:
    """The day of "xem bot ngày 01/01/2027"; None for any other message."""
    found = SEE.match(fold(text).strip(" .?!"))
    if found is None:
        return None
    try:
        return date(*(int(found[name] or found[f"{name}2"]) for name in "ymd"))
    except ValueError:
        return None


def ends(text: str) -> bool:
    """Whether a message goes back to today."""
    return fold(text).strip(" .!") in ENOUGH


def opening(day: date) -> str:
    """What is said before the first rehearsed answer."""
    return f"Em trả lời như vào ngày {say_day(day)}, không ghi lại gì. Nhắn “thôi xem” để về hôm nay. Anh/chị hỏi câu nào ạ?"


def instant(day: date) -> datetime:
    """The hour at which a day is rehearsed: in the morning, in Việt Nam."""
    return datetime.combine(day, AT, ZONE)


async def rehearse(office: Office, database: Database, text: str, day: date, talk: Talk) -> Reply:
    """What would be answered to a message on a day; `talk` goes on, the database keeps nothing."""
    now = instant(day)
    kept: list[Reply] = []
    try:
        async with database.write() as db:
            who = await people.arrive(db, "terminal", "", "rehearsal", now)
            turn = Turn(
                office=office, db=db, person=await people.find(db, who.person_id), talk=talk, channel="terminal",
                text=text[:4096], said=office.mind.understand(text[:4096], Context(programme=talk.recall_programme(now)), now),
                now=now, address_id=who.id,
            )  # fmt: skip
            kept.append(await router.answer(turn))
            raise _Enough
    except _Enough:
        return kept[0]
