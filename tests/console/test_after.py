"""After an event: materials once to those who came, papers, the need that grew out of it, the report; signed addresses."""

import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from domain import signed
from domain.event import Event
from domain.officer import Role
from storage import catalogue
from storage.outbox import files_from
from storage.tables import attachment, loose_file, need, outbox
from tests import pictures
from tests.console.office import House, at

PATH = "/su-kien/HT-say"
FILE = ("Quy trình sấy hồi.pdf", pictures.pdf())


async def opened(house: House) -> None:
    """A published event on 16 December with room for three."""
    told = {"agenda": "08:30 Trình diễn máy sấy", "speakers": "Kỹ sư mẫu", "partners": "Hội Nông dân mẫu"}
    event = Event("HT-say", "Hội thảo sấy nông sản", at(16, 8), at(16, 11), place="Hội trường mẫu", seats=3, **told)
    async with house.system.database.write() as db:
        await catalogue.write_event(db, event, "nhipcau")


async def rows(house: House, key: str) -> list[Any]:
    async with house.system.database.read() as db:
        return list((await db.execute(select(outbox).where(outbox.c.dedupe_key.like(key)).order_by(outbox.c.id))).all())


async def visited(house: House, url: str) -> Any:
    """What somebody without an account gets at an address of ours."""
    return await house.nobody().client.get(url.removeprefix(house.system.office.address))


@pytest.mark.asyncio
async def test_from_the_seat_to_the_report(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    await opened(light)
    mai, tai = await light.person("mai"), await light.person("tài")
    shown = (await light.say(mai, "có hội thảo nào sắp tới không"))[0]
    card = (await light.say(mai, "1"))[0]
    assert "Hội thảo sấy" in shown and all(part in card for part in ("Trình diễn", "Kỹ sư mẫu", "Hội Nông dân mẫu"))
    mai.now = light.now
    (booked,) = await mai.say(["Đăng ký tham dự"])
    assert re.search(r"mã \d{3}\s\d{3}", booked.text), booked.text
    for text in ("có hội thảo nào sắp tới không", "1", "đăng ký"):
        await light.say(tai, text)
    (picture,) = booked.files
    assert (await visited(light, picture.url)).content.startswith(b"\x89PNG")
    assert booked.gathering is not None
    entry = await visited(light, booked.gathering.url)
    assert entry.headers["content-type"].startswith("text/calendar") and b"DTSTART:20261216T010000Z" in entry.content
    assert (await visited(light, picture.url.replace("/ve/", "/ve/9"))).status_code == 404, (
        "its mark is of another number"
    )

    assert (await lan.post(PATH + "/tep", file=("x.exe", b"MZ" + bytes(90)))).status_code == 409
    assert (await lan.post(PATH + "/lien-ket", name="Phim", url="javascript:alert(1)")).status_code == 409
    assert (await lan.post(PATH + "/tep", file=FILE)).status_code == 303
    assert (await lan.post(PATH + "/lien-ket", name="Phim", url="https://example.vn/phim")).status_code == 303
    assert (await lan.post(PATH + "/phat")).status_code == 409, "nothing is handed out before it began"
    await light.until(at(15, 9, 0))
    async with light.system.database.read() as db:
        who = {
            row.person_id
            for row in (await db.execute(select(outbox.c.person_id).where(outbox.c.dedupe_key.like("remind%")))).all()
        }
    assert len(who) == 2, "both were reminded on the eve"
    reminded = [text for text in await light.hear(mai) if "Ngày mai" in text]
    assert len(reminded) == 1 and "Mã vào cửa" in reminded[0]
    assert len(await light.hear(tai)) == 1
    await light.until(at(16, 8, 10))
    await lan.post(PATH + "/den", person=str(mai._person_id))
    assert (await lan.post(PATH + "/giay")).status_code == 409, "no paper before it is over"
    assert (await lan.post(PATH + "/phat")).status_code == 303
    first = await light.hear(mai)
    assert len(first) == 2 and "quy-trinh-say-hoi.pdf" in first[0] and "https://example.vn/phim" in first[1]
    assert not await light.hear(tai), "only those who came get it"
    await light.until(at(16, 13, 1))
    (asked,) = await light.hear(mai)
    assert "hữu ích" in asked, "what was handed out before does not come again"
    assert not await light.hear(tai), "whoever did not come is not asked"
    assert "Ghi nhu cầu ngay" in "".join(str(row.choices) for row in await rows(light, "seat:after%"))

    assert (await lan.post(PATH + "/giay")).status_code == 409, "nobody who came has told a name yet"
    await light.say(mai, "Hữu ích")
    opening = (await light.say(mai, "Ghi nhu cầu ngay"))[0]
    assert "sau buổi Hội thảo sấy nông sản" in opening
    story = "nhà chị sấy hồi bị mốc ở xã Chi Lăng, cần máy sấy"
    for text in (story, "Mai, 0912345678", *["chưa biết"] * 4, "đồng ý"):
        said = await light.say(mai, text)
    assert "Ghi sau buổi: Hội thảo sấy nông sản" in said[-1]
    assert "NC-0001" in (await light.say(mai, "đúng, gửi"))[0]
    async with light.system.database.read() as db:
        assert (await db.execute(select(need.c.event_id))).scalars().all() == ["HT-say"]
    assert "Ghi sau một sự kiện" in await lan.text("/nhu-cau/NC-0001")

    assert (await lan.post(PATH + "/giay")).status_code == 303
    await lan.post(PATH + "/giay")
    (paper,) = await rows(light, "seat:paper%")
    (file,) = files_from(paper.extras)
    made = await visited(light, file.url)
    assert made.content.startswith(b"%PDF-") and "attachment" in made.headers["content-disposition"]
    assert made.headers["x-content-type-options"] == "nosniff"

    page = await lan.text(PATH)
    assert "Nói hữu ích 1 trên 1 người trả lời" in page and "Nhu cầu ghi sau đó 1" in page and "Đến dự 1" in page
    report = await lan.get(PATH + "/bao-cao.pdf")
    assert report.content.startswith(b"%PDF-") and "bao-cao-hoi-thao-say" in report.headers["content-disposition"]
    book = load_workbook(BytesIO((await lan.post(PATH + "/nguoi-du.xlsx")).content))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert len(cells) == 3 and not any("0912345678" in str(cell) for row in cells for cell in row)


@pytest.mark.asyncio
async def test_files_go_with_what_they_hang_on(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    await opened(house)
    await lan.post(PATH + "/tep", file=FILE)
    async with house.system.database.read() as db:
        (row,) = (await db.execute(select(attachment))).all()
    said = f"tep/{row.id}"
    mark = signed.mark(house.system.office.secret, said)
    assert (await visited(house, f"/tep/{said}/{mark}")).content == FILE[1]
    assert (await visited(house, f"/tep/{said}/{'0' * 24}")).status_code == 404
    assert house.files.path(row.sha256).exists()
    assert (await lan.post(PATH + "/bo-tep", item=str(row.id))).status_code == 303
    assert (await visited(house, f"/tep/{said}/{mark}")).status_code == 404
    async with house.system.database.read() as db:
        assert (await db.execute(select(loose_file.c.sha256))).scalars().all() == [row.sha256], "to be removed"
