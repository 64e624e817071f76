"""Tells about a named support programme, or which ones look fitting."""

from conversation.kinds import read_kinds
from conversation.reply import Choice, Reply, shorten
from domain.kinds import Kind
from domain.programme import Programme, ProgrammeState, ended
from domain.worktime import say_day, say_time
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, standing_words, trimmed
from storage import dues, knowledge, needs, tickets
from storage.tickets import TicketKind

SHOWN = 3
DEFAULT_NEEDS = ("đổi mới", "ứng dụng")


async def tell(turn: Turn) -> Reply:
    """Answers about the programme that was named, or the one the talk is about."""
    programme_id = turn.said.programme or turn.talk.recall_programme(turn.now)
    programme = await knowledge.find_programme(turn.db, programme_id) if programme_id else None
    if programme is None:
        return Reply("Anh/chị hỏi chương trình nào ạ? Ví dụ “Quỹ NATIF” hoặc “Nghị định 80”.")
    return await say_programme(turn, programme)


async def by_id(turn: Turn, programme_id: str) -> Reply:
    """Answers about a programme chosen from a list."""
    programme = await knowledge.find_programme(turn.db, programme_id)
    if programme is None:
        return Reply("Em không còn thấy chương trình này trong danh sách ạ.")
    return await say_programme(turn, programme)


async def say_programme(turn: Turn, programme: Programme) -> Reply:
    """Says what a programme is and whether it holds now; what is unsure goes to the officers."""
    spoken_aloud = "" if turn.said.programme == programme.id else f"(Về {programme.short_name}) "
    turn.talk.speak_of(programme.id, turn.now)
    tail = [standing_words(programme, turn.today)]
    if ended(programme, turn.today.isoformat()):
        tail += await _successor(turn, programme)
    elif programme.state is ProgrammeState.UNSURE:
        tail.append(await _passed_on(turn, programme))
    tail.append(_document(programme))
    end = "\n".join(line for line in tail if line)
    body = shorten(f"{spoken_aloud}{programme.name}: {programme.summary}", max(turn.room - len(end) - 1, 100))
    return Reply(f"{body}\n{end}", (ASK_OFFICER,), quotes=(programme.id,))


def _document(programme: Programme) -> str:
    name = programme.document.get("number") or ""
    checked = "/".join(reversed(programme.verified_on.split("-"))) if programme.verified_on else ""
    source = f"Văn bản: {name}. " if name else ""
    return f"{source}Cập nhật {checked}." if checked else source.strip()


async def _successor(turn: Turn, programme: Programme) -> list[str]:
    if programme.superseded_by:
        following = await knowledge.find_programme(turn.db, programme.superseded_by)
        if following is not None:
            return [f"Nay xem: {following.short_name} ({standing_words(following, turn.today).rstrip('.').lower()})."]
    return [shorten(programme.superseded_note, 160)] if programme.superseded_note else []


async def _passed_on(turn: Turn, programme: Programme) -> str:
    due_at = turn.office.worktime.promise(turn.now)
    ticket = await tickets.open_ticket(
        turn.db,
        TicketKind.ANSWER,
        turn.person.id,
        turn.text[:1000],
        turn.now,
        due_at,
        about=f"programme:{programme.id}",
    )
    await dues.plan(turn.db, "ticket", f"ticket:{ticket.code}", ticket.due_at, turn.person.id, {"code": ticket.code})
    return f"Em đã chuyển cán bộ xác nhận, mã {ticket.code}, trả lời trước {say_time(ticket.due_at)}."


async def find(turn: Turn) -> Reply:
    """Names the programmes whose purpose looks fitting, with the one decision left to the Department."""
    chosen = (await knowledge.serving(turn.db, await _wishes(turn), turn.today))[:SHOWN]
    if not chosen:
        return Reply(
            "Em chưa thấy chương trình nào hợp rõ ràng. Anh/chị nói thêm cần hỗ trợ việc gì ạ?", (ASK_OFFICER,)
        )
    room = max((turn.room - 190) // len(chosen), 60)
    lines = [shorten(f"- {p.short_name}: {p.summary}", room) for p in chosen]
    choices = tuple(Choice(trimmed(p.short_name), f"programme:{p.id}") for p in chosen)
    text = "Theo việc anh/chị nêu, em thấy có vẻ hợp:\n" + "\n".join(lines)
    text += f"\nCó được hỗ trợ hay không do Sở, hội đồng quyết định. Cập nhật {say_day(turn.today)}."
    return Reply(text, (*choices, ASK_OFFICER), quotes=tuple(p.id for p in chosen))


async def _wishes(turn: Turn) -> tuple[str, ...]:
    """The kinds of help that the message, the open form or the newest need asks for."""
    said = read_kinds(turn.text)
    if said != (Kind.SEARCH,):
        return said
    if turn.talk.form is not None and turn.talk.own_words:
        return read_kinds(" ".join(turn.talk.own_words))
    mine = await needs.of_person(turn.db, turn.person.id)
    return mine[0].kinds if mine and mine[0].kinds else DEFAULT_NEEDS
