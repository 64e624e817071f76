"""Answers a message by the act it is: a sure one at once, an unclear one with a choice of readings, at last a human."""

import re
from dataclasses import replace

from conversation.reply import LIMIT, Reply, shorten
from domain.need import Field
from domain.text import fold
from handlers import (
    answers,
    attending,
    corrections,
    documents,
    draft,
    evidence,
    filling,
    greeting,
    intake,
    offering,
    offers,
    programmes,
    sides,
    supply,
    wants,
)
from handlers.beside import answer_aside, beside, saying
from handlers.routes import ACTS
from handlers.turn import Turn
from nlu.understanding import Context, Understanding

MOST_OF_A_GREETING = 6  # words; a longer message says something beside it
AT_A_LOSS = re.compile(
    r"^\W*(?:\w+\s+){0,2}(?:khong|ko|k|chua|chang|cha)\s+biet\s+(?:phai\s+)?(?:noi|hoi|ke|nhan|viet|ghi|bat dau)\b"
)
FOLLOWS = re.compile(r"^\W*(?:the|vay|con|the con|vay con|roi)\s")  # goes on from what was asked before
LISTS, NEARLY_SURE = ("list_events", "see_offers"), 0.75
LIKELY_FINDER = 0.4
LIKELY_NEED, LEAST_TOLD = 0.7, 5  # confidence, words
ABOUT_LAW = frozenset(("ask_policy", "ask_programme", "find_programme", "out_of_scope", "give_feedback"))


async def _of_law(turn: Turn) -> Reply | None:
    """The answer to a message that names a document or a programme which what was understood does not treat of."""
    if turn.said.sure and turn.said.act not in ABOUT_LAW:
        return None
    judged = await documents.judged(turn)
    if judged is None and await programmes.names_unknown(turn):
        judged = await programmes.tell_unknown(turn)
    return judged


async def by_act(turn: Turn) -> Reply:
    """Answers a sure act; asks at most twice, then a human answers."""
    said = turn.said
    joined = _joined(turn) if FOLLOWS.match(fold(turn.text)) else None
    if joined is not None:
        turn.talk.unsure_turns = 0
        return await answer_aside(turn, joined)
    judged = await _of_law(turn)
    if judged is not None:
        turn.talk.unsure_turns = 0
        return await beside(turn, saying(judged))
    supplies = (supply.plainly(turn) and not wants.takes_over(turn)) or supply.sells(turn)
    if turn.talk.form is None and supplies:
        return await offering.begin(turn)
    if supply.asks_how(turn):
        turn.talk.unsure_turns = 0
        return await answer_aside(turn, replace(said, act="ask_policy", answer=supply.HOW_TO_OFFER))
    if turn.talk.form is None and (programmes.asks_for_own(turn) or wants.seeks_aid(turn)):
        turn.talk.unsure_turns = 0
        return await programmes.find(turn)
    if wants.asks_price(turn) and said.act in ("ask_policy", "see_offers", "declare_need", "out_of_scope"):
        turn.talk.unsure_turns = 0
        return await beside(turn, offers.browse)
    if evidence.tells_picture(turn) or (turn.talk.form is None and wants.tells_need(turn)):
        return await declare(turn)
    if programmes.asks_which(turn):
        turn.talk.unsure_turns = 0
        return await beside(turn, programmes.find)
    if said.act == "give_feedback" and {"capacity", "budget", "deadline"} & set(turn.entities):
        return await _ask_back(turn)  # "trồng 700 gốc trên 6 sào" rates nothing
    if said.sure and said.act in ACTS and not _greets_in_vain(turn):
        turn.talk.unsure_turns = 0
        if said.act == "declare_need":
            return await declare(turn)
        if turn.talk.form is not None:
            return await beside(turn, ACTS[said.act])
        return await ACTS[said.act](turn)
    if (said.sure and said.act in ("affirm", "deny", "dont_know", "correct")) or _puts_off(turn):
        return await _nodded(turn)
    return await _likeliest(turn)


async def _likeliest(turn: Turn) -> Reply:
    """A message no act is sure of: what it most likely asks, when being wrong costs little; else a question back."""
    said = turn.said
    if _most_likely_need(turn):
        return await declare(turn)
    story = next((part for part in turn.parts if part.sure and part.act == "declare_need"), None)
    if story is not None:
        return await declare(turn)
    asked = next((part for part in turn.parts if part.sure and part.act in ACTS and attending.may_book(part)), None)
    if asked is not None:
        return await answer_aside(turn, asked)
    if turn.talk.form is None and sides.unclear(turn):
        return await sides.ask_side(turn)
    if said.act in LISTS and said.confidence >= NEARLY_SURE:  # a list shown in vain costs little
        turn.talk.unsure_turns = 0
        return await beside(turn, ACTS[said.act])
    if turn.talk.form is None and said.act == programmes.FLOW and said.confidence >= LIKELY_FINDER:
        turn.talk.unsure_turns = 0
        return await programmes.find(turn)  # its first question is easily left again
    if wants.asks_for_offers(turn):
        return await beside(turn, offers.browse)
    named = said.programme if said.act == "ask_programme" else _named_programme(said)
    if said.act in ("ask_policy", "ask_programme") and named is not None:
        turn.talk.unsure_turns = 0
        return await beside(turn, lambda again: programmes.by_id(again, named))
    if turn.talk.form is None and turn.talk.unsure_turns and {"org_form", "org_size"} & set(turn.entities):
        turn.talk.unsure_turns = 0  # who they are, said instead of one of the offered readings
        return await programmes.find(turn)
    return await _ask_back(turn)


async def _nodded(turn: Turn) -> Reply:
    """A yes, a no or a correction that answers nothing: at the card it is about the card."""
    act = turn.said.act
    if turn.talk.form is None or draft.open_question(turn) is not None or act == "dont_know":
        return await beside(turn, greeting.nod)
    if act == "affirm":
        return await draft.ask(turn)
    if len(turn.talk.own_words) < draft.MOST_OWN_WORDS and len(turn.text.split()) > 3:
        turn.talk.own_words.append(turn.text[:500])
    which = turn.offered and any(choice.action.startswith("edit:") for choice in turn.offered[0])
    return await draft.ask(turn) if which else await corrections.ask_which(turn)


async def _ask_back(turn: Turn) -> Reply:
    """What an unclear message means with the one before it, else a choice of readings; the third time a human answers."""
    if (joined := _joined(turn)) is not None:
        turn.talk.unsure_turns = 0
        return await answer_aside(turn, joined)
    if wants.goes_on_telling(turn) or wants.names_goods(turn):
        turn.talk.unsure_turns = 0
        return await declare(turn)
    turn.talk.unsure_turns += 1
    turn.talk.topic = turn.topic  # what is not understood changes no subject
    if turn.said.act != "dont_know" and not AT_A_LOSS.match(
        fold(turn.text)
    ):  # "không biết nói thế nào" tells nothing of a need
        turn.talk.unclear = f"{turn.unclear}. {turn.text}"[-300:] if turn.unclear else turn.text[:300]
    if turn.talk.unsure_turns > 2:
        turn.talk.unsure_turns = 0
        return await beside(turn, answers.promise_answer)
    guesses = turn.said.readings if turn.talk.unsure_turns == 1 else ()
    return await beside(turn, lambda again: answers.clarify(again, guesses), filling.keep_facts(turn))


def _most_likely_need(turn: Turn) -> bool:
    """Whether a longer message that asks nothing is read as a need, though not surely: it is rather opened than asked back."""
    said = turn.said
    likely = said.act == "declare_need" and said.confidence >= LIKELY_NEED and not said.asks
    return likely and turn.talk.form is None and len(turn.text.split()) >= LEAST_TOLD


def _puts_off(turn: Turn) -> bool:
    """Whether somebody of whom nothing is asked most likely says no or not yet: "thôi để mai tính"."""
    said = turn.said
    likely = said.act in ("deny", "dont_know") and said.confidence >= wants.LIKELY
    return likely and turn.talk.form is None and not said.asks and not turn.entities


def _greets_in_vain(turn: Turn) -> bool:
    """Whether a longer question or story was read as a greeting, for a word like "chao" in it."""
    if turn.said.act != "greet" or len(turn.text.split()) <= MOST_OF_A_GREETING:
        return False
    return turn.said.asks or wants.greets_and_tells(turn)


def _joined(turn: Turn) -> Understanding | None:
    """What an unclear message asks together with the unclear one before it, or with the wish of the open form:
    "làm tem truy xuất" … "thế có được hỗ trợ tiền không"."""
    wish = ((turn.talk.form or {}).get(Field.WISH) or {}).get("words", "")
    goes_on = turn.said.asks and FOLLOWS.match(fold(turn.text))
    before = turn.talk.unclear if turn.talk.unsure_turns else str(wish) if goes_on else ""
    if not before:
        return None
    context = Context(programme=turn.talk.recall_programme(turn.now))
    read = turn.office.mind.understand(f"{before} {turn.text}", context, turn.now)
    return read if read.sure and read.act in ("ask_policy", "ask_programme") else None


def _named_programme(said: Understanding) -> str | None:
    """The programme that an unsure question names: what it is answers most questions about it."""
    return next(
        (guess.programme for guess in said.alternatives if guess.act == "ask_programme" and guess.programme), None
    )


async def declare(turn: Turn) -> Reply:
    """Opens the form; a question asked in the same breath is answered in the same message."""
    opened = await intake.declare(turn)
    asked = next(
        (p for p in turn.parts if p.sure and p.asks and p.act in ("ask_policy", "find_programme", "ask_programme")),
        None,
    )
    if asked is None and wants.asks_aid(turn):
        asked = replace(turn.said, act=programmes.FLOW)  # "có được Nhà nước hỗ trợ đồng nào không" beside the need
    if asked is None:
        return opened
    turn.room = max(turn.room - len(opened.text) - 2, 160)
    turn.said = asked
    reply = await ACTS[asked.act](turn)
    return replace(reply, text=shorten(reply.text, max(LIMIT - len(opened.text) - 2, 120))).then(opened)
