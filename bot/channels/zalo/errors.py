"""What each error code of the Official Account's OpenAPI means for us."""

from dataclasses import dataclass
from enum import StrEnum


class Case(StrEnum):
    """What follows from a refused call; the message was not sent in any of them."""

    RATE = "rate"  # too many calls this minute: the whole channel rests
    AGAIN = "again"  # a passing failure
    LATER = "later"  # being processed: in a minute
    ASSET = "asset"  # an uploaded file has gone: upload it anew
    TOKEN = "token"  # renew the token once, try once more
    WINDOW = "window"  # the person said nothing for seven days: a template, or wait for them
    FULL = "full"  # the person gets no more such messages for now
    NIGHT = "night"  # in the morning
    LEFT = "left"  # the person does not follow us, or refused us
    ASLEEP = "asleep"  # no such person, or away for 45 days
    UNSUBSCRIBED = "unsubscribed"  # the person refused this kind of message at the platform
    CONTENT = "content"  # wrong for good
    TEMPLATE = "template"  # this template goes to nobody by user id: as if there were none
    MONEY = "money"  # quota or balance is used up: an officer must look
    STOP = "stop"  # the account, the application or a right is missing: an officer must look, nothing is sent
    STRANGE = "strange"  # no such code is known


CODES = {
    -32: Case.RATE, -100: Case.ASSET, -200: Case.AGAIN, -201: Case.CONTENT, -204: Case.STOP, -205: Case.STOP,
    -209: Case.STOP, -210: Case.CONTENT, -211: Case.MONEY, -212: Case.STOP, -213: Case.LEFT, -214: Case.LATER,
    -216: Case.TOKEN, -217: Case.LEFT, -218: Case.FULL, -219: Case.STOP, -220: Case.TOKEN, -221: Case.STOP,
    -223: Case.STOP, -224: Case.MONEY, -227: Case.ASLEEP, -230: Case.WINDOW, -232: Case.WINDOW, -233: Case.CONTENT,
    -234: Case.NIGHT, -235: Case.STOP, -237: Case.MONEY, -238: Case.MONEY, -240: Case.CONTENT, -241: Case.MONEY,
    -242: Case.STOP, -244: Case.UNSUBSCRIBED, -248: Case.CONTENT, -249: Case.TEMPLATE, -320: Case.MONEY,
    -321: Case.MONEY, -403: Case.CONTENT,
}  # fmt: skip

OURS = (Case.RATE, Case.STOP, Case.TOKEN, Case.MONEY)  # not about one person: asking for others would end alike
WORDS = {
    -204: "the Official Account is disabled; an administrator must look at oa.zalo.me",
    -205: "there is no such Official Account; check the consent with 'nhipcau doctor zalo'",
    -219: "the application is removed or disabled; look at developers.zalo.me",
    -221: "the Official Account must be verified first",
    -242: "the application secret is wrong; set NHIPCAU_ZALO_APP_SECRET anew",
}
RIGHT = "Ứng dụng Zalo thiếu quyền: quản trị viên cấp quyền ở developers.zalo.me rồi chạy “nhipcau doctor zalo”."
REMEDIES = {  # what officers are told to do about a stop; any other code: a missing right
    -204: "Official Account bị khoá: quản trị viên xem ở oa.zalo.me.",
    -205: "Zalo không thấy Official Account: quản trị viên chạy “nhipcau doctor zalo”.",
    -219: "Ứng dụng Zalo bị gỡ hoặc khoá: quản trị viên xem ở developers.zalo.me.",
    -221: "Official Account chưa xác thực: quản trị viên xác thực ở oa.zalo.me.",
    -242: "Khoá bí mật của ứng dụng Zalo sai: quản trị viên đặt lại NHIPCAU_ZALO_APP_SECRET.",
}
PURSE = (
    "Zalo báo hết lượt hoặc hết tiền. Câu trả lời chưa gửi vẫn chờ, tin gửi nhiều người tự dừng. Anh/chị xem gói và ví của "
    "Official Account giúp em."
)
OFFICERS = {  # what those who answer for the office are told, once a day for each
    -224: PURSE,
    -237: PURSE,
    -238: PURSE,
    -241: PURSE,
    -248: "Zalo từ chối một tin vì lời tin trái quy định của họ. Tin đó không gửi lại. Anh/chị xem lại lời tin hôm nay.",
    -249: "Mẫu tin Zalo đang dùng không gửi được theo người dùng. Anh/chị xin duyệt mẫu mới; tới khi đó tin sau 7 ngày "
    "chờ người dân nhắn lại.",
    -320: PURSE,
    -321: PURSE,
}


@dataclass
class Said(Exception):
    """The platform answered with an error of its own: nothing was sent."""

    code: int
    message: str

    @property
    def case(self) -> Case:
        """What follows."""
        return CODES.get(self.code, Case.STRANGE)

    def __str__(self) -> str:
        return f"zalo {self.code}: {self.message}"[:300]


class NotSent(Exception):
    """No connection was made: the platform has seen nothing."""


class Busy(NotSent):
    """Another process renews the token and takes its time; the platform is not to blame."""


class Unanswered(Exception):
    """The request left, what the platform made of it is not known."""
