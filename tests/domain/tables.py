"""Reads the tables of what people write in these tests."""

import unicodedata


def bare(text: str) -> str:
    """A text typed without diacritics."""
    parts = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in parts if not unicodedata.combining(char))


def rows(table: str) -> list[tuple[str, str]]:
    """Each row as it stands and once more without diacritics; those with "!" are clear only with their marks."""
    found: dict[tuple[str, str], None] = {}
    for line in table.strip().splitlines():
        text, _, words = line.lstrip("!").partition(" | ")
        found[(text.strip(), words.strip())] = None
        if not line.startswith("!"):
            found[(bare(text.strip()), words.strip())] = None
    return list(found)
