"""Matching in the shared database itself: no index in memory, for processes that hold none or beyond what memory holds."""

from collections.abc import Iterable
from datetime import datetime

from domain.offer import Offer
from handlers.words import wanted
from knowledge.library import Library
from matching.engine import Matcher
from matching.wanted import Found, Match, Wanted
from storage import catalogue, keys, needs
from storage.database import Connection


class SharedMatcher:
    """The verbs of matching over the key tables; candidates and numbers in SQL, the score by the same code."""

    def __init__(self, library: Library) -> None:
        self._matcher: Matcher[int] = Matcher(library)

    async def put(self, db: Connection, offer: Offer) -> None:
        """Keeps an offer's keys; the offer itself is in the catalogue."""
        await keys.keep_offer(db, offer.id, self._matcher.keys_of_offer(offer))

    async def put_need(self, db: Connection, need_id: int, asked: Wanted) -> None:
        """Keeps a standing need's keys; the need itself is among the needs."""
        await keys.keep_need(db, need_id, self._matcher.keys_of_need(asked))

    async def lay_anew(self, db: Connection, offers: Iterable[Offer]) -> None:
        """Keeps the keys of all these offers, for example after a release that reads differently."""
        for offer in offers:
            await self.put(db, offer)

    async def search(self, db: Connection, asked: Wanted, now: datetime, limit: int = 10) -> Found:
        """The offers for a need, best first."""
        most = asked.budget.get("max")
        ids = await keys.offers_for(db, self._matcher.seek(asked), most, now)
        return self._matcher.rank(asked, await catalogue.some_offers(db, ids), limit)

    async def percolate(self, db: Connection, offer: Offer) -> list[tuple[int, Match]]:
        """All standing needs that an offer serves, best first."""
        price = offer.price_million_vnd.get("min")
        found = await keys.needs_for(db, self._matcher.seek_needs(offer), None if price is None else price * 1e6)
        rows = [row for need_id in found if (row := await needs.heard(db, need_id)) is not None]
        return self._matcher.verify(offer, [(row.need.id, wanted(row.need.text, row.need.fields)) for row in rows])
