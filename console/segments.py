"""The segments: who fits, by which conditions, kept under a name; the form that messages to many share."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, HTTPException, Response

from console.doors import Doors, Here, Refused, Visit
from domain.broadcast import Count
from domain.officer import Permission
from domain.segment import TRAIT_WORDS, All, BadSegment, Either, Is, Not, Segment, Trait, read, words, write
from handlers import audiences
from handlers import frames as telling
from handlers.audiences import Names
from storage import audit, segments
from storage.database import Connection

doors = Doors()
ROWS = 5  # conditions of one form; more by naming a kept segment
TIRED = Is(Trait.RECENT, (str(segments.TOO_MANY),))  # has had enough this week
EMPTY: Mapping[str, Any] = {"join": "all", "conditions": [], "chosen": "", "but": "", "rested": False}
CHOSEN = [trait for trait in Trait if trait not in (Trait.PERSON, Trait.SAVED)]


def read_form(form: Mapping[str, Any], known: Names | None = None) -> Segment:
    """The segment that a form describes: a kept one, conditions joined by and/or, each with or without "not"; values
    may be written by their names in `known`. Raises BadSegment."""
    parts: list[Segment] = []
    for number in range(ROWS):
        trait = str(form.get(f"trait-{number}", ""))
        text = str(form.get(f"values-{number}", ""))
        if not trait or not text.strip(" ,"):
            continue
        values = audiences.said(Trait(trait), text, known or {}) if trait in set(Trait) else [text]
        part = read({trait: [_number(one) for one in values] if trait == Trait.REACHED.value else values})
        parts.append(Not(part) if form.get(f"not-{number}") else part)
    joined: Segment = Either(tuple(parts)) if form.get("join") == "any" and parts else All(tuple(parts))
    kept = str(form.get("segment", ""))
    if kept.isdigit():
        joined = All((Is(Trait.SAVED, (kept,)), joined)) if parts else Is(Trait.SAVED, (kept,))
    but = _number(str(form.get("but", "")))
    left_out = (Not(Is(Trait.REACHED, (but,))),) if but.isdigit() else ()
    rested = (Not(TIRED),) if form.get("rested") else ()
    return All((joined, *left_out, *rested)) if left_out or rested else joined


def _number(code: str) -> str:
    """The number in a code: "12" of "TB-0012"."""
    return code.strip().upper().removeprefix("TB-").lstrip("0")


def as_form(rule: Segment, known: Names | None = None) -> dict[str, Any]:
    """What a form must hold to describe the rule; `whole` is False when no form can, and then it stays empty."""
    held: dict[str, Any] = {**EMPTY, "conditions": [], "whole": True}
    rest = rule
    match rest:
        case All((inner, *left_out, Not(Is() as last))) if last == TIRED:
            held["rested"], rest = True, All((inner, *left_out)) if left_out else inner
    match rest:
        case All((inner, Not(Is(Trait.REACHED, (code,))))):
            held["but"], rest = f"TB-{int(code):04d}", inner
    match rest:
        case All((Is(Trait.SAVED, (kept,)), inner)):
            held["chosen"], rest = kept, inner
        case Is(Trait.SAVED, (kept,)):
            held["chosen"], rest = kept, All()
    parts = rest.parts if isinstance(rest, All | Either) else (rest,)
    for part in parts:
        inner = part.part if isinstance(part, Not) else part
        if isinstance(inner, Is) and inner.trait in CHOSEN:
            named = (known or {}).get(inner.trait, {})
            told = ", ".join(named.get(value, _shown(inner.trait, value)) for value in inner.values)
            held["conditions"].append((isinstance(part, Not), inner.trait.value, told))
    held["join"] = "any" if isinstance(rest, Either) else "all"
    nobody = isinstance(rest, Either) and not parts
    if len(held["conditions"]) < len(parts) or len(parts) > ROWS or nobody:
        return {**EMPTY, "conditions": [], "whole": False}
    return held


def _shown(trait: Trait, value: str) -> str:
    return f"TB-{int(value):04d}" if trait is Trait.REACHED else value


async def choices(db: Connection) -> dict[str, Any]:
    """What the form of conditions offers."""
    known = await audiences.names(db)
    offered = {trait.value: list(dict.fromkeys(listed.values())) for trait, listed in known.items() if trait in CHOSEN}
    return {
        "known": known,
        "offered": offered,
        "traits": [(trait.value, TRAIT_WORDS[trait]) for trait in CHOSEN],
        "kept": await segments.all_kept(db),
        "rows_shown": ROWS,
    }


async def counted(visit: Visit, db: Connection, rule: Segment) -> dict[str, Any]:
    """The count with sampled names; contacts are names only, never numbers."""
    terms = visit.desk.office.terms
    try:
        count = await segments.count(db, rule, visit.now, terms)
        sample = await segments.sample(db, rule, visit.now, terms)
    except BadSegment as error:
        return {"count": Count({}, {}), "sample": [], "bad": str(error), "rule_words": words(rule)}
    told = {"frames": await telling.told(db, count, visit.now, terms)}
    return {"count": count, "sample": sample, "bad": "", "rule_words": await audiences.told(db, rule), **told}


@doors.see("/nhom", Permission.LOOK)
async def show_list(visit: Here) -> Response:
    """All kept segments."""
    async with visit.desk.database.read() as db:
        rows = [(one, await audiences.told(db, one.rule)) for one in await segments.all_kept(db)]
        shown = await choices(db)
    return visit.page("segments.html", rows=rows, **shown, **EMPTY)


@doors.see("/nhom/dem", Permission.LOOK)
async def show_count(visit: Here) -> Response:
    """How many the conditions of a form hold, while it is being filled in."""
    async with visit.desk.database.read() as db:
        try:
            rule = read_form(visit.request.query_params, await audiences.names(db))
        except BadSegment as error:
            empty: dict[str, Any] = {"count": Count({}, {}), "sample": [], "bad": str(error), "rule_words": ""}
            return visit.page("count.html", **empty)
        return visit.page("count.html", **await counted(visit, db, rule))


@doors.see("/nhom/{number}", Permission.LOOK)
async def show_segment(visit: Here, number: int) -> Response:
    """One kept segment with its count."""
    async with visit.desk.database.read() as db:
        held = await segments.find(db, number)
        if held is None:
            raise HTTPException(404)
        shown = {**await choices(db), **await counted(visit, db, held.rule)}
        shown |= as_form(held.rule, shown["known"])
        log = await audit.of(db, "segment", str(number))
    return visit.page("segment.html", held=held, log=log, **shown)


@doors.do("/nhom", Permission.SEND)
async def keep(visit: Here, name: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Keeps the conditions under a name."""
    if not name.strip():
        raise Refused("Nhóm cần một tên.")
    form = await visit.request.form()
    async with visit.desk.database.write() as db:
        try:
            rule = read_form(form, await audiences.names(db))
            kept = await segments.keep(db, name, rule, visit.officer.name, visit.now)
        except BadSegment as error:
            raise Refused(str(error)) from error
        after = {"nhóm": await audiences.told(db, rule)}
        await audit.note(db, visit.officer.name, "keep_segment", "segment", str(kept), visit.now, after=after)
    return visit.go(f"/nhom/{kept}", "saved")


@doors.do("/nhom/{number}/xoa", Permission.SEND)
async def forget(visit: Here, number: int) -> Response:
    """Drops a kept segment."""
    async with visit.desk.database.write() as db:
        held = await segments.find(db, number)
        if held is None:
            raise HTTPException(404)
        await segments.forget(db, number)
        before = {"nhóm": str(write(held.rule))}
        await audit.note(db, visit.officer.name, "forget_segment", "segment", str(number), visit.now, before=before)
    return visit.go("/nhom", "forgotten")
