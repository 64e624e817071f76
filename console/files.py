"""Writes needs into workbooks, documents and official forms; a cell never becomes a formula."""

from datetime import datetime
from functools import cache
from io import BytesIO
from typing import IO

import xlsxwriter
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from console import names, words
from console.desk import HERE
from domain.need import Field, NeedState, Outcome
from domain.person import Person
from domain.worktime import local
from storage.board import Row, Sheet

HEADS = ("Mã", "Trạng thái", "Ngày gửi", "Hẹn trả lời", "Chủ nhu cầu", "Điện thoại", "Xã/phường", "Phụ trách", "Kênh")
FIELDS = tuple(field for field in Field if field not in (Field.CONTACT, Field.PLACE))
AGENCY = "SỞ KHOA HỌC VÀ CÔNG NGHỆ"
PROVINCE = "UBND TỈNH LẠNG SƠN"
NATION = "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"


def _state(row: Row) -> str:
    named = names.NEED_STATES[NeedState(row.state)]
    return f"{named}: {names.OUTCOMES[Outcome(row.outcome)]}" if row.outcome else named


def _cells(row: Row) -> list[str]:
    first = [row.code, _state(row), words.day(row.submitted_at), words.clock(row.due_at), row.name or ""]
    first += [
        words.local_phone(row.phone),
        row.unit or "",
        row.officer or "",
        names.CHANNELS.get(row.channel, row.channel),
    ]
    told = [(row.fields.get(field.value) or {}).get("words", "") for field in FIELDS]
    return [*first, *told, row.text]


def _heads() -> list[str]:
    named = [f"{field.short[:1].upper()}{field.short[1:]}" for field in FIELDS]
    return [*HEADS, *named, "Lời chủ nhu cầu"]


def clean(text: str) -> str:
    """Text without control characters, which office programs refuse."""
    return "".join(char for char in text if char in "\n\t" or ord(char) >= 32)


def workbook(rows: list[Row], now: datetime) -> bytes:
    """A workbook with one need a line; every cell is text."""
    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet("Nhu cầu")
        head = book.add_format({"bold": True, "bg_color": "#E2EFE7", "border": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        heads = _heads()
        for column, name in enumerate(heads):
            sheet.write_string(0, column, name, head)
        for line, row in enumerate(rows, 1):
            for column, text in enumerate(_cells(row)):
                sheet.write_string(line, column, clean(text)[:32000], plain)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)
        sheet.set_column(0, 7, 14)
        sheet.set_column(8, len(heads) - 1, 28)
        sheet.set_landscape()
        sheet.set_footer(f"&LXuất {words.full_time(now)}&RTrang &P/&N")
    return made.getvalue()


def document(rows: list[Row], now: datetime) -> bytes:
    """A report with a table of the needs."""
    made = Document()
    page = made.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, page.page_height, page.page_width
    page.left_margin = page.right_margin = Cm(1.5)
    made.styles["Normal"].font.name = "Times New Roman"
    made.styles["Normal"].font.size = Pt(11)
    made.add_heading("Danh sách nhu cầu công nghệ", 1)
    made.add_paragraph(f"{AGENCY} LẠNG SƠN. Lập lúc {words.full_time(now)}. Tổng số: {len(rows)} phiếu.")
    heads = (
        "Mã",
        "Trạng thái",
        "Chủ nhu cầu",
        "Xã/phường",
        "Sản phẩm",
        "Vấn đề",
        "Mong muốn",
        "Kinh phí",
        "Khi nào cần",
    )
    table = made.add_table(rows=1, cols=len(heads))
    table.style = "Table Grid"
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # stands on top of every page
    for cell, name in zip(table.rows[0].cells, heads, strict=True):
        cell.paragraphs[0].add_run(name).bold = True
    for row in rows:

        def told(field: Field, row: Row = row) -> str:
            return str((row.fields.get(field.value) or {}).get("words", ""))

        texts = [row.code, _state(row), row.name or "", row.unit or ""]
        texts += [told(f) for f in (Field.PRODUCT, Field.PROBLEM, Field.WISH, Field.BUDGET, Field.DEADLINE)]
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.text = clean(text)
    held = BytesIO()
    made.save(held)
    return held.getvalue()


# --- the official form ------------------------------------------------------------------------------------------
@cache
def _fonts() -> tuple[str, str]:
    for name in ("Regular", "Bold"):
        pdfmetrics.registerFont(TTFont(f"BeVietnamPro-{name}", HERE / "fonts" / f"BeVietnamPro-{name}.ttf"))
    return "BeVietnamPro-Regular", "BeVietnamPro-Bold"


def text(value: str) -> str:
    """Plain words for a paragraph: nothing in them is markup."""
    safe = clean(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return safe.replace("\n", "<br/>")


def letterhead(styles: dict[str, ParagraphStyle]) -> Table:
    """Who writes, in the manner of official papers."""
    left, right = (
        [Paragraph(PROVINCE, styles["centre"]), Paragraph(AGENCY, styles["heavy"])],
        [Paragraph(NATION, styles["heavy"]), Paragraph(MOTTO, styles["heavy"])],
    )
    head = Table([[left, right]], colWidths=(7 * cm, 10 * cm))
    head.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    return head


def dated(now: datetime) -> str:
    """Place and day of a paper."""
    here = local(now)
    return f"Lạng Sơn, ngày {here.day:02d} tháng {here.month:02d} năm {here.year}"


def page(into: IO[bytes], title: str, story: list[Flowable]) -> None:
    """Writes what is told onto pages of A4."""
    edges = {"leftMargin": 2 * cm, "rightMargin": 2 * cm, "topMargin": 1.8 * cm, "bottomMargin": 1.8 * cm}
    SimpleDocTemplate(into, pagesize=A4, **edges, title=title, author="Nhịp Cầu").build(story)


def form(into: IO[bytes], sheet: Sheet, who: Person, now: datetime) -> None:
    """One need on a page in the manner of an official form; written into `into`."""
    styles = looks()
    body, centre, heavy = styles["body"], styles["centre"], styles["heavy"]
    need = sheet.need
    sent = words.full_time(need.submitted_at) if need.submitted_at else "chưa xác nhận"
    table = Table(
        [[Paragraph(text(label), styles["strong"]), Paragraph(text(told), body)] for label, told in _lines(sheet, who)],
        colWidths=(4.6 * cm, 12.4 * cm),
    )
    grid = [("GRID", (0, 0), (-1, -1), 0.6, "#8A978F"), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    table.setStyle(TableStyle([*grid, ("BACKGROUND", (0, 0), (0, -1), "#F2F5F1")]))
    place = Paragraph(dated(now), centre)
    sign = Paragraph("(ký, ghi rõ họ tên)", centre)
    owner, office = [Paragraph("CHỦ NHU CẦU", heavy), sign], [place, Paragraph("CÁN BỘ TIẾP NHẬN", heavy), sign]
    signs = Table([[owner, office]], colWidths=(8.5 * cm, 8.5 * cm))
    signs.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "BOTTOM")]))
    consent = (
        "Thông tin chỉ dùng để tìm công nghệ và hỗ trợ; nơi cung cấp chỉ nhận liên hệ khi chủ nhu cầu đồng ý riêng."
    )
    story = [
        letterhead(styles),
        Spacer(1, 0.5 * cm),
        Paragraph("PHIẾU NHU CẦU CÔNG NGHỆ", styles["title"]),
        Paragraph(f"Mã phiếu: {need.code} · Gửi lúc: {sent}", centre),
        Spacer(1, 0.4 * cm),
        table,
        Spacer(1, 0.3 * cm),
        Paragraph(consent, styles["small"]),
        Spacer(1, 0.6 * cm),
        signs,
    ]
    page(into, f"Phiếu {need.code}", story)


def looks() -> dict[str, ParagraphStyle]:
    """The styles of our papers, by name."""
    regular, bold = _fonts()
    body = ParagraphStyle("body", fontName=regular, fontSize=10, leading=14.5)
    centre = ParagraphStyle("centre", parent=body, alignment=TA_CENTER)
    heavy = ParagraphStyle("heavy", parent=centre, fontName=bold)
    return {
        "body": body,
        "strong": ParagraphStyle("strong", parent=body, fontName=bold),
        "centre": centre,
        "heavy": heavy,
        "title": ParagraphStyle("title", parent=heavy, fontSize=14, leading=20),
        "small": ParagraphStyle("small", parent=body, fontSize=8.5, leading=12),
    }


def _lines(sheet: Sheet, who: Person) -> list[tuple[str, str]]:
    """The lines of the form: label, words."""
    need = sheet.need
    lines = []
    for field in Field:
        told = (need.fields.get(field.value) or {}).get("words", "chưa biết")
        if field is Field.CONTACT and who.name:
            told = f"{who.name}, {words.local_phone(who.phone)}"
        lines.append((f"{field.number}. {field.label[:1].upper()}{field.label[1:]}", told))
    state = names.NEED_STATES[need.state] + (f": {names.OUTCOMES[need.outcome]}" if need.outcome else "")
    rest = (("Lời chủ nhu cầu", f"“{need.text}”"), ("Diễn đạt chính thức", sheet.summary), ("Tình trạng", state))
    return [*lines, *rest]
