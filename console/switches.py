"""The kill switch for answers, topics, programmes: what is off, off at once, on again by a second officer."""

from collections.abc import Awaitable
from typing import Annotated, Any

from fastapi import Form, Response

from console.doors import Doors, Here, Refused
from domain.officer import Permission
from storage import knowledge, pulls
from storage.officers import NotAllowed
from storage.pulls import NOUNS, NotPulled

doors = Doors()
PAGES = {"answer": "/tra-loi/", "programme": "/chuong-trinh/"}


@doors.see("/cong-tac", Permission.LOOK)
async def show(visit: Here) -> Response:
    """What is off, with a form to turn off more."""
    async with visit.desk.database.read() as db:
        off = await pulls.open_pulls(db)
        topics = await knowledge.topics(db)
        programmes = await knowledge.short_names(db)
    return visit.page("switches.html", off=off, topics=topics, programmes=programmes, pages=PAGES)


async def _try(deed: Awaitable[Any]) -> Any:
    try:
        return await deed
    except NotAllowed as error:
        raise Refused("Người xin bật không tự bật; nhờ một người duyệt khác.") from error
    except (NotPulled, ValueError) as error:
        raise Refused("Mã này không có, hoặc không ở trạng thái đó nữa. Anh/chị tải lại trang để xem.") from error


def _told(noun: str, noun_id: str, reason: str) -> tuple[str, str, str]:
    if noun not in NOUNS or not noun_id.strip():
        raise Refused("Chọn tắt câu trả lời, chủ đề hay chương trình, kèm mã.")
    return noun, noun_id.strip(), reason.strip()


Word = Annotated[str, Form(max_length=100)]
Why = Annotated[str, Form(max_length=500)]


@doors.do("/cong-tac/tat", Permission.SWITCH_OFF)
async def switch_off(visit: Here, noun: Word = "", noun_id: Word = "", reason: Why = "") -> Response:
    """Lets nothing of it leave from now on, in any process."""
    kind, named, why = _told(noun, noun_id, reason)
    if not why:
        raise Refused("Việc này cần một lý do.")
    async with visit.desk.database.write() as db:
        await _try(pulls.pull_back(db, kind, named, visit.officer.name, why, visit.now))
    visit.desk.wake()
    return visit.go("/cong-tac", "switched-off")


@doors.do("/cong-tac/xin-bat", Permission.WRITE)
async def ask_on(visit: Here, noun: Word = "", noun_id: Word = "", reason: Why = "") -> Response:
    """Asks that it be said again."""
    kind, named, why = _told(noun, noun_id, reason)
    if not why:
        raise Refused("Việc này cần một lý do.")
    async with visit.desk.database.write() as db:
        await _try(pulls.ask_back(db, kind, named, visit.officer.name, why, visit.now))
    return visit.go("/cong-tac", "asked-back")


@doors.do("/cong-tac/bat", Permission.APPROVE)
async def switch_on(visit: Here, noun: Word = "", noun_id: Word = "", reason: Why = "") -> Response:
    """Lets it be said again, on somebody else's asking; who asked meanwhile is told once."""
    async with visit.desk.database.write() as db:
        kind, named, why = _told(noun, noun_id, reason)
        await _try(pulls.give_back(db, kind, named, visit.officer.name, why, visit.now))
    visit.desk.wake()
    return visit.go("/cong-tac", "switched-on")
