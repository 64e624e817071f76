"""Quantities as owners write them; each row also without diacritics."""

import pytest

from domain.amounts import quantity_words
from domain.quantities import find_quantities
from tests.domain.tables import rows

QUANTITIES = """
400 kg/mẻ | 400 kg/mẻ
tầm 5 tạ 1 mẻ | 5 tạ/mẻ
mỗi ngày 2 tấn | 2 tấn/ngày
ngày cắt 1-2 tấn | 1-2 tấn/ngày
20 tan mot nam | 20 tấn/năm
năm khoảng 20 tấn | 20 tấn/năm
20-25 tan/nam | 20-25 tấn/năm
khoảng 1.500 lít/ngày | 1.500 lít/ngày
ba tạ mỗi mẻ | 3 tạ/mẻ
500 chai rượu/ngày | 500 chai/ngày
5 sào na | 5 sào
nuôi 3 nghìn con gà | 3.000 con
2 tấn rưỡi một ngày | 2,5 tấn/ngày
tối thiểu 30 tấn/năm | từ 30 tấn/năm
1 tan 2 1 ngay | 1,2 tấn/ngày
hai mươi lăm tấn/năm | 25 tấn/năm
30 khối nước thải mỗi ngày đêm | 30 m³/ngày
50 ký một giờ | 50 kg/giờ
trước tháng 6 khoảng 20 tấn | 20 tấn
20tấn/năm | 20 tấn/năm
20 tấn/ 1 năm | 20 tấn/năm
20 tấn trên năm | 20 tấn/năm
20 tấn hàng năm | 20 tấn/năm
một năm làm được 20 tấn | 20 tấn/năm
hàng tháng xuất 10 tấn | 10 tấn/tháng
tháng được 50 ký kén | 50 kg/tháng
mỗi tuần 2 tạ | 2 tạ/tuần
5 tạ mỗi tuần | 5 tạ/tuần
mỗi vụ chừng 4 tạ | 4 tạ/vụ
4 tấn một vụ | 4 tấn/vụ
mỗi mùa 3 tạ | 3 tạ/vụ
một ca làm được 800 hũ | 800 hũ/ca
800 hũ/ca | 800 hũ/ca
20 lon một phút | 20 lon/phút
1 tấn/h | 1 tấn/giờ
500kg/1h | 500 kg/giờ
2 tạ một tiếng | 2 tạ/giờ
100 khối/ngày | 100 m³/ngày
100 m3/ngày đêm | 100 m³/ngày
500 khoi ngay | 500 m³/ngày
50 m³/24h | 50 m³/ngày
mẻ 200kg | 200 kg/mẻ
moi lan say 70 ky | 70 kg/mẻ
3 tạ/lần | 3 tạ/mẻ
300 kg mỗi lò | 300 kg/mẻ
300kg/nồi | 300 kg/mẻ
20 cân 1 mẻ | 20 kg/mẻ
70 kí một mẻ | 70 kg/mẻ
100 kilo/ngày | 100 kg/ngày
tram thuy dien 60 ki lo oat | 60 kW
mỗi mẻ 30 ki lô | 30 kg/mẻ
5 yến/ngày | 5 yến/ngày
tạ rưỡi một mẻ | 1,5 tạ/mẻ
tấn rưỡi/ngày | 1,5 tấn/ngày
nửa tấn một ngày | 0,5 tấn/ngày
2 tấn 3 tạ | 2,3 tấn
1 tấn 2 | 1,2 tấn
hai tạ rưỡi | 2,5 tạ
5 tạ đến 1 tấn/mẻ | 0,5-1 tấn/mẻ
300kg - 1 tấn/mẻ | 0,3-1 tấn/mẻ
300 đến 500 kg/mẻ | 300-500 kg/mẻ
từ 300 đến 500 kg/giờ | 300-500 kg/giờ
300 - 500kg búp tươi/giờ | 300-500 kg/giờ
năm sáu tạ một ngày | 5-6 tạ/ngày
hai ba tấn/ngày | 2-3 tấn/ngày
dưới 5 tạ/mẻ | tối đa 5 tạ/mẻ
không quá 2 tấn/ngày | tối đa 2 tấn/ngày
trên 10 tấn/năm | từ 10 tấn/năm
ít nhất 5 tạ/mẻ | từ 5 tạ/mẻ
5 tạ/mẻ trở lên | từ 5 tạ/mẻ
5 tạ/mẻ đổ lại | tối đa 5 tạ/mẻ
kho 30 tấn | 30 tấn
kho lạnh 50 khối | 50 m³
2000 m2 nhà màng | 2.000 m²
2.000 m² | 2.000 m²
1 nghìn mét vuông | 1.000 m²
30 mét khối | 30 m³
3ha na | 3 ha
1,5 hecta | 1,5 ha
2 mẫu quýt | 2 mẫu
trại heo 500 con | 500 con
5 vạn cây giống một năm | 50.000 cây/năm
500 gốc đào | 500 gốc
3 vạn viên mỗi tháng | 30.000 viên/tháng
2.000 cái bánh một ngày | 2.000 cái/ngày
ngày 2000 cái | 2.000 cái/ngày
5 nghìn quả/tuần | 5.000 quả/tuần
1.500 cốc/giờ | 1.500 cốc/giờ
200 suất ăn/ngày | 200 suất/ngày
200 túi/ngày | 200 túi/ngày
1000 bình một ngày | 1.000 bình/ngày
50 kWp | 50 kWp
vụ này cắt 1-2 tấn na mỗi ngày | 1-2 tấn/ngày
!2 tấn hơi/giờ | 2 tấn hơi/giờ
lò hơi 2 tấn hơi/giờ | 2 tấn hơi/giờ
năm ngoái thu 20 tấn | 20 tấn/năm
1,5 tấn mỗi ngày | 1,5 tấn/ngày
5 tấnn/mẻeee | 5 tấn/mẻ
5tan/ngay | 5 tấn/ngày
3oo kg/mẻ | 300 kg/mẻ
công suất 700kg trên giờ | 700 kg/giờ
10 tấn tươi mỗi ngày | 10 tấn/ngày
cả trăm tấn | 100 tấn
"""
NOTHING = """
bán 45 nghìn 1 kg
50k/kg
25 nghìn một cân
máy nặng 2 tấn
điện 3 pha 15kW
2 con máy sấy
3 máy xay
2 cái máy
15 người
25 lao động
túi 1kg
đóng gói 500g
hộp 250 gam
can 20 lít
chai 500ml
vài tấn
mấy tạ
dăm tấn
hỏng mất 2 tấn
xưởng 300m2
nhà xưởng rộng 500 m2
xe 5 tấn
3 tháng
2 lần
220V
5 ngày
sâu 3 m
10 triệu
bà con xã Hưng Vũ
3 lò hơi
2 tháng nữa cần
"""


@pytest.mark.parametrize(("text", "words"), rows(QUANTITIES))
def test_quantity(text: str, words: str) -> None:
    assert [quantity_words(found.value) for found in find_quantities(text)] == [words]


@pytest.mark.parametrize(("text", "_"), rows(NOTHING))
def test_no_quantity(text: str, _: str) -> None:
    assert find_quantities(text) == []
