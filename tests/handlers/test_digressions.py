"""Whatever is asked in the middle of the form leaves the form as it was and its question open."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.chat import Talk
from bot.wiring import System, open_system
from config.settings import Settings
from conversation.need_form import NEED_FORM
from knowledge.library import load
from storage import conversations
from tests.templates import Templates

AT = datetime(2026, 12, 7, 1, 10, tzinfo=UTC)
OPENING = "nhà em làm hồi khô, phơi hay bị mốc"
ANSWERS = {
    "wish": "máy sấy",
    "scale": "20 tấn/năm",
    "budget": "300 triệu",
    "deadline": "tháng 6 năm sau",
    "place": "xã Tân Đoàn",
    "current": "đang phơi sân",
    "contact": "Mai, 0900 000 001",
    "consent": "Đồng ý lưu phiếu",
}
STEPS = (*ANSWERS, "card")
ASKS = {
    "see_offers": ["có những máy sấy nào", "cho xem công nghệ đang có"],
    "list_events": ["sắp tới có hội thảo nào không", "có lớp tập huấn nào không"],
    "find_programme": ["chương trình nào hợp với bên em", "có hỗ trợ gì không"],
    "help": ["em làm được những gì"],
    "ask_need_status": ["phiếu của tôi đến đâu rồi"],
    "see_my_data": ["dữ liệu của tôi"],
    "check_message": ["tin nhắn bảo đóng phí hồ sơ 2 triệu có thật không"],
    "talk_to_officer": ["cho gặp cán bộ"],
    "out_of_scope": ["thời tiết mai thế nào?", "giá vàng hôm nay bao nhiêu?"],
}


def questions() -> list[str]:
    library = load()
    asked = [answer.question for answer in library.answers]
    asked += [f"{answer.aliases[0]} là gì" for answer in library.answers if answer.kind == "term" and answer.aliases]
    asked += [f"{programme.short_name} là gì vậy em?" for programme in library.programmes]
    return asked + [text for texts in ASKS.values() for text in texts]


@pytest_asyncio.fixture
async def house(tmp_path: Path, templates: Templates) -> AsyncIterator[System]:
    made = await open_system(Settings(), templates.sqlite(tmp_path / "d.db", samples=True), samples=True)
    yield made
    await made.database.close()


async def form_of(talk: Talk) -> tuple[Any, Any]:
    async with talk.system.database.read() as db:
        held = await conversations.hold(db, talk._person_id)
    assert held is not None
    question = NEED_FORM.next(held.talk.form or {})
    return held.talk.form, question.name if question else "card"


def last_question(text: str) -> str:
    found = re.findall(r"[^.!?\n]*\?", text)
    return found[-1].strip() if found else ""


async def brought_to(system: System, step: str) -> tuple[Talk, str]:
    """A talk whose form is open at this step, with the question that is asked there."""
    talk = Talk(system, f"person-{step}", AT)
    await talk.begin()
    said = await talk.say([OPENING])
    for name, words in ANSWERS.items():
        if (await form_of(talk))[1] == step:
            break
        assert (await form_of(talk))[1] == name
        said = await talk.say([words])
    assert (await form_of(talk))[1] == step
    return talk, said[0].text


async def check(system: System, step: str, asked: list[str]) -> list[str]:
    """What went wrong, one line each."""
    talk, shown = await brought_to(system, step)
    before, wanted = await form_of(talk), last_question(shown)
    wrong = []
    for text in asked:
        replies = await talk.say([text])
        if len(replies) != 1:
            wrong.append(f"{step}: {text}: {len(replies)} replies")
            continue
        after = await form_of(talk)
        if after != before:
            wrong.append(f"{step}: {text}: the form changed: {replies[0].text[:200]}")
            before = after
        elif step == "card":
            if "gửi" not in last_question(replies[0].text) and "đúng chưa" not in last_question(replies[0].text):
                wrong.append(f"{step}: {text}: ends {last_question(replies[0].text)}")
        elif last_question(replies[0].text) != wanted:
            wrong.append(f"{step}: {text}: ends {last_question(replies[0].text)}")
    return wrong


@pytest.mark.asyncio
@pytest.mark.parametrize("step", STEPS)
async def test_form_stays_as_it_is(house: System, step: str) -> None:
    """Every third question at each step, so that three steps together have heard all of them."""
    wrong = await check(house, step, questions()[STEPS.index(step) % 3 :: 3])
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
@pytest.mark.asyncio
@pytest.mark.parametrize("step", STEPS)
async def test_form_stays_as_it_is_everywhere(house: System, step: str) -> None:
    wrong = await check(house, step, questions())
    assert not wrong, "\n".join(wrong)


@pytest.mark.asyncio
async def test_a_bare_figure_is_an_answer_or_the_number_of_a_choice(house: System) -> None:
    talk, _ = await brought_to(house, "scale")
    unread = (await talk.say(["20"]))[0].text
    assert "quy mô" in unread and "căn cứ" not in unread.lower(), "no question is answered that nobody asked"
    talk, _ = await brought_to(house, "scale")
    assert "Kinh phí" in (await talk.say(["1"]))[0].text, "the only choice has the number 1"
    assert (await form_of(talk))[1] == "budget"
