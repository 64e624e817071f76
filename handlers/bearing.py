"""What a message bears on, where an open question alone does not tell: another part of the need, nothing at all, "gửi đi"."""

import re
from typing import Any

from conversation.need_form import answer, from_story
from conversation.story import clauses, trim_answer, wish_words
from domain.need import Field
from domain.text import fold
from handlers.turn import Turn
from nlu.understanding import Context

ROLES = {  # by the role of messages that answer it
    Field.PRODUCT: "thing",
    Field.PROBLEM: "trouble",
    Field.WISH: "wish",
    Field.CURRENT: "practice",
    Field.SCALE: "amount",
    Field.BUDGET: "money",
    Field.DEADLINE: "time",
    Field.PLACE: "place",
    Field.CONTACT: "person",
}
TOLD = {"trouble": Field.PROBLEM, "wish": Field.WISH, "quality": Field.WISH, "practice": Field.CURRENT}
IN_WORDS = {"money": Field.BUDGET, "amount": Field.SCALE}  # kept as said where no grammar reads them
PLAIN, MOST_IN_WORDS = 0.7, 10  # the score of a plain one, its words at most
SURE, LIKELY = 1.0, 0.5  # leads over the role that is asked for
CLEAR = 0.3  # lead over the next role of a clause in a story, where nothing else is at hand
FAMILIAR = 0.25  # a lower best score is no role that was taught
LEAST = 2  # words of a clause that tells something
LONGEST = 160  # characters kept of one part


def other_role(turn: Turn, field: Field, lead: float = SURE) -> str | None:
    """The role that a message has instead of answering `field`; None when it may well answer it. A bare name of a thing
    may answer whatever is asked."""
    scores = turn.said.roles
    if not scores or turn.said.asks:
        return None
    best = max(scores, key=lambda role: scores[role])
    rivals = {ROLES[field], ROLES[Field.PRODUCT], *(("quality",) if field is Field.WISH else ())}
    if best in rivals or scores[best] < FAMILIAR or scores[best] - max(scores[role] for role in rivals) < lead:
        return None
    parts = list(clauses(turn.text))
    if len(parts) > 1 and any(_may_be(_scores(turn, part), ROLES[field]) for part in parts):
        return None  # "đánh bằng tay, mỏi tay mà bột lợn cợn" tells how it is done and the trouble
    return best


def _scores(turn: Turn, part: str) -> dict[str, float]:
    return turn.office.mind.understand(part, Context(question=Field.PROBLEM.value), turn.now).roles


def _may_be(scores: dict[str, float], role: str) -> bool:
    return not scores or scores[role] > max(scores.values()) - LIKELY


def tells(turn: Turn) -> dict[Field, dict[str, Any]]:
    """The parts of a need that the clauses of a longer message plainly tell; neighbours of one role are one part."""
    found: dict[Field, list[str]] = {}
    before = None
    for clause in clauses(turn.text):
        scores = _scores(turn, clause)
        ranked = sorted(scores, key=lambda role: -scores[role])
        told = len(clause.split()) >= LEAST and bool(ranked) and scores[ranked[0]] >= FAMILIAR
        field = TOLD.get(ranked[0]) if told and scores[ranked[0]] - scores[ranked[1]] >= CLEAR else None
        if field is not None and (field not in found or before is field):
            found.setdefault(field, []).append(trim_answer(clause))
        before = field
    return {field: answer(None, ", ".join(parts)[:LONGEST], turn.text) for field, parts in found.items()}


def trouble_told(turn: Turn) -> dict[str, Any] | None:
    """The clauses that rather tell a trouble than anything else, for a story in which nothing plainer stands."""
    kept = []
    for clause in clauses(turn.text):
        ranked = sorted(_scores(turn, clause).items(), key=lambda row: -row[1])
        if (
            len(clause.split()) >= LEAST_CLAUSE
            and ranked
            and ranked[0][0] == "trouble"
            and ranked[0][1] - ranked[1][1] >= SLIGHT
        ):
            kept.append(trim_answer(clause))
    return answer(None, ", ".join(kept)[:LONGEST], turn.text) if kept else None


SLIGHT, LEAST_CLAUSE = 0.15, 4  # lead; words of a clause


def plainly_answers(turn: Turn, field: Field) -> bool:
    """Whether a message without a figure answers `field` in words that no grammar reads: "vừa tiền thì mua"."""
    scores = turn.said.roles
    if not scores or turn.said.asks or any(sign.isdigit() for sign in turn.text):
        return False
    best, next_best = sorted(scores.values(), reverse=True)[:2]
    return scores[ROLES[field]] == best and best - next_best >= SURE


NO_ANSWERS = frozenset(("deny", "correct", "affirm", "give_feedback", "thank", "cancel", "see_my_data", "resume_news"))
FAIRLY = 0.6  # confidence


def no_answer(turn: Turn, field: Field) -> bool:
    """Whether a message to a question in free words is most likely a no, a correction, a complaint and tells nothing."""
    said, scores = turn.said, turn.said.roles
    fairly = (
        said.confidence >= FAIRLY and len(turn.text.split()) > LEAST_TOLD
    )  # "de o san" is short and may be anything
    if said.act not in NO_ANSWERS or not (said.sure or fairly) or said.asks:
        return False
    own = {ROLES[field], ROLES[Field.PRODUCT], *(("quality",) if field is Field.WISH else ())}
    best = max(scores, key=lambda role: scores[role]) if scores else ""
    return best not in own and not from_story(turn.text, turn.entities).get(field)


NOW = re.compile(
    r"^\W*(?:gio|hien|hien nay|hien tai|bay gio|h|lau nay|truoc gio|xua nay|nay)\b(?!\s+(?:can|muon|phai|tim|mun))"
)
WANTS = re.compile(r"\b(?:muon|can|tim|mong|mun|dinh|mua)\b")
BESIDE = frozenset(("later", "remark", "person", "place", "time", "money"))
LESSER, LEAST_TOLD = 0.3, 4  # lead, words


def tells_practice(turn: Turn) -> str | None:
    """The role of a longer message that, where a wish is asked, rather tells how it is done, how much, or nothing of it."""
    scores, words = turn.said.roles, len(turn.text.split())
    now = NOW.match(fold(turn.text)) is not None and WANTS.search(fold(turn.text)) is None
    wished = not now and from_story(turn.text, turn.entities).get(Field.WISH) is not None
    if not scores or turn.said.asks or words < LEAST_TOLD or wished:
        return None
    best = max(scores, key=lambda role: scores[role])
    if now and scores["practice"] >= scores[best] - LIKELY:
        return "practice"
    lead = scores[best] - max(scores[role] for role in ("wish", "quality", "thing"))
    if best in ("practice", "amount"):
        return best if lead >= LESSER else None
    return best if best in BESIDE and lead >= FAIRLY else None


def amount_clause(turn: Turn) -> str | None:
    """The clause of a message that tells how much in a unit no grammar knows, beside other facts: "10 container một lúc"."""
    for clause in clauses(turn.text):
        if not any(sign.isdigit() for sign in clause) or len(clause.split()) > MOST_IN_WORDS:
            continue
        read = turn.office.mind.understand(clause, Context(question=Field.SCALE.value), turn.now)
        best = max(read.roles, key=lambda role: read.roles[role]) if read.roles else ""
        if best == ROLES[Field.SCALE] and not FACTS & set(read.entities):
            return trim_answer(clause)
    return None


FACTS = frozenset(("budget", "deadline", "deadline_raw", "phone", "location", "capacity"))


def bears_on(turn: Turn, role: str) -> dict[Field, dict[str, Any]]:
    """The part of the need that a message of this role tells, when the form lacks it."""
    field = TOLD.get(role)
    if turn.said.roles.get(role, 0.0) >= PLAIN and len(turn.text.split()) <= MOST_IN_WORDS:
        field = field or IN_WORDS.get(role)
    if field is None or field.value in (turn.talk.form or {}):
        return {}
    told = from_story(turn.text, turn.entities).get(field)
    said = wish_words(turn.text) if field is Field.WISH else trim_answer(turn.text)
    return {field: told or answer(None, said[:LONGEST], turn.text)}
