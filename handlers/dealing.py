"""Reads what somebody says of a solution shown, or of an introduction, as one of the choices that stand: in whatever words."""

import re

from conversation.offer_form import stated_money
from conversation.ordinals import listed_place
from conversation.reply import Choice, Reply
from domain.need import Need, NeedState
from domain.pairing import Reason
from domain.person import Alert
from domain.text import fold
from handlers import introductions, needs, news, offers, outcomes, privacy, results, supplied, supply
from handlers.turn import Turn
from handlers.words import trimmed
from storage import catalogue, pairs
from storage import needs as kept

MOST_WORDS = 16
LEADS = (
    r"^\W*(?:(?:cho|ok|oke|u|uh|da|vang|a|thi|thoi|cung|em|anh|chi|toi|minh|ben|nay|oi|roi|the|vay|cai|may|loai)\W+)*"
)
YES = re.compile(
    LEADS + r"(?:co|ok|oke|u|uh|vang|dong y|duoc|dc|nhat tri|chuan|dung)(?:\s+(?:em|a|nhe|di|luon|roi|do|chu|nha))*\W*$"
)
NO = re.compile(LEADS + r"(?:khong|ko|k|hong|chua|khoi)(?:\s+(?:em|a|nhe|dau|can|nha))*\W*$")
# an owner of a solution
WANTS = re.compile(
    r"\b(?<!khong )(?<!ko )(?<!chua )(?:quan tam|thich (?:may|cai|loai|giai phap) (?:nay|do)|ket noi|"
    r"(?:lien he|gioi thieu|hoi) (?:giup|cho) (?:toi|em|anh|chi|minh)|muon (?:lay|mua|xem|gap|"
    r"lam viec|ket noi)|lay (?:may|cai|loai) (?:nay|do))\b"
)
UNFIT = re.compile(r"\b(?:khong|ko|k|chua) (?:hop|quan tam|thich|ung|lay|can (?:cai|may|loai) (?:nay|do))\b|\bbo qua\b")
REASONS = (
    (re.compile(r"\b(?:dat|gia cao|mac|qua tam|khong du tien|ko du tien|qua tien)\b(?!\s+(?:cho|hang|may|lich|"
        r"coc))"), Reason.PRICE),
    (re.compile(r"\b(?:cong suat|may)?\s*(?:nho|to|lon|be|it) (?:qua|lam)\b|\bkhong du cong suat\b"), Reason.SIZE),
    (re.compile(r"\b(?:xa qua|xa lam|o xa|khong (?:co )?bao hanh|bao hanh (?:kho|kem|xa))\b"), Reason.FAR),
    (re.compile(r"\b(?:mua (?:noi|cho|ben) khac|co may roi|mua roi|da mua)\b"), Reason.BOUGHT),
    (re.compile(r"\b(?:het nhu cau|khong can nua|ko can nua|khong lam nua)\b"), Reason.NO_NEED),
)  # fmt: skip
CLOSES = re.compile(r"^\W*(?:\w+\s+){0,4}thoi(?:\s+(?:vay|em|nhe|a|nha|du))*\W*$")
PUTS_OFF = re.compile(
    r"\b(?:de sau|de (?:em|toi|anh|chi|minh) (?:nghi|xem|hoi|tinh)|suy nghi|can nhac|khoan da|chua voi)\b"
)
TAKES_IT = re.compile(r"\b(?:lay|chon|ung|chot)\b")
CHEAP = re.compile(r"\bre(?: hon| nhat)?\b")
OTHER_ONE = re.compile(r"\b(?:cai|may|loai|ben) (?:kia|con lai)\b")
WHY = re.compile(
    r"\b(?:vi sao|tai sao|sao)\b.*\b(?:nhan|gui|bao)\b.*\btin\b|\bsao\b.*\b(?:cung|lai|cu|hoai)\b.*\b(?:gui|nhan|bao)\b|"
    r"\b(?:vi sao|tai sao|sao lai)\s+(?:lai\s+)?(?:gui|bao|nhan)\b"
)
TOPICS = (
    (re.compile(r"\b(?:it (?:tin )?hon|bot tin|gui it|it thoi|bao it|nhieu tin qua)\b"), "less"),
    (re.compile(r"\b(?:dung hon|hop hon|sat hon|that hop|chi (?:tin|bao|gui) .*hop|(?:khong|ko) dung (?:cai|may|"
        r"loai))\b"), "stricter"),
    (re.compile(r"\b(?:dung chu de|(?:dung|thoi|ngung|khong|ko|dung co) (?:gui|bao|"
        r"nhan) (?:tin )?(?:ve )?(?:\w+ )?(?:phieu|chu de|loai|may|viec) (?:nay|do|ay))\b"), "stop"),
    (re.compile(r"\b(?:dung|ngung|thoi) (?:gui |nhan )?(?:loai )?tin (?:nay|do|ay)\b"), "stop"),
    (re.compile(r"\b(?:nhan lai|gui lai|bao lai|nhu cu)\b"), "all"),
)  # fmt: skip
ABOUT_IT = re.compile(
    r"\b(?:gia (?:bao nhieu|the nao|sao|ca)|bao nhieu tien|cong suat|bao hanh|ai ban|ben nao|"
    r"hang nao|nha nao|mua o dau|o dau ban|lap dat|dien may pha|chi tiet)\b"
)
OTHERS = re.compile(r"\b(?:re hon|(?:cai|may|loai|ben|noi) (?:nao )?khac|con (?:cai|loai|may|ben) nao)\b")
AGREES = re.compile(r"\bdong y\b(?!.*\b(?:khong|chua|ko)\b)")
LOOSEN = re.compile(r"\b(?:noi (?:dieu kien|ra|them)|tang (?:kinh phi|tien|von)|them kinh phi|ha quy mo)\b")
LISTED = re.compile(r"\b(?:gui len|dua len|len danh sach|danh sach quoc gia|gui bo)\b")
CALLED = re.compile(
    r"\b(?:co nguoi goi|(?:ho|ben \w+|nguoi ta|anh ay|chi ay|vien)? ?(?:da )?goi (?:roi|cho)|goi dien roi|lien he roi)\b"
)
UNCALLED = re.compile(
    r"\b(?:chua (?:thay )?(?:ai|goi|co ai)|khong (?:thay )?ai goi|ko (?:thay )?ai goi|chua ai|chua goi|khong goi)\b"
)
FARNESS = re.compile(
    r"\b(?:ho|ben (?:ay|kia|do|ban)|nha cung cap|nguoi ban|vien)\b.*\b(?:goi|tra loi|nhan|dong y|"
    r"lien he|noi sao|noi gi)\b.*\b(?:chua|gi|sao|khong|ko)\b"
    r"|\b(?:khong|chua|ko|co) ai (?:nhan|tra loi|lien he|goi)\b"
)
TAKES_BACK = re.compile(
    LEADS + r"rut(?:\s+(?:lai|dong y|gioi thieu|lien he|so|lai dong y))*(?:\s+(?:giup|nhe|em|a|di))*\W*$"
)
# a supplier who sees a need
ACCEPTS = re.compile(
    r"\b(?:dong y nhan|nhan (?:viec|phieu|loi|giup|nhe|luon|don)|toi nhan|em nhan|ben (?:toi|em|"
    r"minh) nhan|nhan duoc|lam duoc|dap ung duoc|nhan lam)\b|^\W*(?:da |ok |u )*nhan\W*$"
)
PASSES = re.compile(
    r"\b(?:(?:khong|ko|k|chua) (?:nhan|lam duoc|dap ung|kham noi|kip)|qua tai|ban qua|tu choi|xin (?:phep )?tu choi)\b"
)
SOLD_OUT = re.compile(
    r"\b(?:het (?:hang|may|roi|mat)|ban het|khong con (?:may|hang|ban)|ngung (?:ban|san xuat|cung cap))\b"
)
THINKS = re.compile(
    r"\b(?:de (?:toi|em|anh|chi|minh|ben \w+)?\s*(?:xem|nghi|tinh|hoi)|suy nghi|can nhac|(?:mai|toi|"
    r"chieu|tuan sau|hom sau) (?:tra loi|bao|tinh)|tra loi sau|bao sau)\b"
)
WHO = re.compile(
    r"\b(?:so dien thoai|sdt|xin so|cho so|ten gi|ai (?:can|hoi|mua)|la ai|o (?:dau|xa|huyen|"
    r"cho) ?\w*|xa nao|dia chi|khach nao|ben nao can)\b"
)
# a supplier who is asked whether it still stands
STANDS = re.compile(
    r"\b(?:con (?:nhe|a|em|ban|hang|do|cung cap|chu|mo)|van con|con mo lai|mo lai|van ban|"
    r"van cung cap)\b|^\W*(?:da |vang )*con\W*$"
)


async def take(turn: Turn) -> Reply | None:
    """The reply to words that mean a standing choice or an outcome; None when they mean none."""
    folded = fold(turn.text)
    sure = turn.said.sure and turn.said.act in (
        "erase_my_data",
        "talk_to_officer",
        "see_my_data",
        "check_message",
        "abuse",
    )
    if len(folded.split()) > MOST_WORDS or (sure and not TAKES_BACK.match(folded)):
        return None
    for read in (_supplier, _taken_back, _still, _news, _owner, _deal):
        reply = await read(turn, folded)
        if reply is not None:
            return reply
    return None


def _newest(turn: Turn, *verbs: str) -> str | None:
    """The argument of the newest choice of these verbs in the last messages."""
    found = (choice.action for made in turn.offered for choice in made)
    return next((action.partition(":")[2] for action in found if action.partition(":")[0] in verbs), None)


def _near(turn: Turn, *verbs: str) -> bool:
    """Whether no newer message than the one with such choices asks for something else."""
    asked = next((made for made in turn.offered if made), ())
    return any(choice.action.partition(":")[0] in verbs for choice in asked)


# --- suppliers --------------------------------------------------------------------------------------------------
async def _supplier(turn: Turn, folded: str) -> Reply | None:
    """A supplier's words on a need that was shown without contact."""
    code = _newest(turn, "accept", "pass")
    found = await pairs.introduction_by_code(turn.db, code) if code else None
    if code is None or found is None or found.supplier_id != turn.person.id:
        return None
    if found.withdrawn_at is not None and ACCEPTS.search(folded) and not turn.said.asks:
        return await introductions.accept(turn, code)  # which tells why it is over
    if found.supplier_agreed_at is not None or found.withdrawn_at is not None:
        return None
    if WHY.search(folded):
        offer = await catalogue.find_offer(turn.db, found.offer_id)
        title = trimmed(offer.title, 80) if offer is not None else found.offer_id
        return Reply(
            f"Em hỏi vì anh/chị đã chào “{title}” và có người cần chọn đúng loại này (mã {code}).", _of_supplier(code)
        )
    near = _near(turn, "accept")
    if WHO.search(folded):
        return await _who(turn, code)
    if turn.said.asks:
        return None
    if THINKS.search(folded):
        return Reply(
            "Dạ, anh/chị cứ xem thêm, em chưa chuyển liên hệ của ai. "
            f"Quyết rồi thì anh/chị nhắn NHẬN hoặc KHÔNG NHẬN (mã {code}) nhé.",
            _of_supplier(code),
        )
    if SOLD_OUT.search(folded):
        said = await introductions.decline(turn, code)
        gone = (
            Choice("Rút khỏi kho", f"still:{found.offer_id}/no", ("rut", "co", "u", "dung", "ok", "rut di")),
            Choice("Giữ lại", f"still:{found.offer_id}/keep", ("giu", "khong", "thoi")),
        )
        return Reply(f"{said.text} Anh/chị hết hẳn loại này thì em rút khỏi kho luôn nhé?", gone, quick=True)
    if PASSES.search(folded) or (near and (NO.match(folded) or TAKES_BACK.match(folded))):
        return await introductions.decline(turn, code)
    if ACCEPTS.search(folded) or (near and (YES.match(folded) or AGREES.search(folded))):
        return await introductions.accept(turn, code)
    return None


def _of_supplier(code: str) -> tuple[Choice, ...]:
    return (
        Choice("Đồng ý nhận", f"accept:{code}", ("nhan", "dong y", "co")),
        Choice("Không nhận", f"pass:{code}", ("khong", "thoi")),
    )


async def _who(turn: Turn, code: str) -> Reply:
    """Who needs it and where is told when both have agreed; what may be told now is told again."""
    found = await pairs.introduction_by_code(turn.db, code)
    need = await kept.find(turn.db, found.need_id) if found is not None else None
    about = f" Việc cần: {trimmed(outcomes.need_without_contact(need), 220)}." if need is not None else ""
    text = f"Tên, số điện thoại và xã em chỉ chuyển khi anh/chị cũng nhận (mã {code}).{about} Anh/chị nhận chứ ạ?"
    return Reply(text, _of_supplier(code), quick=True)


async def _taken_back(turn: Turn, folded: str) -> Reply | None:
    """Consent taken back in whatever words; before anything else, as "rút lại đồng ý" holds "đồng ý"."""
    return await introductions.take_back_one(turn) if TAKES_BACK.match(folded) else None


async def _still(turn: Turn, folded: str) -> Reply | None:
    """A supplier's words on whether an offer still stands."""
    argument = _newest(turn, "still")
    offer_id = (argument or "").partition("/")[0]
    if not offer_id or turn.said.asks or await pairs.supplied_by(turn.db, offer_id) != turn.person.id:
        return None
    near = _near(turn, "still")
    if not near and not STANDS.search(folded):
        return None
    offer = await catalogue.find_offer(turn.db, offer_id)
    if offer is None:
        return None
    if near and stated_money(turn.text) and not SOLD_OUT.search(folded):
        await supply.say_still(turn, f"{offer_id}/yes")
        return await supplied.put_right(turn, offer)
    if STANDS.search(folded):
        return await supply.say_still(turn, f"{offer_id}/yes")
    if SOLD_OUT.search(folded) or re.search(r"\bhet\b|\b(?:khong|ko) (?:con|ban|cung cap)\b", folded):
        return await supply.say_still(turn, f"{offer_id}/no")
    return None


# --- owners -----------------------------------------------------------------------------------------------------
THIS = re.compile(r"\b(?:cai|may|loai|lo|con|bo|giai phap|he thong) (?:nay|do|ay|kia|dau|thu)\b")
AT_ONCE = re.compile(r"\b(?:bao|nhan|gui) (?:\w+ ){0,2}ngay\b|\bco la (?:bao|nhan|gui) (?:ngay|luon)\b")
WEEKLY = re.compile(r"\b(?:moi|hang|1|mot) tuan (?:1|mot|gui|bao|thoi|lan)\b|\bgui hang tuan\b")


async def _news(turn: Turn, folded: str) -> Reply | None:
    """At once or once a week, for whoever takes news; the consent itself is only given where it is asked."""
    if turn.said.asks or turn.person.alert is Alert.OFF:
        return None
    if AT_ONCE.search(folded) and not re.search(r"\b(?:khong|ko|dung|thoi)\b", folded):
        return await privacy.choose_news(turn, "now")
    return await privacy.choose_news(turn, "weekly") if WEEKLY.search(folded) else None


async def _owner(turn: Turn, folded: str) -> Reply | None:
    """An owner's words on a solution that was shown."""
    listed = await _of_several(turn, folded)
    if listed is not None:
        return listed
    pair = _newest(turn, "want", "agree", "unfit", "why") or await _first_listed(turn)
    need = await _open_need(turn, pair)
    if pair is None or need is None:
        return None
    topic = next((word for pattern, word in TOPICS if pattern.search(folded)), None)
    if topic is not None and (_near(turn, "topic", "why") or topic in ("less", "stop")):
        return await news.choose_topic(turn, f"{pair.partition('/')[0]}/{topic}")
    if WHY.search(folded):
        return await news.say_why(turn, pair)
    near = _near(turn, "want", "unfit", "because", "why", "agree", "topic", "offer") or (
        turn.talk.last_listed == "offers" and THIS.search(folded) is not None
    )
    if OTHERS.search(folded):
        return await offers.others(turn, need, pair.partition("/")[2], cheaper="re hon" in folded)
    if _near(turn, "agree") and PUTS_OFF.search(folded):
        return await introductions.refuse(turn, pair)
    if _near(turn, "agree") and not turn.said.sure and (turn.said.asks or turn.text.rstrip().endswith("?")):
        return await introductions.want(turn, pair)  # a doubt about the consent: its words are said again
    if turn.said.asks:
        return await offers.show(turn, pair.partition("/")[2]) if near and ABOUT_IT.search(folded) else None
    reason = next((reason for pattern, reason in REASONS if pattern.search(folded)), None)
    if reason is not None and near:
        return await introductions.because(turn, f"{pair}/{reason.value}")
    if UNFIT.search(folded) and near:
        return await introductions.unfit(turn, pair)
    if near and CLOSES.match(folded) and not _near(turn, "agree"):
        return Reply(f"Dạ vâng. Phiếu {need.code} vẫn mở, có loại hợp hơn là em báo anh/chị.")
    if WANTS.search(folded):
        return await introductions.want(turn, pair)
    asked = next(
        (c.action.partition(":")[2] for made in turn.offered[:2] for c in made if c.action.startswith("agree:")), None
    )
    if asked is not None and AGREES.search(folded):
        return await introductions.agree(turn, asked)  # the very pair whose wording was shown
    return await introductions.refuse(turn, pair) if _near(turn, "agree") and NO.match(folded) else None


def _several(turn: Turn) -> list[str]:
    """The offers of the newest message that lists more than one."""
    for made in turn.offered:
        shown = [choice.action.rpartition("/")[2] for choice in made if choice.action.startswith(("offer:", "want:"))]
        ids = list(dict.fromkeys(key.removeprefix("offer:") for key in shown))
        if len(ids) > 1:
            return ids
    return []


async def _first_listed(turn: Turn) -> str | None:
    """The pair of the first solution of the newest list, for what is asked of the list as a whole."""
    ids = _several(turn) if _near(turn, "offer") else []
    if not ids and turn.talk.last_listed == "offers":
        ids = turn.talk.listed.get("offers") or []
    need = await offers.for_need(turn, ids[0]) if ids else None
    return f"{need.id}/{ids[0]}" if need is not None else None


async def of_listed(turn: Turn) -> Reply | None:
    """The one of the solutions listed last that is meant, while a form is open: it is shown."""
    return await _of_several(turn, fold(turn.text)) if _near(turn, "offer", "want") else None


async def _of_several(turn: Turn, folded: str) -> Reply | None:
    """The one of several listed solutions that is meant: by its place, as the cheap one, as the other one."""
    ids = _several(turn)
    if not ids or len(folded.split()) > 8:
        return None
    near = _near(turn, "offer", "want")
    wants = WANTS.search(folded) is not None or TAKES_IT.search(folded) is not None
    place = listed_place(turn.text, len(ids)) if near else None
    found = ids[place] if place is not None else None
    if found is None and near and CHEAP.search(folded):
        held = [offer for offer in [await catalogue.find_offer(turn.db, key) for key in ids] if offer is not None]
        priced = [offer for offer in held if offer.price_million_vnd.get("min") is not None]
        found = min(priced, key=lambda offer: offer.price_million_vnd["min"]).id if priced else None
    if found is None and OTHER_ONE.search(folded):
        last = (_newest(turn, "want", "unfit", "because", "agree") or "").split("/")
        left = [key for key in ids if key not in last]
        found = left[0] if len(left) == 1 else None
    if found is None:
        return await _which(turn, ids) if near and wants else None
    need = await offers.for_need(turn, found)
    return (
        await introductions.want(turn, f"{need.id}/{found}")
        if wants and need is not None
        else await offers.show(turn, found)
    )


async def _which(turn: Turn, ids: list[str]) -> Reply | None:
    """Asks which of the listed solutions is wanted."""
    choices = []
    for key in ids[:4]:
        offer, need = await catalogue.find_offer(turn.db, key), await offers.for_need(turn, key)
        if offer is not None and need is not None:
            choices.append(Choice(trimmed(offer.title), f"want:{need.id}/{key}"))
    return Reply("Anh/chị quan tâm loại nào ạ?", tuple(choices), quick=True) if choices else None


async def _open_need(turn: Turn, pair: str | None) -> Need | None:
    number = (pair or "").partition("/")[0]
    need = await kept.find(turn.db, int(number)) if number.isdigit() else None
    return (
        need if need is not None and need.person_id == turn.person.id and need.state is not NeedState.CLOSED else None
    )


async def _deal(turn: Turn, folded: str) -> Reply | None:
    """Words on an introduction under way: has anybody called, what came of it, taken back, how far."""
    way = _newest(turn, "way")
    if way is not None and LOOSEN.search(folded):
        return await outcomes.choose_way(turn, f"{way.partition('/')[0]}/loosen")
    if way is not None and LISTED.search(folded):
        return await outcomes.choose_way(turn, f"{way.partition('/')[0]}/list")
    asked = _newest(turn, "called")
    if asked is not None and not turn.said.asks:
        near = _near(turn, "called")
        if UNCALLED.search(folded) or (near and NO.match(folded)):
            return await outcomes.say_called(turn, f"{asked.partition('/')[0]}/no")
        if CALLED.search(folded) and not results.named(folded):
            return await outcomes.say_called(turn, f"{asked.partition('/')[0]}/yes")
    if _near(turn, "result") and (money := stated_money(turn.text)):
        code = (_newest(turn, "result") or "").partition("/")[0]
        return await results.choose(turn, f"{code}/value{results.band_of(money)}")
    if CALLED.search(folded) and not turn.said.asks and (noted := await results.supplier_called(turn)) is not None:
        return noted
    if (result := results.named(folded)) is not None and not turn.said.asks:
        return await results.tell(turn, result)
    if FARNESS.search(folded) and await pairs.introductions_of(turn.db, turn.person.id):
        return await needs.tell_status(turn)
    return None
