"""Truth over time: what may be said on which day, the kill switch, promised answers."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.chat import Talk
from bot.watch import handle_changes
from bot.wiring import System
from domain.answer import AnswerState, AnswerVersion, Standing, in_charge, standing
from domain.document import Document, Documents, DocumentState, Force, force
from domain.text import fold
from handlers import answers
from handlers.sources import basis_line, force_notes
from knowledge.library import load
from storage import editions, knowledge, outbox, pulls, reviews
from storage.officers import NotAllowed
from storage.outbox import Reply
from storage.tables import answer_shown, audit, officer
from storage.tables import outbox as outbox_table

NOW = datetime(2026, 12, 7, 1, tzinfo=UTC)  # Monday 08:00 in Việt Nam
DAYS = (date(2026, 11, 24), date(2027, 1, 2), date(2027, 7, 1), date(2031, 1, 2), date(2036, 3, 1))
SAYS = re.compile(
    r"\b(?:het hieu luc|het ky|het phan|het giai doan|het han|da het|het tu|ket thuc|khong con|bai bo|bi thay|duoc thay|"
    r"da thay|thay the|chua chac|chua xac nhan|chua dam chac|chua ro|chua co hieu luc|du thao|xac nhan|dieu le cu|"
    r"du an cu|nam 2020)\b"
)


async def officers(system: System) -> None:
    async with system.database.write() as db:
        for name, role in (("Lan", "officer"), ("Hùng", "approver"), ("Trang", "admin")):
            await db.execute(officer.insert().values(name=name, role=role, created_at=NOW))


async def talk_of(system: System, now: datetime = NOW, person: str = "mai") -> Talk:
    talk = Talk(system, person, now)
    await talk.begin()
    return talk


# --- one function decides ---------------------------------------------------------------------------------------
def version(number: int = 1, state: AnswerState = AnswerState.APPROVED, **kept: object) -> AnswerVersion:
    base = {"id": number, "answer_id": "a", "kind": "answer", "topic": "t", "question": "?", "short": "s", "full": "f"}
    dates = {"valid_from": None, "valid_to": None, "verified_on": date(2026, 11, 23), "confidence": "high"}
    return AnswerVersion(**{**base, **dates, **kept}, state=state, basis=(), programmes=(), number=number)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kept", "day", "held"),
    [
        ({}, date(2026, 12, 7), Standing.SAY),
        ({"valid_to": date(2026, 12, 31)}, date(2026, 12, 31), Standing.SAY),
        ({"valid_to": date(2026, 12, 31)}, date(2027, 1, 1), Standing.NOT_NOW),
        ({"valid_from": date(2027, 1, 1)}, date(2026, 12, 31), Standing.NOT_NOW),
        ({"valid_from": date(2027, 1, 1)}, date(2027, 1, 1), Standing.SAY),
        ({"confidence": "low"}, date(2026, 12, 7), Standing.UNSURE),
        ({"state": AnswerState.DRAFT}, date(2026, 12, 7), Standing.NOT_NOW),
        ({"state": AnswerState.IN_REVIEW}, date(2026, 12, 7), Standing.NOT_NOW),
        ({"state": AnswerState.WITHDRAWN}, date(2026, 12, 7), Standing.NOT_NOW),
    ],
)
def test_what_may_be_said(kept: dict[str, object], day: date, held: Standing) -> None:
    assert standing(version(**kept), day) is held  # type: ignore[arg-type]
    assert standing(version(**kept), day, pulled=True) is Standing.PULLED  # type: ignore[arg-type]
    assert standing(None, day) is Standing.NOT_NOW


def test_an_older_version_never_comes_back() -> None:
    old, new = version(1), version(2, valid_to=date(2026, 12, 31))
    assert in_charge([old, new], date(2026, 12, 7)) is new
    charged = in_charge([old, new], date(2027, 1, 1))
    assert charged is new
    assert standing(charged, date(2027, 1, 1)) is Standing.NOT_NOW
    following = version(3, valid_from=date(2027, 1, 1))
    assert in_charge([old, new, following], date(2026, 12, 31)) is new
    assert in_charge([old, new, following], date(2027, 1, 1)) is following


# --- documents --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("document", "day", "held"),
    [
        (Document("1/2020/NĐ-CP", "decree", "t", since="2020-05-01"), date(2020, 4, 30), Force.NOT_YET),
        (Document("1/2020/NĐ-CP", "decree", "t", since="2020-05-01"), date(2020, 5, 1), Force.HOLDS),
        (Document("1/2020/NĐ-CP", "decree", "t", until="2025-10-13"), date(2025, 10, 13), Force.HOLDS),
        (Document("1/2020/NĐ-CP", "decree", "t", until="2025-10-13"), date(2025, 10, 14), Force.OVER),
        (Document("1/2020/NĐ-CP", "decree", "t", until="2025"), date(2025, 12, 31), Force.HOLDS),
        (Document("1/2020/NĐ-CP", "decree", "t", DocumentState.UNSURE), date(2026, 1, 1), Force.UNSURE),
        (Document("1/2020/NĐ-CP", "decree", "t", DocumentState.REPEALED), date(2026, 1, 1), Force.OVER),
        (Document("1/2020/NĐ-CP", "decree", "t", DocumentState.DRAFT), date(2026, 1, 1), Force.NOT_YET),
    ],
)
def test_force_of_a_document(document: Document, day: date, held: Force) -> None:
    assert force(document, day) is held


def shipped_documents() -> Documents:
    return Documents(knowledge.as_document(item.model_dump(mode="json")) for item in load().documents)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("nd 80/2021 hỗ trợ gì", ["80/2021/NĐ-CP"]),
        ("Nghị định số 13/2019/NĐ-CP", ["13/2019/NĐ-CP"]),
        ("QĐ 118, 2205, 1322", ["118/QĐ-TTg", "2205/QĐ-TTg", "1322/QĐ-TTg"]),
        ("theo 60/2026/TT-BTC", ["60/2026/TT-BTC"]),
        ("luat khoa hoc cong nghe 2013 con khong", ["Luật Khoa học và công nghệ 2013"]),
        ("NQ 198/2025/QH15 và KH 240/KH-UBND", ["198/2025/QH15", "240/KH-UBND"]),
        ("hạn 12/2026, còn 24 ngày, 80 triệu", []),
    ],
)
def test_documents_are_found_by_number(text: str, ids: list[str]) -> None:
    assert [paper.id for paper in shipped_documents().known(text)] == ids


def test_every_basis_is_a_known_document_or_no_document_at_all() -> None:
    papers = shipped_documents()
    for item in load().answers:
        for row in item.basis:
            numbered = re.search(r"\d+/\d{4}/[A-ZĐ]|/QĐ-|/KH-|/TT-|/NQ-", row.label)
            assert not numbered or papers.known(row.label), f"{item.id}: {row.label}"


def lines_with(text: str, paper: Document) -> Iterator[str]:
    number = re.match(r"\d+(?:/\d{4})?", paper.id)
    for line in text.splitlines():
        by_number = number and re.search(rf"(?<![\d/]){re.escape(number[0])}(?![\d])", line)
        if by_number or any(fold(name) in fold(line) for name in paper.names):
            yield line


@pytest.mark.asyncio
@pytest.mark.parametrize("day", DAYS, ids=str)
async def test_no_reply_cites_a_document_out_of_force_without_saying_so(system: System, day: date) -> None:
    """All answers, short and full, on days far apart."""
    now = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    said = 0
    async with system.database.read() as db:
        papers = await knowledge.documents(db)
        for item in load().answers:
            found, held = await knowledge.answer_on(db, item.id, day)
            if found is None or held is not Standing.SAY:
                continue
            for full in (False, True):
                reply = answers.worded(found, papers, now, full)
                said += 1
                assert full or len(reply.text) <= 600, item.id
                for paper in papers.known(reply.text):
                    if force(paper, day) is Force.HOLDS:
                        continue
                    told = [line for line in lines_with(reply.text, paper) if SAYS.search(fold(line))]
                    assert told, f"{item.id} on {day} cites {paper.id}:\n{reply.text}"
    assert said > 200


def test_marks_in_the_source_line() -> None:
    papers = shipped_documents()
    rows = [
        {"label": "Nghị định 13/2019/NĐ-CP", "article": "Điều 6", "confirmed": True},
        {"label": "Nghị định 268/2025/NĐ-CP", "article": "Điều 49", "confirmed": True},
    ]
    line = basis_line(rows, papers, date(2026, 12, 7))
    assert line == (
        "Căn cứ: Nghị định 13/2019/NĐ-CP, Điều 6 (đã hết hiệu lực từ 14/10/2025); Nghị định 268/2025/NĐ-CP, Điều 49."
    )
    note = force_notes("Theo NĐ 31/2021 thì được.", papers, date(2026, 12, 7))
    assert "đã hết hiệu lực từ 01/03/2026, nay xem Nghị định 96/2026/NĐ-CP" in note
    assert force_notes("NĐ 31/2021 đã hết hiệu lực.", papers, date(2026, 12, 7)) == ""


# --- versions ---------------------------------------------------------------------------------------------------
@pytest.mark.asyncio
async def test_author_and_approver_differ_and_all_is_audited(system: System) -> None:
    await officers(system)
    async with system.database.write() as db:
        made = await editions.draft(db, "faq-090", {"short": "Câu mới cho năm 2027."}, "Hùng", "luật đổi", NOW)
        with pytest.raises(editions.WrongState):
            await editions.approve(db, made, "Trang", "", NOW)
        await editions.submit(db, made, "Hùng", "xin duyệt", NOW)
        with pytest.raises(NotAllowed):
            await editions.approve(db, made, "Hùng", "", NOW)
        with pytest.raises(NotAllowed):
            await editions.approve(db, made, "Lan", "", NOW)
        assert [row.id for row in await editions.in_review(db)] == [made]
        await editions.approve(db, made, "Trang", "đúng văn bản", NOW)
        found, held = await knowledge.answer_on(db, "faq-090", NOW.date())
        assert found is not None
        assert (found.id, found.number, held) == (made, 2, Standing.SAY)
        verbs = [row.verb for row in (await db.execute(audit.select().where(audit.c.noun_id == "faq-090"))).all()]
        assert verbs == ["draft", "submit", "approve"]
        await editions.withdraw(db, made, "Hùng", "sai số", NOW)
        found, held = await knowledge.answer_on(db, "faq-090", NOW.date())
        assert found is not None
        assert found.number == 1


@pytest.mark.asyncio
async def test_queues_of_what_expires_and_what_nobody_verified(system: System) -> None:
    await officers(system)
    async with system.database.write() as db:
        made = await editions.draft(db, "faq-090", {"valid_to": date(2026, 12, 31)}, "Lan", "", NOW)
        await editions.submit(db, made, "Lan", "", NOW)
        await editions.approve(db, made, "Hùng", "", NOW)
        assert [row.answer_id for row in await editions.expiring(db, date(2026, 12, 7))] == ["faq-090"]
        assert await editions.expiring(db, date(2026, 11, 25)) == []
        following = await editions.draft(
            db, "faq-090", {"valid_from": date(2027, 1, 1), "valid_to": None}, "Lan", "", NOW
        )
        assert await editions.expiring(db, date(2026, 12, 7))  # only drafted
        await editions.submit(db, following, "Lan", "", NOW)
        await editions.approve(db, following, "Hùng", "", NOW)
        assert await editions.expiring(db, date(2026, 12, 7)) == []
        assert await editions.unverified(db, date(2026, 12, 23)) == []
        calls = {row.answer_id for row in await editions.unverified(db, date(2026, 12, 24))}
        assert "faq-031" in calls
        assert "faq-012" not in calls
        assert len(await editions.unverified(db, date(2027, 2, 22))) > 100


@pytest.mark.asyncio
async def test_too_long_unverified_is_said_aloud_in_2027(system: System) -> None:
    talk = await talk_of(system, datetime(2027, 3, 15, 1, tzinfo=UTC))
    assert "quá hạn rà soát" in (await talk.say([QUESTION]))[0].text
    async with system.database.read() as db:
        found = await knowledge.find_answer(db, "faq-012", date(2027, 3, 15))
        assert found is not None
        reply = answers.worded(found, await knowledge.documents(db), datetime(2027, 3, 15, tzinfo=UTC))
    assert "quá hạn rà soát" in reply.text


@pytest.mark.asyncio
async def test_which_version_was_shown_to_whom_is_logged(system: System) -> None:
    talk = await talk_of(system)
    await talk.say(["Doanh nghiệp doanh thu dưới 1 tỷ có phải nộp thuế thu nhập doanh nghiệp không?"])
    async with system.database.read() as db:
        found = await knowledge.find_answer(db, "faq-090", NOW.date())
        rows = (await db.execute(answer_shown.select())).all()
    assert found is not None
    assert [row.version_id for row in rows] == [found.id]


@pytest.mark.asyncio
async def test_answers_that_lie_near_each_other_are_listed_for_officers(system: System) -> None:
    """Shipped ones from the start, an officer's when it is sent to review; whoever looked at a pair is not asked again."""
    await officers(system)
    async with system.database.write() as db:
        pairs = [(row.noun_id, row.other, row.id) for row in await reviews.open_reviews(db, limit=500) if row.other]
        assert ("faq-002", "term-dnnvv") in {pair[:2] for pair in pairs}
        assert 5 < len(pairs) < 40
        assert await reviews.twins(db, "faq-002") == ["term-dnnvv"]
        assert await reviews.twins(db, "term-dnnvv") == ["faq-002"]
        await reviews.finish(db, next(id_ for left, _, id_ in pairs if left == "faq-002"), NOW)
        await reviews.ask_about_twins(db, NOW)
        assert "faq-002" not in {row.noun_id for row in await reviews.open_reviews(db, limit=500) if row.other}
        copied = await knowledge.find_answer(db, "faq-071", NOW.date())
        assert copied is not None
        texts = {"question": copied.question, "short": copied.short, "full": copied.full, "topic": copied.topic}
        more = {"verified_on": NOW.date(), "confidence": "medium"}
        made = await editions.draft(db, "cau-moi", {**texts, **more}, "Lan", "", NOW)
        assert await reviews.twins(db, "faq-071") == []
        await editions.submit(db, made, "Lan", "", NOW)
        assert await reviews.twins(db, "faq-071") == ["cau-moi"]


# --- the kill switch --------------------------------------------------------------------------------------------
QUESTION = "Doanh nghiệp doanh thu dưới 1 tỷ có phải nộp thuế thu nhập doanh nghiệp không?"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("noun", "noun_id"), [("answer", "faq-090"), ("topic", "thue"), ("programme", "thue-tndn-2025")]
)
async def test_pulled_things_do_not_leave_and_come_back_once(system: System, noun: str, noun_id: str) -> None:
    await officers(system)
    talk = await talk_of(system)
    async with system.database.write() as db:
        with pytest.raises(NotAllowed):
            await pulls.pull_back(db, noun, noun_id, "Lan", "nghi sai", NOW)
        assert await pulls.pull_back(db, noun, noun_id, "Hùng", "nghi sai", NOW)
        assert not await pulls.pull_back(db, noun, noun_id, "Hùng", "nghi sai", NOW)
    said = (await talk.say([QUESTION]))[0].text
    assert "rà soát" in said
    assert "01 tỷ" not in said
    async with system.database.write() as db:
        with pytest.raises(pulls.NotPulled):
            await pulls.give_back(db, noun, noun_id, "Trang", "", NOW)
        await pulls.ask_back(db, noun, noun_id, "Trang", "đã kiểm", NOW)
        with pytest.raises(NotAllowed):
            await pulls.give_back(db, noun, noun_id, "Trang", "", NOW)
        await pulls.give_back(db, noun, noun_id, "Hùng", "đúng", NOW)
    told = await talk.advance(timedelta(minutes=1))
    assert len(told) == 1
    assert "Hôm trước anh/chị hỏi" in told[0].text
    assert await talk.advance(timedelta(hours=30)) == []
    assert "01 tỷ" in (await talk.say([QUESTION]))[0].text


@pytest.mark.asyncio
async def test_what_is_queued_is_stopped_in_any_process(system: System) -> None:
    """A reply and a notice lie in the outbox when another process pulls what they quote."""
    await officers(system)
    talk = await talk_of(system)
    async with system.database.write() as db:
        for kind, key in ((outbox.Kind.REPLY, "reply:0"), (outbox.Kind.NOTICE, "offer:x:1")):
            row = Reply("Được miễn tới 01 tỷ.", quotes=("faq-090",))
            await outbox.put(db, kind, talk._person_id, row, key, NOW, NOW, address_id=talk._address)
        await outbox.put(
            db, outbox.Kind.REPLY, talk._person_id, Reply("Chuyện khác."), "reply:-1", NOW, NOW, talk._address
        )
        await pulls.pull_back(db, "answer", "faq-090", "Hùng", "nghi sai", NOW)
    await talk._drain()
    texts = [item.text for item in talk.channel.take()]
    assert not any("01 tỷ" in text for text in texts)
    assert any("rà soát" in text and "CH-" in text for text in texts)
    assert "Chuyện khác." in texts
    async with system.database.read() as db:
        states = {row.dedupe_key: row.state for row in (await db.execute(outbox_table.select())).all()}
    assert states["offer:x:1"] == "skipped"


@pytest.mark.asyncio
async def test_who_waits_is_told_when_the_first_day_comes(system: System) -> None:
    await officers(system)
    async with system.database.write() as db:
        for fields in ({"valid_to": date(2026, 12, 6)}, {"valid_from": date(2026, 12, 10), "valid_to": None}):
            made = await editions.draft(db, "faq-090", fields, "Lan", "", NOW)
            await editions.submit(db, made, "Lan", "", NOW)
            await editions.approve(db, made, "Hùng", "", NOW)
    await handle_changes(system.database, system.office, NOW)
    talk = await talk_of(system)
    assert "đang được cập nhật" in (await talk.say([QUESTION]))[0].text
    told = [item.text for item in await talk.advance(timedelta(days=3))]
    assert sum("Hôm trước anh/chị hỏi" in text for text in told) == 1
