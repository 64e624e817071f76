"""Shows a person what is kept about them, corrects, exports or erases it, keeps their choice about news."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from conversation.names import guess_name
from conversation.need_form import CONSENT, local_phone
from conversation.reply import LONG_LIMIT, Choice, Reply, shorten
from conversation.talk import Talk
from conversation.topics import Topic, wanted_again
from domain.enterprise import SECTOR_WORDS
from domain.evidence import counted
from domain.need import STANDING, STATE_WORDS, Field, NeedState
from domain.person import Alert, Purpose
from domain.text import fold
from domain.worktime import local, say_time
from handlers.turn import Turn
from storage import catalogue, dues, evidence, needs, outbox, pairs, people, seats, tickets
from storage.tickets import TicketKind

NEWS_WORDING = "Nhận tin về công nghệ và hội thảo hợp với nhu cầu đã gửi."
CONSENT_NAMES = {
    Purpose.NEED.value: "lưu phiếu nhu cầu",
    Purpose.NEWS.value: "nhận tin",
    Purpose.LINK.value: "liên kết kênh",
    Purpose.OFFER.value: "lưu bản chào công nghệ",
}
ALERT_NAMES = {Alert.OFF: "không nhận", Alert.WEEKLY: "mỗi tuần một lần", Alert.NOW: "báo ngay khi có"}
ERASE_WITHIN = timedelta(days=15)
REMINDERS = {  # planned acts that a person has asked for, in words
    "remind": "lịch hội thảo đã đăng ký",
    "deadline": "hạn nộp đã hẹn",
    "ripe": "ngày đạt điều kiện đã hẹn",
}


async def show_data(turn: Turn) -> Reply:
    """Lists what is kept, by group."""
    known = await people.known_about(turn.db, turn.person.id)
    person = known["person"]
    lines = ["Thông tin em đang giữ của anh/chị:"]
    lines.append(
        f"- Tên: {person.name or 'chưa có'}; điện thoại: {local_phone(person.phone) if person.phone else 'chưa có'}."
    )
    for code, state in known["needs"][:8]:
        lines.append(f"- Phiếu {code}: {STATE_WORDS[NeedState(state)]}.")
    if turn.talk.form is not None:
        lines.append("- Một phiếu đang ghi dở.")
    for offer_id in (await pairs.offered_by(turn.db, turn.person.id))[:5]:
        lines.append(f"- Bản chào công nghệ {offer_id}.")
    if turn.talk.offer is not None and "sent" not in turn.talk.offer:
        lines.append("- Một bản chào công nghệ đang ghi dở.")
    for place in (await seats.of_person(turn.db, turn.person.id, turn.now))[:5]:
        lines.append(f"- Đăng ký {place.heads or place.waiting} chỗ: {place.event.title}.")
    for purpose, given_at, withdrawn_at in known["consents"]:
        ended = f", đã rút ngày {local(withdrawn_at):%d/%m/%Y}" if withdrawn_at else ""
        lines.append(f"- Đồng ý {CONSENT_NAMES.get(purpose, purpose)} ngày {local(given_at):%d/%m/%Y}{ended}.")
    things = counted(await evidence.kinds_of_person(turn.db, turn.person.id))
    if things:
        lines.append(f"- Tệp và tin gửi kèm: {things}.")
    refused = [
        words
        for told, words in ((person.no_events, "không mời hội thảo"), (person.no_offers, "không nhận tin công nghệ"))
        if told
    ]
    lines.append(f"- Tin tức: {', '.join([ALERT_NAMES[person.alert], *refused])}.")
    lines.append("- Nội dung tin nhắn: giữ 12 tháng; phiếu: 5 năm.")
    choices = [
        Choice("Tải về", "data:export", ("tai ve", "xuat ra", "gui het cho toi", "ban day du")),
        Choice("Sửa", "data:edit", ("sua", "sua ten", "sua so dien thoai", "doi so")),
    ]
    standing = {purpose for purpose, _, withdrawn_at in known["consents"] if withdrawn_at is None}
    if Purpose.NEWS.value in standing:
        choices.append(Choice("Rút đồng ý nhận tin", "news:off", ("dung nhan tin",)))
    if Purpose.NEED.value in standing:
        choices.append(Choice("Rút đồng ý lưu phiếu", "data:withdraw", ("rut dong y", "rut phieu")))
    choices.append(Choice("Xoá dữ liệu của tôi", "erase", ("xoa het", "xoa du lieu", "xoa")))
    return Reply("\n".join(lines), tuple(choices), long=True)


async def choose(turn: Turn, what: str) -> Reply:
    """Exports, corrects or withdraws, as chosen under the list of a person's data."""
    if what == "export":
        return await export(turn)
    if what == "withdraw":
        return await ask_withdraw(turn)
    if what == "withdraw!":
        return await withdraw(turn)
    turn.talk.open = "contact"
    return Reply(
        "Anh/chị gõ tên hoặc số điện thoại mới, ví dụ “Mai, 0912 345 678”. Sửa một phiếu thì nhắn mã phiếu kèm ý cần sửa. "
        "Anh/chị muốn sửa thành gì ạ?",
        quick=True,
    )


async def export(turn: Turn) -> Reply:
    """Everything that is kept about the person, readable on a phone, in the chat it was asked in."""
    known = await people.known_about(turn.db, turn.person.id)
    who = known["person"]
    lines = [f"Dữ liệu của anh/chị, lập lúc {say_time(turn.now)}:"]
    lines.append(f"Tên: {who.name or 'chưa có'}. Điện thoại: {local_phone(who.phone) if who.phone else 'chưa có'}.")
    for channel, seen_at in known["addresses"]:
        lines.append(f"Kênh: {channel}, nhắn gần nhất {local(seen_at):%d/%m/%Y}.")
    firm = known["enterprise"] or {}
    told = [str(firm[key]) for key in ("name", "org_form", "unit", "province") if firm.get(key)]
    told += [f"{firm['employees']} lao động"] if firm.get("employees") else []
    told += [SECTOR_WORDS.get(tag, tag) for tag in (firm.get("profile") or {}).get("sectors", ())]
    if told:
        lines.append(f"Cơ sở: {', '.join(told)}.")
    for need in await needs.of_person(turn.db, turn.person.id):
        lines.append(f"\nPhiếu {need.code} ({STATE_WORDS[need.state]}, bản {need.revision}):")
        lines += [f"{f.number}. {f.short}: {need.fields[f.value]['words']}" for f in Field if f.value in need.fields]
        lines.append(f"Lời anh/chị: “{shorten(need.text, 300)}”")
    for seat in await seats.of_person(turn.db, turn.person.id, turn.now):
        lines.append(f"Đăng ký {seat.heads or seat.waiting} chỗ: {seat.event.title}.")
    for purpose, given_at, withdrawn_at in known["consents"]:
        ended = f", rút {local(withdrawn_at):%d/%m/%Y}" if withdrawn_at else ""
        lines.append(f"Đồng ý {CONSENT_NAMES.get(purpose, purpose)}: {local(given_at):%d/%m/%Y}{ended}.")
    things = counted(await evidence.kinds_of_person(turn.db, turn.person.id))
    if things:
        lines.append(f"Tệp và tin gửi kèm đang giữ: {things}.")
    lines.append(f"Tin nhắn đang giữ: {known['messages']} tin, mỗi tin giữ 12 tháng.")
    return Reply(shorten("\n".join(lines), LONG_LIMIT), long=True)


async def ask_withdraw(turn: Turn) -> Reply:
    """Says what withdrawing the consent to keep needs means, asks once."""
    codes = ", ".join(need.code for need in await needs.of_person(turn.db, turn.person.id) if need.state in STANDING)
    which = f"phiếu {codes} sẽ đóng, " if codes else ""
    return Reply(
        f"Rút đồng ý thì {which}em bỏ tên và số điện thoại; câu hỏi chính sách em vẫn trả lời. Anh/chị rút chứ ạ?",
        (
            Choice("Đồng ý rút", "data:withdraw!", ("rut", "rut di", "co")),
            Choice("Không rút", "erase:no", ("khong", "thoi", "giu lai")),
        ),
        quick=True,
    )


async def withdraw(turn: Turn) -> Reply:
    """Ends the consent to keep needs: what stands is closed, name and number go."""
    await people.withdraw_consent(turn.db, turn.person.id, Purpose.NEED, turn.now)
    closed = []
    for need in await needs.of_person(turn.db, turn.person.id):
        if need.state in STANDING:
            await needs.withdraw(turn.db, need.id, turn.now)
            closed.append(need.code)
    await people.forget_contact(turn.db, turn.person.id)
    if turn.talk.form is not None:
        turn.talk.form.pop("contact", None)
        turn.talk.form.pop(CONSENT, None)
    which = f" Phiếu {', '.join(closed)} đã đóng." if closed else ""
    return Reply(f"Em đã ghi anh/chị rút đồng ý lúc {say_time(turn.now)}.{which} Em cũng đã bỏ tên và số điện thoại.")


DROPS_NUMBER = re.compile(
    r"(?<!can )\b(?:xoa|bo|go)\s+(?:giup |ho |cai |di )*"
    r"(?:so dien thoai|so dt|sdt|dien thoai|so(?= (?:cua|cu|toi|em|chi|anh|di|thoi|nhe)))\b"
)


def drops_number(turn: Turn) -> bool:
    """Whether only the telephone number is to be forgotten: "xoá số điện thoại thôi, phiếu để lại"."""
    meant = DROPS_NUMBER.search(fold(turn.text)) is not None and not turn.entities.get("phone")
    return len(turn.text) < 90 and not turn.said.asks and meant


async def drop_number(turn: Turn) -> Reply:
    """Forgets name and number, in the open form as well; needs that were sent keep theirs until consent is withdrawn."""
    form = turn.talk.form or {}
    known = bool(turn.person.phone) or bool((form.get("contact") or {}).get("value"))
    if not known:
        return Reply("Em chưa giữ số điện thoại nào của anh/chị ạ.")
    await people.forget_contact(turn.db, turn.person.id)
    form.pop("contact", None)
    sent = [need.code for need in await needs.of_person(turn.db, turn.person.id) if need.state in STANDING]
    told = "Em đã bỏ tên và số điện thoại."
    if not sent:
        return Reply(told)
    choice = Choice("Rút đồng ý", "data:withdraw", ("rut dong y", "rut"))
    return Reply(
        f"{told} Phiếu đã gửi ({', '.join(sent)}) vẫn còn số để cán bộ gọi; muốn bỏ cả ở đó thì rút đồng ý.", (choice,)
    )


def corrects_contact(turn: Turn) -> bool:
    """Whether the message gives a new name or number after "Sửa"."""
    return turn.opened == "contact" and not turn.said.asks


async def correct_contact(turn: Turn) -> Reply:
    """Keeps a new name or phone number; the old one stays when the new one cannot be read."""
    phone = turn.entities.get("phone")
    name = turn.entities.get("contact_name") or guess_name(turn.text)
    if not phone and re.search(r"\d{5,}", turn.text):
        return Reply(
            "Em chưa đọc được số này, số điện thoại có 10 số, ví dụ “0912 345 678”. Anh/chị gõ lại giúp em nhé?"
        )
    if not phone and not name:
        return Reply("Em chưa thấy tên hay số mới nên giữ nguyên ạ.")
    await people.keep_contact(turn.db, turn.person.id, name, phone)
    changed = ", ".join(part for part in (name, local_phone(phone) if phone else "") if part)
    return Reply(f"Em đã sửa thành: {changed}.")


async def ask_erase(turn: Turn) -> Reply:
    """Says what erasing means, asks for one exact word."""
    turn.talk.open = "erase"
    mine = await needs.of_person(turn.db, turn.person.id)
    going = ", ".join(need.code for need in mine if need.state is not NeedState.CLOSED)
    which = f" (đang tìm nơi cung cấp: {going})" if going else ""
    return Reply(
        f"Xoá thì mất tên, số điện thoại, các phiếu{which}, ảnh, đăng ký hội thảo và nội dung trò chuyện, không lấy lại được. "
        "Anh/chị gõ XOÁ để chắc chắn nhé?",
        (Choice("Không xoá", "erase:no", ("khong", "thoi", "giu lai")),),
        quick=True,
    )


def confirms_erase(turn: Turn) -> bool:
    """Whether the exact word came."""
    return turn.opened == "erase" and fold(turn.text).strip(" .!") in ("xoa", "xoa het", "xoa di")


KEEPS = re.compile(r"\b(?:dung|khong|ko|k|thoi|khoan|khoi)\b.{0,14}\bxoa\b|\bgiu (?:lai|nguyen)\b")


def keeps_all(turn: Turn) -> bool:
    """Whether the erasure just asked for is taken back in a longer sentence: "à thôi đừng xoá nữa, để còn liên hệ"."""
    return turn.opened == "erase" and KEEPS.search(fold(turn.text)) is not None


async def erase(turn: Turn) -> Reply:
    """Erases at once what hangs on the person; a receipt stays that names nobody."""
    due_at = turn.now + ERASE_WITHIN
    ticket = await tickets.open_ticket(turn.db, TicketKind.ERASURE, turn.person.id, "", turn.now, due_at)
    await tickets.detach(turn.db, ticket.code)
    await catalogue.forget_supplier(turn.db, await pairs.offered_by(turn.db, turn.person.id))
    await people.empty(turn.db, turn.person.id)
    for name in Talk.__dataclass_fields__:
        setattr(turn.talk, name, getattr(Talk(), name))
    return Reply(
        f"Em đã nhận lúc {say_time(turn.now)}, mã {ticket.code}. Tên, số điện thoại, phiếu và tin nhắn đã xoá khỏi hệ thống; "
        f"bản sao lưu xoá xong trước {say_time(due_at)}. Anh/chị nhắn lại lúc nào em cũng đón như người mới."
    )


async def keep_data(turn: Turn) -> Reply:
    """Leaves everything as it is."""
    return Reply("Dạ, em giữ nguyên, không xoá gì.")


async def choose_news(turn: Turn, wish: str) -> Reply:
    """Keeps how the person wants to hear news."""
    alert = {"weekly": Alert.WEEKLY, "now": Alert.NOW}.get(wish, Alert.OFF)
    if alert is Alert.OFF:
        return await stop_news(turn)
    await people.give_consent(turn.db, turn.person.id, Purpose.NEWS, NEWS_WORDING, turn.now)
    await people.choose_alert(turn.db, turn.person.id, alert)
    await people.refuse(turn.db, turn.person.id, no_events=False, no_offers=False)
    await dues.go_on(turn.db, turn.person.id, turn.now)
    if alert is Alert.NOW:
        return Reply("Dạ, có giải pháp thật hợp là em báo ngay (07:30-20:00). Muốn thôi, anh/chị nhắn DỪNG.")
    await plan_digest(turn)
    return Reply("Dạ, có tin hợp em gửi một lần vào 09:00 thứ Ba hằng tuần. Muốn thôi, anh/chị nhắn DỪNG.")


async def plan_digest(turn: Turn) -> None:
    """Plans the next Tuesday 09:00 for this person."""
    here = local(turn.now)
    days = (1 - here.weekday()) % 7
    at = here.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=days)
    at = at if at > here else at + timedelta(days=7)
    key = f"digest:{turn.person.id}:{at:%Y%m%d}"
    await dues.plan(turn.db, "digest", key, at, turn.person.id)


async def stop_news(turn: Turn) -> Reply:
    """Stops all news; answers to the person's own needs go on. Reminders wait until the person wants them still."""
    await people.withdraw_consent(turn.db, turn.person.id, Purpose.NEWS, turn.now)
    await people.choose_alert(turn.db, turn.person.id, Alert.OFF)
    await outbox.drop_news(turn.db, turn.person.id, turn.now)
    await dues.forget(turn.db, turn.person.id, ("nudge",))
    paused = await dues.pause(turn.db, turn.person.id, REMINDERS, turn.now)
    booked = await seats.of_person(turn.db, turn.person.id, turn.now)
    text = "Em đã ngừng mọi thông báo. Phiếu của anh/chị vẫn được trả lời; bật lại thì nhắn BẬT TIN."
    if booked:
        text += f" Anh/chị vẫn giữ chỗ “{booked[0].event.title}”."
    if not paused:
        return Reply(text)
    choices = (
        Choice("Vẫn nhắc", "reminders:on", ("co", "vang", "van nhac", "nhac")),
        Choice("Không nhắc", "reminders:off", ("khong", "thoi", "khong can")),
    )
    return Reply(f"{text} Em vẫn nhắc {_reminders(paused)} chứ ạ?", choices, quick=True)


async def refuse_events(turn: Turn) -> Reply:
    """No more invitations; other news, reminders of what is booked, answers go on."""
    await people.refuse(turn.db, turn.person.id, no_events=True)
    await outbox.drop_news(turn.db, turn.person.id, turn.now, "event:")
    others = "Tin công nghệ hợp phiếu em vẫn gửi, buổi" if _takes_news(turn) and not turn.person.no_offers else "Buổi"
    return Reply(
        f"Dạ, em không mời hội thảo, tập huấn nữa. {others} đã đăng ký em vẫn nhắc. "
        "Muốn được mời lại, anh/chị nhắn MỜI HỘI THẢO."
    )


async def refuse_offers(turn: Turn) -> Reply:
    """No more news of technology; invitations, answers go on."""
    await people.refuse(turn.db, turn.person.id, no_offers=True)
    await outbox.drop_news(turn.db, turn.person.id, turn.now, "offer:")
    await outbox.drop_news(turn.db, turn.person.id, turn.now, "digest:")
    others = "Hội thảo hợp phiếu em vẫn mời, phiếu" if _takes_news(turn) and not turn.person.no_events else "Phiếu"
    return Reply(
        f"Dạ, em không gửi tin công nghệ mới nữa. {others} của anh/chị vẫn được trả lời. "
        "Muốn nhận lại, anh/chị nhắn BẬT CÔNG NGHỆ."
    )


async def want_again(turn: Turn) -> Reply:
    """Takes back the refusal of one kind of news."""
    events = wanted_again(turn.text) is Topic.EVENTS
    await people.refuse(turn.db, turn.person.id, **{"no_events" if events else "no_offers": False})
    if not _takes_news(turn):
        return await resume_news(turn)
    return Reply("Dạ, có hội thảo hợp là em mời như cũ." if events else "Dạ, có giải pháp hợp là em báo như cũ.")


def _takes_news(turn: Turn) -> bool:
    return turn.person.alert is not Alert.OFF


def _reminders(kinds: Collection[str]) -> str:
    """What is reminded of, in words."""
    return " và ".join(dict.fromkeys(words for kind, words in REMINDERS.items() if kind in kinds))


async def choose_reminders(turn: Turn, wish: str) -> Reply:
    """Keeps or drops the reminders the person has asked for."""
    if wish == "on":
        kept = await dues.go_on(turn.db, turn.person.id, turn.now)
        return Reply(f"Dạ, em chỉ nhắc {_reminders(kept)}." if kept else "Dạ, hiện không còn lịch nào cần nhắc ạ.")
    await dues.forget(turn.db, turn.person.id, REMINDERS)
    booked = await seats.of_person(turn.db, turn.person.id, turn.now)
    return Reply("Dạ, em không nhắc nữa; chỗ của anh/chị vẫn giữ." if booked else "Dạ, em không nhắc nữa.")


async def resume_news(turn: Turn) -> Reply:
    """Turns news on again; asks how often."""
    choices = (
        Choice("Đồng ý nhận tin mỗi tuần", "news:weekly", ("moi tuan", "hang tuan", "co", "dong y")),
        Choice("Đồng ý, báo ngay khi có", "news:now", ("bao ngay", "ngay")),
        Choice("Không nhận tin", "news:off", ("khong", "thoi")),
    )
    return Reply("Anh/chị muốn nhận tin công nghệ, hội thảo thế nào ạ?", choices, quick=True)


async def later_ones(turn: Turn) -> Reply:
    """To one who wants to hear of what comes later: how often, as asked of everybody; who hears of it already is told so."""
    if turn.person.alert is not Alert.OFF:
        return Reply("Dạ, có hội thảo hay lớp mới hợp với anh/chị là em nhắn.")
    asked = await resume_news(turn)
    return replace(asked, text="Dạ, có lớp hay hội thảo mới em nhắn anh/chị. Anh/chị muốn nhận thế nào ạ?")
