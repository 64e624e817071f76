"""Reads what a message says about a gathering: whether it is about one, the hour, how many people come."""

from domain.line import Line, phrases
from domain.numbers import BEGINS, read_number

EVENT = phrases(
    "hội thảo|tập huấn|buổi|lớp|sự kiện|tham gia|tham dự|hội chợ|triển lãm|đi dự|dự|suất|tọa đàm|hội nghị|tới dự|đến dự|buổi học|khóa học|lớp học|ngày hội|"
    "đăng ký đi|đăng ký dự|đăng ký tham gia|hội thi|trình diễn|phiên chợ|giữ chỗ|đặt chỗ"
)
REGISTER = phrases("đăng ký")
NOT_REGISTER = phrases(
    "nhãn hiệu|kinh doanh|mã số|bảo hộ|chỉ dẫn|sáng chế|tiêu chuẩn|bản quyền|thương hiệu|kiểu dáng|giấy|vay|hồ sơ|nhãn|hộ|ocop|vietgap|logo|quyền|mã|thuế|từ"
)
SEATS = phrases(
    "suất|chỗ ngồi|chỗ|vé|người đi|người tham dự|người dự|người tham gia|đại biểu|ghế|xuất|slot|ng đi|suất tham dự|bạn đi|anh em đi"
)
PEOPLE = phrases("người|anh em|chị em|bạn|ng|thành viên|cán bộ|mạng|vợ chồng|chị|anh|đứa|cô chú|bác")
COMING = phrases(
    "đi|dự|gia|ký|cho|thêm|tổng|tổng cộng|còn|có|là|đổi thành|lên|xuống|cử|đăng ký|đăng ký cho|cả nhà mình đi|đoàn|giữ cho"
)
FILL = frozenset("khoang tam du chac co the tong cong la cho ca them nua nha minh em chi anh ben di".split())
STAFF_AFTER = frozenset("lam lao cong tho viec".split())
AFTERNOON = frozenset(("chieu", "toi", "pm"))
PARTS = frozenset(("sang", "chieu", "toi", "trua", "am", "pm"))


def about_event(line: Line) -> bool:
    """Whether a gathering is spoken of."""
    if any(NOT_REGISTER.begins(line, after) is None for _, _, after in REGISTER.all(line)):
        return True
    for _, at, after in EVENT.all(line):
        if after - at > 1 or line.said[at] != "du":  # without marks "du" is seldom dự
            follow = line.words[after]
            if line.words[at] != "du" or after - at > 1 or follow not in ("kien", "an", "toan", "phong", "dinh", "tru"):
                return True
    return False


def clock_in(line: Line) -> tuple[str, int, int] | None:
    """The hour as HH:MM with its tokens from, to: 8h30, 14 giờ, 2 giờ rưỡi chiều, 9:00."""
    for at in range(line.size):
        value = line.value(at)
        if value is None or not 0 <= value <= 23 or value != int(value) or len(line.words[at]) > 2:
            continue
        sign = line.words[at + 1]
        if sign not in ("h", "gio", "g", ":") or line.words[at - 1] in ("/", "moi", "trong"):
            continue
        if sign == "gio" and line.said[at + 1] not in ("giờ", "gio"):
            continue
        here, minutes = at + 2, 0
        more = line.value(here)
        if more is not None and more < 60 and len(line.words[here]) == 2 and (line.touches(here) or sign == "gio"):
            here, minutes = here + 1, int(more)
        elif sign == ":":
            continue
        elif line.said[here] in ("rưỡi", "ruoi"):
            here, minutes = here + 1, 30
        if line.words[here] in ("phut",):
            here += 1
        if line.words[here] in ("ngay", "moi", "/", "tren") and line.words[here + 1] in ("", "thi", "mot"):
            continue
        part = (
            line.words[here] if line.words[here] in PARTS else line.words[at - 1] if line.words[at - 1] in PARTS else ""
        )
        hour = int(value) + (12 if part in AFTERNOON and value < 12 else 0)
        return f"{hour:02d}:{minutes:02d}", at, here
    return None


def heads_in(line: Line, taken: bytearray, event: bool) -> int | None:
    """How many people come ("2 suất", "đi 4 người"); people at work are not meant."""
    for at in range(line.size):
        if taken[at] or line.said[at] == "tu" or (line.said[at] not in BEGINS and line.tokens[at].value is None):
            continue
        found = read_number(line, at)
        if found is None or found.scaled or not 1 <= found.value <= 500 or found.value != int(found.value):
            continue
        seats = SEATS.begins(line, found.after)
        if seats is not None and not (
            line.words[found.after] == "cho" and line.said[found.after] not in ("chỗ", "cho")
        ):
            if line.words[found.after] == "cho" and not event and line.marked and line.said[found.after] == "cho":
                continue
            return int(found.value)
        people = PEOPLE.begins(line, found.after)
        if people is None or line.words[people[1]] in STAFF_AFTER:
            continue
        if line.words[found.after] in ("anh", "chi", "bac") and line.words[people[1]].isalpha() and not event:
            continue
        here = at
        while line.words[here - 1] in FILL and not COMING.ends(line, here):
            here -= 1
        coming = COMING.ends(line, here)
        if coming is not None and (
            event
            or line.words[here - 1] in ("di", "du", "gia", "ky", "cu")
            or (line.size <= 6 and line.words[here - 1] in ("cho", "them", "tong"))
        ):
            return int(found.value)
        if event and coming is None and line.words[people[1]] in ("di", "tham", "du", "dang", "nhe", "", ",", "thoi"):
            return int(found.value)
    return None
