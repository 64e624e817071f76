"""Plays scenario files: what a person says, what the reply must hold, on any channel and in any variant."""

import itertools
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import yaml

from bot.chat import read_step
from domain.text import fold
from tests import pictures

LONG = ("Phiếu nhu cầu của anh/chị", "Thông tin em đang giữ của anh/chị", "Dữ liệu của anh/chị", "Bảng điều kiện của")


@dataclass(frozen=True)
class Heard:
    """One reply or notice."""

    text: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Thing:
    """One message of any kind: `text` is what it says or its caption, `size` in bytes, `content` a file's bytes."""

    kind: str = "text"
    text: str = ""
    forwarded: bool = False
    content: bytes | None = None
    size: int | None = None
    name: str = ""
    album: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Door(Protocol):
    """A channel as a person uses it."""

    async def say(self, texts: list[str]) -> list[Heard]:
        """Several messages within seconds; one is a burst of one."""
        ...

    async def press(self, label: str) -> list[Heard]: ...

    async def advance(self, step: timedelta) -> list[Heard]: ...

    async def send(self, things: list[Thing]) -> list[Heard]:
        """Messages of any kind within seconds, one turn."""
        ...

    async def office(self, step: dict[str, Any]) -> list[Heard]: ...

    async def leave(self) -> list[Heard]:
        """The person blocks us; nowhere but on a platform (`only: [telegram, zalo]` in the file)."""
        ...

    async def come_back(self) -> list[Heard]: ...

    falls: str  # when the system dies during the next turn, one of FALLS; empty: it does not


FALLS = ("", "before", "heard", "answered", "spoken")
"""The power fails before the person acts · when what they wrote is kept · when the answer is, but nothing was said yet ·
when the platform has the answer, but nobody wrote that down. A new process of the same name takes over."""


@dataclass(frozen=True)
class Variant:
    """How the person's words are changed on the way."""

    name: str = "plain"
    spell: Callable[[str], str] = str


def fold_words(text: str) -> str:
    """The text without diacritics, its capitals kept where a name needs them."""
    return "".join(plain.upper() if char.isupper() else plain for char, plain in zip(text, fold(text), strict=False))


VARIANTS = (Variant(), Variant("stripped", fold_words))


def read(file: Path) -> dict[str, Any]:
    """A scenario: title, at, events; steps of say/burst/press/advance/leaves/comes back or of KINDS (`photo: {caption: …}`, `album: 3`,
    `location: [21.8, 106.7]`, `forward: …` with a `say` beside it) with holds, lacks, choices, ends, silent, card; `dies`: one of FALLS."""
    held: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return held


def start(scenario: dict[str, Any]) -> datetime:
    """The business instant a scenario begins at."""
    return datetime.fromisoformat(scenario["at"])


async def play(scenario: dict[str, Any], door: Door, variant: Variant = VARIANTS[0]) -> list[Heard]:
    """Plays all steps; every turn of the person must get exactly one reply that holds what it should."""
    told: list[Heard] = []
    for number, step in enumerate(scenario["steps"], 1):
        door.falls = step.get("dies", "")
        assert door.falls in FALLS, step
        heard = await _do(step, door, variant)
        door.falls = ""
        where = f"{scenario['title']}, step {number} “{next(iter(step.values()))}”"
        if getattr(door, "tells_no_size", False) and "size_mb" in str(step):
            assert len(heard) == 2, f"{where}: taken first, refused when it was fetched"
            heard = heard[1:]
        _check_count(step, heard, where, 1 if getattr(door, "says_once", False) else 2)
        for reply in heard:
            told.append(reply)
            _check_shape(reply, where)
        if heard:
            _check_words(step, heard[-1], where)
    return told


async def _do(step: dict[str, Any], door: Door, variant: Variant) -> list[Heard]:
    if "press" in step:
        return await door.press(step["press"])
    if "leaves" in step or "comes back" in step:  # blocks us, unblocks us
        return await door.leave() if "leaves" in step else await door.come_back()
    if "office" in step:
        return await door.office(step["office"])
    if "advance" in step:
        length = read_step(step["advance"])
        assert length is not None, step
        return await door.advance(length)
    things = list(_things(step, variant))
    if things:
        return await door.send(things)
    texts = step.get("burst") or [step["say"]]
    spell = str if step.get("marked") else variant.spell  # a word that means something else without its marks
    return await door.say([spell(text) for text in texts])


KINDS = ("forward", "photo", "album", "video", "voice", "file", "sticker", "location", "card", "unknown")


def _things(step: dict[str, Any], variant: Variant) -> Iterator[Thing]:
    """The messages of a step that holds more than words, the words last."""
    kind = next((kind for kind in KINDS if kind in step), None)
    if kind is None:
        return
    told = step[kind]
    more = dict(told) if isinstance(told, dict) else {}
    caption = variant.spell(more.get("caption", ""))
    size = int(more["size_mb"] * 1_000_000) if "size_mb" in more else None
    if kind == "forward":
        yield Thing("text", str(told), forwarded=True)
    elif kind == "album":
        count = int(more.get("count", told if isinstance(told, int) else 3))
        seeds = [next(_seeds) for _ in range(count)]
        for index, seed in enumerate(seeds):
            words = caption if index == 0 else ""
            yield Thing("photo", words, content=pictures.jpeg(seed), album=f"album-{seeds[0]}")
    elif kind == "location":
        yield Thing("location", latitude=told[0], longitude=told[1])
    elif kind == "photo":
        content = None if size else pictures.jpeg(next(_seeds))
        yield Thing("photo", caption, bool(more.get("forwarded")), content, size)
    else:
        files = {"voice": pictures.voice(), "file": pictures.pdf(), "video": pictures.mp4()}
        name = {"file": "document", "card": "contact"}.get(kind, kind)
        yield Thing(name, caption, False, None if size else files.get(kind), size, more.get("name", ""))
    if "say" in step:
        yield Thing("text", variant.spell(step["say"]))


_seeds = itertools.count(1)


def _check_count(step: dict[str, Any], heard: list[Heard], where: str, copies: int) -> None:
    words = json.dumps([reply.text for reply in heard], ensure_ascii=False)
    if step.get("silent"):
        assert not heard, f"{where}: silence was right, came {words}"
    elif step.get("dies") == "spoken":  # at most one second copy of what was on its way, none where one can look
        assert 1 <= len(heard) <= copies and len({reply.text for reply in heard}) == 1, f"{where}: {words}"
    elif not {"advance", "office", "leaves", "comes back"} & set(step) or "holds" in step:
        assert len(heard) == 1, f"{where}: {len(heard)} replies {words}"


def _check_shape(reply: Heard, where: str) -> None:
    limit = 2000 if reply.text.startswith(LONG) or any(mark in reply.text for mark in LONG) else 600
    assert len(reply.text) <= limit, f"{where}: {len(reply.text)} characters"
    assert not re.search(r"[a-z]+_[a-z_]+|\{\w*\}|None|faq-\d|term-", reply.text), (
        f"{where}: an inner name in\n{reply.text}"
    )


def _check_words(step: dict[str, Any], reply: Heard, where: str) -> None:
    for part in step.get("holds", ()):
        assert fold(str(part)) in fold(reply.text), f"{where}: “{part}” missing in:\n{reply.text}"
    for part in step.get("lacks", ()):
        assert fold(str(part)) not in fold(reply.text), f"{where}: “{part}” stands in:\n{reply.text}"
    for label in step.get("choices", ()):
        assert label in reply.choices, f"{where}: no choice {label} in {reply.choices}"
    if "ends" in step:
        last = re.findall(r"[^.!?\n]*\?", reply.text)
        assert last and fold(step["ends"]) in fold(last[-1]), f"{where}: last question {last[-1:]} in\n{reply.text}"


def scattered(texts: list[str], chance: random.Random) -> list[list[str]]:
    """The same words in the same order, cut into messages at other places."""
    words = " ".join(texts).split()
    cuts = sorted(chance.sample(range(1, len(words)), min(len(words) - 1, chance.randint(0, 4))))
    return [words[a:b] for a, b in zip([0, *cuts], [*cuts, len(words)], strict=True)]
