"""Vietnamese text: one normal form, comparison without case or diacritics, tokens with their places."""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator

LIMIT = 4096  # characters of one message that are read
TOKEN = re.compile(r"[^\W_]+")
PERSON = r"(?:em|chi|anh|toi|minh|tui|to|bac|ong|ba|co|chu|chau|con|cau|gia|nha|ben|cac|e|a)\b"  # folded: how people name themselves and us
CONTROLS = {"Cc", "Cf", "Cs", "Co", "Cn"}
KEPT_CONTROLS = "\n\t\u200d\ufe0f"  # line ends; joiners inside emoji
SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
OLD_TONES = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa",
    "oè": "òe", "oé": "óe", "oẻ": "ỏe", "oẽ": "õe", "oẹ": "ọe",
    "uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip
NEW_TONE = re.compile("(?<!q)(?:" + "|".join(OLD_TONES) + r")(?![^\W\d_])")
# Letters of other alphabets that look like Latin ones, as keyboards and copied texts bring them in.
LOOK_ALIKES = dict(
    zip("аАвВеЕіІјЈкКмМнНоОрРсСтТуУхХѕЅԁɡαΑβΒεΕιΙκΚνΝοΟρΡτΤυΥχΧηΗμΜ",
        "aAbBeEiIjJkKmMhHoOpPcCtTyYxXsSdgaAbBeEiIkKvNoOpPtTuYxXnHuM", strict=True)
)  # fmt: skip


def nfc(text: str) -> str:
    """The text in Unicode's composed form."""
    return unicodedata.normalize("NFC", text)


def clean(text: str, limit: int = LIMIT) -> str:
    """What is read of a message: no surrogates, controls or direction marks, single spaces, at most `limit` characters."""
    if text.isprintable() and len(composed := nfc(text)) <= limit:
        return " ".join(composed.split())  # the common case, told by the same rules
    head = nfc("".join(char for char in text[: limit * 4] if not 0xD800 <= ord(char) <= 0xDFFF))
    kept = "".join(char for char in head if char in KEPT_CONTROLS or unicodedata.category(char) not in CONTROLS)
    return "\n".join(SPACES.sub(" ", line).strip() for line in kept.split("\n")).strip()[:limit]


def clean_with_places(text: str, limit: int = LIMIT) -> tuple[str, list[int]]:
    """`clean(text)` with, for each of its characters, where in the text as given that character begins."""
    rows = [(char, place) for char, place in _composed(text[: limit * 4])]
    rows = [row for row in rows if row[0] in KEPT_CONTROLS or unicodedata.category(row[0]) not in CONTROLS]
    kept: list[tuple[str, int]] = []
    for char, place in rows:
        if SPACES.fullmatch(char):
            if not kept or kept[-1][0] in " \n":
                continue
            char = " "
        elif char == "\n":
            while kept and kept[-1][0] == " ":
                kept.pop()
        kept.append((char, place))
    said = "".join(char for char, _ in kept)
    start, end = len(said) - len(said.lstrip()), len(said.rstrip())
    kept = kept[start:end][:limit]
    return "".join(char for char, _ in kept), [place for _, place in kept]


def _composed(text: str) -> Iterator[tuple[str, int]]:
    """The characters of the composed text without surrogates, each with its place in the text as given."""
    at = 0
    while at < len(text):
        start, group = at, text[at]
        at += 1
        if 0xD800 <= ord(group) <= 0xDFFF:
            continue
        while at < len(text) and not text[at].isascii():
            if 0xD800 <= ord(text[at]) <= 0xDFFF:
                at += 1
            elif nfc(group + text[at]) != nfc(group) + nfc(text[at]) or unicodedata.combining(text[at]):
                group, at = group + text[at], at + 1
            else:
                break
        for char in nfc(group):
            yield char, start


class _Letters(dict[int, str], ABC):
    """A table for str.translate that works out each letter once; always one character for one."""

    def __missing__(self, code: int) -> str:
        made = self[code] = self.make(chr(code))
        return made

    @abstractmethod
    def make(self, char: str) -> str:
        """What stands for one character."""


class _Level(_Letters):
    """Full-width, mathematical and look-alike letters or digits as plain ones; everything else as it is."""

    def make(self, char: str) -> str:
        if char in LOOK_ALIKES:
            return LOOK_ALIKES[char]
        if char in "ðÐ":
            return "đ" if char == "ð" else "Đ"
        if unicodedata.category(char) in ("Ll", "Lu", "Lo", "Lm", "Nd", "So") and not "\u00c0" <= char <= "\u1eff":
            plain = unicodedata.normalize("NFKC", char)
            if len(plain) == 1 and plain.isalnum() and plain.isascii():
                return plain
        return char


class _Fold(_Letters):
    """Lower case without diacritics."""

    def make(self, char: str) -> str:
        char = LEVEL[ord(char)]
        if char in "đĐ":
            return "d"
        base = unicodedata.normalize("NFD", char)[0].lower()
        return base if len(base) == 1 else char


LEVEL = _Level()
FOLD = _Fold()


def level(text: str) -> str:
    """The text with look-alike letters and digits of other alphabets made plain; places in it stay the same."""
    return text if text.isascii() else text.translate(LEVEL)


def fold(text: str) -> str:
    """Lower case without diacritics; as long as `nfc(text)`, so that places in the text stay the same."""
    return text.lower() if text.isascii() else nfc(text).translate(FOLD)


def words(text: str) -> list[tuple[str, int, int]]:
    """The words of a text with where each begins and ends."""
    return [(found.group(), found.start(), found.end()) for found in TOKEN.finditer(text)]


def has_diacritics(text: str) -> bool:
    """Whether the text carries any Vietnamese diacritic."""
    if text.isascii():
        return False
    return any(ord(char) > 127 and FOLD[ord(char)] != LEVEL[ord(char)].lower() for char in nfc(text))


def says_right(text: str) -> bool:
    """Whether "đúng" or "dùng" is written with its mark and no word of stopping is: such a text never means "dừng"."""
    words = set(TOKEN.findall(nfc(text).lower()))
    return bool(words & {"đúng", "dùng"}) and not words & {
        "dừng",
        "đừng",
        "ngừng",
        "ngưng",
        "thôi",
        "tắt",
        "huỷ",
        "hủy",
    }


def place_tone(text: str) -> str:
    """Lower-case text with tone marks in the older place (hoà becomes hòa), so that both spellings are one."""
    return NEW_TONE.sub(lambda found: OLD_TONES[found.group()], nfc(text).lower())


def plain(text: str) -> str:
    """The folded words joined by single spaces: what comparison looks at."""
    return " ".join(TOKEN.findall(fold(text)))


def same(left: str, right: str) -> bool:
    """Whether two texts are equal but for case, diacritics, spaces and punctuation."""
    return plain(left) == plain(right)
