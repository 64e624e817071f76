"""Growing columns of numbers with places by key: what an index of needs or of offers is made of."""

from array import array
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Key = TypeVar("Key", bound=Hashable)
FIRST_ROOM: Final = 256
MOST_DEAD: Final = 0.5  # share of dead rows from which `worn` asks for new rows
NOWHERE: Final[Ints] = np.zeros(0, dtype=np.int32)


class Rows(Generic[Key]):
    """One row a record. The row of a replaced or dropped record stays dead; `worn` tells when to lay rows anew."""

    def __init__(self, columns: Mapping[str, tuple[Any, int]]) -> None:
        """`columns` maps a name to (numpy type, width)."""
        self.ids: list[Key | None] = []
        self.row_of: dict[Key, int] = {}
        fields = [(name, kind, (width,)) if width > 1 else (name, kind) for name, (kind, width) in columns.items()]
        self._lay_out(np.zeros(FIRST_ROOM, dtype=np.dtype(fields, align=True)))
        self._alive = np.zeros(FIRST_ROOM, dtype=bool)
        self._places: dict[str, array[int]] = {}

    def _lay_out(self, table: NDArray[Any]) -> None:
        self._table = table  # a record a row, so that what is known of one row lies together in memory
        self._columns = {str(name): table[name] for name in table.dtype.names or ()}

    def __len__(self) -> int:
        return len(self.row_of)

    @property
    def size(self) -> int:
        """Rows used, the dead ones among them."""
        return len(self.ids)

    @property
    def worn(self) -> bool:
        """Whether so many rows are dead that they should be laid anew."""
        return self.size > FIRST_ROOM and len(self) < self.size * (1 - MOST_DEAD)

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Which rows hold a record."""
        return self._alive[: self.size]

    def column(self, name: str) -> NDArray[Any]:
        """The used part of a column."""
        return self._columns[name][: self.size]

    def of(self, rows: Ints) -> NDArray[Any]:
        """A copy of these rows, whose columns are its fields."""
        return self._table.take(rows)

    def put(self, key: Key, values: Mapping[str, Any], places: Iterable[tuple[str, int, int]]) -> None:
        """Adds or replaces a record; `places` are (key, width, place): kept as row * width + place."""
        self.drop(key)
        row = self.size
        if row == len(self._alive):
            self._grow()
        self.ids.append(key)
        self.row_of[key] = row
        self._alive[row] = True
        for name, value in values.items():
            self._columns[name][row] = value
        held = self._places
        for name, width, place in places:
            found = held.get(name)
            if found is None:
                found = held[name] = array("i")
            found.append(row * width + place)

    def drop(self, key: Key) -> None:
        """Takes a record out, if it is in."""
        row = self.row_of.pop(key, None)
        if row is not None:
            self._alive[row] = False
            self.ids[row] = None

    def _grow(self) -> None:
        room = len(self._alive) * 3 // 2  # the rest of the room lies empty
        self._lay_out(np.concatenate((self._table, np.zeros(room - len(self._table), dtype=self._table.dtype))))
        self._alive = np.concatenate((self._alive, np.zeros(room - len(self._alive), dtype=bool)))

    def at(self, key: str) -> Ints:
        """The places kept under a key, those of dead rows among them; to be used at once, not kept."""
        found = self._places.get(key)
        return NOWHERE if found is None else np.frombuffer(found, dtype=np.int32)

    def among(self, keys: Iterable[str]) -> Ints:
        """The places kept under any of these keys, as they come: some dead, some more than once."""
        found = [places for key in keys if len(places := self.at(key))]
        return np.concatenate(found) if found else NOWHERE

    def count(self, keys: Iterable[str]) -> int:
        """How many places `among` would find."""
        held = self._places
        return sum(len(held.get(key, ())) for key in keys)


def distinct(rows: Ints) -> Ints:
    """The rows in order, each once."""
    found = np.sort(rows)
    return np.asarray(found[np.concatenate((found[:1] >= 0, found[1:] != found[:-1]))])


def _longer(held: Ints) -> Ints:
    return np.concatenate((held, np.zeros(len(held) // 2, dtype=held.dtype)))


class Lists:
    """A list of small numbers for each row, all in one growing array."""

    def __init__(self) -> None:
        self._from = np.zeros(
            FIRST_ROOM + 1, dtype=np.int32
        )  # where the list of a row begins; the next one's is its end
        self._held = np.zeros(FIRST_ROOM, dtype=np.int32)
        self._rows = 0

    def add(self, values: Sequence[int]) -> None:
        """The list of the next row."""
        start = int(self._from[self._rows])
        self._rows += 1
        after = start + len(values)
        if self._rows == len(self._from):
            self._from = _longer(self._from)
        while after > len(self._held):
            self._held = _longer(self._held)
        self._held[start:after] = values
        self._from[self._rows] = after

    def of(self, rows: Ints) -> tuple[Ints, Ints]:
        """(values, for each the index in `rows` of the row it belongs to), in the order of `rows`."""
        start = self._from.take(rows)
        count = self._from.take(rows + 1) - start
        whose = np.repeat(np.arange(len(rows), dtype=np.int32), count)
        shift = start - np.cumsum(count) + count
        return self._held.take(np.arange(len(whose)) + shift.take(whose)), whose
