"""Answers something beside the open question of the form, which is asked again in the same message."""

from dataclasses import replace

from conversation.reply import LIMIT, Reply, shorten
from handlers import draft, filling
from handlers.routes import ACTS, Handler
from handlers.turn import Turn
from nlu.understanding import Understanding


async def answer_aside(turn: Turn, aside: Understanding) -> Reply:
    """Answers a digression with the open question repeated; facts stated beside it are kept."""
    before = ""
    if aside is not turn.said:
        before = filling.keep_facts(turn)
    handler = ACTS[aside.act]
    turn.said = replace(aside, entities={**turn.said.entities, **aside.entities})
    return await beside(turn, handler, before)


async def beside(turn: Turn, handler: Handler, before: str = "") -> Reply:
    """A handler's reply, followed by the form's open question when a form is open."""
    if turn.talk.form is None:
        return await handler(turn)
    question = await draft.ask(turn, before)
    if draft.open_question(turn) is None:
        question = Reply("Phiếu đã đủ ý: anh/chị gửi luôn chứ ạ?", draft.CARD_CHOICES, quick=True)
    turn.room = max(turn.room - len(question.text) - 2, 160)
    reply = await handler(turn)
    if turn.talk.form is None or not reply.text:
        return reply
    body = reply.text if reply.long else shorten(reply.text, max(LIMIT - len(question.text) - 2, 120))
    return replace(reply, text=body).then(question)


def saying(reply: Reply) -> Handler:
    async def say(turn: Turn) -> Reply:
        return reply

    return say
