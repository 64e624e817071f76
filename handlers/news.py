"""Tells people of fitting offers and events on our own account: once, with the reason, within their wishes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.reply import Choice, Reply
from domain.event import Event, EventState
from domain.notice import Kind
from domain.offer import Offer, OfferState
from domain.person import Alert
from domain.text import fold
from domain.worktime import local
from handlers.turn import Office
from handlers.words import event_line, offer_line, reasons, trimmed, wanted
from matching.wanted import Match
from storage import broadcasts, catalogue, dues, needs, outbox
from storage.changes import Change
from storage.database import Connection
from storage.needs import Listening

STOP = Choice("Dừng loại tin này", "news:off", ("dung", "dung lai", "thoi"))
DIGEST_OFFERS = 3


@dataclass(frozen=True)
class Told:
    """What came of one change: how many people were told at once, how many matches wait for a digest."""

    told: int = 0
    waiting: int = 0
    note: str = ""

    def __str__(self) -> str:
        return self.note or f"told {self.told}, waiting {self.waiting}"


async def notice_change(office: Office, db: Connection, change: Change, now: datetime) -> Told:
    """Does what one change of an offer or event asks for."""
    if change.op == "D":
        return Told(note="gone")
    if change.noun == "offer":
        offer = await catalogue.find_offer(db, change.noun_id)
        if offer is None or offer.state is not OfferState.VERIFIED:
            return Told(note="not public")
        return await tell_offer(office, db, offer, now)
    event = await catalogue.find_event(db, change.noun_id)
    if event is None or event.state is not EventState.PUBLISHED or event.start <= now:
        return Told(note="not public")
    return await tell_event(office, db, event, now)


async def tell_offer(office: Office, db: Connection, offer: Offer, now: datetime) -> Told:
    """Finds the standing needs an offer serves; strong matches of people who chose so are told at once."""
    standing = {row.need.id: row for row in await needs.listening(db)}
    questions = [(key, wanted(row.need.text, row.need.fields)) for key, row in standing.items()]
    told = waiting = 0
    for key, match in office.matcher.percolate(offer, questions):
        if not match.shown:
            continue
        row = standing[key]
        at_once = row.alert is Alert.NOW and match.strong
        kept = (match.score, match.strong, list(match.because), list(match.doubts))
        if not await needs.keep_match(db, key, offer.id, *kept, now, shown=at_once):
            continue  # this owner knows this offer
        if not at_once:
            waiting += 1
            continue
        said = await _put(office, db, row.need.person_id, offer_notice(row, offer, match), f"offer:{offer.id}", now)
        told += said
    return Told(told, waiting)


def offer_notice(row: Listening, offer: Offer, match: Match) -> Reply:
    """A fitting offer in words, with the reason why this person is told."""
    text = f"Có giải pháp mới hợp với phiếu {row.need.code}: {offer_line(offer)}. {reasons(match, 260)}"
    choices = (Choice(trimmed(f"Xem {offer.title}"), f"offer:{offer.id}", ("xem", "chi tiet", "quan tam")), STOP)
    return Reply(text, choices)


async def tell_event(office: Office, db: Connection, event: Event, now: datetime) -> Told:
    """Tells an event to those whose open needs fit; more than the limit becomes a draft that waits for approval."""
    topics = {fold(term) for terms in event.topics.values() for term in terms}
    fitting: dict[int, str] = {}
    for row in await needs.listening(db):
        want = wanted(row.need.text, row.need.fields)
        common = [term for term in (*want.products, *want.processes) if fold(term) in topics]
        if common and row.alert is not Alert.OFF:
            fitting.setdefault(row.need.person_id, common[0])
    if len(fitting) > office.event_push_limit:
        made = await broadcasts.draft(db, event.title, event_line(event), f"event:{event.id}", list(fitting), now)
        return Told(waiting=len(fitting), note=f"draft broadcast for {len(fitting)}" if made else "draft stands")
    told = 0
    for person_id, why in fitting.items():
        told += await _put(office, db, person_id, event_notice(event, why), f"event:{event.id}", now)
    return Told(told)


def event_notice(event: Event, why: str) -> Reply:
    """An event in words, with the reason why this person is told."""
    where = f" Tại {event.place}." if event.place else ""
    text = f"Mời anh/chị dự {event_line(event)}.{where} Em báo vì phiếu của anh/chị có “{why}”."
    choices = (
        Choice("Đăng ký tham dự", f"register:{event.id}", ("dang ky", "tham gia", "di")),
        Choice("Xem chi tiết", f"event:{event.id}", ("xem", "chi tiet")),
        STOP,
    )
    return Reply(text, choices)


async def _put(office: Office, db: Connection, person_id: int, reply: Reply, about: str, now: datetime) -> bool:
    run_at = office.worktime.next_push(now)
    return await outbox.put(db, Kind.NOTICE, person_id, reply, f"{about}:{person_id}", run_at, now)


async def send_digest(office: Office, db: Connection, person_id: int, now: datetime) -> str:
    """The weekly digest: matches not seen yet, at most three; nothing when there is nothing."""
    again_at = now + timedelta(days=7)
    await dues.plan(db, "digest", f"digest:{person_id}:{local(again_at):%Y%m%d}", again_at, person_id)
    waiting = await needs.unshown(db, person_id)
    lines: list[str] = []
    choices: list[Choice] = []
    for need, offer_id, because, doubts in waiting[:DIGEST_OFFERS]:
        offer = await catalogue.find_offer(db, offer_id)
        if offer is None or offer.state is not OfferState.VERIFIED:
            continue
        match = Match(offer_id, 0.0, True, False, tuple(because), tuple(doubts))
        lines.append(f"- {need.code}: {trimmed(offer_line(offer), 90)}. {reasons(match, 90)}")
        choices.append(Choice(trimmed(offer.title), f"offer:{offer_id}"))
        await needs.mark_shown(db, need.id, [offer_id], now)
    if not lines:
        return "nothing new"
    count = f"{len(lines)} giải pháp mới"
    reply = Reply(f"Tuần này có {count} cho anh/chị:\n" + "\n".join(lines), (*choices, STOP))
    key = f"digest:{local(now):%Y%m%d}:{person_id}"
    await outbox.put(db, Kind.NOTICE, person_id, reply, key, office.worktime.next_push(now), now)
    return f"told {len(lines)}"
