"""Fetches the files that people sent: claims, reads from the channel, looks what it is, keeps or refuses by name."""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import datetime

import structlog

from bot.channels.base import Channel, Unfetched
from domain.evidence import Limits, Refusal
from domain.inspection import Refused, cleaned
from handlers import evidence as words
from storage import evidence, inbox
from storage.database import Database
from storage.evidence import Piece
from storage.files import FileStore, hash_of

log = structlog.get_logger()
AT_ONCE = 3
FETCH_SECONDS = 90.0


class Fetcher:
    """Brings waiting files into the store; what a killed process had begun is begun anew."""

    def __init__(
        self,
        database: Database,
        channels: Iterable[Channel],
        files: FileStore,
        limits: Limits,
        name: str,
    ) -> None:
        self.database, self.files, self.limits = database, files, limits
        self.channels = {channel.name: channel for channel in channels}
        self.name, self.who = f"{name}-fetch"[:60], ""

    async def step(self, now: datetime) -> int:
        """Fetches what waits, removes what nobody needs; how many files were dealt with."""
        if not self.who:
            async with self.database.write() as db:
                self.who = await evidence.start_worker(db, self.name)
        done = 0
        while pieces := await self._claim(now):
            await asyncio.gather(*(self._bring(piece, now) for piece in pieces))
            done += len(pieces)
        return done + await self._remove()

    async def _claim(self, now: datetime) -> list[Piece]:
        async with self.database.read() as db:  # most looks find nothing: they take no write lock
            if not await evidence.any_due(db, now):
                return []
        async with self.database.write() as db:
            return await evidence.claim(db, self.who, list(self.channels), now, AT_ONCE)

    async def _bring(self, piece: Piece, now: datetime) -> None:
        try:
            assert piece.file_id is not None
            fetching = self.channels[piece.channel].fetch(piece.file_id, self.limits.file)
            content = await asyncio.wait_for(fetching, FETCH_SECONDS)
            kept, mime = await asyncio.to_thread(cleaned, content, piece.kind, self.limits)
            await self._keep(piece, kept, mime, now)
        except Unfetched as error:
            await self._not_fetched(piece, error.refusal, error.final, now)
        except TimeoutError:
            await self._not_fetched(piece, Refusal.OUT_OF_REACH, False, now)
        except Refused as error:
            await self._refuse(piece, error.reason, now)
        except Exception as error:  # one file's fault must not stop the others
            log.error("fetch failed", channel=piece.channel, error=type(error).__name__, exc_info=True)
            await self._not_fetched(piece, Refusal.BROKEN, False, now)

    async def _keep(self, piece: Piece, content: bytes, mime: str, now: datetime) -> None:
        """The row says kept only together with the file in its place."""
        name = await asyncio.to_thread(self.files.receive, content)
        try:
            async with self.database.write() as db:
                if await evidence.kept(db, piece, self.who, hash_of(content), mime, len(content), now):
                    await asyncio.to_thread(self.files.keep, name, content)
        finally:
            await asyncio.to_thread(self.files.drop, name)
        await self._drop_received(piece)

    async def _not_fetched(self, piece: Piece, refusal: Refusal, final: bool, now: datetime) -> None:
        if not final:
            async with self.database.write() as db:
                if await evidence.again(db, piece, self.who, now):
                    return
        await self._refuse(piece, refusal, now)

    async def _refuse(self, piece: Piece, reason: Refusal, now: datetime) -> None:
        log.info("file refused", channel=piece.channel, kind=piece.kind.value, reason=reason.value)
        async with self.database.write() as db:
            if await evidence.refused(db, piece, self.who, reason, now):
                await words.tell_refused(db, piece, reason, self.limits, now)
        await self._drop_received(piece)

    async def _drop_received(self, piece: Piece) -> None:
        """What a page sent lies in the store twice until now."""
        if piece.file_id is not None:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self.files.drop, piece.file_id)

    async def _remove(self) -> int:
        """Removes files that no row needs any more."""
        async with self.database.read() as db:
            loose = await evidence.loose_files(db)
        removed = 0
        for sha256 in loose:
            async with self.database.write() as db:
                if await evidence.unneeded(db, sha256):
                    await asyncio.to_thread(self.files.remove, sha256)
                    removed += 1
        return removed

    async def tidy(self) -> None:
        """Drops what was received for nobody: left by a stopped process, or its sender has been erased."""
        async with self.database.read() as db:
            if await inbox.anybody_waits(db):  # whose pictures no row names yet
                return
            awaited = await evidence.awaited(db)
        await asyncio.to_thread(self.files.tidy, awaited)
