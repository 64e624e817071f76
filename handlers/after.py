"""After an event: thanks to those who came, one tap on how useful it was, the next need."""

from datetime import datetime

from conversation.reply import Choice, Reply
from domain.notice import Kind
from handlers.turn import Office, Turn
from handlers.words import trimmed
from storage import catalogue, outbox, seats
from storage.database import Connection
from storage.dues import Due

USEFUL = {"yes": "Hữu ích", "some": "Bình thường", "no": "Chưa hữu ích"}
DECLARE = Choice("Ghi nhu cầu ngay", "need:start", ("ghi nhu cau", "ghi ngay", "ghi"))


async def ask(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Thanks somebody who came and asks in one tap."""
    event = await catalogue.find_event(db, due.payload["event"])
    if event is None or due.person_id is None:
        return "no event"
    text = (
        f"Cảm ơn anh/chị đã dự {trimmed(event.title, 120)}. Buổi này có hữu ích với anh/chị không ạ? "
        "Anh/chị đang cần công nghệ gì thì ghi luôn, em tìm nơi cung cấp giúp."
    )
    asked = tuple(Choice(label, f"useful:{event.id}/{word}") for word, label in USEFUL.items())
    key = f"seat:after:{event.id}:{due.person_id}"
    at = office.worktime.next_push(now)
    await outbox.put(db, Kind.NOTICE, due.person_id, Reply(text, (*asked, DECLARE)), key, at, now)
    return "asked"


async def answer(turn: Turn, argument: str) -> Reply:
    """Keeps the tap; the next need is one tap away."""
    event_id, _, word = argument.rpartition("/")
    if word not in USEFUL or not await seats.rate(turn.db, event_id, turn.person.id, word):
        return Reply("Nút này cũ rồi ạ.")
    thanks = "Dạ, em cảm ơn anh/chị." if word != "no" else "Dạ, em ghi lại để lần sau làm tốt hơn."
    return Reply(f"{thanks} Anh/chị có muốn ghi nhu cầu công nghệ ngay không ạ?", (DECLARE, Choice("Để sau", "resume")))
