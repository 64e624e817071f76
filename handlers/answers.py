"""Answers policy questions with approved, cited, dated text; what nobody may say yet becomes a promise."""

from conversation.reply import Choice, Reply, shorten
from domain.answer import AnswerVersion, Standing, standing
from domain.worktime import say_time
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, basis_words, checked_words
from nlu.understanding import Guess
from storage import dues, knowledge, tickets
from storage.tickets import TicketKind

FULL_LIMIT = 1900


async def answer_policy(turn: Turn) -> Reply:
    """Answers the question that was understood."""
    if turn.said.answer is None:
        return await promise_answer(turn)
    return await say_answer(turn, turn.said.answer)


async def say_answer(turn: Turn, answer_id: str, full: bool = False) -> Reply:
    """Says one answer if it may be said now, else promises one."""
    version = await knowledge.find_answer(turn.db, answer_id, turn.today)
    if version is None:
        return await promise_answer(turn)
    held = standing(version, turn.today)
    if held is Standing.NOT_NOW:
        return await promise_answer(turn, "Câu này đang được cập nhật", about=answer_id)
    if held is Standing.UNSURE:
        return await promise_answer(turn, "Câu này em chưa chắc", about=answer_id)
    await knowledge.note_shown(turn.db, turn.person.id, version.id, turn.now)
    turn.talk.last_answer = answer_id
    if version.programmes:
        turn.talk.speak_of(version.programmes[0], turn.now)
    return _worded(version, full, turn.room)


def _worded(version: AnswerVersion, full: bool, room: int) -> Reply:
    tail = "\n".join(line for line in (basis_words(version.basis), _checked(version)) if line)
    limit = (FULL_LIMIT if full else room) - len(tail) - 1
    body = shorten(version.full if full else version.short, max(limit, 80))
    choices = [] if full or version.full.strip() == version.short.strip() else [_more(version.answer_id)]
    text = f"{body}\n{tail}" if tail else body
    return Reply(text, (*choices, ASK_OFFICER), quotes=(version.answer_id,), long=full)


def _checked(version: AnswerVersion) -> str:
    return "" if version.kind == "term" else checked_words(version.verified_on)


def _more(answer_id: str) -> Choice:
    return Choice("Xem đầy đủ", f"more:{answer_id}", ("chi tiet", "xem them", "day du", "noi ro hon"))


async def say_more(turn: Turn, answer_id: str) -> Reply:
    """Says the full form of an answer on demand."""
    return await say_answer(turn, answer_id, full=True)


async def promise_answer(
    turn: Turn, opening: str = "Em chưa có câu trả lời đã duyệt", about: str | None = None
) -> Reply:
    """Passes a question to the officers under a code, with the time by which they answer."""
    due_at = turn.office.worktime.promise(turn.now)
    ticket = await tickets.open_ticket(
        turn.db, TicketKind.ANSWER, turn.person.id, turn.text[:1000], turn.now, due_at, about=about
    )
    await dues.plan(turn.db, "ticket", f"ticket:{ticket.code}", ticket.due_at, turn.person.id, {"code": ticket.code})
    return Reply(
        f"{opening} nên đã chuyển cán bộ, mã {ticket.code}. Cán bộ trả lời anh/chị trước {say_time(ticket.due_at)}."
    )


async def clarify(turn: Turn, guesses: tuple[Guess, ...]) -> Reply:
    """Offers up to three readings in human words; never names of acts."""
    choices: list[Choice] = []
    for guess in guesses:
        choice = await _reading(turn, guess)
        if choice is not None and choice.label not in {made.label for made in choices}:
            choices.append(choice)
        if len(choices) == 3:
            break
    if not choices:
        return Reply("Em chưa hiểu ý này. Anh/chị gõ lại giúp em bằng một câu ngắn nhé?")
    choices.append(Choice("Không phải", "none_of_these", ("khong", "khac", "khong phai dau")))
    listed = "\n".join(f"{index}. {choice.label}" for index, choice in enumerate(choices, 1))
    return Reply(f"{listed}\nÝ anh/chị là câu nào ạ?", tuple(choices), quick=True)


ACT_QUESTIONS = {
    "declare_need": ("Ghi nhu cầu công nghệ", "need:start"),
    "see_offers": ("Xem máy móc, công nghệ đang có", "offers"),
    "find_programme": ("Tìm chương trình hỗ trợ hợp với mình", "programmes"),
    "list_events": ("Xem hội thảo, sự kiện sắp tới", "events"),
    "talk_to_officer": ("Gặp cán bộ", "officer"),
    "ask_need_status": ("Xem phiếu của tôi đến đâu", "status"),
    "offer_technology": ("Giới thiệu công nghệ tôi có", "supply"),
    "see_my_data": ("Xem dữ liệu của tôi", "data"),
    "stop_news": ("Dừng nhận tin", "news:off"),
    "help": ("Xem em giúp được gì", "help"),
}


async def _reading(turn: Turn, guess: Guess) -> Choice | None:
    if guess.act == "ask_policy" and guess.answer:
        version = await knowledge.find_answer(turn.db, guess.answer, turn.today)
        return Choice(version.question, f"ask:{guess.answer}") if version else None
    if guess.act == "ask_programme" and guess.programme:
        programme = await knowledge.find_programme(turn.db, guess.programme)
        return Choice(f"Hỏi về {programme.short_name}", f"programme:{programme.id}") if programme else None
    named = ACT_QUESTIONS.get(guess.act)
    return Choice(named[0], named[1]) if named else None


async def none_of_these(turn: Turn) -> Reply:
    """Asks once more in own words after the readings were refused."""
    return Reply("Dạ, anh/chị gõ lại giúp em bằng một câu ngắn nhé?")
