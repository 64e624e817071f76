"""Tables of offers come in whole or not at all, every mistake with its row; need lists name nobody."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.exchange import bring_table, list_needs
from bot.wiring import System
from config.settings import Settings
from handlers.national import HEADS
from knowledge.files import BadKnowledge
from knowledge.sheets import COLUMNS, Sheet, preview, write
from storage import catalogue, needs, people

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
HEAD = tuple(COLUMNS[name][0] for name in COLUMNS)
GOOD = ("T1", "Máy sấy hồi", "Sấy giữ màu.", "hoa hồi; quế", "sấy", "9", "bán máy; quy trình", "280", "1.450,5", "300", "500",
        "kg/mẻ", "Viện mẫu", "viện", "1", "cả nước")  # fmt: skip


def table(folder: Path, *rows: tuple[str, ...], kind: str = "xlsx", head: tuple[str, ...] = HEAD) -> Path:
    file = folder / f"bang.{kind}"
    write(Sheet("Giải pháp", head, list(rows)), file)
    return file


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_good_row_is_read(tmp_path: Path, kind: str) -> None:
    (offer,) = preview(table(tmp_path, GOOD, kind=kind)).offers
    assert offer.products == ("hoa hồi", "quế")
    assert offer.transfer_modes == ("BAN", "BQ")
    assert offer.price_million_vnd == {"min": 280.0, "max": 1450.5}
    assert offer.capacity == {"min": 300.0, "max": 500.0, "unit": "kg/mẻ"}
    assert offer.serves == "all"


def test_semicolon_csv_and_other_headings(tmp_path: Path) -> None:
    file = tmp_path / "kho.csv"
    file.write_text("id;Tên;Khâu;Giá từ;Ghi chú\nT1;Máy sấy;sấy;1.500;x\n", encoding="utf-8")
    seen = preview(file)
    assert seen.offers[0].price_million_vnd == {"min": 1500.0, "max": None}
    assert seen.unknown == ("Ghi chú",)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({0: ""}, "để trống"),
        ({7: "rẻ"}, "không phải số"),
        ({7: "900", 8: "100"}, "lớn hơn"),
        ({5: "12"}, "Mức sẵn sàng"),
        ({6: "biếu không"}, "không có trong danh mục"),
        ({11: ""}, "thiếu Đơn vị công suất"),
        ({9: "-5"}, "âm"),
    ],
)
def test_a_wrong_cell_is_named_with_its_row(tmp_path: Path, changed: dict[int, str], words: str) -> None:
    row = tuple(changed.get(at, cell) for at, cell in enumerate(("T2", *GOOD[1:])))
    seen = preview(table(tmp_path, GOOD, row))
    assert [offer.id for offer in seen.offers] == ["T1"]
    assert any("dòng 3" in mistake and words in mistake for mistake in seen.mistakes), seen.mistakes


def test_the_same_code_twice(tmp_path: Path) -> None:
    assert "đã có ở dòng 2" in preview(table(tmp_path, GOOD, GOOD)).mistakes[0]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\xff\xfe\x00"])
def test_what_is_no_table_is_told(tmp_path: Path, content: bytes) -> None:
    for name in ("x.xlsx", "x.csv"):
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(BadKnowledge, match=name):
            preview(file)


@pytest.mark.asyncio
async def test_all_rows_or_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kho.db"
    said: list[str] = []
    bad = table(tmp_path, GOOD, ("T2", "", *GOOD[2:]))
    assert not await bring_table(Settings(), bad, url, False, said.append)
    assert any("Chưa ghi gì" in line for line in said)
    good = table(tmp_path, GOOD, ("T2", "Máy khác", *GOOD[2:]))
    assert await bring_table(Settings(), good, url, True, said.append)
    from bot.wiring import open_system

    system = await open_system(Settings(), url, samples=False)
    async with system.database.read() as db:
        assert await catalogue.offers(db, NOW) == []
    assert await bring_table(Settings(), good, url, False, said.append)
    async with system.database.read() as db:
        assert [offer.id for offer in await catalogue.offers(db, NOW)] == ["T1", "T2"]
    await system.database.close()


@pytest.mark.asyncio
async def test_need_list_names_nobody(system: System, tmp_path: Path) -> None:
    fields = {
        "product": {"value": ["hoa hồi"], "words": "hoa hồi"},
        "wish": {"value": ["sấy"], "words": "=máy sấy"},
        "contact": {"value": {"name": "Mai", "phone": "+84912345678"}, "words": "Mai, 0912345678"},
    }
    async with system.database.write() as db:
        who = await people.arrive(db, "terminal", "", "mai", NOW)
        await needs.submit(db, who.person_id, "cần máy sấy hồi", "", fields, "terminal", NOW, NOW)
    url = system.database.url.render_as_string(hide_password=False).replace("+aiosqlite", "").replace("+psycopg", "")
    file = tmp_path / "nhu-cau.xlsx"
    assert "1 nhu cầu" in await list_needs(Settings(), file, url, unserved=True)
    rows = list(load_workbook(file).active.iter_rows(values_only=True))
    assert rows[0] == HEADS
    told = " ".join(str(cell) for cell in rows[1])
    assert "Mai" not in told and "0912" not in told
    assert rows[1][2] == "'=máy sấy", "no cell becomes a formula"
    assert rows[1][11] == "chưa có nguồn"
