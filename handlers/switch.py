"""The kill switch by name: which answer, topic or programme an officer means, off at once, on again by two."""

from dataclasses import dataclass

from domain.officer import Officer, Permission
from domain.text import fold
from handlers.turn import Turn
from storage import knowledge, pulls
from storage.pulls import Pull

NOUN_WORDS = {"answer": "câu", "topic": "chủ đề", "programme": "chương trình"}


@dataclass(frozen=True)
class Named:
    """What is meant: its noun with its id, how a person calls it, what was said behind it."""

    noun: str
    id: str
    words: str
    reason: str

    @property
    def said(self) -> str:
        """With its noun: "chương trình natif-voucher"."""
        return f"{NOUN_WORDS[self.noun]} {self.id}"


async def find(turn: Turn, rest: str, code: str = "", behind: str = "") -> Named | None:
    """The answer, programme or topic that the words begin with; `code` is an answer's id already read from them."""
    head, _, tail = rest.strip().partition(" ")
    rows = {id_: versions[-1] for id_, versions in (await knowledge.versions(turn.db)).items()}
    for id_, reason in ((code, behind), (head, tail)):
        if id_ in rows:
            return Named("answer", id_, rows[id_].question, reason.strip())
    held = await knowledge.programmes(turn.db)
    if head in held:
        return Named("programme", head, held[head].name, tail.strip())
    if head in {row.topic for row in rows.values()}:
        count = sum(row.topic == head for row in rows.values())
        return Named("topic", head, f"{count} câu trả lời", tail.strip())
    folded = fold(rest.strip())
    called = [programme for programme in held.values() if folded.startswith(fold(programme.short_name))]
    if not called:
        return None
    best = max(called, key=lambda programme: len(programme.short_name))
    return Named("programme", best.id, best.name, rest.strip()[len(best.short_name) :].strip(" :,"))


async def pulled(turn: Turn, named: Named) -> Pull | None:
    """The open pull of it, if it is off."""
    return next(
        (one for one in await pulls.open_pulls(turn.db) if (one.noun, one.noun_id) == (named.noun, named.id)), None
    )


async def off(turn: Turn, officer: Officer, named: Named) -> str:
    """Turns it off in every process; what was done, in words."""
    done = await pulls.pull_back(turn.db, named.noun, named.id, officer.name, named.reason or "tắt từ chat", turn.now)
    return f"Đã tắt {named.said}." if done else f"{named.said.capitalize()} đã tắt từ trước."


async def on(turn: Turn, officer: Officer, named: Named) -> str:
    """Asks for it back, or gives it back on somebody else's asking; what was done, in words."""
    held = await pulled(turn, named)
    if held is None:
        return f"{named.said.capitalize()} đang dùng, không cần bật."
    if held.asked_back_by is None:
        await pulls.ask_back(turn.db, named.noun, named.id, officer.name, named.reason or "xin bật từ chat", turn.now)
        return f"Đã ghi lời xin bật lại {named.said}. Cần một người duyệt khác gõ /bat {named.id}."
    if held.asked_back_by == officer.name or not officer.may(Permission.APPROVE):
        return f"{named.said.capitalize()} đang chờ một người duyệt khác bật lại."
    await pulls.give_back(turn.db, named.noun, named.id, officer.name, named.reason, turn.now)
    return f"Đã bật lại {named.said}; ai hỏi lúc tắt sẽ được báo một lần."
