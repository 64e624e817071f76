"""The answers: list, one with its versions and differences, drafting, review, approval, the switch."""

from collections.abc import Awaitable
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Form, HTTPException, Response

from config.logging import mask
from console.differences import difference
from console.doors import Doors, Here, Refused, Visit
from console.names import CONFIDENCES, TOPICS
from domain.answer import AnswerState, AnswerVersion
from domain.officer import Permission
from domain.text import plain
from domain.worktime import local, say_day
from storage import audit, editions, knowledge, people, pulls, reviews, shelf, talks
from storage.codes import next_code
from storage.database import Connection
from storage.editions import WrongState
from storage.officers import NotAllowed
from storage.pulls import NotPulled

doors = Doors()
PAGE = 40
STATES = list(AnswerState)
DAYS = ("valid_from", "valid_to", "verified_on")


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    return plain(text)


@doors.see("/tra-loi", Permission.LOOK)
async def show_list(visit: Here, tim: str = "", sau: int = 0) -> Response:
    """All answers; search without diacritics in id, question, topic."""
    asked = visit.request.query_params
    state, topic = asked.get("trang-thai", ""), asked.get("chu-de", "")
    async with visit.desk.database.read() as db:
        entries = await shelf.entries(db)
        stopped = await pulls.stopped(db)
    words = plain(tim[:100]).split()
    counts = {one.value: sum(entry.state == one.value for entry in entries) for one in STATES}
    found = [
        entry
        for entry in entries
        if (not state or entry.state == state or (state == "tat" and entry.id in stopped))
        and (not topic or entry.topic == topic)
        and all(
            word in _folded(f"{entry.id} {entry.question} {TOPICS.get(entry.topic, entry.topic)}") for word in words
        )
    ]
    values: dict[str, Any] = {
        "rows": found[sau : sau + PAGE],
        "total": len(found),
        "stopped": stopped,
        "counts": counts,
    }
    values |= {"state": state, "topic": topic, "search": tim, "topics": sorted({entry.topic for entry in entries})}
    older = sau + PAGE if len(found) > sau + PAGE else None
    template = "answers_list.html" if visit.partial else "answers.html"
    return visit.page(template, **values, states=STATES, older=older, off=sum(e.id in stopped for e in entries))


# --- one answer -------------------------------------------------------------------------------------------------
@doors.see("/tra-loi/{answer_id}", Permission.LOOK)
async def show_answer(visit: Here, answer_id: str, ngay: str = "") -> Response:
    """One answer with its versions; `ngay` asks how it stands on another day."""
    return await _page(visit, answer_id, day=_day(ngay))


async def _page(visit: Visit, answer_id: str, status: int = 200, day: date | None = None, **values: Any) -> Response:
    today = local(visit.now).date()
    async with visit.desk.database.read() as db:
        held = await _versions(db, answer_id)
        current, standing = await knowledge.answer_on(db, answer_id, day or today)
        pulled = [one for one in await pulls.open_pulls(db) if one.noun == "answer" and one.noun_id == answer_id]
        log = await audit.of(db, "answer", answer_id)
        waiting = await editions.count_waiting(db, answer_id)
        near = await knowledge.questions(db, await reviews.twins(db, answer_id))
    newest = held[-1]
    shown: dict[str, Any] = {
        "newest": newest,
        "current": current,
        "standing": standing,
        "versions": _changes(held),
        "pulled": pulled[0] if pulled else None,
        "log": log,
        "whys": _whys(log),
        "waiting": waiting,
        "near": near,
        "day": day,
        "told": _told(newest),
        "wrong": {},
        "today": today,
    }
    return visit.page("answer.html", status, **{**shown, **values})


async def _versions(db: Connection, answer_id: str) -> list[AnswerVersion]:
    held = await knowledge.versions_of(db, answer_id)
    if not held:
        raise HTTPException(404)
    return held


def _whys(log: list[audit.Entry]) -> dict[int, str]:
    """Why each version was written, by its id; the newest reason counts."""
    told = [(entry.after, entry.reason) for entry in reversed(log) if entry.verb == "draft"]
    return {after["version"]: reason for after, reason in told if reason and after and "version" in after}


def _basis(version: AnswerVersion) -> str:
    return "\n".join(
        " | ".join(part for part in (row.get("label"), row.get("article")) if part) for row in version.basis
    )


def _told(version: AnswerVersion) -> dict[str, str]:
    """What the form shows."""
    dates = {name: getattr(version, name) for name in DAYS}
    return {
        "question": version.question,
        "short": version.short,
        "full": version.full,
        "basis": _basis(version),
        "confidence": version.confidence,
        **{name: day.isoformat() if day else "" for name, day in dates.items()},
    }


def _words(version: AnswerVersion) -> dict[str, str]:
    """What is compared between versions, under the names officers know."""
    told = _told(version)
    told["confidence"] = CONFIDENCES.get(version.confidence, version.confidence)
    told |= {name: say_day(date.fromisoformat(told[name])) for name in DAYS if told[name]}
    names = {"question": "Câu hỏi", "short": "Trả lời ngắn", "full": "Trả lời đầy đủ", "basis": "Căn cứ"}
    names |= {"valid_from": "Dùng từ", "valid_to": "Dùng đến", "verified_on": "Kiểm ngày", "confidence": "Độ chắc"}
    return {label: told[name] for name, label in names.items()}


def _changes(held: list[AnswerVersion]) -> list[tuple[AnswerVersion, Any]]:
    pairs = zip(held, [None, *held[:-1]], strict=True)
    rows = [(one, difference(_words(before), _words(one)) if before else []) for one, before in pairs]
    return list(reversed(rows))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# --- writing ----------------------------------------------------------------------------------------------------
def _read(told: dict[str, str], newest: AnswerVersion) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of a version out of the form; what is wrong with it."""
    wrong = {name: "Ô này cần có chữ." for name in ("question", "short") if not told[name]}
    if len(told["short"]) > 450:
        wrong["short"] = f"Trả lời ngắn tối đa 450 ký tự, đang là {len(told['short'])}; phần dài để ở ô dưới."
    days = {name: _day(told[name]) for name in DAYS}
    wrong |= {name: "Ngày chưa đúng." for name, day in days.items() if told[name] and day is None}
    since, until = days["valid_from"], days["valid_to"]
    if since and until and until < since:
        wrong["valid_to"] = "Ngày hết phải sau ngày bắt đầu."
    if days["verified_on"] is None:
        wrong.setdefault("verified_on", "Ghi ngày anh/chị đối chiếu với văn bản.")
    known = {str(row.get("label")): dict(row) for row in newest.basis}
    basis = []
    for line in told["basis"].splitlines():
        label, _, article = (part.strip() for part in line.partition("|"))
        if label:
            row = known.get(label, {"document": label, "label": label, "confirmed": True})
            basis.append({**row, "article": article or None})
    confidence = told["confidence"] if told["confidence"] in ("high", "medium", "low") else "medium"
    fields = {"question": told["question"], "short": told["short"], "full": told["full"] or told["short"]}
    return {**fields, **days, "basis": basis, "confidence": confidence}, wrong


@doors.do("/tra-loi/{answer_id}/soan", Permission.WRITE)
async def write(visit: Here, answer_id: str) -> Response:
    """Keeps a draft; an approved version stays as it is until the draft is approved."""
    form = await visit.request.form()
    names = ("question", "short", "full", "basis", *DAYS, "confidence")
    told = {name: str(form.get(name, "")).strip().replace("\r\n", "\n")[:6000] for name in names}
    reason = str(form.get("reason", "")).strip()[:500]
    async with visit.desk.database.read() as db:
        newest = (await _versions(db, answer_id))[-1]
    fields, wrong = _read(told, newest)
    if not reason:
        wrong["reason"] = "Ghi một câu: sửa vì văn bản nào, ai báo."
    if wrong:
        return await _page(visit, answer_id, 422, told={**told, "reason": reason}, wrong=wrong)
    async with visit.desk.database.write() as db:
        if newest.state is AnswerState.DRAFT:
            await _try(editions.rewrite(db, newest.id, fields, visit.officer.name, reason, visit.now))
        else:
            await editions.draft(db, answer_id, fields, visit.officer.name, reason, visit.now)
    return visit.go(f"/tra-loi/{answer_id}", f"drafted:{answer_id}")


async def _try(deed: Awaitable[Any]) -> Any:
    """Does a deed; what it refuses is told in words."""
    try:
        return await deed
    except WrongState as error:
        raise Refused("Bản này vừa được người khác chuyển bước. Anh/chị tải lại trang để xem.") from error
    except NotAllowed as error:
        raise Refused("Người soạn không tự duyệt bản của mình; nhờ một người duyệt khác.") from error
    except (NotPulled, ValueError) as error:
        raise Refused("Câu này không ở trạng thái đó nữa. Anh/chị tải lại trang để xem.") from error


@doors.do("/tra-loi/tu-loi", Permission.WRITE)
async def draft_from_words(visit: Here, line: Annotated[int, Form()]) -> Response:
    """Makes a draft answer out of an officer's words in a talk, without personal data."""
    async with visit.desk.database.write() as db:
        said = await talks.line(db, line)
        if said is None or said.by in ("person", "bot"):
            raise HTTPException(404)
        asked = await talks.question_before(db, line)
        name = await people.name_behind(db, line)
        answer_id = (await next_code(db, "CB")).lower()
        words = _scrubbed(said.text, name)
        fields = {
            "question": _scrubbed(asked, name)[:300] or "Câu hỏi chưa ghi",
            "short": words[:450],
            "full": words,
            "topic": "từ trò chuyện",
            "confidence": "medium",
            "verified_on": local(visit.now).date(),
        }
        await editions.draft(db, answer_id, fields, visit.officer.name, "từ lời trong trò chuyện", visit.now)
    return visit.go(f"/tra-loi/{answer_id}", f"drafted:{answer_id}")


def _scrubbed(text: str, name: str | None) -> str:
    """The words without phone numbers and the person's name."""
    clean = mask(text).replace("[phone]", "…").replace("[token]", "…")
    for part in sorted((name or "").split(), key=len, reverse=True):
        if len(part) > 1:
            clean = clean.replace(part, "…")
    return clean.strip()


# --- the road of a version --------------------------------------------------------------------------------------
@doors.do("/tra-loi/{answer_id}/{number}/gui-duyet", Permission.WRITE)
async def submit(
    visit: Here, answer_id: str, number: int, reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """Sends a draft to review."""
    async with visit.desk.database.write() as db:
        version = await _one(db, answer_id, number)
        await _try(editions.submit(db, version.id, visit.officer.name, reason, visit.now))
    return visit.go(f"/tra-loi/{answer_id}", "in-review")


async def _one(db: Connection, answer_id: str, number: int) -> AnswerVersion:
    found = next((one for one in await _versions(db, answer_id) if one.number == number), None)
    if found is None:
        raise HTTPException(404)
    return found


@doors.do("/tra-loi/{answer_id}/{number}/duyet", Permission.APPROVE)
async def approve(
    visit: Here, answer_id: str, number: int, reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """Approves a version that somebody else wrote."""
    async with visit.desk.database.write() as db:
        version = await _one(db, answer_id, number)
        await _try(editions.approve(db, version.id, visit.officer.name, reason, visit.now))
    visit.desk.wake()
    return visit.go(f"/tra-loi/{answer_id}", "approved")


@doors.do("/tra-loi/{answer_id}/{number}/tra-lai", Permission.APPROVE)
async def send_back(
    visit: Here, answer_id: str, number: int, reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """Gives a version in review back to its author."""
    async with visit.desk.database.write() as db:
        version = await _one(db, answer_id, number)
        await _try(editions.send_back(db, version.id, visit.officer.name, _reasoned(reason), visit.now))
    return visit.go(f"/tra-loi/{answer_id}", "sent-back")


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise Refused("Việc này cần một lý do.")
    return reason.strip()


@doors.do("/tra-loi/{answer_id}/{number}/rut", Permission.APPROVE)
async def withdraw(
    visit: Here, answer_id: str, number: int, reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """Takes an approved version back for good."""
    async with visit.desk.database.write() as db:
        version = await _one(db, answer_id, number)
        await _try(editions.withdraw(db, version.id, visit.officer.name, _reasoned(reason), visit.now))
    return visit.go(f"/tra-loi/{answer_id}", "withdrawn")


# --- the switch -------------------------------------------------------------------------------------------------
@doors.do("/tra-loi/{answer_id}/tat", Permission.SWITCH_OFF)
async def switch_off(visit: Here, answer_id: str, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Lets nothing of an answer leave from now on, in any process."""
    async with visit.desk.database.write() as db:
        await _versions(db, answer_id)
        words = (visit.officer.name, _reasoned(reason), visit.now)
        await _try(pulls.pull_back(db, "answer", answer_id, *words))
    visit.desk.wake()
    return visit.go(f"/tra-loi/{answer_id}", "switched-off")


@doors.do("/tra-loi/{answer_id}/xin-bat", Permission.WRITE)
async def ask_on(visit: Here, answer_id: str, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Asks that a switched-off answer be said again."""
    async with visit.desk.database.write() as db:
        await _try(pulls.ask_back(db, "answer", answer_id, visit.officer.name, _reasoned(reason), visit.now))
    return visit.go(f"/tra-loi/{answer_id}", "asked-back")


@doors.do("/tra-loi/{answer_id}/bat", Permission.APPROVE)
async def switch_on(visit: Here, answer_id: str, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Lets an answer be said again, on somebody else's asking."""
    async with visit.desk.database.write() as db:
        await _try(pulls.give_back(db, "answer", answer_id, visit.officer.name, reason, visit.now))
    visit.desk.wake()
    return visit.go(f"/tra-loi/{answer_id}", "switched-on")
