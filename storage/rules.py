"""Changing what the database holds of a programme; what the finder told whom, so that a changed rule finds them."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from storage import audit
from storage.changes import ask_review
from storage.database import Connection, insert_into
from storage.officers import must_approve
from storage.pulls import announce
from storage.tables import document, finding, programme


def rule_mark(data: Mapping[str, Any]) -> str:
    """The version of a programme's conditions: the same conditions have the same mark."""
    seen = json.dumps([data.get("conditions"), data.get("branches")], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(seen.encode()).hexdigest()[:12]


async def note_finding(
    db: Connection, person_id: int, programme_id: str, fit: str, facts: Mapping[str, Any], rule: str, now: datetime
) -> None:
    """Keeps what the finder told a person last about a programme, with the profile it was told from."""
    values = {"fit": fit, "facts": dict(facts), "rule": rule, "at": now}
    row = insert_into(db, finding).values(person_id=person_id, programme_id=programme_id, **values)
    await db.execute(row.on_conflict_do_update(index_elements=["person_id", "programme_id"], set_=values))


async def told_otherwise(
    db: Connection, programme_id: str, judge: Callable[[Mapping[str, Any]], str]
) -> list[tuple[int, str, str]]:
    """Whom the finder told otherwise than `judge` says now of the same profile: (person, told, now)."""
    rows = (await db.execute(select(finding).where(finding.c.programme_id == programme_id))).all()
    judged = [(row.person_id, row.fit, judge(row.facts or {})) for row in rows]
    return [row for row in judged if row[1] != row[2]]


async def change_programme(
    db: Connection, programme_id: str, changes: Mapping[str, Any], actor: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Changes keys of a programme's data (columns too, when named); returns the data before. Raises NotAllowed."""
    await must_approve(db, actor)
    held = (await db.execute(select(programme).where(programme.c.id == programme_id))).one()
    before: dict[str, Any] = dict(held.data or {})
    columns = {
        key: changes[key] for key in ("name", "short_name", "state", "effective_from", "effective_to") if key in changes
    }
    data = {**before, **changes}
    data.pop("newer", None)
    await db.execute(update(programme).where(programme.c.id == programme_id).values(data=data, **columns))
    told = {key: before.get(key) for key in changes}
    await audit.note(db, actor, "change", "programme", programme_id, now, reason, told, dict(changes))
    if rule_mark(before) != rule_mark(data):
        await ask_review(
            db, "programme", programme_id, f"rule {rule_mark(data)}: people may have been told otherwise", now
        )
    await announce(db, "programme", programme_id, now)
    return before


async def set_deadline(
    db: Connection, programme_id: str, day: date | None, actor: str, reason: str, now: datetime
) -> None:
    """Sets or takes away the day on which applications close. Raises NotAllowed."""
    held = (await db.execute(select(programme.c.data).where(programme.c.id == programme_id))).scalar_one()
    apply = {**((held or {}).get("apply") or {}), "deadline_date": day.isoformat() if day else None}
    await change_programme(db, programme_id, {"apply": apply}, actor, reason, now)


async def change_document(
    db: Connection, document_id: str, changes: Mapping[str, Any], actor: str, reason: str, now: datetime
) -> None:
    """Changes a document, for example its last day and what replaced it. Raises NotAllowed."""
    await must_approve(db, actor)
    held = (await db.execute(select(document.c.data).where(document.c.id == document_id))).scalar_one()
    data = {**held, **changes}
    await db.execute(update(document).where(document.c.id == document_id).values(data=data, shipped=None))
    before = {key: held.get(key) for key in changes}
    await audit.note(db, actor, "change", "document", document_id, now, reason, before, dict(changes))
