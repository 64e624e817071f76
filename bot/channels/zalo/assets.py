"""Files that go with messages: uploaded once, called by their name at the platform while it keeps them."""

import asyncio

from bot.channels.zalo.api import Api
from bot.channels.zalo.write import kind_of
from conversation.reply import Enclosure
from handlers import badge
from storage.files import FileStore

MB = 2**20
MOST = {"image": MB, "file": 5 * MB}
LIFE = 6.5 * 24 * 3600  # seconds; the platform keeps them for seven days


class TooLarge(Exception):
    """The platform takes no file of this size."""


class Assets:
    """What has been uploaded by this process; `store` None: there are no files but those that are drawn."""

    def __init__(self, api: Api, store: FileStore | None) -> None:
        self.api, self.store = api, store
        self._marks: dict[str, tuple[str, float]] = {}  # by content: how it is called there, until when
        self._first: dict[str, asyncio.Lock] = {}  # while somebody uploads it for the first time

    async def mark_of(self, file: Enclosure, anew: bool = False) -> str:
        """How a file is called at the platform. Raises FileNotFoundError, TooLarge, and as Api.get."""
        if file.qr:  # it serves a single person
            return await self._upload(file)
        async with self._first.setdefault(file.sha256, asyncio.Lock()):
            now = asyncio.get_running_loop().time()
            held = self._marks.get(file.sha256)
            if held is None or now > held[1] or anew:
                held = self._marks[file.sha256] = (await self._upload(file), now + LIFE)
            return held[0]

    async def _upload(self, file: Enclosure) -> str:
        content = await asyncio.to_thread(self._content, file)
        if len(content) > MOST[kind_of(file)]:
            raise TooLarge(file.name)
        return await self.api.upload(kind_of(file), file.name, content)

    def _content(self, file: Enclosure) -> bytes:
        if file.qr:
            drawn: bytes = badge.drawn(file.qr)
            return drawn
        if self.store is None:
            raise FileNotFoundError(file.name)
        return self.store.path(file.sha256).read_bytes()
