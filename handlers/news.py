"""Tells people of fitting offers and events on our own account: once, with the reason, within their wishes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from conversation.reply import Choice, Reply
from domain.event import Event, EventState
from domain.need import Need, NeedState
from domain.notice import Kind
from domain.offer import Offer
from domain.pairing import Wish
from domain.person import Alert
from domain.text import fold
from domain.worktime import local
from handlers.turn import Office, Turn
from handlers.words import event_line, offer_line, pair_choices, reasons, trimmed, wanted
from matching.taste import to_taste
from matching.wanted import MOST_KEPT, Match
from storage import broadcasts, catalogue, dues, needs, outbox, pairs, people
from storage.changes import Change
from storage.database import Connection
from storage.needs import Listening

STOP = Choice(
    "Dừng loại tin này", "news:off", ("dung lai", "dung loai tin nay")
)  # a bare "dung" is asked back, never obeyed
DIGEST_OFFERS = 3
WISH_WORDS = {
    Wish.LESS: "Dạ, về phiếu {code} em chỉ gộp vào tin sáng thứ Ba.",
    Wish.STRICTER: "Dạ, về phiếu {code} em chỉ báo khi hợp cả sản phẩm, quy mô lẫn giá.",
    Wish.STOP: "Dạ, em không báo gì thêm về phiếu {code}. Phiếu vẫn được cán bộ theo dõi.",
    Wish.ALL: "Dạ, có giải pháp hợp với phiếu {code} là em báo như cũ.",
}


@dataclass(frozen=True)
class Told:
    """What came of one change: how many people were told at once, how many matches wait for a digest."""

    told: int = 0
    waiting: int = 0
    note: str = ""

    def __str__(self) -> str:
        return self.note or f"told {self.told}, waiting {self.waiting}"


async def notice_change(office: Office, db: Connection, change: Change, now: datetime) -> Told:
    """Does what one change of an offer, a need or an event asks for."""
    if change.op == "D":
        return Told(note="gone")
    if change.noun == "offer":
        offer = await catalogue.public_offer(db, change.noun_id, now)
        return Told(note="not public") if offer is None else await tell_offer(office, db, offer, now)
    if change.noun == "need":
        row = await needs.heard(db, int(change.noun_id))
        return Told(note="not standing") if row is None else await look_again(office, db, row, now)
    event = await catalogue.find_event(db, change.noun_id)
    if event is None or event.state is not EventState.PUBLISHED or event.start <= now:
        return Told(note="not public")
    return await tell_event(office, db, event, now)


# --- offers -----------------------------------------------------------------------------------------------------
async def tell_offer(office: Office, db: Connection, offer: Offer, now: datetime) -> Told:
    """Finds the standing needs an offer serves; strong matches of people who chose so are told at once."""
    told = waiting = 0
    for need_id, match in office.matcher.percolate(offer):
        row = await needs.heard(db, need_id)
        if row is None:
            continue
        kind = await _keep(office, db, row, offer, match, now)
        told += kind == "told"
        waiting += kind == "waiting"
    return Told(told, waiting)


async def look_again(office: Office, db: Connection, row: Listening, now: datetime) -> Told:
    """A need came or changed: what fits it and is not known yet is kept as if the offer had just come.

    By this no pair is missed when a need and an offer are written at the same instant.
    """
    told = waiting = 0
    found = office.matcher.search(wanted(row.need.text, row.need.fields), MOST_KEPT)
    for match in found.matches:
        offer = await catalogue.public_offer(db, match.offer, now) if match.shown else None
        if offer is None:
            continue
        kind = await _keep(office, db, row, offer, match, now)
        told += kind == "told"
        waiting += kind == "waiting"
    return Told(told, waiting)


async def _keep(
    office: Office, db: Connection, row: Listening, offer: Offer, match: Match, now: datetime
) -> str:  # told | waiting | known | unwanted
    wish = await pairs.wish_of(db, row.need.id)
    tasted = to_taste(match, offer, await pairs.opinions(db, row.need.person_id))
    if tasted is None or wish is Wish.STOP or (wish is Wish.STRICTER and not tasted.strong):
        return "unwanted"
    at_once = row.alert is Alert.NOW and row.offers and tasted.strong and wish is not Wish.LESS
    kept = (tasted.score, tasted.strong, list(tasted.because), list(tasted.doubts))
    if not await needs.keep_match(db, row.need.id, offer.id, *kept, now, shown=at_once):
        await pairs.refresh_words(db, row.need.id, offer.id, *kept)
        return "known"  # this owner knows this offer
    if not at_once:
        return "waiting"
    notice = offer_notice(row.need, offer, tasted)
    said = await _put(office, db, row.need.person_id, notice, f"offer:{offer.id}", now)
    return "told" if said else "known"


def offer_notice(need: Need, offer: Offer, match: Match) -> Reply:
    """A fitting offer in words, with the reason why this person is told."""
    text = f"Có giải pháp mới hợp với phiếu {need.code}: {offer_line(offer)}. {reasons(match, 300)}"
    return Reply(text, pair_choices(need.id, offer))


# --- events -----------------------------------------------------------------------------------------------------
async def tell_event(office: Office, db: Connection, event: Event, now: datetime) -> Told:
    """Tells an event to those whose open needs fit; more than the limit becomes a draft that waits for approval."""
    topics = {fold(term) for terms in event.topics.values() for term in terms}
    fitting: dict[int, str] = {}
    for row in await needs.listening(db):
        want = wanted(row.need.text, row.need.fields)
        common = [term for term in (*want.products, *want.processes) if fold(term) in topics]
        if (
            common
            and row.alert is not Alert.OFF
            and row.invites
            and await pairs.wish_of(db, row.need.id) is not Wish.STOP
        ):
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


# --- the weekly digest ------------------------------------------------------------------------------------------
async def send_digest(office: Office, db: Connection, person_id: int, now: datetime) -> str:
    """The weekly digest: matches not seen yet, at most three, no offer twice; nothing when there is nothing."""
    again_at = now + timedelta(days=7)
    await dues.plan(db, "digest", f"digest:{person_id}:{local(again_at):%Y%m%d}", again_at, person_id)
    found: dict[str, tuple[Need, Offer, Match]] = {}
    if (await people.find(db, person_id)).no_offers:
        return "the person wants none of technology"
    for need, offer_id, because, doubts in await needs.unshown(db, person_id):
        if len(found) == DIGEST_OFFERS or await pairs.wish_of(db, need.id) is Wish.STOP:
            continue
        offer = await catalogue.public_offer(db, offer_id, now)
        if offer is None:
            continue
        await needs.mark_shown(db, need.id, [offer_id], now)
        if offer_id not in found and not await outbox.was_put(db, f"offer:{offer_id}:{person_id}"):
            match = Match(offer_id, 0.0, True, False, tuple(because), tuple(doubts))
            found[offer_id] = need, offer, match
    if not found:
        return "nothing new"
    key = f"digest:{local(now):%Y%m%d}:{person_id}"
    await outbox.put(db, Kind.NOTICE, person_id, digest(list(found.values())), key, office.worktime.next_push(now), now)
    return f"told {len(found)}"


def digest(rows: list[tuple[Need, Offer, Match]]) -> Reply:
    """The digest in words; a single offer can be answered at once, several are chosen from."""
    opening = f"Tuần này có {len(rows)} giải pháp mới cho anh/chị:"
    if len(rows) == 1:
        need, offer, match = rows[0]
        return replace(offer_notice(need, offer, match), text=f"{opening}\n{offer_notice(need, offer, match).text}")
    lines = [f"- {need.code}: {trimmed(offer_line(offer), 90)}. {reasons(match, 90)}" for need, offer, match in rows]
    choices = tuple(Choice(trimmed(offer.title), f"offer:{offer.id}") for _, offer, _ in rows)
    return Reply(f"{opening}\n" + "\n".join(lines), (*choices, STOP))


# --- what people wish of it -------------------------------------------------------------------------------------
async def say_why(turn: Turn, pair: str) -> Reply:
    """Why somebody got this notice, with ways to get fewer or better ones."""
    need, offer_id = await own_pair(turn, pair)
    if need is None:
        return Reply("Phiếu này không còn nên em cũng không gửi tin về nó nữa ạ.")
    because, _ = await pairs.why(turn.db, need.id, offer_id)
    reason = f" Chỗ hợp: {'; '.join(because[:3])}." if because else ""
    text = f"Anh/chị nhận tin vì có phiếu {need.code} và đã đồng ý nhận tin hợp với phiếu.{reason}"
    return Reply(text, _topic_choices(need), quick=True)


async def say_why_at_all(turn: Turn) -> Reply | None:
    """Why somebody gets news when no notice stands near; None for who takes none."""
    standing = [need for need in await needs.of_person(turn.db, turn.person.id) if need.state is not NeedState.CLOSED]
    if turn.person.alert is Alert.OFF or not standing:
        return None
    codes = ", ".join(need.code for need in standing[:3])
    when = "có là em báo ngay" if turn.person.alert is Alert.NOW else "em gộp gửi sáng thứ Ba"
    text = f"Anh/chị nhận tin của em vì có phiếu {codes} và đã đồng ý nhận tin hợp với phiếu; {when}."
    if len(standing) == 1:
        return Reply(text, _topic_choices(standing[0]), quick=True)
    return Reply(f"{text} Muốn thôi hẳn, anh/chị nhắn DỪNG.")


def _topic_choices(need: Need) -> tuple[Choice, ...]:
    return (
        Choice("Ít tin hơn", f"topic:{need.id}/less", ("it hon", "it thoi")),
        Choice("Chỉ tin thật hợp", f"topic:{need.id}/stricter", ("dung hon", "that hop")),
        Choice("Dừng chủ đề này", f"topic:{need.id}/stop", ("dung chu de nay", "dung phieu nay")),
    )


async def choose_topic(turn: Turn, argument: str) -> Reply:
    """Keeps what news about one need its owner wants."""
    number, _, word = argument.partition("/")
    need = await needs.find(turn.db, int(number)) if number.isdigit() else None
    if need is None or need.person_id != turn.person.id or word not in set(Wish):
        return Reply("Phiếu này không còn ạ.")
    wish = Wish(word)
    await pairs.set_wish(turn.db, need.id, wish, turn.now)
    choices = () if wish is Wish.ALL else (Choice("Nhận lại như cũ", f"topic:{need.id}/all", ("nhan lai", "nhu cu")),)
    return Reply(WISH_WORDS[wish].format(code=need.code), choices)


async def own_pair(turn: Turn, pair: str) -> tuple[Need | None, str]:
    """The person's own need of a pair written like "12/O001", with the offer's id; None for somebody else's."""
    number, _, offer_id = pair.partition("/")
    need = await needs.find(turn.db, int(number)) if number.isdigit() else None
    return (need if need is not None and need.person_id == turn.person.id else None), offer_id
