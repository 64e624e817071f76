"""Says hello, helps, thanks, keeps calm when insulted."""

from datetime import datetime, timedelta

from conversation.insults import INSULTS
from conversation.reply import SILENCE, Choice, Reply
from handlers.turn import Turn
from handlers.words import ASK_OFFICER

HELLO = "Chào anh/chị, em là trợ lý Nhịp Cầu của Sở KH&CN Lạng Sơn."
KEPT = "Em giữ tin nhắn 12 tháng để trả lời anh/chị; gõ “dữ liệu của tôi” để xem hoặc xoá."
MENU = (
    Choice("Ghi nhu cầu công nghệ", "need:start", ("nhu cau", "ghi nhu cau", "lap phieu", "phieu")),
    Choice("Tìm chương trình hỗ trợ", "programmes", ("chuong trinh", "ho tro")),
    Choice("Xem công nghệ đang có", "offers", ("cong nghe", "may moc", "giai phap")),
    Choice("Xem hội thảo, sự kiện", "events", ("hoi thao", "su kien")),
)
PAUSE = timedelta(minutes=30)


async def greet(turn: Turn) -> Reply:
    """Answers a greeting with what can be done here."""
    return Reply("Em giúp được gì cho anh/chị?" if turn.first else "Chào anh/chị, em đây. Em giúp được gì ạ?", MENU)


async def guide(turn: Turn) -> Reply:
    """Tells what the assistant can do."""
    text = (
        "Anh/chị cứ nhắn như nói chuyện, có dấu hay không dấu đều được. Em giúp:\n"
        "1. Ghi nhu cầu máy móc, công nghệ rồi tìm nơi cung cấp phù hợp.\n"
        "2. Trả lời chính sách, kèm văn bản và ngày cập nhật.\n"
        "3. Báo công nghệ mới, hội thảo hợp với việc của mình.\n"
        "4. Chuyển cán bộ khi anh/chị muốn gặp người thật.\n"
        "Anh/chị muốn bắt đầu từ đâu?"
    )
    return Reply(text, (*MENU, ASK_OFFICER))


async def nod(turn: Turn) -> Reply:
    """Answers a yes, a no or an "I do not know" while nothing is asked."""
    return Reply("Dạ vâng. Anh/chị cần em giúp việc gì thì nhắn một câu, hoặc chọn bên dưới nhé.", MENU)


async def show_link(turn: Turn, url: str) -> Reply:
    """Says the address that a button stands for, where a channel cannot open it by itself."""
    return Reply(f"Dạ, trang ở đây ạ:\n{url}")


async def welcome_thanks(turn: Turn) -> Reply:
    """Answers thanks or a goodbye."""
    return Reply("Dạ không có gì. Khi cần anh/chị cứ nhắn em nhé.")


async def calm(turn: Turn) -> Reply:
    """Answers an insult: sorry once, then a rest of half an hour; the draft stays as it is."""
    turn.talk.abuse += 1
    if turn.talk.abuse < 2:
        text = "Em xin lỗi vì đã làm anh/chị bực. Anh/chị muốn gặp cán bộ hay mình làm lại câu này?"
        return Reply(text, (ASK_OFFICER, Choice("Làm lại câu này", "resume", ("lam lai", "tiep"))))
    turn.talk.abuse = 0
    turn.talk.quiet_until = (turn.now + PAUSE).isoformat()
    return Reply(
        "Em xin tạm nghỉ 30 phút, những gì anh/chị đã ghi vẫn còn nguyên. Khi cần, anh/chị gõ TIẾP "
        "hoặc “gặp cán bộ” trong giờ hành chính 07:30-11:30, 13:30-17:00."
    )


def resting(turn: Turn) -> bool:
    """Whether the assistant keeps quiet for this insult."""
    until = turn.talk.quiet_until
    return until is not None and turn.now < datetime.fromisoformat(until) and insults(turn)


def insults(turn: Turn) -> bool:
    """Whether the message is an insult and nothing else: a question or a fact inside it is answered as such."""
    if turn.said.act == "abuse" and turn.said.sure and not turn.said.asks:
        return True
    lines = [line for line in turn.text.splitlines() if line.strip()]
    if turn.said.asks or turn.entities or not lines:
        return False
    return all(len(line.split()) <= 8 and INSULTS.search(line) is not None for line in lines)


async def silent(turn: Turn) -> Reply:
    """Says nothing."""
    return SILENCE


async def not_ours(turn: Turn) -> Reply:
    """Declines kindly what is not our job."""
    return Reply(
        "Việc này ngoài phần em giúp được. Em lo nhu cầu công nghệ, chính sách hỗ trợ khoa học công nghệ và hội thảo "
        "của Sở. Anh/chị cần việc nào trong đó ạ?",
        (*MENU[:2], ASK_OFFICER),
    )


async def old_button(turn: Turn) -> Reply:
    """Answers a button whose message we no longer hold."""
    return Reply("Nút này cũ quá rồi nên em không mở được ạ. Anh/chị nhắn một câu, em giúp ngay.")


async def odd_message(turn: Turn) -> Reply:
    """Answers what is not text."""
    return Reply("Em đã giữ lại tin này cho cán bộ xem, nhưng em chưa đọc được. Anh/chị gõ giúp em một câu ngắn nhé?")
