"""What the conditions of a segment are called, read from and told in officers' words."""

from collections.abc import Mapping
from functools import cache

from domain.enterprise import SECTOR_WORDS
from domain.need import STATE_NAMES
from domain.segment import BadSegment, Segment, Trait, words
from domain.text import plain
from handlers.words import CHANNELS
from knowledge.library import load
from nlu.values import FORM_NAMES
from storage import catalogue, knowledge, segments
from storage.database import Connection

Names = Mapping[Trait, Mapping[str, str]]  # of each condition the values that can be chosen, each with its name
CLOSED = (Trait.DISTRICT, Trait.SECTOR, Trait.NEED, Trait.PROGRAMME, Trait.ATTENDED, Trait.REGISTERED, Trait.CHANNEL)
DAY = "%d/%m/%Y"


@cache
def _places() -> dict[Trait, dict[str, str]]:
    """The communes and the former districts."""
    units = load().places["units"]
    districts = sorted({former["district"] for row in units for former in row["formed_from"]})
    return {
        Trait.UNIT: {row["name"]: _small(row["name"]) for row in units},
        Trait.DISTRICT: {name: _small(name) for name in districts},
    }


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


async def names(db: Connection) -> dict[Trait, dict[str, str]]:
    """Everything that can be chosen where it is known what there is."""
    events = {one.id: f"{one.title} ({one.start.strftime(DAY)})" for one in await catalogue.shown_events(db)}
    held = await segments.values_of(db)
    here = {name: CHANNELS.get(name, name) for name in held[Trait.CHANNEL]}
    forms = dict.fromkeys([*FORM_NAMES, *(name for name in held[Trait.FORM])])
    return {
        **_places(),
        Trait.SECTOR: dict(SECTOR_WORDS),
        Trait.FORM: {name: name for name in forms},
        Trait.NEED: {"any": "bất kỳ", **{state.value: name.lower() for state, name in STATE_NAMES.items()}},
        Trait.PROGRAMME: await knowledge.short_names(db),
        Trait.ATTENDED: events,
        Trait.REGISTERED: events,
        Trait.CHANNEL: {**CHANNELS, **here},
        Trait.TAG: {name: name for name in held[Trait.TAG]},
        Trait.SAVED: {str(one.id): one.name for one in await segments.all_kept(db)},
    }


def said(trait: Trait, text: str, known: Names) -> list[str]:
    """The values that a line names, parted by commas; a name may hold commas itself. Raises BadSegment."""
    listed = known.get(trait, {})
    by_name = {plain(name): value for value, name in reversed(list(listed.items()))}
    if trait is Trait.DISTRICT:  # "Chi Lăng" is enough
        by_name |= {plain(name.removeprefix("Huyện ")): name for name in listed}
    pieces, found, at = text.split(","), [], 0
    while at < len(pieces):
        for end in range(len(pieces), at, -1):
            whole = ",".join(pieces[at:end]).strip()
            value = whole if whole in listed else by_name.get(plain(whole))
            if value is not None or end == at + 1:
                break
        if whole and value is None and listed and trait in CLOSED:
            raise BadSegment(f"Em không thấy “{whole[:60]}” trong danh sách để chọn. Anh/chị chọn tên gợi ý giúp em.")
        if whole:
            found.append(whole if value is None else value)
        at = end
    return found


async def told(db: Connection, rule: Segment) -> str:
    """The rule as an officer reads it, everything by its name."""
    return words(rule, names=await names(db))
