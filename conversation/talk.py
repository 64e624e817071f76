"""What we remember of one person's conversation between two turns."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass
class Talk:
    """The state of one conversation; plain values only, kept as JSON.

    `form` holds the answers of the need form by field name; `open` names an open question outside the form,
    `pending` what an open question needs, `listed` the ids last shown, by noun.
    """

    version: int = 0
    met: bool = False
    form: dict[str, dict[str, Any]] | None = None
    form_id: str | None = None
    revision: int = 0  # grows with every change of the form
    own_words: list[str] = field(default_factory=list)
    open: str | None = None
    pending: dict[str, Any] = field(default_factory=dict)
    programme: str | None = None
    programme_at: str | None = None
    last_answer: str | None = None
    aspect: str | None = None  # what was asked last of the programme: deadline, days, where, papers, amount
    finder: dict[str, Any] = field(default_factory=dict)  # what the programme finder knows: facts, kinds, asked, focus
    papers: dict[str, list[int]] = field(default_factory=dict)  # papers ticked off, by programme
    listed: dict[str, list[str]] = field(default_factory=dict)
    last_listed: str = ""  # the noun of the list shown last: programmes, offers, events
    offer: dict[str, Any] | None = None  # what is told of a technology that the person offers, see handlers/offering.py
    topic: str | None = None  # what the last reply was about, where a short answer can only be read by it: "event"
    unsure_turns: int = 0
    unclear: str = ""  # the question that was answered with a choice of readings
    quiet_until: str | None = None
    abuse: int = 0
    last_was_sticker: bool = False
    officer_said: list[dict[str, str]] = field(default_factory=list)  # {by, text, at}, newest last

    @classmethod
    def load(cls, data: dict[str, Any]) -> "Talk":
        """From stored JSON; unknown keys of other versions are left out."""
        known = {key: value for key, value in data.items() if key in cls.__dataclass_fields__}
        return cls(**known)

    def dump(self) -> dict[str, Any]:
        """To JSON."""
        return asdict(self)

    @property
    def mark(self) -> str:
        """The open form with its revision: "<form>@<revision>", empty without a form."""
        return f"{self.form_id}@{self.revision}" if self.form is not None else ""

    def show_list(self, noun: str, ids: list[str]) -> None:
        """Notes a list that was shown, so that "cái thứ hai" is found in the newest one."""
        self.listed[noun], self.last_listed = ids, noun

    def recall_programme(self, now: datetime) -> str | None:
        """The programme talked about within the last 24 hours."""
        if self.programme is None or self.programme_at is None:
            return None
        fresh = now - datetime.fromisoformat(self.programme_at) <= timedelta(hours=24)
        return self.programme if fresh else None

    def hear_officer(self, name: str, words: str, now: datetime) -> None:
        """Notes what an officer told the person, so that it can be referred to later."""
        line = {"by": name, "text": words[:500], "at": now.isoformat()}
        self.officer_said = [*self.officer_said, line][-5:]

    def speak_of(self, programme: str, now: datetime) -> None:
        """Notes which programme the talk is about."""
        self.programme, self.programme_at = programme, now.isoformat()

    def forget_programme(self) -> None:
        """Several programmes are meant now, so that none is understood without a name."""
        self.programme, self.programme_at = None, None
