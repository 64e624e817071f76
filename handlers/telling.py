"""What a message to the open form is: said before, only facts, only a nod, a closer name."""

import re
from typing import Any

from conversation.need_form import answer, from_entities, from_story
from conversation.repairs import facts_alone
from conversation.story import clauses, read_story, tells_trouble, trim_answer
from domain.need import Field
from domain.text import PERSON, fold
from handlers.choices import SAYS_YES, TYPED
from handlers.turn import Turn
from nlu.understanding import Context

LONGEST_NAME = 6  # words of a product's name


def says_again(turn: Turn, field: Field) -> bool:
    """The very message that the form has already taken, sent once more: no answer to the question that is open now."""
    told = fold(turn.text)
    rows = (turn.talk.form or {}).items()
    taken = [*turn.talk.own_words, *(row["said"] for key, row in rows if key != field.value and row.get("said"))]
    return len(told.split()) > 3 and not turn.edited and told in map(fold, taken)


def no_trouble(turn: Turn, others: dict[Field, dict[str, Any]]) -> bool:
    """Whether a message only tells a wish or how things are done: neither is yet what goes wrong."""
    if read_story(turn.text).problem is not None or tells_trouble(turn.text):
        return False
    if Field.SCALE in others and len(turn.text.split()) <= LONGEST_NAME:
        return True  # "ong nuôi 600 đàn"
    now = others.get(Field.CURRENT)
    return Field.WISH in others or (now is not None and len(turn.text.split()) <= len(now["words"].split()) + 2)


FACTS = ("phone", "capacity", "budget", "deadline", "deadline_raw", "org_form", "org_size", "tax_code")


MOST_BESIDE = 10  # words


def beside_the_point(turn: Turn, others: dict[Field, dict[str, Any]]) -> bool:
    """Whether a short message to a free question tells an amount, a date or a number, and no story beside it."""
    typed = bool(set(others) & set(TYPED)) or bool(turn.entities.get("phone"))
    return typed and len(turn.text.split()) <= MOST_BESIDE and not from_story(turn.text, turn.entities)


NAMES_SELF = re.compile(
    r"^\W*(?:(?:da|a|em|anh|chi|toi|minh|bac|co|chu)\s+)*(?:ten(?: la)?|la)\s+(\w+(?: \w+){0,3}?)"
    r"(?:\s+(?:a|nhe|nha|em|do|day|ne))?\W*$"
)


def gives_name(turn: Turn) -> bool:
    """Whether a message says nothing but who is writing: "em tên Thuỷ"."""
    found, name = NAMES_SELF.match(fold(turn.text)), turn.entities.get("contact_name")
    return found is not None and bool(name) and fold(str(name)) == found[1]


HOUSEHOLD = re.compile(r"\bho (?:gia dinh|san xuat)\b")
ABOUT_SELF = (  # words beside which a firm's form and size are all that is told
    "anh chị em tôi mình bác nhà bên là làm có chung chỉ thôi người lao động nhân công hộ cá thể nhỏ thường xuyên công nhân "
    "doanh thu vốn năm"
)


def states_only(turn: Turn) -> bool:
    """Whether the message only states amounts, a date, a place, a contact, a product: none tells a story."""
    entities = turn.entities
    place, product = entities.get("location") or {}, entities.get("product") or ()
    names = [*place.values(), product, entities.get("contact_name") or "", entities.get("company") or ""]
    household = HOUSEHOLD.search(fold(turn.text)) is not None
    if not (place or product or household or set(FACTS) & set(entities)):
        return False
    if household or {"org_form", "org_size"} & set(entities):
        names.append(ABOUT_SELF)
    if product and not (set(FACTS) & set(entities) or place):  # "bó lá chuối" says more than chuối
        return len(turn.text.split()) <= 2 and "process" not in entities
    return facts_alone(turn.text, str(names)) or (
        bool(product) and "process" not in entities and len(turn.text.split()) <= 2
    )


def only_nods(turn: Turn) -> bool:
    """A yes or a thanks where something else was asked; "lươn" and "đá" only look like one."""
    most = {"affirm": 3, "thank": 6}.get(turn.said.act, 0)  # words
    said = turn.said.act != "affirm" or SAYS_YES.search(fold(turn.text)) is not None
    return turn.said.sure and said and len(turn.text.split()) <= most and not turn.entities


AGREED = re.compile(rf"^\W*(?:(?:{PERSON}|vang|da|ok|u)\s+)*dong y(?:\s+(?:luu|luu phieu|nhe|a|nha|roi|{PERSON}))*\W*$")


def agrees(text: str) -> bool:
    """Whether a message is nothing but "đồng ý"."""
    return AGREED.match(fold(text)) is not None


def agrees_to_all(turn: Turn) -> bool:
    """A bare "đồng ý" where only what may stay unknown is left: the form is to go on to its end."""
    left = [field for field in Field if field.value not in (turn.talk.form or {})]
    return agrees(turn.text) and not any(field.required for field in left)


def tells_more(turn: Turn, others: dict[Field, dict[str, Any]]) -> bool:
    """Whether a message without a number goes on about the need, so that its words are no name."""
    story = read_story(turn.text)
    return bool(story.wish or story.problem or story.current or (others and states_only(turn)))


def finer_product(turn: Turn) -> dict[str, Any] | None:
    """A few words that name the product more closely than it is noted: "đá vôi xây dựng" where "đá" stands."""
    held = (turn.talk.form or {}).get(Field.PRODUCT.value) or {}
    words = fold(turn.text).split()
    known = fold(str(held.get("words", ""))).replace(",", " ").split()
    if not known or not 2 <= len(words) <= LONGEST_NAME or not set(known) < set(words) or words[: len(known)] != known:
        return None
    if turn.said.asks or any(sign.isdigit() for sign in turn.text) or "process" in turn.entities:
        return None
    return answer(held.get("value"), trim_answer(turn.text), turn.text)


def vaguer(turn: Turn, field: Field, new: dict[str, Any]) -> bool:
    """Whether a value says no more than what stands: "gỗ" where "gỗ keo" is noted."""
    held = ((turn.talk.form or {}).get(field.value) or {}).get("words", "")
    return set(fold(new["words"]).split()) <= set(fold(held).split())


GIVEN = re.compile(
    r"(?:được\s+)?(?:hỗ trợ|trợ cấp|tài trợ|ho tro|tro cap|tai tro)(?:\s+(?:được|đc|dc|duoc|cho))?", re.IGNORECASE
)


def paid_by_others(turn: Turn) -> dict[str, Any] | None:
    """Where the money is asked for, what others give counts as well: "xã hỗ trợ được 150 triệu, dân góp thêm"."""
    if turn.said.asks or not GIVEN.search(turn.text):
        return None
    found = turn.office.mind.understand(GIVEN.sub("có", turn.text), Context(), turn.now).entities
    return from_entities(found, turn.text).get(Field.BUDGET)


def _wanted_by(turn: Turn) -> dict[Field, dict[str, Any]]:
    """The time that one clause of several says something is needed by: "rằm đi hội, còn máy thì tháng 3 có là được"."""
    for clause in clauses(turn.text):
        if FIRM.search(fold(clause)):
            read = turn.office.mind.understand(clause, Context(), turn.now).entities
            if row := from_entities(read, clause).get(Field.DEADLINE):
                return {Field.DEADLINE: {**row, "said": turn.text}}
    return {}


FIRM = re.compile(r"\b(?:can|kip|truoc|phai|xong|cham nhat|la duoc|la co|cung duoc|la vua|lap|chay|tuc la)\b")


def firm_deadline(turn: Turn, rest: dict[Field, dict[str, Any]]) -> dict[Field, dict[str, Any]]:
    """A time told with "trước", "phải", "cần" in place of one that was only mentioned: "hợp đồng đến 30/6"."""
    new, held = rest.get(Field.DEADLINE), (turn.talk.form or {}).get(Field.DEADLINE.value)
    if new is None or held is None or turn.said.asks or not FIRM.search(fold(turn.text)):
        return {}
    return {} if FIRM.search(fold(str(held.get("said", "")))) else {Field.DEADLINE: new}


def stated(turn: Turn, field: Field) -> dict[Field, dict[str, Any]]:
    """What the message states, by field; what goes wrong or is wished for only where it is asked in free words."""
    found = from_entities(turn.entities, turn.text)
    if "deadline" in turn.entities and (Field.DEADLINE not in found or len(list(clauses(turn.text))) > 1):
        found |= _wanted_by(turn)
    if field in (Field.PROBLEM, Field.WISH) or (len(turn.text.split()) > 6 and not turn.entities.get("phone")):
        found = {**from_story(turn.text, turn.entities), **found}
    elif field in TYPED and len(turn.text.split()) >= 3:
        told = from_story(turn.text, turn.entities)  # "giờ ghi sổ tay thôi", "hồi bị đen" where money was asked
        lacking = Field.WISH.value not in (turn.talk.form or {})
        kept = (Field.PROBLEM, Field.CURRENT, *((Field.WISH,) if lacking else ()))
        found = {**{key: row for key, row in told.items() if key in kept}, **found}
    return found


def patient(turn: Turn, field: Field, others: dict[Field, dict[str, Any]]) -> bool:
    """Whether a message that cannot be read is asked for again; a second short one is taken in own words, a third in any."""
    pending = turn.talk.pending
    if pending.get("tried") != field.value:
        return True
    if pending.get("again") or not (others or len(turn.text.split()) > 10):
        return False
    pending["again"] = True
    return True
