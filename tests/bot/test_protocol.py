"""The line protocol spoken with the real program: exactly one line for a line, a kill -9 loses nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.settings import HOME
from nlu.model import Model

AT = "2026-12-07T08:10:00+07:00"


class Program:
    """`nhipcau chat --json` as a process."""

    def __init__(self, file: Path, person: str = "mai") -> None:
        command = [sys.executable, "-m", "bot", "chat", "--json", "--at", AT, "--person", person]
        command += ["--database", f"sqlite:///{file}"]
        self.process = subprocess.Popen(
            command, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def send(self, line: str | bytes | dict[str, Any]) -> list[dict[str, Any]]:
        """One line in, one line out."""
        raw = json.dumps(line, ensure_ascii=False).encode() if isinstance(line, dict) else line
        raw = raw.encode() if isinstance(raw, str) else raw
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(raw + b"\n")
        self.process.stdin.flush()
        replies: list[dict[str, Any]] = json.loads(self.process.stdout.readline())["replies"]
        return replies

    def end(self) -> str:
        """Ends the input; the log comes back."""
        out, log = self.process.communicate(timeout=15)
        assert self.process.returncode == 0
        assert out == b""
        return log.decode()


@pytest.fixture
def file(tmp_path: Path, mind: Model) -> Path:
    return tmp_path / "talk.db"


def test_talk_with_every_kind_of_line(file: Path) -> None:
    program = Program(file)
    event = {"id": "E1", "title": "Hội thảo sấy hồi", "start": "2026-12-16T08:00:00+07:00", "end": None,
             "place": "Hội trường", "seats": 30, "taken": 2, "free": True}  # fmt: skip
    assert program.send({"given": {"events": [event], "offers": []}}) == []
    first = program.send({"burst": ["chào em", "nhà em làm hoa hồi hay bị mốc, cần máy sấy"]})
    assert len(first) == 1
    assert "hoa hồi" in first[0]["text"]
    for bad in ("", "không phải JSON", "[1, 2]", '{"text": 5}', b"\xff\xfe\xfa", '{"burst": []}', '{"advance": "x"}'):
        assert isinstance(program.send(bad), list)
    listed = program.send({"text": "sắp có hội thảo nào không?"})
    assert "Hội thảo sấy hồi" in listed[0]["text"]
    assert program.send({"advance": "2h"}) == []
    log = program.end()
    assert "hoa hồi" not in log


def test_every_choice_can_be_typed(file: Path) -> None:
    for way in ("button", "text"):
        program = Program(file.with_name(f"{way}.db"))
        program.send({"text": "nhà em làm hoa hồi hay bị mốc, cần máy sấy, 20 tấn/năm"})
        before = program.send({"text": "kinh phí bao nhiêu thì chưa biết"})
        assert before
        told = program.send({way: "Chưa biết" if way == "button" else "chua biet"})
        assert "xã/phường" in told[0]["text"] or "khi nào" in told[0]["text"].lower()
        program.end()


def test_kill_loses_nothing(file: Path) -> None:
    program = Program(file)
    program.send({"text": "nhà em làm hoa hồi hay bị mốc, cần máy sấy"})
    told = program.send({"text": "20 tấn một năm"})
    program.process.kill()
    program.process.wait()
    again = Program(file)
    asked = again.send({"text": "tầm 300 triệu"})
    assert "300 triệu" in asked[0]["text"]
    card = again.send({"text": "phiếu"})
    assert "20 tấn" in told[0]["text"]
    assert card
    again.end()


def test_kill_in_the_middle_of_a_turn(file: Path) -> None:
    """The message is stored, the process dies before the reply is read: the next run goes on from it."""
    program = Program(file)
    program.send({"text": "nhà em làm hoa hồi hay bị mốc, cần máy sấy"})
    assert program.process.stdin is not None
    program.process.stdin.write(json.dumps({"text": "20 tấn một năm"}).encode() + b"\n")
    program.process.stdin.flush()
    program.process.kill()
    program.process.wait()
    again = Program(file)
    told = again.send({"text": "20 tấn một năm"})
    assert len(told) == 1
    again.end()
    import sqlite3

    with sqlite3.connect(file) as db:
        kept = json.loads(db.execute("SELECT data FROM conversation").fetchone()[0])
        (waiting,) = db.execute("SELECT count(*) FROM inbox WHERE state = 'waiting'").fetchone()
    assert waiting == 0
    assert kept["form"]["scale"]["words"] == "20 tấn/năm"
