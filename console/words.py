"""How the console puts things into words: times, states, deeds, what it says after a deed."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from domain.answer import AnswerState
from domain.broadcast import STATE_WORDS as BROADCAST_STATES
from domain.evidence import KIND_WORDS
from domain.frames import Frame, standing
from domain.need import FIELD_LABELS, Field, NeedState, Outcome, called
from domain.offer import OfferState
from domain.officer import ROLE_WORDS, OfficerState, Role
from domain.programme import ProgrammeState
from domain.worktime import WEEKDAYS, local

NEED_STATES = {
    NeedState.DRAFT: "Đang ghi dở",
    NeedState.WAITING_FOR_OWNER: "Chờ chủ xác nhận",
    NeedState.SUBMITTED: "Mới gửi",
    NeedState.OPEN: "Đã duyệt",
    NeedState.INTRODUCED: "Đã giới thiệu",
    NeedState.IN_TRANSFER: "Đang chuyển giao",
    NeedState.CLOSED: "Đã đóng",
}
OUTCOMES = {
    Outcome.CONTRACT: "Đã ký hợp đồng",
    Outcome.DONE_WITHOUT_CONTRACT: "Xong, không hợp đồng",
    Outcome.NO_SUPPLIER: "Chưa có nơi cung cấp",
    Outcome.WITHDRAWN: "Chủ nhu cầu rút",
    Outcome.EXPIRED: "Quá hạn",
    Outcome.NOT_FOR_US: "Không thuộc việc của Sở",
}
OFFER_STATES = {
    OfferState.SUBMITTED: "Chờ duyệt",
    OfferState.VERIFIED: "Đang giới thiệu",
    OfferState.PAUSED: "Tạm dừng",
    OfferState.EXPIRED: "Đang ẩn",
    OfferState.WITHDRAWN: "Đã rút",
}
ANSWER_STATES = {
    AnswerState.DRAFT: "Bản nháp",
    AnswerState.IN_REVIEW: "Chờ duyệt",
    AnswerState.APPROVED: "Đang dùng",
    AnswerState.WITHDRAWN: "Đã rút",
}
OFFICER_STATES = {
    OfficerState.INVITED: "Chưa nhận",
    OfficerState.OPEN: "Đang dùng",
    OfficerState.CLOSED: "Đã đóng",
}
PROGRAMME_STATES = {
    ProgrammeState.IN_FORCE: "Đang hiệu lực",
    ProgrammeState.UNSURE: "Chưa chắc",
    ProgrammeState.DRAFT: "Dự thảo",
    ProgrammeState.ENDED: "Đã hết",
    ProgrammeState.REPEALED: "Bị bãi bỏ",
    ProgrammeState.SUPERSEDED: "Đã được thay",
}
FITS = {
    "fits": "có vẻ hợp",
    "near": "thiếu 1",
    "unknown": "chưa rõ",
    "no": "chưa hợp",
    "not_in_force": "không hiệu lực",
}
TRUTHS = {"met": "đạt", "unmet": "chưa đạt", "unknown": "chưa rõ"}
TICKET_KINDS = {"HT": "Xin gặp cán bộ", "CH": "Hỏi chưa có trả lời", "XD": "Xin xoá dữ liệu"}
TICKET_STATES = {"waiting": "Đang chờ", "taken": "Đã nhận", "done": "Xong", "lapsed": "Quá hẹn"}
CHANNELS = {"telegram": "Telegram", "web": "Trang web", "terminal": "Máy trạm", "zalo": "Zalo", "zalo_oa": "Zalo OA"}
CHANNELS |= {"zalo_bot": "Zalo Bot", "console": "Cán bộ lập hộ", "clock": "Việc hẹn giờ"}
EVENT_STATES = {"submitted": "Chưa công bố", "published": "Đã công bố", "cancelled": "Đã huỷ", "over": "Đã xong"}
PLACE_STATES = {
    "invited": "được mời",
    "registered": "giữ chỗ",
    "waitlisted": "chờ",
    "offered_seat": "đang hỏi",
    "cancelled": "đã huỷ",
    "came": "đã đến",
}
PURPOSES = {"need": "Lưu phiếu nhu cầu", "news": "Nhận tin"}
ADDRESS_STATES = {"active": "đang dùng", "blocked": "đã chặn", "invalid": "không còn"}
VERBS = {
    "sign_in": "đăng nhập",
    "open_account": "nhận tài khoản",
    "invite": "mời",
    "change_role": "đổi vai",
    "close_account": "đóng tài khoản",
    "reopen_account": "mở lại tài khoản",
    "new_link": "cấp liên kết mới",
    "change_password": "đổi mật khẩu",
    "set_totp": "bật mã xác thực",
    "drop_totp": "tắt mã xác thực",
    "link_chat": "nối chat",
    "unlink_chat": "bỏ nối chat",
    "take_over": "tiếp quản",
    "hand_back": "trả lại trợ lý",
    "say": "trả lời người dân",
    "close_ticket": "khép việc",
    "verify": "duyệt phiếu",
    "edit": "sửa phiếu",
    "assign": "giao việc",
    "ask_owner": "hỏi lại chủ nhu cầu",
    "close_need": "đóng phiếu",
    "reopen_need": "mở lại phiếu",
    "advance": "chuyển bước",
    "fill_in": "lập phiếu hộ",
    "confirm_on_paper": "xác nhận bằng giấy đã ký",
    "export": "xuất tệp",
    "merge": "gộp hồ sơ",
    "note": "ghi chú",
    "draft": "soạn bản nháp",
    "send_to_review": "gửi duyệt",
    "approve": "duyệt",
    "withdraw": "rút",
    "send_back": "trả lại người soạn",
    "ask_supplier": "nhờ bổ sung",
    "pause": "tạm dừng",
    "resume": "giới thiệu lại",
    "stop": "dừng tin",
    "go_on": "gửi tiếp",
    "send_elsewhere": "gửi qua kênh khác",
    "give_up": "bỏ phần chưa gửi",
    "recall": "gỡ tin",
    "send_again": "gửi lại",
    "keep_segment": "lưu nhóm",
    "forget_segment": "xoá nhóm",
    "tag": "gắn nhãn",
    "publish": "công bố",
    "cancel": "huỷ",
    "check_in": "ghi người đến",
    "attach": "thêm tệp",
    "detach": "bỏ tệp",
    "hand_out": "phát tài liệu",
    "certify": "phát giấy xác nhận",
    "restart": "khởi động lại",
    "switch_off": "tắt",
    "switch_on": "bật lại",
    "clear_review": "xong rà soát",
    "submit": "gửi duyệt",
    "pull": "tắt",
    "ask back": "xin bật lại",
    "give back": "bật lại",
    "change": "sửa",
    "link": "nối câu hỏi",
}
NOUNS = {
    "officer": "tài khoản",
    "need": "phiếu nhu cầu",
    "person": "người",
    "answer": "câu trả lời",
    "ticket": "việc",
    "programme": "chương trình",
    "offer": "công nghệ chào",
    "event": "sự kiện",
    "broadcast": "tin gửi",
    "segment": "nhóm",
    "system": "hệ thống",
    "topic": "chủ đề",
    "document": "văn bản",
    "introduction": "lần giới thiệu",
}
WHYS = {
    "medium confidence": "Độ chắc vừa phải, nên kiểm lại nguồn",
    "low confidence": "Độ chắc thấp, trợ lý chưa được nói",
    "newer shipped text": "Bản phát hành mới có lời khác",
    "unreadable": "Dòng dữ liệu không đọc được",
    "new": "Mới thêm từ bản phát hành",
    "supplier silent for a week": "Nơi cung cấp im lặng 7 ngày, nên gọi",
    "supplier silent for two weeks": "Nơi cung cấp im lặng 14 ngày, người duyệt xem",
    "nobody called within a week": "Chưa ai gọi cho chủ nhu cầu sau 7 ngày",
    "ask the supplier by phone": "Nơi cung cấp không có chat, gọi điện hỏi giúp",
    "withdrawn, tell the supplier to delete": "Chủ nhu cầu rút, nhắc nơi cung cấp xoá liên hệ",
    "for the national list": "Chủ nhu cầu muốn đưa vào danh sách quốc gia",
    "draft workshop from like needs": "Hội thảo nháp từ nhiều nhu cầu giống nhau",
    "offered by chat": "Giải pháp mới gửi qua chat, cần kiểm",
    "changed by its supplier": "Nơi chào vừa sửa hoặc bổ sung",
    "waits for approval": "Tin gửi nhiều người đang chờ duyệt",
}
TOPICS = {
    "bat-dau": "Bắt đầu từ đâu",
    "chuyen-doi-so": "Chuyển đổi số",
    "chuyen-giao": "Chuyển giao công nghệ",
    "de-nham": "Dễ nhầm",
    "dnnvv": "Doanh nghiệp nhỏ và vừa",
    "khoi-nghiep": "Khởi nghiệp",
    "khung-luat": "Khung pháp luật",
    "lang-son": "Lạng Sơn",
    "nang-suat": "Năng suất, chất lượng",
    "natif": "Quỹ NATIF",
    "nong-nghiep": "Nông nghiệp",
    "so-huu-tri-tue": "Sở hữu trí tuệ",
    "thuat-ngu": "Thuật ngữ",
    "thue": "Thuế",
    "van-phong": "Giờ giấc, liên hệ",
}
CONFIDENCES = {"high": "Chắc", "medium": "Vừa", "low": "Chưa chắc"}
SAID = {
    "welcome": "Chào mừng anh/chị. Việc đầu tiên: mời thêm đồng nghiệp ở mục Tài khoản.",
    "signed-out": "Anh/chị đã đăng xuất.",
    "saved": "Đã lưu.",
    "password": "Đã đổi mật khẩu; các nơi đăng nhập khác đã thoát.",
    "totp-on": "Đã bật mã xác thực.",
    "totp-off": "Đã tắt mã xác thực.",
    "unlinked": "Đã bỏ nối chat.",
    "sessions": "Đã thoát ở các nơi khác.",
    "closed": "Đã đóng tài khoản.",
    "role": "Đã đổi vai.",
    "taken": "Anh/chị đang giữ cuộc trò chuyện này. Trợ lý im lặng.",
    "held": "{} đang giữ cuộc trò chuyện này.",
    "sent": "Đã gửi.",
    "handed-back": "Đã trả lại trợ lý.",
    "ticket-done": "Đã khép việc {}.",
    "verified": "Đã duyệt phiếu {}.",
    "asked": "Đã gửi câu hỏi cho chủ nhu cầu.",
    "assigned": "Đã giao việc.",
    "need-closed": "Đã đóng phiếu {}.",
    "need-moved": "Đã chuyển bước.",
    "filled-in": "Đã lập phiếu {}. In giấy hẹn cho chủ nhu cầu nhé.",
    "confirmed": "Đã ghi nhận xác nhận bằng giấy.",
    "noted": "Đã ghi chú.",
    "merged": "Đã gộp hồ sơ.",
    "drafted": "Đã lưu bản nháp {}.",
    "in-review": "Đã gửi duyệt.",
    "approved": "Đã duyệt; câu trả lời được dùng ngay.",
    "withdrawn": "Đã rút câu trả lời.",
    "offer-approved": "Đã duyệt {}; nơi chào được báo, người cần hợp được báo.",
    "offer-asked": "Đã gửi lời nhờ bổ sung tới nơi chào.",
    "offer-paused": "Đã tạm dừng {}.",
    "offer-resumed": "{} được giới thiệu trở lại.",
    "offer-withdrawn": "Đã rút {}.",
    "sent-back": "Đã trả lại người soạn.",
    "switched-off": "Đã tắt: từ giờ không ai nhận câu này.",
    "switched-on": "Đã bật lại.",
    "asked-back": "Đã xin bật lại; một người duyệt khác sẽ bật.",
    "reviewed": "Đã xong một mục rà soát.",
    "rule-saved": "Đã lưu điều kiện; {} hộ mẫu đổi kết quả.",
    "forgotten": "Đã xoá nhóm.",
    "tried": "Đã gửi thử vào chat của anh/chị.",
    "sending": "Tin đang được gửi.",
    "stopped": "Đã dừng. Không tin nào rời máy nữa.",
    "given-up": "Đã bỏ phần chưa gửi.",
    "recalling": "Đang gỡ {}.",
    "elsewhere": "Đang gửi qua kênh khác cho {} người.",
    "again": "Đang gửi lại cho {} người.",
    "tagged": "Đã gắn nhãn.",
    "published": "Đã công bố.",
    "checked-in": "Đã ghi người đến.",
    "attached": "Đã thêm.",
    "detached": "Đã bỏ.",
    "handed-out": "Đã xếp {} tin tài liệu để gửi.",
    "certified": "Đã lập và gửi {} giấy xác nhận.",
    "cancelled": "Đã huỷ sự kiện; người đã đăng ký được báo.",
}
DETAIL = re.compile(r"[\w .-]{0,60}")


def said_words(said: str) -> str:
    """What a page says after a deed; nothing for what it does not know."""
    name, _, detail = said.partition(":")
    text = SAID.get(name, "")
    return text.format(detail if DETAIL.fullmatch(detail) else "") if text else ""


def why(reason: str) -> str:
    """Why something waits in the review queue."""
    if reason.startswith("unconfirmed: "):
        return f"Chưa xác nhận: {reason.removeprefix('unconfirmed: ')}"
    if reason.startswith("alike: "):
        return "Nói gần giống một câu khác: cần cả hai hay gộp làm một?"
    if reason.startswith("rule "):
        return "Điều kiện vừa đổi, có người đã được báo theo điều kiện cũ"
    return WHYS.get(reason, reason)


def deed(verb: str, noun: str) -> str:
    """What was done, with the noun where the verb does not name it: "duyệt phiếu", "duyệt câu trả lời"."""
    did = VERBS.get(verb, verb)
    named = NOUNS.get(noun, noun)
    return did if named.split()[0] in did.split() or noun == "need" else f"{did} {named}"


def clock(at: datetime | None) -> str:
    """ "08:10 T2 07/12"."""
    if at is None:
        return ""
    here = local(at)
    return f"{here:%H:%M} {_short_day(here.date())} {here:%d/%m}"


def _short_day(day: date) -> str:
    return "CN" if day.weekday() == 6 else f"T{day.weekday() + 2}"


def full_time(at: datetime | None) -> str:
    """ "08:10 thứ Hai 07/12/2026"."""
    if at is None:
        return ""
    here = local(at)
    return f"{here:%H:%M} {WEEKDAYS[here.weekday()]} {here:%d/%m/%Y}"


def day(value: date | datetime | str | None) -> str:
    """ "07/12/2026"; a text is the ISO form of a day, or is left as it is."""
    if value is None:
        return ""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return str(value)
    return f"{local(value) if isinstance(value, datetime) else value:%d/%m/%Y}"


def how_long(at: datetime | None, now: datetime) -> str:
    """How far away an instant is, in the largest unit: "3 giờ", "2 ngày"."""
    if at is None:
        return ""
    span = abs(at - now)
    if span < timedelta(minutes=1):
        return "vừa xong" if at <= now else "ngay"
    if span < timedelta(hours=1):
        return f"{int(span.total_seconds() // 60)} phút"
    if span < timedelta(days=1):
        return f"{int(span.total_seconds() // 3600)} giờ"
    return f"{span.days} ngày"


def room(place: Any, now: datetime) -> str:
    """What may still be said to a person at an address, in words: the frame, then the messages that are left."""
    where = standing(place.channel, place.seen_at, now)
    told = f"đã nhắn {place.told} tin trong 7 ngày"
    if where.frame is Frame.OPEN or place.state != "active":
        return told
    until = clock(where.until) if where.until else ""
    frame = {
        Frame.FREE: f"nhắn không mất phí đến {until}",
        Frame.PAID: f"quá 48 giờ: chỉ việc của người này, mỗi tin mất phí, đến {until}",
        Frame.SHUT: "quá 7 ngày: chờ người này nhắn lại, hoặc gửi tin mẫu",
    }[where.frame]
    left = f", còn {place.remain}/{place.total} tin" if place.remain is not None and place.total is not None else ""
    return f"{told}; {frame}{left}"


def past(at: datetime, now: datetime) -> str:
    """ "3 giờ trước"."""
    words = how_long(at, now)
    return words if words == "vừa xong" else f"{words} trước"


def machine_time(at: datetime | None) -> str:
    """For the datetime attribute."""
    return at.isoformat() if at is not None else ""


def field_time(at: datetime | None) -> str:
    """For a field of date and time, by the clock of Việt Nam."""
    return f"{local(at):%Y-%m-%dT%H:%M}" if at is not None else ""


def masked_phone(phone: str | None) -> str:
    """0912***678."""
    if not phone:
        return ""
    shown = local_phone(phone)
    return f"{shown[:4]}***{shown[-3:]}" if len(shown) >= 9 else "***"


def local_phone(phone: str | None) -> str:
    """+84912345678 as people write it: 0912 345 678."""
    if not phone:
        return ""
    shown = "0" + phone[3:] if phone.startswith("+84") else phone
    return f"{shown[:4]} {shown[4:7]} {shown[7:]}" if len(shown) == 10 else shown


def kilobytes(size: int) -> str:
    """The size of a file, at least 1 kB."""
    return f"{thousands(max(1, round(size / 1000)))} kB"


def thousands(value: int) -> str:
    """1.940."""
    return f"{value:,}".replace(",", ".")


def initials(name: str | None) -> str:
    """What stands in for a face: the first letter of the given name."""
    return ((name or "?").split() or ["?"])[-1][:1].upper()


BROWSERS = (("Edg/", "Edge"), ("CocCoc", "Cốc Cốc"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "máy Mac"),
)


def browser(agent: str) -> str:
    """A browser as people call it: "Chrome trên Android"."""
    name = next((words for mark, words in BROWSERS if mark in agent), "Trình duyệt")
    system = next((words for mark, words in SYSTEMS if mark in agent), "")
    return f"{name} trên {system}" if system else name


def short(text: str, limit: int = 90) -> str:
    """One line of a text."""
    line = " ".join((text or "").split())
    return line if len(line) <= limit else line[: limit - 1].rstrip(" ,;:") + "…"


FILTERS: dict[str, Any] = {
    "clock": clock,
    "full_time": full_time,
    "day": day,
    "how_long": how_long,
    "past": past,
    "room": room,
    "machine_time": machine_time,
    "field_time": field_time,
    "masked": masked_phone,
    "phone": local_phone,
    "kilobytes": kilobytes,
    "thousands": thousands,
    "initials": initials,
    "short": short,
    "browser": browser,
    "said_words": said_words,
    "why": why,
    "deed": deed,
    "called": called,
}
NAMES: dict[str, Any] = {
    "NEED_STATES": NEED_STATES,
    "OUTCOMES": OUTCOMES,
    "OFFER_STATES": OFFER_STATES,
    "ANSWER_STATES": ANSWER_STATES,
    "OFFICER_STATES": OFFICER_STATES,
    "ROLE_WORDS": ROLE_WORDS,
    "TICKET_KINDS": TICKET_KINDS,
    "TICKET_STATES": TICKET_STATES,
    "CHANNELS": CHANNELS,
    "PURPOSES": PURPOSES,
    "ADDRESS_STATES": ADDRESS_STATES,
    "VERBS": VERBS,
    "EVIDENCE": KIND_WORDS,
    "TOPICS": TOPICS,
    "PROGRAMME_STATES": PROGRAMME_STATES,
    "FITS": FITS,
    "TRUTHS": TRUTHS,
    "CONFIDENCES": CONFIDENCES,
    "NOUNS": NOUNS,
    "FIELDS": list(Field),
    "FIELD_LABELS": FIELD_LABELS,
    "ROLES": list(Role),
    "BROADCAST_STATES": BROADCAST_STATES,
    "EVENT_STATES": EVENT_STATES,
    "PLACE_STATES": PLACE_STATES,
}
