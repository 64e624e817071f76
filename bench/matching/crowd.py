"""Makes invented offers and needs in any number, the same for the same seed."""

import random
from collections.abc import Collection, Iterator
from typing import Any

from domain.offer import Offer
from knowledge.library import Library
from matching.wanted import Wanted

SIZES = ((20, 60, "kg/mẻ"), (100, 300, "kg/mẻ"), (300, 500, "kg/mẻ"), (800, 1500, "kg/mẻ"), (50, 150, "kg/giờ"),
         (200, 600, "kg/giờ"), (1, 3, "tấn/ngày"), (5, 20, "tấn/ngày"), (200, 800, "lít/mẻ"), (10, 50, "m3/ngày"),
         (1, 5, "ha"), (500, 2000, "m2"), (5, 30, "tấn"))  # fmt: skip
TITLES = ("Máy {q} {p}", "Dây chuyền {q} {p}", "Hệ thống {q} cho {p}", "Công nghệ {q} {p} cỡ nhỏ", "Thiết bị {q} {p} tự động",
          "Quy trình {q} {p} cho hợp tác xã", "Cụm {q} {p}, {o}")  # fmt: skip
SUMMARIES = (
    "Vỏ inox, dễ vệ sinh, hai người vận hành; lắp trong một tuần, bảo hành 12 tháng.",
    "Điều khiển bằng màn hình chạm, ghi lại từng ca; tiết kiệm điện hơn loại cũ một phần ba.",
    "Phù hợp tổ hợp tác và hộ kinh doanh; hướng dẫn tại chỗ, có phụ tùng thay thế.",
    "Đã chạy thử ở ba tỉnh miền núi; thành phẩm đều, ít vụn, giữ màu tự nhiên.",
    "Chuyển giao kèm đào tạo, tài liệu tiếng Việt, hỗ trợ từ xa trong mùa vụ.",
    "Dùng điện một pha hoặc ba pha, diện tích lắp đặt nhỏ, tiếng ồn thấp.",
)
NEEDS = ("cần máy {q} {p}", "nhà em làm {p}, muốn {q} cho nhanh", "HTX tìm công nghệ {q} {p}, có bảo hành",
         "muon mua may {q} {p}",
         "Công ty cần dây chuyền {q} {p} công suất phù hợp", "{p} nhà tôi nhiều quá, có cách {q} nào tốt không")  # fmt: skip
MODES = ("BAN", "BQ", "LIX", "HT", "DV")


class Crowd:
    """Pairs of product and process that none of the given needs asks for, dressed up as offers."""

    def __init__(self, library: Library, forbidden: Collection[tuple[str, str]] = (), seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._products = [row["term"] for row in library.terms["products"]]
        self._processes = [row["term"] for row in library.terms["processes"]]
        self._forbidden = frozenset(forbidden)

    def _pair(self) -> tuple[str, str]:
        while True:
            pair = self._random.choice(self._products), self._random.choice(self._processes)
            if pair not in self._forbidden:
                return pair

    def offers(self, count: int, lead: str = "D") -> Iterator[Offer]:
        """So many offers."""
        pick = self._random
        for number in range(count):
            product, process = self._pair()
            low, high, unit = pick.choice(SIZES)
            least = pick.choice((15, 40, 90, 180, 350, 700, 1500, 4000))
            other = pick.choice(self._products)
            while (other, process) in self._forbidden:
                other = pick.choice(self._products)
            title = pick.choice(TITLES).format(p=product, q=process, o=other)
            yield Offer(
                f"{lead}{number:07d}", title, f"{process.capitalize()} {product}. {pick.choice(SUMMARIES)}", None, (product,),
                (process,), pick.randint(5, 9), (pick.choice(MODES),), {"min": least, "max": least * 2},
                {"min": low, "max": high, "unit": unit}, "mẫu", None, "1", pick.choice(("all", "all", "north")),
            )  # fmt: skip

    def needs(self, count: int) -> Iterator[tuple[int, Wanted]]:
        """So many standing needs, with numbers for keys."""
        pick = self._random
        for number in range(count):
            product, process = self._pair()
            low, _, unit = pick.choice(SIZES)
            name, _, per = unit.partition("/")
            capacity: dict[str, Any] = {"value": low, "unit": name, "per": per or None} if pick.random() < 0.6 else {}
            most = pick.choice((50, 100, 300, 600, 2000)) * 1_000_000
            budget = {"min": None, "max": most} if pick.random() < 0.6 else {}
            text = pick.choice(NEEDS).format(p=product, q=process)
            yield number, Wanted(text, (product,), (process,), capacity, budget, "20")
