"""Puts the log into words: what changed under the names officers know, no inner names of states and roles."""

from typing import Any

from console.differences import Changed, difference
from console.words import ANSWER_STATES, CONFIDENCES, NEED_STATES, OFFICER_STATES, OUTCOMES, TICKET_STATES
from domain.officer import ROLE_WORDS

NAMES = {
    "state": "trạng thái",
    "questions": "câu hỏi",
    "name": "tên",
    "short_name": "tên ngắn",
    "effective_from": "hiệu lực từ",
    "effective_to": "hiệu lực đến",
    "apply": "cách nộp",
    "in_force": "còn hiệu lực",
    "confidence": "độ chắc",
}
INNER = frozenset(("version",))  # ids that say nothing to an officer
WORDS: dict[str, dict[str, str]] = {
    "need": {**{one.value: words for one, words in NEED_STATES.items()}, **{o.value: w for o, w in OUTCOMES.items()}},
    "answer": {**{one.value: words for one, words in ANSWER_STATES.items()}, **CONFIDENCES},
    "officer": {**{r.value: w for r, w in ROLE_WORDS.items()}, **{s.value: w for s, w in OFFICER_STATES.items()}},
    "ticket": TICKET_STATES,
}


def _readable(noun: str, held: dict[str, Any] | None) -> dict[str, Any]:
    known = WORDS.get(noun, {})

    def say(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = value.split(", ")
        return ": ".join(known[part] for part in parts) if all(part in known for part in parts) else value

    return {NAMES.get(name, name): say(value) for name, value in (held or {}).items() if name not in INNER}


def changes(noun: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Changed]:
    """What a deed on a noun changed, in an officer's words."""
    return difference(_readable(noun, before), _readable(noun, after))
