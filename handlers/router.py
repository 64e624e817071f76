"""Decides who answers: a pressed choice, a control word, the open question, a digression, a sure act, a clarification."""

import re
from dataclasses import replace

from conversation import keeping
from conversation.repairs import continues
from conversation.reply import LIMIT, SILENCE, Choice, Reply, shorten
from conversation.story import clauses
from conversation.truth import tells_of_a_demand
from conversation.whys import why
from domain.need import Field
from domain.text import fold
from handlers import (
    answers,
    asides,
    aspects,
    attending,
    behalf,
    corrections,
    dealing,
    desk,
    details,
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
    listed_programmes,
    needs,
    offer_draft,
    offering,
    offers,
    papers,
    privacy,
    programmes,
    sent,
    sides,
    supplied,
    supply,
    wants,
    whereabouts,
)
from handlers.choices import meant, plain, pressed, typed_choice
from handlers.control import SPEAK_FOR_THEMSELVES, control_word
from handlers.routes import ACTS, CHOSEN, COMMANDS, LINKS, OF_THE_FORM, PRESSED, Handler
from handlers.turn import Turn
from nlu.understanding import Context, Understanding

GREETS = re.compile(  # "chiên chảo hở" greets nobody
    r"^\W*(?:(?:da|a|em|e|ad|so|anh|chi|ban)\W+)?(?:xin chao|chao|alo|a lo|hi|hello|helo|hey|oi|em oi|ad oi)\b(?:\W+\w+){0,5}\W*$"
)
SLIP = re.compile(r"^(?:tra cuu|ma hen|giay hen)\D{0,12}(\d{3}\s?\d{3})\D{1,12}(\d{3})$")
STOPS = ("news:off", "reminders:on", "reminders:off")
ROOM_OF_A_QUESTION = 150
MOST_OF_A_GREETING = 6  # words; a longer message says something beside it
AT_A_LOSS = re.compile(
    r"^\W*(?:\w+\s+){0,2}(?:khong|ko|k|chua|chang|cha)\s+biet\s+(?:phai\s+)?(?:noi|hoi|ke|nhan|viet|ghi|bat dau)\b"
)
FOLLOWS = re.compile(r"^\W*(?:the|vay|con|the con|vay con|roi)\s")  # goes on from what was asked before
LISTS, NEARLY_SURE = ("list_events", "see_offers"), 0.75
LIKELY_FINDER = 0.4
LEAST_ASKED = 3  # words of a question
LONGEST_ANSWER = 6  # words of an answer to the finder; a longer message that tells a need is one


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
    sure = turn.said.act == "stop_news" and turn.said.sure and plain(turn.text) != "dung"  # which may be "right"
    if sure or COMMANDS.get(command) is privacy.stop_news or control_word(turn) is privacy.stop_news:
        return await privacy.stop_news(turn)
    return SILENCE


async def _route(turn: Turn) -> Reply:
    if turn.pressed is not None:
        choice = turn.pressed_choice or pressed(turn)
        if choice is not None:
            return await _press(turn, choice)
        return await _beside(turn, greeting.old_button)
    if turn.sent:
        return await _with_evidence(turn)
    return await _words(turn)


async def _with_evidence(turn: Turn) -> Reply:
    """A burst with more than own words: somebody else's are judged, things are noted, own words count as ever."""
    if evidence.only_sticker(turn):
        return await _beside(turn, evidence.answer_sticker)
    if await evidence.known_album(turn):
        return SILENCE
    await evidence.propose_places(turn)
    if forwards.asks_truth(turn):
        return await _beside(turn, forwards.judge)
    if await forwards.note_topic(turn):
        return await _beside(turn, events.register)
    if not turn.text.strip():
        return await _beside(turn, evidence.acknowledge)
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
    choice = typed_choice(turn)
    if choice is not None:
        return await _act(turn, choice)
    if privacy.corrects_contact(turn) and control_word(turn) is None:
        return await _beside(turn, privacy.correct_contact)
    if not turn.talk.form and offering.called(turn):
        turn.talk.form = None  # an empty one that was only just opened
        return await offering.resume(turn)
    if offering.named(turn):
        return await _beside(turn, _saying(Reply("Dạ, mình gửi xong phiếu này rồi ghi tiếp bản chào nhé.")))
    if turn.opened == offer_draft.FLOW and offer_draft.standing(turn) and not turn.text.startswith("/"):
        return await _in_offer(turn)
    if turn.opened == supply.PRICE_OF and not turn.text.startswith("/"):
        return await _in_price(turn)
    if turn.opened in ACTS and not turn.text.startswith("/") and control_word(turn) is None:
        return await _in_flow(turn, turn.opened)
    if turn.text.startswith("/"):
        return await _command(turn)
    if (plainly := await _plainly(turn)) is not None:
        return plainly
    if (timed := await handover.take_time(turn)) is not None:
        return await _beside(turn, _saying(timed))
    if privacy.drops_number(turn):
        return await _beside(turn, privacy.drop_number)
    if (taken_back := introductions.takes_back(turn)) is not None:
        return await _beside(turn, lambda again: introductions.take_back(again, taken_back))
    if behalf.corrects(turn) and control_word(turn) is None and (noted := await behalf.take(turn)) is not None:
        return noted  # what is wrong with somebody else's need is not said of one's own
    about_sent = await supplied.take(turn) if turn.talk.form is None else None
    if (about_sent := about_sent or await sent.take(turn)) is not None:
        return await _beside(turn, _saying(about_sent))
    control = control_word(turn)
    if control is not None:
        return await control(turn) if control in SPEAK_FOR_THEMSELVES else await _beside(turn, control)
    shown = await _of_shown(turn)
    if shown is not None:
        return shown
    if await needs.asks_when(turn):
        return await _beside(turn, needs.tell_status)
    where = whereabouts.answer(turn)
    if where is not None:
        return await _beside(turn, _saying(where))
    special = _special(turn)
    if special is not None:
        turn.talk.unsure_turns = 0
        return await _beside(turn, special)
    if turn.talk.form is not None:
        reply = await _in_form(turn)
        if reply is not None:
            turn.talk.unsure_turns = 0
            return reply
    return await _by_act(turn)


async def _plainly(turn: Turn) -> Reply | None:
    """The answer to what is plain whatever is open: a slip's code, a message edited, an insult, a demand for money told."""
    slip = SLIP.match(fold(turn.text).strip())
    if slip is not None:
        return await _beside(turn, lambda again: behalf.tell_slip(again, slip[1].replace(" ", ""), slip[2]))
    if turn.edited and turn.talk.form is not None:
        return await corrections.take_edit(turn)
    if greeting.insults(turn):
        return await greeting.calm(turn)
    return await _beside(turn, forwards.check) if tells_of_a_demand(turn.text) else None


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
        return await _beside(turn, offers.browse)
    if shown is None and turn.topic == events.TOPIC:
        shown = await attending.take(turn)
    return await _beside(turn, _saying(shown)) if shown is not None else None


# --- choices ----------------------------------------------------------------------------------------------------
async def _press(turn: Turn, choice: Choice) -> Reply:
    """A pressed choice; one of an older state of the form is answered with what has happened since."""
    form_id, _, revision = choice.mark.rpartition("@")
    verb = choice.action.partition(":")[0]
    if form_id and verb in ("need", "answer", "pick", "wish", "edit", "like", "anew", "word"):
        if turn.talk.form is None or form_id != turn.talk.form_id:
            return await _beside(turn, lambda again: needs.tell_gone(again, form_id))
        if choice.action == "need:send" and int(revision) != turn.talk.revision:
            return await draft.ask(turn, "Phiếu đã thay đổi sau nút đó, đây là bản mới nhất ạ.")
    return await _act(turn, choice)


async def _act(turn: Turn, choice: Choice) -> Reply:
    turn.talk.unsure_turns = 2 if choice.action == "none_of_these" else 0
    verb, _, argument = choice.action.partition(":")
    handler = PRESSED.get(choice.action)
    if handler is not None:
        return await handler(turn) if verb in OF_THE_FORM else await _beside(turn, handler)
    chooser = CHOSEN.get(verb)
    if chooser is None:
        return await answers.clarify(turn, ())
    if verb in OF_THE_FORM:
        return await chooser(turn, argument)
    return await _beside(turn, lambda again: chooser(again, argument))


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
        return await _beside(turn, greeting.guide)
    if handler in (intake.resume, linking.link, linking.ask_part):
        return await handler(turn)
    if name == "start" and turn.talk.form is not None:
        return await intake.resume(turn)
    if name == "start" and offer_draft.standing(turn):
        return await offering.resume(turn)
    return await _beside(turn, handler)


async def _link(turn: Turn, payload: str) -> Reply:
    """Opens what a link names; anything unknown is a plain greeting."""
    verb, _, argument = payload.partition("-")
    if payload == "need":
        return await intake.resume(turn)
    if verb in LINKS and argument:
        return await _beside(turn, lambda again: CHOSEN[verb](again, argument))
    return await _beside(turn, greeting.greet)


# --- inside another flow ----------------------------------------------------------------------------------------
async def _in_flow(turn: Turn, act: str) -> Reply:
    """The answer to the open question of a flow goes to its handler; a question asked instead leaves it open."""
    told = turn.said.act == "declare_need" and turn.said.sure
    if act == programmes.FLOW and wants.opens_form(turn):
        turn.unclear = "" if "product" in turn.entities else str(turn.talk.finder.get("said") or "")
        return await _declare(turn)
    if act == programmes.FLOW and told and len(turn.text.split()) > LONGEST_ANSWER and "process" in turn.entities:
        return await _declare(turn)
    if act == programmes.FLOW and listed_programmes.refers(turn):
        return await listed_programmes.answer(turn)
    if act == programmes.FLOW and programmes.reads(turn):
        return await programmes.find(turn)
    special = _special(turn)
    aside = asides.digression(turn)
    if special is None and (aside is None or aside.act == act):
        if act == programmes.FLOW and (told or wants.seeks_device(turn)):
            return await _declare(turn)
        if act == programmes.FLOW and _asks_else(turn):
            turn.kept_open = True
            again = programmes.ask_again(turn)
            return (await _by_act(turn)).then(again if turn.talk.open is None or turn.talk.open == act else None)
        return await ACTS[act](turn)
    turn.kept_open = True
    if special is not None:
        reply = await special(turn)
    else:
        assert aside is not None
        reply = await _answer_aside(turn, aside)
    again = programmes.ask_again(turn) if act == programmes.FLOW and turn.talk.open is None else None
    return reply.then(again)


def _asks_else(turn: Turn) -> bool:
    """Whether a message to the finder is an unclear question about something else: "nên lập công ty trước hay xin trước"."""
    known = turn.said.act in (programmes.FLOW, "affirm", "deny", "dont_know")
    return turn.said.asks and not known and len(turn.text.split()) > LEAST_ASKED


# --- while an offer is being told -------------------------------------------------------------------------------
async def _in_offer(turn: Turn) -> Reply:
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
        opened = await _declare(turn)
        return replace(opened, text=f"Bản chào em giữ lại đó ạ. {opened.text}")
    attended = await attending.take(turn) if turn.topic == events.TOPIC or attending.signs_up(turn) else None
    if attended is not None:
        return attended
    aside = asides.digression(turn)
    if aside is not None and offering.lets(turn, aside):
        return await _answer_aside(turn, aside)
    if offering.asks(turn):
        return await _by_act(turn)
    return await offering.take(turn)


async def _in_price(turn: Turn) -> Reply:
    """A new price for something offered before, or something else, which leaves that question open."""
    aside = asides.digression(turn)
    control = control_word(turn)
    if control is None and (aside is None or not offering.lets(turn, aside)):
        return await supply.take_price(turn)
    reply = await control(turn) if control is not None else await _answer_aside(turn, aside)  # type: ignore[arg-type]
    return reply.then(await supply.price_asked_again(turn))


# --- what only the talk makes clear -----------------------------------------------------------------------------
def _special(turn: Turn) -> Handler | None:
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
    return await details.keep(turn) or await _by_act(turn)


# --- inside the form --------------------------------------------------------------------------------------------
async def _in_form(turn: Turn) -> Reply | None:
    """What a free message means while the form is open; None leaves it to the acts."""
    _past_onward(turn)
    if draft.at_card(turn) and (choice := meant(turn, draft.CARD_CHOICES)) is not None:
        return await _act(turn, choice)
    if keeping.refused(turn.text) and not turn.said.asks:
        return await filling.refuse_keeping(turn)
    if not turn.entities.get("phone") and (kept := keeping.told(turn.text)) is not None:
        return await _beside(turn, _saying(Reply(kept)))
    if (reason := why(turn.text, draft.waiting_field(turn))) is not None:
        return await draft.ask(turn, reason)
    if corrections.changes_wish(turn):
        return await corrections.ask_change(turn)
    corrected = await corrections.correct(turn)
    if corrected is not None:
        return corrected
    if (added := await corrections.add_words(turn)) is not None:
        return added
    if corrections.says_wish(turn):
        return await corrections.ask_change(turn)
    aside = asides.digression(turn)
    if aside is not None:
        return await _answer_aside(turn, aside)
    judged = await documents.judged(turn)
    if judged is not None:
        return await _beside(turn, _saying(judged))
    if turn.said.act == "greet" and turn.said.sure and GREETS.match(fold(turn.text)):
        return await intake.resume(turn)
    if asides.asks_aside(turn):
        return None
    if draft.asks_consent(turn) and turn.said.asks and keeping.speaks_of(turn.text):
        return await draft.ask(turn, keeping.KEPT)
    return await filling.take(turn)


def _past_onward(turn: Turn) -> None:
    """Leaves out "thôi ghi tiếp phiếu đi" at the head of a message that goes on with an answer."""
    head, *rest = clauses(turn.text)
    if rest and continues(head):
        turn.text = ". ".join(rest)
        field = draft.waiting_field(turn)
        context = Context(question=field.value if field else None)
        turn.said = turn.office.mind.understand(turn.text, context, turn.now)


async def _answer_aside(turn: Turn, aside: Understanding) -> Reply:
    """Answers a digression with the open question repeated; facts stated beside it are kept."""
    before = ""
    if aside is not turn.said:
        before = filling.keep_facts(turn)
    handler = ACTS[aside.act]
    turn.said = replace(aside, entities={**turn.said.entities, **aside.entities})
    return await _beside(turn, handler, before)


async def _beside(turn: Turn, handler: Handler, before: str = "") -> Reply:
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


# --- acts -------------------------------------------------------------------------------------------------------
ABOUT_LAW = frozenset(("ask_policy", "ask_programme", "find_programme", "out_of_scope", "give_feedback"))


async def _of_law(turn: Turn) -> Reply | None:
    """The answer to a message that names a document or a programme which what was understood does not treat of."""
    if turn.said.sure and turn.said.act not in ABOUT_LAW:
        return None
    judged = await documents.judged(turn)
    if judged is None and await programmes.names_unknown(turn):
        judged = await programmes.tell_unknown(turn)
    return judged


async def _by_act(turn: Turn) -> Reply:
    """Answers a sure act; asks at most twice, then a human answers."""
    said = turn.said
    joined = _joined(turn) if FOLLOWS.match(fold(turn.text)) else None
    if joined is not None:
        turn.talk.unsure_turns = 0
        return await _answer_aside(turn, joined)
    judged = await _of_law(turn)
    if judged is not None:
        turn.talk.unsure_turns = 0
        return await _beside(turn, _saying(judged))
    if turn.talk.form is None and supply.plainly(turn) and not wants.takes_over(turn):
        return await offering.begin(turn)
    if turn.talk.form is None and supply.sells(turn):
        return await offering.begin(turn)
    if supply.asks_how(turn):
        turn.talk.unsure_turns = 0
        return await _answer_aside(turn, replace(said, act="ask_policy", answer=supply.HOW_TO_OFFER))
    if turn.talk.form is None and (programmes.asks_for_own(turn) or wants.seeks_aid(turn)):
        turn.talk.unsure_turns = 0
        return await programmes.find(turn)
    if wants.asks_price(turn) and said.act in ("ask_policy", "see_offers", "declare_need", "out_of_scope"):
        turn.talk.unsure_turns = 0
        return await _beside(turn, offers.browse)
    if evidence.tells_picture(turn) or (turn.talk.form is None and wants.tells_need(turn)):
        return await _declare(turn)
    if programmes.asks_which(turn):
        turn.talk.unsure_turns = 0
        return await _beside(turn, programmes.find)
    if said.sure and said.act in ACTS and not _greets_in_vain(turn):
        turn.talk.unsure_turns = 0
        if said.act == "declare_need":
            return await _declare(turn)
        if turn.talk.form is not None:
            return await _beside(turn, ACTS[said.act])
        return await ACTS[said.act](turn)
    if (said.sure and said.act in ("affirm", "deny", "dont_know", "correct")) or _puts_off(turn):
        return await _nodded(turn)
    story = next((part for part in turn.parts if part.sure and part.act == "declare_need"), None)
    if story is not None:
        return await _declare(turn)
    asked = next((part for part in turn.parts if part.sure and part.act in ACTS and attending.may_book(part)), None)
    if asked is not None:
        return await _answer_aside(turn, asked)
    if turn.talk.form is None and sides.unclear(turn):
        return await sides.ask_side(turn)
    if said.act in LISTS and said.confidence >= NEARLY_SURE:  # a list shown in vain costs little
        turn.talk.unsure_turns = 0
        return await _beside(turn, ACTS[said.act])
    if turn.talk.form is None and said.act == programmes.FLOW and said.confidence >= LIKELY_FINDER:
        turn.talk.unsure_turns = 0
        return await programmes.find(turn)  # its first question is easily left again
    if wants.asks_for_offers(turn):
        return await _beside(turn, offers.browse)
    named = said.programme if said.act == "ask_programme" else _named_programme(said)
    if said.act in ("ask_policy", "ask_programme") and named is not None:
        turn.talk.unsure_turns = 0
        return await _beside(turn, lambda again: programmes.by_id(again, named))
    if turn.talk.form is None and turn.talk.unsure_turns and {"org_form", "org_size"} & set(turn.entities):
        turn.talk.unsure_turns = 0  # who they are, said instead of one of the offered readings
        return await programmes.find(turn)
    return await _ask_back(turn)


async def _nodded(turn: Turn) -> Reply:
    """A yes, a no or a correction that answers nothing: at the card it is about the card."""
    act = turn.said.act
    if turn.talk.form is None or draft.open_question(turn) is not None or act == "dont_know":
        return await _beside(turn, greeting.nod)
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
        return await _answer_aside(turn, joined)
    if wants.goes_on_telling(turn) or wants.names_goods(turn):
        turn.talk.unsure_turns = 0
        return await _declare(turn)
    turn.talk.unsure_turns += 1
    turn.talk.topic = turn.topic  # what is not understood changes no subject
    if turn.said.act != "dont_know" and not AT_A_LOSS.match(
        fold(turn.text)
    ):  # "không biết nói thế nào" tells nothing of a need
        turn.talk.unclear = f"{turn.unclear}. {turn.text}"[-300:] if turn.unclear else turn.text[:300]
    if turn.talk.unsure_turns > 2:
        turn.talk.unsure_turns = 0
        return await _beside(turn, answers.promise_answer)
    guesses = turn.said.readings if turn.talk.unsure_turns == 1 else ()
    return await _beside(turn, lambda again: answers.clarify(again, guesses), filling.keep_facts(turn))


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


def _saying(reply: Reply) -> Handler:
    async def say(turn: Turn) -> Reply:
        return reply

    return say


async def _declare(turn: Turn) -> Reply:
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
