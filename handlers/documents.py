"""Answers about a legal document by its number: whether it holds now, what holds instead, or that it is not known here."""

import re

from conversation.reply import Choice, Reply, shorten
from domain.document import Citation, Document, Documents, Force, force
from domain.programme import Programme
from domain.text import fold
from handlers.sources import force_words, now_instead
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, trimmed
from storage import knowledge

SUGGESTED = 3
VALID = re.compile(
    r"\b(?:con|het) (?:hieu luc|han|dung|ap dung|gia tri)|\bcon (?:khong|ko|k)\b|\b(?:bi|da|duoc) (?:thay|bai bo)"
)


async def judged(turn: Turn) -> Reply | None:
    """The answer to a message that names a document which what was understood does not treat of; else None."""
    documents = await knowledge.documents(turn.db)
    cited = documents.find(turn.text)
    if not cited:
        return None
    unknown = next((one for one in cited if one.document is None and _surely_number(one)), None)
    if unknown is not None:
        return _not_known(unknown, documents)
    named = [one.document for one in cited if one.document is not None]
    held = await knowledge.programmes(turn.db)
    if not named or any([await _treats_of(turn, paper, documents, held) for paper in named]):
        return None
    return say_document(turn, named[0], documents, held)


def _surely_number(one: Citation) -> bool:
    """Whether the words can only be a document's number: with a slash, "số", or as long as such numbers are."""
    head, digits = fold(one.said).split()[0], re.findall(r"\d+", one.said)[0]
    written_out = head in ("nghi", "thong") and len(digits) >= 2
    return "/" in one.said or " so " in fold(one.said) or len(digits) >= 3 or written_out


async def _treats_of(turn: Turn, paper: Document, documents: Documents, held: dict[str, Programme]) -> bool:
    """Whether the answer or programme that was understood is about this document."""
    said = turn.said
    if not said.sure:
        return False
    if said.act == "ask_programme" and said.programme in held:
        return held[said.programme].document.get("number") == paper.id
    if said.act == "ask_policy" and said.answer:
        version = await knowledge.find_answer(turn.db, said.answer, turn.today)
        if version is not None and VALID.search(fold(turn.text)):
            return paper in documents.known(version.question)  # whether it holds is another question than what it says
        if version is not None:
            labels = " ; ".join(row["label"] for row in version.basis)
            return paper in documents.known(f"{version.question}\n{version.short}\n{labels}")
    return False


def _not_known(one: Citation, documents: Documents) -> Reply:
    """Says that a number is not among the documents known here, with documents that come near it."""
    said = " ".join(one.said.split())
    near = documents.like(said)[:SUGGESTED]
    text = f"Em không thấy “{said}” trong danh mục văn bản đang có, nên không dám nói nội dung hay hiệu lực."
    if near:
        rows = "\n".join(f"- {paper.label}: {shorten(paper.title, 70)}" for paper in near)
        return Reply(f"{text} Số gần giống:\n{rows}\nAnh/chị xem lại số giúp em nhé.", (ASK_OFFICER,))
    return Reply(f"{text} Anh/chị xem lại số, hoặc để cán bộ kiểm tra giúp ạ.", (ASK_OFFICER,))


def say_document(turn: Turn, paper: Document, documents: Documents, held: dict[str, Programme]) -> Reply:
    """Whether a document holds on this day, since when, what replaced it, which programmes stand on it."""
    stands = force(paper, turn.today)
    standing = force_words(paper, turn.today) or "đang có hiệu lực" + (
        f" từ {_day(paper.since)}" if paper.since else ""
    )
    instead = now_instead(paper, documents) if stands is not Force.HOLDS else ""
    title = "" if paper.title == paper.label else f" ({paper.title})"
    parts = [f"{paper.label}{title} {standing}" + (f", {instead}." if instead else "."), paper.note]
    standing_on = [p for p in held.values() if p.document.get("number") in (paper.id, *paper.replaced_by)]
    asks = "Anh/chị muốn hỏi phần nào của văn bản này ạ?" if standing_on else ""
    checked = f"Căn cứ: {paper.label}. Cập nhật {_day(paper.verified_on)}." if paper.verified_on else ""
    text = "\n".join(part for part in (" ".join(part for part in parts if part), checked, asks) if part)
    if standing_on:  # "bên em có được không" then asks which of them
        turn.talk.show_list("programmes", [p.id for p in standing_on])
        turn.talk.forget_programme()
        if len(standing_on) == 1:
            turn.talk.speak_of(standing_on[0].id, turn.now)
    choices = tuple(Choice(trimmed(p.short_name), f"programme:{p.id}") for p in standing_on[:SUGGESTED])
    return Reply(text, (*choices, ASK_OFFICER))


def _day(said: str) -> str:
    return "/".join(reversed(said.split("-")))
