"""The choices of the form's questions, and the consent that ends it or lets it be kept."""

from datetime import timedelta

from conversation.need_form import CONSENT, CONSENT_WORDING
from conversation.reply import Reply
from domain.need import Field
from domain.person import Purpose
from handlers.draft import ask, open_question, plan, put_aside
from handlers.filling import set_unknown
from handlers.turn import Turn
from storage import dues, people

REFUSED_LIVES = timedelta(hours=24)


async def choose(turn: Turn, argument: str) -> Reply:
    """A pressed or typed choice of one of the form's questions: "<field>:<value>"."""
    name, _, value = argument.partition(":")
    question = open_question(turn)
    if turn.talk.form is None:
        return Reply("Câu này thuộc phiếu đã xong. Muốn ghi nhu cầu mới, anh/chị nhắn một câu về việc cần giúp nhé.")
    picks = turn.talk.pending.get("picks") or {}
    current = picks.get("field") or turn.talk.pending.get("edit") or (question.name if question else None)
    if name != current:
        return await ask(turn, "Câu này anh/chị đã trả lời rồi ạ; giờ là:")
    if name == CONSENT:
        return await _decide_consent(turn, value == "yes")
    return await set_unknown(turn, Field(name))


async def refuse_keeping(turn: Turn) -> Reply:
    """Stops when the person says in the middle that nothing may be kept."""
    return await _decide_consent(turn, False)


async def _decide_consent(turn: Turn, yes: bool) -> Reply:
    assert turn.talk.form is not None
    if not yes:
        await dues.drop(turn.db, f"draft:{turn.talk.form_id}")
        await dues.drop(turn.db, f"nudge:{turn.talk.form_id}")
        end_at = turn.now + REFUSED_LIVES
        key = f"draft:{turn.talk.form_id}"
        await dues.plan(turn.db, "draft", key, end_at, turn.person.id, {"form": turn.talk.form_id})
        turn.talk.pending["dropped"] = put_aside(turn)
        turn.talk.form = None
        return Reply(
            "Dạ, em không lưu phiếu này; bản ghi dở tự xoá sau 24 giờ. Anh/chị vẫn hỏi chính sách, công nghệ bình thường. "
            "Đổi ý thì nhắn PHIẾU để ghi tiếp."
        )
    turn.talk.form[CONSENT] = {"value": "yes", "words": "đồng ý", "said": turn.text[:100], "at": turn.now.isoformat()}
    await people.give_consent(turn.db, turn.person.id, Purpose.NEED, CONSENT_WORDING, turn.now)
    await plan(turn)
    return await ask(turn)
