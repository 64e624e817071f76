"""Like needs suggest a workshop: who asks for what, who could help, drafts of event, invitation and audience."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from domain.event import Event, EventState
from domain.offer import Offer
from domain.text import plain
from domain.worktime import ZONE, local
from handlers.words import trimmed, wanted
from knowledge.library import load
from storage import broadcasts, catalogue, changes
from storage import clusters as kept
from storage.clusters import Recent
from storage.database import Connection

WITHIN = timedelta(days=60)
LEAST = 5  # like needs that are worth a workshop
CANDIDATES = 3
RESEARCHERS = ("viện", "trường", "trung tâm")  # kinds of owner that teach
AHEAD = timedelta(days=21)  # a draft proposes a date this far ahead


@dataclass(frozen=True)
class Cluster:
    """Needs that ask for the same step: for which products, from where, how many without a source."""

    name: str
    needs: tuple[Recent, ...]
    products: tuple[tuple[str, int], ...]
    places: tuple[str, ...]

    @property
    def unserved(self) -> int:
        """How many of them no offer fits yet."""
        return sum(not row.matches for row in self.needs)

    @property
    def refuse_news(self) -> int:
        """How many owners take no news: counted, but not invited."""
        return len({row.person_id for row in self.needs if not row.takes_news})

    @property
    def words(self) -> str:
        """One line for the brief: "12 nhu cầu sấy (hoa hồi 7, măng 3, na 2), chưa có nguồn cho 9"."""
        goods = ", ".join(f"{product} {count}" for product, count in self.products[:4])
        return f"{len(self.needs)} nhu cầu {self.name} ({goods}), chưa có nguồn cho {self.unserved}"


@cache
def _above() -> Mapping[str, str]:
    """Each step of the vocabulary with the widest step it is a kind of."""
    parents = {row["term"]: tuple(row.get("parents", ())) for row in load().terms["processes"]}

    def top(term: str) -> str:
        seen = {term}
        while parents.get(term):
            term = parents[term][0]
            if term in seen:
                break
            seen.add(term)
        return term

    return {term: top(term) for term in parents}


def widest(step: str) -> str:
    """The widest step that this one is a kind of: "sấy" of "sấy lạnh"; clusters are called so."""
    return _above().get(step, step)


async def clusters(db: Connection, now: datetime) -> list[Cluster]:
    """The clusters of the last sixty days, the largest first."""
    rows: dict[str, list[Recent]] = {}
    for row in await kept.recent(db, now - WITHIN):
        want = wanted(row.text, row.fields)
        for step in dict.fromkeys(widest(term) for term in want.processes):
            rows.setdefault(step, []).append(row)
    found = [_cluster(step, asked) for step, asked in rows.items() if len(asked) >= LEAST]
    return sorted(found, key=lambda cluster: (-len(cluster.needs), cluster.name))


def _cluster(step: str, rows: list[Recent]) -> Cluster:
    goods: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for row in rows:
        want = wanted(row.text, row.fields)
        goods.update(want.products[:1] or ("chưa rõ sản phẩm",))
        place = (row.fields.get("place") or {}).get("value") or {}
        places[str(place.get("unit") or place.get("province") or "Lạng Sơn")] += 1
    ordered = tuple(sorted(goods.items(), key=lambda pair: (-pair[1], pair[0])))
    return Cluster(step, tuple(rows), ordered, tuple(place for place, _ in places.most_common()))


def record(cluster: Cluster) -> dict[str, Any]:
    """A cluster for a program or a page; the counts open to the codes of the needs."""
    return {
        "name": cluster.name,
        "words": f"{cluster.words}; soạn hội thảo?",
        "needs": [row.code for row in cluster.needs],
        "products": dict(cluster.products),
        "places": list(cluster.places),
        "unserved": cluster.unserved,
        "refuse_news": cluster.refuse_news,
    }


async def candidates(db: Connection, cluster: Cluster, now: datetime) -> list[tuple[str, str]]:
    """Up to three institutes with the reason: what they have for this step, best for the products asked for."""
    goods = {plain(product) for product, _ in cluster.products}
    found: dict[str, tuple[int, list[Offer]]] = {}
    for offer in await catalogue.offers(db, now):
        if offer.owner_type not in RESEARCHERS or not offer.owner:
            continue
        if cluster.name not in {widest(term) for term in offer.processes} and not any(
            plain(term).startswith(plain(cluster.name)) for term in offer.processes
        ):
            continue
        score, held = found.get(offer.owner, (0, []))
        found[offer.owner] = score + 1 + 2 * len(goods & {plain(term) for term in offer.products}), [*held, offer]
    best = sorted(found.items(), key=lambda pair: (-pair[1][0], pair[0]))[:CANDIDATES]
    return [(owner, f"có {'; '.join(trimmed(offer.title, 70) for offer in held[:2])}") for owner, (_, held) in best]


async def draft(db: Connection, cluster: Cluster, now: datetime) -> dict[str, Any]:
    """Makes a draft event and a draft invitation to those who take news; nothing is published, nothing sent."""
    institutes = await candidates(db, cluster, now)
    start = datetime.combine((local(now) + AHEAD).date(), datetime.min.time(), ZONE).replace(hour=8)
    event = Event(
        id=f"HT-{plain(cluster.name).replace(' ', '-')}-{local(now):%Y%m}",
        title=f"Hội thảo giải pháp {cluster.name}",
        start=start,
        end=start.replace(hour=11, minute=30),
        summary=f"{cluster.words}. Mời: {', '.join(owner for owner, _ in institutes) or 'chưa có nơi phù hợp'}.",
        place="",
        topics={"products": tuple(product for product, _ in cluster.products), "processes": (cluster.name,)},
        organiser="Sở Khoa học và Công nghệ Lạng Sơn",
        state=EventState.SUBMITTED,
    )
    await catalogue.write_event(db, event, "nhipcau")
    audience = sorted({row.person_id for row in cluster.needs if row.takes_news} | await _alike(db, cluster, now))
    text = invitation(cluster, event, [owner for owner, _ in institutes])
    await broadcasts.draft(db, event.title, text, f"cluster:{event.id}", audience, now)
    await changes.ask_review(db, "event", event.id, "draft workshop from like needs", now)
    return {
        **record(cluster), "event": event.id, "institutes": [{"name": n, "why": w} for n, w in institutes],
        "invitation": text, "audience": len(audience),
    }  # fmt: skip


async def _alike(db: Connection, cluster: Cluster, now: datetime) -> set[int]:
    """Owners of other needs for the same products who take news: they may care as well."""
    goods = {product for product, _ in cluster.products}
    mine = {row.id for row in cluster.needs}
    found = set()
    for row in await kept.recent(db, now - WITHIN):
        if row.id not in mine and row.takes_news and goods & set(wanted(row.text, row.fields).products):
            found.add(row.person_id)
    return found


def invitation(cluster: Cluster, event: Event, institutes: list[str]) -> str:
    """The invitation as a draft: an officer sets date and place before anything is sent."""
    goods = ", ".join(product for product, _ in cluster.products[:3])
    who = f" Có {', '.join(institutes)} tham gia giới thiệu." if institutes else ""
    return (
        f"Sở Khoa học và Công nghệ mời anh/chị dự hội thảo giải pháp {cluster.name} cho {goods}.{who} "
        "Thời gian, địa điểm em báo sau. Anh/chị có muốn dự không ạ?"
    )
