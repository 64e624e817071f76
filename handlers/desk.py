"""Officers at their own chats: commands that exist for nobody else, asked once more before they take effect."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta

from conversation.reply import Choice, Reply, shorten
from domain.need import STATE_WORDS, NeedState
from domain.notice import Kind
from domain.officer import ROLE_WORDS, Officer, Permission
from domain.text import fold
from domain.worktime import say_time
from handlers import brief, desk_broadcasts, desk_events, switch, takeover, workshops
from handlers.switch import Named
from handlers.turn import Turn
from storage import attempts, audit, board, knowledge, officers, once, outbox, people, tickets
from storage.once import OncePurpose

MOST_WRONG = 5
REST = timedelta(hours=1)
CODE = re.compile(r"([a-zA-Z]{2,4})\W{0,2}(\d{1,6})\b")
NO = Choice("Thôi", "desk:no", ("khong", "thoi", "huy"))
Command = Callable[[Turn, Officer, str], Awaitable[Reply]]


def read_code(text: str) -> tuple[str, str]:
    """The code at the beginning as it is kept ("NC-0001", "faq-030") with the rest of the text."""
    found = CODE.match(text.strip())
    if found is None:
        return "", text.strip()
    prefix, number = found[1], int(found[2])
    code = f"{prefix.lower()}-{number:03d}" if prefix.lower() == "faq" else f"{prefix.upper()}-{number:04d}"
    return code, text.strip()[found.end() :].strip(" :,")


async def link(turn: Turn, code: str) -> Reply:
    """Ties this chat to the account that was given the code."""
    mark = f"link:{turn.person.id}"
    if await attempts.locked_until(turn.db, mark, turn.now) is not None:
        return Reply("Mã sai nhiều lần nên em tạm dừng nối chat một giờ.")
    digits = "".join(char for char in code if char.isdigit())
    used = await once.use(turn.db, OncePurpose.CHAT, digits, turn.now)
    officer = await officers.find(turn.db, used[0]) if used and used[0] else None
    if officer is None or not officer.may(Permission.OWN):
        await attempts.fail(turn.db, mark, MOST_WRONG, REST, turn.now)
        return Reply("Mã này không dùng được. Anh/chị lấy mã mới ở trang Tài khoản của tôi nhé.")
    await attempts.clear(turn.db, mark)
    await officers.link_chat(turn.db, officer.id, turn.address_id, turn.now)
    await brief.plan(turn.office, turn.db, officer.id, turn.now)
    await audit.note(turn.db, officer.name, "link_chat", "officer", str(officer.id), turn.now)
    return Reply(
        f"Chào {officer.name} ({ROLE_WORDS[officer.role].lower()}). Chat này đã nối với tài khoản; 07:30 mỗi ngày làm việc "
        "em gửi việc trong ngày. Gõ /lenh để xem các lệnh."
    )


async def command(turn: Turn, name: str, rest: str) -> Reply | None:
    """An officer's command; None where there is no officer or no such command."""
    if name == "noi" and rest:
        return await link(turn, rest)
    known = COMMANDS.get(name)
    officer = await officers.at_address(turn.db, turn.address_id) if known else None
    if known is None or officer is None:
        return None
    permission, run = known
    if not officer.may(permission):
        return Reply(f"Vai {ROLE_WORDS[officer.role].lower()} không dùng được lệnh này.")
    return await run(turn, officer, rest.strip())


async def press(turn: Turn, argument: str) -> Reply:
    """A command behind a button: "dungtin/12". Whoever else gets hold of the button can do nothing with it."""
    name, _, rest = argument.partition("/")
    return await command(turn, name, rest) or Reply("Nút này cũ rồi ạ.")


async def _list(turn: Turn, officer: Officer, rest: str) -> Reply:
    lines = [words for permission, words in HELP if officer.may(permission)]
    return Reply("\n".join(lines), long=True)


async def _today(turn: Turn, officer: Officer, rest: str) -> Reply:
    day = await brief.gather(turn.db, officer, turn.now, turn.office.health())
    return Reply(brief.say(day, officer, turn.now, await brief.alike(turn.db, turn.now)))


async def _look(turn: Turn, officer: Officer, rest: str) -> Reply:
    code, _ = read_code(rest)
    sheet = await board.sheet(turn.db, code) if code.startswith("NC") else None
    if sheet is not None:
        told = "; ".join(row["words"] for key, row in sheet.need.fields.items() if key != "contact")
        return Reply(f"{code}: {STATE_WORDS[sheet.need.state].replace('anh/chị', 'chủ')}. {shorten(told, 420)}")
    ticket = await tickets.find_ticket(turn.db, code)
    if ticket is not None:
        return Reply(f"{code}: {shorten(ticket.text, 400)}\nHạn: {say_time(ticket.due_at)}.")
    version = await knowledge.find_answer(turn.db, code, turn.today)
    if version is not None:
        return Reply(f"{code}: {version.question}\n{shorten(version.short, 450)}")
    return Reply("Em không thấy mã này. Ví dụ: /tra NC-0001, /tra HT-0007.")


async def _answer(turn: Turn, officer: Officer, rest: str) -> Reply:
    code, words = read_code(rest)
    person_id = await _whose(turn, code)
    if person_id is None or not words:
        return Reply("Cách dùng: /traloi HT-0007 lời anh/chị muốn gửi.")
    turn.talk.pending["desk"] = {"do": "answer", "code": code, "words": words[:1500]}
    name = (await people.find(turn.db, person_id)).name or "người này"
    ask = f"Gửi cho {name} ({code})?\n“{shorten(words, 400)}”"
    return Reply(ask, (Choice("Gửi", "desk:yes", ("co", "dung", "gui")), NO), quick=True)


async def _whose(turn: Turn, code: str) -> int | None:
    if code.startswith("NC"):
        sheet = await board.sheet(turn.db, code)
        return sheet.need.person_id if sheet else None
    ticket = await tickets.find_ticket(turn.db, code)
    return ticket.person_id if ticket else None


async def _switch_off(turn: Turn, officer: Officer, rest: str) -> Reply:
    named = await switch.find(turn, rest, *read_code(rest))
    if named is None:
        return Reply(
            "Em không thấy mã này. Cách dùng: /tat faq-030 lý do; chương trình, chủ đề cũng được: /tat natif-voucher lý do."
        )
    turn.talk.pending["desk"] = {"do": "off", **asdict(named)}
    ask = f"Tắt {named.said}: “{shorten(named.words, 200)}”? Từ giờ không ai nhận nội dung này, kể cả tin đang chờ gửi."
    return Reply(ask, (Choice("Tắt ngay", "desk:yes", ("co", "dung", "tat")), NO), quick=True)


async def _switch_on(turn: Turn, officer: Officer, rest: str) -> Reply:
    named = await switch.find(turn, rest, *read_code(rest))
    if named is None or await switch.pulled(turn, named) is None:
        return Reply("Mã này không có trong những gì đang tắt. Cách dùng: /bat faq-030 lý do.")
    turn.talk.pending["desk"] = {"do": "on", **asdict(named)}
    ask = f"Bật lại {named.said}: “{shorten(named.words, 200)}”?"
    return Reply(ask, (Choice("Bật lại", "desk:yes", ("co", "dung", "bat")), NO), quick=True)


async def _workshop(turn: Turn, officer: Officer, rest: str) -> Reply:
    """Shows one cluster of like needs with the codes behind the count, asks before anything is drafted."""
    found = await workshops.clusters(turn.db, turn.now)
    cluster = next((one for one in found if fold(one.name) == fold(rest)), None)
    if cluster is None:
        names = ", ".join(one.name for one in found[:6])
        return Reply(
            f"Cách dùng: /hoithao khâu. Đang có nhiều người cùng cần: {names}."
            if names
            else "Chưa có khâu nào nhiều người cùng cần."
        )
    turn.talk.pending["desk"] = {"do": "workshop", "name": cluster.name}
    codes = ", ".join(row.code for row in cluster.needs[:14])
    away = f", {cluster.refuse_news} người không nhận tin" if cluster.refuse_news else ""
    ask = f"{cluster.words}. Từ {len(cluster.places)} nơi{away}. Các phiếu: {codes}. Soạn hội thảo? Chỉ là bản nháp, chưa gửi ai."
    return Reply(ask, (Choice("Soạn nháp", "desk:yes", ("co", "dung", "soan")), NO), quick=True)


async def _do_workshop(turn: Turn, officer: Officer, asked: dict[str, str]) -> Reply:
    found = await workshops.clusters(turn.db, turn.now)
    cluster = next((one for one in found if one.name == asked["name"]), None)
    if cluster is None:
        return Reply("Cụm nhu cầu này không còn nữa.")
    made = await workshops.draft(turn.db, cluster, turn.now)
    await audit.note(turn.db, officer.name, "draft", "event", made["event"], turn.now, "từ các nhu cầu giống nhau")
    who = "; ".join(f"{row['name']} ({row['why']})" for row in made["institutes"]) or "chưa thấy đơn vị nào"
    text = (
        f"Đã soạn bản nháp {made['event']}: lời mời cho {made['audience']} người, chưa gửi ai. Đơn vị có thể mời: {who}. "
        f"Lời mời: “{made['invitation']}”"
    )
    return Reply(shorten(text, 590))


def _kept(asked: dict[str, str]) -> Named:
    return Named(asked["noun"], asked["id"], asked["words"], asked["reason"])


async def _do_off(turn: Turn, officer: Officer, asked: dict[str, str]) -> Reply:
    return Reply(await switch.off(turn, officer, _kept(asked)))


async def _do_on(turn: Turn, officer: Officer, asked: dict[str, str]) -> Reply:
    return Reply(await switch.on(turn, officer, _kept(asked)))


async def _verify(turn: Turn, officer: Officer, rest: str) -> Reply:
    code, _ = read_code(rest)
    sheet = await board.sheet(turn.db, code)
    if sheet is None or sheet.need.state is not NeedState.SUBMITTED:
        return Reply("Không có phiếu mới nào mang mã này.")
    turn.talk.pending["desk"] = {"do": "verify", "code": code}
    told = "; ".join(row["words"] for key, row in sheet.need.fields.items() if key != "contact")
    ask = f"Duyệt {code}? {shorten(told, 400)}"
    return Reply(ask, (Choice("Duyệt", "desk:yes", ("co", "dung", "duyet")), NO), quick=True)


async def choose(turn: Turn, argument: str) -> Reply:
    """The yes or no to a command; the account counts at this very moment."""
    asked = turn.talk.pending.pop("desk", None)
    officer = await officers.at_address(turn.db, turn.address_id)
    if argument != "yes" or not asked:
        return Reply("Dạ, em không làm gì cả." if asked else "Nút này cũ rồi ạ.")
    permission, effect = EFFECTS[asked["do"]]
    if officer is None or not officer.may(permission):
        return Reply("Tài khoản không còn quyền làm việc này.")
    return await effect(turn, officer, asked)


async def _do_answer(turn: Turn, officer: Officer, asked: dict[str, str]) -> Reply:
    person_id = await _whose(turn, asked["code"])
    if person_id is None or not await takeover.take_over(turn.office, turn.db, officer, person_id, turn.now):
        return Reply("Có cán bộ khác đang giữ cuộc trò chuyện này, tin chưa gửi.")
    mark = f"chat{turn.now:%Y%m%d%H%M%S%f}"
    await takeover.speak(turn.office, turn.db, officer, person_id, asked["words"], mark, turn.now)
    return Reply(
        "Đã gửi. Anh/chị đang giữ cuộc trò chuyện; trả lại trợ lý ở trang Hộp thư, hoặc để quá 4 giờ làm việc."
    )


def verified_words(name: str, code: str) -> str:
    """What the owner hears when an officer has verified a need."""
    words = f"Cán bộ {name} đã xem và duyệt phiếu {code}. Sở đang tìm nơi cung cấp phù hợp."
    return f"{words} Có tin là em báo anh/chị ngay."


async def _do_verify(turn: Turn, officer: Officer, asked: dict[str, str]) -> Reply:
    sheet = await board.sheet(turn.db, asked["code"])
    before = (NeedState.SUBMITTED,)
    if sheet is None or not await board.move(turn.db, sheet.need.id, before, NeedState.OPEN, turn.now):
        return Reply("Phiếu này vừa được người khác chuyển bước.")
    states = ({"trạng thái": "submitted"}, {"trạng thái": "open"})
    await audit.note(turn.db, officer.name, "verify", "need", asked["code"], turn.now, "qua chat", *states)
    told = verified_words(officer.name, asked["code"])
    mark = f"officer:{officer.id}:{asked['code']}:verified:{turn.now:%Y%m%d%H%M%S%f}"
    await outbox.put(turn.db, Kind.REPLY, sheet.need.person_id, Reply(told), mark, turn.now, turn.now)
    return Reply(f"Đã duyệt {asked['code']}; chủ nhu cầu được báo.")


COMMANDS: dict[str, tuple[Permission, Command]] = {
    "lenh": (Permission.OWN, _list),
    "homnay": (Permission.LOOK, _today),
    "tra": (Permission.LOOK, _look),
    "traloi": (Permission.TALK, _answer),
    "duyet": (Permission.NEEDS, _verify),
    "tat": (Permission.SWITCH_OFF, _switch_off),
    "bat": (Permission.WRITE, _switch_on),
    **desk_broadcasts.COMMANDS,
    **desk_events.COMMANDS,
    "hoithao": (Permission.NEEDS, _workshop),
}
EFFECTS: dict[str, tuple[Permission, Callable[[Turn, Officer, dict[str, str]], Awaitable[Reply]]]] = {
    "answer": (Permission.TALK, _do_answer),
    "verify": (Permission.NEEDS, _do_verify),
    "off": (Permission.SWITCH_OFF, _do_off),
    "on": (Permission.WRITE, _do_on),
    **desk_broadcasts.EFFECTS,
    "workshop": (Permission.NEEDS, _do_workshop),
}
HELP = (
    (Permission.LOOK, "/homnay: việc hôm nay"),
    (Permission.LOOK, "/tra NC-0001: xem phiếu, việc hoặc câu trả lời"),
    (Permission.TALK, "/traloi HT-0007 nội dung: trả lời người dân"),
    (Permission.NEEDS, "/duyet NC-0001: duyệt phiếu mới"),
    (Permission.NEEDS, "/hoithao sấy: soạn nháp hội thảo từ nhiều nhu cầu giống nhau"),
    (Permission.SWITCH_OFF, "/tat faq-030 lý do: tắt ngay một câu, một chủ đề hay một chương trình"),
    (Permission.WRITE, "/bat faq-030 lý do: xin bật lại; người duyệt khác gõ cùng lệnh là bật"),
    *desk_broadcasts.HELP,
    *desk_events.HELP,
)
