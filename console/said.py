"""What the console says after a deed, and why something waits to be looked at."""

import re

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
    "imported": "Đã ghi {} giải pháp vào kho.",
    "workshop-drafted": "Đã soạn sự kiện nháp; thư mời nháp nằm ở Tin gửi. Chưa gửi ai.",
    "offer-asked": "Đã gửi lời nhờ bổ sung tới nơi chào.",
    "offer-paused": "Đã tạm dừng {}.",
    "offer-resumed": "{} được giới thiệu trở lại.",
    "offer-withdrawn": "Đã rút {}.",
    "sent-back": "Đã trả lại người soạn.",
    "switched-off": "Đã tắt: từ giờ không ai nhận nội dung này.",
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
