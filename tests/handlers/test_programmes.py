"""The programme finder in the talk: it asks what separates, reads free answers, tells why not, promises nothing."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.chat import Talk
from bot.programmes import Bench
from bot.wiring import System, profiles
from domain.finder import Fit, assess, read_rule
from domain.kinds import Kind
from handlers.programmes import MOST_QUESTIONS
from knowledge.library import load
from nlu.model import Model
from storage import conversations, knowledge, rules
from storage.seed import programme_from
from storage.tables import finding, officer, programme

NOW = datetime(2026, 12, 7, 1, tzinfo=UTC)
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
NEVER = ("đủ điều kiện", "chắc chắn được")


async def talk_of(system: System, person: str = "mai") -> Talk:
    talk = Talk(system, person, NOW)
    await talk.begin()
    return talk


async def said(talk: Talk, text: str) -> str:
    replies = await talk.say([text])
    assert len(replies) == 1
    return replies[0].text


# --- the talk ---------------------------------------------------------------------------------------------------
async def until_result(talk: Talk, first: str, answers: dict[str, str]) -> tuple[str, int]:
    """Answers the finder's questions by their telling words until it tells; how many it asked."""
    reply, asked = await said(talk, first), 0
    while "quyết định" not in reply:
        asked += 1
        assert asked <= MOST_QUESTIONS, reply
        reply = await said(talk, next((a for cue, a in answers.items() if cue in reply), "chưa biết"))
    return reply, asked


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("first", "answers", "holds"),
    [
        ("chương trình nào hợp với bên em", {"hợp tác xã hay": "htx ạ", "nghề gì": "sấy hồi khô", "ở xã": "ở xã"}, "có vẻ hợp"),
        ("chuong trinh nao hop voi ben em", {"hợp tác xã hay": "ho kinh doanh", "nghề gì": "say mang", "ở xã": "o xa"}, "Khuyến công"),
        ("công ty em 12 lao động doanh thu 8 tỷ muốn vay vốn mua máy thì chương trình nào hợp", {"ký hợp đồng vay": "ký rồi"}, "NATIF"),
    ],
)  # fmt: skip
async def test_asks_little_and_tells(system: System, first: str, answers: dict[str, str], holds: str) -> None:
    reply, _ = await until_result(await talk_of(system), first, answers)
    assert holds in reply
    assert len(reply) <= 600
    assert "Căn cứ" in reply
    assert "Cập nhật 23/11/2026" in reply
    assert not any(words in reply for words in NEVER)


@pytest.mark.asyncio
async def test_a_digression_comes_back_to_the_same_question(system: System) -> None:
    talk = await talk_of(system)
    first = await said(talk, "chương trình nào hợp với bên em")
    question = first.rsplit("\n", 1)[-1].split(". ")[-1]
    beside = await said(talk, "TRL là gì hả em?")
    assert "TRL" in beside
    assert beside.endswith(question)
    assert "nhiều nhất 4 câu" not in await said(talk, "sấy hồi")


@pytest.mark.asyncio
async def test_facts_said_in_passing_are_not_asked_again(system: System) -> None:
    talk = await talk_of(system)
    reply = await said(talk, "htx em 15 lao động ở Lạng Sơn sấy hồi, chương trình nào hợp với bên em")
    assert "hợp tác xã hay" not in reply
    reply, _ = await until_result(talk, "ở xã, thành lập năm 2020, chưa mua máy, chưa nhận hỗ trợ nào", {})
    assert "thành lập từ khi nào" not in reply


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "text",
    [
        "htx bên chị trồng na ở Chi Lăng, 35 thành viên, lập từ 2019, muốn mua kho lạnh, có chương trình nào hỗ trợ không",
        "công ty em mới mở tháng 3 năm nay, làm miến dong ở Na Dương, doanh thu chắc 700 triệu, được hỗ trợ gì",
        "ho nong dan nuoi lon den o Binh Gia duoc ho tro gi",
        "công ty 15 năm tuổi, sản xuất gạch không nung, lò tốn điện, muốn tiết kiệm năng lượng, có hỗ trợ nào",
    ],
)
async def test_who_tells_of_the_enterprise_and_asks_what_there_is_is_led(system: System, text: str) -> None:
    assert "nhiều nhất 4 câu" in await said(await talk_of(system), text)


@pytest.mark.asyncio
async def test_what_is_told_instead_of_an_answer_is_a_fact(system: System) -> None:
    """Nothing is asked twice that was told, a head count answers no other figure, no answer about policy comes between."""
    talk = await talk_of(system)
    await said(talk, "chương trình nào hợp với bên anh")
    await said(talk, "công ty cổ phần")
    asked = await said(talk, "xây dựng")
    heard = []
    for fact in ("bên anh 200 người", "doanh thu 300 tỷ", "lập năm 2010"):
        heard.append(await said(talk, fact))
        assert "Căn cứ" not in heard[-1] or "quyết định" in heard[-1], heard[-1]
        assert "Em chưa rõ" not in heard[-1], heard[-1]
    async with system.database.read() as db:
        held = await conversations.hold(db, talk._person_id)
    assert held is not None
    facts = held.talk.finder["facts"]
    assert (facts["employees"], facts["revenue_vnd"], facts["founded"]) == (200, 300_000_000_000, "2010")
    assert "scitech_products" not in facts, asked


@pytest.mark.asyncio
async def test_why_not_shows_the_table_with_sources(system: System) -> None:
    talk = await talk_of(system)
    await until_result(talk, "hộ kinh doanh sấy măng ở xã, chương trình nào hợp để đổi mới máy", {})
    table = await said(talk, "vì sao bên em không được NATIF tài trợ?")
    assert table.startswith("Bảng điều kiện")
    for part in ("Chưa đạt", "Chưa rõ", "tư cách pháp nhân", "Điều 9", "quyết định"):
        assert part in table
    assert not any(words in table for words in NEVER)
    assert len(table) <= 2000


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("asked", "lacks"),
    [
        ("chương trình Sao Vàng Đất Lạng hỗ trợ gì", "có vẻ hợp"),
        ("Quỹ Rồng Xanh Xứ Lạng cho vay thế nào", "có vẻ hợp"),
        ("nghị định 999/2026 còn hiệu lực không", "đang có hiệu lực"),
        ("thông tư 77/2031/TT-BTC quy định gì", "đang có hiệu lực"),
    ],
)
async def test_what_does_not_exist_is_said_not_to_exist(system: System, asked: str, lacks: str) -> None:
    reply = await said(await talk_of(system), asked)
    assert "không thấy" in reply
    assert lacks not in reply


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ("chương trình tìm kiếm công nghệ nước ngoài còn nhận hồ sơ không", ("đã kết thúc", "1851")),
        ("NĐ 13/2019 còn dùng không", ("14/10/2025", "268/2025")),
        ("chương trình nông thôn miền núi 1747", ("hết", "2025")),
        ("nd 31/2021 con hieu luc ko", ("đã hết hiệu lực", "96/2026")),
        ("luật đầu tư 2020 còn áp dụng không", ("đã hết hiệu lực", "143/2025")),
        ("thông tư 55/2023/TT-BTC còn không", ("đã hết hiệu lực", "60/2026")),
        ("QĐ 68/2013 hỗ trợ lãi suất mua máy còn không", ("2020",)),
    ],
)
async def test_what_has_ended_is_told_with_what_holds_now(system: System, asked: str, holds: tuple[str, ...]) -> None:
    reply = await said(await talk_of(system), asked)
    for part in holds:
        assert part in reply, reply


@pytest.mark.asyncio
async def test_ended_and_unsure_programmes_are_never_recommended(system: System) -> None:
    gone = [p.short_name for p in load().programmes if p.state != "in_force"]
    for number, kind in enumerate(Kind):
        talk = await talk_of(system, f"p{number}")
        reply, _ = await until_result(talk, f"htx sấy hồi ở xã cần {kind.value}, chương trình nào hợp", {})
        assert not any(f"{name}: có vẻ hợp" in reply for name in gone), reply


# --- time, rules --------------------------------------------------------------------------------------------------
@pytest.mark.asyncio
async def test_a_changed_rule_finds_those_who_were_told_otherwise(system: System) -> None:
    talk = await talk_of(system)
    await until_result(talk, "hộ kinh doanh sấy măng ở xã, cần đổi mới máy, chương trình nào hợp", {})
    async with system.database.write() as db:
        await db.execute(officer.insert().values(name="Hùng", role="approver", created_at=NOW))
        rows = (await db.execute(finding.select().where(finding.c.programme_id == "khuyen-cong-2026-2030"))).all()
        assert [row.fit for row in rows] == ["fits"]
        held = await knowledge.find_programme(db, "khuyen-cong-2026-2030")
        assert held is not None
        changed = [
            *held.data["conditions"],
            {"name": "Mới", "law": "VB-MẪU, Điều 1: mới", "test": {"form": ["company"]}, "fixed": True},
        ]
        await rules.change_programme(db, held.id, {"conditions": changed}, "Hùng", "văn bản mới", NOW)
        after = await knowledge.find_programme(db, held.id)
        assert after is not None
        rule = read_rule(after)
        assert rule is not None

        def judge(raw: Any) -> str:
            return assess(rule, profiles().facts(raw, NOW.date())).fit.value

        told = await rules.told_otherwise(db, held.id, judge)
    assert [(before, now) for _, before, now in told] == [("fits", "no")]


@pytest.mark.asyncio
async def test_no_reminder_of_a_programme_that_ended_meanwhile(system: System) -> None:
    talk = await talk_of(system)
    test = {"age": {"least": 2}}
    data = {
        "summary": "Chương trình mẫu để thử.", "needs": ["đổi mới"], "confidence": "high", "kind": "provincial",
        "conditions": [{"name": "Hoạt động từ 2 năm", "law": "VB-MẪU, Điều 3: 02 năm", "test": test}], "document": {},
    }  # fmt: skip
    row = {"id": "mau", "name": "Gói Hai Năm", "short_name": "Gói Hai Năm", "kind": "provincial", "state": "in_force"}
    async with system.database.write() as db:
        await db.execute(programme.insert().values(**row, data=data, effective_to="2027-01-31"))
    await until_result(talk, "htx sấy hồi ở xã, thành lập 01/03/2025, cần đổi mới, chương trình nào hợp", {})
    assert "Gói Hai Năm" in await said(talk, "sao không được Gói Hai Năm")
    assert "01/03/2027" in await said(talk, "nhắc em khi đủ")
    told = [item.text for item in await talk.advance(timedelta(days=90))]
    assert len(told) == 1
    assert "không còn hiệu lực" in told[0]


# --- the command --------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def bench(mind: Model) -> Bench:
    return Bench(mind, map(programme_from, load().programmes), profiles(), AT)


def fits(bench: Bench, profile: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["status"] for row in bench.find(json.dumps(profile, ensure_ascii=False))["programmes"]}


SMALL = {"legal_form": "công ty TNHH", "employees": 20, "revenue_vnd": 9e9, "sector": "chế biến nông sản"}
UNSEEN = [
    (SMALL, {"nd80-cong-nghe": "fits", "nd80-tu-van": "fits", "luat-htx-2023-dieu-24": "no", "tin-dung-nong-nghiep-55": "no"}),
    ({**SMALL, "employees": 900}, {"nd80-cong-nghe": "no", "nd80-dao-tao": "no", "khuyen-cong-2026-2030": "no"}),
    ({"legal_form": "hộ kinh doanh"}, {"natif-tai-tro-nhiem-vu-dmcn": "no", "natif-lai-suat": "no", "nd-20-2026-kinh-te-tu-nhan": "fits", "nd80-tu-van": "no"}),
    ({"legal_form": "hợp tác xã"}, {"luat-htx-2023-dieu-24": "fits", "natif-tai-tro-nhiem-vu-dmcn": "unknown", "nd80-cong-nghe": "no"}),
    ({"legal_form": "doanh nghiệp tư nhân"}, {"natif-tai-tro-nhiem-vu-dmcn": "no"}),
    ({**SMALL, "already_bought": True}, {"natif-tai-tro-nhiem-vu-dmcn": "no"}),
    ({**SMALL, "province": "Bắc Giang"}, {"nhiem-vu-cap-tinh": "no"}),
    ({**SMALL, "loan": {"signed": True, "months_left": 11, "tech_project": True}}, {"natif-lai-suat": "near"}),
    ({**SMALL, "loan": {"signed": True, "months_left": 12, "tech_project": True}}, {"natif-lai-suat": "fits"}),
    ({**SMALL, "revenue_vnd": 51e9, "subsidiary": False}, {"thue-tndn-2025": "no"}),
    ({**SMALL, "revenue_vnd": 50e9, "subsidiary": False}, {"thue-tndn-2025": "fits"}),
    ({**SMALL, "startup": True, "founded": "2019-01-01", "patent": True, "prize": True}, {"nd80-khoi-nghiep": "no"}),
    ({}, {"de-an-844": "not_in_force", "nd-13-2019-dn-khcn": "not_in_force", "lai-suat-xanh-2pt": "not_in_force", "ct-tai-san-tri-tue-2030": "unknown"}),
]  # fmt: skip


@pytest.mark.parametrize(("profile", "expected"), UNSEEN)
def test_command_judges_profiles(bench: Bench, profile: dict[str, Any], expected: dict[str, str]) -> None:
    found = fits(bench, profile)
    assert {id_: found[id_] for id_ in expected} == expected


def test_command_on_another_day(mind: Model) -> None:
    late = Bench(mind, map(programme_from, load().programmes), profiles(), datetime(2031, 2, 1, tzinfo=UTC))
    assert fits(late, SMALL)["khuyen-cong-2026-2030"] == "not_in_force"
    early = Bench(mind, map(programme_from, load().programmes), profiles(), datetime(2025, 11, 1, tzinfo=UTC))
    assert fits(early, SMALL)["natif-tai-tro-nhiem-vu-dmcn"] == "not_in_force"


def test_command_reads_what_the_owner_says(bench: Bench) -> None:
    text = "htx em ở xã, sấy hồi, 12 lao động, thành lập năm 2020"
    found = bench.find(json.dumps({"text": text}, ensure_ascii=False))
    status = {row["id"]: row["status"] for row in found["programmes"]}
    assert status["khuyen-cong-2026-2030"] == "fits"
    explicit = bench.find(json.dumps({"text": text, "legal_form": "công ty TNHH"}, ensure_ascii=False))
    assert {row["id"]: row["status"] for row in explicit["programmes"]}["luat-htx-2023-dieu-24"] == "no"


def test_a_key_given_is_not_asked(bench: Bench) -> None:
    given: dict[str, Any] = {}
    for _ in range(60):
        question = bench.find(json.dumps(given))["next_question"]
        if question is None:
            break
        assert question["key"] not in given
        given[question["key"]] = None
    assert bench.find(json.dumps(given))["next_question"] is None


def test_an_empty_profile_rules_nobody_out(bench: Bench) -> None:
    assert set(fits(bench, {}).values()) <= {"fits", "unknown", "not_in_force"}


@pytest.mark.parametrize("line", ["", "   ", "xin chào", "[1, 2]", "3", '{"a": ', '"x"'])
def test_command_says_what_it_cannot_read(bench: Bench, line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        bench.find(line)


def test_command_takes_any_values(bench: Bench) -> None:
    """Whatever stands in a profile is no error; the shape of the answer never changes."""
    chance = random.Random(5)
    keys = [*SMALL, "loan", "founded", "need_kind", "province", "rural", "role", "ocop_stars", "text", "has_rd", "zzz"]
    odd: list[Any] = [
        None,
        "",
        "không biết",
        -5,
        1e400,
        "NaN",
        [],
        {},
        [None],
        {"a": []},
        True,
        "có",
        "3 tỷ",
        "2024-13-40",
        "x" * 5000,
    ]
    for _ in range(150):
        profile = {key: chance.choice(odd) for key in chance.sample(keys, chance.randint(1, 8))}
        found = bench.find(json.dumps(profile))
        assert set(found) == {"programmes", "next_question"}
        for row in found["programmes"]:
            assert row["status"] in set(Fit)
            assert row["missing"] == sum(c["status"] == "unmet" for c in row["conditions"])
