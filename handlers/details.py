"""Takes what an owner adds to a sent need that a shown solution left in doubt, explains the solution anew."""

import re

from conversation.need_form import summary
from conversation.reply import Reply, shorten
from domain.need import STANDING, Need
from domain.offer import OfferState
from domain.text import fold
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, pair_choices, reasons, trimmed, wanted
from matching.reasons import phases
from storage import catalogue, needs, pairs

LONGEST = 140
HERE = re.compile(r"\b(?:co|dung|dien nha|nha|xuong|keo|san|roi|ben|cho)\b")


def told(turn: Turn) -> bool:
    """Whether a short message states the electric supply on the spot, with no form open to take it."""
    if turn.talk.form is not None or len(turn.text) > LONGEST or turn.said.asks or turn.text.rstrip().endswith("?"):
        return False
    if turn.said.act in ("offer_technology", "correct", "declare_need") and turn.said.sure:
        return False
    return len(phases(turn.text)) == 1 and HERE.search(fold(turn.text)) is not None


async def keep(turn: Turn) -> Reply | None:
    """Adds the words to the newest standing need, explains the solution shown last anew; None without such a need."""
    mine = [need for need in await needs.of_person(turn.db, turn.person.id) if need.state in STANDING]
    if not mine:
        return None
    shown = await pairs.last_shown(turn.db, [need.id for need in mine])
    need = next((one for one in mine if shown is not None and one.id == shown[0]), mine[0])
    words = turn.text.strip()
    new = await needs.amend(
        turn.db, need, f"{need.text}\n{words}", summary(need.fields), need.fields, "owner", turn.now
    )
    noted = f"Em ghi thêm vào phiếu {need.code}: “{shorten(words, 120)}”."
    again = await _explained(turn, new, shown[1]) if shown is not None else None
    return Reply(f"{noted} {again.text}", again.choices) if again else Reply(noted)


async def _explained(turn: Turn, need: Need, offer_id: str) -> Reply | None:
    offer = await catalogue.find_offer(turn.db, offer_id)
    if offer is None or offer.state is not OfferState.VERIFIED:
        return None
    match = turn.office.matcher.explain(wanted(need.text, need.fields), offer)
    kept = (match.score, match.strong, list(match.because), list(match.doubts))
    await pairs.refresh_words(turn.db, need.id, offer.id, *kept)
    text = f"Về “{trimmed(offer.title, 90)}”: {reasons(match, 300)}"
    return Reply(text, (*pair_choices(need.id, offer)[:3], ASK_OFFICER))
