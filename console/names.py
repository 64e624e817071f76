"""What states, kinds, topics are called on the pages."""

from typing import Any

from domain.answer import AnswerState
from domain.broadcast import STATE_WORDS as BROADCAST_STATES
from domain.evidence import KIND_WORDS
from domain.need import FIELD_LABELS, STATE_NAMES, Field, Outcome
from domain.offer import OfferState
from domain.officer import ROLE_WORDS, OfficerState, Role
from domain.person import Purpose
from domain.programme import ProgrammeState

NEED_STATES = STATE_NAMES
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
PURPOSES = {
    Purpose.NEED: "Lưu phiếu nhu cầu",
    Purpose.NEWS: "Nhận tin",
    Purpose.LINK: "Nối các kênh chat",
    Purpose.OFFER: "Lưu giải pháp chào",
}
ADDRESS_STATES = {"active": "đang dùng", "blocked": "đã chặn", "invalid": "không còn"}
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
GLOBALS: dict[str, Any] = {
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
    "EVIDENCE": KIND_WORDS,
    "TOPICS": TOPICS,
    "PROGRAMME_STATES": PROGRAMME_STATES,
    "FITS": FITS,
    "TRUTHS": TRUTHS,
    "CONFIDENCES": CONFIDENCES,
    "FIELDS": list(Field),
    "FIELD_LABELS": FIELD_LABELS,
    "ROLES": list(Role),
    "BROADCAST_STATES": BROADCAST_STATES,
    "EVENT_STATES": EVENT_STATES,
    "PLACE_STATES": PLACE_STATES,
}
