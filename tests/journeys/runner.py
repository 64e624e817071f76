"""Plays scenario files: what a person says, what the reply must hold, on any channel."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import yaml

from domain.text import fold


@dataclass(frozen=True)
class Heard:
    """One reply."""

    text: str
    choices: tuple[str, ...]


class Door(Protocol):
    """A channel as a person uses it."""

    async def say(self, text: str) -> list[Heard]: ...

    async def press(self, label: str) -> list[Heard]: ...


def read(file: Path) -> dict[str, Any]:
    """A scenario: title, at, steps of say/press with holds/lacks/choices."""
    held: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return held


def start(scenario: dict[str, Any]) -> datetime:
    """The business instant a scenario begins at."""
    return datetime.fromisoformat(scenario["at"])


async def play(scenario: dict[str, Any], door: Door) -> list[Heard]:
    """Plays all steps; every step must get exactly one reply that holds what it should."""
    told: list[Heard] = []
    for number, step in enumerate(scenario["steps"], 1):
        said = step.get("say") or step.get("press")
        heard = await (door.say(said) if "say" in step else door.press(said))
        where = f"{scenario['title']}, step {number} “{said}”"
        assert len(heard) == 1, (
            f"{where}: {len(heard)} replies {json.dumps([h.text for h in heard], ensure_ascii=False)}"
        )
        reply = heard[0]
        told.append(reply)
        assert len(reply.text) <= step.get("limit", 600), f"{where}: {len(reply.text)} characters"
        for part in step.get("holds", ()):
            assert fold(part) in fold(reply.text), f"{where}: “{part}” missing in:\n{reply.text}"
        for part in step.get("lacks", ()):
            assert fold(part) not in fold(reply.text), f"{where}: “{part}” stands in:\n{reply.text}"
        for label in step.get("choices", ()):
            assert label in reply.choices, f"{where}: no choice {label} in {reply.choices}"
        if "ends" in step:
            last = re.findall(r"[^.!?\n]*\?", reply.text)
            assert last and fold(step["ends"]) in fold(last[-1]), f"{where}: last question {last[-1:]}"
    return told
