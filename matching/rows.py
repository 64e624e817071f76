"""Growing columns of numbers with row lists by key: what one index of needs or of offers is made of."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
FIRST_ROOM = 256


class Rows:
    """One row a record; a replaced or dropped record's row stays dead until the rows are laid anew."""

    def __init__(self, columns: dict[str, Any]) -> None:
        """`columns` maps a name to a numpy type."""
        self.types = columns
        self.ids: list[Any] = []
        self.row_of: dict[Any, int] = {}
        self.columns = {name: np.zeros(FIRST_ROOM, dtype=kind) for name, kind in columns.items()}
        self.alive = np.zeros(FIRST_ROOM, dtype=bool)
        self.by_key: dict[str, array[int]] = {}
        self.by_word: dict[int, array[int]] = {}
        self.words = array("i")
        self.starts = array("q", [0])

    def __len__(self) -> int:
        return len(self.row_of)

    @property
    def size(self) -> int:
        """Rows used, the dead ones among them."""
        return len(self.ids)

    def column(self, name: str) -> NDArray[Any]:
        """The used part of a column."""
        return self.columns[name][: self.size]

    def put(self, key: Any, values: dict[str, Any], words: Sequence[int], keys: Iterable[tuple[str, int]]) -> int:
        """Adds or replaces a record; `keys` are (key, place), kept as row * places + place by the caller's choice."""
        self.drop(key)
        row = self.size
        if row == len(self.alive):
            self._grow()
        self.ids.append(key)
        self.row_of[key] = row
        self.alive[row] = True
        for name, value in values.items():
            self.columns[name][row] = value
        self.words.extend(words)
        self.starts.append(len(self.words))
        for name, place in keys:
            self.by_key.setdefault(name, array("i")).append(place if place >= 0 else row)
        for word in set(words):
            self.by_word.setdefault(word, array("i")).append(row)
        return row

    def drop(self, key: Any) -> None:
        """Takes a record out, if it is in."""
        row = self.row_of.pop(key, None)
        if row is not None:
            self.alive[row] = False
            self.ids[row] = None

    def _grow(self) -> None:
        room = len(self.alive) * 2
        for name, held in self.columns.items():
            wider = np.zeros(room, dtype=held.dtype)
            wider[: len(held)] = held
            self.columns[name] = wider
        alive = np.zeros(room, dtype=bool)
        alive[: len(self.alive)] = self.alive
        self.alive = alive

    def rows_with(self, key: str) -> Ints:
        """The places kept under a key, dead ones among them."""
        held = self.by_key.get(key)
        return EMPTY if held is None else np.frombuffer(held, dtype=np.int32)

    def rows_saying(self, word: int) -> Ints:
        """The rows whose text holds a word, dead ones among them."""
        held = self.by_word.get(word)
        return EMPTY if held is None else np.frombuffer(held, dtype=np.int32)

    def words_of(self, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """The words of these rows in one array: (words, which of the rows each belongs to, its place in the text)."""
        starts = np.frombuffer(self.starts, dtype=np.int64)
        begin = starts[rows]
        lengths = starts[rows + 1] - begin
        owner = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)
        ends = np.cumsum(lengths)
        place = np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64) - np.repeat(ends - lengths, lengths)
        held = np.frombuffer(self.words, dtype=np.int32)
        return held[np.repeat(begin, lengths) + place], owner, place.astype(np.int32)


EMPTY: Ints = np.zeros(0, dtype=np.int32)
