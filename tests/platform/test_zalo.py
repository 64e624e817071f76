"""The emulated Zalo beside its documentation: plain requests as anybody's client would send them."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.platform.phone import ZaloPhone
from tests.platform.running import Emulator
from tests.platform.witness import Receiver, until

TEN = datetime.now(UTC).replace(hour=3, minute=0, second=0) + timedelta(days=1)  # 10:00 in Việt Nam


class Account:
    """A client of the account with a good token."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        emulator.hold(True)
        emulator.advance(TEN.timestamp() - emulator.ask("GET", "clock")["now"])
        self.shown = emulator.account()
        self.pair = emulator.ask("POST", "zalo/grant", {})
        self.client = httpx.Client(base_url=emulator.base)

    def call(self, path: str, body: dict[str, Any] | None = None, token: str = "", **query: Any) -> dict[str, Any]:
        """The whole envelope; every answer comes with status 200."""
        head = {"access_token": token or self.pair["access_token"]}
        if body is None:
            answer = self.client.get(path, params={"data": json.dumps(query)}, headers=head)
        else:
            answer = self.client.post(path, json=body, headers=head)
        assert answer.status_code == 200
        held: dict[str, Any] = answer.json()
        return held

    def says(self, phone: ZaloPhone, **message: Any) -> int:
        """The error of a consultation message."""
        return int(self.call("/v3.0/oa/message/cs", {"recipient": {"user_id": phone.uid}, "message": message})["error"])

    def renew(self, **form: str) -> dict[str, Any]:
        """The answer of the token endpoint."""
        held = {"app_id": self.shown["app_id"], "grant_type": "refresh_token", **form}
        answer = self.client.post("/v4/oa/access_token", data=held, headers={"secret_key": self.shown["app_secret"]})
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """A fresh account whose clock stands at ten in the morning."""
    emulator = Emulator(tmp_path / "ledger.jsonl")
    made = Account(emulator)
    yield made
    made.client.close()
    emulator.close()


def lan(account: Account) -> ZaloPhone:
    """A person who follows."""
    phone = account.emulator.zalo("Lan")
    phone.start()
    return phone


def test_tokens_rotate_and_end(account: Account) -> None:
    first = account.pair
    new = account.renew(refresh_token=first["refresh_token"])
    assert new["expires_in"] == "90000" and new["refresh_token"] != first["refresh_token"]
    used = account.renew(refresh_token=first["refresh_token"])
    assert "access_token" not in used and used["error_name"] == "invalid_grant" and "error" not in used
    assert account.call("/v2.0/oa/getoa", token=new["access_token"])["data"]["name"]
    assert account.call("/v2.0/oa/getoa", token="nobody's")["error"] == -216
    account.emulator.advance(25 * 3600 + 1)
    assert account.call("/v2.0/oa/getoa", token=new["access_token"])["error"] == -220
    assert account.renew(refresh_token=new["refresh_token"])["access_token"]
    third = account.renew(app_id="1", refresh_token="x")
    assert third["error"] == -14002


def test_consultation(account: Account) -> None:
    phone = lan(account)
    said = account.call("/v3.0/oa/message/cs", {"recipient": {"user_id": phone.uid}, "message": {"text": "Chào"}})[
        "data"
    ]
    assert said["user_id"] == phone.uid and said["quota"]["remain"] == "7" and isinstance(said["sent_time"], str)
    assert account.says(phone, text="đ" * 2001) == -210 and account.says(phone, text="") == -201
    assert account.says(phone, text="x" * 2000) == 0

    def buttons(*made: Any) -> int:
        return account.says(phone, text="Chọn", attachment={"type": "template", "payload": {"buttons": list(made)}})

    good = {"title": "Có", "type": "oa.query.hide", "payload": "#x"}
    assert buttons(good) == 0 and buttons(*[good] * 5) == -201
    assert buttons({**good, "payload": "x"}) == -201 and buttons({**good, "title": "d" * 101}) == -201
    phone.press("Có")
    quota = account.call("/v3.0/oa/quota/message", {"user_id": phone.uid})["data"]
    assert quota["cs_reply"] == {"remain": 8, "total": 8}, "what the person does opens a new frame"
    assert (
        account.call("/v3.0/oa/message/cs", {"recipient": {"user_id": "1"}, "message": {"text": "x"}})["error"] == -201
    )
    shown = account.call("/v2.0/oa/conversation", user_id=phone.uid, offset=0, count=10)["data"]
    assert [line["src"] for line in shown] == [0, 0, 0] and shown[-1]["message_id"] == said["message_id"]
    assert account.call("/v2.0/oa/conversation", user_id=phone.uid, offset=0, count=11)["error"] == -210


def test_frames(account: Account) -> None:
    phone = lan(account)
    for _ in range(8):
        assert account.says(phone, text="x") == 0
    assert account.says(phone, text="x") == -211, "the free ones are used up"
    account.emulator.account(package=2)
    assert account.says(phone, text="x") == 0
    account.emulator.advance(6 * 24 * 3600)
    account.pair = account.emulator.ask("POST", "zalo/grant", {})
    assert account.says(phone, text="x") == 0 and account.emulator.account()["package"] == 0
    account.emulator.advance(25 * 3600)
    account.pair = account.emulator.ask("POST", "zalo/grant", {})
    assert account.says(phone, text="x") == -230
    phone.say("chào")
    assert account.says(phone, text="x") == 0
    for act, code in (("restrict", -244), ("sleep", -227)):
        other = lan(account)
        other.do(act)
        assert account.says(other, text="x") == code
    other = lan(account)
    other.do("unfollow")
    assert account.says(other, text="x") == -213


def test_templates(account: Account) -> None:
    phone = lan(account)
    account.emulator.account(template={"id": "t1", "text": "Chào <ten>", "names": ["ten"]})
    account.emulator.account(template={"id": "t2", "text": "x", "names": [], "by_uid": False})
    body = {"user_id": phone.uid, "template_id": "t1", "template_data": {"ten": "Lan"}}
    assert account.call("/v3.0/oa/message/template", body)["data"]["quota"]["remain"] == 19_999
    nested = {"recipient": {"user_id": phone.uid}, "template_id": "t1", "template_data": {"ten": "Lan"}}
    assert account.call("/v3.0/oa/message/template", nested)["error"] == 0
    assert account.call("/v3.0/oa/message/template", {**body, "template_data": {}})["error"] == -201
    assert account.call("/v3.0/oa/message/template", {**body, "template_id": "t2"})["error"] == -249
    account.emulator.advance(13 * 3600)
    assert account.call("/v3.0/oa/message/template", body)["error"] == -234
    assert account.call("/v3.0/oa/message/transaction", body)["error"] == -240
    assert [entry["text"] for entry in account.emulator.ledger(kind="template")] == ["Chào Lan"] * 2


@pytest.mark.asyncio
async def test_webhook_is_signed_and_tried_again(account: Account) -> None:
    phone, hook = lan(account), Receiver()
    hook.status = lambda raw: (500, None) if len(hook.got) < 4 else (200, None)
    url = (await hook.begin()).replace("localhost", "127.0.0.1")
    account.emulator.account(webhook=url)
    await until(lambda: len(hook.got) == 1)  # the follow that waited
    for step in (31, 301):
        account.emulator.advance(step)
        seen = len(hook.got)
        await until(lambda seen=seen: len(hook.got) == seen + 1)
    account.emulator.advance(901)
    await until(lambda: len(hook.got) == 4)
    calls = account.emulator.ask("GET", "zalo/hooks")
    assert [(call["retry"], call["status"]) for call in calls] == [(0, 500), (1, 500), (2, 500), (3, 200)]
    assert len({call["body"] for call in calls}) == 1, "the very same bytes"
    body = calls[0]["body"].encode()
    held = json.loads(body)
    assert (held["event_name"], held["follower"]["id"], "sender" in held) == ("follow", phone.uid, False)
    wanted = hashlib.sha256(
        account.shown["app_id"].encode() + body + held["timestamp"].encode() + account.shown["oa_secret"].encode()
    )
    assert hook.heads[3]["X-ZEvent-Signature"] == f"mac={wanted.hexdigest()}"
    assert [head.get("num_retry") for head in hook.heads] == [None, "1", "2", "3"]
    account.says(phone, text="Chào")
    await until(lambda: len(hook.got) == 6)
    names = [raw["event_name"] for _, raw, _ in hook.got[4:]]
    assert names == ["oa_send_text", "user_received_message"], "the echo and the receipt of our own words"
    await hook.runner.cleanup()


def test_faults_strike_zalo_alone_where_they_are_told_to(account: Account) -> None:
    phone = lan(account)
    account.emulator.fault("deliver_then_drop", "cs", platform="zalo")
    with pytest.raises(httpx.HTTPError):
        account.says(phone, text="Chào")
    assert len(account.emulator.ledger(platform="zalo", what="message")) == 1, "it arrived all the same"
    account.emulator.fault("error", "cs", code=-32, description="Your OA reached limit call api")
    assert [account.says(phone, text="x"), account.says(phone, text="x")] == [-32, 0]
    account.emulator.account(per_minute=0)
    assert account.says(phone, text="x") == -32
