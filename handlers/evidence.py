"""Takes what a person sends besides words: notes it, hangs it on the form, says so in one line."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conversation.reply import SILENCE, Choice, Reply
from domain.evidence import KIND_WORDS, MB, NOT_KEPT, EvidenceKind, EvidenceState, Limits, Refusal, counted
from domain.need import STANDING, Field
from domain.notice import Kind
from domain.places import nearest
from domain.worktime import say_time
from handlers.turn import Turn
from handlers.words import trimmed
from storage import dues, knowledge, needs, outbox, tickets
from storage import evidence as kept
from storage.database import Connection
from storage.evidence import Piece
from storage.tickets import TicketKind

LOOSE_LIVES = timedelta(days=30)
LEAD = 100  # characters that the line about things sent may take from a reply
SHOWN_PLACES = 3
UNREAD = "Loại tin này em chưa đọc được nên đã để riêng cho cán bộ xem."
OTHERS_CARD = "Danh thiếp này em giữ cho cán bộ, không ghi là số của anh/chị."
VOICE = "Em đã lưu lời nhắn cho cán bộ; anh/chị gõ ngắn giúp em thì em ghi được ngay."


# --- noting -----------------------------------------------------------------------------------------------------
async def take(turn: Turn) -> None:
    """Notes what came in this burst, whoever leads the talk; the files themselves are fetched later."""
    form_id = turn.talk.form_id if turn.talk.form is not None else None
    for item in turn.sent:
        if item.kind in NOT_KEPT or item.kind is EvidenceKind.FORWARD:
            continue
        limits = turn.office.file_limits
        piece = await kept.note(turn.db, turn.person.id, form_id, turn.channel, turn.burst, item, limits, turn.now)
        if piece is not None:
            turn.pieces.append(piece)
    if turn.pieces and form_id is None:
        await plan_end(turn)


async def plan_end(turn: Turn) -> None:
    """Plans the end of what hangs on nothing."""
    at = turn.now + LOOSE_LIVES
    await dues.plan(turn.db, "evidence", f"evidence:{turn.burst}", at, turn.person.id, {"turn": turn.burst})


def strange(turn: Turn) -> list[int]:
    """The inbox ids of what nobody here can read."""
    return [item.inbox_id for item in turn.sent if item.kind is EvidenceKind.UNKNOWN]


async def keep_forward(turn: Turn) -> None:
    """Notes words that were passed on, beside the form and never in it."""
    form_id = turn.talk.form_id if turn.talk.form is not None else None
    for item in turn.sent:
        if item.kind is EvidenceKind.FORWARD:
            limits = turn.office.file_limits
            await kept.note(turn.db, turn.person.id, form_id, turn.channel, turn.burst, item, limits, turn.now)


# --- saying -----------------------------------------------------------------------------------------------------
def only_sticker(turn: Turn) -> bool:
    """Whether nothing but stickers came."""
    return bool(turn.sent) and all(item.kind is EvidenceKind.STICKER for item in turn.sent) and not turn.text.strip()


async def known_album(turn: Turn) -> bool:
    """Whether all of this belongs to an album that was answered before."""
    albums = {item.album for item in turn.sent}
    if None in albums or turn.text.strip() or not albums:
        return False
    return all([await kept.answered_album(turn.db, turn.person.id, str(a), turn.burst) for a in albums])


async def acknowledge(turn: Turn) -> Reply:
    """Says what came without a word; without a form it asks what it shows."""
    told = await _told(turn) or "Ảnh hay tệp này em đã có rồi ạ."
    if turn.talk.form is not None:
        return Reply(told)
    loose = [piece.kind for piece in turn.pieces if piece.state is not EvidenceState.REFUSED]
    if turn.opened not in (None, "picture"):  # a question beside the form is open
        turn.kept_open = True
        return Reply(f"{told} Anh/chị trả lời tiếp câu trên giúp em nhé.")
    if not loose:
        return Reply(told)
    if loose[0] in (EvidenceKind.VOICE, EvidenceKind.AUDIO):
        return await _owe_listening(turn)
    if loose[0] is EvidenceKind.CONTACT:
        return Reply(told)
    standing = [need for need in await needs.of_person(turn.db, turn.person.id) if need.state in STANDING]
    if standing:
        return _ask_which_need(
            told, [(n.code, (n.fields.get("wish") or n.fields.get("product") or {})) for n in standing]
        )
    turn.talk.open = "picture"
    if loose[0] is EvidenceKind.LOCATION:
        return Reply(f"{told} Ở chỗ này anh/chị đang cần giúp việc gì ạ?")
    shows = "chụp gì" if loose[0] is EvidenceKind.PHOTO else "nói về việc gì"
    what = KIND_WORDS[loose[0]].capitalize()
    return Reply(f"{told} {what} {shows}, anh/chị đang gặp khó khăn gì ạ?")


def _ask_which_need(told: str, standing: list[tuple[str, dict[str, Any]]]) -> Reply:
    choices = [
        Choice(f"Bổ sung vào {code}", f"attach:{code}", ("bo sung", "phieu cu", "them vao")) for code, _ in standing[:2]
    ]
    choices.append(Choice("Việc mới", "attach:new", ("moi", "phieu moi", "khac", "viec khac")))
    named = " hay ".join(f"{code} ({trimmed(str(wish.get('words', '')), 40)})" for code, wish in standing[:2])
    return Reply(f"{told} Mình bổ sung vào phiếu {named}, hay đây là việc mới ạ?", tuple(choices), quick=True)


async def attach(turn: Turn, choice: str) -> Reply:
    """Hangs what was sent lately on a standing need, or asks what the new matter is."""
    need = await needs.by_code(turn.db, choice) if choice != "new" else None
    if need is None or need.person_id != turn.person.id:
        turn.talk.open = "picture"
        return Reply("Dạ. Anh/chị kể ngắn giúp em: làm sản phẩm gì, đang gặp khó khăn gì ạ?")
    hung = await kept.add_to_need(turn.db, turn.person.id, need.id, turn.now)
    if not hung:
        return Reply(f"Em không thấy ảnh hay tệp nào mới để bổ sung vào phiếu {need.code} ạ.")
    return Reply(f"Em đã bổ sung {counted(p.kind for p in hung)} vào phiếu {need.code}. Cán bộ phụ trách sẽ thấy.")


async def _owe_listening(turn: Turn) -> Reply:
    """A voice that belongs to no form is heard by an officer, by a time that is told."""
    due_at = turn.office.worktime.promise(turn.now)
    said = "(lời nhắn thoại, cần nghe)"
    ticket = await tickets.open_ticket(turn.db, TicketKind.OFFICER, turn.person.id, said, turn.now, due_at, "voice")
    await dues.plan(turn.db, "ticket", f"ticket:{ticket.code}", ticket.due_at, turn.person.id, {"code": ticket.code})
    await kept.hang_on_ticket(turn.db, [piece.id for piece in turn.pieces], ticket.code)
    turn.talk.open = "picture"
    return Reply(
        f"Em đã lưu lời nhắn cho cán bộ, mã {ticket.code}; cán bộ nghe rồi trả lời trước {say_time(ticket.due_at)}. "
        "Hoặc anh/chị gõ ngắn giúp em một câu, em làm ngay ạ."
    )


async def mention(turn: Turn, reply: Reply) -> Reply:
    """The reply to the words of a burst, after one line about what came with them."""
    if not reply.text:
        return reply
    opened = turn.talk.form is not None and any(piece.form_id is None for piece in turn.pieces)
    return _after(_unkept(turn) if opened else await _told(turn), reply)


async def hang(turn: Turn, reply: Reply) -> Reply:
    """Hangs what was sent lately on the form that this turn opened, and says so."""
    assert turn.talk.form_id is not None
    hung = await kept.hang_on_form(turn.db, turn.person.id, turn.talk.form_id, turn.now)
    for piece in hung:
        await _propose_place(turn, piece.latitude, piece.longitude)
    if not hung or not reply.text:
        return reply
    return _after(f"Em đã đính {counted(piece.kind for piece in hung)} vào phiếu.", reply)


def _after(told: str, reply: Reply) -> Reply:
    if not told:
        return reply
    return replace(reply, text=f"{told}\n{reply.text}")


async def _told(turn: Turn) -> str:
    """One line about the things of this burst."""
    lines = [_hung(turn, await _on_the_form(turn)), _unkept(turn)]
    return " ".join(line for line in lines if line)


async def _on_the_form(turn: Turn) -> list[Piece]:
    if turn.talk.form is None or turn.talk.form_id is None:
        return []
    return await kept.of_form(turn.db, turn.talk.form_id)


def _hung(turn: Turn, on_form: Iterable[Piece]) -> str:
    good = [piece.kind for piece in turn.pieces if piece.state is not EvidenceState.REFUSED]
    plain = [kind for kind in good if kind not in (EvidenceKind.VOICE, EvidenceKind.AUDIO, EvidenceKind.CONTACT)]
    lines = []
    if plain and turn.talk.form is None:
        lines.append(f"Em đã nhận {counted(plain)}.")
    elif plain:
        whole = [piece.kind for piece in on_form if piece.kind in plain]
        more = len(whole) > len(plain)
        lines.append(
            f"Em đã đính thêm {counted(plain)}, phiếu giờ có {counted(whole)}."
            if more
            else f"Em đã đính {counted(plain)} vào phiếu."
        )
    if EvidenceKind.VOICE in good or EvidenceKind.AUDIO in good:
        lines.append(VOICE)
    if EvidenceKind.CONTACT in good:
        lines.append(OTHERS_CARD)
    return " ".join(lines)


def _unkept(turn: Turn) -> str:
    """What is said of things that were not kept."""
    lines = []
    large = [piece.kind for piece in turn.pieces if piece.reason == Refusal.TOO_LARGE]
    if large:
        lines.append(too_large(large[0], turn.office.file_limits))
    if any(piece.reason == Refusal.GONE for piece in turn.pieces):
        lines.append("Có tệp em không nhận được, anh/chị gửi lại giúp em.")
    if strange(turn):
        lines.append(UNREAD)
    return " ".join(lines)


def too_large(kind: EvidenceKind, limits: Limits) -> str:
    """Declines a file that is too large, with what to do instead."""
    image, other = limits.image // MB, limits.file // MB
    most = {EvidenceKind.PHOTO: f"{image} MB", EvidenceKind.DOCUMENT: f"{other} MB, ảnh {image} MB"}.get(
        kind, f"{other} MB"
    )
    instead = "ảnh nhỏ hơn" if kind is EvidenceKind.PHOTO else "ảnh"
    return (
        f"{KIND_WORDS[kind].capitalize()} này quá lớn (em nhận đến {most}), anh/chị gửi {instead} hoặc tả ngắn giúp em."
    )


async def answer_sticker(turn: Turn) -> Reply:
    """A sticker gets one kind word, never two in a row."""
    if turn.talk.last_was_sticker:
        return SILENCE
    if turn.talk.form is not None:
        return Reply("Dạ.")
    return Reply("Dạ, em đây ạ. Anh/chị cần em giúp gì cứ nhắn nhé.")


# --- after a picture --------------------------------------------------------------------------------------------
def tells_picture(turn: Turn) -> bool:
    """Whether words without a form say what the things sent before show."""
    said = turn.said
    if turn.talk.form is not None or turn.opened != "picture" or said.asks:
        return False
    return said.act in ("declare_need", "out_of_scope", "correct", "give_feedback") or not said.sure


# --- places -----------------------------------------------------------------------------------------------------
async def propose_places(turn: Turn) -> None:
    """Lets a location that was sent propose the communes it may lie in, for the question where the work is done."""
    for item in turn.sent:
        if not item.forwarded:
            await _propose_place(turn, item.latitude, item.longitude)


async def _propose_place(turn: Turn, latitude: float | None, longitude: float | None) -> None:
    form = turn.talk.form
    if form is None or latitude is None or longitude is None or Field.PLACE.value in form:
        return
    found = nearest(await knowledge.place_points(turn.db), latitude, longitude, SHOWN_PLACES)
    rows: list[dict[str, Any]] = [
        {"label": name, "value": {"province": "Lạng Sơn", "unit": name[:1].lower() + name[1:]}} for name in found
    ]
    if rows:
        turn.talk.pending["place"] = [*rows, {"label": "Xã khác", "value": None, "whole": ""}]


# --- what became of a file --------------------------------------------------------------------------------------
ENDINGS = {
    Refusal.WRONG_TYPE: "em không mở được loại tệp này (em nhận ảnh, PDF, Word, Excel, ghi âm, video MP4)",
    Refusal.BROKEN: "tệp bị hỏng hoặc tải lên chưa hết",
    Refusal.EMPTY: "tệp rỗng",
    Refusal.GONE: "em không tải về được nữa",
    Refusal.OUT_OF_REACH: "em tải mãi không được",
}


async def tell_refused(db: Connection, piece: Piece, reason: Refusal, limits: Limits, now: datetime) -> None:
    """Tells a person, once for a burst, that a file could not be kept after all."""
    what = KIND_WORDS[piece.kind]
    if reason is Refusal.TOO_LARGE:
        text = too_large(piece.kind, limits)
    else:
        text = f"{what.capitalize()} anh/chị vừa gửi: {ENDINGS[reason]}. Anh/chị gửi lại giúp em hoặc tả ngắn bằng lời nhé."
    await outbox.put(db, Kind.NOTICE, piece.person_id, Reply(text), f"file:{piece.turn}:{reason.value}", now, now)
