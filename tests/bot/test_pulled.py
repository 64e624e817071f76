"""What an officer pulls in one process leaves no other process from then on, messages already queued included."""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.wiring import open_system
from config.settings import HOME, Settings
from conversation.reply import Reply
from domain.notice import Kind
from nlu.model import Model
from storage import outbox, pulls
from storage.tables import address, officer

NOW = datetime(2026, 12, 7, 1, tzinfo=UTC)
QUESTION = "Doanh nghiệp doanh thu dưới 1 tỷ có phải nộp thuế thu nhập doanh nghiệp không?"


class Other:
    """A talk in a process of its own, over the same database file."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def begin(cls, file: Path, person: str) -> "Other":
        arguments = ("-m", "bot", "chat", "--json", "--at", "2026-12-07T08:00:00+07:00", "--person", person)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, "--database", f"sqlite:///{file}", cwd=HOME,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        return cls(process)

    async def do(self, **line: Any) -> str:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        await self.process.stdin.drain()
        heard = json.loads(await self.process.stdout.readline())
        return "\n".join(reply["text"] for reply in heard["replies"])

    async def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert await asyncio.wait_for(self.process.wait(), 60) == 0


@pytest.mark.asyncio
async def test_within_five_seconds_in_every_process(tmp_path: Path, mind: Model) -> None:
    file = tmp_path / "shared.db"
    system = await open_system(Settings(), f"sqlite:///{file}", samples=False)
    people = [await Other.begin(file, name) for name in ("mai", "tai")]
    for one in people:
        assert "01 tỷ" in await one.do(text=QUESTION)
    async with system.database.write() as db:
        await db.execute(officer.insert().values(name="Hùng", role="approver", created_at=NOW))
        for row in (await db.execute(address.select())).all():
            words = Reply("Nhắc lại: được miễn tới 01 tỷ.", quotes=("faq-090",))
            later = NOW + timedelta(minutes=5)
            await outbox.put(db, Kind.REPLY, row.person_id, words, f"reply:-{row.id}", later, NOW, row.id)
        await pulls.pull_back(db, "answer", "faq-090", "Hùng", "nghi sai", NOW)
    began = time.monotonic()
    for one in people:
        said = await one.do(text=QUESTION)
        assert "rà soát" in said and "01 tỷ" not in said
        queued = await one.do(advance="10m")
        assert "rà soát" in queued and "01 tỷ" not in queued, "what lay in the outbox"
    assert time.monotonic() - began < 5 * len(people), "two lines each, one process after the other"
    for one in people:
        await one.end()
    await system.database.close()
