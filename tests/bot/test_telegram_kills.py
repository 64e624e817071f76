"""The whole process is killed at random moments under load: every message is answered, the state changes once."""

import random
import re
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.bot.conftest import Running, begin, end
from tests.platform.phone import Phone
from tests.warm import Nursery

SCALE = re.compile(r"(\d+) tấn/năm(?: \(trước: (\d+) tấn/năm)?")
PEOPLE = 12
PATIENCE = 240.0  # seconds for an answer or a start: how slow a crowded machine may be, not what is proved


class Talker(threading.Thread):
    """One person who corrects the third answer of the form again and again: 101, 102, 103 …"""

    def __init__(self, phone: Phone, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.phone, self.stop = phone, stop
        self.said = 100
        self.slowest = 0.0
        self.wrong: list[str] = []

    def run(self) -> None:
        while not self.stop.is_set():
            self.said += 1
            began = time.monotonic()
            self.phone.say(f"sửa 3 thành {self.said} tấn/năm")
            while not self.answered():
                if time.monotonic() - began > PATIENCE:
                    self.wrong.append(f"no answer to {self.said}")
                    return
            self.slowest = max(self.slowest, time.monotonic() - began)

    def answered(self) -> bool:
        """Listens to one more line; whether it answers what was said last, with the state as it must have been."""
        try:
            text = self.phone.hear(1)["text"]
        except AssertionError:
            return False
        found = SCALE.search(text)
        if found is None or int(found.group(1)) != self.said:
            return False  # a second copy of an earlier answer
        if found.group(2) is not None and int(found.group(2)) != self.said - 1:
            self.wrong.append(f"{self.said}: {text}")
        return True


def flying(running: Running) -> list[str]:
    """The texts of the answers that were on their way."""
    return [row[0] for row in running.rows("SELECT text FROM outbox WHERE state = 'sending'")]


def play(running: Running, kills: int) -> dict[str, float]:
    """Lets people talk while the process is killed; checks everything; the figures."""
    chance = random.Random(kills)
    running.emulator.limits(on=False)
    people = [running.emulator.person(f"Khách {number}") for number in range(PEOPLE)]
    for phone in people:
        phone.say("nhà em làm hoa hồi hay bị mốc, cần máy sấy, 100 tấn/năm")
    for phone in people:
        phone.hear()
    running.emulator.fault("delay", "sendMessage", times=None, seconds=0.3)
    stop, in_flight, recovered = threading.Event(), Counter[str](), []
    talkers = [Talker(phone, stop) for phone in people]
    for talker in talkers:
        talker.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.2, 2.0))
        running.server.kill()
        in_flight.update(flying(running))
        heard, began = len(running.emulator.ledger(what="message")), time.monotonic()
        running.server.spawn()
        while len(running.emulator.ledger(what="message")) == heard:
            assert time.monotonic() - began < PATIENCE
            time.sleep(0.05)
        recovered.append(time.monotonic() - began)
    stop.set()
    for talker in talkers:
        talker.join(PATIENCE)
        assert not talker.is_alive() and not talker.wrong, talker.wrong
    running.emulator.clear()
    time.sleep(0.5)
    assert running.rows("SELECT count(*) FROM inbox WHERE state <> 'handled'") == [(0,)]
    assert running.rows("SELECT state, attempt, reason FROM outbox WHERE state <> 'sent'") == []
    for talker in talkers:
        turns = running.rows(
            "SELECT count(*) FROM inbox WHERE person_id = (SELECT person_id FROM address WHERE external_id = ?)",
            str(talker.phone.id),
        )
        assert turns == [(talker.said - 100 + 1,)], "each message is stored once"
    copies = Counter((entry["chat_id"], entry["text"]) for entry in running.emulator.ledger(what="message"))
    second = sum(count - 1 for count in copies.values())
    assert second <= sum(in_flight.values()), "a second copy only of what was on its way at a kill"
    told = sum(talker.said - 100 for talker in talkers)
    slowest = max(talker.slowest for talker in talkers)
    return {"answered": told, "in flight": sum(in_flight.values()), "second copies": second, "slowest": round(slowest, 1),
            "first answer after a kill": round(max(recovered), 1)}  # fmt: skip


LONG = [pytest.param(mode, 50, marks=pytest.mark.long) for mode in ("polling", "webhook")]


@pytest.mark.parametrize(("mode", "kills"), [("polling", 3), ("webhook", 2), *LONG])
def test_killed_at_random_moments(nursery: Nursery, tmp_path: Path, mode: str, kills: int) -> None:
    running = begin(nursery, tmp_path, mode, speed=10.0)  # Telegram waits up to two minutes before it calls again
    try:
        print(mode, kills, "kills:", play(running, kills))
    finally:
        end(running)
