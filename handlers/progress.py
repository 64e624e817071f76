"""How far a need is: what was done, until when somebody is waited for, what comes next."""

from datetime import datetime, timedelta

from domain.need import STATE_WORDS, Need, NeedState, Outcome
from domain.worktime import WorkTime, local, say_day, say_time
from handlers.outcomes import CALLED_AFTER, LADDER, UNSERVED_AFTER, ladder_at
from storage import pairs
from storage.database import Connection

CLOSED_WORDS = {
    Outcome.CONTRACT: "đã đóng: hai bên đã ký hợp đồng",
    Outcome.DONE_WITHOUT_CONTRACT: "đã đóng: việc đã xong, không cần hợp đồng",
    Outcome.NO_SUPPLIER: "đã đóng: chưa tìm được nơi cung cấp; nhắn PHIẾU MỚI để em tìm lại",
    Outcome.WITHDRAWN: "đã rút theo lời anh/chị; cần lại thì nhắn PHIẾU MỚI",
    Outcome.EXPIRED: "đã đóng vì quá hạn; còn cần thì nhắn PHIẾU MỚI",
    Outcome.NOT_FOR_US: "đã đóng: việc này không thuộc phần của Sở",
}


async def how_far(worktime: WorkTime, db: Connection, need: Need, now: datetime) -> str:
    """One need in a line or two, without its wish: state, what was passed on, the next step with its day."""
    if need.state is NeedState.CLOSED and need.outcome is not None:
        return CLOSED_WORDS[need.outcome]
    state = STATE_WORDS[need.state]
    if need.state is NeedState.SUBMITTED and need.due_at is not None:
        if need.due_at <= now:
            return f"{state}; đã quá hẹn {say_time(need.due_at)}, người phụ trách đã được báo"
        return f"{state}; cán bộ phản hồi trước {say_time(need.due_at)}"
    asked = [(item, item.asked_at) for item in await pairs.standing(db, need.id) if item.asked_at is not None]
    silent = [at for item, at in asked if item.supplier_agreed_at is None]
    if silent and need.state in (NeedState.OPEN, NeedState.INTRODUCED):
        last = max(silent) + timedelta(days=LADDER[-1][1])
        passed = f"đã chuyển {len(silent)} đơn vị ngày {_day(min(silent))}, chờ trả lời đến {_day(last)}"
        steps = sorted(at for since in silent if (at := _next_step(worktime, since, now)) is not None)
        nudge = f"; việc kế tiếp của Sở: nhắc đơn vị ngày {_day(steps[0])}" if steps else ""
        return f"{state}; {passed}{nudge}"
    if need.state is NeedState.OPEN and need.submitted_at is not None:
        by = need.submitted_at + UNSERVED_AFTER
        return f"{state}; việc kế tiếp của Sở: báo kết quả chậm nhất {_day(by)}" if by > now else state
    released = [item.released_at for item, _ in asked if item.released_at is not None]
    if need.state is NeedState.INTRODUCED and released and max(released) + CALLED_AFTER > now:
        return f"{state}; việc kế tiếp của Sở: hỏi lại hai bên ngày {_day(max(released) + CALLED_AFTER)}"
    return state


def _day(at: datetime) -> str:
    return say_day(local(at).date())


def _next_step(worktime: WorkTime, since: datetime, now: datetime) -> datetime | None:
    """When a silent supplier is nudged next; None when only the end is left."""
    return next((at for step, _ in LADDER[:-1] if (at := ladder_at(worktime, step, since)) > now), None)
