"""Reads from an owner's words what kind of help is asked for."""

import re
from collections.abc import Iterable

from conversation.cues import Cues
from domain.kinds import MACHINE, Kind

CUES: dict[Kind, Cues] = {
    Kind.MARKET: Cues(
        "tìm đầu ra, đầu ra, tìm thị trường, thị trường tiêu thụ, tìm người mua, tìm khách, tìm nơi tiêu thụ, tìm chỗ bán, bán đi đâu, bán ở đâu, "
        "không bán được, ko bán được, ko bán dc, khó bán, khó tiêu thụ, không tiêu thụ, tiêu thụ sản phẩm, quảng bá, xúc tiến thương mại, "
        "kết nối tiêu thụ, bao tiêu, đưa vào siêu thị, bán lên sàn, bán online, bán trên mạng, xuất khẩu sang, tìm đối tác mua, không ai biết đến, "
        "bán không ai biết, quảng cáo, đối tác tiêu thụ, tìm đối tác bán, bán chậm, bán được ít"
    ),
    Kind.PROPERTY: Cues(
        "nhãn hiệu, đăng ký logo, logo, bảo hộ, chỉ dẫn địa lý, sáng chế, kiểu dáng, sở hữu trí tuệ, bản quyền, làm giả, bị nhái, thương hiệu, "
        "đăng ký nhãn, giải pháp hữu ích, độc quyền tên"
    ),
    Kind.QUALITY: Cues(
        "iso, haccp, vietgap, globalgap, ocop, tiêu chuẩn, quy chuẩn, kiểm nghiệm, chứng nhận, chất lượng không đều, chất lượng kém, công bố chất lượng, "
        "hợp quy, hợp chuẩn, đo lường, dư lượng, năng suất thấp, nâng năng suất, an toàn thực phẩm, hữu cơ"
    ),
    Kind.DIGITAL: Cues(
        "phần mềm, chuyển đổi số, truy xuất, mã qr, tem điện tử, số hóa, số hoá, ứng dụng điện thoại, website, trang web, cảm biến, giám sát từ xa, "
        "quản lý kho, sổ điện tử, nhật ký điện tử, camera, sàn thương mại"
    ),
    Kind.MASTERY: Cues(
        "không ai biết vận hành, không biết vận hành, chưa biết vận hành, vận hành, bảo dưỡng, bảo trì, sửa chữa, cải tiến máy, chưa thạo, làm chủ, "
        "không biết dùng, không biết sửa, hướng dẫn sử dụng, máy mua về, chưa chạy được, không chạy được, chỉnh máy"
    ),
    Kind.TRANSFER: Cues("chuyển giao, li-xăng, li xăng, mua bản quyền, mua công nghệ, nhận bàn giao, tiếp nhận quy trình, tiếp nhận công nghệ, góp vốn bằng công nghệ"),
    Kind.TRAINING: Cues("đào tạo, tập huấn, học nghề, dạy nghề, người dạy, hướng dẫn kỹ thuật, lớp học, chuyên gia tư vấn"),
    Kind.CAPITAL: Cues("vay vốn, vay ngân hàng, thiếu vốn, lãi suất, bảo lãnh, xin vốn, không có vốn"),
    Kind.STARTUP: Cues("khởi nghiệp, startup, ý tưởng mới, dự án khởi nghiệp"),
    Kind.APPLICATION: Cues("quy trình, ứng dụng, áp dụng, giống mới, kỹ thuật trồng, kỹ thuật nuôi, nuôi cấy, chế phẩm, ủ phân, tưới nhỏ giọt"),
    Kind.INNOVATION: Cues(
        "nâng cấp, thay máy, đổi mới, dây chuyền, chuyển sang công nghệ, sản phẩm mới, cải tiến, tự động, mở rộng, máy cũ, lạc hậu, xuống cấp, "
        "chế biến sâu, đa dạng sản phẩm, thay thế"
    ),
    Kind.SEARCH: Cues(
        "máy, thiết bị, lò, nồi, kho lạnh, kho mát, công nghệ, hệ thống, sấy, bảo quản, chế biến, đóng gói, chưng cất, chiết xuất, nghiền, ép, lọc, "
        "xử lý nước, xử lý chất thải, biogas"
    ),
}  # fmt: skip
NO_MACHINE = re.compile(
    r"(?:không|ko|chẳng|chả|chưa|khỏi|khong|chang|cha|chua|khoi)\s+(?:cần|phải|muốn|mua|can|phai|muon)\s+(?:mua\s+)?"
    r"(?:máy móc|máy|thiết bị|công nghệ|may moc|may|thiet bi|cong nghe)(?!\w)",
    re.IGNORECASE,
)
MOST = 4


def read_kinds(text: str, processes: Iterable[str] = ()) -> tuple[Kind, ...]:
    """The kinds a text asks for, the tellest first, at most four; what is not said otherwise is a search.

    A process asks for a machine, unless its name tells another kind: "đăng ký nhãn hiệu".
    """
    text = NO_MACHINE.sub(" ", text)
    found = [kind for kind, cues in CUES.items() if cues.search(text) is not None]
    worked = any(
        all(cues.search(name) is None for kind, cues in CUES.items() if kind not in MACHINE) for name in processes
    )
    if worked and Kind.SEARCH not in found:
        found.append(Kind.SEARCH)
    return tuple(found[:MOST]) or (Kind.SEARCH,)


def names_kind(text: str) -> bool:
    """Whether the words themselves tell a kind of help, so that it is not merely supposed."""
    return any(cues.search(text) is not None for cues in CUES.values())


def asks_machine(kinds: tuple[str, ...]) -> bool:
    """Whether a technology offer can serve the need: a market, a trade mark or a loan is no machine."""
    quality = Kind.QUALITY in kinds and Kind.MARKET not in kinds
    return any(kind in MACHINE for kind in kinds) or Kind.DIGITAL in kinds or quality
