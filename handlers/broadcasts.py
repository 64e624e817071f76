"""Messages to many as officers make them: what will happen, two people, stop, taking back, correcting, going on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversation.reply import Choice, Enclosure, Reply
from domain.broadcast import (
    GROWN,
    JOIN,
    NO_PUSH,
    UNDECIDED,
    Broadcast,
    BroadcastState,
    Count,
    faults_of,
    needs_second,
    unusual,
    wrong_time,
)
from domain.event import EventState
from domain.notice import Kind, OutboxState
from domain.officer import Officer, Permission
from domain.segment import All, BadSegment, Is, Not, Segment, Trait
from domain.worktime import say_time
from handlers import frames
from handlers.enclosing import enclosed
from handlers.turn import Office
from handlers.words import number
from storage import attachments, audit, broadcasts, catalogue, dues, officers, outbox, segments
from storage.broadcasts import Ledger
from storage.database import Connection
from storage.dues import Due

STOP = Choice("Dừng nhận tin", "news:off", ("dung nhan tin", "dung lai"))  # a bare "dung" is asked back, never obeyed
REASON_WORDS = {
    "the person wants no news": "không nhận tin",
    "the person wants no invitations": "không nhận thư mời",
    "the address cannot be reached": "không liên lạc được",
    "no chat": "không có kênh chat",
    "blocked": "đã chặn",
    "invalid": "không còn tài khoản",
    "the event was cancelled": "sự kiện đã huỷ",
    "the event is over": "sự kiện đã qua",
    "has it at another address": "đã nhận ở kênh khác",
    "in flight when its worker stopped": "đang gửi thì máy dừng, không rõ đã tới chưa",
    "no answer in time": "nền tảng không trả lời, không rõ đã tới chưa",
    NO_PUSH: "kênh này chưa cho nhắn tin mới",
    "the person said nothing for too long": "lâu chưa nhắn lại nên kênh không cho gửi",
    "taken back": "đã gỡ",
    "replaced": "thay bằng bản khác",
    "an officer gave up the rest": "cán bộ bỏ phần còn lại",
}


class Impossible(Exception):
    """What an officer asked for cannot be done; the message tells why."""


@dataclass(frozen=True)
class Outlook:
    """What would happen if a broadcast were sent now."""

    count: Count
    sample: tuple[str, ...]
    times: float | None  # so many times the usual size, when that is unusual
    usual: int
    second: bool  # whether the count must be typed and a second officer must approve
    faults: tuple[str, ...]
    frames: tuple[str, ...] = ()  # of channels that count the time since a last word: who is reached, at what cost
    had: int = 0  # of those who fit, so many got the broadcast whose place it takes


async def outlook(office: Office, db: Connection, held: Broadcast, now: datetime) -> Outlook:
    """Counts, samples, compares with what was sent before."""
    files = await attachments.of(db, "broadcast", str(held.id))
    pictures = sum(file.picture for file in files)
    faults = faults_of(held.title, held.text, held.buttons, pictures, len(files) - pictures)
    faults += await _dead_buttons(db, held, now)
    try:
        invites = held.event_id is not None
        count = await segments.count(db, held.audience, now, office.terms, invites)
        some = await segments.sample(db, held.audience, now, office.terms, invites=invites)
        names = tuple(name or f"người số {key}" for key, name in some)
        had = await broadcasts.overlap(db, held.replaces, held.audience, now) if held.replaces is not None else 0
    except BadSegment:
        count, names, had = Count({}, {}), (), 0
        faults.append("Nhóm người nhận không còn dùng được.")
    earlier = await broadcasts.earlier_sizes(db, held.id)
    times = unusual(count.reached, earlier)
    usual = round(count.reached / times) if times else 0
    second = needs_second(count.may_grow_to, office.broadcast_alone, times is not None)
    told = await frames.told(db, count, now, office.terms)
    return Outlook(count, names, times, usual, second, tuple(faults), tuple(told), had)


async def _dead_buttons(db: Connection, held: Broadcast, now: datetime) -> list[str]:
    """Buttons that book a seat at what is not to come."""
    named = [button["action"].partition(":") for button in held.buttons]
    events = [await catalogue.find_event(db, what) for verb, _, what in named if verb == "register"]
    dead = [event for event in events if event is None or event.state is not EventState.PUBLISHED or event.start <= now]
    return ["Nút đăng ký trỏ tới sự kiện chưa công bố hoặc đã qua."] if dead else []


def choices_of(held: Broadcast) -> list[dict[str, Any]]:
    """The buttons under the message as the outbox keeps them; leaving is always one of them."""
    made = [Choice(button["label"], button["action"], tuple(button.get("also", ()))) for button in held.buttons]
    joining = Choice("Đăng ký tham dự", f"register:{held.event_id}", JOIN)
    if held.event_id and joining.action not in {choice.action for choice in made}:
        made.insert(0, joining)
    kept = [*made, STOP]
    return [{"label": c.label, "action": c.action, "also": list(c.also), "mark": ""} for c in kept]


async def files_of(office: Office, db: Connection, held: Broadcast) -> tuple[Enclosure, ...]:
    """What goes with the message, the picture first."""
    files = await attachments.of(db, "broadcast", str(held.id))
    return tuple(enclosed(office, file) for file in sorted(files, key=lambda file: not file.picture))


def shown(held: Broadcast, name: str = "", files: tuple[Enclosure, ...] = ()) -> Reply:
    """The message as one person gets it, for a look before it is sent."""
    text = held.text.replace("{ten}", name or "anh/chị").replace("{co_so}", "cơ sở của anh/chị")
    made = [Choice(c["label"], c["action"], tuple(c["also"])) for c in choices_of(held)]
    return Reply(text.replace("{xa}", "Lạng Sơn"), tuple(made), long=True, files=files)


async def try_out(
    office: Office, db: Connection, held: Broadcast, officer: Officer, chats: list[officers.Chat], now: datetime
) -> None:
    """Sends it to the officer's own chats only, as readers would get it."""
    reply = shown(held, officer.name, await files_of(office, db, held))
    for chat in chats:
        mark = f"desk:try:{held.id}:{now:%Y%m%d%H%M%S%f}:{chat.address_id}"
        await outbox.put(db, Kind.NOTICE, chat.person_id, reply, mark, now, now, chat.address_id)
    await audit.note(db, officer.name, "try_out", "broadcast", held.code, now)


# --- two people -------------------------------------------------------------------------------------------------
async def submit(
    office: Office,
    db: Connection,
    held: Broadcast,
    officer: Officer,
    counted: int | None,
    now: datetime,
    send_at: datetime | None = None,
    urgent: str = "",
) -> str:
    """The author is done: goes out at once when few get it, else waits for a second officer. "sent" or "waiting"."""
    if held.state is not BroadcastState.DRAFT:
        raise Impossible("Tin này không còn là bản nháp.")
    ahead = await outlook(office, db, held, now)
    if ahead.faults:
        raise Impossible(" ".join(ahead.faults))
    if not ahead.count.reached:
        raise Impossible("Không có ai trong nhóm nhận được tin này.")
    if send_at is not None and not urgent and (why := wrong_time(office.worktime, send_at, now)):
        raise Impossible(why)
    if ahead.second and counted != ahead.count.reached:
        raise Impossible(f"Anh/chị gõ đúng số người sẽ nhận: {number(ahead.count.reached)}.")
    count = ahead.count.reached
    if not held.author or held.author != officer.name:
        await broadcasts.revise(db, held.id, officer.name)
    if not await broadcasts.ask_approval(db, held.id, count, send_at, urgent.strip()[:300]):
        raise Impossible("Tin này vừa được người khác chuyển bước.")
    after = {"người nhận": str(count)} | ({"gửi lúc": say_time(send_at)} if send_at else {})
    await audit.note(db, officer.name, "submit", "broadcast", held.code, now, urgent, after=after)
    if ahead.second or urgent:
        await _ask_second(db, held, officer, count, now)
        return "waiting"
    fresh = await _again(db, held)
    await _send(office, db, fresh, officer, now)
    return "sent"


async def _ask_second(db: Connection, held: Broadcast, author: Officer, count: int, now: datetime) -> None:
    words = f"{author.name} xin duyệt {held.code} “{held.title}” gửi {number(count)} người."
    look = Choice("Xem để duyệt", f"do:xemtin/{held.id}", ("xem", "xem de duyet"))
    for chat in await officers.chats(db, permission=Permission.APPROVE):
        if chat.officer.id != author.id:
            key = f"desk:approve:{held.id}:{now:%Y%m%d%H%M%S}:{chat.address_id}"
            await outbox.put(db, Kind.NOTICE, chat.person_id, Reply(words, (look,)), key, now, now, chat.address_id)


async def _again(db: Connection, held: Broadcast) -> Broadcast:
    fresh = await broadcasts.find(db, held.id)
    assert fresh is not None
    return fresh


async def approve(office: Office, db: Connection, held: Broadcast, officer: Officer, now: datetime) -> int:
    """A second officer says yes: one row for everybody is written; how many will get it."""
    if held.state is not BroadcastState.WAITING:
        raise Impossible("Tin này không chờ duyệt.")
    if held.author == officer.name:
        raise Impossible("Anh/chị là người soạn nên cần người khác duyệt.")
    ahead = await outlook(office, db, held, now)
    if ahead.count.reached > (held.counted or 0) * GROWN:
        raise Impossible(
            f"Lúc soạn có {number(held.counted or 0)} người, nay là {number(ahead.count.reached)}: "
            "người soạn cần xem lại và gõ số mới."
        )
    return await _send(office, db, held, officer, now)


async def _send(office: Office, db: Connection, held: Broadcast, officer: Officer, now: datetime) -> int:
    if held.send_at is not None and held.send_at <= now and not held.urgent:
        held = Broadcast(**{**held.__dict__, "send_at": None})  # its hour has passed while it waited
    files = await files_of(office, db, held)
    count = await broadcasts.approve(db, held, officer.name, choices_of(held), now, files)
    if not count:
        raise Impossible("Tin này vừa được người khác chuyển bước.")
    if held.send_at is not None:
        await dues.plan(db, "broadcast", f"broadcast:{held.id}:begin", held.send_at, None, {"id": held.id})
    if held.replaces is not None:
        await broadcasts.drop_rest(db, held.replaces, "replaced", now)
    after = {"người nhận": str(held.counted), "số dòng": str(count)}
    await audit.note(db, officer.name, "approve", "broadcast", held.code, now, after=after)
    return held.counted or count


async def send_back(db: Connection, held: Broadcast, officer: Officer, reason: str, now: datetime) -> None:
    """A second officer says no; the author may change it."""
    if held.state is not BroadcastState.WAITING or not await broadcasts.revise(db, held.id, held.author):
        raise Impossible("Tin này không chờ duyệt.")
    await audit.note(db, officer.name, "send_back", "broadcast", held.code, now, reason)


async def begin(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """The hour of a scheduled broadcast has come."""
    return "begun" if await broadcasts.begin(db, int(due.payload["id"])) else "not scheduled any more"


# --- stop, take back, correct, go on ----------------------------------------------------------------------------
async def stop(db: Connection, held: Broadcast, officer: Officer, reason: str, now: datetime) -> Ledger:
    """Nothing more of it leaves; what was reached, what is in flight, what is not."""
    if not await broadcasts.stop(db, held.id, f"{officer.name}: {reason}" if reason else officer.name):
        raise Impossible("Tin này không đang gửi.")
    await audit.note(db, officer.name, "stop", "broadcast", held.code, now, reason)
    return await broadcasts.ledger(db, held.id, now)


async def go_on(db: Connection, held: Broadcast, officer: Officer, reason: str, now: datetime) -> None:
    """What is left is sent unchanged; a stopped one only with a reason."""
    if held.state not in (BroadcastState.STOPPED, BroadcastState.PAUSED):
        raise Impossible("Tin này không đang dừng.")
    if not reason.strip():
        raise Impossible("Gửi tiếp cần một lý do.")
    await broadcasts.go_on(db, held.id)
    await audit.note(db, officer.name, "go_on", "broadcast", held.code, now, reason)


async def give_up(db: Connection, held: Broadcast, officer: Officer, now: datetime) -> int:
    """Whoever has not got a stopped broadcast does not get it; how many."""
    if held.state not in (BroadcastState.STOPPED, BroadcastState.PAUSED):
        raise Impossible("Anh/chị dừng tin này trước đã.")
    count = await broadcasts.drop_rest(db, held.id, "an officer gave up the rest", now)
    await audit.note(db, officer.name, "give_up", "broadcast", held.code, now, after={"bỏ": str(count)})
    return count


async def recall(db: Connection, held: Broadcast, officer: Officer, now: datetime) -> tuple[int, int]:
    """Takes it back where the platform can: (messages that go, messages that stay)."""
    if held.state is BroadcastState.RUNNING:
        raise Impossible("Anh/chị dừng tin này trước khi gỡ.")
    gone, left = await broadcasts.recall(db, held.id, now)
    if not gone:
        raise Impossible(f"Không gỡ được tin nào; {number(left)} người đã nhận thì gửi đính chính.")
    after = {"gỡ": str(gone), "không gỡ được": str(left)}
    await audit.note(db, officer.name, "recall", "broadcast", held.code, now, after=after)
    return gone, left


async def correct(db: Connection, held: Broadcast, officer: Officer, text: str, now: datetime) -> Broadcast:
    """A draft for exactly those who still have a wrong message."""
    return await _derive(db, held, officer, f"Đính chính {held.title}", text, readers_of(held), now, corrects=held.id)


async def rewrite(
    db: Connection, held: Broadcast, officer: Officer, text: str, audience: Segment | None, now: datetime
) -> Broadcast:
    """A draft that takes the place of a stopped one: another text for the rest only, or another segment."""
    if held.state not in (BroadcastState.STOPPED, BroadcastState.PAUSED):
        raise Impossible("Anh/chị dừng tin này trước đã.")
    rest = All((held.audience, Not(readers_of(held))))
    title = f"{held.title} (sửa)"
    return await _derive(db, held, officer, title, text or held.text, audience or rest, now, replaces=held.id)


def readers_of(held: Broadcast) -> Segment:
    """Those who have a broadcast now, or may have it."""
    return Is(Trait.REACHED, (str(held.id),))


async def _derive(
    db: Connection,
    held: Broadcast,
    officer: Officer,
    title: str,
    text: str,
    audience: Segment,
    now: datetime,
    **more: Any,
) -> Broadcast:
    made = await broadcasts.compose(
        db, title, text, audience, officer.name, now,
        buttons=list(held.buttons), event_id=held.event_id, must_deliver=held.must_deliver, **more,
    )  # fmt: skip
    if "replaces" in more:
        await attachments.copy(db, "broadcast", str(held.id), str(made.id), now)
    after = {"từ": held.code}
    await audit.note(db, officer.name, "draft", "broadcast", made.code, now, after=after)
    return made


async def send_again(
    db: Connection, held: Broadcast, officer: Officer, states: tuple[OutboxState, ...], reason: str, now: datetime
) -> int:
    """Tries those anew to whom it did not arrive, or of whom nobody knows; how many."""
    if held.state in UNDECIDED or held.state is BroadcastState.RUNNING:
        raise Impossible("Tin còn đang gửi hoặc chưa gửi.")
    if OutboxState.UNKNOWN in states and not reason.strip():
        raise Impossible("Gửi lại tin không rõ có thể làm người nhận có hai bản, nên cần một lý do.")
    count = await broadcasts.send_again(db, held.id, states, now)
    after = {"gửi lại": str(count), "nhóm": ", ".join(states)}
    await audit.note(db, officer.name, "send_again", "broadcast", held.code, now, reason, after=after)
    return count


# --- in words ---------------------------------------------------------------------------------------------------
def ledger_words(found: Ledger) -> str:
    """The four figures an officer looks at first, with the reasons of those left out."""
    flying = found.of(OutboxState.SENDING)
    parts = [
        f"đã gửi {number(found.reached)}",
        f"đang trên đường {number(flying)}",
        f"chưa gửi {number(found.waiting)}",
    ]
    parts.append(f"không rõ {number(found.of(OutboxState.UNKNOWN))}")
    for words, states in (("lỗi", OutboxState.FAILED), ("bỏ qua", OutboxState.SKIPPED), ("đã gỡ", OutboxState.REMOVED)):
        if found.of(states):
            parts.append(f"{words} {number(found.of(states))}")
    return f"{', '.join(parts)}; tổng {number(found.total)}"


def why_words(reason: str) -> str:
    """A reason as officers read it."""
    return REASON_WORDS.get(reason, reason)


def count_words(count: Count, channels: dict[str, str]) -> str:
    """How many get it, by channel, and who does not."""
    by = ", ".join(f"{channels.get(name, name)} {number(n)}" for name, n in sorted(count.by_channel.items()))
    out = ", ".join(f"{why_words(why)} {number(n)}" for why, n in sorted(count.left_out.items()))
    return f"{number(count.reached)} người" + (f" ({by})" if by else "") + (f"; không gửi: {out}" if out else "")


async def tell_finished(db: Connection, broadcast_id: int, now: datetime) -> None:
    """Tells the author how it went."""
    held = await broadcasts.find(db, broadcast_id)
    if held is not None:
        found = await broadcasts.ledger(db, broadcast_id, now)
        await _tell(db, held, f"{held.code} “{held.title}” đã gửi xong: {ledger_words(found)}.", "finished", now)


async def tell_paused(db: Connection, broadcast_id: int, reason: str, now: datetime) -> None:
    """Tells those who answer for it that it holds still."""
    held = await broadcasts.find(db, broadcast_id)
    if held is not None:
        text = f"{held.code} “{held.title}” tự dừng vì nền tảng từ chối nội dung nhiều lần liền: {reason[:150]}."
        await _tell(db, held, text, "paused", now)


async def _tell(db: Connection, held: Broadcast, text: str, why: str, now: datetime) -> None:
    for chat in await officers.chats(db):
        if chat.officer.name in (held.author, held.approved_by):
            key = f"desk:{why}:{held.id}:{now:%Y%m%d%H%M%S}:{chat.address_id}"
            await outbox.put(db, Kind.NOTICE, chat.person_id, Reply(text), key, now, now, chat.address_id)
