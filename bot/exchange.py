"""Brings tables of offers in after a preview, all rows or none; writes lists of needs for others to serve."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.wiring import open_system
from config.settings import Settings
from handlers.national import need_list
from knowledge.sheets import Preview, preview, write
from storage import catalogue
from storage.seed import offer_from

SHOWN_ROWS, SHOWN_MISTAKES = 5, 30


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


async def list_needs(settings: Settings, file: Path, database: str | None, unserved: bool) -> str:
    """Writes the standing needs, or only those that no offer serves; what was written, in words."""
    system = await open_system(settings, database, samples=False)
    try:
        async with system.database.read() as db:
            sheet = await need_list(system.office, db, datetime.now(UTC), unserved)
    finally:
        await system.database.close()
    write(sheet, file)
    return f"{len(sheet.rows)} nhu cầu trong {file.name}" + (" (chưa có nguồn cung)" if unserved else "")
