"""Brings tables of offers in after a preview, all rows or none; writes lists of needs for others to serve."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.wiring import open_system
from config.settings import Settings
from domain.need import Need
from domain.worktime import local
from handlers.words import wanted
from knowledge.sheets import Preview, Sheet, preview, write
from matching.wanted import Decision
from storage import catalogue, needs
from storage.seed import offer_from

SHOWN_ROWS, SHOWN_MISTAKES = 5, 30
HEADS = (
    "STT", "Mã phiếu", "Nhu cầu công nghệ", "Khó khăn hiện nay", "Sản phẩm, nguyên liệu", "Quy mô, công suất", "Đang làm thế nào",
    "Kinh phí dự kiến", "Thời gian cần", "Tỉnh", "Ngày gửi", "Tình trạng nguồn cung", "Đầu mối",
)  # fmt: skip
CONTACT = "Sở Khoa học và Công nghệ tỉnh Lạng Sơn"


def say_preview(seen: Preview) -> list[str]:
    """A preview in lines for a person."""
    lines = [f"Đọc được {len(seen.offers)} giải pháp, {len(seen.mistakes)} lỗi."]
    lines += [f"  {offer.id}: {offer.title}" for offer in seen.offers[:SHOWN_ROWS]]
    if len(seen.offers) > SHOWN_ROWS:
        lines.append(f"  … và {len(seen.offers) - SHOWN_ROWS} giải pháp nữa")
    if seen.unknown:
        lines.append(f"Cột không dùng tới: {', '.join(seen.unknown)}.")
    lines += [f"Lỗi, {mistake}" for mistake in seen.mistakes[:SHOWN_MISTAKES]]
    if len(seen.mistakes) > SHOWN_MISTAKES:
        lines.append(f"… và {len(seen.mistakes) - SHOWN_MISTAKES} lỗi nữa")
    return lines


async def bring_table(
    settings: Settings, file: Path, database: str | None, only_look: bool, say: Callable[[str], object]
) -> bool:
    """Previews a table of offers and, unless only looked at, brings it in whole; False when a row is wrong."""
    seen = preview(file)
    for line in say_preview(seen):
        say(line)
    if seen.mistakes:
        say("Chưa ghi gì vào kho: sửa các dòng trên rồi chạy lại.")
        return False
    if only_look:
        say("Mới xem trước, chưa ghi gì.")
        return True
    system = await open_system(settings, database, samples=False)
    try:
        async with system.database.write() as db:
            for row in seen.offers:
                await catalogue.write_offer(db, offer_from(row), "nhipcau")
    finally:
        await system.database.close()
    say(f"Đã ghi {len(seen.offers)} giải pháp.")
    return True


def need_row(number: int, need: Need, served: bool) -> tuple[str, ...]:
    """One need in the layout of a province's need list; no name, no number, no commune."""

    def words(name: str) -> str:
        return str((need.fields.get(name) or {}).get("words") or "")

    place = ((need.fields.get("place") or {}).get("value") or {}).get("province") or "Lạng Sơn"
    sent = f"{local(need.submitted_at):%d/%m/%Y}" if need.submitted_at else ""
    return (
        str(number), need.code, words("wish") or words("problem"), words("problem"), words("product"), words("scale"),
        words("current"), words("budget"), words("deadline"), place, sent, "đã có giải pháp hợp" if served else "chưa có nguồn",
        CONTACT,
    )  # fmt: skip


async def list_needs(settings: Settings, file: Path, database: str | None, unserved: bool) -> str:
    """Writes the standing needs, or only those that no offer serves; what was written, in words."""
    system = await open_system(settings, database, samples=False)
    now = datetime.now(UTC)
    try:
        await system.office.refresh(now)
        async with system.database.read() as db:
            standing = await needs.listening(db)
    finally:
        await system.database.close()
    rows: list[tuple[str, ...]] = []
    for row in standing:
        found = system.office.matcher.search(wanted(row.need.text, row.need.fields))
        served = found.decision is Decision.SHOW
        if not (unserved and served):
            rows.append(need_row(len(rows) + 1, row.need, served))
    write(Sheet("Nhu cầu công nghệ", HEADS, rows), file)
    return f"{len(rows)} nhu cầu trong {file.name}" + (" (chưa có nguồn cung)" if unserved else "")
