"""Tells what a message rules out from what it wants, and what it corrects."""

from domain.line import Line, Phrases, phrases

OPENERS = phrases(
    "không cần|không cần đến|không muốn|không lấy|không phải|không dùng|không mua|không thích|không làm|không nhận|không trồng|không nuôi|"
    "không tính|không định|không yêu cầu|không quan tâm|không chọn|chẳng cần|chả cần|chưa cần|khỏi cần|=khỏi|=đừng|đừng lấy|đừng mua|"
    "đừng gợi ý|đừng giới thiệu|đừng đưa|đừng có|đừng tính|thôi không|bỏ|loại bỏ|=trừ|trừ ra|ngoại trừ|chứ không|chứ không phải|chứ đừng|"
    "khỏi phải|không xài|không chơi|không chế biến|không sản xuất|không thuộc|chẳng muốn|không thiết|không đòi hỏi|không bán|"
    "không kinh doanh|đâu cần|đâu phải|chả phải|chẳng phải|không fai|dẹp|không đầu tư|không ở|k cần|không ham|không hề|thay vì|hết làm|"
    "thôi làm|ko phải|không thèm|không mặn mà|không áp dụng|không đi theo|không theo|bỏ qua|không tìm"
)
NOT_OPENERS = phrases(
    "không chỉ|không những|không biết|không có|không được|không bỏ|có hay không|không chỉ cần|không riêng"
)
FILL = frozenset(
    "may loai cai thiet bi cong nghe day chuyen he thong lo tu noi mua dung lay lam can phai la muon them nua nao den toi cua cho kieu phuong phap "
    "hay hoac va voi lan nhieu gi con bo trong nuoi che bien san xuat o tai ben xa huyen thuoc nguoi dau em e chi anh minh tui toi co quy trinh thu "
    "khau theo ca luon het dich vu vung , fai ho kieu mau dong".split()
)  # words that may stand between an opener and what it rules out
VERBS = frozenset("lay mua dung lam can muon tim chon chuyen chi trong nuoi ban san xuat kinh".split())
DROPPED_AFTER = phrases(
    "thì thôi|thì thôi khỏi|thôi khỏi|thì không cần|thì không cần nữa|không cần nữa|thì bỏ|bỏ đi|không lấy|thì khỏi|không cần đâu|thì không|không mua nữa|"
    "không làm nữa|thì không lấy|không cần|thì dẹp|dẹp đi|bỏ nhé|thì thôi nhé|khỏi cần|thì chưa cần|chưa cần"
)
UNFINISHED = frozenset(("can", "lay"))  # "máy sấy không cần …" goes on with something else
GIVEN_UP, BY_FIGURE, CHANGED, LOWERED = "given up", "by figure", "changed", "lowered"
REPLACED = Phrases(
    {
        "không phải|chứ không phải|không fai|đâu phải|chứ k phải|thay vì|không phải là|chứ đừng|chả phải|chẳng phải|không còn": GIVEN_UP,
        "chứ không": BY_FIGURE,
        "sửa|đổi|thay|giảm từ|tăng từ|chuyển từ|hạ từ|nâng từ": CHANGED,
        "từ": LOWERED,
        "đầu tư": "",
    }
)  # fmt: skip
REPLACED_FILL = frozenset("la khoang tam chung co muc kinh phi von so luong cong suat ngan sach cau gia tu den".split())
TURNED = phrases("thành|sang|xuống|lên|còn|xuống còn|lên thành|qua|= >|mà|thay bằng")
CORRECTIONS = phrases(
    "nhầm|à không|sửa lại|nói lại|chỉnh lại|đính chính|ý em là|=quên|ghi nhầm|gõ nhầm|=lộn|à nhầm|à quên|=sửa|sửa thành|sửa giúp|sửa cho|=đổi|đổi thành|"
    "đổi sang|đổi lại|sua 1|sua 2|sua 3|sua 4|sua 5|sua 6|sua 7|sua 8|sua kinh|đúng ra|phải là|chính xác là|thực ra|ý tôi là|"
    "ý chị là|ý anh là|nhập sai|viết sai|chốt lại|tóm lại"
)


def corrects(line: Line) -> int:
    """Where the message begins to correct itself; -1 when it does not."""
    return next((at for _, at, _ in CORRECTIONS.all(line)), -1)


def ruled_out(line: Line, at: int, after: int, inner: bytearray) -> bool:
    """Whether what stands in tokens[at:after] is not wanted; `inner` marks other things of its kind."""
    if _dropped(line, after):
        return True
    here = at
    acted = False  # a verb of wishing has been passed on the way back
    for _ in range(12):
        opener = OPENERS.ends(line, here)
        if opener is not None and inner[opener[1]]:  # "cô đặc chân không làm cao"
            return False
        if opener is not None and NOT_OPENERS.ends(line, here) is None:
            return line.words[opener[1]] != "bo" or _bids(line, opener[1])
        word = line.words[here - 1]
        if here <= 0 or not (word in FILL or inner[here - 1]):
            return False
        if word == "," and (acted or not inner[here - 2]):
            return False
        acted = acted or word in VERBS
        here -= 1
    return False


def _dropped(line: Line, after: int) -> bool:
    """Whether "thì thôi", "không cần nữa" follows, at most two words later."""
    for here in range(after, after + 3):
        found = DROPPED_AFTER.begins(line, here)
        if found is not None and line.words[here - 1] != "khong":
            follow = line.words[found[1]]
            unfinished = line.words[found[1] - 1] in UNFINISHED and follow.isalpha()
            return not unfinished or follow in ("nua", "dau", "nhe", "em", "a", "luon")
        if not line.words[here].isalpha() or line.words[here] in VERBS:
            return False
    return False


def _bids(line: Line, at: int) -> bool:
    """Whether "bỏ" here tells to leave something out; without marks it may be a set (bộ) or a cow."""
    if line.said[at] == "bỏ":
        return True
    return line.said[at] == "bo" and line.words[at - 1] in ("toi", "em", "thi", "thoi", "", ",")


def replaced(line: Line, at: int, after: int) -> bool:
    """Whether a number here is the one that a correction gives up ("không phải 20 tấn", "từ 300 xuống 250")."""
    here = at
    for _ in range(4):
        found = REPLACED.ends(line, here)
        if found is not None:
            return _given_up(line, found[0], here, after)
        if line.words[here - 1] not in REPLACED_FILL:
            return False
        here -= 1
    return False


def _given_up(line: Line, how: str, at: int, after: int) -> bool:
    if how == GIVEN_UP:
        return True
    if how == BY_FIGURE:
        return line.value(at) is not None
    turned = TURNED.begins(line, after) is not None
    return turned and (how == CHANGED or (how == LOWERED and line.words[after] != "len"))
