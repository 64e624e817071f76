"""The commands `match` and `import` on a database or a file of offers."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.wiring import build_mind, open_system, places
from config.settings import Settings
from handlers import workshops
from knowledge.library import load, read_events, read_offers
from matching.engine import Matcher
from matching.wanted import Wanted
from nlu.model import Model
from nlu.understanding import Context
from storage import catalogue
from storage.seed import event_from, offer_from


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value or ())


class Bench:
    """A matcher over a fixed catalogue, with the mind that reads needs."""

    def __init__(self, mind: Model, matcher: Matcher[int], at: datetime) -> None:
        self.mind, self.matcher, self.at = mind, matcher, at

    @classmethod
    async def open(cls, settings: Settings, offers: Path | None, database: str | None, at: datetime) -> "Bench":
        """The catalogue of a file, of a database, or the shipped samples."""
        matcher: Matcher[int] = Matcher(load())
        if database is not None and offers is None:
            system = await open_system(settings, database, samples=False)
            async with system.database.read() as db:
                matcher.load(await catalogue.offers(db, at))
            await system.database.close()
        else:
            matcher.load(
                offer_from(row) for row in (read_offers(offers) if offers else read_offers()) if row.state == "verified"
            )
        return cls(build_mind(settings.data_dir / "model"), matcher, at)

    def match(self, line: str) -> dict[str, Any]:
        """The record for one line; raises ValueError in words for a person."""
        if not line.strip():
            raise ValueError("dòng trống")
        need: dict[str, Any] = {"text": line}
        if line.lstrip().startswith("{"):
            try:
                need = json.loads(line)
            except ValueError as error:
                raise ValueError("không đọc được JSON") from error
        if not isinstance(need, dict) or not isinstance(need.get("text", ""), str):
            raise ValueError("cần một đối tượng có khoá text")
        text = str(need.get("text") or "")
        slots = need.get("slots") if isinstance(need.get("slots"), dict) else None
        read = self.mind.understand(text, Context(), self.at).entities
        wanted = wanted_from(text, merged(read, slots or {}), need.get("province_code"))
        found = self.matcher.search(replace(wanted, stated=bool(slots)))
        matches = [asdict(match) for match in found.matches]
        return {"need": text, "decision": found.decision.value, "matches": matches, "ask": found.ask}


LIMITS = ("capacity", "budget", "location", "negated")  # what the text adds to slots that leave it out


def merged(read: dict[str, Any], slots: dict[str, Any]) -> dict[str, Any]:
    """Given slots, completed by what the text says of limits; without slots what the text says."""
    if not slots:
        return read
    return {**{key: read[key] for key in LIMITS if key in read}, **slots}


def _mapping(slots: dict[str, Any], name: str) -> dict[str, Any]:
    value = slots.get(name)
    if value is None or value == {}:
        return {}
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if name == "budget":
            return {"min": int(value), "max": int(value)}
        if name == "capacity":
            return {"value": value, "unit": slots.get("capacity_unit")}
    raise ValueError(f"slots.{name} phải là một đối tượng như trong hợp đồng")


def _budget(slots: dict[str, Any]) -> dict[str, Any]:
    most = slots.get("budget_max_million_vnd")
    if isinstance(most, int | float) and "budget" not in slots:
        return {"min": None, "max": int(most * 1e6)}
    return _mapping(slots, "budget")


def wanted_from(text: str, slots: dict[str, Any], province: object = None) -> Wanted:
    """The need as matching sees it; `province` goes before a place in the text, without either it is Lạng Sơn.

    Raises ValueError in words for a person.
    """
    location = _mapping(slots, "location")
    given = str(province).lstrip("0") if isinstance(province, str | int) else None
    code = given or (places().codes.get(location.get("province", "")) if location else "20")
    ruled_out = tuple(
        str(row.get("value"))
        for row in slots.get("negated") or ()
        if isinstance(row, dict) and row.get("slot") in ("product", "process")
    )
    least = slots.get("trl_min")
    return Wanted(
        text=text[:4000],
        products=_listed(slots.get("product") or slots.get("products")),
        processes=_listed(slots.get("process") or slots.get("processes")),
        capacity=_mapping(slots, "capacity"),
        budget=_budget(slots),
        province_code=code,
        excluded=ruled_out,
        trl_min=least if isinstance(least, int) else None,
        modes=_listed(slots.get("mode") or slots.get("modes")),
    )


async def like_needs(settings: Settings, draft: str | None, database: str | None, at: datetime) -> list[dict[str, Any]]:
    """The clusters of like needs as records; with `draft` that one is made into drafts and told."""
    system = await open_system(settings, database, samples=False)
    try:
        async with system.database.write() as db:
            found = await workshops.clusters(db, at)
            if draft is None:
                return [workshops.record(cluster) for cluster in found]
            chosen = next((cluster for cluster in found if cluster.name == draft), None)
            if chosen is None:
                return [{"error": f"không có cụm nhu cầu {draft}"}]
            return [await workshops.draft(db, chosen, at)]
    finally:
        await system.database.close()


async def bring(settings: Settings, file: Path, kind: str, database: str | None) -> str:
    """Imports a file into the database in one transaction; raises BadKnowledge with file and line."""
    system = await open_system(settings, database, samples=False)
    try:
        offers = read_offers(file) if kind == "offers" else []
        events = read_events(file) if kind == "events" else []
        async with system.database.write() as db:
            for offer in offers:
                await catalogue.write_offer(db, offer_from(offer), "nhipcau")
            for event in events:
                await catalogue.write_event(db, event_from(event), "nhipcau")
    finally:
        await system.database.close()
    return f"{len(offers) + len(events)} rows brought in at {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
