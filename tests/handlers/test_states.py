"""Walks through the talk at random: from every state help and cancel work, nothing fails, the shape of replies holds."""

import asyncio
import re
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.chat import Talk
from bot.wiring import CatalogueMatcher, System, build_mind, open_system
from config.settings import HOME, Settings
from conversation.message import Message
from conversation.reply import Reply
from handlers import router
from storage import conversations, inbox
from storage.database import Database
from storage.outbox import Outgoing

AT = datetime(2026, 12, 7, 1, 10, tzinfo=UTC)
INNER = re.compile(r"[a-z]+_[a-z_]+|\{\w*\}|\bNone\b|faq-\d|term-")
SAYINGS = (
    "nhà em làm hồi khô, phơi hay bị mốc, muốn tìm máy sấy",
    "can may say mang kho tam 300tr o chi lang",
    "na chín rộ bán không kịp",
    "mật ong bán không ai biết, muốn tìm đầu ra",
    "máy sấy", "20 tấn/năm", "3 trăm củ", "vài trăm triệu", "3tr trieu", "5 sào", "tháng 6 năm sau", "trước tết", "xã Tân Đoàn",
    "ở Văn Quan", "đang phơi sân", "Mai, 0900 000 001", "Mai", "0900000001", "có", "không", "đúng", "dung", "ừ", "thôi", "chưa biết",
    "không biết", "1", "2", "3", "9", "sửa 3 thành 15 tấn", "sửa 6", "sửa", "à nhầm, 12 tấn thôi", "kinh phí 200tr",
    "không cần máy sấy nữa, cần kho lạnh", "TRL là gì", "có hỗ trợ gì không", "sắp tới có hội thảo nào không", "xem giải pháp",
    "phiếu đến đâu rồi", "dữ liệu của tôi", "xoá hết dữ liệu", "dừng nhận tin", "bật tin", "cho gặp cán bộ", "phiếu", "tiếp",
    "chào em", "cảm ơn em", "ngu", "thời tiết mai thế nào?", "/start", "/help", "/start event-E001", "asdf qwer", "😀😀", "…", "?",
)  # fmt: skip


class Back(Exception):
    """Takes a looked-at turn back."""


class Walk(RuleBasedStateMachine):
    """One person's talk; every state is looked at before the next step."""

    system: System
    loop: asyncio.AbstractEventLoop
    folder: Path
    steps = 0

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        shutil.copy(TEMPLATE["file"], self.folder / "walk.db")
        self.run(self._open())

    async def _open(self) -> None:
        held = OPENED["system"]  # what reads and knows is the same in every walk
        database = Database(f"sqlite:///{self.folder}/walk.db")
        matcher = CatalogueMatcher(held.library, database)
        office = replace(held.office, matcher=matcher, refresh=matcher.refresh)
        self.system = System(database, office, held.library)
        self.talk = Talk(self.system, "mai", AT)
        await self.talk.begin()
        self.choices: list[str] = []

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def heard(self, said: list[Outgoing], turn: bool) -> None:
        type(self).steps += 1
        assert len(said) <= 1 or not turn
        for item in said:
            assert item.text.strip()
            assert not INNER.search(item.text), item.text
            assert len(item.text) <= 2000
            assert len({choice["label"] for choice in item.choices}) == len(item.choices)
            self.choices = [choice["label"] for choice in item.choices]

    @rule(text=st.sampled_from(SAYINGS))
    def say(self, text: str) -> None:
        self.heard(self.run(self.talk.say([text])), turn=True)

    @rule(texts=st.lists(st.sampled_from(SAYINGS), min_size=2, max_size=4))
    def burst(self, texts: list[str]) -> None:
        alone = any(text.startswith("/") for text in texts)  # a command is a turn of its own
        self.heard(self.run(self.talk.say(texts)), turn=not alone)

    @rule(at=st.integers(0, 9))
    def choose(self, at: int) -> None:
        if self.choices:
            self.heard(self.run(self.talk.say([self.choices[at % len(self.choices)]])), turn=True)

    @rule(hours=st.sampled_from([1, 30, 80]))
    def wait(self, hours: int) -> None:
        self.heard(self.run(self.talk.advance(timedelta(hours=hours))), turn=False)

    async def _look(self, text: str) -> tuple[Reply, Any]:
        """What would be answered now; nothing of it stays."""
        found: list[tuple[Reply, Any]] = []
        receiver, now = self.talk.receiver, self.talk.now
        try:
            async with self.system.database.write() as db:
                message = Message("terminal", "", f"look-{self.steps}-{text}", "mai", text, now)
                await inbox.put(db, message, now)
                held = await conversations.hold(db, self.talk._person_id)
                assert held is not None
                waiting = await inbox.waiting_for(db, self.talk._person_id)
                turn = await receiver._prepare(db, self.talk._person_id, held.talk, waiting, now)
                found.append((await router.answer(turn), held.talk))
                raise Back
        except Back:
            return found[0]

    @invariant()
    def help_works(self) -> None:
        if hasattr(self, "talk"):
            reply, _ = self.run(self._look("trợ giúp"))
            assert "Ghi nhu cầu" in reply.text or "em giúp" in reply.text.lower(), reply.text

    @invariant()
    def cancel_works(self) -> None:
        if hasattr(self, "talk"):
            reply, talk = self.run(self._look("huỷ bỏ"))
            assert talk.form is None, reply.text
            assert reply.text

    def teardown(self) -> None:
        if hasattr(self, "system"):
            self.run(self.system.database.close())
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)


TEMPLATE: dict[str, Path] = {}
OPENED: dict[str, System] = {}


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One seeded database, copied for every walk."""
    build_mind(HOME / "var" / "model")
    file = tmp_path_factory.mktemp("walk") / "template.db"

    async def make() -> None:
        OPENED["system"] = await open_system(Settings(), f"sqlite:///{file}", samples=True)
        await OPENED["system"].database.close()

    asyncio.run(make())
    TEMPLATE["file"] = file


def _walk(walks: int, length: int, same: bool = False) -> int:
    """So many walks, the same ones each time or others; how many steps they made."""
    Walk.steps = 0
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    held = settings(
        max_examples=walks,
        stateful_step_count=length,
        derandomize=same,
        deadline=None,
        suppress_health_check=checks,
        database=None,
    )
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Walk, settings=held)  # type: ignore[no-untyped-call]
    return Walk.steps


def test_help_and_cancel_work_everywhere() -> None:
    assert _walk(4, 20, same=True) > 5


@pytest.mark.long
def test_help_and_cancel_work_everywhere_far() -> None:
    assert _walk(260, 60) >= 10_000
