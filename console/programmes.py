"""The programmes: list, one with its conditions and example firms, what a changed rule flips, its deadline."""

from datetime import date
from typing import Annotated, Any

from fastapi import Form, HTTPException, Response

from console.doors import Doors, Here, Refused, Visit
from domain.finder import Finding, Fit, Rule, assess, flips, read_rule
from domain.officer import Permission
from domain.programme import Programme, ended
from domain.text import plain
from domain.worktime import local
from knowledge.files import BadKnowledge
from knowledge.rules import read_rule_text, write_rule
from storage import audit, knowledge, pulls, rules

doors = Doors()
LONGEST = 20_000


@doors.see("/chuong-trinh", Permission.LOOK)
async def show_list(visit: Here, tim: str = "") -> Response:
    """All programmes; search without diacritics in names and id."""
    words = plain(tim[:100]).split()
    today = local(visit.now).date().isoformat()
    async with visit.desk.database.read() as db:
        held = list((await knowledge.programmes(db)).values())
        stopped = await pulls.stopped(db)
    found = [row for row in held if all(w in plain(f"{row.id} {row.name} {row.short_name}") for w in words)]
    gone = {row.id for row in held if ended(row, today)}
    return visit.page("programmes.html", rows=found, stopped=stopped, gone=gone, search=tim)


@doors.see("/chuong-trinh/{programme_id}", Permission.LOOK)
async def show(visit: Here, programme_id: str) -> Response:
    """One programme."""
    return await _page(visit, programme_id)


async def _page(visit: Visit, programme_id: str, status: int = 200, **values: Any) -> Response:
    async with visit.desk.database.read() as db:
        held = await _one(visit, programme_id)
        pulled = [p for p in await pulls.open_pulls(db) if (p.noun, p.noun_id) == ("programme", programme_id)]
        log = await audit.of(db, "programme", programme_id)
        otherwise = await _told_otherwise(visit, held)
    rule = read_rule(held)
    shown: dict[str, Any] = {
        "held": held,
        "rule": rule,
        "firms": _firms(visit, held, rule),
        "text": write_rule(held.data),
        "otherwise": otherwise,
        "pulled": pulled[0] if pulled else None,
        "log": log,
        "trial": None,
        "wrong": "",
        "reason": "",
    }
    return visit.page("programme.html", status, **{**shown, **values})


async def _one(visit: Visit, programme_id: str) -> Programme:
    async with visit.desk.database.read() as db:
        held = await knowledge.find_programme(db, programme_id)
    if held is None:
        raise HTTPException(404)
    return held


def _judge(visit: Visit, rule: Rule, profile: dict[str, Any]) -> Finding:
    facts = visit.desk.office.profiles.facts(profile, local(visit.now).date())
    needs = profile.get("need_kind") or ()
    return assess(rule, facts, frozenset([needs] if isinstance(needs, str) else needs))


def _firms(visit: Visit, held: Programme, rule: Rule | None) -> list[tuple[str, str, Finding]]:
    """The example firms: name, what was expected, what comes out."""
    rows = held.data.get("firms") or ()
    return [(row["name"], row["fit"], _judge(visit, rule, row["profile"])) for row in rows] if rule else []


async def _told_otherwise(visit: Visit, held: Programme) -> list[tuple[int, str, str]]:
    """Whom the finder told otherwise than the rule says now: (person, told, now)."""
    rule = read_rule(held)
    if rule is None:
        return []
    async with visit.desk.database.read() as db:
        return await rules.told_otherwise(db, held.id, lambda raw: _judge(visit, rule, dict(raw)).fit.value)


# --- changing the rule ------------------------------------------------------------------------------------------
@doors.do("/chuong-trinh/{programme_id}/quy-tac", Permission.APPROVE)
async def change_rule(
    visit: Here,
    programme_id: str,
    text: Annotated[str, Form(max_length=LONGEST)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    seen: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Tries a changed rule on the example firms; saves it once its outcome has been seen."""
    held = await _one(visit, programme_id)
    kept = {"text": text.replace("\r\n", "\n"), "reason": reason}
    try:
        changes = read_rule_text(kept["text"])
        after = read_rule(_with(held, changes))
    except (BadKnowledge, ValueError) as error:
        return await _page(visit, programme_id, 422, wrong=str(error), **kept)
    assert after is not None
    mark = rules.rule_mark({**held.data, **changes})
    before = read_rule(held) or Rule(held, ())
    turned = _turned(visit, held, before, after)
    if seen != mark or not reason.strip():
        wrong = "Ghi một câu: đổi theo văn bản nào." if seen == mark else ""
        trial = {"mark": mark, "flips": turned, "people": await _people_flipped(visit, held, after)}
        return await _page(visit, programme_id, 422 if wrong else 200, trial=trial, wrong=wrong, **kept)
    async with visit.desk.database.write() as db:
        await rules.change_programme(db, programme_id, changes, visit.officer.name, reason.strip(), visit.now)
    visit.desk.wake()
    return visit.go(f"/chuong-trinh/{programme_id}", f"rule-saved:{len(turned)}")


def _with(held: Programme, changes: dict[str, Any]) -> Programme:
    return Programme(**{**held.__dict__, "data": {**held.data, **changes}})


def _turned(visit: Visit, held: Programme, before: Rule, after: Rule) -> list[tuple[str, Fit, Fit]]:
    today = local(visit.now).date()
    facts = [
        (row["name"], visit.desk.office.profiles.facts(row["profile"], today)) for row in held.data.get("firms") or ()
    ]
    return flips(before, after, facts)


async def _people_flipped(visit: Visit, held: Programme, after: Rule) -> int:
    async with visit.desk.database.read() as db:
        return len(await rules.told_otherwise(db, held.id, lambda raw: _judge(visit, after, dict(raw)).fit.value))


@doors.do("/chuong-trinh/{programme_id}/han", Permission.APPROVE)
async def set_deadline(
    visit: Here,
    programme_id: str,
    day: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Sets the day on which applications close, or takes it away."""
    await _one(visit, programme_id)
    try:
        until = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise Refused("Ngày chưa đúng.") from error
    if not reason.strip():
        raise Refused("Ghi một câu: hạn này theo thông báo nào.")
    async with visit.desk.database.write() as db:
        await rules.set_deadline(db, programme_id, until, visit.officer.name, reason.strip(), visit.now)
    return visit.go(f"/chuong-trinh/{programme_id}", "saved")
