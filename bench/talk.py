"""Counts the turns to a confirmed need over many openings: `python -m bench.talk`.

A turn is one message, burst or tap of the person, the first and the last included, the consent not.
"""

import asyncio
import random
import re
import statistics
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from bot.chat import Talk
from bot.wiring import System, open_system
from config.settings import Settings
from domain.text import fold
from storage import conversations

AT = datetime(2026, 12, 7, 1, 10, tzinfo=UTC)
MOST = 30
ASKED = {  # what the open question names, in this order
    "consent": "dong y",
    "contact": "so dien thoai",
    "place": "xa/phuong",
    "deadline": "khi nao can",
    "budget": "kinh phi",
    "scale": "quy mo",
    "current": "dang lam the nao",
    "wish": "mong muon",
    "product": "san pham",
    "problem": "kho khan",
}


@dataclass
class Run:
    """One talk: turns, fields filled by the first message, questions asked twice."""

    turns: int = 0
    first: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    done: bool = False


def what_is_asked(text: str) -> str | None:
    """The field that the last question names."""
    found = re.findall(r"[^.!?\n]*\?", text)
    last = fold(found[-1]) if found else ""
    return next((name for name, cue in ASKED.items() if cue in last), None)


async def filled(talk: Talk) -> int:
    """How many of the nine fields the form holds."""
    async with talk.system.database.read() as db:
        held = await conversations.hold(db, talk._person_id)
    form: dict[str, Any] = (held.talk.form if held else None) or {}
    return sum(1 for name in form if name in ASKED and name != "consent")


async def play(system: System, number: int, opening: str, answers: dict[str, list[str]]) -> Run:
    """One owner from the first message to the code."""
    chance, run = random.Random(number), Run()
    talk = Talk(system, f"owner-{number}", AT)
    await talk.begin()
    said = await talk.say([opening])
    run.turns, run.first = 1, await filled(talk)
    while run.turns < MOST and said:
        text, labels = said[0].text, [choice["label"] for choice in said[0].choices]
        if "NC-" in text:
            run.done = True
            return run
        if "Đúng, gửi" in labels:
            said = await talk.say(["Đúng, gửi"])
            run.turns += 1
            continue
        name = what_is_asked(text)
        if name is None:
            break
        run.asked[name] += 1
        given = labels[0] if name == "consent" or (labels and name == "place") else chance.choice(answers[name])
        said = await talk.say([given])
        run.turns += name != "consent"
    return run


async def main() -> None:
    """Plays all openings, prints the table."""
    held = yaml.safe_load((Path(__file__).parent / "openings.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        system = await open_system(Settings(), f"sqlite:///{folder}/talk.db", samples=True)
        runs = [await play(system, at, opening, held["answers"]) for at, opening in enumerate(held["openings"])]
        await system.database.close()
    turns = [run.turns for run in runs if run.done]
    again = [(at, name) for at, run in enumerate(runs) for name, count in run.asked.items() if count > 1]
    print(f"openings {len(runs)}, confirmed {len(turns)}")
    print(
        f"turns to a confirmed need: median {statistics.median(turns)}, mean {statistics.mean(turns):.1f}, most {max(turns)}"
    )
    print(f"fields filled by the first message: mean {statistics.mean(run.first for run in runs):.1f} of 9")
    print(f"questions asked again: {len(again)}")
    for at, name in again:
        print(f"  {name}: {held['openings'][at]}")
    for run, opening in zip(runs, held["openings"], strict=True):
        if not run.done:
            print(f"  not confirmed: {opening}")
        elif run.first < 3:
            print(f"  only {run.first}: {opening}")


if __name__ == "__main__":
    asyncio.run(main())
