"""Shared phrasing: how an offer, a programme, an event is put into words."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from conversation.reply import Choice
from domain.event import Event
from domain.need import Field
from domain.offer import TRANSFER_MODES, Offer, readiness_words
from domain.programme import GONE, Programme, ProgrammeState, begun, ended
from domain.worktime import WEEKDAYS, local
from knowledge.library import load
from matching.wanted import Match, Wanted

HOME = "Lạng Sơn"
UNKNOWN = "chưa biết"
ASK_OFFICER = Choice("Gặp cán bộ", "officer", ("gap can bo", "can bo", "nguoi that"))


CHANNELS = {"telegram": "Telegram", "zalo": "Zalo", "zalo_oa": "Zalo", "zalo_bot": "Zalo Bot", "web": "trang web"}
CHANNELS |= {"terminal": "máy trạm"}


def number(value: float | int | None) -> str:
    """A number in Vietnamese figures: 1.500 and 1,5."""
    if value is None:
        return ""
    whole = f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value):,}"
    return whole.replace(",", "\0").replace(".", ",").replace("\0", ".")


def price_words(offer: Offer) -> str:
    """What an offer costs, in words; empty when nobody says."""
    least, most = offer.price_million_vnd.get("min"), offer.price_million_vnd.get("max")
    if least is None and most is None:
        return ""
    if least is None or most is None or least == most:
        return f"{number(most if least is None else least)} triệu đồng"
    return f"{number(least)}-{number(most)} triệu đồng"


def capacity_words(offer: Offer) -> str:
    """How much an offer handles, in words; empty when nobody says."""
    least, most, unit = offer.capacity.get("min"), offer.capacity.get("max"), offer.capacity.get("unit") or ""
    if least is None and most is None:
        return ""
    if least is None or most is None or least == most:
        return f"{number(most if least is None else least)} {unit}".strip()
    return f"{number(least)}-{number(most)} {unit}".strip()


def offer_line(offer: Offer) -> str:
    """One line about an offer: title, price."""
    price = price_words(offer)
    return f"{offer.title}" + (f" ({price})" if price else "")


def offer_card(offer: Offer) -> str:
    """An offer in full, one fact a line."""
    lines = [offer.title + ".", offer.summary[:1].upper() + offer.summary[1:]]
    facts = [
        ("Công suất", capacity_words(offer)),
        ("Giá tham khảo", price_words(offer)),
        ("Mức sẵn sàng", readiness_words(offer.trl) or ""),
        ("Hình thức", ", ".join(TRANSFER_MODES.get(mode, mode) for mode in offer.transfer_modes)),
        ("Nơi cung cấp", offer.owner),
    ]
    lines += [f"{name}: {value}." for name, value in facts if value]
    if offer.sample:
        lines.append("(Dữ liệu mẫu để thử, không phải chào hàng thật.)")
    return "\n".join(line for line in lines if line)


def pair_choices(need_id: int, offer: Offer) -> tuple[Choice, ...]:
    """What the owner of a need can answer to an offer; a pair is written "12/O001"."""
    pair = f"{need_id}/{offer.id}"
    return (
        Choice("Quan tâm", f"want:{pair}", ("quan tam", "co", "thich", "muon")),
        Choice("Xem chi tiết", f"offer:{offer.id}", ("xem", "chi tiet")),
        Choice("Không hợp vì…", f"unfit:{pair}", ("khong hop", "khong quan tam", "khong")),
        Choice("Vì sao tôi nhận tin này?", f"why:{pair}", ("vi sao", "sao lai gui")),
        Choice("Dừng chủ đề này", f"topic:{need_id}/stop", ("dung chu de nay", "dung loai nay")),
    )


def event_time(event: Event) -> str:
    """When an event is: "08:00-11:30 thứ Tư 16/12/2026"."""
    start = local(event.start)
    end = local(event.end) if event.end else None
    clock = f"{start:%H:%M}-{end:%H:%M}" if end and end.date() == start.date() else f"{start:%H:%M}"
    until = f" đến {end:%d/%m/%Y}" if end and end.date() != start.date() else ""
    return f"{clock} {WEEKDAYS[start.weekday()]} {start:%d/%m/%Y}{until}"


def seats_words(event: Event) -> str:
    """How many seats are left, in words."""
    left = event.seats_left
    if left is None:
        return ""
    return f"còn {left} chỗ" if left else "đã hết chỗ, có danh sách chờ"


def event_line(event: Event) -> str:
    """One line about an event: title, time, seats."""
    seats = seats_words(event)
    return f"{event.title}: {event_time(event)}" + (f", {seats}" if seats else "")


def there(event: Event) -> str:
    """How to get there, as a sentence behind others; empty when nobody said."""
    return f" {event.travel[:1].upper()}{event.travel[1:].rstrip('.')}." if event.travel else ""


def event_card(event: Event) -> str:
    """An event in full, one fact a line."""
    lines = [event.title + ".", event.summary, f"Thời gian: {event_time(event)}."]
    if event.place:
        lines.append(f"Địa điểm: {event.place}.")
    if event.travel:
        lines.append(f"Đi lại: {event.travel.rstrip('.')}.")
    if event.map_address:
        lines.append(f"Bản đồ: {event.map_address}")
    if event.organiser:
        lines.append(f"Đơn vị tổ chức: {event.organiser}.")
    if event.partners:
        lines.append(f"Phối hợp: {event.partners}.")
    if event.speakers:
        lines.append(f"Diễn giả: {event.speakers}.")
    if event.agenda:
        lines.append(f"Chương trình:\n{event.agenda}")
    if event.free:
        lines.append("Miễn phí.")
    if seats_words(event):
        lines.append(f"Chỗ ngồi: {seats_words(event)}.")
    if event.sample:
        lines.append("(Sự kiện mẫu để thử, không có thật.)")
    return "\n".join(line for line in lines if line)


def standing_words(programme: Programme, day: date) -> str:
    """Whether a programme holds on this day, in one sentence."""
    if ended(programme, day.isoformat()):
        until = f" (đến {_loose_day(programme.effective_to)})" if programme.effective_to else ""
        return f"Hiện đã hết hiệu lực{until}." if programme.state not in GONE else f"Hiện đã hết{until}."
    if not begun(programme, day.isoformat()):
        return f"Chưa có hiệu lực, áp dụng từ {_loose_day(programme.effective_from)}."
    if programme.state is ProgrammeState.DRAFT:
        return "Mới là dự thảo, chưa áp dụng."
    if programme.state is ProgrammeState.UNSURE:
        return "Em chưa chắc văn bản này còn hiệu lực."
    since = f" từ {_loose_day(programme.effective_from)}" if programme.effective_from else ""
    until = f" đến {_loose_day(programme.effective_to)}" if programme.effective_to else ""
    return f"Đang hiệu lực{since}{until}."


def _loose_day(text: str | None) -> str:
    """A date known to the year, month or day, as people write it."""
    return "/".join(reversed(str(text).split("-"))) if text else ""


def trimmed(title: str, limit: int = 48) -> str:
    """A title short enough for a button."""
    return title if len(title) <= limit else title[: limit - 1].rstrip(" ,;:") + "…"


UNSURE = ("chưa rõ", "chưa biết", "cần hỏi thêm")  # in doubts about what one side has not told


def doubt_words(doubts: Sequence[str]) -> str:
    """What is known not to fit, then what is not known, each as a sentence; empty without doubts."""
    unsure = [doubt.removeprefix("chưa rõ ") for doubt in doubts if any(words in doubt for words in UNSURE)]
    known = [doubt for doubt in doubts if not any(words in doubt for words in UNSURE)]
    parts = (("Lưu ý", known), ("Chưa rõ", unsure))
    return " ".join(f"{name}: {'; '.join(told)}." for name, told in parts if told)


def reasons(match: Match, limit: int = 200) -> str:
    """The reasons and doubts of a match in words: as many as there is room for, a doubt never left out for a reason."""
    for many in range(len(match.doubts), 0, -1):
        doubts = doubt_words(match.doubts[:many])
        if len(doubts) <= limit * 0.75 or many == 1:
            break
    else:
        doubts = ""
    for count in range(len(match.because), 0, -1):
        text = f"Hợp vì: {'; '.join(match.because[:count])}. {doubts}".strip()
        if len(text) <= limit:
            return text
    return trimmed(doubts or "; ".join(match.because), limit)


def wanted(text: str, fields: dict[str, dict[str, Any]]) -> Wanted:
    """The confirmed form as matching sees it."""

    def value(field: Field) -> Any:
        return (fields.get(field.value) or {}).get("value")

    wish = fields.get("wish") or {}
    place = value(Field.PLACE) or {}
    said = " ".join(str(fields[f]["words"]) for f in ("product", "problem", "wish") if f in fields)
    return Wanted(
        text=f"{text} {said}"[:2000],
        products=tuple(value(Field.PRODUCT) or ()),
        processes=tuple(wish.get("value") or ()),
        capacity=dict(value(Field.SCALE) or {}),
        budget=dict(value(Field.BUDGET) or {}),
        province_code=_province_codes().get(place.get("province") or HOME),
        stated=True,
    )


@cache
def _province_codes() -> dict[str, str]:
    return {row["name"]: str(row["code"]) for row in load().provinces["provinces"]}
