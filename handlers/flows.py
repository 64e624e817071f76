"""Answers a message while another flow than the need form has its question open: the finder, an offer, its price."""

from dataclasses import replace

from conversation.reply import Reply
from handlers import asides, attending, events, greeting, intake, listed_programmes, offering, programmes, supply, wants
from handlers.acting import by_act, declare
from handlers.beside import answer_aside
from handlers.control import control_word
from handlers.routes import ACTS
from handlers.special import special
from handlers.turn import Turn

LONGEST_ANSWER = 6  # words of an answer to the finder; a longer message that tells a need is one
LEAST_ASKED = 3  # words of a question


async def in_flow(turn: Turn, act: str) -> Reply:
    """The answer to the open question of a flow goes to its handler; a question asked instead leaves it open."""
    told = turn.said.act == "declare_need" and turn.said.sure
    if act == programmes.FLOW and wants.opens_form(turn):
        turn.unclear = "" if "product" in turn.entities else str(turn.talk.finder.get("said") or "")
        return await declare(turn)
    if act == programmes.FLOW and told and len(turn.text.split()) > LONGEST_ANSWER and "process" in turn.entities:
        return await declare(turn)
    if act == programmes.FLOW and listed_programmes.refers(turn):
        return await listed_programmes.answer(turn)
    if act == programmes.FLOW and programmes.reads(turn):
        return await programmes.find(turn)
    meant = special(turn)
    aside = asides.digression(turn)
    if meant is None and (aside is None or aside.act == act):
        if act == programmes.FLOW and (told or wants.seeks_device(turn)):
            return await declare(turn)
        if act == programmes.FLOW and _asks_else(turn):
            turn.kept_open = True
            again = programmes.ask_again(turn)
            return (await by_act(turn)).then(again if turn.talk.open is None or turn.talk.open == act else None)
        return await ACTS[act](turn)
    turn.kept_open = True
    if meant is not None:
        reply = await meant(turn)
    else:
        assert aside is not None
        reply = await answer_aside(turn, aside)
    again = programmes.ask_again(turn) if act == programmes.FLOW and turn.talk.open is None else None
    return reply.then(again)


def _asks_else(turn: Turn) -> bool:
    """Whether a message to the finder is an unclear question about something else: "nên lập công ty trước hay xin trước"."""
    known = turn.said.act in (programmes.FLOW, "affirm", "deny", "dont_know")
    return turn.said.asks and not known and len(turn.text.split()) > LEAST_ASKED


async def in_offer(turn: Turn) -> Reply:
    """An answer to the offer's open question, or something else, which leaves that question open."""
    reply = await offering.obey(turn)
    if reply is not None:
        return reply
    control = control_word(turn)
    if control is intake.resume:
        return await offering.resume(turn)
    if control is not None:
        return await control(turn)
    if greeting.insults(turn):
        return await greeting.calm(turn)
    if offering.seeks(turn):
        opened = await declare(turn)
        return replace(opened, text=f"Bản chào em giữ lại đó ạ. {opened.text}")
    attended = await attending.take(turn) if turn.topic == events.TOPIC or attending.signs_up(turn) else None
    if attended is not None:
        return attended
    aside = asides.digression(turn)
    if aside is not None and offering.lets(turn, aside):
        return await answer_aside(turn, aside)
    if offering.asks(turn):
        return await by_act(turn)
    return await offering.take(turn)


async def in_price(turn: Turn) -> Reply:
    """A new price for something offered before, or something else, which leaves that question open."""
    aside = asides.digression(turn)
    control = control_word(turn)
    if control is None and (aside is None or not offering.lets(turn, aside)):
        return await supply.take_price(turn)
    reply = await control(turn) if control is not None else await answer_aside(turn, aside)  # type: ignore[arg-type]
    return reply.then(await supply.price_asked_again(turn))
