"""Tells what a message rules out from what it wants, and what it corrects."""

from domain.line import Line, phrases

OPENERS = phrases(
    "không cần|không cần đến|không muốn|không lấy|không phải|không dùng|không mua|không thích|không làm|không nhận|không trồng|không nuôi|"
    "không tính|không định|không yêu cầu|không quan tâm|không chọn|chẳng cần|chả cần|chưa cần|khỏi cần|=khỏi|=đừng|đừng lấy|đừng mua|đừng gợi ý|đừng giới thiệu|đừng đưa|đừng có|đừng tính|thôi không|bỏ|loại bỏ|=trừ|trừ ra|"
    "ngoại trừ|chứ không|chứ không phải|chứ đừng|khỏi phải|không xài|không chơi|không chế biến|không sản xuất|không thuộc|chẳng muốn|"
    "không thiết|không đòi hỏi|không bán|không kinh doanh|đâu cần|đâu phải|chả phải|chẳng phải|không fai|dẹp|không đầu tư|không ở|k cần|không ham|"
    "không hề|không trồng|thay vì|hết làm|thôi làm|ko phải|không thèm|không mặn mà|không áp dụng|không đi theo|không theo|bỏ qua|không tìm"
)
NOT_OPENERS = phrases(
    "không chỉ|không những|không biết|không có|không được|không bỏ|có hay không|không chỉ cần|không riêng"
)
FILL = frozenset(
    "may loai cai thiet bi cong nghe day chuyen he thong lo tu noi mua dung lay lam can phai la muon them nua nao den toi cua cho kieu phuong phap "
    "hay hoac va voi lan nhieu gi con bo trong nuoi che bien san xuat o tai ben xa huyen thuoc nguoi dau em e chi anh minh tui toi co quy trinh thu "
    "khau theo ca luon het dich vu vung , fai ho kieu mau dong".split()
)
ENDERS = frozenset("ma nhung chi chuyen nen thi vi boi ; . ! ? \n can muon tim lay mua".split())
DROPPED_AFTER = phrases(
    "thì thôi|thì thôi khỏi|thôi khỏi|thì không cần|thì không cần nữa|không cần nữa|thì bỏ|bỏ đi|không lấy|thì khỏi|không cần đâu|thì không|không mua nữa|"
    "không làm nữa|thì không lấy|không cần|thì dẹp|dẹp đi|bỏ nhé|thì thôi nhé|khỏi cần|thì chưa cần|chưa cần"
)
REPLACED = phrases(
    "không phải|chứ không phải|không fai|đâu phải|chứ k phải|thay vì|không phải là|chứ không|chứ đừng|chả phải|chẳng phải|hết|không còn|sửa|đổi|giảm từ|"
    "tăng từ|từ|thay|chuyển từ|hạ từ|nâng từ|không"
)
REPLACED_FILL = frozenset(
    "la khoang tam chung co muc kinh phi von so luong cong suat ngan sach capacity cau gia tu den".split()
)
TURNED = phrases("thành|sang|xuống|lên|còn|xuống còn|lên thành|qua|=>|mà|thay bằng")
CORRECTIONS = phrases(
    "nhầm|à không|sửa lại|nói lại|chỉnh lại|đính chính|ý em là|=quên|ghi nhầm|gõ nhầm|=lộn|à nhầm|à quên|=sửa|sửa thành|sửa giúp|sửa cho|=đổi|đổi thành|"
    "đổi sang|đổi lại|sua 1|sua 2|sua 3|sua 4|sua 5|sua 6|sua 7|sua 8|sua kinh|đúng ra|phải là|chính xác là|thực ra|ý tôi là|"
    "ý chị là|ý anh là|nhập sai|viết sai|chốt lại|tóm lại"
)


def corrects(line: Line) -> int:
    """Where the message begins to correct itself; -1 when it does not."""
    return next((at for _, at, _ in CORRECTIONS.all(line)), -1)


def _dropped(line: Line, after: int) -> bool:
    """Whether "thì thôi", "không cần nữa" follows, at most two words later."""
    for here in range(after, after + 3):
        found = DROPPED_AFTER.begins(line, here)
        if found is not None and line.words[here - 1] != "khong":
            follow = line.words[found[1]]
            unfinished = line.words[found[1] - 1] in ("can", "lay") and follow.isalpha()
            return not unfinished or follow in ("nua", "dau", "nhe", "em", "a", "luon")
        if not line.words[here].isalpha() or line.words[here] in VERBS:
            return False
    return False


VERBS = frozenset("lay mua dung lam can muon tim chon chuyen chi trong nuoi ban san xuat kinh".split())


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
            return line.words[opener[1]] != "bo" or (
                line.said[opener[1]] in ("bỏ", "bo") and not _a_set(line, opener[1])
            )
        word = line.words[here - 1]
        if here <= 0 or not (word in FILL or inner[here - 1]):
            return False
        if word == "," and (acted or not inner[here - 2]):
            return False
        acted = acted or word in VERBS
        here -= 1
    return False


def _a_set(line: Line, at: int) -> bool:
    """Whether "bo" without marks is a set ("mua bo say") or a cow."""
    return line.said[at] == "bo" and line.words[at - 1] not in ("toi", "em", "thi", "thoi", "", ",")


def replaced(line: Line, at: int, after: int) -> bool:
    """Whether a number here is the one that a correction gives up ("không phải 20 tấn", "từ 300 xuống 250")."""
    here = at
    for _ in range(4):
        found = REPLACED.ends(line, here)
        if found is not None:
            return _given_up(line, found[1], here, after)
        if line.words[here - 1] not in REPLACED_FILL:
            return False
        here -= 1
    return False


def _given_up(line: Line, start: int, end: int, after: int) -> bool:
    word = line.words[start:end]
    if word in (
        ["tu"],
        ["sua"],
        ["doi"],
        ["thay"],
        ["giam", "tu"],
        ["tang", "tu"],
        ["chuyen", "tu"],
        ["ha", "tu"],
        ["nang", "tu"],
    ):
        if word in (["tu"],) and line.words[start - 1] == "dau":
            return False
        return (TURNED.begins(line, after) is not None and line.words[after] not in ("len",)) or (
            word != ["tu"] and TURNED.begins(line, after) is not None
        )
    if word == ["khong"] or word == ["chu", "khong"]:
        return word != ["khong"] and line.value(end) is not None
    return word not in (["het"],)
