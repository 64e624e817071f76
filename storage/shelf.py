"""The answers as a list: the newest version of each, what is in use, what waits."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from domain.answer import AnswerState
from storage.database import Connection
from storage.tables import answer, answer_version


@dataclass(frozen=True)
class Entry:
    """One answer; `state` is that of the newest version, `in_use` the number of the newest approved one."""

    id: str
    kind: str
    topic: str
    question: str
    state: str
    number: int
    in_use: int | None
    author: str
    confidence: str
    valid_to: date | None
    verified_on: date | None


async def entries(db: Connection) -> list[Entry]:
    """All answers in the order of their ids."""
    columns = (
        answer.c.id,
        answer.c.kind,
        answer.c.topic,
        answer_version.c.question,
        answer_version.c.state,
        answer_version.c.number,
        answer_version.c.author,
        answer_version.c.confidence,
        answer_version.c.valid_to,
        answer_version.c.verified_on,
    )
    query = select(*columns).join(answer_version, answer_version.c.answer_id == answer.c.id)
    rows = (await db.execute(query.order_by(answer.c.id, answer_version.c.number))).all()
    used: dict[str, int] = {row.id: row.number for row in rows if row.state == AnswerState.APPROVED.value}
    newest = {row.id: row for row in rows}
    return [
        Entry(
            id=row.id,
            kind=row.kind,
            topic=row.topic,
            question=row.question,
            state=row.state,
            number=row.number,
            in_use=used.get(row.id),
            author=row.author,
            confidence=row.confidence,
            valid_to=row.valid_to,
            verified_on=row.verified_on,
        )
        for row in newest.values()
    ]
