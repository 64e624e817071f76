"""Puts the log into words: what was done, what changed, under the names officers know."""

from typing import Any

from console.differences import Changed, difference
from console.names import ANSWER_STATES, CONFIDENCES, NEED_STATES, OFFICER_STATES, OUTCOMES, TICKET_STATES
from domain.officer import ROLE_WORDS

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
    "end_sessions": "thoát ở các nơi khác",
    "link_chat": "nối chat",
    "unlink_chat": "bỏ nối chat",
    "take_over": "tiếp quản",
    "hand_back": "trả lại trợ lý",
    "say": "trả lời người dân",
    "close_ticket": "khép việc",
    "verify": "duyệt phiếu",
    "edit": "sửa",
    "assign": "giao việc",
    "ask_owner": "hỏi lại chủ nhu cầu",
    "close_need": "đóng phiếu",
    "reopen_need": "mở lại phiếu",
    "advance": "chuyển bước",
    "fill_in": "lập phiếu hộ",
    "confirm_on_paper": "xác nhận bằng giấy đã ký",
    "export": "xuất tệp",
    "import": "nhập bảng",
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
    "try_out": "gửi thử cho mình",
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
FIELD_NAMES = {
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


def deed(verb: str, noun: str) -> str:
    """What was done, with the noun where the verb does not name it: "duyệt phiếu", "duyệt câu trả lời"."""
    did = VERBS.get(verb, verb)
    named = NOUNS.get(noun, noun)
    return did if named.split()[0] in did.split() or noun == "need" else f"{did} {named}"


def _readable(noun: str, held: dict[str, Any] | None) -> dict[str, Any]:
    known = WORDS.get(noun, {})

    def say(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = value.split(", ")
        return ": ".join(known[part] for part in parts) if all(part in known for part in parts) else value

    return {FIELD_NAMES.get(name, name): say(value) for name, value in (held or {}).items() if name not in INNER}


def changes(noun: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Changed]:
    """What a deed on a noun changed, in an officer's words."""
    return difference(_readable(noun, before), _readable(noun, after))
