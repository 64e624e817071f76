"""Officers write to many in the console: wrong segment, stop midway, take back, correct, go on; two people; segments."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.channels.zalo.write import Shape, parts_of, within_template
from bot.deliver import Deliverer
from console.looks import in_template, on_zalo
from conversation.reply import Choice, Enclosure, Reply
from domain.files import sniff
from domain.frames import Terms
from domain.notice import Kind
from domain.officer import Role
from domain.person import Alert, Purpose
from storage import audit, broadcasts, people, segments
from storage.outbox import Outgoing, files_from
from storage.tables import attachment, broadcast, outbox, person, person_tag
from tests import pictures
from tests.console.office import House, at


async def invite(house: House, count: int) -> None:
    """So many people who take news at the terminal; the first twelve are tagged."""
    async with house.system.database.write() as db:
        for number in range(count):
            who = await people.arrive(db, "terminal", "", f"g{number}", house.now)
            await people.give_consent(db, who.person_id, Purpose.NEWS, "tin", house.now)
            await people.choose_alert(db, who.person_id, Alert.NOW)
            await people.keep_contact(db, who.person_id, f"Khách {number}", None)
            if number < 12:
                await segments.set_tags(db, who.person_id, ["Sấy"])


class Quiet:
    """A channel that takes so many messages and then holds still."""

    name = "terminal"
    rate: float | None = None
    burst = 5
    stopped: str | None = None

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []

    async def send(self, item):  # type: ignore[no-untyped-def]
        from bot.channels.base import Ending, Outcome

        self.heard.append((item.person_id, item.text))
        return Outcome(Ending.SENT, str(item.id))

    def may_push(self, item, now):  # type: ignore[no-untyped-def]
        return True

    async def fetch(self, file_id: str, most: int) -> bytes:
        raise AssertionError


def number_of(address: str) -> int:
    found = re.search(r"/tin/(\d+)", address)
    assert found, address
    return int(found[1])


@pytest.mark.asyncio
async def test_wrong_segment_stopped_midway(house: House) -> None:
    await invite(house, 80)
    lan, hung = await house.officer("Lan", Role.OFFICER), await house.officer("Hùng", Role.APPROVER)
    made = await lan.post("/tin/moi", title="Mời hội thảo", text="Mời {ten} dự hội thảo sấy.")
    number = number_of(made.headers["location"])
    page = await lan.text(f"/tin/{number}")
    assert "80 người sẽ nhận" in page and "Mời anh/chị dự hội thảo sấy." in page and "1. Dừng nhận tin" in page
    assert (await lan.post(f"/tin/{number}/gui", counted="79")).status_code == 409, "the count must be right"
    assert (await lan.post(f"/tin/{number}/gui", counted="80")).status_code == 303
    assert (await lan.post(f"/tin/{number}/duyet")).status_code == 403
    assert (await hung.post(f"/tin/{number}/duyet")).status_code == 303
    assert (await hung.post(f"/tin/{number}/duyet")).status_code == 409, "twice does nothing"
    channel = Quiet()
    deliverer = Deliverer(house.system.database, [channel], house.system.office.worktime, "t")
    await deliverer.begin()
    await deliverer.drain(house.now, most=20)
    stopped = await lan.post(f"/tin/{number}/dung", reason="nhầm nhóm")
    assert stopped.status_code == 303
    told = len(channel.heard)
    assert await deliverer.drain(house.now + timedelta(minutes=5)) == 0 and len(channel.heard) == told == 20
    page = await lan.text(f"/tin/{number}")
    assert "20 đã gửi" in page and "60 chưa gửi" in page and "0 không rõ" in page and "Tổng 80 người" in page
    assert (await lan.post(f"/tin/{number}/go")).status_code == 409, "the terminal takes nothing back"
    fixed = await lan.post(f"/tin/{number}/dinh-chinh", text="Xin lỗi, tin trước gửi nhầm.")
    correction = number_of(fixed.headers["location"])
    assert "20 người sẽ nhận" in await lan.text(f"/tin/{correction}")
    kept = await lan.post("/nhom", name="Người sấy", **{"trait-0": "tag", "values-0": "sấy"})
    assert kept.status_code == 303
    again = await lan.post(f"/tin/{number}/viet-lai", text="Mời dự lớp sấy.", segment=kept.headers["location"][-1])
    new = number_of(again.headers["location"])
    page = await lan.text(f"/tin/{new}")
    async with house.system.database.read() as db:
        tagged = set((await db.execute(select(person_tag.c.person_id))).scalars())
    got = len(tagged & {who for who, _ in channel.heard})
    assert "12 người sẽ nhận" in page and f"Trong nhóm này, {got} người đã nhận bản trước." in page
    assert (await lan.post(f"/tin/{new}/gui")).status_code == 303, "twelve: one officer is enough"
    await deliverer.drain(house.now)
    mine = [who for who, text in channel.heard if text == "Mời dự lớp sấy."]
    assert len(mine) == len(set(mine)) == 12
    async with house.system.database.read() as db:
        found = await broadcasts.ledger(db, number, house.now)
        assert found.states == {"sent": 20, "skipped": 60} and found.total == 80
        verbs = [row.verb for row in reversed(await audit.of(db, "broadcast", f"TB-{number:04d}"))]
    assert verbs == ["draft", "submit", "approve", "stop"]


@pytest.mark.asyncio
async def test_a_draft_is_aimed_anew(light: House) -> None:
    await invite(light, 15)
    lan, viewer = await light.officer("Lan", Role.OFFICER), await light.officer("Xem", Role.VIEWER)
    number = number_of((await lan.post("/tin/moi", title="Mời", text="Mời {ten}.")).headers["location"])
    assert "15 người sẽ nhận" in await lan.text(f"/tin/{number}")
    dryers = {"trait-0": "tag", "values-0": "sấy"}
    assert (await viewer.post(f"/tin/{number}/nhom", **dryers)).status_code == 403
    assert (await lan.post(f"/tin/{number}/nhom", **{"trait-0": "staff_least", "values-0": "abc"})).status_code == 409
    assert (await lan.post(f"/tin/{number}/nhom", segment="77")).status_code == 409, "no such segment"
    assert "15 người sẽ nhận" in await lan.text(f"/tin/{number}")
    assert (await lan.post(f"/tin/{number}/nhom", **dryers)).status_code == 303
    assert "12 người sẽ nhận" in await lan.text(f"/tin/{number}")
    assert 'value="sấy"' in (await lan.get(f"/tin/{number}")).text, "the form holds what was chosen"
    assert (await lan.post(f"/tin/{number}/gui")).status_code == 303
    assert (await lan.post(f"/tin/{number}/nhom")).status_code == 409, "what is on its way keeps its readers"


@pytest.mark.asyncio
async def test_hours_holidays_and_urgency(light: House) -> None:
    await invite(light, 3)
    lan, hung = await light.officer("Lan", Role.OFFICER), await light.officer("Hùng", Role.APPROVER)

    async def new() -> int:
        made = await lan.post("/tin/moi", title="Tin", text="Chào {ten}.")
        return number_of(made.headers["location"])

    number = await new()
    refused = await lan.post(f"/tin/{number}/gui", send_at="2027-01-01T09:00")
    assert refused.status_code == 409 and "nghỉ lễ" in refused.text
    assert (await lan.post(f"/tin/{number}/gui", send_at="2026-12-08T09:00")).status_code == 303
    assert "Gửi lúc 09:00 thứ Ba 08/12/2026" in await lan.text(f"/tin/{number}")
    channel = Quiet()
    deliverer = Deliverer(light.system.database, [channel], light.system.office.worktime, "t")
    await deliverer.begin()
    assert await deliverer.drain(light.now) == 0
    await light.until(at(8, 9))
    assert await deliverer.drain(light.now) == 3
    night = await new()
    light.now = at(8, 21)
    assert (await lan.post(f"/tin/{night}/gui")).status_code == 303
    assert await deliverer.drain(light.now) == 0
    assert "tự gửi tiếp lúc 07:30 thứ Tư 09/12/2026" in await lan.text(f"/tin/{night}")
    urgent = await new()
    assert (await lan.post(f"/tin/{urgent}/gui", urgent="lũ về", counted="3")).status_code == 303
    assert (await hung.post(f"/tin/{urgent}/duyet")).status_code == 303
    assert await deliverer.drain(light.now) == 3, "only what is urgent"
    await light.until(at(9, 7, 30))
    assert await deliverer.drain(light.now) == 3


@pytest.mark.asyncio
async def test_who_is_out_of_zalos_frame_is_told_before_sending(light: House) -> None:
    async with light.system.database.write() as db:
        for number, days in enumerate((0, 0, 3, 3, 3, 9)):
            who = await people.arrive(db, "zalo", "", f"z{number}", light.now - timedelta(days=days))
            await people.give_consent(db, who.person_id, Purpose.NEWS, "tin", light.now)
            await people.choose_alert(db, who.person_id, Alert.NOW)
    lan = await light.officer("Lan", Role.OFFICER)
    told = (
        "Zalo: 2 người nhận miễn phí; 3 người im hơn 48 giờ: không nhận được tin này; "
        "1 người im hơn 7 ngày: không nhận được tin này."
    )
    counted = await lan.text("/nhom/dem?trait-0=channel&values-0=zalo")
    assert "2 người sẽ nhận" in counted and told in counted and "kênh chưa cho nhắn lúc này 4" in counted
    made = await lan.post("/tin/moi", title="Mời", text="Mời {ten}.", **{"trait-0": "channel", "values-0": "zalo"})
    number = number_of(made.headers["location"])
    page = await lan.text(f"/tin/{number}")
    assert "2 người sẽ nhận" in page and told in page
    light.desk.office = replace(light.desk.office, terms=Terms(paid=True, price=55))
    assert "3 người im hơn 48 giờ: gửi mất phí, khoảng 165 đồng chưa thuế" in await lan.text(f"/tin/{number}")
    assert "Zalo: 2 người nhắn được miễn phí, 3 người im hơn 48 giờ, 1 người im hơn 7 ngày." in await lan.text("/")


@pytest.mark.asyncio
async def test_test_send_reaches_only_the_officer(light: House) -> None:
    await invite(light, 3)
    lan = await light.officer("Lan", Role.OFFICER)
    made = await lan.post("/tin/moi", title="Tin", text="Chào {ten}.")
    number = number_of(made.headers["location"])
    assert (await lan.post(f"/tin/{number}/thu")).status_code == 409, "no chat yet"
    talk = await light.person("lan-chat")
    code = re.search(r"/noi (\d{4}\s?\d{4})", (await lan.post("/tai-khoan/noi-chat")).text)
    assert code
    await light.say(talk, f"/noi {code[1]}")
    assert (await lan.post(f"/tin/{number}/thu")).status_code == 303
    assert await light.hear(talk) == ["Chào Lan."]
    async with light.system.database.read() as db:
        rows = (
            await db.execute(select(func.count()).select_from(outbox).where(outbox.c.broadcast_id == number))
        ).scalar_one()
        assert rows == 0 and (await db.execute(select(broadcast.c.state))).scalar_one() == "draft"
        assert (await db.execute(select(func.count()).select_from(person))).scalar_one() == 4


@pytest.mark.asyncio
async def test_picture_document_and_buttons(light: House) -> None:
    await invite(light, 3)
    lan = await light.officer("Lan", Role.OFFICER)
    told = {
        "title": "Mời",
        "text": "Mời {ten}.",
        "button-0": "link",
        "label-0": "Xem trang",
        "url-0": "https://example.vn/a",
    }
    for wrong in ({"url-0": "javascript:alert(1)"}, {"label-0": ""}, {"label-0": "x" * 31}, {"button-0": "strange"}):
        assert (await lan.post("/tin/moi", **{**told, **wrong})).status_code == 422, wrong
    twice = {"button-1": "link", "label-1": "Xem trang", "url-1": "https://example.vn/b"}
    assert "Hai nút trùng chữ" in (await lan.post("/tin/moi", **told, **twice)).text
    made = await lan.post("/tin/moi", **told, **{"button-1": "need"})
    path = f"/tin/{number_of(made.headers['location'])}"
    assert (await lan.post(path + "/tep", file=("phim.mp4", pictures.mp4()))).status_code == 409
    assert (await lan.post(path + "/tep", file=("ảnh hội thảo.png", pictures.png()))).status_code == 303
    assert (await lan.post(path + "/tep", file=("Lịch.pdf", pictures.pdf()))).status_code == 303
    page = (await lan.get(path)).text
    (picture,) = set(re.findall(r'<img src="(/tep/[^"]+)"', page))
    assert sniff((await light.nobody().client.get(picture)).content) == "image/png"
    words = await lan.text(path)
    assert "anh-hoi-thao.png" in words and "Ảnh: http" in words and "2. Ghi nhu cầu 3. Dừng nhận tin" in words
    assert (await lan.post(path + "/tep", file=("b.png", pictures.png()))).status_code == 303
    assert (await lan.post(path + "/gui")).status_code == 409, "one picture only"
    async with light.system.database.read() as db:
        (last,) = (await db.execute(select(attachment.c.id).order_by(attachment.c.id.desc()).limit(1))).scalars()
    await lan.post(path + "/bo-tep", item=str(last))
    long = {"title": "Mời", "text": "Mời. " * 200}
    assert (await lan.post(path + "/sua", **long)).status_code == 303
    assert "nhiều nhất 900" in await lan.text(path)
    assert (await lan.post(path + "/sua", **told, **{"button-1": "need"})).status_code == 303
    assert (await lan.post(path + "/gui")).status_code == 303
    async with light.system.database.read() as db:
        row = (await db.execute(select(outbox).where(outbox.c.broadcast_id.is_not(None)).limit(1))).one()
    assert [file.label for file in files_from(row.extras)] == ["Ảnh", "lich.pdf"]
    assert [choice["label"] for choice in row.choices] == ["Xem trang", "Ghi nhu cầu", "Dừng nhận tin"]
    assert (await lan.post(path + "/tep", file=("c.png", pictures.png()))).status_code == 409, "it is on its way"
    guest = await light.person("g0")
    await light.hear(guest)
    assert "https://example.vn/a" in (await light.say(guest, "1"))[0]


@pytest.mark.asyncio
async def test_a_button_books_only_what_is_to_come(light: House) -> None:
    await invite(light, 3)
    lan = await light.officer("Lan", Role.OFFICER)
    made = await lan.post("/tin/moi", title="Mời", text="Mời.", **{"button-0": "register:E-none"})
    path = f"/tin/{number_of(made.headers['location'])}"
    assert "chưa công bố hoặc đã qua" in await lan.text(path)
    assert (await lan.post(path + "/gui")).status_code == 409


@pytest.mark.parametrize("buttons", [1, 4, 5])
def test_the_look_on_zalo_is_what_the_channel_sends(buttons: int) -> None:
    names = (("to-roi.jpg", "image/jpeg"), ("tai-lieu.pdf", "application/pdf"), ("bang.xlsx", "application/x"))
    files = tuple(Enclosure(name, name, mime, f"https://a.example.vn/{name}", "ab") for name, mime in names)
    reply = Reply("Kính mời anh/chị.", tuple(Choice(f"Việc {n}", "x") for n in range(buttons)), files=files)
    choices = tuple({"label": one.label, "action": one.action} for one in reply.choices)
    sent = parts_of(Outgoing(1, Kind.BROADCAST, 1, 1, "zalo", "1", reply.text, choices, 1, files=files), Shape())
    text, keys, following = on_zalo(reply)
    shown = sent[0].body.get("attachment", {"payload": {"buttons": []}})["payload"]["buttons"]
    assert sent[0].words == text and [one["title"] for one in shown] == [key.label for key in keys]
    assert [part.file for part in sent[1:]] == following


def test_the_look_in_a_template_is_what_the_channel_sends() -> None:
    reply = Reply("Kính mời anh/chị dự hội thảo sấy. " * 12 + "\n8 giờ thứ Tư, hội trường Sở.", (Choice("Đi", "x"),))
    choices = ({"label": "Đi", "action": "x"},)
    item = Outgoing(1, Kind.BROADCAST, 1, 1, "zalo", "1", reply.text, choices, 1)
    shown, cut = in_template(reply, 200)
    assert shown == within_template(item, 200) and cut and len(shown) <= 200
    assert shown.endswith("8 giờ thứ Tư, hội trường Sở.\n1. Đi")
    assert in_template(Reply("Mời anh/chị.", reply.choices), 200) == ("Mời anh/chị.\n1. Đi", False)
