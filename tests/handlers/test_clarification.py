"""Whatever is written, asking back ends: twice at most, three choices at most, then a promise with a code and an hour."""

import random
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.channels.base import Outgoing
from bot.chat import Talk
from bot.wiring import System, open_system
from config.settings import Settings
from conversation.message import MessageKind
from domain.text import fold
from domain.worktime import local
from knowledge.library import load
from storage import conversations
from storage.tables import ticket
from tests.templates import Templates

NOW = datetime(2026, 12, 7, 1, tzinfo=UTC)
NONE = "Không phải"
AGAIN = "gõ lại giúp em"
PROMISE = re.compile(r"mã (CH-\d+)\. .*trước \d\d:\d\d")
EACH = 20  # texts one person writes
BABBLE = (
    "cái kia vụ đó hỗ trợ na máy sấy em ơi thế nào gì bao giờ ừ ko dc hả lạng sơn hồi giấy tờ quỹ này nọ chả biết sao"
)
KEYS = "qwrtpsdfghjklzxcvbnm àươêđ 0123456789 .,?!-_*#@ 😀🌶️🤔"
QUESTIONS = [row for item in load().answers for row in (item.question, *item.examples)]
SALAD = sorted({word for row in QUESTIONS for word in row.split()})
BESIDE = [text for item in load().acts if item.act == "out_of_scope" for text in item.examples]


def babble(chance: random.Random) -> str:
    return " ".join(chance.choice(BABBLE.split()) for _ in range(chance.randint(1, 7)))


def noise(chance: random.Random) -> str:
    return "".join(chance.choice(KEYS) for _ in range(chance.randint(1, 60)))


def salad(chance: random.Random) -> str:
    return " ".join(chance.choice(SALAD) for _ in range(chance.randint(2, 14)))


def beside(chance: random.Random) -> str:
    """Out of scope, or the half of it mixed with the half of a question that is not."""
    text = chance.choice(BESIDE)
    if chance.random() < 0.5:
        return text
    return " ".join([*text.split()[: chance.randint(1, 4)], *chance.choice(QUESTIONS).split()[-chance.randint(1, 4) :]])


def near_miss(chance: random.Random) -> str:
    """A question as it is asked, with words lost, turned round or misspelt."""
    words = chance.choice(QUESTIONS).split()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(words))
        change = chance.randrange(3)
        if change == 0 and len(words) > 2:
            del words[at]
        elif change == 1:
            words.insert(chance.randrange(len(words)), words.pop(at))
        elif len(words[at]) > 2:
            cut = chance.randrange(len(words[at]))
            words[at] = words[at][:cut] + words[at][cut + 1 :]
    return " ".join(words)


KINDS = (babble, noise, salad, beside, near_miss)


def texts(most: int) -> list[str]:
    """So many different texts of every kind, the same ones each time."""
    chance = random.Random(11)
    made: dict[str, None] = {}
    while len(made) < most:
        text = KINDS[len(made) % len(KINDS)](chance).strip().lstrip("/")
        made[fold(text) if chance.random() < 0.4 else text] = None
    return list(made)


@pytest_asyncio.fixture
async def house(tmp_path: Path, templates: Templates) -> AsyncIterator[System]:
    made = await open_system(Settings(), templates.sqlite(tmp_path / "c.db"), samples=False)
    yield made
    await made.database.close()


def labels(reply: Outgoing) -> list[str]:
    return [choice["label"] for choice in reply.choices]


def asks_back(reply: Outgoing | None) -> bool:
    return reply is not None and (NONE in labels(reply) or AGAIN in reply.text)


async def go_on(talk: Talk, reply: Outgoing, text: str, how: str, other: str) -> Outgoing | None:
    """What a person does who was asked back: presses or types that it is none of these, repeats, says something else."""
    actions = {choice["label"]: choice["action"] for choice in reply.choices}
    if how == "press" and NONE in actions:
        said = await talk.say([actions[NONE]], MessageKind.BUTTON)
    elif how == "type" and NONE in actions:
        said = await talk.say(["ko phai"])
    else:
        said = await talk.say([other if how == "other" else text])
    assert len(said) <= 1
    return said[0] if said else None


async def ask(talk: Talk, text: str, how: str, other: str, seen: dict[str, Any]) -> None:
    """Writes one text and goes on until the assistant no longer asks back."""
    said = await talk.say([text])
    assert len(said) <= 1, text
    reply, asked = (said[0] if said else None), 0
    while asks_back(reply):
        assert reply is not None
        asked += 1
        assert asked <= 2, f"asked back a third time after {text!r}: {reply.text}"
        offered = labels(reply)
        assert len(offered) <= 4 and (not offered or offered[-1] == NONE), offered
        assert not any(re.search(r"_|faq|term-", label) for label in offered), offered
        reply = await go_on(talk, reply, text, how, other)
    seen["asked"][asked] = seen["asked"].get(asked, 0) + 1
    found = PROMISE.search(reply.text) if reply else None
    if found:
        seen["promised"].add(found[1])
    elif asked == 2 and how in ("press", "type", "repeat"):
        seen["other"].append((text, how, reply.text if reply else ""))


async def leave(talk: Talk) -> None:
    """Out of whatever form or questions the text has opened."""
    async with talk.system.database.read() as db:
        held = await conversations.hold(db, talk._person_id)
    if held is not None and held.talk.form is not None:
        await talk.say(["huỷ phiếu"])
    if held is not None and held.talk.open is not None:
        await talk.say(["/start"])


async def _always_ends(system: System, most: int) -> dict[str, Any]:
    chance = random.Random(5)
    seen: dict[str, Any] = {"asked": {}, "promised": set(), "other": []}
    every = texts(most)
    talk = None
    for number, text in enumerate(every):
        if talk is None or number % EACH == 0:
            talk = Talk(system, f"p{number}", NOW)
            await talk.begin()
        await ask(talk, text, chance.choice(("press", "type", "repeat", "other")), chance.choice(every), seen)
        await leave(talk)
    return seen


async def _check(system: System, most: int) -> None:
    seen = await _always_ends(system, most)
    async with system.database.read() as db:
        due = {row.code: row.due_at for row in (await db.execute(ticket.select())).all()}
    assert sum(seen["asked"].values()) == most
    assert min(seen["asked"].values()) > most / 20, "texts that are understood, that take one question, that take two"
    assert not seen["other"], "whoever never says anything clearer gets a promise"
    assert len(seen["promised"]) > most / 10
    for code in seen["promised"]:
        at = local(due[code])
        assert system.office.worktime.works_on(at.date()) and time(7, 30) < at.time() <= time(17)


@pytest.mark.asyncio
async def test_asking_back_ends(house: System) -> None:
    await _check(house, 150)


@pytest.mark.long
@pytest.mark.asyncio
async def test_asking_back_ends_for_a_thousand_texts(house: System) -> None:
    await _check(house, 1000)
