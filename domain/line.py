"""A message as a row of words, numbers and signs, with the phrases that are looked for in it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from domain.spelling import Speller, vni_words
from domain.text import FOLD, fold, level, nfc

Value = TypeVar("Value")
SIGN_OF = {"–": "-", "—": "-", "−": "-", "≤": "<", "≥": ">", "≈": "~", "\u201c": '"', "\u201d": '"', "\u2044": "/"}
TOKEN = re.compile(r"m[23²³](?![^\W_])|[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+|\n|[^\w\s\u200d\ufe0f]", re.IGNORECASE)
ZEROES = re.compile(r"(?<![^\W\d_])[0-9][0-9oO]*[oO][0-9oO]*(?=[^\W\d_]{0,4}(?![^\W\d_]))")
ONES = re.compile(r"(?<![^\W_])[lI](?=[0-9oO]*[.,]?[0-9])")
KEYED = re.compile(r"[A-Za-z][1-9]")
LOOSE_ZERO = re.compile(r"[0-9][oO]")
LOOSE_ONE = re.compile(r"[lI][0-9oO.,]")
PAD = 8  # empty words behind the last: reading past either end finds ""
THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")
DECIMAL_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+,|(?:,[0-9]{3})+\.)[0-9]+")
PLAIN = Speller(short={"ko": "không", "hok": "không", "khg": "không", "hem": "không", "trc": "trước"})


class Token(NamedTuple):
    """A word, number or sign of text[start:end]: folded in `text`, in lower case with marks in `said`."""

    text: str
    said: str
    start: int
    end: int
    value: float | None = None


def digits_value(text: str) -> float | None:
    """1.500 and 1,500 are 1500; 1,5 and 1.5 are one and a half; 1.2.2027 is no number."""
    if len(text) > 24:
        return None
    if THOUSANDS.fullmatch(text):
        return float(re.sub(r"[.,]", "", text))
    if DECIMAL_THOUSANDS.fullmatch(text):
        whole, _, part = text.replace(",", ".").rpartition(".")
        return float(whole.replace(".", "") + "." + part)
    if text.count(".") + text.count(",") > 1:
        return None
    return float(text.replace(",", "."))


class Line:
    """The row; `words` (folded) and `said` end in PAD empty strings, so that looking just outside finds nothing."""

    __slots__ = ("marked", "said", "size", "text", "tokens", "words")

    def __init__(self, text: str, tokens: list[Token]) -> None:
        """`text` is in NFC; the tokens point into it."""
        self.text = text
        self.tokens = tokens
        self.size = len(tokens)
        self.words = [token[0] for token in tokens] + [""] * PAD
        self.said = [token[1] for token in tokens] + [""] * PAD
        self.marked = not text.isascii() and text.translate(FOLD) != text.lower()  # somebody who types marks at all

    def touches(self, at: int) -> bool:
        """Whether a token follows the one before it without a space."""
        return 0 < at < self.size and self.tokens[at].start <= self.tokens[at - 1].end

    def value(self, at: int) -> float | None:
        """The value of a token of digits."""
        return self.tokens[at].value if 0 <= at < self.size else None

    def slice(self, at: int, after: int) -> str:
        """The text as typed of tokens[at:after]."""
        return self.text[self.tokens[at].start : self.tokens[after - 1].end]


def read_line(text: str, speller: Speller = PLAIN) -> Line:
    """The row of a text; places are those in its NFC form."""
    composed = nfc(text)
    levelled = _digits_mended(level(composed))
    special = vni_words(levelled, speller) if KEYED.search(levelled) else {}
    found: list[Token] = []
    skip_to = 0
    ends = {span[0]: span[1] for span in special}
    read = speller.read
    for match in TOKEN.finditer(levelled):
        start, end = match.span()
        if start < skip_to:
            continue
        if start in ends:
            skip_to = ends[start]
            piece = special[(start, skip_to)]
            found.append(Token(piece.text, piece.said, start, skip_to))
            continue
        word = match.group()
        head = word[0]
        if "0" <= head <= "9":
            found.append(Token(word, word, start, end, digits_value(word)))
        elif head.isalpha():
            if end - start == 2 and head in "mM" and word[1] in "23²³":
                word = f"m{'2' if word[1] in '2²' else '3'}"
                found.append(Token(word, word, start, end))
                continue
            for piece in read(word.lower()):
                found.append(Token(piece.text, piece.said, start + piece.start, start + piece.end))
        else:
            sign = SIGN_OF.get(word, word)
            found.append(Token(sign, sign, start, end))
    return Line(composed, found)


def _digits_mended(text: str) -> str:
    """Letters o and l typed for 0 and 1 inside numbers; the length stays."""
    if LOOSE_ZERO.search(text):
        text = ZEROES.sub(lambda found: found.group().replace("o", "0").replace("O", "0"), text)
    if LOOSE_ONE.search(text):
        text = ONES.sub("1", text)
        if LOOSE_ZERO.search(text):
            text = ZEROES.sub(lambda found: found.group().replace("o", "0").replace("O", "0"), text)
    return text


@lru_cache(maxsize=8192)
def variants(word: str) -> frozenset[str]:
    """The ways in which a grammar word may be typed: right, without any marks, for some without the tone alone."""
    folded = fold(word)
    kinds = {word, folded}
    if word != folded:
        if word in OFTEN_TONELESS:
            kinds.add("".join(TONELESS.get(char, char) for char in word))
        kinds.add(word.replace("đ", "d"))
    return frozenset(kinds)


OFTEN_TONELESS = frozenset(
    "triệu dưới trước người rưỡi chiếc muốn đến cuối giữa tuần vốn tiền nghiệp đồng thiết".split()
)
TONELESS = {
    toned: shape
    for shape, all_ in (
        ("a", "àáảãạ"), ("ă", "ằắẳẵặ"), ("â", "ầấẩẫậ"), ("e", "èéẻẽẹ"), ("ê", "ềếểễệ"), ("i", "ìíỉĩị"), ("o", "òóỏõọ"),
        ("ô", "ồốổỗộ"), ("ơ", "ờớởỡợ"), ("u", "ùúủũụ"), ("ư", "ừứửữự"), ("y", "ỳýỷỹỵ"),
    )
    for toned in all_
}  # fmt: skip


def spellings(table: Mapping[str, Value]) -> dict[str, Value]:
    """A table of grammar words by every way in which each may be typed; the earlier entry wins."""
    found: dict[str, Value] = {}
    for word, value in table.items():
        found.setdefault(word, value)
    for word, value in table.items():
        for kind in variants(word):
            found.setdefault(kind, value)
    return found


Row = tuple[tuple[frozenset[str], ...], Value, tuple[str, ...]]  # how each word may be typed, what it means, folded


class Phrases(Generic[Value]):
    """Phrases of grammar words with a value each; the longest that fits wins."""

    def __init__(self, table: Mapping[str, Value]) -> None:
        """Takes phrases written properly, with marks.

        "|" divides alternatives; a word behind "=" fits only as written (mất, since "mat" is much else).
        """
        self._first: dict[
            str, dict[str, list[Row[Value]]]
        ] = {}  # first word, second word ("" without), the longest first
        self._last: dict[str, dict[str, list[Row[Value]]]] = {}  # the same from behind
        for key, value in table.items():
            for phrase in key.split("|"):
                parts = phrase.split()
                folded = tuple(fold(part.strip("=") or part) for part in parts)
                kinds = tuple(
                    frozenset((part[1:],)) if part[0] == "=" and part != "=" else variants(part) for part in parts
                )
                row = (kinds, value, folded)
                beside = (folded[1], folded[-2]) if len(parts) > 1 else ("", "")
                self._first.setdefault(folded[0], {}).setdefault(beside[0], []).append(row)
                self._last.setdefault(folded[-1], {}).setdefault(beside[1], []).append(row)
        for index in (self._first, self._last):
            for rows in index.values():
                for row_list in rows.values():
                    row_list.sort(key=lambda row: -len(row[0]))

    def begins(self, line: Line, at: int) -> tuple[Value, int] | None:
        """The phrase that begins at a token: (its value, the index behind it)."""
        rows = self._first.get(line.words[at])
        return None if rows is None else self._from(line, rows, at)

    def _from(self, line: Line, rows: dict[str, list[Row[Value]]], at: int) -> tuple[Value, int] | None:
        said = line.said
        for kinds, value, _ in (*rows.get(line.words[at + 1], ()), *rows.get("", ())):
            size = len(kinds)
            if at + size <= line.size and all(said[at + k] in kinds[k] for k in range(size)):
                return value, at + size
        return None

    def ends(self, line: Line, after: int) -> tuple[Value, int] | None:
        """The phrase whose last token is the one before `after`: (its value, where it begins)."""
        rows = self._last.get(line.words[after - 1]) if after > 0 else None
        if rows is None:
            return None
        said = line.said
        for kinds, value, _ in (*rows.get(line.words[after - 2], ()), *rows.get("", ())):
            start = after - len(kinds)
            if start >= 0 and all(said[start + k] in kind for k, kind in enumerate(kinds)):
                return value, start
        return None

    def all(self, line: Line) -> list[tuple[Value, int, int]]:
        """Every phrase in a row, also those that overlap: (its value, its tokens from, to)."""
        first = self._first
        found = []
        for at, word in enumerate(line.words):
            if word in first and (hit := self._from(line, first[word], at)) is not None:
                found.append((hit[0], at, hit[1]))
        return found

    def __iter__(self) -> Iterator[str]:
        """The folded phrases."""
        return (" ".join(row[2]) for rows in self._first.values() for listed in rows.values() for row in listed)


def phrases(text: str) -> Phrases[bool]:
    """Phrases that are only looked for, from one string with "|" between them."""
    return Phrases({text: True})


def fillers(line: Line, at: int, table: Phrases[bool], limit: int = 6) -> int:
    """The index before the filler phrases that end at `at`; at most `limit` of them."""
    for _ in range(limit):
        found = table.ends(line, at)
        if found is None:
            return at
        at = found[1]
    return at


def within(line: Line, at: int, table: Phrases[Value], after: int) -> Value | None:
    """The first phrase that begins in tokens[at:after]."""
    for here in range(at, min(after, line.size)):
        if found := table.begins(line, here):
            return found[0]
    return None


BREAKS = frozenset(".;!?\n")


def clause_start(line: Line, at: int, breaks: Iterable[str] = BREAKS) -> int:
    """Where the clause of a token begins."""
    while at > 0 and line.words[at - 1] not in breaks:
        at -= 1
    return at


def has_marks(char: str) -> bool:
    """Whether a lower-case letter bears Vietnamese marks."""
    return FOLD[ord(char)] != char
