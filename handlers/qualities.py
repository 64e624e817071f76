"""What the wished machine must be like, said while something else is asked or at the end: it joins the wish."""

import re
from typing import Any

from conversation.need_form import answer
from conversation.reply import Reply
from conversation.story import trim_answer
from domain.need import Field
from domain.text import fold, nfc
from handlers.bearing import LIKELY, SURE
from handlers.draft import MOST_OWN_WORDS, ask, plan, write
from handlers.turn import Turn
from nlu.understanding import Context

QUALITY, ROLES = "quality", ("quality", "wish")
ALSO = re.compile(  # with one of these ahead a lesser lead is enough
    r"^\W*(?:(?:a|u|o|e|va|da|ma|em oi|em|thoi|the|nhung)\W+)*"
    r"(?:(?:them|bo sung)(?: nua)?(?: (?:la|y))?|ngoai ra|voi lai|voi ca|con nua|con phai|con can|nho la|nho phai|phai|"
    r"quan trong (?:nhat )?la|cot (?:la|sao)?|mien (?:la|sao)|quen|yeu cau la)\b(?:\s+(?:la|thi|nhat|em|ma|con|,))*\W*"
)
LONGEST = 200  # characters of a wish with all that was added


def told(turn: Turn, field: Field | None) -> str | None:
    """What a message that does not answer `field` (None: nothing is asked) adds to the wish; None when it adds nothing."""
    form = turn.talk.form or {}
    if field in (Field.WISH, Field.PROBLEM) and Field.WISH.value not in form:
        return None
    if turn.said.asks or any(key in turn.entities for key in ("phone", "budget", "deadline", "location", "capacity")):
        return None
    also = ALSO.match(fold(turn.text))
    if field is None and also is None:
        return None
    scores = turn.said.roles
    if field is None:
        scores = turn.office.mind.understand(turn.text, Context(question=Field.SCALE.value), turn.now).roles
    if not scores or field is Field.WISH:
        return None
    best = max(scores, key=lambda role: scores[role])
    others = max(score for role, score in scores.items() if role not in ROLES)
    lead = max(scores[role] for role in ROLES) - others
    if also is None and (best != QUALITY or lead < SURE):
        return None
    if also is not None and lead < -LIKELY:
        return None
    return trim_answer(_rest(turn.text, also))


def _rest(text: str, also: "re.Match[str] | None") -> str:
    """The words after the lead, as typed."""
    kept = nfc(" ".join(text.split()))
    if also is None or len(fold(kept)) != len(kept) or len(kept) - also.end() < LEAST:
        return kept
    return kept[also.end() :]


LEAST = 4  # characters that tell something


def add(turn: Turn, said: str) -> str:
    """Puts a quality into the wish, which keeps what it had; says what was noted."""
    form: dict[str, Any] = turn.talk.form or {}
    held = form.get(Field.WISH.value) or {}
    if held.get("unknown") or not held:
        write(turn, Field.WISH, answer(None, said, turn.text))
        return f"{Field.WISH.short}: {said}"
    words = f"{held['words']}, {said}"
    if fold(said) not in fold(str(held["words"])) and len(words) <= LONGEST:
        write(
            turn,
            Field.WISH,
            {**held, **answer(held.get("value"), words, f"{held.get('said', '')} / {turn.text}"[:500])},
        )
    return f"thêm vào mong muốn: {said}"


async def take(turn: Turn, quality: str) -> Reply:
    """What the machine must be like goes into the wish; the open question stays."""
    told = add(turn, quality)
    if len(turn.talk.own_words) < MOST_OWN_WORDS:
        turn.talk.own_words.append(turn.text[:500])
    await plan(turn)
    return await ask(turn, f"Em ghi {told}.")
