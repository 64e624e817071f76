"""What kind of help a need asks for, in the words that support programmes use."""

from enum import StrEnum


class Kind(StrEnum):
    """One kind of help; the values are those of a programme's `needs`."""

    SEARCH = "tìm kiếm"  # find a technology, a machine, a supplier
    TRANSFER = "chuyển giao"  # take over a technology from its holder
    MASTERY = "làm chủ"  # run, mend, adapt what one has
    APPLICATION = "ứng dụng"  # apply a known process or variety
    INNOVATION = "đổi mới"  # renew equipment, process or product
    QUALITY = "năng suất chất lượng"  # standards, testing, productivity
    PROPERTY = "sở hữu trí tuệ"  # trade marks, inventions, origin
    MARKET = "thị trường"  # sell, be found, export
    TRAINING = "đào tạo"  # learn, be advised
    DIGITAL = "chuyển đổi số"  # software, data, tracing
    STARTUP = "khởi nghiệp"  # begin an innovative firm
    CAPITAL = "vốn"  # loans, interest, guarantees
    TAX = "thuế"  # tax advantages


MACHINE = (Kind.SEARCH, Kind.TRANSFER, Kind.APPLICATION, Kind.INNOVATION)  # kinds that a technology offer can serve
KIND_WORDS = {
    Kind.SEARCH: "tìm công nghệ",
    Kind.TRANSFER: "nhận chuyển giao",
    Kind.MASTERY: "làm chủ, vận hành công nghệ",
    Kind.APPLICATION: "ứng dụng quy trình",
    Kind.INNOVATION: "đổi mới máy móc, sản phẩm",
    Kind.QUALITY: "chất lượng, tiêu chuẩn",
    Kind.PROPERTY: "nhãn hiệu, sở hữu trí tuệ",
    Kind.MARKET: "tìm thị trường",
    Kind.TRAINING: "đào tạo, tập huấn",
    Kind.DIGITAL: "chuyển đổi số, truy xuất",
    Kind.STARTUP: "khởi nghiệp sáng tạo",
    Kind.CAPITAL: "vốn",
    Kind.TAX: "thuế",
}
