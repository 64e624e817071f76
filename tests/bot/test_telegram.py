"""The Telegram channel as people meet it: `nhipcau run` over the emulated Telegram."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from icalendar import Calendar

from tests import pictures
from tests.bot.conftest import SPEED, Running
from tests.platform.phone import Phone

NEED = "nha em lam hoi kho hay bi moc, can may say tam 300tr"
ALL = f"{NEED}, khoảng 20 tấn/năm, cần trước tháng 6 năm sau, ở xã Tân Đoàn"


@pytest.fixture(params=["polling", "webhook"])
def running(request: pytest.FixtureRequest) -> Running:
    """The system in each mode."""
    found: Running = request.getfixturevalue(request.param)
    return found


def settled(test: Any, seconds: float = 10.0) -> Any:
    """What `test` gives once it gives something true."""
    end = time.monotonic() + seconds
    while not (found := test()):
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)
    return found


def to_the_card(lan: Phone, text: str = ALL) -> dict[str, Any]:
    """States a need up to the card."""
    lan.asks(text)
    lan.asks("đang phơi sân")
    lan.do("send", kind="contact")
    lan.hear()
    lan.press("Đồng ý lưu phiếu")
    return lan.hear()


def test_need_stated_with_buttons(running: Running) -> None:
    lan = running.lan()
    card = to_the_card(lan)
    assert "hoa hồi" in card["text"] and ["Đúng, gửi", "Sửa"] in card["buttons"]
    lan.press("Đúng, gửi")
    lan.press("Đúng, gửi", card["id"])  # an impatient second tap
    sent = lan.hear()
    code = sent["text"][sent["text"].index("NC-") :][:7]
    marked = sent["entities"][0]
    assert (marked["type"], sent["text"][marked["offset"] :][: marked["length"]]) == ("code", code)
    again = lan.hear()
    assert again["text"] != sent["text"] and "NC-" in again["text"], "the second tap is told what has happened"
    assert running.rows("SELECT count(*) FROM need WHERE code = ?", code) == [(1,)]
    answers = running.emulator.ledger(what="answer", chat_id=lan.id)
    assert len(answers) == 3 and max(row["waited"] for row in answers) < 5 * SPEED
    lan.silence(1)
    assert running.emulator.limits()["refused"] == 0, "the pace of a chat is kept without being told"


def test_typed_contact_closes_the_contact_button(polling: Running) -> None:
    lan = polling.lan("need")
    lan.asks(ALL)
    assert "tên" in lan.asks("đang phơi sân")["text"]
    assert lan.screen()["keyboard"] == [["Gửi số điện thoại của tôi"]]
    lan.do("send", kind="contact", user_id=lan.id + 1, phone_number="+84911111111")
    refused = lan.hear()
    assert "0911111111" not in refused["text"], "somebody else's card is not the sender's number"
    lan.asks("Mai, 0900000002")
    lan.press("Đồng ý lưu phiếu")
    assert "Mai" in lan.hear()["text"]
    lan.asks("cảm ơn em")
    lan.press("Để sau")
    lan.hear()
    assert lan.screen()["keyboard"] is None


def test_links_open_what_they_name(polling: Running) -> None:
    offer, title = polling.rows("SELECT id, title FROM offer WHERE state = 'verified' LIMIT 1")[0]
    event, name = polling.rows("SELECT id, title FROM event WHERE state = 'published' LIMIT 1")[0]
    for payload, part in ((f"offer-{offer}", title), (f"event-{event}", name), ("need", "khó khăn"), ("x-1", "giúp")):
        phone = polling.emulator.person("Khách")
        phone.start(payload)
        heard = phone.hear()
        assert part in heard["text"], payload
        assert heard["text"].count("em là trợ lý") == 1


def test_commands_are_registered_in_both_languages(polling: Running) -> None:
    base = f"{polling.emulator.base}/bot{polling.emulator.token}"
    told = {}
    for language in ("", "vi", "en"):
        scope = json.dumps({"type": "all_private_chats"})
        body = json.dumps({"scope": scope, "language_code": language}).encode()
        with urlopen(Request(f"{base}/getMyCommands", body, {"Content-Type": "application/json"})) as answer:
            told[language] = {row["command"]: row["description"] for row in json.load(answer)["result"]}
    assert set(told[""]) == set(told["vi"]) == set(told["en"])
    assert told["vi"]["phieu"] != told["en"]["phieu"] == "State a technology need"
    lan = polling.lan()
    assert "khó khăn gì" in lan.asks("/phieu")["text"]


def test_signs_of_markup_come_back_as_they_are(polling: Running) -> None:
    lan = polling.lan()
    card = to_the_card(lan, f"{ALL} <b>đậm</b> & *sao* _gạch_ [x](y)")
    assert "<b>đậm</b> & *sao* _gạch_ [x](y)" in card["text"]
    assert {entity["type"] for entity in card["entities"]} <= {"code", "bold"}


def test_what_is_not_text_is_kept_and_answered(polling: Running) -> None:
    sent: dict[str, tuple[dict[str, Any], str]] = {
        "photo": ({"content": pictures.jpeg(77)}, "1 ảnh"),
        "location": ({}, "1 vị trí"),
        "voice": ({"content": pictures.voice()}, "lời nhắn"),
        "sticker": ({}, "em đây"),
        "document": ({"content": pictures.pdf(), "name": "bao gia.pdf", "mime": "application/pdf"}, "1 tệp"),
    }
    people = {kind: polling.lan() for kind in sent}
    captioned = polling.lan()
    for kind, person in people.items():
        person.do("send", kind=kind, **sent[kind][0])
    captioned.do("send", kind="photo", caption=NEED)
    told = []
    for kind, person in people.items():
        assert sent[kind][1] in person.hear()["text"], kind
        told.append(json.loads(polling.inbox_of(person)[-1][1])["extra"])
    assert [row["kind"] for row in told] == list(sent)
    assert (told[1]["latitude"], told[4]["file_name"], told[4]["mime_type"]) == (
        21.85,
        "bao gia.pdf",
        "application/pdf",
    )
    assert "hoa hồi" in captioned.hear()["text"], "the words under a picture count"
    query = "SELECT e.kind, e.state, e.sha256 FROM evidence e JOIN address a ON a.person_id = e.person_id WHERE a.external_id = ?"
    for kind in ("photo", "voice", "document"):
        number = str(people[kind].id)
        settled(lambda number=number: polling.rows(query, number)[0][1] == "kept")  # type: ignore[misc]
    ((_, _, sha256),) = polling.rows(query, str(people["photo"].id))
    kept = Path(polling.server.env["NHIPCAU_DATA_DIR"]) / "files" / sha256[:2] / sha256
    assert kept.read_bytes() == pictures.plain_jpeg(77)


def test_edit_of_an_answer_corrects_it(polling: Running) -> None:
    lan = polling.lan()
    lan.asks(NEED)
    number = lan.say("khoảng 20 tấn/năm")["message_id"]
    lan.hear()
    lan.do("edit", message_id=number, text="khoảng 30 tấn/năm")
    assert "30 tấn/năm" in lan.hear()["text"]
    early = lan.say("trước tháng 6 năm so")["message_id"]
    lan.do("edit", message_id=early, text="trước tháng 6 năm sau")
    heard = lan.hear()
    assert "31/05/2027" in heard["text"], "an edit within the burst counts as what was written"
    lan.silence(1)


def test_forwarded_words_are_somebody_elses(polling: Running) -> None:
    lan = polling.lan()
    origin = {"type": "hidden_user", "sender_user_name": "Lạ", "date": int(time.time())}
    text = "Sở thông báo: nộp 5 triệu phí hồ sơ vào tài khoản sau"
    lan.do("say", text=text, forward_origin=origin)
    assert "không thu phí" in lan.hear()["text"]


def test_unknown_updates_do_not_stop_the_queue(running: Running) -> None:
    lan = running.lan()
    chat = {"id": lan.id, "type": "private", "first_name": "Lan"}
    strange = {"message_id": 999999, "chat": chat, "date": "yesterday", "hologram": {}}
    running.emulator.ask("POST", "updates", {"kind": "telepathy", "body": {"x": 1}})
    running.emulator.ask("POST", "updates", {"kind": "message", "body": strange, "queue": str(lan.id)})
    assert "chưa đọc được" in lan.hear()["text"]
    assert lan.asks("cảm ơn em")["text"]


def test_groups_hear_nothing(polling: Running) -> None:
    lan = polling.lan()
    group = lan.do("group", title="Tổ hợp tác")["chat_id"]
    lan.do("say_in_group", group=group, text=NEED)
    assert lan.asks("chào em")["text"]
    assert not polling.emulator.ledger(chat_id=group)


def test_block_and_return(running: Running) -> None:
    lan = running.lan()

    def state() -> str:
        found = running.rows("SELECT state FROM address WHERE channel = 'telegram' AND external_id = ?", str(lan.id))
        return str(found[0][0])

    lan.do("block")
    settled(lambda: state() == "blocked")
    lan.do("unblock")
    settled(lambda: state() == "active")
    lan.do("block")
    settled(lambda: state() == "blocked")
    lan.start()  # the application unblocks before it starts anew
    lan.hear()
    assert settled(lambda: state() == "active")


def test_news_of_a_moved_chat_is_kept(polling: Running) -> None:
    lan = polling.lan()
    chat = {"id": lan.id, "type": "private", "first_name": "Lan"}
    who = {"id": lan.id, "is_bot": False, "first_name": "Lan"}
    told = {"message_id": 8, "chat": chat, "from": who, "date": int(time.time()), "migrate_to_chat_id": -1001}
    polling.emulator.ask("POST", "updates", {"kind": "message", "body": told, "queue": str(lan.id)})
    moved = "SELECT person_id FROM address WHERE channel = 'telegram' AND external_id = ?"
    settled(lambda: polling.rows(moved, "-1001"))
    assert not polling.rows(moved, str(lan.id))
    polling.rows("UPDATE address SET external_id = ? WHERE external_id = '-1001'", str(lan.id))
    lan.silence(0.5)


def test_seat_comes_with_calendar_and_map(polling: Running) -> None:
    event, title = polling.rows("SELECT id, title FROM event WHERE state = 'published' ORDER BY starts_at LIMIT 1")[0]
    polling.rows("UPDATE event SET latitude = 21.853, longitude = 106.761 WHERE id = ?", event)
    lan = polling.lan(f"event-{event}")
    lan.press("Đăng ký tham dự")
    booked = lan.hear()
    assert booked["kind"] == "photo" and title in booked["text"], "the code for the door"
    sent = lan.hear()
    assert (sent["kind"], sent["document"]["mime_type"]) == ("document", "text/calendar")
    file = polling.emulator.platforms.telegram.bots[polling.emulator.token].files[sent["document"]["file_id"]]
    entry = Calendar.from_ical(file.content).walk("VEVENT")[0]
    assert (entry["summary"], entry["uid"]) == (title, f"{event}@nhipcau")
    where = lan.hear()
    assert (where["kind"], where["venue"]["title"]) == ("venue", title)
    assert where["venue"]["location"] == {"latitude": 21.853, "longitude": 106.761}
    lan.silence(0.5)


def test_buttons_name_the_form_and_outlive_a_restart(webhook: Running) -> None:
    lan = webhook.lan()
    first = lan.asks(NEED)
    chat = webhook.emulator.platforms.telegram.bots[webhook.emulator.token].chats[lan.id]
    data = chat.messages[first["id"]]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    row, index, mark = data.split(".", 2)
    form, revision = mark.split("@")
    assert row.isdecimal() and (index, revision.isdecimal(), len(data.encode()) <= 64) == ("0", True, True)
    assert form in webhook.rows("SELECT data FROM conversation WHERE data LIKE ?", f"%{form}%")[0][0]
    settled(lambda: not webhook.rows("SELECT id FROM outbox WHERE state <> 'sent'"))
    webhook.server.kill()
    lan.press("Chưa biết", first["id"])  # while nobody listens
    webhook.server.start()
    heard = lan.hear(40)
    assert "(5/9)" in heard["text"], "a button from before a restart works"
    lan.press("Chưa biết", first["id"])
    assert "đã trả lời" in lan.hear()["text"], "an old button is answered with what has happened since"
    hidden = {"chat": {"id": lan.id, "type": "private"}, "message_id": first["id"], "date": 0}  # too old to be shown
    who = {"id": lan.id, "is_bot": False, "first_name": "Lan"}
    press = {"id": "7", "from": who, "message": hidden, "chat_instance": "1", "data": data}
    webhook.emulator.ask("POST", "updates", {"kind": "callback_query", "body": press})
    assert "đã trả lời" in lan.hear()["text"]


def test_what_came_while_nobody_listened_is_answered_in_order(polling: Running) -> None:
    lan = polling.lan()
    asked = lan.asks(NEED)
    settled(lambda: not polling.rows("SELECT id FROM outbox WHERE state <> 'sent'"))
    polling.server.kill()
    lan.press("Chưa biết", asked["id"])  # carries no time
    lan.say("trước tháng 6 năm sau")
    polling.server.start()
    assert "khi nào cần" in lan.hear(40)["text"], "the press came first"
    assert "31/05/2027" in lan.hear()["text"]
    lan.silence(1)


def test_many_people_at_once_are_all_answered_once(running: Running) -> None:
    people = [running.emulator.person(f"Khách {number}") for number in range(20)]
    for person in people:
        person.start()
    heard = [person.hear(40) for person in people]
    assert all("em là trợ lý" in line["text"] for line in heard)
    time.sleep(1)
    for person in people:
        assert len(running.emulator.ledger(what="message", chat_id=person.id)) == 1
    assert running.emulator.limits()["refused"] == 0


# --- the webhook's door ---------------------------------------------------------------------------------------------
def post(running: Running, body: bytes, secret: str) -> int:
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}
    try:
        with urlopen(Request(f"{running.server.base}/telegram", body, headers), timeout=20) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_door_of_the_webhook(webhook: Running) -> None:
    hook = webhook.emulator.platforms.telegram.bots[webhook.emulator.token].updates.hook
    assert hook is not None and len(hook.secret) >= 32
    person = webhook.emulator.person("Lan")
    chat = {"id": person.id, "type": "private", "first_name": "Lan"}
    said = {"message_id": 7, "from": {"id": person.id, "is_bot": False, "first_name": "Lan"}, "chat": chat}
    update = {"update_id": 5_000_000, "message": {**said, "date": int(time.time()), "text": "chào em"}}
    body = json.dumps(update).encode()

    def stored() -> list[tuple[Any, ...]]:
        return webhook.rows("SELECT id FROM inbox WHERE update_id = '5000000'")

    assert [post(webhook, body, secret) for secret in ("", "wrong", hook.secret + "x", "é")] == [403] * 4
    assert not stored()
    assert post(webhook, body, hook.secret) == 200
    assert len(stored()) == 1, "kept before the 200"
    assert post(webhook, body, hook.secret) == 200
    assert len(stored()) == 1, "the same update is kept once"
    assert post(webhook, b'{"update_id": 1, "x": "' + b"a" * 1_100_000 + b'"}', hook.secret) == 413
    for odd in (b"", b"{", b"[]", b"null", b'{"update_id": null}', b'{"update_id": 6000000, "message": 5}'):
        assert post(webhook, odd, hook.secret) == 200, odd  # the platform must not send it again and again
    person.start()
    assert person.hear()["text"]
