"""Asks once whether somebody who names a technology in trade looks for it or offers it."""

import re

from conversation.offer_form import thing_named
from conversation.reply import Choice, Reply, shorten
from domain.text import fold
from handlers import intake, offering
from handlers.offer_draft import FLOW
from handlers.turn import Turn
from nlu.understanding import Context

TRADES = re.compile(r"\b(?:chuyen giao|nhuong|cung cap|lap dat|cho thue|thanh ly|hop tac|phan phoi|dai ly)\b")


def unclear(turn: Turn) -> bool:
    """Whether a message names a technology in trade without saying which side it is on: seeking or offering."""
    named = thing_named(turn.text) is not None and bool({"product", "process"} & set(turn.entities))
    sides = {FLOW, "declare_need", "see_offers", "out_of_scope"}
    near = any(guess.act in sides for guess in turn.said.readings[:4]) and not turn.said.sure
    return named and near and not turn.said.asks and TRADES.search(fold(turn.text)) is not None


async def ask_side(turn: Turn) -> Reply:
    """Asks once which side somebody is on; the words are kept for the answer."""
    turn.talk.pending["side"] = turn.text[:1000]
    choices = (
        Choice("Đang cần tìm", "side:need", ("can tim", "tim", "can mua", "mua", "can", "tim mua", "nhan")),
        Choice("Muốn chào", "side:offer", ("chao", "ban", "chao ban", "co san", "muon ban", "gioi thieu")),
    )
    thing = shorten(thing_named(turn.text) or turn.text, 80)
    return Reply(f"Anh/chị đang cần tìm hay muốn chào “{thing}” ạ?", choices, quick=True)


async def settle(turn: Turn, side: str) -> Reply:
    """Opens the form of the chosen side with the words that were not clear."""
    said = turn.talk.pending.pop("side", None)
    if said is None:
        return await (offering.begin(turn) if side == "offer" else intake.start(turn))
    thing = thing_named(said) or said
    turn.text, turn.pressed = said if side == "offer" else f"cần {thing[:1].lower()}{thing[1:]}", None
    turn.said = turn.office.mind.understand(turn.text, Context(), turn.now)
    if side == "offer":
        return await offering.begin(turn)
    opened = await intake.declare(turn)
    turn.talk.own_words = [said]
    return opened
