"""The kill switch: what of an answer, a topic or a programme was pulled, so that nothing of it leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update

from domain.answer import AnswerState
from storage import audit
from storage.database import Connection
from storage.officers import must_approve
from storage.tables import answer, answer_version, change_log, programme, pull

NOUNS = ("answer", "topic", "programme")


class NotPulled(Exception):
    """There is nothing to give back, or nobody has asked for it yet."""


@dataclass(frozen=True)
class Pull:
    """One pulled thing."""

    noun: str
    noun_id: str
    reason: str
    pulled_by: str
    pulled_at: datetime
    asked_back_by: str | None


def _open(noun: str, noun_id: str) -> tuple[object, ...]:
    return pull.c.noun == noun, pull.c.noun_id == noun_id, pull.c.ended_at.is_(None)


async def pull_back(db: Connection, noun: str, noun_id: str, actor: str, reason: str, now: datetime) -> bool:
    """Pulls an answer, a topic or a programme at once; False when it is pulled already. Raises ValueError."""
    known = {"answer": select(answer.c.id).where(answer.c.id == noun_id)}
    known["topic"] = select(answer.c.id).where(answer.c.topic == noun_id).limit(1)
    known["programme"] = select(programme.c.id).where(programme.c.id == noun_id)
    if noun not in NOUNS or (await db.execute(known[noun])).first() is None:
        raise ValueError(f"no {noun} {noun_id}")
    await must_approve(db, actor)
    held = select(pull.c.id).where(*_open(noun, noun_id))  # type: ignore[arg-type]
    if (await db.execute(held)).first() is not None:
        return False
    values = {"noun": noun, "noun_id": noun_id, "reason": reason, "pulled_by": actor, "pulled_at": now}
    await db.execute(pull.insert().values(**values))
    await audit.note(db, actor, "pull", noun, noun_id, now, reason)
    return True


async def ask_back(db: Connection, noun: str, noun_id: str, actor: str, reason: str, now: datetime) -> None:
    """Asks that a pulled thing be said again; another officer must approve. Raises NotPulled."""
    asked = update(pull).where(*_open(noun, noun_id)).values(asked_back_by=actor, asked_back_at=now)  # type: ignore[arg-type]
    if (await db.execute(asked.returning(pull.c.id))).first() is None:
        raise NotPulled(f"{noun} {noun_id} is not pulled")
    await audit.note(db, actor, "ask back", noun, noun_id, now, reason)


async def give_back(db: Connection, noun: str, noun_id: str, actor: str, reason: str, now: datetime) -> None:
    """Lets a pulled thing be said again; those who asked meanwhile are told by the watch. Raises NotPulled, NotAllowed."""
    held = (await db.execute(select(pull).where(*_open(noun, noun_id)))).first()  # type: ignore[arg-type]
    if held is None or held.asked_back_by is None:
        raise NotPulled(f"{noun} {noun_id} is not pulled, or nobody asked for it back")
    await must_approve(db, actor, other_than=held.asked_back_by)
    await db.execute(update(pull).where(pull.c.id == held.id).values(ended_by=actor, ended_at=now))
    await audit.note(db, actor, "give back", noun, noun_id, now, reason)
    await announce(db, noun, noun_id, now)


async def announce(db: Connection, noun: str, noun_id: str, now: datetime) -> None:
    """Puts into the change log that a thing may be said (again), so that the watch tells who waits for it."""
    await db.execute(change_log.insert().values(noun=noun, noun_id=noun_id, op="U", at=now))


OPEN = select(pull).where(pull.c.ended_at.is_(None)).order_by(pull.c.id.desc())


async def open_pulls(db: Connection) -> list[Pull]:
    """What is pulled now, newest first."""
    rows = (await db.execute(OPEN)).all()
    return [Pull(r.noun, r.noun_id, r.reason, r.pulled_by, r.pulled_at, r.asked_back_by) for r in rows]


async def stopped(db: Connection) -> frozenset[str]:
    """The ids of all answers and programmes of which nothing may leave now.

    A pulled topic stops all its answers; a pulled programme stops the answers that treat of it.
    """
    pulled = await open_pulls(db)
    if not pulled:
        return frozenset()
    answers, topics, programmes = ({p.noun_id for p in pulled if p.noun == noun} for noun in NOUNS)
    found = answers | programmes
    if topics:
        found |= set((await db.execute(select(answer.c.id).where(answer.c.topic.in_(topics)))).scalars())
    if programmes:
        approved = answer_version.c.state == AnswerState.APPROVED.value
        rows = await db.execute(select(answer_version.c.answer_id, answer_version.c.programmes).where(and_(approved)))
        found |= {row.answer_id for row in rows.all() if programmes & set(row.programmes or ())}
    return frozenset(found)


async def stops(db: Connection, ids: Iterable[str]) -> bool:
    """Whether any of these may not be said now."""
    wanted = set(ids)
    return bool(wanted & await stopped(db))
