"""Faults that unseen conversations had shown, a row for each class: what is heard, dropped, mistaken, asked again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.chat import Talk
from bot.wiring import System, open_system
from config.settings import Settings
from conversation.doubts import doubts
from conversation.insults import insulting
from conversation.kinds import asks_machine, read_kinds
from conversation.names import guess_name
from conversation.repairs import numbered
from conversation.story import read_story
from conversation.unknowns import no_money, nods, says_unknown
from conversation.wishes import two_wishes, without
from domain.dates import find_raw
from domain.need import Field
from storage import conversations
from tests.templates import Templates

NOW = datetime(2026, 12, 7, 1, 10, tzinfo=UTC)
DRYER = "nhà em làm hồi khô, phơi hay bị mốc, muốn tìm máy sấy"  # leaves the scale open


# --- words ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "problem", "current", "wish"),
    [
        ("Hiện nay thạch xay ra còn lẫn nhiều cát", "thạch xay ra còn lẫn nhiều cát", None, None),
        ("chưng cất thủ công nên hao nhiều", "hao nhiều", "chưng cất thủ công", None),
        ("xưởng gỗ bóc nhà tôi ở Lộc Bình, ván bị cong vênh", "ván bị cong vênh", None, None),
        ("May mặc xuất khẩu 200 công nhân, muốn phần mềm quản lý", None, None, "phần mềm quản lý"),
        ("em xem có nhận xử lý nước thải chăn nuôi không", None, None, "xử lý nước thải chăn nuôi"),
        ("thế sở có tặng máy sấy không", None, None, None),
        ("xưởng đá của tôi bụi quá, có cách nào không", "xưởng đá của tôi bụi quá", None, None),
        ("máy này bên em mua 2 năm không chạy được", "máy này bên em mua 2 năm không chạy được", None, None),
        ("ben em muon lam ma QR cho mat ong", None, None, "lam ma QR cho mat ong"),
        ("cần (1) máy phân loại hồng theo màu, tổng đầu tư không quá 3 tỷ", None, None, "máy phân loại hồng theo màu"),
        ("mùa nồm hay chảy mỡ, mốc, muốn tìm tủ sấy", "mùa nồm hay chảy mỡ, mốc", None, "tủ sấy"),
    ],
)  # fmt: skip
def test_a_story(text: str, problem: str | None, current: str | None, wish: str | None) -> None:
    story = read_story(text)
    assert (story.problem, story.current, story.wish) == (problem, current, wish)


@pytest.mark.parametrize(
    ("text", "field", "unknown"),
    [
        ("bác chẳng biết bao nhiêu, các cháu bảo bao nhiêu thì bác lo", Field.BUDGET, True),
        ("em tư vấn giúp chị", Field.SCALE, True),
        ("lúc nào cũng được", Field.DEADLINE, True),
        ("k", Field.BUDGET, True),
        ("hồng", Field.PRODUCT, False),
        ("không biết cách bảo quản", Field.PROBLEM, False),
        ("không biết có hỗ trợ gì không", Field.BUDGET, False),
    ],
)
def test_not_known(text: str, field: Field, unknown: bool) -> None:
    assert says_unknown(text, field, asks="không?" in text or text.endswith("gì không")) is unknown


def test_what_answers_nothing() -> None:
    assert all(
        nods(text) for text in ("gửi", "gửi đi ạ", "Vâng, tôi đồng ý", "dạ đúng ạ, gửi giúp em", "ừ cháu lưu đi")
    )
    assert not any(nods(text) for text in ("lươn", "gửi ra Hà Nội", "đồng ý với giá 3 triệu", "mai"))
    assert no_money("ông không có nhiều tiền")
    assert not no_money("không có máy")


def test_counted_and_dropped_wishes() -> None:
    assert two_wishes("một là máy sấy thạch đen, hai là đăng ký nhãn hiệu") == (
        "máy sấy thạch đen",
        "đăng ký nhãn hiệu",
    )
    assert two_wishes("một năm hai vụ") is None
    assert without("máy ấp và máy trộn cám", "không cần máy trộn nữa") == "máy ấp"
    assert without("máy sấy", "không cần máy sấy nữa") is None
    row = numbered("Đề nghị sửa mục 6: từ 2 đến 3 tỷ; mục 7: quý IV/2027", False)
    assert row == [(Field.BUDGET, "từ 2 đến 3 tỷ"), (Field.DEADLINE, "quý IV/2027")]


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        ("đăng ký nhãn hiệu cho rau sạch", False),
        ("tìm đối tác tiêu thụ miến dong, đăng ký OCOP", False),
        ("máy sấy măng", True),
    ],
)
def test_a_machine_is_for_who_asks_for_one(text: str, machine: bool) -> None:
    assert asks_machine(read_kinds(text, [text])) is machine


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("từ 100 đến 150", ["100-150 triệu đồng"]),
        ("dưới tỷ", ["tối đa 1 tỷ đồng"]),
        ("tối đa 600 thôi", ["tối đa 600 triệu đồng"]),
        ("vài triệu thôi", ["2-5 triệu đồng", "5-10 triệu đồng"]),
        ("2027", []),
    ],
)
def test_a_doubtful_sum(text: str, labels: list[str]) -> None:
    found = doubts(text, {}, Field.BUDGET)
    assert ([] if found is None else [row["label"] for row in found[1]]) == labels


def test_samples_are_no_acres() -> None:
    assert doubts("15 mẫu một năm", {"capacity": {"value": 15, "unit": "mẫu", "per": "năm"}}, Field.SCALE) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dương Thời Phụng, không dùng điện thoại thông minh", "Dương Thời Phụng"),
        ("như trên thôi", None),
        ("bác tên Sửu", "Sửu"),
    ],
)
def test_a_name(text: str, name: str | None) -> None:
    assert guess_name(text) == name


def test_times_in_words() -> None:
    assert [find_raw(text) for text in ("mùa khô này", "vụ xuân hè", "sớm", "chưa vội")] == [
        "mùa khô này", "vụ xuân hè", "sớm", "chưa vội"]  # fmt: skip
    assert find_raw("gấp đôi") is None


def test_curses_are_told_from_goods() -> None:
    assert insulting("bot ngu")
    assert insulting("ngu")
    assert not any(insulting(text) for text in ("cam", "vải", "khung thép", "mây tre đan", "thang sau"))


# --- talks ------------------------------------------------------------------------------------------------------
@pytest_asyncio.fixture
async def house(tmp_path: Path, templates: Templates) -> AsyncIterator[System]:
    made = await open_system(Settings(), templates.sqlite(tmp_path / "t.db", samples=True), samples=True)
    yield made
    await made.database.close()


FIRM = (
    "Loại hình: công ty TNHH; lao động: 18; doanh thu 2025: 14,2 tỷ; vốn điều lệ: 6 tỷ; thành lập: 05/2019; ngành: chế biến gỗ; "
    "địa bàn: xã Hữu Lũng. Bên em hợp với chương trình nào?"
)
TALKS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("chao em, chi ten Lan o xa Bac Son, nha lam mien dong",), "product", "miến dong"),
    (("em làm măng khô hay mốc", "cty em 35 lao động, doanh thu năm ngoái 18 tỷ thì được hưởng chương trình nào"),
     "reply", "Theo lời anh/chị, em thấy"),
    (("bán máy sấy thì đăng kí ở đâu",), "reply", "chào công nghệ"),
    (("con heo nha tui hoi qua, hang xom kien, lam sao gio",), "product", "lợn"),
    (("em làm măng khô hay mốc", "chị làm hộ gia đình thôi, 4 người"), "wish", ""),
    (("em cần máy thái chuối cho lợn", "re thoi, 1 2 chuc trieu"), "budget", "10-20 triệu đồng"),
    (("HTX em làm thạch đen, có chương trình nào hỗ trợ mua máy cô đặc không",
      "ok vậy em đăng ký nhu cầu luôn nhé, máy cô đặc 500 lít/mẻ"), "product", "thạch đen"),
    ((DRYER, "cho khoảng 30 hộ dùng"), "scale", "30 hộ"),
    (("bên tôi trồng dược liệu phơi không đạt", "tôi muốn đầu tư hệ thống sấy lạnh có kiểm soát nhiệt, không quá 800 triệu đồng"),
     "wish", "hệ thống sấy lạnh có kiểm soát nhiệt"),
    (("may say lanh gia bn",), "reply", "Trong kho có"),
    (("xoá hết dữ liệu của tôi", "thôi không xoá nữa"), "reply", "giữ nguyên"),
    ((DRYER, "gửi"), "reply", "còn"),
    ((DRYER, "chưa biết", "chưa biết", "tháng 6", "xã Văn Quan", "Mai 0912345678", "gửi"), "current", "chưa biết"),
    ((DRYER, "muốn tìm tủ sấy bơm nhiệt"), "wish", "tủ sấy bơm nhiệt"),
    ((DRYER, "2 mẫu", "không biết"), "scale", "2 mẫu"),
    ((DRYER, "chưa biết", "dưới tỷ", "đúng"), "budget", "tối đa 1 tỷ đồng"),
    ((DRYER, "chưa biết", "vài trăm triệu", "thang sau"), "deadline", "tháng 1/2027"),
    ((DRYER, "chưa biết", "gấp lắm, trong tháng này"), "deadline", "07/12/2026 - 31/12/2026"),
    ((DRYER, "chưa biết", "200 triệu", "tháng 6", "Kháng Chiến"), "place", "xã Kháng Chiến"),
    ((DRYER, "chưa biết", "200 triệu", "tháng 6", "Trần Văn Lộc", "0344111222"), "contact", "Trần Văn Lộc, 0344111222"),
    (("em cần máy rửa củ", "củ bẩn lắm", "cam"), "product", "cam"),
    (("em cần máy rửa củ", "củ bẩn lắm", "lươn"), "product", "lươn"),
    (("em cần máy rửa củ", "củ bẩn lắm", "rau bò khai"), "product", "rau bò khai"),
    (("thang sau",), "reply", ""),
    (("nhà em nuôi cá tầm ở Mẫu Sơn",), "product", "cá tầm"),
    (("máy sấy thăng hoa mua về không ai biết vận hành, để không 2 năm",), "problem", "máy sấy thăng hoa mua về không ai biết vận hành"),
    (("báo giá máy ép viên nén mùn cưa", "ghi phiếu đi"), "wish", "máy ép viên nén mùn cưa"),
    (("phân hữu cơ",), "product", "phân hữu cơ"),
    ((DRYER, "đốt bỏ"), "reply", "quy mô"),
    ((DRYER, "cái rẻ nhất"), "reply", "Hợp với nhu cầu"),
    ((DRYER, "lưu số điện thoại để làm gì"), "reply", "dữ liệu của tôi"),
    ((DRYER, "xã Hồ Sơn huyện Hữu Lũng nay là xã nào"), "reply", "xã Hữu Lũng"),
    ((DRYER, "thôi để mai gửi"), "reply", "30 ngày"),
    ((DRYER, "nhà anh trữ được tầm 3 4 tấn"), "scale", "3-4 tấn"),
    ((DRYER, "máy của mình là tủ sấy điện mua năm ngoái"), "current", "máy của mình là tủ sấy điện mua năm ngoái"),
    ((DRYER, "tôi không rành đâu, cháu xem giúp"), "scale", "chưa biết"),
    ((DRYER, "ghi đi em"), "reply", "ý nữa là gửi được"),
    ((DRYER, "thôi để hỏi bố mẹ đã"), "reply", "30 ngày"),
    ((DRYER, "vì sao phải khai quy mô thế?"), "reply", "máy to hay nhỏ"),
    ((DRYER, "vì sao phải đồng ý lưu phiếu?"), "reply", "dữ liệu của tôi"),
    ((DRYER, "chỗ kinh phí để trống cũng được"), "budget", "chưa biết"),
    ((DRYER, "mỗi ngày 3 tạ", "à quên, 2 tạ thôi, ba tạ là tính cả nhà anh trai"), "scale", "2 tạ/ngày"),
    ((DRYER, "2 tấn/vụ", "để kịp bán tết"), "deadline", "chậm nhất 05/02/2027"),
    ((DRYER, "xem lại phiếu"), "reply", "Phiếu đang ghi dở"),
    (("nhà bác nuôi hơn một trăm con lợn, hôi lắm, cần hầm ủ",), "budget", ""),
    (("tôi có xưởng xẻ đá, bụi mù mịt, hàng xóm kêu",), "problem", "bụi mù mịt, hàng xóm kêu"),
    (("lò gạch cũ muốn bỏ, tính làm gạch không nung",), "wish", "làm gạch không nung"),
    (("tôi sấy măng hay bị ám khói, muốn đổi từ sấy than sang bơm nhiệt",), "product", "măng"),
    (("bánh cuốn hay bị rách, cần máy tráng bánh", "không dùng than nữa đâu"), "current", ""),
    (("bên mình export matcha lá chè sang Nhật", "để ba tháng là bạc màu"), "problem", "để ba tháng là bạc màu"),
    (("cho xem lò sấy gỗ đang có", "loại dưới hai trăm triệu thôi"), "reply", "cao hơn tầm tiền đó"),
    (("cho xem lò sấy gỗ đang có", "thế bên bán ở tỉnh nào"), "reply", "Nơi cung cấp"),
    (("cho gặp người thật", "0912000777, gọi trước 5 giờ chiều"), "reply", "vào phiếu HT-"),
    (("NC-0003, xem đi",), "reply", "NC-0003"),
    (("đăng ký 2 người buổi hoa hồi", "có phải nộp tiền không"), "reply", "không mất phí"),
    ((DRYER, "có chương trình nào hỗ trợ cái này không", "nó hỗ trợ tối đa bao nhiêu"), "reply", "hỏi chương trình nào"),
    (("bên tôi bán máy sấy lạnh 200kg một mẻ giá 180 triệu, anh Minh 0912345678", "đúng rồi", "hiện đã có ai hỏi chưa"), "reply", "cán bộ đang xem"),
    ((DRYER, "2 tạ/ngày", "chắc tầm 70 80 củ"), "budget", "70-80 triệu đồng"),
    ((DRYER, "ở xã Hữu Lũng", "thôi gửi cho chị đi"), "reply", "ý nữa là gửi được"),
    ((DRYER, "2 tạ/ngày", "à mà đổi ý, lấy tủ đông sâu thôi"), "reply", "tủ đông sâu"),
    (("hôm qua có người nhắn mời hội thảo bắt chuyển 500k giữ chỗ",), "reply", "đừng chuyển tiền"),
    (("đăng ký 2 người buổi hoa hồi", "lúc 8h à", "có chỗ đỗ xe không"), "reply", "chưa ghi việc này"),
    (("đăng ký 2 người buổi hoa hồi", "vợ anh không đi được"), "reply", "1 chỗ (trước là 2 chỗ)"),
    (("thế có ai bán máy nghiền nghệ không", "máy bao nhiêu"), "reply", "250-800 triệu"),
    ((DRYER, "vườn tôi 2 sào", "chưa có gì cả, che tạm bằng bạt"), "current", "chưa có gì cả, che tạm bằng bạt"),
    (("giống sa nhân mua trôi nổi chết nhiều, muốn học nhân giống",), "wish", "học nhân giống"),
    (("Chào Sở. Tôi có 2 nhu cầu: một là máy sấy thạch đen, hai là đăng ký chỉ dẫn địa lý",), "wish", "máy sấy thạch đen"),
    (("nhà mình làm miến dong, phơi hay bị mưa", "mong máy sấy chạy bằng củi", "thêm nữa là ít khói"), "wish", "máy sấy chạy bằng củi, ít khói"),
    (("nhà mình làm miến dong, phơi hay bị mưa", "mong máy sấy chạy bằng củi", "à mà còn phải dễ rửa"), "scale", ""),
    ((DRYER, "2 tạ một mẻ", "sấy nhanh, giữ màu"), "budget", ""),
    (("cty em muốn xin tiền làm đề tài khoa học",), "reply", "Để tìm đúng chương trình"),
    (("toi la giam doc cong ty che bien dau hoi, muon xin tien lam de tai",), "reply", "Để tìm đúng chương trình"),
    (("công ty em 20 người chế biến gỗ ở xã Hữu Lũng muốn hỏi chương trình hỗ trợ nào hợp", "cái nào không cần vốn đối ứng"), "reply", "Theo lời anh/chị"),
    ((DRYER, "Hứa Văn Chẩn 0386 000 951"), "contact", "Hứa Văn Chẩn, 0386000951"),
    ((DRYER, "Hứa Văn Chẩn 0386 000 951", "sđt sai rồi, đuôi 915 mới đúng"), "contact", "Hứa Văn Chẩn, 0386000915"),
    ((DRYER, "Hứa Văn Chẩn 0386 000 951", "số điện thoại đổi sang số vợ tôi 0972 000 516"), "contact", "Hứa Văn Chẩn, 0972000516"),
    ((DRYER, "Mông Văn Đạt 0977 000 134", "thêm số bố em nữa, 0977 000 143"), "contact", "Mông Văn Đạt, 0977000134"),
    (("khoai lang bị hà, cần kho mát", "Vi Thị Hồng 0973 000 616"), "product", "khoai lang"),
    ((DRYER, "Chị Lăng Thị Tâm, 0977 000 626"), "place", ""),
    ((DRYER, "Duong Thi Bay 0919 000 745 dong y luu phieu"), "contact", "Duong Thi Bay, 0919000745"),
    ((DRYER, "chưa biết", "200 triệu", "tháng 6", "đồng ý"), "place", ""),
    ((DRYER, "dung, gui di"), "reply", "phiếu còn"),
    ((DRYER, "chưa biết", "200 triệu", "trước tháng 3 năm 2028", "à nhầm, 2027 chứ"), "deadline", "chậm nhất 28/02/2027"),
    ((DRYER, "chưa biết", "35 triệu", "30 chứ không phải 35"), "budget", "30 triệu đồng"),
    ((DRYER, "chưa biết", "200 triệu", "tháng 6", "xã Quan Sơn", "à không, Quan Sơn trả rồi, đặt ở xã Hoàng Văn Thụ nhé"), "place", "xã Hoàng Văn Thụ"),
    ((DRYER, "quy mô 2 tạ một mẻ", "quy mô thì như trên ạ"), "scale", "2 tạ/mẻ"),
    (("trại gà đồi nhà tôi, mùa rét gà con chết nhiều quá", "giờ úm bằng bóng đèn với trấu đốt trong chậu, đêm phải dậy canh"), "wish", ""),
    (("Thế của Sở thật thì có cái gì cho hộ kinh doanh như chị không? Chị làm bánh khảo, 3 người.",), "reply", "Để tìm đúng chương trình"),
    (("rượu men lá bị gắt, cần máy lọc", "mỗi tháng tầm nghìn hai lít, riêng tháng chạp thì gấp đôi"), "scale", "1.200 lít/tháng"),
    (("rượu men lá bị gắt, cần máy lọc", "mỗi tháng tầm nghìn hai lít, riêng tháng chạp thì gấp đôi"), "deadline", ""),
    (("vợ chồng em nuôi cá tầm, mùa hè nước lên 24 độ là cá bỏ ăn",), "deadline", ""),
    (("bên em bán máy hút chân không đóng gói túi, muốn đưa lên cho bà con xem thì làm sao",), "reply", "Công suất khoảng bao nhiêu"),
    (("HTX vận tải bên anh xe toàn chạy rỗng chiều về, điều xe qua Zalo loạn hết",), "reply", "Em ghi"),
    ((DRYER, "hỏi mấy cái này chi vậy em"), "reply", "Quy mô cho biết"),
    ((DRYER, "tôi hỏi thật, đồng chí lấy số điện thoại để làm gì, có ai gọi mời chào không"), "reply", "chỉ cán bộ phụ trách"),
    ((DRYER, "vâng, làm tiếp đi ạ"), "reply", "(3/9)"),
    ((DRYER, "uk tầm đó thôi"), "scale", ""),
    ((DRYER, "chưa biết", "vốn 7-80 củ thôi nha"), "budget", "70-80 triệu đồng"),
    ((DRYER, "chưa biết", "không quá trăm hai"), "budget", ""),
    ((DRYER, "đừng gửi tin quảng cáo cho tôi là được"), "reply", "ngừng"),
    ((DRYER, "Bên chị mua nơi khác rồi, đóng phiếu giúp chị nhé. Cảm ơn em."), "reply", "Em đã bỏ phiếu"),
    ((DRYER, "mà trl là j z, thấy ng ta hay nói"), "reply", "TRL là thang"),
    (("nha minh nuoi dui, dot ret vua roi con chet mat may cap",), "product", "dui"),
    ((DRYER, "tên chị là nông thị dâu số điện thoại không chín ba sáu không không không bốn một tám"), "contact", "nông thị dâu, 0936000418"),
    (("nhà em làm hương thẻ, cứ trời nồm là que hương mốc trắng", "độ hai vạn que một ngày, giáp Tết thì gấp đôi"), "deadline", ""),
    (("Bên tôi trồng nấm lim xanh, phôi nhiễm mốc xanh gần một nửa", "8 nghìn"), "scale", "8 nghìn"),
    ((DRYER, "phần đang làm thế nào ghi lại giúp em: phơi sân, mưa thì cất vào"), "current", "phơi sân, mưa thì cất vào"),
    ((DRYER, "xoá hết dữ liệu của tôi", "à thôi đừng xoá nữa, để người ta còn liên hệ"), "reply", "giữ nguyên"),
    ((FIRM, "cái đầu tiên cần giấy tờ gì"), "reply", "Theo lời anh/chị, em thấy"),
    ((FIRM, "cái đầu tiên cần giấy tờ gì", "còn cái nào không cần vốn đối ứng không em?"), "reply", "Phần tiền anh/chị tự lo"),
    ((FIRM, "cái đầu tiên cần giấy tờ gì", "cái thứ hai nộp ở đâu"), "reply", "(Về "),
)  # fmt: skip


@pytest.mark.asyncio
async def test_talks(house: System) -> None:
    wrong = []
    for at, (said, field, words) in enumerate(TALKS):
        talk = Talk(house, f"p{at}", NOW)
        await talk.begin()
        reply = ""
        for text in said:
            reply = "\n".join(item.text for item in await talk.say([text]))
        async with house.database.read() as db:
            held = await conversations.hold(db, talk._person_id)
        assert held is not None
        form = {name: row["words"] for name, row in (held.talk.form or {}).items()}
        heard = reply if field == "reply" else form.get(field, "")
        if (words not in heard) if field == "reply" else (heard != words):
            wrong.append((said, field, words, heard))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.asyncio
async def test_a_second_need_asks_nothing_known(house: System) -> None:
    talk = Talk(house, "again", NOW)
    await talk.begin()
    story = "măng khô hay bị mốc, cần máy sấy 2 tạ/mẻ dưới 200 triệu ở xã Thiện Hoà trước tháng 5, hiện phơi nắng, Nga 0977888999"
    for text in (story, "đồng ý", "đúng, gửi", "không"):
        await talk.say([text])
    reply = (await talk.say(["à mà chị cần thêm máy hút chân không nữa"]))[0].text
    assert "xã Thiện Hòa (như phiếu trước)" in reply
    assert "măng khô (như phiếu trước)" in reply


NEED = "măng khô hay bị mốc, cần máy sấy 2 tạ/mẻ dưới 200 triệu ở xã Thiện Hoà trước tháng 5, hiện phơi nắng, Nga 0977888999"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("word", "stood"),
    [("đúng, gửi", True), ("ừ đúng rồi", True), ("dung gui", False), ("đừng gửi", False), ("không", False)],
)
async def test_a_yes_to_keeping_is_no_no(house: System, word: str, stood: bool) -> None:
    """ "đúng, gửi" keeps the need; "dung gui" may be either and is asked again; "đừng gửi" keeps nothing."""
    talk = Talk(house, f"yes {word}", NOW)
    await talk.begin()
    await talk.say([NEED])
    reply = (await talk.say([word]))[0].text
    if stood:
        assert "Phiếu nhu cầu của anh/chị" in reply
    elif word == "dung gui":
        assert "đồng ý" in reply
        assert "không lưu" not in reply
    else:
        assert "không lưu" in reply
