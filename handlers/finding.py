"""What the programme finder knows of a person's enterprise, how its findings are put into words."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from conversation.kinds import read_kinds
from conversation.reply import Choice, Reply, Sentences, shorten
from domain.document import Documents
from domain.eligibility import Truth
from domain.enterprise import Facts
from domain.finder import NEARNESS, Condition, Finding, Fit, Rule, distance, met_from, rules_of
from domain.kinds import MACHINE, Kind
from domain.person import Purpose
from domain.programme import Programme, ProgrammeState
from handlers import firms
from handlers.sources import basis_line, force_notes, force_words
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, trimmed
from nlu.stated import read_needs
from storage import knowledge, needs, people, pulls, rules

DECIDES = "Có được hỗ trợ hay không do cơ quan có thẩm quyền quyết định."
DEFAULT_KINDS = (Kind.INNOVATION.value, Kind.APPLICATION.value)
SHOWN = 3
TABLE_LIMIT = 1900


# --- what is known ----------------------------------------------------------------------------------------------
async def gather(turn: Turn) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The profile known of the enterprise (need, earlier answers, this message) and the kinds of help wanted."""
    held = turn.talk.finder
    mine = (await needs.of_person(turn.db, turn.person.id))[:1]
    raw: dict[str, Any] = {}
    for need in mine:
        raw |= firms.stated_in(turn.office, need.text, need.fields, turn.today)
    if turn.talk.form is not None:
        raw |= firms.stated_in(turn.office, "\n".join(turn.talk.own_words), turn.talk.form, turn.today)
    raw |= held.get("facts") or {}
    raw |= turn.office.profiles.from_text(turn.text, turn.entities, turn.today)
    raw.pop("need_kind", None)
    said = read_needs(turn.text)
    own_words = " ".join(turn.talk.own_words)
    kinds = said or tuple(held.get("kinds") or ()) or (read_needs(own_words) if own_words else ())
    return raw, kinds or _widened(
        mine[0].kinds if mine and mine[0].kinds else read_kinds(own_words) if own_words else ()
    )


def _widened(kinds: Iterable[str]) -> tuple[str, ...]:
    """Who looks for a machine is also served by renewal, application, transfer."""
    listed = tuple(kinds) or DEFAULT_KINDS
    machine = tuple(kind.value for kind in MACHINE) if Kind.SEARCH.value in listed else ()
    return tuple(dict.fromkeys((*listed, *machine)))


async def open_rules(turn: Turn) -> list[Rule]:
    """The rules of every programme that may be spoken of now."""
    held = await knowledge.programmes(turn.db)
    stopped = await pulls.stopped(turn.db)
    return rules_of(programme for id_, programme in held.items() if id_ not in stopped)


async def told(turn: Turn, findings: Iterable[Finding], raw: Mapping[str, Any]) -> None:
    """Keeps what this person was told, so that a changed rule can be told to them; of the enterprise what it said."""
    if raw and await people.has_consent(turn.db, turn.person.id, Purpose.NEED):
        await people.keep_enterprise(turn.db, turn.person.id, firms.row_of(turn.office, raw, turn.today))
    for found in findings:
        data = found.programme.data
        mark = rules.rule_mark(data)
        await rules.note_finding(turn.db, turn.person.id, found.programme.id, found.fit.value, raw, mark, turn.now)


# --- the list ---------------------------------------------------------------------------------------------------
def chosen(findings: list[Finding], kinds: Iterable[str]) -> tuple[list[Finding], list[Finding]]:
    """The programmes worth showing, at most three, and those ruled out.

    The form of help asked for comes first; within it fitting ones, one near miss, then open ones. The last place is kept
    for one that fits when none before it does.
    """
    wanted = set(kinds)
    serving = [f for f in findings if wanted & set(f.programme.needs) and f.programme.state is ProgrammeState.IN_FORCE]
    shown: list[Finding] = []
    for step in range(len(NEARNESS)):
        by_fit = {fit: [f for f in serving if f.fit is fit and distance(f.programme, wanted) == step] for fit in Fit}
        near = by_fit[Fit.NEAR][:1] if not any(f.fit is Fit.NEAR for f in shown) else []
        fits = by_fit[Fit.FITS][: max(SHOWN - len(shown) - len(near), 0)]
        shown = [*shown, *fits, *near, *by_fit[Fit.UNKNOWN]][:SHOWN]
    fitting = next((f for f in serving if f.fit is Fit.FITS), None)
    if fitting is not None and not any(f.fit is Fit.FITS for f in shown):
        shown = [*shown[: SHOWN - 1], fitting]
    return shown, [f for f in serving if f.fit is Fit.NO][:2]


def result(
    turn: Turn, findings: list[Finding], kinds: tuple[str, ...], facts: Facts, documents: Documents
) -> tuple[Reply, list[Finding]]:
    """The list in words, and what of it was shown."""
    shown, out = chosen(findings, kinds)
    if not shown:
        return Reply(
            f"Với những gì anh/chị cho biết, em chưa thấy chương trình nào hợp. {DECIDES} Anh/chị cần hỗ trợ việc gì, "
            "nói thêm giúp em, hoặc để cán bộ xem giúp ạ.",
            (ASK_OFFICER,),
        ), out
    tail = f"{DECIDES}\n{sources([f.programme for f in shown], documents, facts.on)}"
    lines = Sentences(max(turn.room - len(tail) - 1, 200))
    lines.add("Theo lời anh/chị, em thấy:")
    for number, found in enumerate(shown, 1):
        lines.add(f"{number}. {line(found, facts)}")
    if out:
        lines.add("Không thuộc đối tượng: " + "; ".join(f"{f.programme.short_name} ({_why_not(f)})" for f in out) + ".")
    choices = [Choice(trimmed(f.programme.short_name), f"fit:{f.programme.id}") for f in shown]
    late = next((f for f in shown if met_from(f, facts)), None)
    if late is not None:
        choices.append(remind_choice(late.programme))
    quotes = tuple(f.programme.id for f in (*shown, *out))
    return Reply(f"{lines}\n{tail}", (*choices, ASK_OFFICER), quotes=quotes), [*shown, *out]


def line(found: Finding, facts: Facts) -> str:
    """One programme in one line: what speaks for it, what is missing, how to get it."""
    name = found.programme.short_name
    met, unknown = len(found.having(Truth.MET)), found.having(Truth.UNKNOWN)
    if found.fit is Fit.FITS:
        return f"{name}: có vẻ hợp" + (f", đạt {met}." if met else ".")
    if found.fit is Fit.NEAR:
        missing = found.having(Truth.UNMET)[0]
        later = met_from(found, facts)
        how = f"đủ từ {later[1]:%m/%Y}, nhắc anh/chị nhé" if later else _small(missing.how)
        return f"{name}: chưa hợp, chỉ còn thiếu 1: {_small(missing.name)}" + (f" ({how})." if how else ".")
    doubts = "; ".join(_small(condition.name) for condition in unknown[:2])
    return f"{name}: đạt {met}, chưa rõ {len(unknown)} ({doubts})."


def _why_not(found: Finding) -> str:
    unmet = found.having(Truth.UNMET)
    return f"chưa đạt: {_small(unmet[0].name)}" if unmet else "chưa đạt"


def _small(words: str) -> str:
    """A phrase inside a sentence: its first letter small unless it begins a name."""
    head = words.split(" ", 1)[0]
    return words if head.isupper() and len(head) > 1 else words[:1].lower() + words[1:]


def sources(programmes: Iterable[Programme], documents: Documents, day: date) -> str:
    """The source line of programmes: their documents, each once, and when they were checked."""
    held = list(programmes)
    rows = list(dict.fromkeys(document_label(programme, documents) for programme in held))
    basis = basis_line([{"label": row, "confirmed": True} for row in rows if row], documents, day, room=150)
    checked = max((programme.verified_on for programme in held), default="")
    return f"{basis} Cập nhật {'/'.join(reversed(checked.split('-')))}.".strip()


def document_label(programme: Programme, documents: Documents) -> str:
    """The document a programme stands in, as it is said; empty when it has no number."""
    number = programme.document.get("number") or ""
    paper = documents.by_id.get(number)
    return paper.label if paper else "" if not number[:1].isdigit() else number


# --- the table --------------------------------------------------------------------------------------------------
def remind_choice(programme: Programme) -> Choice:
    """Offers to remind when the time is come."""
    return Choice(
        "Nhắc em khi đủ", f"ripe:{programme.id}", ("nhac", "u nhac", "co nhac", "nhac em", "nhac chi", "nhac anh")
    )


def table(found: Finding, facts: Facts, documents: Documents) -> Reply:
    """One programme condition by condition: đạt, chưa đạt, chưa rõ, each with the law behind it."""
    programme = found.programme
    head = f"Bảng điều kiện của {programme.short_name}" + (f" ({found.branch.lower()})" if found.branch else "")
    lines = Sentences(TABLE_LIMIT)
    lines.add(f"{head}: {_verdict(found)}")
    for truth, title in ((Truth.UNMET, "Chưa đạt"), (Truth.UNKNOWN, "Chưa rõ"), (Truth.MET, "Đạt")):
        rows = found.having(truth)
        if rows:
            lines.add(f"{title}:")
        for condition in rows:
            lines.add(_row(condition, truth))
    later = met_from(found, facts)
    choices: tuple[Choice, ...] = (ASK_OFFICER,)
    if later:
        lines.add(f"Điều kiện thời gian đủ từ {later[1]:%m/%Y}, em nhắc anh/chị khi đủ nhé?")
        choices = (remind_choice(programme), *choices)
    source = sources([programme], documents, facts.on)
    notes = force_notes("\n".join(row.condition.law for row in found.checked), documents, facts.on, source)
    lines.add("\n".join(line for line in (notes, DECIDES, source) if line))
    return Reply(str(lines), choices, quotes=(programme.id,), long=True)


def _verdict(found: Finding) -> str:
    unmet, unknown = found.missing, len(found.having(Truth.UNKNOWN))
    if found.fit is Fit.FITS:
        return "có vẻ hợp."
    if found.fit is Fit.UNKNOWN:
        return f"chưa nói chắc được, còn {unknown} ý chưa rõ."
    if found.fit is Fit.NEAR:
        return "chưa hợp, chỉ còn thiếu 1" + (f", chưa rõ {unknown}." if unknown else ".")
    return f"chưa hợp, chưa đạt {unmet}."


def _row(condition: Condition, truth: Truth) -> str:
    law = shorten(condition.law, 150)
    how = f" Cách làm: {_small(condition.how)}." if truth is Truth.UNMET and condition.how else ""
    return f"- {condition.name}. Nguồn: {law}.{how}"


def gone_words(programme: Programme, documents: Documents, day: date) -> str:
    """Why the document behind a programme does not hold now; empty when it does."""
    paper = documents.by_id.get(programme.document.get("number") or "")
    return force_words(paper, day) if paper else ""


def fresh(turn: Turn) -> bool:
    """Whether the finder's talk is of the last day, so that a question asked then is not asked again."""
    at = turn.talk.finder.get("at")
    return isinstance(at, str) and turn.now - datetime.fromisoformat(at) <= timedelta(hours=24)
