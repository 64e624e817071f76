"""Who answers a message that only the talk makes clear: the programme talked about, a list, a document number."""

from conversation.reply import Reply
from handlers import aspects, details, listed_programmes, papers, programmes, supply
from handlers.acting import by_act
from handlers.routes import Handler
from handlers.turn import Turn


def special(turn: Turn) -> Handler | None:
    """Who answers a message that the programme talked about, a list or a document number makes clear."""
    if papers.stops_reminders(turn):
        return papers.stop_all
    if turn.said.act in ("stop_news", "erase_my_data", "talk_to_officer", "abuse") and turn.said.sure:
        return None
    if papers.ticks(turn):
        return papers.tick
    if papers.asks_reminder(turn):
        return papers.remind
    if details.told(turn) and not supply.plainly(turn):
        return _keep_detail
    if programmes.asks_why(turn):
        return programmes.why
    if programmes.adds_facts(turn):
        return programmes.tell_again
    if listed_programmes.asks_of_one(turn):
        return listed_programmes.tell_one
    if listed_programmes.asks_of_all(turn):
        return listed_programmes.compare
    if listed_programmes.asks_it(turn):
        return listed_programmes.ask_which
    if aspects.follows_up(turn):
        return aspects.follow_up
    return None


async def _keep_detail(turn: Turn) -> Reply:
    return await details.keep(turn) or await by_act(turn)
