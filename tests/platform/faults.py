"""What goes wrong on purpose: faults by verb, method, text, chance and number of times."""

import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

CALL_VERBS = (
    "error", "delay", "drop_before", "deliver_then_drop", "deliver_then_hang", "deliver_then_error", "truncate_json",
    "slow_read",
)  # fmt: skip
UPDATE_VERBS = ("duplicate_update", "reorder_updates")
VERBS = (*CALL_VERBS, *UPDATE_VERBS)


@dataclass
class Fault:
    """One fault. `methods` names the calls (for updates: their kinds) it may hit, all when empty; `contains` a part
    of the text; `chat_id` a chat. `times` is how often it may still strike, None for ever; `chance` from 0 to 1.
    `seconds` is how long a delay, a hanging, an answer in drops lasts; `code`, `description`, `retry_after`, `body` shape an error."""

    id: int
    verb: str
    platform: str = ""
    methods: tuple[str, ...] = ()
    contains: str = ""
    chat_id: int | str | None = None
    times: int | None = 1
    chance: float = 1.0
    seconds: float = 60.0
    code: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    body: str | None = None
    struck: int = 0

    def fits(self, platform: str, method: str, text: str, chat_id: object) -> bool:
        """Whether it may hit this call."""
        if self.times == 0 or (self.platform and self.platform != platform):
            return False
        if self.methods and method.lower() not in self.methods:
            return False
        if self.contains and self.contains not in text:
            return False
        return self.chat_id is None or str(self.chat_id) == str(chat_id)


class Faults:
    """The faults in force, oldest first."""

    def __init__(self, seed: int = 1) -> None:
        self.held: list[Fault] = []
        self._chance = random.Random(seed)
        self._next = 1

    def put(self, verb: str, methods: Iterable[str] = (), **more: Any) -> Fault:
        """Adds a fault; raises ValueError or TypeError for what is none."""
        if verb not in VERBS:
            raise ValueError(f"no such fault; there are {', '.join(VERBS)}")
        fault = Fault(self._next, verb, methods=tuple(name.lower() for name in methods), **more)
        self._next += 1
        self.held.append(fault)
        return fault

    def draw(
        self, verbs: Iterable[str], platform: str, method: str, text: str = "", chat_id: object = None
    ) -> Fault | None:
        """The first fault of these verbs that strikes this call; it counts as struck."""
        wanted = tuple(verbs)
        for fault in self.held:
            if fault.verb in wanted and fault.fits(platform, method, text, chat_id):
                if fault.chance < 1.0 and self._chance.random() >= fault.chance:
                    continue
                fault.struck += 1
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def clear(self) -> None:
        """Ends all faults."""
        self.held.clear()

    def shown(self) -> list[dict[str, Any]]:
        """As the control API shows them."""
        return [asdict(fault) for fault in self.held]
