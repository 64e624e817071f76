"""From how well two records agree in each respect to the chance that the offer serves the need."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from matching.measure import FAR, HOURS, NEARLY, OPEN_HIGH, OPEN_LOW, Floats, as_float, beyond

# The features in the order of the weights; all are 0 to 1.
FEATURES = (
    "both", "product", "process", "only_process", "only_product", "text", "title", "unexplained", "size_fits", "size_strained",
    "size_broken", "price_fits", "price_strained", "price_broken", "unserved", "unready", "other_mode", "mode_broken", "ruled_out",
)  # fmt: skip


@dataclass(frozen=True)
class Weights:
    """A logistic scale over FEATURES."""

    bias: float
    of: tuple[float, ...]

    def chance(self, features: Floats) -> Floats:
        """The chance for each row of a matrix rows by FEATURES."""
        total = features @ np.asarray(self.of, dtype=np.float32) + np.float32(self.bias)
        return as_float(1.0 / (1.0 + np.exp(-total)))


HAND: Final = Weights(
    -6.0, (6.0, 1.5, 1.0, 5.0, 2.0, 3.0, 2.0, -2.0, 0.6, -1.2, -4.0, 0.4, -1.2, -4.0, -4.0, -3.0, -0.3, -3.0, -6.0)
)
KNOWN_TIMES = {per: index for index, per in enumerate(HOURS, start=1)}
INSTANT_LIKE: Final = 0


class Codes:
    """Numbers for unit and time names, given as they come."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {"": 0}

    def __call__(self, name: str) -> int:
        return self._codes.setdefault(name, len(self._codes))


FITS, STRAINED, BROKEN, UNSURE, SILENT = 1, 2, 3, 4, 0


def size_state(asked: Any, offered: Any) -> tuple[Any, Any]:
    """(state, factor) of sizes; each side has unit, per, low, high, rate_low, rate_high as numbers or arrays."""
    stated = (asked.unit > 0) & (offered.unit > 0)
    same = stated & (asked.unit == offered.unit)
    timed = asked.per == offered.per
    direct = beyond(asked.low, asked.high, offered.low, offered.high)
    by_rate = beyond(asked.rate_low, asked.rate_high, offered.rate_low, offered.rate_high)
    convertible = same & ~timed & (asked.timed > 0) & (offered.timed > 0)
    state = np.where(stated, UNSURE, SILENT)
    state = np.where(same & timed, graded(direct), state)
    state = np.where(convertible & (by_rate > FAR), BROKEN, state)
    factor = np.where(same & timed, direct, np.where(convertible, by_rate, 1.0))
    return state, factor


def graded(factor: Any) -> Any:
    """FITS, STRAINED or BROKEN by how far outside."""
    return np.where(factor <= NEARLY, FITS, np.where(factor <= FAR * NEARLY, STRAINED, BROKEN))


def price_state(low: Any, high: Any, least: Any, most: Any) -> tuple[Any, Any]:
    """(state, factor) of a budget [low, high] against a price [least, most]; only costing too much is a fault."""
    stated_budget = high < OPEN_HIGH
    stated_price = (least > OPEN_LOW) | (most < OPEN_HIGH)
    cheapest = np.where(least > OPEN_LOW, least, np.where(most < OPEN_HIGH, most, 0.0))
    factor = np.where(stated_budget & stated_price, cheapest / np.maximum(high, 1.0), 1.0)
    state = np.where(stated_budget & stated_price, graded(factor), SILENT)
    return np.where((low > OPEN_LOW) & ~stated_budget & stated_price, FITS, state), factor
