"""Keeps many records in little memory."""

import marshal
from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Record = TypeVar("Record")


class Kept(Generic[Key, Record]):
    """Frozen dataclass records by key, packed; a third of the room that the objects take.

    Fields may hold what `marshal` knows: text, numbers, tuples, lists, dicts, None; enums of text become text and are
    made anew by the record's own constructor only if it accepts text.
    """

    def __init__(self, make: Callable[..., Record]) -> None:
        self._make = make
        self._names = tuple(field.name for field in fields(make))  # type: ignore[arg-type]
        self._packed: dict[Key, bytes] = {}

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, key: object) -> bool:
        return key in self._packed

    def __setitem__(self, key: Key, record: Record) -> None:
        self._packed[key] = marshal.dumps(tuple(_plain(getattr(record, name)) for name in self._names), 2)

    def __getitem__(self, key: Key) -> Record:
        """The record; raises KeyError."""
        return self._make(*marshal.loads(self._packed[key]))

    def same(self, key: Key, record: Record) -> bool:
        """Whether just this record is kept under the key."""
        packed = marshal.dumps(tuple(_plain(getattr(record, name)) for name in self._names), 2)
        return self._packed.get(key) == packed

    def drop(self, key: Key) -> None:
        """Forgets a record, if it is kept."""
        self._packed.pop(key, None)

    def keys(self) -> Iterator[Key]:
        """The keys."""
        return iter(self._packed)

    def values(self) -> Iterator[Record]:
        """The records."""
        return (self[key] for key in self._packed)

    def items(self) -> Iterator[tuple[Key, Record]]:
        """Keys with records."""
        return ((key, self[key]) for key in self._packed)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) and type(value) is not str else value
