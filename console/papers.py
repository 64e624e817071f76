"""Papers about an event: who came is told in a certificate, what came of it in a report."""

from datetime import datetime
from io import BytesIO

import xlsxwriter
from reportlab.lib.units import cm
from reportlab.platypus import Paragraph, Spacer, Table, TableStyle

from console import names, words
from console.files import AGENCY, clean, dated, letterhead, looks, page, text
from domain.event import Event
from handlers.words import event_time
from storage.arrivals import Guest
from storage.gatherings import Report
from storage.seats import Line


def certificate(event: Event, name: str, number: int, officer: str, now: datetime) -> bytes:
    """A page that says that somebody came; `number` is that of the registration, so that it can be looked up."""
    styles, made = looks(), BytesIO()
    centre, heavy = styles["centre"], styles["heavy"]
    where = f", tại {event.place}" if event.place else ""
    told = f"đã dự {event.title}, {event_time(event)}{where}."
    sign = [
        Paragraph(dated(now), centre),
        Paragraph("NGƯỜI XÁC NHẬN", heavy),
        Spacer(1, 1.6 * cm),
        Paragraph(text(officer), heavy),
    ]
    page(
        made,
        f"Giấy xác nhận tham dự {number}",
        [
            letterhead(styles),
            Spacer(1, 1.2 * cm),
            Paragraph("GIẤY XÁC NHẬN THAM DỰ", styles["title"]),
            Spacer(1, 0.8 * cm),
            Paragraph(f"{AGENCY} LẠNG SƠN xác nhận", centre),
            Spacer(1, 0.3 * cm),
            Paragraph(text(name), styles["title"]),
            Spacer(1, 0.3 * cm),
            Paragraph(text(told), centre),
            Spacer(1, 1 * cm),
            Table([["", sign]], colWidths=(8.5 * cm, 8.5 * cm)),
            Spacer(1, 1 * cm),
            Paragraph(f"Số tra cứu: {number}. Giấy lập từ danh sách đón khách của sự kiện.", styles["small"]),
        ],
    )
    return made.getvalue()


def report_lines(found: Report, figures: Line) -> list[tuple[str, str]]:
    """What came of an event, one figure a line; the same on the page of the event."""
    came = f"{found.came + found.walked}"
    if found.walked:
        came += f" (trong đó {found.walked} khách chưa đăng ký)"
    return [
        ("Được mời", str(found.invited)),
        ("Tin mời đã tới", str(found.reached)),
        ("Đã xem", _seen(found)),
        ("Đăng ký", f"{found.registered} người, {figures.booked} chỗ"),
        ("Đến dự", came),
        ("Nói hữu ích", f"{found.useful} trên {found.rated} người trả lời"),
        ("Nhu cầu ghi sau đó", str(found.needs)),
    ]


def _seen(found: Report) -> str:
    """Who looked at the invitation: Zalo tells, Telegram and the web page do not."""
    if not found.telling:
        return "kênh đã gửi không cho biết"
    others = "" if found.telling == found.reached else "; kênh khác không cho biết"
    return f"{found.seen} trên {found.telling} người ở Zalo{others}"


def report(event: Event, found: Report, figures: Line, now: datetime) -> bytes:
    """A page with the figures of an event; it names nobody."""
    styles, made = looks(), BytesIO()
    rows = [
        [Paragraph(label, styles["strong"]), Paragraph(text(told), styles["body"])]
        for label, told in report_lines(found, figures)
    ]
    table = Table(rows, colWidths=(5 * cm, 12 * cm))
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.6, "#8A978F"), ("BACKGROUND", (0, 0), (0, -1), "#F2F5F1")]))
    named = ", ".join(part for part in (event.organiser, event.partners) if part)
    page(
        made,
        f"Báo cáo {event.title}",
        [
            letterhead(styles),
            Spacer(1, 0.6 * cm),
            Paragraph("BÁO CÁO KẾT QUẢ SỰ KIỆN", styles["title"]),
            Paragraph(text(event.title), styles["heavy"]),
            Paragraph(text(event_time(event) + (f" · {event.place}" if event.place else "")), styles["centre"]),
            *([Paragraph(text(f"Tổ chức: {named}"), styles["centre"])] if named else []),
            Spacer(1, 0.5 * cm),
            table,
            Spacer(1, 0.4 * cm),
            Paragraph(f"Lập lúc {words.full_time(now)}.", styles["small"]),
        ],
    )
    return made.getvalue()


def guest_list(event: Event, guests: list[Guest], now: datetime) -> bytes:
    """A workbook of those who registered or came, without phone numbers; every cell is text."""
    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet("Người dự")
        head = book.add_format({"bold": True, "bg_color": "#E2EFE7", "border": 1})
        for column, name in enumerate(("Số", "Họ tên", "3 số cuối", "Chỗ", "Chờ", "Tình trạng", "Đến lúc", "Ký tên")):
            sheet.write_string(0, column, name, head)
        for line, one in enumerate(guests, 1):
            state = names.PLACE_STATES.get(one.state.value, one.state.value) if one.number else "Khách chưa đăng ký"
            cells = [str(one.number or ""), one.name, one.last3, str(one.heads), str(one.waiting or ""), state]
            for column, cell in enumerate([*cells, words.clock(one.came_at)]):
                sheet.write_string(line, column, clean(cell))
        sheet.freeze_panes(1, 0)
        sheet.set_column(1, 1, 28)
        sheet.set_column(5, 7, 18)
        sheet.set_footer(f"&L{event.title[:60]}&RXuất {words.full_time(now)}")
    return made.getvalue()
