"""Files are known by their content; hidden tags go, picture data stay to the last bit; cut files are told."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.files import DOCX, XLSX, sniff, whole
from domain.tags import Broken, strip_tags
from tests import pictures
from tests.pictures import PLACE

TAGGED = {
    "image/jpeg": pictures.jpeg(3),
    "image/png": pictures.png(),
    "image/webp": pictures.webp(),
    "video/mp4": pictures.mp4(),
}
KNOWN = {
    **TAGGED,
    "image/gif": pictures.GIF,
    "application/pdf": pictures.pdf(),
    "audio/ogg": pictures.voice(),
    DOCX: pictures.docx(),
}
NOT_OURS = {
    "nothing": b"",
    "text": b"hello",
    "page": b"<html><script>alert(1)</script></html>",
    "drawing": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "program": b"MZ" + bytes(200),
    "elf": b"\x7fELF" + bytes(200),
    "plain archive": pictures.docx().replace(b"[Content_Types].xml", b"[Content_Typos].xml"),
    "macros": pictures.docx({"word/vbaProject.bin": b"x"}),
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "wave": b"RIFF\x24\0\0\0WAVEfmt ",
    "vorbis": pictures.voice().replace(b"OpusHead", b"\x01vorbis\0"),
}


@pytest.mark.parametrize("mime", KNOWN)
def test_kinds_are_known_by_content(mime: str) -> None:
    assert sniff(KNOWN[mime]) == mime
    assert whole(KNOWN[mime], mime)


@pytest.mark.parametrize("name", NOT_OURS)
def test_other_kinds_are_none_of_ours(name: str) -> None:
    assert sniff(NOT_OURS[name]) is None


def test_a_table_is_told_from_a_text() -> None:
    table = pictures.docx({"xl/workbook.xml": b"<workbook/>"}).replace(b"word/document.xml", b"word/dokument.xml")
    assert sniff(table) == XLSX


@pytest.mark.parametrize("mime", TAGGED)
def test_tags_go(mime: str) -> None:
    assert PLACE in TAGGED[mime]
    clean = strip_tags(TAGGED[mime], mime)
    assert PLACE not in clean
    assert sniff(clean) == mime
    assert strip_tags(clean, mime) == clean, "a clean file stays as it is"


def test_what_is_not_a_tag_stays_to_the_last_bit() -> None:
    assert strip_tags(pictures.jpeg(7), "image/jpeg") == pictures.plain_jpeg(7)
    assert strip_tags(pictures.plain_jpeg(7), "image/jpeg") == pictures.plain_jpeg(7)
    profile = b"\xff\xe2" + struct.pack(">H", 20) + b"ICC_PROFILE\0\x01\x01abcd"
    coloured = pictures.plain_jpeg()[:2] + profile + pictures.plain_jpeg()[2:]
    assert strip_tags(coloured, "image/jpeg") == coloured, "colours are no tag"
    film = strip_tags(pictures.mp4(), "video/mp4")
    assert len(film) == len(pictures.mp4()) and film.endswith(pictures.box(b"mdat", b"\1" * 50))


@pytest.mark.parametrize("held", [3, 6, 8])
def test_how_the_camera_was_held_stays(held: int) -> None:
    clean = strip_tags(pictures.jpeg(1, held), "image/jpeg")
    assert PLACE not in clean
    at = clean.index(b"Exif\0\0")
    assert clean[at + 6 : at + 10] == b"MM\0*"
    assert struct.unpack_from(">HHIH", clean, at + 6 + 10) == (0x0112, 3, 1, held)
    assert strip_tags(clean, "image/jpeg") == clean


@pytest.mark.parametrize("mime", TAGGED)
def test_cut_files_are_told(mime: str) -> None:
    content = strip_tags(TAGGED[mime], mime)
    for length in range(13, len(content)):
        with pytest.raises(Broken):
            strip_tags(content[:length], mime)


@pytest.mark.parametrize("mime", [*TAGGED, "image/gif"])
@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 400), value=st.integers(0, 255), cut=st.integers(0, 400))
def test_no_damage_does_harm(mime: str, place: int, value: int, cut: int) -> None:
    content = bytearray(KNOWN[mime])
    content[place % len(content)] = value
    damaged = bytes(content[: max(1, len(content) - cut)])
    sniff(damaged)
    try:
        strip_tags(damaged, mime)
    except Broken:
        pass


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_anything_at_all_is_read_or_refused(rest: bytes) -> None:
    for head in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"\0\0\0\x18ftypisom", b""):
        content = head + rest
        mime = sniff(content)
        if mime is not None:
            try:
                strip_tags(content, mime)
            except Broken:
                pass
