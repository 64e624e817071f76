"""Deadlines as owners say them, said on Tuesday 24/11/2026; each row also without diacritics."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import find_periods, find_raw, period_words
from domain.worktime import WorkTime
from tests.domain.tables import rows

TODAY = date(2026, 11, 24)
PERIODS = """
trước tháng 6 năm sau | ../2027-05-31
tháng 3 | 2027-03-01/2027-03-31
tháng ba | 2027-03-01/2027-03-31
tháng 11 | 2026-11-24/2026-11-30
tháng 12 | 2026-12-01/2026-12-31
tháng 12 này | 2026-12-01/2026-12-31
tháng 3 năm sau | 2027-03-01/2027-03-31
tháng 3 sang năm | 2027-03-01/2027-03-31
tháng 3 năm 2027 | 2027-03-01/2027-03-31
tháng 03/2027 | 2027-03-01/2027-03-31
tháng 3-2027 | 2027-03-01/2027-03-31
t3/2027 | 2027-03-01/2027-03-31
th6 | 2027-06-01/2027-06-30
3/2027 | 2027-03-01/2027-03-31
6/2027 | 2027-06-01/2027-06-30
6/27 | 2027-06-01/2027-06-30
12/2026 | 2026-12-01/2026-12-31
tháng mười hai | 2026-12-01/2026-12-31
quý 2/2027 | 2027-04-01/2027-06-30
quý II/2027 | 2027-04-01/2027-06-30
quý I năm sau | 2027-01-01/2027-03-31
quý 1 | 2027-01-01/2027-03-31
quý 4 | 2026-11-24/2026-12-31
quý này | 2026-11-24/2026-12-31
quý sau | 2027-01-01/2027-03-31
quý tới | 2027-01-01/2027-03-31
q1/2027 | 2027-01-01/2027-03-31
cuối quý 1 | 2027-03-01/2027-03-31
đầu quý 2 | 2027-04-01/2027-04-30
quý 1-2/2027 | 2027-01-01/2027-06-30
hết quý 1 | ../2027-03-31
6 tháng đầu năm 2027 | 2027-01-01/2027-06-30
sáu tháng cuối năm sau | 2027-07-01/2027-12-31
nửa đầu năm sau | 2027-01-01/2027-06-30
nửa cuối năm 2027 | 2027-07-01/2027-12-31
nửa đầu tháng 3 | 2027-03-01/2027-03-15
cuối năm | 2026-11-24/2026-12-31
cuối năm nay | 2026-11-24/2026-12-31
cuối năm 2027 | 2027-10-01/2027-12-31
đầu năm | 2027-01-01/2027-03-31
đầu năm sau | 2027-01-01/2027-03-31
đầu năm tới | 2027-01-01/2027-03-31
đầu 2027 | 2027-01-01/2027-03-31
trước cuối năm | ../2026-12-31
trước cuối tháng | ../2026-11-30
trước cuối tháng 3 | ../2027-03-31
trước giữa tháng 3 | ../2027-03-10
sang năm | 2027-01-01/2027-12-31
năm sau | 2027-01-01/2027-12-31
năm tới | 2027-01-01/2027-12-31
trong năm 2027 | 2027-01-01/2027-12-31
năm 2027 | 2027-01-01/2027-12-31
trong năm nay | 2026-11-24/2026-12-31
trước năm 2028 | ../2027-12-31
trước 2027 | ../2026-12-31
hết năm nay | ../2026-12-31
đầu tháng 5 | 2027-05-01/2027-05-10
giữa tháng 5 | 2027-05-11/2027-05-20
cuối tháng 5 | 2027-05-21/2027-05-31
cuối tháng 2/2027 | 2027-02-21/2027-02-28
đầu tháng sau | 2026-12-01/2026-12-10
giữa tháng tới | 2026-12-11/2026-12-20
cuối tháng này | 2026-11-24/2026-11-30
cuối tháng | 2026-11-24/2026-11-30
đầu tháng | 2026-12-01/2026-12-10
tháng sau | 2026-12-01/2026-12-31
tháng tới | 2026-12-01/2026-12-31
tháng sau nữa | 2027-01-01/2027-01-31
tuần sau | 2026-11-30/2026-12-06
tuần tới | 2026-11-30/2026-12-06
tuần sau nữa | 2026-12-07/2026-12-13
đầu tuần sau | 2026-11-30/2026-12-01
cuối tuần này | 2026-11-28/2026-11-29
cuối tuần | 2026-11-28/2026-11-29
thứ 5 tuần sau | 2026-12-03/2026-12-03
thứ năm tuần sau | 2026-12-03/2026-12-03
thứ 6 tuần này | 2026-11-27/2026-11-27
chủ nhật tuần này | 2026-11-29/2026-11-29
thứ 6 | 2026-11-27/2026-11-27
sáng thứ hai | 2026-11-30/2026-11-30
ngày mai | 2026-11-25/2026-11-25
mai | 2026-11-25/2026-11-25
2026-12-20 | 2026-12-20/2026-12-20
mười lăm tháng ba năm 2027 | 2027-03-15/2027-03-15
tháng sáu năm 2027 | 2027-06-01/2027-06-30
sáng mai | 2026-11-25/2026-11-25
ngày kia | 2026-11-26/2026-11-26
hôm nay | 2026-11-24/2026-11-24
trong 3 tháng | 2026-11-24/2027-02-24
trong vòng 2 tháng | 2026-11-24/2027-01-24
trong vòng hai tháng tới | 2026-11-24/2027-01-24
trong vòng 10 ngày | 2026-11-24/2026-12-04
trong 2 tuần | 2026-11-24/2026-12-08
3 tháng nữa | 2026-11-24/2027-02-24
hai tháng nữa | 2026-11-24/2027-01-24
2-3 tháng nữa | 2026-11-24/2027-02-24
2 tuần nữa | 2026-11-24/2026-12-08
10 ngày nữa | 2026-11-24/2026-12-04
nửa tháng nữa | 2026-11-24/2026-12-09
nửa năm nữa | 2026-11-24/2027-05-24
1 năm nữa | 2026-11-24/2027-11-24
trước tết | ../2027-02-05
trước Tết nguyên đán | ../2027-02-05
kịp Tết | ../2027-02-05
sau Tết | 2027-02-07/..
qua Tết | 2027-02-07/..
ra tết | 2027-02-07/..
mùng 1 Tết 2027 | 2027-02-06/2027-02-06
trước Tết 1 tháng | ../2027-01-06
trước tết 2 tuần | ../2027-01-23
28 Tết | 2027-02-04/2027-02-04
rằm tháng giêng | 2027-02-20/2027-02-20
rằm tháng 7 | 2027-08-16/2027-08-16
trước rằm tháng 8 | ../2027-09-14
trung thu | 2027-09-15/2027-09-15
tháng giêng | 2027-02-06/2027-03-07
tháng chạp | 2027-01-08/2027-02-05
cuối tháng chạp | 2027-01-28/2027-02-05
tháng 3 âm lịch | 2027-04-07/2027-05-05
mùng 10 tháng 3 âm lịch | 2027-04-16/2027-04-16
10/3 âm lịch | 2027-04-16/2027-04-16
giỗ tổ | 2027-04-16/2027-04-16
23 tháng chạp | 2027-01-30/2027-01-30
tết dương lịch | 2027-01-01/2027-01-01
ra giêng | 2027-02-06/2027-03-07
30/4 | 2027-04-30/2027-04-30
trước 30/4 | ../2027-04-29
hạn 15/3/2027 | ../2027-03-15
hạn chót 15/3 | ../2027-03-15
chậm nhất 31/5/2027 | ../2027-05-31
muộn nhất 30/6/27 | ../2027-06-30
muộn nhất là giữa tháng 4 | ../2027-04-20
không muộn hơn tháng 4 | ../2027-04-30
30-6-2027 | 2027-06-30/2027-06-30
30.6.2027 | 2027-06-30/2027-06-30
ngày 15/3 | 2027-03-15/2027-03-15
ngày 5 tháng 3 | 2027-03-05/2027-03-05
15 tháng 3 năm 2027 | 2027-03-15/2027-03-15
ngày 15 tháng sau | 2026-12-15/2026-12-15
ngày 20 | 2026-12-20/2026-12-20
ngày 28 | 2026-11-28/2026-11-28
mùng 5/3 | 2027-03-05/2027-03-05
từ tháng 3 | 2027-03-01/..
từ tháng 5 trở đi | 2027-05-01/..
tháng 5 trở đi | 2027-05-01/..
từ 1/3 đến 30/4 năm sau | 2027-03-01/2027-04-30
từ tháng 3 đến tháng 5 | 2027-03-01/2027-05-31
từ tháng 3 đến tháng 5 năm sau | 2027-03-01/2027-05-31
từ tháng 11 đến tháng 1 | 2026-11-24/2027-01-31
từ 01/2027 đến 12/2027 | 2027-01-01/2027-12-31
tháng 3-4 | 2027-03-01/2027-04-30
tháng 3, 4 | 2027-03-01/2027-04-30
tháng 3 hoặc tháng 4 | 2027-03-01/2027-04-30
tháng 3 hoặc 4 | 2027-03-01/2027-04-30
tháng 3-4/2027 | 2027-03-01/2027-04-30
tháng 12 - tháng 1 | 2026-12-01/2027-01-31
từ nay đến cuối năm | 2026-11-24/2026-12-31
từ giờ đến Tết | 2026-11-24/2027-02-06
hết tháng 6 | ../2027-06-30
đến hết tháng 6 | ../2027-06-30
đến tháng 6 | ../2027-06-30
tháng 6 là muộn nhất | ../2027-06-30
15/3 là hạn chót | ../2027-03-15
sau 15/3 | 2027-03-16/..
sau tháng 3 | 2027-04-01/..
khoảng tháng 3 | 2027-03-01/2027-03-31
tầm tháng 3 | 2027-03-01/2027-03-31
vào tháng 3 | 2027-03-01/2027-03-31
trước vụ tháng 6 | ../2027-05-31
trước ngày 20/12 | ../2026-12-19
truoc thang 3 | ../2027-02-28
chậm nhất là hết tháng 2 | ../2027-02-28
"""
NO_PERIOD = """
năm 2019
20 tấn/năm
năm ngoái
năm trước
tháng trước
tháng 3 vừa rồi
từ hồi tháng 9
thành lập tháng 3/2025
trước vụ na
càng sớm càng tốt
3 tháng
mỗi tháng 3 tấn
tháng 3 tấn
mỗi năm 20 tấn
ngày 2 tấn
làm 8 giờ/ngày
Nghị định 80/2021/NĐ-CP
thông tư 5/2023/TT-BKHCN
luật 07/2017/QH14
24/7
bán tết
hàng tết
1/2 diện tích
công nghệ sau thu hoạch
số 12/5 đường Trần Đăng Ninh
thứ hai là không có vốn để làm tiếp
!vải nhà em năm nay mất mùa to lắm ạ
"""
RAW = {
    "cần trước vụ na": "trước vụ na",
    "càng sớm càng tốt ạ": "càng sớm càng tốt",
    "kịp vụ hồi tới là được": "kịp vụ hồi tới",
    "trước mùa mưa phải xong": "trước mùa mưa",
    "truoc vu hoi": "truoc vu hoi",
    "anh cần gấp": "cần gấp",
    "vụ tới cần máy": "vụ tới",
    "đầu vụ quýt": "đầu vụ quýt",
}
NO_RAW = (
    "vụ này mỗi ngày cắt 1-2 tấn", "mùa mưa hay bị mốc", "vào mùa mưa là mốc hết", "bảo quản sau thu hoạch", "trước vụ tháng 6",
    "gấp đôi", "vụ việc này", "máy cho vụ mùa",
)  # fmt: skip


@pytest.mark.parametrize(("text", "period"), rows(PERIODS))
def test_period(text: str, period: str) -> None:
    assert [str(found[0]) for found in find_periods(text, TODAY)] == [period]


@pytest.mark.parametrize(("text", "_"), rows(NO_PERIOD))
def test_no_period(text: str, _: str) -> None:
    assert find_periods(text, TODAY) == []


@pytest.mark.parametrize(("text", "raw"), RAW.items())
def test_words_without_a_date_are_kept(text: str, raw: str) -> None:
    assert find_raw(text) == raw


@pytest.mark.parametrize("text", NO_RAW)
def test_other_words_are_not(text: str) -> None:
    assert find_raw(text) is None


def test_periods_are_said_back() -> None:
    said = {
        text: period_words(find_periods(text, TODAY)[0][0]) for text in ("tháng 6/2027", "trước tháng 6", "năm 2027")
    }
    assert said == {"tháng 6/2027": "tháng 6/2027", "trước tháng 6": "chậm nhất 31/05/2027", "năm 2027": "năm 2027"}


@given(st.dates(date(2024, 1, 1), date(2031, 12, 31)), st.dates(date(2024, 1, 1), date(2031, 12, 31)))
def test_a_written_day_is_read_back_unless_it_is_past(today: date, day: date) -> None:
    wanted = [] if day < today else [f"{day}/{day}"]
    for text in (
        f"{day.day}/{day.month}/{day.year}",
        f"ngay {day.day} thang {day.month} nam {day.year}",
        f"{day:%d-%m-%Y}",
    ):
        assert [str(found[0]) for found in find_periods(text, today)] == wanted


WORDS = r"(tháng|thang|ngày|quý|năm|tuần|mùng|rằm|trước|sau|đến|từ|tết|nữa|[ /-]|\d{1,4}){0,8}"


@given(st.text(max_size=60) | st.from_regex(WORDS, fullmatch=True), st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_any_text_is_read(text: str, today: date) -> None:
    for period, start, end in find_periods(text, today):
        assert 0 <= start < end
        assert period.start is None or period.end is None or period.start <= period.end
        assert period.start is None or period.start >= today
        assert period.end is None or period.end >= today


def test_promise_is_one_working_day() -> None:
    friday = datetime(2026, 12, 4, 3, 0, tzinfo=UTC)  # 10:00 in Việt Nam
    assert WorkTime().promise(friday) == datetime(2026, 12, 7, 3, 0, tzinfo=UTC)
