"""Cuts a long text into pieces that a platform takes."""

from collections.abc import Callable

BREAKS = ("\n\n", "\n", ". ", "? ", "! ", "; ", ", ", " ")


def cut(text: str, limit: int, width: Callable[[str], int] = len) -> list[str]:
    """The text in pieces of at most `limit`, as `width` counts, cut at paragraphs, lines, sentences, words, in this
    order of preference."""
    found = []
    rest = text
    while width(rest) > limit:
        head = rest[:limit]
        while width(head) > limit:
            head = head[: -max(1, (width(head) - limit + 1) // 2)]
        place = next((at + len(mark) for mark in BREAKS if (at := head.rfind(mark)) > len(head) // 3), len(head))
        found.append(rest[:place].rstrip())
        rest = rest[place:].lstrip()
    return [*found, rest] if rest or not found else found
