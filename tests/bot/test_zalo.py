"""The Zalo channel as people and the platform meet it: the webhook's door, then `nhipcau run` over the emulated account."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.base import ChatNews
from bot.channels.zalo.read import Echo, Looked, read
from bot.channels.zalo.web import Signer, add_webhook
from bot.channels.zalo.write import payload_of, read_payload
from conversation.message import Message, MessageKind
from domain.notice import Kind
from domain.person import AddressState
from storage.outbox import Outgoing
from tests import pictures
from tests.platform.phone import ZaloPhone
from tests.platform.running import Emulator
from tests.warm import Nursery, WarmServer

APP, OA, KEY = "360846524940903967", "388613280878808645", "khoa-bi-mat-oa"
NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
STAMP = str(int(NOW.timestamp() * 1000))
RAW = (
    f'{{"app_id":"{APP}","user_id_by_app":"552177279717587730","event_name":"user_send_text","sender":{{"id":"246845883529197922"}},'
    f'"recipient":{{"id":"{OA}"}},"message":{{"text":"chào em, cần máy sấy","msg_id":"96d3cdf3af150460909"}},"timestamp":"{STAMP}"}}'
).encode()
GOOD = hashlib.sha256(APP.encode() + RAW + STAMP.encode() + KEY.encode()).hexdigest()


# --- signatures -----------------------------------------------------------------------------------------------------
def test_a_signature_computed_elsewhere() -> None:
    """printf '%s' '1{"timestamp":"2"}2k' | sha256sum"""
    mac = "mac=dc0487a5431673273ad08e6764f684325aee31723f0de6ea30acfa90e56b3b39"
    assert Signer(("1",), "k").signed(b'{"timestamp":"2"}', mac, "2")
    assert not Signer(("1",), "k").signed(b'{"timestamp":"2"} ', mac, "2")


def _hmac() -> str:
    return hmac.new(KEY.encode(), APP.encode() + RAW + STAMP.encode(), hashlib.sha256).hexdigest()


def _mac(raw: bytes = RAW, first: str = APP, stamp: str = STAMP, key: str = KEY) -> str:
    return hashlib.sha256(first.encode() + raw + stamp.encode() + key.encode()).hexdigest()


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"mac={GOOD}", 200),
        (f"mac={GOOD.upper()}", 200),
        (GOOD, 200),
        (f"mac={_hmac()}", 403),
        (f"mac={_mac(raw=json.dumps(json.loads(RAW)).encode())}", 403),
        (f"mac={_mac(raw=RAW + b' ')}", 403),
        (f"mac={_mac(first=OA)}", 403),
        (f"mac={_mac(key='khoa-cua-ung-dung')}", 403),
        (f"mac={_mac(stamp='')}", 403),
        ("mac=", 403),
        ("mac=é", 403),
        ("", 403),
    ],
    ids=["good", "capitals", "bare", "hmac", "written anew", "one space more", "account's id first", "another key", "no timestamp", "empty", "no hex", "none"],
)  # fmt: skip
def test_signature(header: str, status: int) -> None:
    found, event = Signer((APP,), KEY).judge(RAW, header, NOW)
    assert found == status and (event is not None) == (status == 200)


def test_either_id_may_stand_first_where_the_settings_say_so() -> None:
    signer = Signer((APP, OA), KEY)
    assert signer.judge(RAW, f"mac={_mac(first=OA)}", NOW)[0] == signer.judge(RAW, f"mac={GOOD}", NOW)[0] == 200
    assert signer.judge(RAW, f"mac={_mac(first='1')}", NOW)[0] == 403


def test_first_probe_is_answered_and_brings_nothing() -> None:
    for secret in ("", KEY):
        assert Signer((APP,), secret).judge(b"", "", NOW) == (200, None)
        assert Signer((APP,), secret).judge(b"{}", "", NOW) == (200, None)
    assert Signer((APP,), "").judge(RAW, "", NOW) == (200, None), "before the secret is set"
    assert Signer((APP,), KEY).judge(RAW, "", NOW) == (403, None), "an unsigned event is no probe once it is"
    for nonsense in (b"[" * 200_000, b"\xff\xfe", b"[1]", b"NaN"):
        assert Signer((APP,), KEY).judge(nonsense, "mac=0", NOW) == (403, None), "what nobody signed breaks nothing"
    assert Signer((APP,), "").judge(RAW, f"mac={GOOD}", NOW) == (503, None), "it comes again when the secret is set"


@pytest.mark.parametrize(
    ("minutes", "kept"), [(0, True), (111.5, True), (-2, True), (179, True), (200, False), (-200, False)]
)
def test_a_late_retry_is_kept_an_old_copy_is_not(minutes: float, kept: bool) -> None:
    status, event = Signer((APP,), KEY).judge(RAW, f"mac={GOOD}", NOW + timedelta(minutes=minutes))
    assert status == 200 and (event is not None) == kept


# --- the door -------------------------------------------------------------------------------------------------------
@pytest.mark.asyncio
async def test_door_answers_within_two_seconds_and_asks_to_come_again() -> None:
    app, kept = FastAPI(), []  # type: FastAPI, list[dict[str, Any]]
    slow = asyncio.Event()

    async def take(event: dict[str, Any]) -> None:
        if not slow.is_set():
            await asyncio.sleep(2.2)
        kept.append(event)

    add_webhook(app, Signer((APP,), KEY), take, lambda: NOW)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        began = time.monotonic()
        first = await client.post("/zalo", content=RAW, headers={"X-ZEvent-Signature": f"mac={GOOD}"})
        assert first.status_code == 503 and time.monotonic() - began < 2
        slow.set()
        again = await client.post("/zalo", content=RAW, headers={"X-ZEvent-Signature": f"mac={GOOD}", "num_retry": "1"})
        assert again.status_code == 200
        assert (await client.post("/zalo", content=b"x" * 1_000_001)).status_code == 413
        assert (await client.post("/zalo", content=b"")).status_code == (await client.get("/zalo")).status_code == 200
        assert "sao chép" in (await client.get("/zalo/dong-y?code=x")).text
        await asyncio.sleep(1.0)
    assert len(kept) == 2, "what was slow is kept all the same; the inbox knows the second as a copy"


# --- events ---------------------------------------------------------------------------------------------------------
def event(name: str, message: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    held = {"event_name": name, "app_id": APP, "sender": {"id": "246"}, "recipient": {"id": OA}, "timestamp": STAMP}
    return {**held, **({"message": {"msg_id": "m1", **message}} if message is not None else {}), **more}


def place(**payload: Any) -> dict[str, Any]:
    return {"attachments": [{"type": "location", "payload": payload}]}


@pytest.mark.parametrize(
    "message",
    [
        place(coordinates={"latitude": "21.85", "longitude": "106.76"}),
        place(latitude=21.85, longitude=106.76),
        place(lat="21.85", long="106.76"),
        {"location": {"latitude": 21.85, "longitude": 106.76}},
    ],
)
def test_a_place_in_every_shape_that_was_seen(message: dict[str, Any]) -> None:
    (found,) = read(event("user_send_location", message), NOW)
    assert isinstance(found, Message) and found.kind is MessageKind.OTHER
    assert (found.extra["kind"], found.extra["latitude"], found.extra["longitude"]) == ("location", 21.85, 106.76)


def test_a_look_at_our_words_opens_no_frame() -> None:
    """The two shapes; it is noted on the row and is no word of the person."""
    around = {"event_name": "user_seen_message", "sender": {"id": OA}, "recipient": {"id": "246"}, "timestamp": STAMP}
    for message, ids in (({"msg_ids": ["m1", "m2"]}, ("m1", "m2")), ({"msg_id": "m1"}, ("m1",))):
        assert read({**around, "message": message}, NOW) == [Looked("246", ids, NOW)]
    assert read({**around, "message": {"msg_ids": []}}, NOW) == [] == read({**around, "message": "x"}, NOW)


def test_what_events_mean() -> None:
    (text,) = read(event("user_send_text", {"text": "sa\u0302\u0301y"}), NOW)
    assert isinstance(text, Message) and (text.text, text.update_id, text.sent_at) == ("sấy", "user_send_text:m1", NOW)
    item = Outgoing(12, Kind.REPLY, 1, 1, "zalo", "246", "Chọn", ({"label": "Đồng ý", "mark": "F1.2"},), 1)
    (pressed,) = read(event("user_send_text", {"text": payload_of(item, 0, item.choices[0])}), NOW)
    assert isinstance(pressed, Message) and pressed.kind is MessageKind.BUTTON
    assert (pressed.text, pressed.extra) == ("Đồng ý", {"row": 12, "index": 0})
    assert read_payload("#nc:x.y Đồng ý") == (None, 0, "Đồng ý") and read_payload("NC-0001") is None
    (file,) = read(
        event(
            "user_send_file",
            {
                "attachments": [
                    {
                        "type": "file",
                        "payload": {"url": "https://f.zdn.vn/a", "name": "a.pdf", "size": "120", "checksum": "x"},
                    }
                ]
            },
        ),
        NOW,
    )
    assert isinstance(file, Message) and (file.extra["file_size"], file.extra["file_name"]) == (120, "a.pdf")
    two = [{"type": "image", "payload": {"url": f"https://f.zdn.vn/{n}"}} for n in "ab"]
    images = read(event("user_send_image", {"attachments": two, "text": "máy cũ"}), NOW)
    assert [one.text for one in images if isinstance(one, Message)] == ["máy cũ", ""]
    assert len({one.update_id for one in images if isinstance(one, Message)}) == 2
    for shape in (
        {"name": "Mai", "phone": "84912345678", "full_address": {}},
        {"name": "Mai", "phone": "84912345678", "city": "x"},
    ):
        (info,) = read(event("user_submit_info", info=shape), NOW)
        assert isinstance(info, Message) and info.text == "Mai, +84912345678"
    joined = read({"oa_id": OA, "follower": {"id": "246"}, "event_name": "follow", "timestamp": STAMP}, NOW)
    assert joined == [
        ChatNews("zalo", "", "246", state=AddressState.ACTIVE),
        Message("zalo", "", f"follow:246:{STAMP}", "246", "/start", NOW),
    ]
    assert read({"follower": {"id": "246"}, "event_name": "unfollow", "timestamp": STAMP}, NOW) == [
        ChatNews("zalo", "", "246", state=AddressState.BLOCKED)
    ]
    echo = event("oa_send_text", {"text": "Chào"}, sender={"id": OA}, recipient={"id": "246"})
    assert read(echo, NOW) == [Echo("246", "m1", "Chào", NOW)]
    for name in (
        "user_received_message",
        "user_send_group_text",
        "add_user_to_tag",
        "anonymous_send_text",
        "",
    ):
        assert read(event(name, {"text": "x"}), NOW) == [], f"{name} opens no frame"
    (strange,) = read(event("user_send_poll", {}), NOW)
    assert isinstance(strange, Message) and strange.extra["kind"] == "unknown"
    for broken in (
        {},
        {"event_name": "user_send_text"},
        event("user_send_image", {"attachments": "x"}),
        event("user_send_text", {"text": None}),
        event("follow", follower=3),
    ):
        read(broken, NOW)


# --- the running system ---------------------------------------------------------------------------------------------
class Running:
    """The emulated Zalo with the system that talks to it."""

    def __init__(self, nursery: Nursery, folder: Path) -> None:
        self.emulator = Emulator(folder / "ledger.jsonl")
        account = self.emulator.account()
        seed = self.emulator.ask("POST", "zalo/grant", {})["refresh_token"]
        more = {
            "NHIPCAU_ZALO_APP_ID": account["app_id"], "NHIPCAU_ZALO_APP_SECRET": account["app_secret"],
            "NHIPCAU_ZALO_OA_SECRET": account["oa_secret"], "NHIPCAU_ZALO_REFRESH_TOKEN": seed,
            "NHIPCAU_ZALO_API_URL": self.emulator.base, "NHIPCAU_ZALO_OAUTH_URL": self.emulator.base,
            "NHIPCAU_ZALO_FORM_IMAGE": "https://nhipcau.example.vn/a.png", "NHIPCAU_LOG_LEVEL": "error",
        }  # fmt: skip
        self.server = WarmServer(nursery, folder, **more)
        self.server.start()
        self.emulator.account(webhook=f"{self.server.base}/zalo")

    def mai(self) -> ZaloPhone:
        phone = self.emulator.zalo("Mai", phone="+84900000001")
        phone.start()
        assert "Nhịp Cầu" in phone.hear()["text"]
        return phone


@pytest.fixture(scope="module")
def running(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A system of its own."""
    made = Running(nursery, tmp_path_factory.mktemp("zalo"))
    yield made
    made.server.kill()
    made.emulator.close()


def test_a_need_from_greeting_to_sending(running: Running) -> None:
    mai = running.mai()
    mai.asks(
        "nha em lam hoi kho hay bi moc, can may say tam 300tr, khoảng 20 tấn/năm, cần trước tháng 6 năm sau, ở xã Tân Đoàn"
    )
    form = mai.asks("đang phơi sân")
    assert form["kind"] == "user_info", "the platform's own form asks for name and number"
    mai.do("submit", name="Nguyễn Thị Mai", phone="84912345678")
    assert ["Đồng ý lưu phiếu"] in mai.hear()["buttons"]
    mai.press("Đồng ý lưu phiếu")
    card = mai.hear()
    assert "hoa hồi" in card["text"] and "Mai" in card["text"]
    mai.press("Đúng, gửi")
    assert "NC-" in mai.hear()["text"]
    mai.press("Đúng, gửi")  # an impatient second tap, hidden as the first
    assert "NC-" in mai.hear()["text"]
    mai.do("send", kind="image", content=pictures.jpeg())
    assert "ảnh" in mai.hear()["text"]
    statuses = {call["status"] for call in running.emulator.ask("GET", "zalo/hooks")}
    assert 200 in statuses <= {200, 0, 503}, "nothing is refused; what a slow machine takes too late comes again"


def test_killed_with_a_message_on_its_way_and_another_unheard(running: Running) -> None:
    mai = running.mai()
    mai.asks("nhà em cần máy sấy hoa hồi khoảng 20 tấn/năm")
    running.emulator.fault("deliver_then_hang", "cs", chat_id=mai.uid, seconds=30)
    mai.say("sửa 3 thành 25 tấn/năm")
    told = mai.hear()  # it arrived; the system does not know it yet
    assert "25 tấn" in told["text"]
    running.server.kill()
    mai.say("sửa 3 thành 30 tấn/năm")  # nobody is there: the platform tries again
    time.sleep(1.0)
    running.server.start()
    running.emulator.advance(31)
    heard = mai.hear(60)
    assert "30 tấn" in heard["text"], "what came while nobody listened is answered"
    mai.silence(3)
    texts = [line for line in mai.all_heard() if "25 tấn/năm" in line and "30 tấn" not in line]
    assert len(texts) == 1, "what had arrived is not said again"
    retries = [call["retry"] for call in running.emulator.ask("GET", "zalo/hooks") if call["retry"]]
    assert retries and set(retries) == {1}


def test_each_event_twice_is_answered_once(running: Running) -> None:
    running.emulator.fault("duplicate_update", times=None)
    mai = running.mai()
    mai.asks("sở làm việc mấy giờ?")
    mai.silence(2)
    running.emulator.clear()


def test_leaving_and_coming_back(running: Running) -> None:
    mai = running.mai()
    mai.do("unfollow")
    time.sleep(0.5)
    mai.start()
    assert mai.hear()["text"], "no scolding"
