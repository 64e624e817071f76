"""What a file really is, told from its first bytes, whatever its name says."""

IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PNG = b"\x89PNG\r\n\x1a\n"
MOVIES = frozenset(
    (
        b"isom",
        b"iso2",
        b"iso3",
        b"iso4",
        b"iso5",
        b"iso6",
        b"mp41",
        b"mp42",
        b"avc1",
        b"M4V ",
        b"MSNV",
        b"dash",
        b"3gp4",
        b"3gp5",
    )
)
ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "application/pdf": "pdf",
    "audio/ogg": "ogg", "audio/mp4": "m4a", "video/mp4": "mp4", DOCX: "docx", XLSX: "xlsx",
}  # fmt: skip


def sniff(content: bytes) -> str | None:
    """The media type of a file of a kind that we keep; None for every other. Nothing is unpacked."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(PNG):
        return "image/png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"OggS") and content[28:36] == b"OpusHead":
        return "audio/ogg"
    if content[4:8] == b"ftyp":
        return _movie(content[8:12])
    return _office(content) if content.startswith(b"PK\x03\x04") else None


def _movie(brand: bytes) -> str | None:
    if brand == b"M4A ":
        return "audio/mp4"
    return "video/mp4" if brand in MOVIES else None


def _office(content: bytes) -> str | None:
    """A text or a table; the names of the parts stand in clear in the archive. One with macros is none of ours."""
    if b"[Content_Types].xml" not in content or b"vbaProject.bin" in content:
        return None
    if b"word/document.xml" in content:
        return DOCX
    return XLSX if b"xl/workbook.xml" in content else None


def whole(content: bytes, mime: str) -> bool:
    """Whether a file is there to its end, as far as its type tells; images are judged when their tags are stripped."""
    if mime == "image/gif":
        return content.rstrip(b"\0").endswith(b";")
    if mime == "application/pdf":
        return b"%%EOF" in content[-2048:]
    if mime in (DOCX, XLSX):
        return b"PK\x05\x06" in content[-66_000:]
    return True
