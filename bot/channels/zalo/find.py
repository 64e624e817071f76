"""Looks whether a message of ours has arrived: in the echoes we were sent, then in the conversation itself."""

from datetime import UTC, datetime, timedelta

from bot.channels.zalo.api import Api
from bot.channels.zalo.read import NAME
from bot.channels.zalo.write import Part, nfc
from storage import echoes
from storage.database import Database
from storage.outbox import Outgoing

PAGE = 10  # the platform gives no more at once
MOST_PAGES = 4
SLACK = timedelta(minutes=2)  # how far the platform's clock may be from ours


class Finder:
    """Asks what has arrived."""

    def __init__(self, api: Api, database: Database) -> None:
        self.api, self.database = api, database

    async def find(self, item: Outgoing, parts: list[Part], within: str) -> dict[int, str]:
        """The platform's ids of the parts with words that have arrived, by their place; of a template with the words
        `within` by -1. What other messages of ours own is not taken for this one. Raises as Api.get."""
        since = (item.created_at or item.at or datetime.now(UTC)) - SLACK
        words = [part.words for part in parts if part.words]
        found = await self._in_echoes(item, words, since)
        if len(found) == len(words):
            return found
        return await self._in_conversation(item, words, within, since)

    async def _in_echoes(self, item: Outgoing, words: list[str], since: datetime) -> dict[int, str]:
        found: dict[int, str] = {}
        async with self.database.read() as db:
            for index, text in enumerate(words):
                ids = await echoes.like(db, NAME, item.external_id, text, since)
                free = [one for one in await echoes.unowned(db, ids, item.person_id) if one not in found.values()]
                if free:
                    found[index] = free[0]
        return found

    async def _in_conversation(self, item: Outgoing, words: list[str], within: str, since: datetime) -> dict[int, str]:
        lines = await self._lines(item, since)
        async with self.database.read() as db:
            free = await echoes.unowned(db, [mark for mark, _ in lines], item.person_id)
        said = {mark: " ".join(text.split()) for mark, text in reversed(lines) if mark in free}  # oldest first
        found: dict[int, str] = {}
        for index, text in enumerate(words):
            wanted = " ".join(nfc(text).split())
            mark = next((one for one, line in said.items() if line == wanted and one not in found.values()), None)
            if mark is not None:
                found[index] = mark
        wanted = " ".join(nfc(within).split())
        if not found:
            mark = next((one for one, line in said.items() if wanted in line), None)
            if mark is not None:
                found[-1] = mark
        return found

    async def _lines(self, item: Outgoing, since: datetime) -> list[tuple[str, str]]:
        """Our own messages to this person since then, newest first, each with its id."""
        found: list[tuple[str, str]] = []
        for page in range(MOST_PAGES):
            rows = await self.api.get("/v2.0/oa/conversation", user_id=item.external_id, offset=page * PAGE, count=PAGE)
            held = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            young = [row for row in held if float(row.get("time") or 0) / 1000 >= since.timestamp()]
            found += [
                (str(row.get("message_id")), nfc(str(row.get("message") or "")))
                for row in young
                if str(row.get("src")) == "0"
            ]
            if len(held) < PAGE or len(young) < len(held):
                break
        return found
