"""Understanding by an outside server that speaks Rasa's /model/parse, with the embedded model whenever it fails."""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import aiohttp
import structlog

from nlu.model import sure_from
from nlu.rasa import BadRasa, from_parse
from nlu.understanding import Context, Guess, Mind, Understanding

log = structlog.get_logger()
PATIENCE = 2.0  # seconds for one message
REST = 15.0  # seconds without asking after a failure
KEPT = 512  # messages read ahead
MOST_BYTES = 1_000_000


class OutsideMind:
    """Acts come from the server, entities from the embedded model; what was not read ahead is read by the embedded one."""

    def __init__(self, url: str, embedded: Mind, patience: float = PATIENCE) -> None:
        base = url.rstrip("/")
        self.url = base if base.endswith("/model/parse") else f"{base}/model/parse"
        self.embedded = embedded
        self._patience = aiohttp.ClientTimeout(total=patience)
        self._read: OrderedDict[str, list[Guess]] = OrderedDict()
        self._rests_until = 0.0
        self._session: aiohttp.ClientSession | None = None

    async def ahead(self, texts: Iterable[str]) -> None:
        """Asks the server about texts that will be read in a moment; never raises, never takes longer than its patience."""
        wanted = [text for text in dict.fromkeys(texts) if text.strip() and text not in self._read]
        if not wanted or time.monotonic() < self._rests_until:
            return
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._patience)
        for text, found in zip(wanted, await asyncio.gather(*map(self._ask, wanted)), strict=True):
            if found:
                self._read[text] = found
        while len(self._read) > KEPT:
            self._read.popitem(last=False)

    async def _ask(self, text: str) -> list[Guess]:
        assert self._session is not None
        try:
            async with self._session.post(self.url, json={"text": text}, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise BadRasa(f"status {answer.status}")
                body = await answer.content.read(MOST_BYTES)
            return from_parse(json.loads(body))
        except (aiohttp.ClientError, TimeoutError, ValueError, BadRasa) as error:
            self._rests_until = time.monotonic() + REST
            log.warning("outside understanding failed", error=type(error).__name__, rests=REST)
            return []

    def understand(self, text: str, context: Context, at: datetime) -> Understanding:
        """Reads one message; the server's reading if it was asked ahead."""
        own = self.embedded.understand(text, context, at)
        found = self._read.get(text)
        if not found:
            return own
        best = found[0]
        if best.act == "ask_programme" and best.programme is None:
            best = replace(best, programme=own.programme or context.programme)
        return replace(
            own,
            act=best.act,
            confidence=best.confidence,
            sure=best.confidence >= sure_from(best.act),
            answer=best.answer,
            programme=best.programme or own.programme,
            alternatives=tuple(found[1:5]),
        )

    async def close(self) -> None:
        """Ends the connection."""
        if self._session is not None:
            await self._session.close()
