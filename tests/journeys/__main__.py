"""Plays scenario files and prints the talk: `python -m tests.journeys s01 s04 --channel telegram --strip-diacritics --twice --shuffle`."""

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.chat import Talk
from bot.wiring import System, open_system
from config.logging import begin_logging
from config.settings import Settings
from tests.journeys.doors import Terminal, Web
from tests.journeys.office import set_table
from tests.journeys.runner import VARIANTS, Door, Heard, Thing, play, read, start
from tests.journeys.telegram_door import Telegram
from tests.journeys.zalo_door import Zalo

HEAD = """# Recorded conversations

Played by `python -m tests.journeys {command} --write docs/conversations.md` over the real system under
a business clock; enterprises, people, offers and events are invented.
"""
FOLDER = Path(__file__).parent


class Told:
    """A door that keeps what passes through it, as Markdown."""

    def __init__(self, door: Door) -> None:
        self.door, self.lines = door, []  # type: Door, list[str]
        self.falls = ""
        self.tells_no_size = getattr(door, "tells_no_size", False)
        self.says_once = getattr(door, "says_once", False)

    def _bot(self, heard: list[Heard]) -> list[Heard]:
        for reply in heard:
            body = "\n".join(f"> {line}" for line in reply.text.split("\n"))
            buttons = f"\n>\n> {' '.join(f'[{label}]' for label in reply.choices)}" if reply.choices else ""
            self.lines.append(f"{body}{buttons}")
        if not heard:
            self.lines.append("> *(im lặng)*")
        return heard

    def __setattr__(self, name: str, value: object) -> None:
        if name == "falls":
            self.door.falls = str(value)
        super().__setattr__(name, value)

    async def say(self, texts: list[str]) -> list[Heard]:
        self.lines.append("\n\n".join(f"**Chủ cơ sở:** {text}" for text in texts))
        return self._bot(await self.door.say(texts))

    async def press(self, label: str) -> list[Heard]:
        self.lines.append(f"**Chủ cơ sở bấm** [{label}]")
        return self._bot(await self.door.press(label))

    async def send(self, things: list[Thing]) -> list[Heard]:
        self.lines.append(
            "\n\n".join(
                f"**Chủ cơ sở gửi** *({thing.kind}{', chuyển tiếp' if thing.forwarded else ''})* {thing.text}"
                for thing in things
            )
        )
        return self._bot(await self.door.send(things))

    async def office(self, step: dict[str, Any]) -> list[Heard]:
        self.lines.append(f"*(cán bộ làm việc trên trang cán bộ: {', '.join(step)})*")
        return self._bot(await self.door.office(step))

    async def leave(self) -> list[Heard]:
        self.lines.append("*(chủ cơ sở chặn trợ lý)*")
        return await self.door.leave()

    async def come_back(self) -> list[Heard]:
        self.lines.append("*(chủ cơ sở bỏ chặn)*")
        return await self.door.come_back()

    async def advance(self, step: Any) -> list[Heard]:
        self.lines.append(f"*({step} sau)*")
        return self._bot(await self.door.advance(step))


async def _play(system: System, file: Path, folder: Path, given: argparse.Namespace) -> str:
    scenario = read(file)
    at = start(scenario).astimezone(UTC)
    await set_table(system, scenario.get("given") or {}, at)
    await Talk(system, "office", at).give(scenario.get("given", {}))
    variant = VARIANTS[1 if given.strip_diacritics and VARIANTS[1].name not in scenario.get("not", ()) else 0]
    if given.channel in ("telegram", "zalo"):
        phone = (Zalo if given.channel == "zalo" else Telegram)(system, at, folder, given.twice, given.shuffle)
        async with phone.open() as held:
            told = Told(held)
            await play(scenario, told, variant)
        if given.count:
            return _counted(file, phone)
    else:
        told = Told(await _door(system, file, at, given))
        await play(scenario, told, variant)
    return f"## {scenario['title']}\n\n" + "\n\n".join(told.lines) + "\n"


def _counted(file: Path, phone: Zalo | Telegram) -> str:
    """How many messages of ours a scenario costs, and how many of them are paid for."""
    seen = [one for one in phone.platforms.world.ledger.entries if one["what"] == "message"]
    paid = phone.platforms.zalo.limits
    bought = (
        f", {1000 - paid.package} of them paid, {20_000 - paid.templates} as templates"
        if seen and isinstance(phone, Zalo)
        else ""
    )
    return f"{file.stem:28} {len(seen):3} messages{bought}"


async def _door(system: System, file: Path, at: datetime, given: argparse.Namespace) -> Door:
    if given.channel == "web":
        web = Web(system, at, given.twice)
        await web.begin()
        return web
    talk = Talk(system, file.stem, at)
    await talk.begin()
    return Terminal(talk, given.twice, given.shuffle)


async def main() -> None:
    """Plays the named files (all without a name), each on a database of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.journeys")
    parser.add_argument("names", nargs="*", help="beginnings of file names, such as s01")
    parser.add_argument("--channel", choices=("terminal", "web", "telegram", "zalo"), default="terminal")
    parser.add_argument("--strip-diacritics", action="store_true")
    parser.add_argument("--twice", action="store_true", help="deliver every message a second time")
    parser.add_argument("--shuffle", action="store_true", help="bring bursts in disorder (not on the web)")
    parser.add_argument("--count", action="store_true", help="only how many messages each costs (telegram, zalo)")
    parser.add_argument("--write", type=Path, help="write a page instead of printing")
    given = parser.parse_args()
    begin_logging("error")
    page = [HEAD.format(command=" ".join(given.names))]
    names = tuple(given.names) or ("",)
    for file in sorted(file for file in FOLDER.glob("s*.yaml") if file.name.startswith(names)):
        if given.channel not in read(file).get("only", (given.channel,)):
            continue
        with tempfile.TemporaryDirectory() as folder:
            system = await open_system(Settings(), f"sqlite:///{folder}/s.db", samples=False)
            page.append(await _play(system, file, Path(folder), given))
            await system.database.close()
        if not given.write:
            print(page.pop())
    if given.write:
        given.write.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
