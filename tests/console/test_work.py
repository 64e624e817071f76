"""The board, answers, people, files: what officers do with them leaves its trace."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import select

from bot.chat import Talk
from domain.officer import Role
from storage import people
from storage.database import Database
from storage.files import FileStore, hash_of
from storage.tables import answer_version, audit, evidence, metadata, person
from tests import pictures
from tests.console.office import House
from tests.console.test_s22 import TOLD, son_with_a_phone


async def stated(house: House) -> Talk:
    return await son_with_a_phone(house)


@pytest.mark.asyncio
async def test_verified_asked_back_assigned_closed(house: House) -> None:
    lan, hung = await house.officer("Lan", Role.OFFICER), await house.officer("Hùng", Role.APPROVER)
    owner = await stated(house)
    asked = await lan.post("/nhu-cau/NC-0001/hoi-lai", question="Nhà mình có điện 3 pha chưa ạ?")
    assert asked.status_code == 303
    assert (await lan.post("/nhu-cau/NC-0001/hoi-lai", question="Câu nữa?")).status_code == 409, "two questions at once"
    heard = await house.hear(owner)
    assert "điện 3 pha" in heard[-1]
    assert "đã ghi vào phiếu NC-0001" in (await house.say(owner, "có điện 3 pha rồi em"))[0]
    page = await lan.text("/nhu-cau/NC-0001")
    assert "có điện 3 pha rồi em" in page
    assert "có trả lời mới" in await lan.text("/nhu-cau")
    await lan.post("/nhu-cau/NC-0001/giao", officer=str(hung.officer.id))  # type: ignore[union-attr]
    assert "NC-0001" in await hung.text("/nhu-cau?phu-trach=toi")
    assert "Không có phiếu nào" in await lan.text("/nhu-cau?phu-trach=toi")
    assert (await lan.post("/nhu-cau/NC-0001/duyet")).status_code == 303
    assert (await hung.post("/nhu-cau/NC-0001/duyet")).status_code == 409, "verified twice"
    assert "đã xem và duyệt" in (await house.hear(owner))[-1]
    assert (await lan.post("/nhu-cau/NC-0001/dong", outcome="no_supplier")).status_code == 409, (
        "closed without a word why"
    )
    await lan.post("/nhu-cau/NC-0001/dong", outcome="no_supplier", reason="Chưa có đơn vị nào nhận làm")
    assert "Chưa có đơn vị nào nhận làm" in (await house.hear(owner))[-1]
    assert (await lan.post("/nhu-cau/NC-0001/buoc", state="open")).status_code == 409
    await lan.post("/nhu-cau/NC-0001/buoc", state="open", reason="Có viện mới nhận")
    log = await hung.text("/nhat-ky?gi=need")
    for words in ("duyệt phiếu", "giao việc", "đóng phiếu", "mở lại phiếu", "Có viện mới nhận", "hỏi lại chủ nhu cầu"):
        assert words in log, words
    assert "Mới gửi → Đã duyệt" in log and not re.search(r"submitted|no_supplier|\bopen\b", log), log


@pytest.mark.asyncio
async def test_corrected_through_the_same_readers_with_versions(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    await stated(light)
    wrong = await lan.post("/nhu-cau/NC-0001/sua", scale="15 tấn/năm")
    assert wrong.status_code == 422 and "e-reason" in wrong.text
    await lan.post("/nhu-cau/NC-0001/sua", scale="15 tan mot nam", reason="chủ gọi lại")
    page = await lan.get("/nhu-cau/NC-0001")
    assert "15 tấn/năm" in page.text and "<ins>15" in page.text and "Bản 2, Lan" in page.text
    async with light.system.database.read() as db:
        (row,) = (await db.execute(select(audit).where(audit.c.verb == "edit"))).all()
    assert row.after == {"quy mô": "15 tấn/năm"} and row.reason == "chủ gọi lại"


@pytest.mark.asyncio
async def test_search_without_diacritics(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    await stated(house)
    await lan.post("/nhu-cau/moi", **TOLD, consent="yes")
    for search, found in (
        ("kho lanh", "NC-0001"),
        ("KHO LẠNH", "NC-0001"),
        ("nc-0002", "NC-0002"),
        ("moc hoi", "NC-0002"),
        ("987654", "NC-0001"),
        ("tu", "NC-0001"),
        ("chi lang", "NC-0002"),
    ):
        assert found in await lan.text(f"/nhu-cau?tim={search}"), search
    for search in ("xe đạp", "100%", "_", "'; drop table need; --"):
        assert (await lan.get("/nhu-cau", params={"tim": search})).status_code == 200
    assert "Không có phiếu nào" in await lan.text("/nhu-cau?tim=xe dap")
    assert "NC-0002" not in await lan.text("/nhu-cau?trang-thai=submitted")
    assert "Tú" in await lan.text("/nguoi?tim=0987 654")


@pytest.mark.asyncio
async def test_files(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    evil = {**TOLD, "wish": '=HYPERLINK("http://x","máy sấy")', "problem": "+cmd|' /C calc'!A0 hồi mốc\x07"}
    made = await lan.post("/nhu-cau/moi", **evil, consent="yes")
    assert made.status_code == 303
    book = zipfile.ZipFile(io.BytesIO((await lan.post("/nhu-cau.xlsx")).content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "HYPERLINK" in book.read("xl/sharedStrings.xml").decode()
    word = Document(io.BytesIO((await lan.post("/nhu-cau.docx")).content))
    assert "NC-0001" in [cell.text for row in word.tables[0].rows for cell in row.cells]
    pdf = await lan.get("/nhu-cau/NC-0001.pdf")
    assert pdf.content.startswith(b"%PDF") and pdf.headers["content-type"] == "application/pdf"
    async with light.system.database.read() as db:
        told = (await db.execute(select(audit.c.reason).where(audit.c.verb == "export"))).scalars().all()
    assert len(told) == 2 and "1 phiếu" in told[0]


@pytest.mark.asyncio
async def test_answer_from_draft_to_use_and_back(house: House) -> None:
    lan, hung = await house.officer("Lan", Role.OFFICER), await house.officer("Hùng", Role.APPROVER)
    trang = await house.officer("Trang", Role.ADMIN)
    form = {
        "question": "TRL là gì?",
        "short": "Mức sẵn sàng của công nghệ, bản mới của Lan.",
        "full": "Đầy đủ.",
        "verified_on": "2026-12-07",
        "confidence": "high",
        "basis": "Luật Mẫu | Điều 3",
    }
    bad = await lan.post(
        "/tra-loi/faq-001/soan", **{**form, "verified_on": "", "valid_from": "2027-01-02", "valid_to": "2027-01-01"}
    )
    assert bad.status_code == 422 and "bản mới của Lan" in bad.text
    await lan.post("/tra-loi/faq-001/soan", **form, reason="sửa cho dễ hiểu")
    assert (await lan.post("/tra-loi/faq-001/2/duyet")).status_code == 403
    assert (await hung.post("/tra-loi/faq-001/2/duyet")).status_code == 409, "approved before it was sent to review"
    await lan.post("/tra-loi/faq-001/2/gui-duyet")
    assert "chờ duyệt" in await hung.text("/")
    await hung.post("/tra-loi/faq-001/2/tra-lai", reason="thiếu ví dụ")
    await hung.post("/tra-loi/faq-001/soan", **form, reason="thêm ví dụ")  # Hùng is the author now
    await hung.post("/tra-loi/faq-001/2/gui-duyet")
    assert (await hung.post("/tra-loi/faq-001/2/duyet")).status_code == 409, "the author approved his own words"
    assert "Hùng soạn: thêm ví dụ" in await trang.text("/tra-loi/faq-001"), "whoever approves reads why"
    assert (await trang.post("/tra-loi/faq-001/2/duyet")).status_code == 303
    page = await lan.get("/tra-loi/faq-001")
    assert "bản mới của Lan" in page.text and "<ins>" in page.text and "<del>" in page.text
    async with house.system.database.read() as db:
        states = (
            (
                await db.execute(
                    select(answer_version.c.state)
                    .where(answer_version.c.answer_id == "faq-001")
                    .order_by(answer_version.c.number)
                )
            )
            .scalars()
            .all()
        )
    assert states[-1] == "approved"
    assert (await lan.post("/tra-loi/faq-001/tat", reason="x")).status_code == 403
    assert (await hung.post("/tra-loi/faq-001/tat")).status_code == 409, "without a reason"
    await hung.post("/tra-loi/faq-001/tat", reason="văn bản vừa đổi")
    assert "Đã tắt" in await lan.text("/tra-loi/faq-001")
    assert "faq-001" in await lan.text("/tra-loi?trang-thai=tat")
    assert (await trang.post("/tra-loi/faq-001/bat")).status_code == 409, "nobody asked for it back"
    await hung.post("/tra-loi/faq-001/xin-bat", reason="đã kiểm lại")
    assert (await hung.post("/tra-loi/faq-001/bat")).status_code == 409, "the one who asked gave it back himself"
    await trang.post("/tra-loi/faq-001/bat")
    assert "Không có câu nào khớp" in await lan.text("/tra-loi?trang-thai=tat")


@pytest.mark.asyncio
async def test_officers_words_become_a_draft_without_personal_data(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    owner = await stated(light)
    talk = f"/hop-thu/{owner._person_id}"
    await light.say(owner, "kho lạnh nhỏ thì xin giấy phép ở đâu hả em, số tôi 0987654321")
    await lan.post(f"{talk}/tiep-quan")
    await lan.post(
        f"{talk}/noi", words="Anh Tú ơi, kho dưới 50 m2 không cần giấy phép riêng. Gọi em 0911222333.", once="abcdefgh1"
    )
    await light.hear(owner)
    line = re.search(r'name="line" value="(\d+)"', (await lan.get(talk)).text)
    assert line is not None
    made = await lan.post("/tra-loi/tu-loi", line=line[1])
    assert made.status_code == 303
    page = await lan.text(made.headers["location"].removeprefix("/can-bo"))
    assert "không cần giấy phép riêng" in page and "Bản nháp" in page
    for private in ("0911", "0987", "Tú"):
        assert private not in page, private


@pytest.mark.asyncio
async def test_merged_and_erased(house: House) -> None:
    lan = await house.officer("Lan", Role.OFFICER)
    owner = await stated(house)
    mai = await house.person("mai")
    await house.say(mai, "chào em")
    first, second = owner._person_id, mai._person_id
    await lan.post(f"/nguoi/{first}/ghi-chu", text="Anh Tú hay gọi buổi tối, số 0987654321")
    assert (await lan.post(f"/nguoi/{first}/gop", other=str(second))).status_code == 409, "without a reason"
    assert (await lan.post(f"/nguoi/{first}/gop", other=str(first), reason="x")).status_code == 409
    await lan.post(f"/nguoi/{first}/gop", other=str(second), reason="cùng một người")
    assert (await lan.get(f"/nguoi/{second}")).status_code == 404
    page = await lan.text(f"/nguoi/{first}")
    assert "NC-0001" in page and "Máy trạm" in page
    async with house.system.database.write() as db:
        assert len((await db.execute(select(person))).all()) == 1
        await people.empty(db, first)
    await _holds_nothing(house.system.database, ("0987654321", "987654321", "Tú"))


async def _holds_nothing(database: Database, words: tuple[str, ...]) -> None:
    async with database.read() as db:
        for name, table in metadata.tables.items():
            if name in (
                "inbox",
                "conversation",
                "outbox",
                "place",
                "body",
                "product",
                "programme",
                "document",
                "answer",
                "answer_version",
            ):
                continue  # the talk's own erasing is proved elsewhere; shipped knowledge is nobody's
            for row in (await db.execute(select(table))).all():
                assert not any(word in repr(row) for word in words), (name, row)


@pytest.mark.asyncio
async def test_review_queue(light: House) -> None:
    lan = await light.officer("Lan", Role.OFFICER)
    page = await lan.get("/ra-soat?muc=answer")
    first = re.search(r"/ra-soat/(\d+)/xong", page.text)
    assert first is not None
    assert (await lan.post(f"/ra-soat/{first[1]}/xong")).status_code == 409
    await lan.post(f"/ra-soat/{first[1]}/xong", reason="đã đối chiếu bản gốc")
    assert f"/ra-soat/{first[1]}/xong" not in (await lan.get("/ra-soat?muc=answer")).text


@pytest.mark.asyncio
async def test_contacts_are_masked_for_viewers(light: House) -> None:
    viewer, lan = await light.officer("Xem", Role.VIEWER), await light.officer("Lan", Role.OFFICER)
    await stated(light)
    await light.say(light.talks[0], "gọi em số 0987.654.321 nhé")
    await light.say(light.talks[0], "gặp cán bộ, số 0987654321")
    await lan.post("/nguoi/1/ghi-chu", text="gọi buổi tối, 0987654321")
    figures = re.compile(r"0?987\W?654\W?321")
    for path in (
        "/",
        "/nguoi",
        "/nguoi/1",
        "/nhu-cau",
        "/nhu-cau/NC-0001",
        "/hop-thu",
        "/hop-thu/1",
        "/hop-thu?muc=tat-ca",
    ):
        assert not figures.search(await viewer.text(path)), path
    assert figures.search(await lan.text("/hop-thu/1"))
    assert "0987 654 321" in await lan.text("/nguoi/1")


@pytest.mark.asyncio
async def test_photos_and_files_of_a_need(light: House, tmp_path: Path) -> None:
    viewer, lan = await light.officer("Xem", Role.VIEWER), await light.officer("Lan", Role.OFFICER)
    await stated(light)
    await lan.post("/nhu-cau/moi", **TOLD, consent="yes")
    light.desk.files = store = FileStore(tmp_path / "files")
    things = {1: ("photo", "image/jpeg", pictures.jpeg(1)), 2: ("document", "application/pdf", pictures.pdf()),
              3: ("photo", "image/svg+xml", b"<svg onload='alert(1)'/>")}  # fmt: skip
    async with light.system.database.write() as db:
        for number, (kind, mime, content) in things.items():
            store.keep(store.receive(content), content)
            row = {"id": number, "person_id": 1, "need_id": 1, "kind": kind, "state": "kept", "mime": mime, "turn": 1}
            row |= {"sha256": hash_of(content), "channel": "web", "inbox_id": 900 + number, "caption": f"ảnh {number}"}
            await db.execute(evidence.insert().values(**row, created_at=light.now, run_at=light.now))
    page = await lan.get("/nhu-cau/NC-0001")
    assert '<img src="/can-bo/nhu-cau/NC-0001/tep/1"' in page.text and "ảnh 2" in page.text
    shown = await lan.get("/nhu-cau/NC-0001/tep/1")
    assert shown.content == things[1][2] and shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"] == "inline" and "sandbox" in shown.headers["content-security-policy"]
    for number in (2, 3):
        carried = await lan.get(f"/nhu-cau/NC-0001/tep/{number}")
        assert carried.headers["content-type"] == "application/octet-stream", number
        assert carried.headers["content-disposition"].startswith("attachment"), number
    assert (await lan.get("/nhu-cau/NC-0002/tep/1")).status_code == 404, "a photo of another need"
    assert (await viewer.get("/nhu-cau/NC-0001/tep/1")).status_code == 403
    assert "<img" not in (await viewer.get("/nhu-cau/NC-0001")).text
