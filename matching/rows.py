"""Growing columns of numbers with places by key: what an index of needs or of offers is made of."""

from array import array
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
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
        self._columns = {
            name: np.zeros((FIRST_ROOM, width) if width > 1 else FIRST_ROOM, dtype=kind)
            for name, (kind, width) in columns.items()
        }
        self._alive = np.zeros(FIRST_ROOM, dtype=bool)
        self._places: dict[str, array[int]] = {}

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
        room = len(self._alive) * 2
        for name, held in self._columns.items():
            self._columns[name] = np.concatenate(
                (held, np.zeros((room - len(held), *held.shape[1:]), dtype=held.dtype))
            )
        self._alive = np.concatenate((self._alive, np.zeros(room - len(self._alive), dtype=bool)))

    def at(self, key: str) -> Ints:
        """The places kept under a key, those of dead rows among them; to be used at once, not kept."""
        found = self._places.get(key)
        return NOWHERE if found is None else np.frombuffer(found, dtype=np.int32)
