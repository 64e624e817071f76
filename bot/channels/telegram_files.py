"""The files that go with messages to Telegram: read from where they lie, sent there once, then called by their name there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram.types import BufferedInputFile, Message

from conversation.reply import Enclosure
from handlers import badge
from storage.files import FileStore


class Files:
    """The files of one bot account; `store` None: there are none but what is drawn."""

    def __init__(self, store: FileStore | None) -> None:
        self.store = store
        self._given: dict[str, str] = {}  # what the platform calls what we sent, by its hash; a few for each broadcast
        self._first: dict[str, asyncio.Lock] = {}  # while somebody hands it over for the first time

    @asynccontextmanager
    async def handing(self, file: Enclosure) -> AsyncIterator[str | BufferedInputFile]:
        """What is handed to the platform: the content the first time (the others wait for it), its name there afterwards.

        Raises FileNotFoundError.
        """
        if file.qr:
            yield BufferedInputFile(badge.drawn(file.qr), filename=file.name)
            return
        async with self._first.setdefault(file.sha256, asyncio.Lock()):
            if file.sha256 not in self._given:
                yield await self._content(file)
                return
        yield self._given[file.sha256]

    async def _content(self, file: Enclosure) -> BufferedInputFile:
        if self.store is None:
            raise FileNotFoundError(file.name)
        content = await asyncio.to_thread(self.store.path(file.sha256).read_bytes)
        return BufferedInputFile(content, filename=file.name)

    def note(self, file: Enclosure, made: Message) -> None:
        """Remembers what the platform calls a file from now on."""
        held = made.photo[-1] if made.photo else made.document
        if file.sha256 and held is not None:
            self._given[file.sha256] = held.file_id
