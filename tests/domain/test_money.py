"""Money as owners write it: amounts with bounds, what is a budget and what is not; each row also without diacritics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amounts import money_words
from domain.money import doubtful_money, find_money, is_vague_money
from tests.domain.tables import bare, rows

BUDGETS = """
can may say tam 300tr | 300 triệu đồng
tầm 4 trăm triệu đổ lại | tối đa 400 triệu đồng
1 tỷ 2 | 1,2 tỷ đồng
một tỷ hai | 1,2 tỷ đồng
1tr5 | 1,5 triệu đồng
trăm rưỡi triệu | 150 triệu đồng
trăm mốt triệu | 110 triệu đồng
vốn độ trăm hai | 120 triệu đồng
em có khoảng trăm hai | 120 triệu đồng
bỏ ra được trăm rưỡi | 150 triệu đồng
xoay được hai trăm rưỡi thôi ạ | 250 triệu đồng
vay được chín trăm triệu | 900 triệu đồng
vay thêm cũng được cỡ một tỉ | 1 tỷ đồng
kinh phí ba trăm là cùng | tối đa 300 triệu đồng
hai trăm rưỡi triệu | 250 triệu đồng
3 trăm củ | 300 triệu đồng
350 củ | 350 triệu đồng
dưới 500 triệu | tối đa 500 triệu đồng
ko quá 1 tỷ | tối đa 1 tỷ đồng
không quá 250 triệu | tối đa 250 triệu đồng
từ 200 triệu trở lên | từ 200 triệu đồng
200-300 triệu | 200-300 triệu đồng
2-3 trăm triệu | 200-300 triệu đồng
hai ba trăm triệu | 200-300 triệu đồng
từ 800tr đến 1 tỷ | 800 triệu - 1 tỷ đồng
kinh phí dự kiến 300–450 triệu đồng | 300-450 triệu đồng
nửa tỷ | 500 triệu đồng
hai tỷ rưỡi | 2,5 tỷ đồng
1 tỷ 250 triệu | 1,25 tỷ đồng
1.200.000.000 đồng | 1,2 tỷ đồng
chừng 7 chục triệu | 70 triệu đồng
tầm sáu trăm triệu | 600 triệu đồng
500tr-1ty | 500 triệu - 1 tỷ đồng
vốn có 200 chai | 200 triệu đồng
vốn thì 3 trăm củ đổ lại | tối đa 300 triệu đồng
1,2 tỏi | 1,2 tỷ đồng
ngân sách khoảng 1.5 tỷ | 1,5 tỷ đồng
ngân sách: 450tr | 450 triệu đồng
kinh phí 300.000.000 | 300 triệu đồng
kinh phí 300,000,000đ | 300 triệu đồng
kinh phí là 250.000.000 vnđ | 250 triệu đồng
500 triệu trở xuống | tối đa 500 triệu đồng
500 triệu đồng trở xuống | tối đa 500 triệu đồng
từ 600 triệu trở xuống | tối đa 600 triệu đồng
tối đa 300 triệu | tối đa 300 triệu đồng
300 triệu là tối đa | tối đa 300 triệu đồng
300 triệu là hết mức | tối đa 300 triệu đồng
300 triệu là cùng | tối đa 300 triệu đồng
cùng lắm 300 triệu | tối đa 300 triệu đồng
nhiều nhất là 300 triệu | tối đa 300 triệu đồng
cao nhất 1 tỷ rưỡi | tối đa 1,5 tỷ đồng
không vượt quá 2 tỷ | tối đa 2 tỷ đồng
đừng quá 100 triệu | tối đa 100 triệu đồng
chưa đến 200 triệu | tối đa 200 triệu đồng
max 150tr | tối đa 150 triệu đồng
150tr max | tối đa 150 triệu đồng
< 500tr | tối đa 500 triệu đồng
<= 500tr | tối đa 500 triệu đồng
ít hơn 80 triệu | tối đa 80 triệu đồng
rẻ hơn 80 triệu | tối đa 80 triệu đồng
rẻ thôi dưới 200tr | tối đa 200 triệu đồng
trên 500 triệu | từ 500 triệu đồng
hơn 500 triệu | từ 500 triệu đồng
không dưới 1 tỷ | từ 1 tỷ đồng
ít nhất 300 triệu | từ 300 triệu đồng
tối thiểu 300 triệu | từ 300 triệu đồng
>= 300tr | từ 300 triệu đồng
300 triệu trở lên | từ 300 triệu đồng
300 triệu hoặc hơn | từ 300 triệu đồng
từ 300 triệu | từ 300 triệu đồng
trên dưới 300 triệu | 300 triệu đồng
xấp xỉ 2 tỷ | 2 tỷ đồng
gần 2 tỷ | 2 tỷ đồng
ngót 200 triệu | 200 triệu đồng
loanh quanh 90 triệu | 90 triệu đồng
đâu đó 150 triệu | 150 triệu đồng
cỡ 150 triệu | 150 triệu đồng
độ 150 triệu | 150 triệu đồng
áng chừng 150 triệu | 150 triệu đồng
vào khoảng 150 triệu | 150 triệu đồng
200tr đến 300tr | 200-300 triệu đồng
200tr tới 300tr | 200-300 triệu đồng
từ 200 đến 300 triệu | 200-300 triệu đồng
từ 200 tới 300 triệu | 200-300 triệu đồng
200 - 300 tr | 200-300 triệu đồng
200~300tr | 200-300 triệu đồng
200tr-300 | 200-300 triệu đồng
từ hai trăm đến ba trăm triệu | 200-300 triệu đồng
khoảng 1 đến 1,5 tỷ | 1-1,5 tỷ đồng
1 hoặc 2 tỷ | 1-2 tỷ đồng
năm sáu trăm triệu | 500-600 triệu đồng
bảy tám chục triệu | 70-80 triệu đồng
ba bốn chục triệu | 30-40 triệu đồng
tối thiểu 200, tối đa 300 triệu | 200-300 triệu đồng
trên 200 nhưng dưới 300 triệu | 200-300 triệu đồng
ít nhất 200 nhiều nhất 300 triệu | 200-300 triệu đồng
từ 200 đến không quá 300 triệu | 200-300 triệu đồng
một trăm hai mươi lăm triệu | 125 triệu đồng
ba trăm năm mươi triệu đồng chẵn | 350 triệu đồng
hai mươi triệu | 20 triệu đồng
!hai mốt triệu | 21 triệu đồng
hăm lăm triệu | 25 triệu đồng
chín chục triệu | 90 triệu đồng
tỷ rưỡi | 1,5 tỷ đồng
tỷ hai | 1,2 tỷ đồng
một tỷ rưỡi | 1,5 tỷ đồng
hai tỷ ba | 2,3 tỷ đồng
hai tỷ ba trăm | 2,3 tỷ đồng
2 tỷ 350 | 2,35 tỷ đồng
2ty350 | 2,35 tỷ đồng
1 tỷ lẻ 50 triệu | 1,05 tỷ đồng
3 tỷ 2 trăm triệu | 3,2 tỷ đồng
1 triệu 200 nghìn tiền vốn | 1,2 triệu đồng
0,5 tỷ | 500 triệu đồng
nửa tỉ | 500 triệu đồng
100 triêu | 100 triệu đồng
100 triẹu | 100 triệu đồng
100 trịu | 100 triệu đồng
100 trieuj | 100 triệu đồng
3oo triệu | 300 triệu đồng
l00tr | 100 triệu đồng
1OO triệu | 100 triệu đồng
300trđ | 300 triệu đồng
300 tr.đ | 300 triệu đồng
tầm300tr | 300 triệu đồng
khoảng300triệu | 300 triệu đồng
vốn300tr | 300 triệu đồng
có 200 triệu trong tay | 200 triệu đồng
bên em có 200 triệu | 200 triệu đồng
bỏ ra được 100 triệu | 100 triệu đồng
chỉ chi được 80 triệu | 80 triệu đồng
dành ra 70 triệu mua máy | 70 triệu đồng
nhà còn 90tr để mua máy | 90 triệu đồng
đầu tư 2 tỷ | 2 tỷ đồng
dự toán 850 triệu | 850 triệu đồng
vốn đối ứng 200 triệu | 200 triệu đồng
giá tầm 50 triệu thì mua | 50 triệu đồng
giá dưới 20tr có không | tối đa 20 triệu đồng
máy nào giá khoảng 15 triệu | 15 triệu đồng
300 triệu một máy | 300 triệu đồng
200 triệu/máy | 200 triệu đồng
kinh phí 500 triệu/năm | 500 triệu đồng
tiền thì có 150 triệu | 150 triệu đồng
vốn tự có một tỷ hai | 1,2 tỷ đồng
năm trăm triệu | 500 triệu đồng
tám trăm năm mươi triệu | 850 triệu đồng
12 triệu rưỡi | 12,5 triệu đồng
mười hai triệu rưỡi | 12,5 triệu đồng
30 triệu thôi | 30 triệu đồng
vốn 5 chục triệu | 50 triệu đồng
kinh phí không vượt 100tr | tối đa 100 triệu đồng
tầm khoảng 100 triệu đổ lại thôi | tối đa 100 triệu đồng
tổng kinh phí 1.250 triệu đồng | 1,25 tỷ đồng
vốn: 1.250.000.000đ | 1,25 tỷ đồng
Kinh phí công ty dự kiến từ 800 triệu đến 1,2 tỷ đồng ạ | 800 triệu - 1,2 tỷ đồng
máy cũ hỏng muốn mua máy mới dưới 500tr có hỗ trợ ko | tối đa 500 triệu đồng
"""
NO_BUDGET = """
năm nào cũng ra chừng 3 vạn chai
nhà có trăm rưỡi hộ trồng chè
đầu tư trăm rưỡi mét ống
vốn ba trăm con gà
năm ngoái vay được 200 triệu
đang vay ngân hàng 500 triệu
doanh thu 5 tỷ
doanh thu năm ngoái được tầm 3 tỷ
doanh số mỗi tháng 200 triệu
bán 50k/kg
bán 45 nghìn 1 kg
giá bán 150 nghìn một chai
giá hồi 60 nghìn
giá hồi năm nay 150k/kg
hồi khô 180k một ký
25 nghìn một cân
120.000đ/kg
4x triệu
vài trăm triệu
mấy chục triệu
mấy trăm triệu thôi
dăm chục triệu
hơn trăm triệu gì đó
hơn 300 triệu gì đó
hàng trăm triệu
tiền tỷ
bạc tỷ
trăm mấy triệu
lương 8 triệu
lương công nhân 8tr/tháng
thuê thợ 300k/ngày
thuê 5 người hết 40 triệu
tiền công 500k một ngày
tiền điện 12 triệu một tháng
bị phạt 40 triệu
phạt 15tr vì nước thải
nợ ngân hàng 500 triệu
còn nợ 200tr
đang vay 300 triệu
đã vay 1 tỷ
dư nợ 2 tỷ
được hỗ trợ 300 triệu
hỗ trợ tối đa 500 triệu
nhà nước hỗ trợ tới 200 triệu
vốn điều lệ 3 tỷ
tổng nguồn vốn 20 tỷ
!lãi 50 triệu
lợi nhuận 200 triệu một năm
thiệt hại 100 triệu
hợp đồng 2 tỷ
báo giá 900tr
máy đó 1 tỷ
người ta bán 700 triệu
hồi trước mua hết 80 triệu
đã đầu tư 2 tỷ
đã bỏ ra 300 triệu
năm ngoái mua 120 triệu
lô hàng 300 triệu
20 nghìn USD
5000 đô
300 triệu viên
2 triệu cây
100 củ khoai
20 chai rượu
500 chai/ngày
chậm, mỗi ngày được 300 chai
3 vạn viên gạch
5 nghìn quả trứng
2 tấn tỏi
thuế 20 triệu
bảo hiểm 3tr/người
500 nghìn một tháng
100 triệu mỗi năm
"""
KINDS = {
    "doanh thu 5 tỷ": ("revenue", "5 tỷ đồng"),
    "doanh thu dưới 3 tỷ": ("revenue", "tối đa 3 tỷ đồng"),
    "mỗi năm thu về 2 tỷ": ("revenue", "2 tỷ đồng"),
    "doanh thu khoảng 3-5 tỷ một năm": ("revenue", "3-5 tỷ đồng"),
    "5 tỷ doanh thu": ("revenue", "5 tỷ đồng"),
    "vốn điều lệ 3 tỷ": ("capital", "3 tỷ đồng"),
    "vốn pháp định là 20 tỷ": ("capital", "20 tỷ đồng"),
    "tổng nguồn vốn không quá 20 tỷ": ("capital", "tối đa 20 tỷ đồng"),
}


@pytest.mark.parametrize(("text", "words"), rows(BUDGETS))
def test_budget(text: str, words: str) -> None:
    assert [money_words(found.value) for found in find_money(text) if found.kind == "budget"] == [words]


@pytest.mark.parametrize(("text", "_"), rows(NO_BUDGET))
def test_other_money_is_no_budget(text: str, _: str) -> None:
    assert [found for found in find_money(text) if found.kind == "budget"] == []


@pytest.mark.parametrize(("text", "kind"), KINDS.items())
def test_kind(text: str, kind: tuple[str, str]) -> None:
    for form in (text, bare(text)):
        assert [(found.kind, money_words(found.value)) for found in find_money(form)] == [kind]


def test_vague_money_is_told() -> None:
    assert is_vague_money("vài trăm triệu thôi")
    assert is_vague_money("4x triệu")
    assert is_vague_money("hon tram trieu gi do")
    assert not is_vague_money("300 triệu")
    assert not is_vague_money("cần máy sấy")


def test_doubtful_money_has_two_readings() -> None:
    assert doubtful_money("von 3tr trieu") == (3e6, 3e8)
    assert find_money("von 3tr trieu") == []
    assert doubtful_money("von 300 trieu") is None


@given(
    st.integers(1, 999),
    st.sampled_from(("tr", " triệu", " trieu", "tr đồng", " củ")),
    st.sampled_from(("dưới ", "tầm ", "")),
)
def test_any_million(number: int, scale: str, lead: str) -> None:
    found = find_money(f"{lead}{number}{scale}")
    assert [row.value.max for row in found] == [number * 1e6]
    assert (found[0].value.min is None) == (lead == "dưới ")
