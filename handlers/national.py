"""The standing needs in the layout of a province's need list, for the ministry's bodies and other platforms."""

from datetime import datetime

from domain.need import Need
from domain.worktime import local
from handlers.turn import Office
from handlers.words import wanted
from knowledge.sheets import Sheet
from matching.wanted import Decision
from storage import needs
from storage.database import Connection

HEADS = (
    "STT", "Mã phiếu", "Nhu cầu công nghệ", "Khó khăn hiện nay", "Sản phẩm, nguyên liệu", "Quy mô, công suất", "Đang làm thế nào",
    "Kinh phí dự kiến", "Thời gian cần", "Tỉnh", "Ngày gửi", "Tình trạng nguồn cung", "Đầu mối",
)  # fmt: skip
CONTACT = "Sở Khoa học và Công nghệ tỉnh Lạng Sơn"


def need_row(number: int, need: Need, served: bool) -> tuple[str, ...]:
    """One need of the list; no name, no number, no commune."""

    def words(name: str) -> str:
        return str((need.fields.get(name) or {}).get("words") or "")

    place = ((need.fields.get("place") or {}).get("value") or {}).get("province") or "Lạng Sơn"
    sent = f"{local(need.submitted_at):%d/%m/%Y}" if need.submitted_at else ""
    return (
        str(number), need.code, words("wish") or words("problem"), words("problem"), words("product"), words("scale"),
        words("current"), words("budget"), words("deadline"), place, sent, "đã có giải pháp hợp" if served else "chưa có nguồn",
        CONTACT,
    )  # fmt: skip


async def need_list(office: Office, db: Connection, now: datetime, unserved: bool) -> Sheet:
    """All standing needs, or only those that no offer serves."""
    await office.refresh(now)
    rows: list[tuple[str, ...]] = []
    for row in await needs.listening(db):
        found = office.matcher.search(wanted(row.need.text, row.need.fields))
        served = found.decision is Decision.SHOW
        if not (unserved and served):
            rows.append(need_row(len(rows) + 1, row.need, served))
    return Sheet("Nhu cầu công nghệ", HEADS, rows)
