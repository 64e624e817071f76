"""Tables of offers and needs as XLSX or CSV: read row by row with every mistake named, written as plain text cells."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from pydantic import ValidationError

from domain.offer import TRANSFER_MODES
from domain.text import plain
from knowledge.files import BadKnowledge
from knowledge.library import ShippedOffer
from knowledge.taxonomy import SERVES

MOST_ROWS = 20_000
FORMULAS = ("=", "+", "-", "@")  # what a cell begins with that an office program would calculate
# Column of an offer: the headings under which it is known, the first as we write it.
COLUMNS = {
    "id": ("Mã", "id", "ma giai phap"),
    "title": ("Tên công nghệ, thiết bị", "tên", "tên giải pháp", "title"),
    "summary": ("Mô tả", "tóm tắt", "summary", "điểm nổi bật"),
    "products": ("Sản phẩm", "sản phẩm, nguyên liệu", "products"),
    "processes": ("Khâu, quy trình", "quy trình", "khâu", "processes"),
    "trl": ("Mức sẵn sàng (1-9)", "mức sẵn sàng", "trl"),
    "transfer_modes": ("Hình thức chuyển giao", "hình thức", "transfer_modes"),
    "price_min": ("Giá từ (triệu đồng)", "giá từ", "giá thấp nhất", "price_min"),
    "price_max": ("Giá đến (triệu đồng)", "giá đến", "giá cao nhất", "price_max"),
    "capacity_min": ("Công suất từ", "capacity_min"),
    "capacity_max": ("Công suất đến", "capacity_max"),
    "capacity_unit": ("Đơn vị công suất", "đơn vị", "capacity_unit"),
    "owner": ("Nơi cung cấp", "đơn vị cung cấp", "owner"),
    "owner_type": ("Loại đơn vị", "owner_type"),
    "owner_province_code": ("Mã tỉnh", "owner_province_code"),
    "serves": ("Nơi phục vụ", "phục vụ", "serves"),
}
NEEDED = ("id", "title")
NUMBERS = ("trl", "price_min", "price_max", "capacity_min", "capacity_max")
LISTS = ("products", "processes", "transfer_modes")
MODES = {**{plain(words): mode for mode, words in TRANSFER_MODES.items()}, **{plain(mode): mode for mode in TRANSFER_MODES},
         "ban may": "BAN", "ban": "BAN", "bi quyet": "BQ", "quy trinh": "BQ", "li xang": "LIX", "hop tac": "HT", "dich vu": "DV",
         "cho thue": "DV", "gop von": "GV"}  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """What an import would bring: the offers that can be read, every mistake with its row."""

    offers: tuple[ShippedOffer, ...] = ()
    mistakes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # headings that nobody knows; their columns are left out


def read_rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """(number as an office program shows it, cells as text) of every row that is not empty; raises BadKnowledge."""
    rows = _csv(file) if file.suffix.lower() in (".csv", ".tsv") else _xlsx(file)
    for number, cells in rows:
        if number > MOST_ROWS:
            raise BadKnowledge(f"{file.name}: bảng có hơn {MOST_ROWS} dòng, anh/chị chia thành nhiều bảng")
        if any(cells):
            yield number, cells


def _csv(file: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadKnowledge(f"{file.name}: không đọc được chữ, anh/chị lưu lại thành CSV UTF-8") from error
    head = text.split("\n", 1)[0]
    mark = "\t" if "\t" in head else ";" if head.count(";") > head.count(",") else ","
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=mark), 1):
        yield number, [cell.strip() for cell in row]


def _xlsx(file: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (OSError, InvalidFileException, KeyError, ValueError) as error:
        raise BadKnowledge(f"{file.name}: không đọc được, đây không phải bảng Excel (.xlsx)") from error
    except Exception as error:  # a broken archive can fail in many ways inside the library
        raise BadKnowledge(f"{file.name}: bảng Excel bị hỏng ({type(error).__name__})") from error
    try:
        for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            yield number, [_text(cell) for cell in row]
    finally:
        book.close()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:g}" if isinstance(cell, float) else str(cell).strip()


def preview(file: Path) -> Preview:
    """Reads a table of offers without keeping any; raises BadKnowledge when it is no table at all."""
    rows = read_rows(file)
    first = next(rows, None)
    if first is None:
        raise BadKnowledge(f"{file.name}: bảng trống")
    known, unknown = _headings(first[1])
    if missing := [COLUMNS[name][0] for name in NEEDED if name not in known.values()]:
        raise BadKnowledge(f"{file.name}: dòng {first[0]} thiếu cột {', '.join(missing)}")
    offers: list[ShippedOffer] = []
    mistakes: list[str] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        told = {name: _bare(cells[at]) for at, name in known.items() if at < len(cells)}
        made = _offer(told, number, mistakes)
        if made is None:
            continue
        if made.id in seen:
            mistakes.append(f"dòng {number}: mã {made.id} đã có ở dòng {seen[made.id]}")
            continue
        seen[made.id] = number
        offers.append(made)
    return Preview(tuple(offers), tuple(mistakes), tuple(unknown))


def _headings(cells: Sequence[str]) -> tuple[dict[int, str], list[str]]:
    names = {plain(heading): column for column, headings in COLUMNS.items() for heading in (column, *headings)}
    known: dict[int, str] = {}
    unknown = []
    for at, cell in enumerate(cells):
        name = names.get(plain(cell))
        if name is not None and name not in known.values():
            known[at] = name
        elif cell:
            unknown.append(cell)
    return known, unknown


def _bare(cell: str) -> str:
    """A cell without the mark that keeps an office program from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULAS else cell


def read_number(text: str) -> float:
    """1.500 and 1500 and 1,5: thousands by points, decimals by a comma, as offices write; raises ValueError."""
    bare = text.replace(" ", "").replace("\u00a0", "")
    if (
        "," in bare
        or bare.count(".") > 1
        or (bare.count(".") == 1 and len(bare.rpartition(".")[2]) == 3 and bare[0] != "0")
    ):
        bare = bare.replace(".", "").replace(",", ".")
    if not isfinite(value := float(bare)):
        raise ValueError(text)
    return value


def _offer(told: Mapping[str, str], number: int, mistakes: list[str]) -> ShippedOffer | None:
    before = len(mistakes)
    values: dict[str, Any] = {key: told.get(key, "") for key in ("id", "title", "summary", "owner")}
    for name in NEEDED:
        if not values[name]:
            mistakes.append(f"dòng {number}: ô {COLUMNS[name][0]} để trống")
    figures: dict[str, float] = {}
    for name in NUMBERS:
        text = told.get(name, "")
        if not text:
            continue
        try:
            figures[name] = read_number(text)
        except ValueError:
            mistakes.append(f"dòng {number}: ô {COLUMNS[name][0]} ghi “{text[:30]}”, không phải số")
            continue
        if figures[name] < 0:
            mistakes.append(f"dòng {number}: ô {COLUMNS[name][0]} không thể âm")
    for lower, upper in (("price_min", "price_max"), ("capacity_min", "capacity_max")):
        if lower in figures and upper in figures and figures[lower] > figures[upper]:
            mistakes.append(f"dòng {number}: {COLUMNS[lower][0]} lớn hơn {COLUMNS[upper][0]}")
    if ("capacity_min" in figures or "capacity_max" in figures) and not told.get("capacity_unit"):
        mistakes.append(f"dòng {number}: có công suất mà thiếu {COLUMNS['capacity_unit'][0]}")
    values |= {name: _list(told.get(name, "")) for name in LISTS}
    values["transfer_modes"] = _modes(values["transfer_modes"], number, mistakes)
    serves = told.get("serves", "")
    values["serves"] = SERVES.get(plain(serves), serves or "all")
    values |= {key: told.get(key) or None for key in ("owner_type", "owner_province_code")}
    values["trl"] = int(figures["trl"]) if "trl" in figures else None
    values["price_million_vnd"] = {"min": figures.get("price_min"), "max": figures.get("price_max")}
    values["capacity"] = {"min": figures.get("capacity_min"), "max": figures.get("capacity_max"),
                          "unit": told.get("capacity_unit") or None}  # fmt: skip
    if len(mistakes) > before:
        return None
    try:
        return ShippedOffer.model_validate(values)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = str(wrong["loc"][0]) if wrong["loc"] else ""
        mistakes.append(f"dòng {number}: ô {COLUMNS.get(name, (name,))[0]}: {wrong['msg']}")
        return None


def _list(text: str) -> tuple[str, ...]:
    parts = text.replace("\n", ";").split(";") if ";" in text or "\n" in text else text.split(",")
    return tuple(part.strip() for part in parts if part.strip())


def _modes(words: Iterable[str], number: int, mistakes: list[str]) -> tuple[str, ...]:
    found = []
    for word in words:
        mode = MODES.get(plain(word))
        if mode is None:
            mistakes.append(
                f"dòng {number}: hình thức “{word[:30]}” không có trong danh mục ({', '.join(TRANSFER_MODES)})"
            )
        else:
            found.append(mode)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Sheet:
    """A table to be written: a title, headings, rows of text."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)


def write(sheet: Sheet, file: Path) -> None:
    """Writes a table as .xlsx or .csv (UTF-8 with the mark that office programs look for); no cell becomes a formula."""
    if file.suffix.lower() == ".csv":
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(sheet.heads)
            writer.writerows([_harmless(cell) for cell in row] for row in sheet.rows)
        return
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet.title[:31]
    page.append(list(sheet.heads))
    for row in sheet.rows:
        page.append([_harmless(cell) for cell in row])
        for cell in page[page.max_row]:
            cell.data_type = "s"
    page.freeze_panes = "A2"
    book.save(file)


def _harmless(cell: str) -> str:
    """Text that office programs do not take for a formula, without control characters."""
    kept = "".join(char for char in cell if char in "\n\t" or ord(char) >= 32)
    return f"'{kept}" if kept[:1] in FORMULAS else kept
