"""After an event: thanks to those who came, one tap on how useful it was, what was handed out, the next need."""

from collections.abc import Iterable
from datetime import datetime

from conversation.reply import Choice, Reply
from domain.event import Event
from domain.notice import Kind
from handlers.enclosing import enclosed
from handlers.turn import Office, Turn
from handlers.words import trimmed
from storage import attachments, catalogue, outbox, seats
from storage.attachments import Attachment
from storage.database import Connection
from storage.dues import Due

USEFUL = {"yes": "Hữu ích", "some": "Bình thường", "no": "Chưa hữu ích"}


def _declare(event_id: str) -> Choice:
    return Choice("Ghi nhu cầu ngay", f"after:{event_id}", ("ghi nhu cau", "ghi ngay", "ghi"))


async def ask(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Gives what was handed out to somebody who came, thanks them and asks in one tap."""
    event = await catalogue.find_event(db, due.payload["event"])
    if event is None or due.person_id is None:
        return "no event"
    await hand_out(office, db, event, await attachments.of(db, "event", event.id), [due.person_id], now)
    text = (
        f"Cảm ơn anh/chị đã dự {trimmed(event.title, 120)}. Buổi này có hữu ích với anh/chị không ạ? "
        "Anh/chị đang cần công nghệ gì thì ghi luôn, em tìm nơi cung cấp giúp."
    )
    asked = tuple(Choice(label, f"useful:{event.id}/{word}") for word, label in USEFUL.items())
    key = f"seat:after:{event.id}:{due.person_id}"
    at = office.worktime.next_push(now)
    await outbox.put(db, Kind.NOTICE, due.person_id, Reply(text, (*asked, _declare(event.id))), key, at, now)
    return "asked"


async def hand_out(
    office: Office, db: Connection, event: Event, items: Iterable[Attachment], people: Iterable[int], now: datetime
) -> int:
    """Sends materials of an event, each once to each person, whoever asks how often; how many messages."""
    at, told = office.worktime.next_push(now), 0
    to = list(people)
    for item in items:
        text = f"Tài liệu của {trimmed(event.title, 120)}: {item.name}."
        reply = Reply(f"{text[:-1]}\n{item.url}") if item.url else Reply(text, files=(enclosed(office, item),))
        for person_id in to:
            key = f"seat:material:{item.id}:{person_id}"
            told += await outbox.put(db, Kind.NOTICE, person_id, reply, key, at, now)
    return told


async def give_paper(
    office: Office, db: Connection, event: Event, item: Attachment, person_id: int, now: datetime
) -> bool:
    """Sends somebody the paper that says that they came, once."""
    text = f"Sở gửi anh/chị giấy xác nhận đã dự {trimmed(event.title, 120)}."
    key = f"seat:paper:{event.id}:{person_id}"
    reply = Reply(text, files=(enclosed(office, item),))
    return await outbox.put(db, Kind.NOTICE, person_id, reply, key, office.worktime.next_push(now), now)


async def answer(turn: Turn, argument: str) -> Reply:
    """Keeps the tap; the next need is one tap away."""
    event_id, _, word = argument.rpartition("/")
    if word not in USEFUL or not await seats.rate(turn.db, event_id, turn.person.id, word):
        return Reply("Nút này cũ rồi ạ.")
    thanks = "Dạ, em cảm ơn anh/chị." if word != "no" else "Dạ, em ghi lại để lần sau làm tốt hơn."
    choices = (_declare(event_id), Choice("Để sau", "resume"))
    return Reply(f"{thanks} Anh/chị có muốn ghi nhu cầu công nghệ ngay không ạ?", choices)
