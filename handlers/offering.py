"""Takes what somebody tells of a technology they offer, one question a turn, until they send it."""

import re
from dataclasses import replace
from typing import Any

from conversation.flow import Misread
from conversation.names import guess_name
from conversation.need_form import answer, local_phone
from conversation.offer_form import (
    THING,
    Part,
    from_message,
    not_known,
    price,
    price_readings,
    read_part,
    stated_money,
)
from conversation.repairs import facts_alone, says_wrong
from conversation.reply import Reply, shorten
from domain.text import fold
from handlers import offer_draft, supply
from handlers.offer_draft import FLOW, ask, change, fill, held, plan, standing, told, unplan, waiting
from handlers.offer_repairs import UNKNOWN, ask_which, correct, fill_all, known_name, say_noted, with_phone
from handlers.turn import Turn
from nlu.understanding import Context, Understanding
from storage import dues, people

MOST_NOTES = 5
AGAIN = "Khi tiện, anh/chị nhắn BẢN CHÀO để ghi tiếp."
NAMED = re.compile(
    r"^\W*(?:(?:ghi|lam|mo|tiep|tiep tuc|xem|gui)\s+)*ban chao(?:\s+(?:hang|cong nghe|may|di|nhe|a))*\W*$"
)
LEADS = r"^\W*(?:(?:a|da|thoi|ma|em|chi|anh|toi|minh|ben|nha|uh|u|ok|doi y|nghi lai|xin loi)\W+)*"
DROPS = re.compile(
    LEADS
    + r"(?:huy|huy bo|bo|bo di|xoa|xoa di|(?:khong|ko|k)\s+(?:chao|gioi thieu|ban|dang|can|muon|lam|gui)(?:\s+\w+)?\s+nua|"
    r"(?:khong|ko|k)\s+(?:chao|gioi thieu|ban|dang|gui)|dung lai)(?:\s+(?:di|nhe|a|em|giup|ban chao|luon|nua|het|roi))*\W*$"
)
LATER = re.compile(
    LEADS + r"(?:(?:de\s+)?(?:sau|mai|luc khac|hom khac|toi nay|chieu|hom sau|khi khac|lan sau)"
    r"(?:\s+(?:di|nhe|a|em|da|noi|tinh|lam|ghi|tiep|chao|gui|toi|minh|anh|chi|nhan|vay|nha))*\W*$|"
    r"(?:(?:the|vay)\s+)?(?:thi\s+)?thoi(?:\s+(?:vay|em|nhe|a))*\W*$|(?:dang\s+)?ban\s+(?:qua|roi|viec|lam|hop)\b.*$|"
    r"(?:khoan da|khoan|chua gui(?:\s+voi)?|tu tu)\W*$)"
)
BARE_LATER = re.compile(r"^\W*(?:de\s+)?sau(?:\s+(?:nhe|a|em|di|bao))*\W*$")  # of one answer, not of the whole
BY_TALK = re.compile(r"\b(?:thoa thuan|thuong luong|bao gia sau|gia ca sau|gia (?:de|tinh|noi|bao) sau)\b")
SENDS = re.compile(
    r"^\W*(?:(?:ok|oke|u|uh|um|da|vang|dung|duoc|chuan|roi|the|vay|em|cu|chinh xac|dong y|anh|chi|toi|thi|nhe)\W+)*"
    r"(?:gui|dong y|dung|duoc|chuan|ok|oke|chinh xac)"
    r"(?:\s+(?:di|luon|giup|nhe|em|a|roi|cho|so|can bo|het|nha|do|anh|chi|vay))*\W*$"
)
EDITS = re.compile(
    r"^\W*(?:(?:em|cho|toi|anh|chi|minh|can|muon)\s+)*(?:sua|chinh|doi)(?:\s+(?:lai|a|nhe|voi|giup|em|ban chao))*\W*$"
)
SEEKS = re.compile(
    r"\bkhong phai (?:ban|chao)\b|\bkhong (?:ban|chao)\b.*\b(?:mua|tim)\b|"
    r"\b(?:dang|can|muon)\s+(?:tim mua|mua|tim may|tim nguoi ban|tim noi ban)\b"
)
NOT_SOUGHT = re.compile(r"\b(?:khong|ko|k|chu) (?:phai |)(?:la |)(?:dang |)(?:can|muon|tim)\s+(?:tim )?(?:mua|may)\b")
GOES_ON = re.compile(
    r"\b(?:cu (?:dang|chao|gui|lam|ghi|ban)|(?:dang|chao|lam|ghi|gui) tiep|tiep tuc|dang lai|chao lai)\b"
)
WHICH_KINDS = re.compile(r"\b(?:gi cung duoc|(?:co )?(?:duoc|dc) (?:khong|ko|k|chua)|nao cung duoc)\b")
QUESTION_WORDS = re.compile(r"\b(?:nao|gi|dau|bao nhieu|the nao|may gio|bao gio|tai sao|hoi (?:chut|cai|ti|em))\b")
KEEPS_BACK = re.compile(r"\b(?:khong|ko|k|ngai)\b.*\b(?:cho|dua|de|muon)\b.*\b(?:so|ten|sdt|lien he)\b")
ANY = re.compile(r"\b(?:bao nhieu|may)\b.*\bcung (?:duoc|dc)\b|\bkhong gioi han\b|\bkhong co cong suat\b")
MORE = re.compile(r"\b(?:them|nua|con|may khac|loai khac|thu hai)\b")
NODS = ("affirm", "thank", "greet")
SHOWS = ("see_offers", "list_events", "help", "find_programme")
LISTS = (*SHOWS, "ask_policy", "ask_programme", "give_feedback")


# --- opening and going on ---------------------------------------------------------------------------------------
async def begin(turn: Turn) -> Reply:
    """Opens the form with what the message tells, or goes on with the open one."""
    if standing(turn):
        return await take(turn) if turn.opened == FLOW and turn.pressed is None else await resume(turn)
    offer_draft.open_draft(turn)
    who = await people.find(turn.db, turn.person.id)
    if who.phone and who.name:
        words = f"{who.name}, {local_phone(who.phone)}"
        told(turn)[Part.CONTACT.value] = answer({"name": who.name, "phone": who.phone}, words, "")
    first = fill_all(turn, from_message(turn.text, turn.entities)) if turn.pressed is None else []
    if first:
        held(turn)["own"].append(turn.text[:500])
    await plan(turn)
    if turn.talk.form is not None:
        return Reply(f"Dạ, phần chào công nghệ em ghi riêng, mình gửi xong phiếu nhu cầu này đã nhé. {AGAIN}")
    thanks = "Cảm ơn anh/chị muốn giới thiệu công nghệ. "
    return ask(turn, f"{thanks}Em ghi: {'; '.join(first)}." if first else thanks.strip())


async def resume(turn: Turn) -> Reply:
    """Goes on where the form was left, one dropped last as well."""
    if turn.talk.offer is not None:
        turn.talk.offer.pop("dropped", None)
    if not standing(turn):
        return await begin(turn)
    await plan(turn)
    so_far = "; ".join(f"{part.label}: {told(turn)[part.value]['words']}" for part in Part if part.value in told(turn))
    if waiting(turn) is None:
        return ask(turn)
    return ask(turn, f"Mình ghi tiếp bản chào. Em đã có {shorten(so_far, 200)}." if so_far else "Mình ghi tiếp nhé.")


def called(turn: Turn) -> bool:
    """Whether the message names the form that was put aside, or says go on while no need form is in the way."""
    bare = fold(turn.text).strip(" .!/")
    dropped = (turn.talk.offer or {}).get("dropped") and not turn.talk.pending.get("dropped")
    if named(turn) or (dropped and GOES_ON.search(bare) and len(bare.split()) <= 8):
        return True
    if standing(turn) and held(turn).get("rests") and "gui" in bare.split() and SENDS.match(bare):
        return True
    free = standing(turn) and turn.talk.form is None and not turn.talk.pending.get("dropped")
    return free and bare in ("tiep", "tiep tuc", "ghi tiep", "lam tiep", "start")


def named(turn: Turn) -> bool:
    """Whether the message calls this form by its name."""
    return NAMED.match(fold(turn.text).strip(" .!/")) is not None


def goes_on(turn: Turn) -> bool:
    """Whether this form's question stays open after something else was answered."""
    open_before = turn.opened == FLOW and standing(turn) and not held(turn).get("rests")
    return open_before and turn.talk.form is None and turn.talk.open is None


# --- what comes while the form is open --------------------------------------------------------------------------
async def obey(turn: Turn) -> Reply | None:
    """Cancel, later, send, edit, a correction, a typed answer; None when the message is none of these."""
    folded, part = fold(turn.text), waiting(turn)
    if DROPS.match(folded) or (turn.said.act == "cancel" and turn.said.sure):
        return await drop(turn)
    if LATER.match(folded) and not (part in (Part.SIZE, Part.PRICE) and BARE_LATER.match(folded)):
        return await later(turn)
    if _gives(turn, part):
        return await take(turn)
    if part is Part.CONTACT and KEEPS_BACK.search(folded):
        return ask(
            turn, "Số này chỉ cán bộ xem, người cần chỉ nhận khi anh/chị đồng ý. Chưa tiện thì anh/chị nhắn ĐỂ SAU ạ."
        )
    if part is Part.SIZE and ANY.search(folded):
        return await set_unknown(turn, part)
    kinds = part in (Part.WHAT, Part.SIZE) and not {"product", "process"} & set(turn.entities)
    if kinds and WHICH_KINDS.search(folded) and not (turn.said.sure and turn.said.act in LISTS):
        return ask(turn, "Dạ được ạ: máy, quy trình, giống, phần mềm hay dịch vụ em đều nhận.")
    if turn.said.asks or turn.text.rstrip().endswith("?"):
        return None
    if SENDS.match(folded) and (part is None or "gui" in folded):
        return await send(turn, held(turn)["revision"])
    if EDITS.match(folded):
        return ask_which(turn)
    return await correct(turn, part)


def seeks(turn: Turn) -> bool:
    """Whether the message says that something is looked for, not offered."""
    folded = NOT_SOUGHT.sub(" ", fold(turn.text))
    return SEEKS.search(folded) is not None and not turn.said.asks


def lets(turn: Turn, aside: Understanding) -> bool:
    """Whether something else is answered before the open question: a question, or what is firmly wished."""
    shown = aside.act in SHOWS and waiting(turn) not in (Part.WHAT, None)
    return aside.act != FLOW and (aside.asks or shown or aside.act not in LISTS)


def asks(turn: Turn) -> bool:
    """Whether an unsure message is a question: where a figure or a name is asked, a mark at its end is not needed."""
    if waiting(turn) is Part.CONTACT and not turn.entities.get("phone") and QUESTION_WORDS.search(fold(turn.text)):
        return True
    return turn.said.asks and (turn.text.rstrip().endswith("?") or waiting(turn) not in (Part.WHAT, None))


def _closer(turn: Turn, new: dict[str, Any]) -> bool:
    """Whether a name of the machine says what the one before said, and more: "nơi trong tỉnh" is no machine."""
    words = fold(str((told(turn).get(Part.WHAT.value) or {}).get("words", ""))).split()
    return bool(words) and set(words[:2]) <= set(fold(str(new["words"])).split())


async def take(turn: Turn) -> Reply:
    """Takes a message as the answer to the open question, with whatever else it states."""
    part, draft = waiting(turn), held(turn)
    if len(turn.text.split()) > 3 and fold(turn.text) in map(fold, draft["own"]):
        return ask(turn, "Ý này em đã ghi rồi ạ.")
    found = from_message(turn.text, turn.entities, known_name(turn))
    if part is None:
        return await _take_beside(turn, found)
    if part is Part.CONTACT and not turn.entities.get("contact_name"):
        found.pop(part, None)  # the name is read anew, it may stand beside the number
    short = len(turn.text.split()) <= 10
    if part is not Part.PRICE and Part.PRICE not in found and short and BY_TALK.search(fold(turn.text)):
        return await say_noted(turn, fill_all(turn, {**found, Part.PRICE: not_known(Part.PRICE, turn.text)}))
    if (
        part not in found
        and short
        and (UNKNOWN.search(fold(turn.text)) or (turn.said.act == "dont_know" and turn.said.sure))
    ):
        return await set_unknown(turn, part, found)
    if part not in found and turn.said.act in NODS and turn.said.sure and len(turn.text.split()) <= 4:
        return ask(turn, "Dạ.")
    if part is Part.SIZE and not {Part.SIZE, Part.PRICE} & set(found) and stated_money(turn.text):
        found[Part.PRICE] = read_part(Part.PRICE, turn.text, turn.entities)  # the price, said before it was asked
    if part is Part.PRICE and part not in found:
        rows = price_readings(turn.text, turn.entities)
        if len(rows) == 1:
            found[part] = price(rows[0]["value"], turn.text)
        elif rows:
            draft["picks"] = rows
            return await say_noted(turn, fill_all(turn, found))
    beside = part is not Part.WHAT and not (part is Part.CONTACT and turn.entities.get("phone"))
    if part not in found and beside and (rest := fill_all(turn, found)):
        return await say_noted(turn, rest)
    finer = Part.WHAT in found and (part is Part.WHAT or says_wrong(turn.text) or _closer(turn, found[Part.WHAT]))
    if part not in found and finer and (more := change(turn, {Part.WHAT: found[Part.WHAT]})):
        draft["own"].append(turn.text[:500])
        return await say_noted(turn, more, "Em đã sửa")
    if part is Part.CONTACT and not {"phone", "contact_name"} & set(turn.entities) and not _may_be_name(turn):
        return await _not_read(turn, part, found, Misread(""))
    try:
        patient = draft.get("tried") != part.value
        found[part] = found.get(part) or read_part(part, turn.text, with_phone(turn), patient, known_name(turn))
    except Misread as misread:
        return await _not_read(turn, part, found, misread)
    if part is Part.WHAT:
        draft["own"].append(turn.text[:500])
    elif part is not Part.CONTACT and re.search(r"[;\n]|,(?!\d)", turn.text) and not facts_alone(turn.text):
        _note(turn)  # "500 kg/mẻ, điện 3 pha" says more than the figure
    return await say_noted(turn, fill_all(turn, found, over=part))


def _note(turn: Turn) -> bool:
    """Keeps the message in the supplier's own words beside the parts; False when there are enough of these."""
    draft = held(turn)
    if len(draft["notes"]) == MOST_NOTES:
        return False
    draft["notes"].append(shorten(turn.text.strip(), 150))
    draft["revision"] += 1
    return True


def _may_be_name(turn: Turn) -> bool:
    """Whether a message without a number may be somebody's name: no figure, no machine, no correction, no plain wish."""
    plainly_other = turn.said.sure and turn.said.act not in ("affirm", "deny", "dont_know", "out_of_scope")
    other = re.search(r"\d", turn.text) or THING.search(fold(turn.text)) or says_wrong(turn.text)
    return not plainly_other and not other


async def _not_read(turn: Turn, part: Part, found: dict[Part, dict[str, Any]], misread: Misread) -> Reply:
    """No answer to the open question: what the message says otherwise is kept, the question is asked again."""
    draft = held(turn)
    other = fill_all(turn, found)
    if part is Part.CONTACT:
        before = draft.get("contact") or {}
        named = not other and _may_be_name(turn)
        guess = guess_name(turn.text) if named else None
        name = turn.entities.get("contact_name") or guess or before.get("name")
        draft["contact"] = {"name": name, "phone": turn.entities.get("phone") or before.get("phone")}
        if not other and not named and len(turn.text.split()) > 3 and _note(turn):
            return await say_noted(turn, ["ý này để cán bộ xem"], "Em ghi thêm")
    if draft.get("picks"):
        return ask(turn, "Anh/chị chọn giúp em một ý.")
    again, draft["tried"] = draft.get("tried") == part.value, part.value
    if other:
        return await say_noted(turn, other)
    if again and not part.required and _note(turn):
        fill(turn, {part: not_known(part, turn.text)}, over=part)
        return await say_noted(turn, ["ý này để cán bộ xem"], "Em ghi thêm")
    return ask(turn, str(misread))


async def _take_beside(turn: Turn, found: dict[Part, dict[str, Any]]) -> Reply:
    """While the card waits: other figures are put in, other words are kept for the officer."""
    draft = held(turn)
    other = found.pop(Part.WHAT, None)
    if (
        other
        and (MORE.search(fold(turn.text)) or turn.said.act == FLOW)
        and other["words"] != told(turn)["what"]["words"]
    ):
        draft["next"] = turn.text[:500]
        return ask(turn, f"Dạ, gửi xong bản này em ghi tiếp “{shorten(other['words'], 60)}”.")
    if changed := change(turn, found):
        return await say_noted(turn, changed, "Em đã sửa")
    if turn.said.act in (*NODS, "deny", "dont_know", "correct") and len(turn.text.split()) <= 4:
        return ask(turn, "Dạ, anh/chị xem lại giúp em.")
    if len(turn.text.split()) < 3 or not _note(turn):
        return ask(turn, "Anh/chị xem lại giúp em.")
    return await say_noted(turn, ["ý này để cán bộ xem"], "Em ghi thêm")


async def set_unknown(turn: Turn, part: Part, found: dict[Part, dict[str, Any]] | None = None) -> Reply:
    """Notes "not known yet" with what else was stated, or says kindly why this one is needed."""
    beside = found or {}
    if part.required:
        if told_now := fill_all(turn, beside):
            return await say_noted(turn, told_now)
        needed = "cán bộ chưa biết giới thiệu gì" if part is Part.WHAT else "cán bộ không liên hệ được"
        return ask(turn, f"Thiếu {part.label} thì {needed}, anh/chị cho em ý gần đúng.")
    return await say_noted(turn, fill_all(turn, {**beside, part: not_known(part, turn.text)}, over=part))


def _gives(turn: Turn, part: Part | None) -> bool:
    """Whether the message gives the typed answer that is asked for, so that it is taken for nothing else."""
    if turn.text.rstrip().endswith("?"):
        return False
    if part is Part.SIZE:
        return bool(turn.entities.get("capacity"))
    if part is Part.PRICE:
        return bool(stated_money(turn.text) or price_readings(turn.text, turn.entities))
    return part is Part.CONTACT and bool(turn.entities.get("phone"))


# --- buttons and endings ----------------------------------------------------------------------------------------
async def choose(turn: Turn, argument: str) -> Reply:
    """A pressed choice of this form; one of an older state is answered with what has happened since."""
    verb, _, rest = argument.partition("/")
    if not standing(turn):
        return await _over(turn)
    if verb == "send":
        return await send(turn, int(rest))
    if verb == "later":
        return await later(turn)
    if verb == "drop":
        return await drop(turn)
    if verb == "edit":
        if not rest:
            return ask_which(turn)
        held(turn)["edit"] = rest
        return ask(turn)
    if verb == "go":
        return await resume(turn)
    rows = held(turn).get("picks") or []
    if verb == "pick" and int(rest) < len(rows):
        return await say_noted(
            turn, fill(turn, {Part.PRICE: price(rows[int(rest)]["value"], rows[int(rest)]["label"])}, over=Part.PRICE)
        )
    part = waiting(turn)
    if verb == "unknown" and part is not None and rest == part.value:
        return await set_unknown(turn, part)
    return ask(turn, "Câu này anh/chị đã trả lời rồi ạ; giờ là:")


async def _over(turn: Turn) -> Reply:
    """A button of a form that has ended."""
    code = (turn.talk.offer or {}).get("sent")
    if code:
        return Reply(f"Bản chào này đã gửi rồi, mã {code}. Muốn sửa giá hay công suất, anh/chị nhắn em một câu nhé.")
    return Reply("Bản chào này không còn mở ạ. Muốn chào công nghệ, anh/chị nhắn BẢN CHÀO nhé.")


async def send(turn: Turn, revision: int) -> Reply:
    """Hands the confirmed offer to the officers."""
    if waiting(turn) is not None:
        return ask(turn, "Bản chào còn thiếu một ý ạ.")
    if revision != held(turn)["revision"]:
        return ask(turn, "Bản chào đã thay đổi sau nút đó, đây là bản mới nhất ạ.")
    await unplan(turn)
    draft = held(turn)
    code, reply = await supply.hand_over(turn, draft["told"], [*draft["own"], *draft["notes"]])
    turn.talk.offer = {"sent": code, "at": turn.now.isoformat()}
    if not draft.get("next"):
        return reply
    turn.said = turn.office.mind.understand(draft["next"], Context(), turn.now)
    turn.text, turn.pressed = draft["next"], None
    following = await begin(turn)
    return replace(following, text=f"{reply.text}\n\n{following.text}")


async def later(turn: Turn) -> Reply:
    """Leaves the form for another day."""
    held(turn)["rests"] = True
    await plan(turn)
    return Reply(f"Dạ, em giữ bản chào này 30 ngày. {AGAIN}")


async def drop(turn: Turn) -> Reply:
    """Drops the form; it can be taken up again for 30 days."""
    await dues.drop(turn.db, f"offer_nudge:{held(turn)['id']}")
    held(turn)["dropped"] = True
    return Reply("Em đã bỏ bản chào đang ghi; bản ghi tự xoá sau 30 ngày. Đổi ý thì anh/chị nhắn BẢN CHÀO nhé.")
