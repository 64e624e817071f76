"""Decides who answers: a pressed choice, a control word, the open question, a digression, a sure act, a clarification."""

import re
from dataclasses import replace

from conversation import keeping
from conversation.repairs import continues
from conversation.reply import SILENCE, Choice, Reply
from conversation.story import clauses
from conversation.truth import tells_of_a_demand
from conversation.whys import why
from domain.text import fold
from handlers import (
    answers,
    asides,
    attending,
    behalf,
    consenting,
    corrections,
    dealing,
    desk,
    documents,
    draft,
    events,
    evidence,
    filling,
    forwards,
    greeting,
    handover,
    intake,
    introductions,
    linking,
    needs,
    offer_draft,
    offering,
    offers,
    privacy,
    remarks,
    sent,
    supplied,
    supply,
    whereabouts,
)
from handlers.acting import by_act
from handlers.beside import answer_aside, beside, saying
from handlers.choices import meant, plain, pressed, typed_choice
from handlers.control import SPEAK_FOR_THEMSELVES, control_word
from handlers.flows import in_flow, in_offer, in_price
from handlers.routes import ACTS, CHOSEN, COMMANDS, LINKS, OF_THE_FORM, PRESSED
from handlers.special import special
from handlers.turn import Turn
from nlu.understanding import Context

GREETS = re.compile(  # "chiên chảo hở" greets nobody
    r"^\W*(?:(?:da|a|em|e|ad|so|anh|chi|ban)\W+)?(?:xin chao|chao|alo|a lo|hi|hello|helo|hey|oi|em oi|ad oi)\b(?:\W+\w+){0,5}\W*$"
)
SLIP = re.compile(r"^(?:tra cuu|ma hen|giay hen)\D{0,12}(\d{3}\s?\d{3})\D{1,12}(\d{3})$")
STOPS = ("news:off", "reminders:on", "reminders:off")
ROOM_OF_A_QUESTION = 150


async def answer(turn: Turn) -> Reply:
    """The one reply of a turn; an empty text where silence is right."""
    met, turn.talk.met = turn.talk.met, True
    turn.first = not met
    if not met:
        turn.room -= len(greeting.HELLO) + len(greeting.KEPT) + 2
    turn.opened, turn.talk.open = turn.talk.open, None
    turn.unclear = turn.talk.unclear if turn.talk.unsure_turns else ""
    turn.topic, turn.talk.topic = turn.talk.topic, None
    if turn.opened == offer_draft.FLOW:
        turn.room -= ROOM_OF_A_QUESTION
    was_form = draft.form_id(turn)
    reply = await _route(turn)
    turn.talk.last_was_sticker = evidence.only_sticker(turn)
    if draft.form_id(turn) not in (None, was_form):
        reply = await evidence.hang(turn, reply)
    if reply.text and offering.goes_on(turn):
        reply = offer_draft.repeat(turn, reply)
    elif turn.opened in ACTS and turn.talk.open is None and turn.kept_open:
        turn.talk.open = turn.opened  # a digression leaves a flow's question open
    if reply.text and not met:
        told = reply.text.removeprefix(greeting.HELLO).lstrip()  # hello is said once
        reply = replace(reply, text=f"{greeting.HELLO} {greeting.KEPT}\n{told}")
    return reply


async def overhear(turn: Turn) -> Reply:
    """What counts even while an officer has the word: whoever wants no more news gets none, a tap on somebody's need
    confirms it. Only a stop is answered, since nobody should have to ask whether it was heard; the officer sees both."""
    tapped = turn.pressed_choice or (pressed(turn) if turn.pressed else None)
    choice = tapped or typed_choice(turn)
    verb, _, argument = choice.action.partition(":") if choice else ("", "", "")
    if choice is not None and choice.action in STOPS:
        return await CHOSEN[verb](turn, argument)
    if tapped is not None:
        if verb == "behalf":
            await behalf.choose(turn, argument)
        return SILENCE
    command = fold(turn.text.strip()).lstrip("/") if turn.text.startswith("/") else ""
    heard = control_word(turn)
    if heard in (privacy.refuse_events, privacy.refuse_offers):
        return await heard(turn)
    sure = turn.said.act == "stop_news" and turn.said.sure and plain(turn.text) != "dung"  # which may be "right"
    if sure or COMMANDS.get(command) is privacy.stop_news or heard is privacy.stop_news:
        return await privacy.stop_news(turn)
    return SILENCE


async def _route(turn: Turn) -> Reply:
    if turn.pressed is not None:
        choice = turn.pressed_choice or pressed(turn)
        if choice is not None:
            return await _press(turn, choice)
        return await beside(turn, greeting.old_button)
    if turn.sent:
        return await _with_evidence(turn)
    return await _words(turn)


async def _with_evidence(turn: Turn) -> Reply:
    """A burst with more than own words: somebody else's are judged, things are noted, own words count as ever."""
    if evidence.only_sticker(turn):
        return await beside(turn, evidence.answer_sticker)
    if await evidence.known_album(turn):
        return SILENCE
    await evidence.propose_places(turn)
    if forwards.asks_truth(turn):
        return await beside(turn, forwards.judge)
    if await forwards.note_topic(turn):
        return await beside(turn, events.register)
    if not turn.text.strip():
        return await beside(turn, evidence.acknowledge)
    await evidence.keep_forward(turn)
    turn.room -= evidence.LEAD
    return await evidence.mention(turn, await _words(turn))


async def _words(turn: Turn) -> Reply:
    if turn.edited and not turn.text.strip():
        return SILENCE
    if greeting.resting(turn):
        return SILENCE
    if privacy.confirms_erase(turn):
        return await privacy.erase(turn)
    if privacy.keeps_all(turn) and not privacy.drops_number(turn):
        return await beside(turn, privacy.keep_data)
    choice = typed_choice(turn)
    if choice is not None:
        return await _act(turn, choice)
    if privacy.corrects_contact(turn) and control_word(turn) is None:
        return await beside(turn, privacy.correct_contact)
    if not turn.talk.form and offering.called(turn):
        turn.talk.form = None  # an empty one that was only just opened
        return await offering.resume(turn)
    if offering.named(turn):
        return await beside(turn, saying(Reply("Dạ, mình gửi xong phiếu này rồi ghi tiếp bản chào nhé.")))
    if turn.opened == offer_draft.FLOW and offer_draft.standing(turn) and not turn.text.startswith("/"):
        return await in_offer(turn)
    if turn.opened == supply.PRICE_OF and not turn.text.startswith("/"):
        return await in_price(turn)
    if turn.opened in ACTS and not turn.text.startswith("/") and control_word(turn) is None:
        return await in_flow(turn, turn.opened)
    if turn.text.startswith("/"):
        return await _command(turn)
    if (plainly := await _plainly(turn)) is not None:
        return plainly
    if (timed := await handover.take_time(turn)) is not None:
        return await beside(turn, saying(timed))
    if privacy.drops_number(turn):
        return await beside(turn, privacy.drop_number)
    if (taken_back := introductions.takes_back(turn)) is not None:
        return await beside(turn, lambda again: introductions.take_back(again, taken_back))
    if behalf.corrects(turn) and control_word(turn) is None and (noted := await behalf.take(turn)) is not None:
        return noted  # what is wrong with somebody else's need is not said of one's own
    about_sent = await supplied.take(turn) if turn.talk.form is None else None
    if (about_sent := about_sent or await sent.take(turn)) is not None:
        return await beside(turn, saying(about_sent))
    control = control_word(turn)
    if control is not None:
        return await control(turn) if control in SPEAK_FOR_THEMSELVES else await beside(turn, control)
    shown = await _of_shown(turn)
    if shown is not None:
        return shown
    if await needs.asks_when(turn):
        return await beside(turn, needs.tell_status)
    where = whereabouts.answer(turn)
    if where is not None:
        return await beside(turn, saying(where))
    if (meant_so := special(turn)) is not None:
        turn.talk.unsure_turns = 0
        return await beside(turn, meant_so)
    if turn.talk.form is not None:
        reply = await _in_form(turn)
        if reply is not None:
            turn.talk.unsure_turns = 0
            return reply
    return await by_act(turn)


async def _plainly(turn: Turn) -> Reply | None:
    """The answer to what is plain whatever is open: a slip's code, a message edited, an insult, a demand for money told."""
    slip = SLIP.match(fold(turn.text).strip())
    if slip is not None:
        return await beside(turn, lambda again: behalf.tell_slip(again, slip[1].replace(" ", ""), slip[2]))
    if turn.edited and turn.talk.form is not None:
        return await corrections.take_edit(turn)
    if greeting.insults(turn):
        return await greeting.calm(turn)
    return await beside(turn, forwards.check) if tells_of_a_demand(turn.text) else None


async def _of_shown(turn: Turn) -> Reply | None:
    """The answer to a message about what was shown or asked before: an offer, an event, a match, somebody else's need."""
    if turn.talk.form is None:
        return (
            await behalf.take(turn)
            or await supplied.answer(turn)
            or await dealing.take(turn)
            or await offers.tell_that(turn)
            or await attending.take(turn)
            or await offers.tell_listed(turn)
            or await offers.narrow(turn)
            or await handover.take_number(turn)
        )
    shown = await dealing.of_listed(turn)
    if shown is None and offers.asks_cheapest(turn):
        return await beside(turn, offers.browse)
    if shown is None and turn.topic == events.TOPIC:
        shown = await attending.take(turn)
    return await beside(turn, saying(shown)) if shown is not None else None


# --- choices ----------------------------------------------------------------------------------------------------
async def _press(turn: Turn, choice: Choice) -> Reply:
    """A pressed choice; one of an older state of the form is answered with what has happened since."""
    form_id, _, revision = choice.mark.rpartition("@")
    verb = choice.action.partition(":")[0]
    if form_id and verb in ("need", "answer", "pick", "wish", "edit", "like", "anew", "word"):
        if turn.talk.form is None or form_id != turn.talk.form_id:
            return await beside(turn, lambda again: needs.tell_gone(again, form_id))
        if choice.action == "need:send" and int(revision) != turn.talk.revision:
            return await draft.ask(turn, "Phiếu đã thay đổi sau nút đó, đây là bản mới nhất ạ.")
    return await _act(turn, choice)


async def _act(turn: Turn, choice: Choice) -> Reply:
    turn.talk.unsure_turns = 2 if choice.action == "none_of_these" else 0
    verb, _, argument = choice.action.partition(":")
    handler = PRESSED.get(choice.action)
    if handler is not None:
        return await handler(turn) if verb in OF_THE_FORM else await beside(turn, handler)
    chooser = CHOSEN.get(verb)
    if chooser is None:
        return await answers.clarify(turn, ())
    if verb in OF_THE_FORM:
        return await chooser(turn, argument)
    return await beside(turn, lambda again: chooser(again, argument))


# --- commands ---------------------------------------------------------------------------------------------------
async def _command(turn: Turn) -> Reply:
    """A command such as /phieu, or /start with what a link names: /start event-E001."""
    head, _, rest = turn.text[1:].strip().partition(" ")
    name = fold(head).partition("@")[0]
    if name == "start" and rest:
        return await _link(turn, rest.strip())
    officers = await desk.command(turn, name, rest)
    if officers is not None:
        return officers
    handler = COMMANDS.get(name)
    if handler is None:
        return await beside(turn, greeting.guide)
    if handler in (intake.resume, linking.link, linking.ask_part):
        return await handler(turn)
    if name == "start" and turn.talk.form is not None:
        return await intake.resume(turn)
    if name == "start" and offer_draft.standing(turn):
        return await offering.resume(turn)
    return await beside(turn, handler)


async def _link(turn: Turn, payload: str) -> Reply:
    """Opens what a link names; anything unknown is a plain greeting."""
    verb, _, argument = payload.partition("-")
    if payload == "need":
        return await intake.resume(turn)
    if verb in LINKS and argument:
        return await beside(turn, lambda again: CHOSEN[verb](again, argument))
    return await beside(turn, greeting.greet)


# --- inside the form --------------------------------------------------------------------------------------------
async def _in_form(turn: Turn) -> Reply | None:
    """What a free message means while the form is open; None leaves it to the acts."""
    _past_onward(turn)
    if draft.at_card(turn) and (choice := meant(turn, draft.CARD_CHOICES)) is not None:
        return await _act(turn, choice)
    if keeping.refused(turn.text) and not turn.said.asks:
        return await consenting.refuse_keeping(turn)
    if not turn.entities.get("phone") and (kept := keeping.told(turn.text)) is not None:
        return await beside(turn, saying(Reply(kept)))
    if (reason := why(turn.text, draft.waiting_field(turn))) is not None:
        return await draft.ask(turn, reason)
    if corrections.changes_wish(turn):
        return await corrections.ask_change(turn)
    corrected = await corrections.correct(turn)
    if corrected is not None:
        return corrected
    if (added := await remarks.add_words(turn)) is not None:
        return added
    if corrections.says_wish(turn):
        return await corrections.ask_change(turn)
    aside = asides.digression(turn)
    if aside is not None:
        return await answer_aside(turn, aside)
    judged = await documents.judged(turn)
    if judged is not None:
        return await beside(turn, saying(judged))
    if turn.said.act == "greet" and turn.said.sure and GREETS.match(fold(turn.text)):
        return await intake.resume(turn)
    if asides.asks_aside(turn):
        return None
    if draft.asks_consent(turn) and turn.said.asks and keeping.speaks_of(turn.text):
        return await draft.ask(turn, keeping.KEPT)
    return await filling.take(turn)


def _past_onward(turn: Turn) -> None:
    """Leaves out "thôi ghi tiếp phiếu đi" at the head of a message that goes on with an answer."""
    parts = list(clauses(turn.text))  # none of "😀😀"
    if len(parts) > 1 and continues(parts[0]):
        turn.text = ". ".join(parts[1:])
        field = draft.waiting_field(turn)
        context = Context(question=field.value if field else None)
        turn.said = turn.office.mind.understand(turn.text, context, turn.now)
