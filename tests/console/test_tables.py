"""Officers bring tables of offers in after a look, hand the national list out, make a workshop of like needs."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from console.imports import NOUN
from domain.offer import OfferState
from domain.officer import Role
from storage import attachments, catalogue
from storage.tables import broadcast, event, outbox
from tests.console.office import House
from tests.console.test_pages import to
from tests.journeys.office import set_table
from tests.journeys.runner import read

HEAD = "Mã,Tên công nghệ,Sản phẩm,Khâu,Giá từ,Nơi cung cấp,Ghi chú\n".replace("Tên công nghệ", "Tên")
GOOD = HEAD + 'SAY-01,Máy sấy hồi,"hoa hồi, quế",sấy,280,Viện Mẫu,x\nSAY-02,Máy sấy na,na,sấy,,Trường Mẫu,\n'
WRONG = HEAD + "SAY-01,Máy sấy hồi,hoa hồi,sấy,rẻ lắm,Viện Mẫu,\n,Máy không mã,na,sấy,,,\nSAY-02,Máy sấy na,na,sấy,,,\n"


@pytest.mark.asyncio
async def test_a_table_is_looked_at_then_brought_in_whole(light: House) -> None:
    lan, viewer = await light.officer("Lan", Role.OFFICER), await light.officer("Xem", Role.VIEWER)
    assert (await viewer.get("/nhap-cong-nghe")).status_code == 403
    assert (await lan.post("/nhap-cong-nghe", file=("danh-sach.docx", b"x"))).status_code == 409
    await lan.post("/nhap-cong-nghe", file=("Danh sách lỗi.csv", WRONG.encode()))
    page = await lan.text("/nhap-cong-nghe")
    assert "2 chỗ cần sửa, chưa ghi gì" in page and "Dòng 2: ô Giá từ (triệu đồng) ghi “rẻ lắm”" in page
    assert "Dòng 3: ô Mã để trống" in page and "Ghi 1 giải pháp" not in page
    assert (await lan.post("/nhap-cong-nghe/ghi")).status_code == 409, "not half of it"
    await lan.post("/nhap-cong-nghe", file=("Danh sách.csv", "\ufeff".encode() + GOOD.encode()))
    page = await lan.text("/nhap-cong-nghe")
    assert "2 giải pháp đọc được" in page and "Cột không dùng tới: Ghi chú" in page and "đã có trong kho" not in page
    async with light.system.database.read() as db:
        assert await catalogue.find_offer(db, "SAY-01") is None, "only looked at"
    done = await lan.post("/nhap-cong-nghe/ghi")
    assert done.status_code == 303 and "Đã ghi 2 giải pháp vào kho." in await lan.text("/cong-nghe")
    async with light.system.database.read() as db:
        made = await catalogue.find_offer(db, "SAY-01")
        assert made is not None and made.products == ("hoa hồi", "quế") and made.state is OfferState.VERIFIED
        assert lan.officer is not None and not await attachments.of(db, NOUN, str(lan.officer.id)), "the file is gone"
    await lan.post("/nhap-cong-nghe", file=("Danh sách.csv", GOOD.replace("280", "310").encode()))
    assert "2 mã đã có trong kho sẽ được thay" in await lan.text("/nhap-cong-nghe")
    assert (await lan.post("/nhap-cong-nghe/bo")).status_code == 303
    assert "giải pháp đọc được" not in await lan.text("/nhap-cong-nghe")
    assert (await lan.post("/nhap-cong-nghe", file=("b.xlsx", b"PK\x03\x04"))).status_code == 409, "no workbook"
    book, rows = Workbook(), BytesIO()
    for row in (("Mã", "Tên", "Giá từ"), ("X-1", "Máy ép dầu hồi", 1450.5)):
        book.active.append(row)
    book.save(rows)
    await lan.post("/nhap-cong-nghe", file=("Bảng.xlsx", rows.getvalue()))
    assert "X-1 Máy ép dầu hồi" in await lan.text("/nhap-cong-nghe")
    for name, content, words in (
        ("a.csv", b"\xff\xfe\x00", "Không đọc được chữ"),
        ("c.csv", b"\n", "Bảng trống"),
    ):
        await lan.post("/nhap-cong-nghe", file=(name, content))
        assert words in await lan.text("/nhap-cong-nghe"), name


@pytest.mark.asyncio
async def test_like_needs_become_drafts_and_a_national_list(light: House) -> None:
    await set_table(light.system, read(Path("tests/journeys/s17_workshop.yaml"))["given"], light.now)
    lan, viewer = await light.officer("Lan Nguyễn", Role.OFFICER), await light.officer("Xem", Role.VIEWER)
    assert "/cung-can?viec=s%E1%BA%A5y" in (await lan.get("/")).text
    page = await lan.text("/cung-can?viec=sấy lạnh")
    assert "12 phiếu" in page and "9 chưa có nguồn" in page and "1 người không nhận tin" in page
    assert "NC-0001" in page and "NC-0012" in page and "Viện Mẫu Một Có Máy sấy lạnh hoa hồi" in page
    assert "Soạn nháp" not in await viewer.text("/cung-can?viec=sấy")
    assert (await viewer.post("/cung-can", viec="sấy")).status_code == 403
    assert (await lan.get("/cung-can?viec=bay")).status_code == 404
    made = await lan.post("/cung-can", viec="sấy")
    assert "Chưa công bố" in await lan.text(to(made))
    async with light.system.database.read() as db:
        assert (
            await db.execute(select(event.c.state).where(event.c.id == to(made).rsplit("/", 1)[1]))
        ).scalar_one() == "submitted"
        assert list((await db.execute(select(broadcast.c.state))).scalars()) == ["draft"]
        assert (await db.execute(select(outbox.c.id))).first() is None, "nothing is sent"
    assert (await viewer.post("/nhu-cau-quoc-gia.xlsx")).status_code == 403
    book = load_workbook(BytesIO((await lan.post("/nhu-cau-quoc-gia.xlsx")).content), read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0][:3] == ("STT", "Mã phiếu", "Nhu cầu công nghệ") and len(rows) == 13
    assert {row[11] for row in rows[1:]} == {"chưa có nguồn"}
