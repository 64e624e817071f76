"""What is left to say to people: read from the answers to our sends, and asked of the platform where the settings say so."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.channels.zalo.api import Api
from bot.channels.zalo.errors import OURS, NotSent, Said, Unanswered
from bot.channels.zalo.read import NAME
from storage import frames, people
from storage.database import Database
from storage.outbox import Allowance

log = structlog.get_logger()
QUOTA = "/v3.0/oa/quota/message"
HOLDS = timedelta(hours=1)  # so long an answer is good enough
MOST = 100  # people asked about at one look


def read_quota(quota: object) -> Allowance | None:
    """What the platform says is left, whichever fields it gives."""
    if not isinstance(quota, dict):
        return None

    def number(name: str) -> int | None:
        held = str(quota.get(name, ""))
        return int(held) if held.isdecimal() else None

    return Allowance(str(quota.get("quota_type") or frames.OF_A_PERSON), number("remain"), number("total"))


class Quotas:
    """Asks about those within the free time of whom least is known; a failure costs nothing but the knowledge."""

    def __init__(self, api: Api, database: Database) -> None:
        self.api, self.database = api, database
        self._refused: set[int] = set()  # addresses of which the platform tells nothing

    async def look(self, now: datetime) -> int:
        """One look; how many answers were kept."""
        async with self.database.read() as db:
            found = await frames.least_known(db, NAME, now, now - HOLDS, MOST + len(self._refused))
        kept = 0
        for address_id, uid in [one for one in found if one[0] not in self._refused][:MOST]:
            try:
                held = _left(await self.api.post(QUOTA, {"user_id": uid}))
            except Said as error:
                if error.case in OURS:
                    log.warning("zalo tells no quota", code=error.code)
                    break
                self._refused.add(address_id)
                continue
            except (NotSent, Unanswered) as error:
                log.warning("zalo quota not asked", error=str(error))
                break
            if held is not None:
                async with self.database.write() as db:
                    await people.keep_allowance(db, address_id, held, now)
                kept += 1
        return kept


def _left(said: Any) -> Allowance | None:
    return read_quota(said.get("cs_reply")) if isinstance(said, dict) else None
