"""Takes hidden tags (place, camera, time, comments) out of a picture or film; not one picture point changes."""

import struct
from collections.abc import Iterator

from domain.files import PNG

JPEG_KEPT = frozenset((0xE0, 0xEE))  # JFIF, Adobe; APP2 when it holds a colour profile
PNG_DROPPED = frozenset((b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"))
WEBP_DROPPED = frozenset((b"EXIF", b"XMP "))
ORIENTATION = 0x0112


class Broken(Exception):
    """The file ends early, or is not built as its type demands."""


def strip_tags(content: bytes, mime: str) -> bytes:
    """The same picture without its tags; other types come back as they are. Raises Broken."""
    strip = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp, "video/mp4": _movie, "audio/mp4": _movie}
    try:
        return strip[mime](content) if mime in strip else content
    except (struct.error, IndexError) as error:
        raise Broken(mime) from error


# --- JPEG -------------------------------------------------------------------------------------------------------
def _jpeg(content: bytes) -> bytes:
    made = bytearray(b"\xff\xd8")
    turned = 1
    scans = 0
    for marker, begin, end in _segments(content):
        if marker == 0xE1:
            turned = _orientation(content[begin + 4 : end]) or turned
        if marker == 0xDA:
            scans += 1
        profile = marker == 0xE2 and content[begin + 4 : begin + 16] == b"ICC_PROFILE\0"
        tag = 0xE0 <= marker <= 0xEF or marker == 0xFE
        if not tag or marker in JPEG_KEPT or profile:
            made += content[begin:end]
    if not scans:
        raise Broken("no picture in it")
    if turned != 1:  # how to hold the picture is no secret, and it is seen the wrong way round without it
        made[2:2] = _turned(turned)
    return bytes(made)


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, begin, end) up to the end mark; a scan ends where its picture data end."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise Broken("a marker is missing")
        while content[at + 1] == 0xFF:
            at += 1
        marker = content[at + 1]
        if marker == 0xD9:
            yield marker, at, at + 2
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            yield marker, at, at + 2
            at += 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise Broken("a part is cut off")
        if marker == 0xDA:
            end = _scan_end(content, end)
        yield marker, at, end
        at = end


def _scan_end(content: bytes, at: int) -> int:
    """Where the picture data end: at a marker that is neither a stuffed byte nor a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise Broken("the picture is cut off")
        follows = content[at + 1]
        if follows == 0xFF:
            at += 1
        elif follows == 0x00 or 0xD0 <= follows <= 0xD7:
            at += 2
        else:
            return at


def _orientation(app1: bytes) -> int | None:
    """How the camera was held (1 to 8), from an Exif part; None when it does not say."""
    if not app1.startswith(b"Exif\0\0"):
        return None
    tiff = app1[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for index in range(min(count, 200)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * index)
            if tag == ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return None
    return None


def _turned(value: int) -> bytes:
    """An Exif part that says nothing but how to hold the picture."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, value, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff


# --- PNG, WebP --------------------------------------------------------------------------------------------------
def _png(content: bytes) -> bytes:
    made = bytearray(PNG)
    at = len(PNG)
    while True:
        (length,) = struct.unpack_from(">I", content, at)
        name = content[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(content):
            raise Broken("a part is cut off")
        if name not in PNG_DROPPED:
            made += content[at:end]
        if name == b"IEND":
            return bytes(made)
        at = end


def _webp(content: bytes) -> bytes:
    (size,) = struct.unpack_from("<I", content, 4)
    if size + 8 > len(content):
        raise Broken("the picture is cut off")
    made = bytearray()
    at, end = 12, size + 8
    while at + 8 <= end:
        name = content[at : at + 4]
        (length,) = struct.unpack_from("<I", content, at + 4)
        after = at + 8 + length + length % 2
        if at + 8 + length > end:
            raise Broken("a part is cut off")
        part = bytearray(content[at:after])
        if name == b"VP8X":
            part[8] &= ~0x0C  # neither EXIF nor XMP follows
        if name not in WEBP_DROPPED:
            made += part
        at = after
    if not made:
        raise Broken("no picture in it")
    return b"RIFF" + struct.pack("<I", len(made) + 4) + b"WEBP" + bytes(made)


# --- MP4 --------------------------------------------------------------------------------------------------------
def _movie(content: bytes) -> bytes:
    """User data of the film and of its tracks become free space, so that nothing else moves."""
    made = bytearray(content)
    if not {b"moov", b"mdat"} <= _free_tags(made, 0, len(made)):
        raise Broken("no film in it")
    return bytes(made)


def _free_tags(made: bytearray, at: int, end: int) -> set[bytes]:
    """Frees the boxes of tags between two places; the names of the boxes there."""
    names = set()
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", made, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", made, at + 8)
            head = 16
        size = size or end - at
        if size < head or at + size > end:
            raise Broken("the film is cut off")
        names.add(name)
        if name in (b"udta", b"meta"):
            made[at + 4 : at + 8] = b"free"
            made[at + head : at + size] = bytes(size - head)
        elif name in (b"moov", b"trak"):
            _free_tags(made, at + head, at + size)
        at += size
    if any(made[at:end]):
        raise Broken("the film is cut off")
    return names
