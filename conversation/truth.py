"""Reads whether somebody asks if a message is genuine, or whether a message demands money."""

import re

from conversation.cues import Cues
from domain.text import fold

TRUTH = Cues(
    "có thật không, thật không, có thật hay, thật hay giả, thật hay lừa, là thật à, có thật à, lừa đảo, lừa không, lừa à, có lừa, có đúng không, "
    "có đúng là, đúng của sở, của sở không, của sở à, phải của sở, tin được không, có tin được, đáng tin, tin chuẩn, chuẩn không, xác minh, "
    "xác nhận giúp, kiểm tra giúp, check giúp, check hộ, xem hộ, chính thống, giả mạo, thiệt không, thật ko, thật k, thiệt ko, đúng ko, đúng k em, "
    "đúng không em, đúng không ạ, của sở ko, lừa ko, uy tín không, có phải sở"
)
MONEY = Cues(
    "đóng phí, nộp phí, đóng trước, nộp trước, phí hồ sơ, lệ phí, phí giữ chỗ, phí tham dự, phí xử lý, phí thẩm định, phí dịch vụ, đặt cọc, tiền cọc, "
    "chuyển khoản, chuyển tiền, ck trước, số tài khoản, stk, otp, mật khẩu, quét mã, momo, nạp tiền, nạp thẻ, đóng tiền, nộp tiền, gửi tiền, phí đặt chỗ, "
    "mất phí, phí là, thu phí, tài khoản ngân hàng, nộp vào tài khoản, đóng góp, phí đăng ký, đóng ngay, nộp ngay"
)
NO_MONEY = Cues(
    "không thu phí, không mất phí, không phải đóng phí, không phải nộp phí, không đóng phí, miễn phí, không cần đóng phí, không thu lệ phí, không thu tiền, "
    "không thu bất kỳ khoản phí, không phải đóng tiền, không mất lệ phí, không phải chuyển khoản, miễn lệ phí, không thu phí tham dự"
)


def doubts_truth(text: str) -> bool:
    """Whether the words ask if something is true, or really from the Department."""
    return TRUTH.search(text) is not None


def demands_money(text: str) -> bool:
    """Whether the words want money, a bank account or a secret code; "free of charge" does not count."""
    free = [found.span() for found in NO_MONEY.finditer(text)]
    return any(
        not any(start <= found.start() and found.end() <= end for start, end in free) for found in MONEY.finditer(text)
    )


ANOTHER = re.compile(
    r"\b(?:co|thay|bi)\s+(?:nguoi|ai|ai do|dua|so(?: la)?|tin nhan|cuoc goi|tin|zalo|nick|ong|ba|ke|thang)\b(?:\s+\w+){0,4}?\s+"
    r"(?:nhan|goi|moi|bao|bat|doi|yeu cau|xung|tu xung|gui|noi)\b"
)


SUM = re.compile(r"\b(?:chuyen|nop|dong|gui|ck|dat coc)\s+(?:\w+\s+){0,2}?\d")


def tells_of_a_demand(text: str) -> bool:
    """Whether a message tells that somebody else wrote or called for money: "có người nhắn bắt chuyển 500k"."""
    folded = fold(text)
    return ANOTHER.search(folded) is not None and (demands_money(text) or SUM.search(folded) is not None)
