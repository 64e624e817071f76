"""Zalo's Bot Platform over HTTP: a talk in text with numbers, both ways of hearing, every class of outcome."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Ending, Unfetched
from bot.channels.zalo_bot import Client, ZaloBotChannel, hosts_of, pieces, read, unwrapped, width
from config.settings import BadSetting, read_settings
from domain.notice import Kind
from storage.outbox import Outgoing
from tests.bot.conftest import Running
from tests.bot.hall import NOW
from tests.platform.running import Emulator
from tests.platform.zalo_bot import TOKEN, chat_of
from tests.warm import Nursery, WarmServer

NEED = "nha em lam hoi kho hay bi moc, can may say tam 300tr"


class Chat:
    """A person who writes to the bot."""

    def __init__(self, emulator: Emulator, name: str = "Mai") -> None:
        self.emulator, self.id = emulator, emulator.person(name).id
        self.seen = 0

    def do(self, act: str, **body: Any) -> Any:
        return self.emulator.ask("POST", f"zalo-bot/people/{self.id}/{act}", body)

    def heard(self) -> list[str]:
        entries = self.emulator.ledger(platform="zalo_bot", chat_id=chat_of(self.id))
        return [entry["text"] for entry in entries]

    def hear(self, seconds: float = 25.0) -> str:
        end = time.monotonic() + seconds
        while len(found := self.heard()) <= self.seen:
            assert time.monotonic() < end, ("nothing is heard", self.emulator.ask("GET", "zalo-bot/calls")[-5:])
            time.sleep(0.1)
        self.seen += 1
        return found[self.seen - 1]

    def asks(self, text: str) -> str:
        self.do("say", text=text)
        return self.hear()


def begin(nursery: Nursery, folder: Path, mode: str) -> Running:
    emulator = Emulator(folder / "ledger.jsonl")
    more = {"NHIPCAU_ZALO_BOT_TOKEN": TOKEN, "NHIPCAU_ZALO_BOT_API_URL": f"{emulator.base}/zalo-bot"}
    more |= {"NHIPCAU_ZALO_BOT_MODE": mode, "NHIPCAU_ZALO_BOT_RATE": "20", "NHIPCAU_LOG_LEVEL": "error"}
    server = WarmServer(nursery, folder, **more)
    server.env["NHIPCAU_ZALO_BOT_WEBHOOK_URL"] = server.base
    return Running(emulator, server.start())


@pytest.fixture(params=["polling", "webhook"])
def running(request: pytest.FixtureRequest, nursery: Nursery, tmp_path: Path) -> Iterator[Running]:
    made = begin(nursery, tmp_path, request.param)
    yield made
    made.server.kill()
    made.emulator.close()


def test_a_need_is_stated_in_text_with_numbers(running: Running) -> None:
    mai = Chat(running.emulator)
    told = mai.asks(NEED)
    assert "hoa hồi" in told and "(4/9)" in told and "\n  1. Chưa biết" in told, "a button is a number"
    assert "khi nào cần" in mai.asks("1")
    mai.do("sticker")
    assert mai.hear(), "what is not text is answered too"
    mai.do("in_group", text="chào cả nhóm")
    mai.do("say", text="trước tháng 6 năm sau", again=True)
    assert "31/05/" in mai.hear()
    time.sleep(3)
    assert len(mai.heard()) == mai.seen, "what comes twice is taken once; groups hear nothing"
    ids = running.rows("SELECT update_id FROM inbox WHERE channel = 'zalo_bot'")
    assert len(ids) == len(set(ids)) == 4


def test_the_webhook_in_both_shapes_with_its_secret_and_over_a_restart(nursery: Nursery, tmp_path: Path) -> None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    running = begin(nursery, tmp_path, "webhook")
    try:
        mai = Chat(running.emulator)
        assert mai.asks("mấy giờ làm việc?")
        running.emulator.ask("POST", "zalo-bot", {"wrapped": False})
        assert "07:30" in mai.asks("mấy giờ làm việc?")
        for secret in ("", "x" * 64):
            body = Request(running.server.base + "/zalo-bot", b"{}", {"X-Bot-Api-Secret-Token": secret})
            with pytest.raises(HTTPError, match="403"):
                urlopen(body, timeout=5)
        mai.do("say", text=NEED)
        time.sleep(0.3)
        running.server.kill()  # it was kept before the platform was told
        running.server.start()
        assert "hoa hồi" in mai.hear()
    finally:
        running.server.kill()
        running.emulator.close()


# --- outcomes -----------------------------------------------------------------------------------------------------
def item(text: str, attempt: int = 1, chat: str = "", labels: tuple[str, ...] = ()) -> Outgoing:
    choices = tuple({"label": label, "action": "x", "also": []} for label in labels)
    return Outgoing(1, Kind.REPLY, 1, 1, "zalo_bot", chat, text, choices, attempt)


def channel(emulator: Emulator, token: str = TOKEN, **more: Any) -> ZaloBotChannel:
    return ZaloBotChannel(Client(token, f"{emulator.base}/zalo-bot"), 1.0, 60.0, False, **more)


FAULTS: tuple[tuple[dict[str, Any], Ending, bool], ...] = (
    ({"verb": "error", "code": 400, "description": "Bad Request"}, Ending.REFUSED, False),
    ({"verb": "error", "code": 403, "description": "Internal"}, Ending.ERRED, False),
    ({"verb": "error", "code": 404, "description": "Not Found"}, Ending.REFUSED, False),
    ({"verb": "error", "code": 429, "description": "Quota exceeded"}, Ending.UNSENT, False),
    ({"verb": "error", "code": 500, "description": "Oops"}, Ending.ERRED, True),
    ({"verb": "error", "code": 502, "body": "<html>Bad Gateway</html>"}, Ending.ERRED, True),
    ({"verb": "drop_before"}, Ending.UNKNOWN, True),
    ({"verb": "deliver_then_drop"}, Ending.UNKNOWN, True),
)


@pytest.mark.asyncio
@pytest.mark.parametrize(("fault", "ending", "away"), FAULTS)
async def test_each_fault_has_its_class(emulator: Emulator, fault: dict[str, Any], ending: Ending, away: bool) -> None:
    mai, line = Chat(emulator), channel(emulator)
    emulator.fault(fault.pop("verb"), "sendMessage", platform="zalo_bot", **fault)
    outcome = await line.send(item("Chào anh/chị.", chat=chat_of(mai.id)))
    assert (outcome.ending, outcome.away) == (ending, away), outcome
    assert (outcome.pause == 60.0) is (ending is Ending.UNSENT), "a limit is obeyed and is no fault of the row"
    assert (await line.send(item("Chào anh/chị.", chat=chat_of(mai.id), attempt=2))).ending is Ending.SENT
    await line.close()


@pytest.mark.asyncio
async def test_out_of_reach_a_refused_token_and_a_second_try(emulator: Emulator) -> None:
    mai = Chat(emulator)
    wrong = channel(emulator, "1:wrong")
    assert (await wrong.send(item("x", chat=chat_of(mai.id)))).ending is Ending.UNSENT
    assert wrong.stopped and "TOKEN" in wrong.stopped and "wrong" not in wrong.stopped
    await wrong.close()
    line = channel(emulator)
    emulator.fault("drop_before", "getMe", platform="zalo_bot")
    again = await line.send(item("x", attempt=2, chat=chat_of(mai.id)))
    assert again.ending is Ending.UNSENT and not mai.heard(), "no second try before the platform answers"
    assert (await line.send(item("x", chat="nobody"))).ending is Ending.REFUSED
    emulator.ask("POST", "zalo-bot", {"quota": 1})
    assert (await line.send(item("x", chat=chat_of(mai.id)))).ending is Ending.SENT
    assert (await line.send(item("x", chat=chat_of(mai.id)))).pause == 60.0
    emulator.close()
    await line.send(item("x", chat=chat_of(mai.id)))  # the open connection broke
    outcome = await line.send(item("x", chat=chat_of(mai.id)))
    assert (outcome.ending, outcome.away) == (Ending.UNSENT, True) and (outcome.pause or 0) > 0
    await line.close()


@pytest.mark.asyncio
async def test_long_answers_come_in_parts_that_fit(emulator: Emulator) -> None:
    mai, line = Chat(emulator), channel(emulator)
    text = "Hồ sơ gồm đơn đề nghị và thuyết minh. " * 120
    said = item(text, chat=chat_of(mai.id), labels=("Xem tiếp", "Thôi"))
    assert (await line.send(said)).ending is Ending.SENT
    parts = mai.heard()
    assert len(parts) == 3 and all(width(part) <= 2000 for part in parts)
    assert all(part.endswith(".") for part in parts[:-1]), "cut at the end of a sentence"
    assert parts[-1].endswith("  1. Xem tiếp\n  2. Thôi")
    assert pieces(item("Hoà")) == ["Hoà"], "NFC"
    assert not line.may_push(said, NOW), "news only where the setting says so"
    await line.close()


@pytest.mark.asyncio
async def test_pictures_are_fetched_from_named_hosts_only(emulator: Emulator) -> None:
    line = channel(emulator, hosts=hosts_of("zdn.vn, 127.0.0.1"))
    for address in (
        "https://evil.example/x.jpg",
        "https://zdn.vn.evil.example/x",
        "http://zdn.vn/x",
        "file:///etc/passwd",
    ):
        with pytest.raises(Unfetched) as refused:
            await line.fetch(address, 1000)
        assert refused.value.final
    with pytest.raises(Unfetched):
        await line.fetch(f"{emulator.base}/sim/none", 1000)
    assert b"<!doctype html>" in await line.fetch(f"{emulator.base}/", 10_000_000), "the emulator's page"
    await line.close()


def test_odd_updates_are_read_without_harm() -> None:
    good = {
        "event_name": "message.text.received",
        "message": {"chat": {"id": "c"}, "from": {"id": "p"}, "message_id": "1"},
    }
    for odd in (None, [], {}, {"ok": True}, {"result": 5}, {"message": "x"}):
        assert unwrapped(odd) is None
    assert unwrapped({"ok": True, "result": good}) == unwrapped(good) == good
    assert read(good, "", NOW) is not None, "a text that is empty is kept for a human"
    for date in (None, "x", -1, 1e20, True):
        said = read({**good, "message": {**good["message"], "date": date, "text": "x"}}, "", NOW)  # type: ignore[dict-item]
        assert said is not None and said.sent_at == NOW
    assert read(good, "p", NOW) is None, "our own words come back"
    assert read({"event_name": "x", "message": {}}, "", NOW) is None


def test_wrong_settings_are_named() -> None:
    with pytest.raises(BadSetting, match="ZALO_BOT_TOKEN"):
        read_settings(zalo_bot_token="not a token")
    with pytest.raises(BadSetting, match="ZALO_BOT_WEBHOOK_URL"):
        read_settings(zalo_bot_token=TOKEN, zalo_bot_mode="webhook")
