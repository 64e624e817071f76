"""Plays one short conversation over a system that really runs: need, policy answer, match, new offer told."""

import asyncio
import json
import os
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from config.settings import Settings

SAID = (
    "nha em lam hoi kho hay bi moc, can may say tam 300tr",
    "khoảng 20 tấn/năm",
    "xin hỗ trợ rồi mà mua máy trước thì có được không?",
    "trước tháng 6 năm sau",
    "xã Tân Đoàn",
    "đang phơi sân",
    "Mai, 0900000001",
    "Đồng ý lưu phiếu",
    "Đúng, gửi",
    "Báo ngay",
)
OFFER = (
    "INSERT INTO offer (id, title, summary, products, processes, transfer_modes, price_min_million_vnd, price_max_million_vnd, "
    "capacity_min, capacity_max, capacity_unit, owner, serves, state, written_by) VALUES "
    "('DEMO-1', 'Tủ sấy hồi khô bằng bơm nhiệt (mẫu)', 'Sấy hoa hồi giữ màu, không phụ thuộc thời tiết.', "
    """'["hoa hồi"]', '["sấy bơm nhiệt"]', '["BAN"]', 250, 290, 200, 400, 'kg/mẻ', 'Xưởng máy mẫu', 'all', 'verified', 'nhipcau')"""
)
WAIT = 25.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Visitor:
    """A browser without a screen: keeps its cookie, says, listens."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor())
        self.cursor = 0

    def open(self) -> bool:
        try:
            with (
                self.opener.open(self.base + "/ready", timeout=2) as ready,
                self.opener.open(self.base + "/", timeout=2),
            ):
                return bool(json.load(ready)["ready"])
        except (URLError, OSError, ValueError):
            return False

    def say(self, text: str, number: int) -> None:
        body = json.dumps({"text": text, "id": f"demo-{number:06d}", "button": False}).encode()
        with self.opener.open(Request(self.base + "/say", body, {"Content-Type": "application/json"}), timeout=5):
            pass

    def hear(self) -> dict[str, Any] | None:
        """The next line of the talk that is not ours; None when nothing comes in time."""
        try:
            with self.opener.open(f"{self.base}/stream?after={self.cursor}", timeout=WAIT) as stream:
                for raw in stream:
                    line = raw.decode()
                    if line.startswith("id: "):
                        self.cursor = int(line[4:])
                    elif line.startswith("data: "):
                        said: dict[str, Any] = json.loads(line[6:])
                        if said["direction"] == "out":
                            return said
        except (URLError, OSError):
            pass
        return None


def _show(who: str, text: str) -> None:
    print(f"\n{who}: " + text.replace("\n", "\n    "), flush=True)


def _talk(base: str, file: Path) -> bool:
    visitor = _Visitor(base)
    visitor.open()
    for number, text in enumerate(SAID):
        _show("Khách", text)
        visitor.say(text, number)
        reply = visitor.hear()
        if reply is None:
            print("No reply came in time.", file=sys.stderr)
            return False
        _show("Nhịp Cầu", reply["text"] + "".join(f"\n[{label}]" for label in reply["choices"]))
    print("\n--- a program elsewhere writes an offer by plain SQL ---")
    with sqlite3.connect(file, timeout=15) as other:
        other.execute(OFFER)
    return _told(visitor, file)


def _told(visitor: _Visitor, file: Path) -> bool:
    from datetime import UTC, datetime

    from domain.worktime import WorkTime, say_time

    now, worktime = datetime.now(UTC), WorkTime()
    if worktime.may_push(now):
        notice = visitor.hear()
        if notice is None:
            print("The new offer was not told in time.", file=sys.stderr)
            return False
        _show("Nhịp Cầu (báo tin)", notice["text"])
        return True
    for _ in range(100):
        with sqlite3.connect(file, timeout=15) as other:
            row = other.execute(
                "SELECT text, run_at FROM outbox WHERE kind = 'notice' AND text LIKE '%Tủ sấy hồi%'"
            ).fetchone()
        if row:
            _show(f"Nhịp Cầu (giờ yên lặng, sẽ báo lúc {say_time(worktime.next_push(now))})", row[0])
            return True
        import time

        time.sleep(0.1)
    print("The new offer was not matched in time.", file=sys.stderr)
    return False


async def play(settings: Settings, folder: Path) -> bool:
    """Runs a system in `folder`, talks with it over HTTP, stops it; False when something did not come."""
    port, file = _free_port(), folder / "demo.db"
    names = {"NHIPCAU_PORT": str(port), "NHIPCAU_HOST": "127.0.0.1", "NHIPCAU_DATABASE_URL": f"sqlite:///{file}",
             "NHIPCAU_DATA_DIR": str(settings.data_dir), "NHIPCAU_LOG_LEVEL": "error"}  # fmt: skip
    command = (sys.executable, "-m", "bot", "run")
    running = await asyncio.create_subprocess_exec(*command, env={**os.environ, **names})
    try:
        visitor = _Visitor(f"http://127.0.0.1:{port}")
        for _ in range(900):
            if running.returncode is not None or await asyncio.to_thread(visitor.open):
                break
            await asyncio.sleep(0.1)
        good = running.returncode is None and await asyncio.to_thread(_talk, visitor.base, file)
    finally:
        if running.returncode is None:
            running.terminate()
        status = await running.wait()
    print(f"\nThe system stopped with status {status}.")
    return good and status == 0
