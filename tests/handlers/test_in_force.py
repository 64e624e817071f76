"""No reply about a programme, on any day, cites a document out of force without saying so, nor an unverified figure."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.wiring import System, open_system
from config.settings import Settings
from conversation.reply import Reply
from conversation.talk import Talk
from domain.document import Document, Force, force
from domain.programme import Programme
from domain.text import fold
from handlers import aspects, programmes
from handlers.turn import Turn
from nlu.model import Model
from nlu.understanding import Understanding
from storage import knowledge, people
from storage.database import Connection

SHORT = (date(2026, 11, 24), date(2031, 1, 2))
DAYS = (*SHORT, date(2025, 12, 31), date(2027, 1, 2), date(2036, 3, 1))
SAYS = re.compile(
    r"\b(?:het hieu luc|het ky|het phan|het giai doan|het han|da het|ket thuc|khong con|bai bo|bi thay|duoc thay|da thay|thay the|"
    r"chua chac|chua xac nhan|chua ro|chua co hieu luc|du thao|xac nhan|chuyen tiep|het tu|noi tiep)\b"
)
NOBODY = Understanding(text="", act="ask_programme", confidence=1.0, sure=True)


async def turn_of(system: System, db: Connection, day: date) -> Turn:
    now = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    who = await people.arrive(db, "terminal", "", "mai", now)
    return Turn(system.office, db, await people.find(db, who.person_id), Talk(met=True), "terminal", "", NOBODY, now)


def lines_with(text: str, paper: Document) -> list[str]:
    number = re.match(r"\d+(?:/\d{4})?", paper.id)
    held = [
        line for line in text.splitlines() if number and re.search(rf"(?<![\d/]){re.escape(number[0])}(?!\d)", line)
    ]
    return held or [text]


def hidden_figures(programme: Programme) -> set[str]:
    """The figures of a programme that nobody has verified, as they would be said."""
    rows = programme.data.get("supports") or ()
    sure = {str(row.get(key)) for row in rows if not row.get("unverified") for key in ("cap_vnd", "max_percent")}
    found = set()
    for row in rows:
        cap = row.get("cap_vnd")
        if row.get("unverified") and cap and str(cap) not in sure:
            found |= {f"{cap / 1e6:g} triệu".replace(".", ","), f"{cap:,}".replace(",", ".")}
    return found


async def replies(turn: Turn, programme: Programme) -> list[Reply]:
    told = [await programmes.say_programme(turn, programme)]
    told += [await aspects.say(turn, programme, aspect) for aspect in aspects.ASPECTS]
    return told


async def check(system: System, days: tuple[date, ...]) -> int:
    said = 0
    async with system.database.write() as db:
        papers = await knowledge.documents(db)
        for day in days:
            turn = await turn_of(system, db, day)
            for programme in (await knowledge.programmes(db)).values():
                for reply in await replies(turn, programme):
                    said += 1
                    assert reply.long or len(reply.text) <= 600, f"{programme.id}: {len(reply.text)}\n{reply.text}"
                    assert not [figure for figure in hidden_figures(programme) if figure in reply.text], reply.text
                    for paper in papers.known(reply.text):
                        if force(paper, day) is Force.HOLDS:
                            continue
                        told = [line for line in lines_with(reply.text, paper) if SAYS.search(fold(line))]
                        assert told, f"{programme.id} on {day} cites {paper.id} ({force(paper, day)}):\n{reply.text}"
    return said


@pytest.mark.asyncio
@pytest.mark.parametrize("days", [SHORT, pytest.param(DAYS, marks=pytest.mark.long)], ids=["two", "all"])
async def test_programmes(tmp_path: Path, mind: Model, days: tuple[date, ...]) -> None:
    """On SQLite only: the words do not depend on the kind of database."""
    system = await open_system(Settings(), f"sqlite:///{tmp_path}/test.db", samples=False)
    assert await check(system, days) > 250 * len(days)
    await system.database.close()
