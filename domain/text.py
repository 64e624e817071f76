"""Vietnamese text: one normal form, comparison without case or diacritics, tokens with their places."""

import re
import unicodedata
from functools import lru_cache

LIMIT = 4096  # characters of one message that are read
TOKEN = re.compile(r"[^\W_]+")
CONTROLS = {"Cc", "Cf", "Cs", "Co", "Cn"}
KEPT_CONTROLS = "\n\t\u200d\ufe0f"  # line ends; joiners inside emoji
SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
OLD_TONES = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa",
    "oè": "òe", "oé": "óe", "oẻ": "ỏe", "oẽ": "õe", "oẹ": "ọe",
    "uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip
NEW_TONE = re.compile("(?<!q)(?:" + "|".join(OLD_TONES) + r")(?![^\W\d_])")


def nfc(text: str) -> str:
    """The text in Unicode's composed form."""
    return unicodedata.normalize("NFC", text)


def clean(text: str, limit: int = LIMIT) -> str:
    """What is read of a message: no surrogates, controls or direction marks, single spaces, at most `limit` characters."""
    head = nfc("".join(char for char in text[: limit * 4] if not 0xD800 <= ord(char) <= 0xDFFF))
    kept = "".join(char for char in head if char in KEPT_CONTROLS or unicodedata.category(char) not in CONTROLS)
    return "\n".join(SPACES.sub(" ", line).strip() for line in kept.split("\n")).strip()[:limit]


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    if char in "đĐ":
        return "d"
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else char


def fold(text: str) -> str:
    """Lower case without diacritics; as long as `nfc(text)`, so that places in the text stay the same."""
    return "".join(map(_fold_char, nfc(text)))


def words(text: str) -> list[tuple[str, int, int]]:
    """The words of a text with where each begins and ends."""
    return [(found.group(), found.start(), found.end()) for found in TOKEN.finditer(text)]


def has_diacritics(text: str) -> bool:
    """Whether the text carries any Vietnamese diacritic."""
    composed = nfc(text)
    return any(ord(char) > 127 and fold(char) != char.lower() for char in composed)


def place_tone(text: str) -> str:
    """Lower-case text with tone marks in the older place (hoà becomes hòa), so that both spellings are one."""
    return NEW_TONE.sub(lambda found: OLD_TONES[found.group()], nfc(text).lower())


def plain(text: str) -> str:
    """The folded words joined by single spaces: what comparison looks at."""
    return " ".join(TOKEN.findall(fold(text)))


def same(left: str, right: str) -> bool:
    """Whether two texts are equal but for case, diacritics, spaces and punctuation."""
    return plain(left) == plain(right)
