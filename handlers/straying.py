"""A message that strays from the open question: what it tells of other fields, or the amount it tells in own words."""

from typing import Any

from conversation.need_form import answer, from_story
from conversation.repairs import FREE, says_wrong
from conversation.story import trim_answer
from conversation.unknowns import bare_figure, no_money
from domain.need import Field
from handlers.bearing import amount_clause, no_answer
from handlers.choices import TYPED
from handlers.telling import LONGEST_NAME, beside_the_point, states_only
from handlers.turn import Turn


def told_else(turn: Turn, field: Field, others: dict[Field, dict[str, Any]]) -> dict[Field, dict[str, Any]] | None:
    """What a message that does not answer the open question tells of other fields; None when it may be the answer."""
    untried = turn.talk.pending.get("tried") != field.value
    if field is Field.PRODUCT and field not in others:
        too_long = len(turn.text.split()) > LONGEST_NAME and (untried or says_wrong(turn.text))
        return others if too_long or set(others) & {*TYPED, Field.PLACE} else None
    if field is Field.PLACE and field not in others and (told := from_story(turn.text, turn.entities)):
        return {**told, **others}
    if field not in FREE:
        return None
    if Field.SCALE.value not in (turn.talk.form or {}) and bare_figure(turn.text):
        return {**others, Field.SCALE: answer(None, trim_answer(turn.text), turn.text)}
    beside_it = field not in others and beside_the_point(turn, others)
    empty = no_answer(turn, field) and (untried or turn.said.act == "thank")
    return others if empty or beside_it or states_only(turn) else None


def own_words(turn: Turn, field: Field, others: dict[Field, dict[str, Any]]) -> str | None:
    """The person's own words that answer a question of an amount without a figure; None when they do not."""
    if field is Field.SCALE and others:
        return amount_clause(turn)
    if field is Field.BUDGET and no_money(turn.text) and not turn.said.asks:
        return trim_answer(turn.text)[:80]
    return None
