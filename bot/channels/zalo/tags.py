"""Officers' tags of people, put on them at the Official Account too, where the settings say so; failures block nothing."""

import structlog

from bot.channels.zalo.api import Api
from bot.channels.zalo.errors import OURS, NotSent, Said, Unanswered
from bot.channels.zalo.read import NAME
from storage import tags
from storage.database import Database
from storage.tags import Change

log = structlog.get_logger()
PUT, TAKE = "/v2.0/oa/tag/tagfollower", "/v2.0/oa/tag/rmfollowerfromtag"
MOST = 100  # changes at one look


class Tags:
    """Tells the account what changed since the last look; what it could not be told is told at the next one."""

    def __init__(self, api: Api, database: Database) -> None:
        self.api, self.database = api, database

    async def look(self) -> int:
        """One look; how many changes are settled."""
        async with self.database.read() as db:
            found = await tags.changes(db, NAME, MOST)
        settled = 0
        for change in found:
            refused = False
            try:
                await self.api.post(PUT if change.put else TAKE, _body(change))
            except Said as error:
                if error.case in OURS:
                    log.warning("zalo takes no tags", code=error.code)
                    break
                refused = True  # it is about this person or this tag: not asked again
                log.warning("zalo refused a tag", code=error.code, address=change.address_id)
            except (NotSent, Unanswered) as error:  # to do it twice does no harm
                log.warning("zalo not told of tags", error=str(error))
                break
            async with self.database.write() as db:
                await tags.note(db, change, refused)
            settled += 1
        return settled


def _body(change: Change) -> dict[str, object]:
    uid: object = int(change.external_id) if change.external_id.isdecimal() else change.external_id
    return {"user_id": uid, "tag_name": change.tag}  # the calls of tags alone show the id as a number
