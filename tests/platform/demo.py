"""Plays one short real conversation over the emulated Telegram, or leaves both up to chat by hand."""

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from bot.demo import OFFER
from config.settings import HOME, read_settings
from domain.worktime import WorkTime, say_time
from tests.platform.phone import Phone, Refused
from tests.platform.running import Emulator, free_port

STEPS = (
    ("start", ""),
    ("press", "Ghi nhu cầu công nghệ"),
    ("say", "nha em lam hoi kho hay bi moc, can may say tam 300tr"),
    ("say", "khoảng 20 tấn/năm"),
    ("say", "xin hỗ trợ rồi mà mua máy trước thì có được không?"),
    ("say", "trước tháng 6 năm sau"),
    ("say", "xã Tân Đoàn"),
    ("press", "Chưa biết"),
    ("contact", ""),
    ("press", "Đồng ý lưu phiếu"),
    ("press", "Đúng, gửi"),
    ("press", "Đồng ý, báo ngay khi có"),
    ("say", "sắp tới có hội thảo nào không em?"),
    ("press", "Sấy và bảo quản hoa hồi giữ màu"),
    ("press", "Đăng ký tham dự"),
)
HEAD = """# One conversation over Telegram

Written by `make telegram-conversation`: the running system (`nhipcau run`) talks with the emulated Telegram of the tests.
People, offers and events are invented. `[…]` are the buttons under a message.

```
"""


class Talk:
    """Prints what happens and keeps it."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.lines: list[str] = []

    def show(self, line: str) -> None:
        """One line for the eyes and the file."""
        self.lines.append(line)
        print(line, flush=True)

    def hear(self, wait: float = 30.0) -> None:
        """The bot's next message with its buttons."""
        heard = self.phone.hear(wait)
        file = heard.get("document", {}).get("file_name")
        first, *rest = [*heard["text"].splitlines(), *([f"<{file}>"] if file else [])]
        self.show("\n".join([f"Nhịp Cầu: {first}", *(f"    {line}".rstrip() for line in rest)]))
        for row in heard["buttons"] or self.phone.screen()["keyboard"] or []:
            self.show("    " + " ".join(f"[{label}]" for label in row))
        self.show("")

    def step(self, act: str, words: str) -> None:
        """One act of the person and the answer."""
        if act == "start":
            self.show("Lan: /start")
            self.phone.start(words)
        elif act == "press":
            self.show(f"Lan: [{words}]")
            self.phone.press(words)
        elif act == "contact":
            self.show("Lan: [Gửi số điện thoại của tôi]")
            self.phone.do("send", kind="contact")
        else:
            self.show(f"Lan: {words}")
            self.phone.say(words)
        self.hear()


class Demo:
    """The emulator and the system in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.emulator = Emulator(folder / "ledger.jsonl")
        self.file, self.port = folder / "demo.db", free_port()
        names = {
            "NHIPCAU_PORT": str(self.port),
            "NHIPCAU_HOST": "127.0.0.1",
            "NHIPCAU_DATABASE_URL": f"sqlite:///{self.file}",
            "NHIPCAU_DATA_DIR": str(read_settings().data_dir),
            "NHIPCAU_LOG_LEVEL": "error",
            "NHIPCAU_TELEGRAM_TOKEN": self.emulator.token,
            "NHIPCAU_TELEGRAM_API_URL": self.emulator.base,
            "NHIPCAU_TELEGRAM_MODE": "polling",
        }
        command = [sys.executable, "-m", "bot", "run"]
        self.process = subprocess.Popen(command, env={**os.environ, **names}, cwd=HOME)

    def ready(self) -> bool:
        """Waits until the system serves; False when it ended."""
        while self.process.poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=2):
                    return True
            except OSError:
                time.sleep(0.1)
        return False

    def stop(self) -> int:
        """Stops both; the status of the system."""
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(20)
        self.emulator.close()
        return status


def play(demo: Demo) -> list[str]:
    """The conversation, then a new offer told; what was shown."""
    talk = Talk(demo.emulator.person("Lan", phone="+84900000001"))
    for act, words in STEPS:
        talk.step(act, words)
    talk.show("--- a program elsewhere writes an offer by plain SQL ---\n")
    with sqlite3.connect(demo.file, timeout=15) as other:
        other.execute(OFFER)
    if WorkTime().may_push(datetime.now(UTC)):
        talk.hear()
        return talk.lines
    for _ in range(200):
        with sqlite3.connect(demo.file, timeout=15) as other:
            row = other.execute("SELECT text FROM outbox WHERE kind = 'notice' AND text LIKE '%Tủ sấy hồi%'").fetchone()
        if row:
            when = say_time(WorkTime().next_push(datetime.now(UTC)))
            talk.show(f"Nhịp Cầu (quiet hours; will be sent at {when}): {row[0]}".replace("\n", "\n    "))
            return talk.lines
        time.sleep(0.1)
    raise AssertionError("the new offer was not told in time")


def leave_up(demo: Demo) -> None:
    """Waits for Ctrl-C."""
    print(
        f"Chat by hand at {demo.emulator.base} (Ctrl-C stops). The system's own page: http://127.0.0.1:{demo.port}",
        flush=True,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        demo.process.wait()
    except KeyboardInterrupt:
        print()


def main() -> int:
    """0 when everything came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chat", action="store_true", help="leave both up to chat by hand in a browser")
    parser.add_argument("--write", type=Path, help="a file for the transcript")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nhipcau-demo-") as folder:
        demo = Demo(Path(folder))
        good = False
        try:
            if demo.ready():
                if given.chat:
                    leave_up(demo)
                else:
                    lines = play(demo)
                    if given.write:
                        given.write.write_text(HEAD + "\n".join(lines).strip() + "\n```\n", encoding="utf-8")
                good = True
        except (AssertionError, Refused) as error:
            print(f"The conversation broke off: {error}", file=sys.stderr)
        status = demo.stop()
    print(f"The system stopped with status {status}.")
    return 0 if good and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
