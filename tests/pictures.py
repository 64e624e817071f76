"""Small files for tests: pictures with hidden tags, documents, broken and hostile ones."""

import io
import struct
import zipfile
import zlib

PLACE = b"HERE-IS-THE-HOUSE"  # stands for the coordinates in every tag


def exif(orientation: int = 1) -> bytes:
    """An Exif block (TIFF) with how the camera was held and a GPS part."""
    entries = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(">HHII", 0x8825, 4, 1, 50)
    gps = struct.pack(">H", 1) + struct.pack(">HHII", 0x0002, 2, len(PLACE), 80) + struct.pack(">I", 0)
    head = b"MM\0*" + struct.pack(">IH", 8, 2) + entries + struct.pack(">I", 0)
    return head.ljust(50, b"\0") + gps.ljust(30, b"\0") + PLACE


def _part(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def plain_jpeg(seed: int = 0) -> bytes:
    """One grey point; different seeds are different files."""
    table = bytes([0]) + bytes([1 + seed % 250]) + bytes([1 + seed // 250 % 250]) + bytes([1]) * 62
    huffman = bytes([0]) + bytes([1] + [0] * 15) + bytes([0])
    huffman_ac = bytes([0x10]) + bytes([1] + [0] * 15) + bytes([0])
    frame = bytes([8, 0, 1, 0, 1, 1, 1, 0x11, 0])
    scan = bytes([1, 1, 0, 0, 63, 0])
    return (
        b"\xff\xd8"
        + _part(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + _part(0xDB, table)
        + _part(0xC0, frame)
        + _part(0xC4, huffman)
        + _part(0xC4, huffman_ac)
        + _part(0xDA, scan)
        + b"\x3f\xff\xd9"
    )


def tag_jpeg(content: bytes, orientation: int = 1) -> bytes:
    """The picture with Exif, XMP, Photoshop tags, a comment, a second picture behind its end."""
    tags = _part(0xE1, b"Exif\0\0" + exif(orientation))
    tags += _part(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + PLACE + b"</x>")
    tags += _part(0xED, b"Photoshop 3.0\0" + PLACE) + _part(0xFE, PLACE)
    return content[:2] + tags + content[2:] + b"\xff\xd8" + tags + b"\xff\xd9"


def jpeg(seed: int = 0, orientation: int = 1) -> bytes:
    """A photo as a phone makes it."""
    return tag_jpeg(plain_jpeg(seed), orientation)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def tag_png(content: bytes) -> bytes:
    """The picture with Exif, text, time."""
    head = 8 + 25
    tags = chunk(b"eXIf", exif()) + chunk(b"tEXt", b"Comment\0" + PLACE) + chunk(b"iTXt", b"XML\0\0\0\0\0" + PLACE)
    return content[:head] + tags + content[head:] + PLACE


def png() -> bytes:
    """One red point, tagged."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    return tag_png(b"\x89PNG\r\n\x1a\n" + body)


def tag_webp(content: bytes) -> bytes:
    """A WebP with Exif and XMP; a simple one of one point is made an extended one for it."""
    parts = bytearray(content[12:])
    if not parts.startswith(b"VP8X"):
        parts = bytearray(_riff(b"VP8X", bytes(10))) + parts
    parts[8] |= 0x0C
    parts += _riff(b"EXIF", exif()) + _riff(b"XMP ", PLACE)
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WEBP" + bytes(parts)


def _riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp() -> bytes:
    """One point, lossless, tagged."""
    body = bytes.fromhex("2f00000010071011118888fe0700")
    return tag_webp(b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + _riff(b"VP8L", body))


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def mp4() -> bytes:
    """A film without pictures, with the place in its user data."""
    user = box(b"udta", box(b"\xa9xyz", PLACE))
    return (
        box(b"ftyp", b"isom\0\0\0\0isommp42") + box(b"moov", box(b"mvhd", bytes(100)) + user) + box(b"mdat", b"\1" * 50)
    )


def voice() -> bytes:
    """The first page of an Opus recording."""
    page = b"OggS\0\x02" + bytes(8) + b"\x01\0\0\0" + bytes(4) + bytes(4) + b"\x01\x13"
    return page + b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0"


def pdf() -> bytes:
    """A document of no pages."""
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def docx(extra: dict[str, bytes] | None = None) -> bytes:
    """A text document; `extra` are more parts."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
        for name, body in (extra or {}).items():
            archive.writestr(name, body)
    return held.getvalue()


def bomb() -> bytes:
    """A document of some hundred kilobytes that would unpack to 300 MB."""
    return docx({f"word/media/{number}.xml": bytes(30_000_000) for number in range(10)})


GIF = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
