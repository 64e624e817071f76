"""The phrases by which an owner's sentence tells a wish, a trouble, how things are done now, or what is made."""

import re

from conversation.cues import Cues
from domain.text import PERSON, fold, nfc

WANTS = Cues(
    "xin em cái, xin em máy, xin cái máy, xin một cái máy, xin con máy, mún làm, mun lam, mun lm, mún lm, muon lm, muốn lm, có nhu cầu, nhu cầu, đang cần, rất cần, cần, muốn, mong, đang tìm, tìm kiếm, tìm, kiếm máy, kiếm chỗ, kiếm cái, "
    "mua máy, mua cái, mua lò, mua thiết bị, mua nồi, mua bộ, mua kho, sắm máy, sắm cái, sắm lò, sắm bộ, đầu tư, lắp đặt, "
    "xin tư vấn, nhờ tư vấn, tư vấn, nâng cấp, chuyển sang, thay máy, thay lò, thay dây chuyền, thay thế máy, tiếp nhận, "
    "nhận chuyển giao, đặt làm, định mua, định làm, tính mua, tính làm, tính sắm, xây kho, xây lò, xây trạm, mở xưởng, làm hầm, lắp kho, lắp máy, "
    "lắp hệ thống, lắp trạm, mún mua, mún tìm, mún lắp, mún có, mún làm",
    "mún, lắp, sắm, xây, mua, thay, kiếm",
)
ASKED = Cues(
    "có mối nào mua, mối nào mua, có mối nào, có đầu mối nào, có máy nào, có cách nào, có công nghệ nào, có thiết bị nào, có loại máy nào, có loại nào, có giải pháp nào, có chỗ nào, "
    "có nơi nào, có đơn vị nào, có ai bán, có ai sửa, ai sửa được, có ai làm, có ai biết, có ai cung cấp, có ai chuyển giao, có ai nhận, có ai giúp, có ai hướng dẫn, có bên nào, có thuốc nào, cách nào, làm cách nào, làm sao, làm thế nào, làm kiểu gì, "
    "làm thế nào để, làm gì để, xử lý sao, xử lý thế nào, phải làm sao, có cách, có máy, có công nghệ, có bộ, có nồi, có phần mềm"
)
TROUBLES = Cues(
    "cồng kềnh, chở tốn xe, tốn xe, tốn tiền xe, bị gắt, uống đau đầu, phai màu, là phai, bị phai, mùi quá, lên xã kiện, hàng xóm lên xã, bị hà, sùi bọt, bị hà đục, đóng cặn, bà con kêu, xì gas, xì ga, rò gas, không chạy được, ko chạy được, không hoạt động, không dùng được, trục trặc, hao nhiều, hao quá, hao củi, hao điện, rơi vãi, thất thu, bị mốc, hay mốc, mốc hết, nấm mốc, lên mốc, mốc meo, bị hỏng, hay hỏng, nhanh hỏng, mau hỏng, hỏng nhiều, hỏng hết, dễ hỏng, "
    "bị thối, thối nhiều, thối hết, bị úng, bị dập, dập nát, bị nát, bị vỡ, bị gãy, bị héo, nhanh héo, mau héo, chậm quá, quá chậm, "
    "không kịp, ko kịp, k kịp, tốn công, tốn điện, tốn than, tốn củi, tốn nhân công, tốn thời gian, tốn kém, tốn sức, hao hụt, "
    "thất thoát, mất màu, xỉn màu, bị đen, đen hết, thâm đen, ẩm mốc, nảy mầm, sâu bệnh, bị sâu, sâu đục, không đều, ko đều, "
    "thua lỗ, bị lỗ, không bán được, ko bán dc, khó bán, ế ẩm, gặp khó, khó khăn, thiếu nước, thiếu nhân công, thiếu người, "
    "thiếu máy, thiếu vốn, ô nhiễm, mùi hôi, chua hôi, hôi chua, hôi thối, hôi quá, mà hôi, rất hôi, hôi lắm, bốc mùi, hàng xóm kiện, bị kiện, dân kêu, chín nhanh, chín rộ, chín dồn, vất vả, cực quá, mệt quá, sấy chậm, làm chậm, chạy chậm, ép chậm, nấu chậm, bóc chậm, bụi quá, bụi bặm, nhiều bụi, ồn quá, nóng quá, đắt quá, tốn quá, lâu quá, lâu lắm, mệt lắm, chậm lắm, vất vả lắm, tốn lắm, cực lắm, khổ lắm, đau tay, nặng quá, yếu quá, bẩn quá, khói quá, "
    "không ổn định, ko ổn định, xuống cấp, lạc hậu, cũ kỹ, ép giá, mất mùa, mất giá, rớt giá, bị tắc, rò rỉ, hay cháy, bị cháy, "
    "cháy khét, nứt nẻ, bị nứt, bay màu, bay mùi, mất mùi, không đạt, ko đạt, chưa đạt, không giữ, ko giữ, nhiều tạp chất, "
    "lẫn tạp, lẫn nhiều, phụ thuộc thời tiết, trông vào nắng, mưa suốt, mưa phùn, gặp mưa, trời mưa, mưa nhiều, năng suất thấp, "
    "chất lượng kém, chất lượng thấp, tỷ lệ hỏng, tỉ lệ hỏng, trả hàng, bị trả về, bị trả lại, hàng giả, làm giả, bị nhái, "
    "bị phạt, bị nhắc, hay kẹt, bị kẹt, hay hỏng vặt, không ai biết, không biết vận hành, chưa biết vận hành, không biết sửa, "
    "không biết dùng, chưa thạo, không có người sửa, cong vênh, cong mục, mối mọt, bị mọt, vón cục, chảy nước, bị chua, "
    "hay chua, bị vẩn, vẩn đục, bị đục, hay đục, không tơi, lên men, biến chất, không đủ, ko đủ, bỏ phí, vứt bỏ, đổ bỏ, chất đống, bỏ đi hết, "
    "ăn trụi, ăn hại, khô hạn, chết nhiều, chết hàng loạt, dịch bệnh, ùn ứ, tồn đọng, tồn kho, không tiêu thụ, khó tiêu thụ, "
    "không có đầu ra, chưa có đầu ra, bấp bênh, chưa có tem, chưa có nhãn, không có tem, chưa có thương hiệu, chưa có giấy, chưa đăng ký, thừa nhiều, thừa mứa, "
    "không truy xuất, khó quản lý, quản lý lộn xộn, nhầm lẫn, sai sót, ghi sổ tay, mất điện, điện yếu, công nghệ cũ, máy cũ, máy hỏng, cũ hỏng, cũ rồi, hỏng rồi, không đồng đều",
    "mốc, hỏng, thối, úng, dập, nát, vỡ, gãy, héo, ẩm, đục, chua, thâm, xỉn, kém, tắc, rỉ, nứt, cháy, chết, ế, lỗ, chậm, bẩn, đắng, khét, mọt, sượng, đứt, vón",
)
HINTS = Cues(
    "không, ko, hay, nhiều, thiếu, hết, yếu, thấp, bỏ đi, loãng, bong, gầy",
    "chưa, quá, khó, kém, mất, cứng",
)
NOW = Cues(
    "hiện đang, hiện nay, hiện tại, hiện giờ, hiện h, bây h, bay h, bây giờ đang, xưa nay, từ trước đến giờ, trước giờ, từ trước tới nay, lâu nay, vẫn đang, vẫn còn, "
    "đang phơi, đang làm, đang dùng, đang sấy, đang nấu, đang thuê, đang chạy, đang bán, đang gói, đang đóng, đang tưới, đang chở, đang để, "
    "đang xay, đang ép, đang bảo quản, đang ghi, đang chưng, đang tự, thủ công, bằng tay, phơi nắng, phơi sân, phơi ngoài, chỉ phơi, chủ yếu phơi, phơi tự nhiên, "
    "toàn phơi, toàn làm, vẫn phơi, vẫn làm, vẫn dùng, vẫn sấy, vẫn nấu, vẫn thuê, vẫn gói, vẫn ghi, bán cho thương lái, dùng lò, dùng than, dùng củi",
    "hiện, đang, vẫn",
)
WHO = rf"(?:{PERSON}|nha|ben|ho|xuong|vuon|trai|htx|co so|to|nhom|gia dinh|chung toi|vo chong|minh)"
MAKES = re.compile(
    rf"\b(?:{WHO}\s+)(?:\w+\s+)?(?:co\s+)?(?:chuyen\s+|dang\s+|moi\s+)?"
    r"(nuoi|trong|ren|dong|det|nau|san xuat|in|thu mua|che bien|tai che|choi|uom|dan|theu|lam nghe|buon|kinh doanh|lam)\s+"
)
GOODS_END = re.compile(
    r"\b(?:ma|o|tai|thi|de|bang|cho|nay|la|hay|cu|ra|bi|toan|duoc|dc|nhung|nen|nam|moi|ngay|thang|voi|va|cua|tu|den|roi|khong|ko|"
    r"ban|goc|hon|tam|khoang|ve|len|xuong|them|nua|nhe|a|em|lau|nhieu|it|quanh|tren|trong|ngoai|xuat)\b|[,.;:!?\d(]"
)
NO_GOODS = frozenset(
    "the sao gi an viec duoc cho hong mat cham xong kip theo hang nha ke giam chu thue cong nghe tay mai du nguoi vua y cach nhu kieu "
    "don vi dich vu to khong nong du lich buc thue mau ho doi nhanh".split()
)
MOST_OF_GOODS = 4  # words


def goods_told(text: str) -> str | None:
    """What somebody says to make, raise or buy up, in their words, whatever the list of products knows: "nuôi dúi", "rèn dao"."""
    whole = nfc(" ".join(text.split()))
    folded = fold(whole)
    if len(folded) != len(whole):
        return None
    for found in MAKES.finditer(folded):
        end = GOODS_END.search(folded, found.end())
        said = whole[found.end() : end.start() if end else len(whole)].strip(" ,.")
        said = " ".join(said.split()[: MOST_OF_GOODS - 1]) if len(said.split()) > MOST_OF_GOODS else said
        words = fold(said).split()
        if words and words[0] not in NO_GOODS and len(said) > 1:
            return said
    return None
