"""What a need limits (size, money, place, readiness, way of transfer) against what an offer states."""

from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.measure import OPEN_HIGH, OPEN_LOW

Numbers = dict[str, Any] | NDArray[Any]  # what one side limits or states, by name: numbers, or columns of many
FAR: Final = 2.0  # beyond this factor a stated limit is broken, below it is only strained
NEARLY: Final = 1.02  # what rounding in speech allows


class State(IntEnum):
    """How a stated limit stands."""

    SILENT = 0  # one side says nothing
    FITS = 1
    STRAINED = 2  # outside, but not far
    BROKEN = 3  # far outside: not shown
    UNSURE = 4  # both say something that cannot be compared


SILENT, FITS, STRAINED, BROKEN, UNSURE = (np.int8(state) for state in State)  # for arrays: enums are slow there


BREAKING: Final = ("size_broken", "price_broken", "unserved", "unready", "mode_broken", "ruled_out")


def beyond(low: Any, high: Any, least: Any, most: Any) -> Any:
    """By which factor a wanted span lies outside an offered one; 1 is inside. For numbers and arrays alike."""
    over = np.where(low > most, low / np.maximum(most, 1e-9), 1.0)
    under = np.where(high < least, least / np.maximum(high, 1e-9), 1.0)
    return np.maximum(over, under)


def graded(factor: Any) -> Any:
    """FITS, STRAINED or BROKEN by how far outside."""
    return np.where(factor <= NEARLY, FITS, np.where(factor <= FAR * NEARLY, STRAINED, BROKEN))


def size_state(asked: Numbers, offered: Numbers) -> tuple[Any, Any]:
    """(state, factor) of sizes; each side has unit, per, low, high, hour_low, hour_high as numbers or arrays.

    Sizes for different times ("tấn/ngày" and "kg/giờ") are only compared as widely as the times allow: they can
    break, never fit.
    """
    stated = (asked["unit"] > 0) & (offered["unit"] > 0)
    same = stated & (asked["unit"] == offered["unit"])
    timed = asked["per"] == offered["per"]
    direct = beyond(asked["low"], asked["high"], offered["low"], offered["high"])
    hourly = beyond(asked["hour_low"], asked["hour_high"], offered["hour_low"], offered["hour_high"])
    convertible = same & ~timed & (asked["per"] > 0) & (offered["per"] > 0)
    state = np.where(stated, UNSURE, SILENT)
    state = np.where(same & timed, graded(direct), state)
    state = np.where(convertible & (hourly > FAR), BROKEN, state)
    return state, np.where(same & timed, direct, np.where(convertible, hourly, 1.0))


def price_state(asked: Numbers, offered: Numbers) -> tuple[Any, Any]:
    """(state, factor) of a budget against a price in VND; only costing too much is a fault."""
    low, high, least, most = asked["money_low"], asked["money_high"], offered["money_low"], offered["money_high"]
    limited = high < OPEN_HIGH
    priced = (least > OPEN_LOW) | (most < OPEN_HIGH)
    cheapest = np.where(least > OPEN_LOW, least, np.where(most < OPEN_HIGH, most, 0.0))
    factor = np.where(limited & priced, cheapest / np.maximum(high, 1.0), 1.0)
    state = np.where(limited & priced, graded(factor), SILENT)
    return np.where((low > OPEN_LOW) & ~limited & priced, FITS, state), factor


def limits(asked: Numbers, offered: Numbers) -> dict[str, Any]:
    """All limits as features from 0 to 1; one side may be arrays, the other numbers."""
    size, size_factor = size_state(asked, offered)
    price, price_factor = price_state(asked, offered)
    other = (asked["modes"] > 0) & (offered["modes"] > 0) & ((asked["modes"] & offered["modes"]) == 0)
    strict = asked["strict"] > 0
    return {
        "size_fits": size == FITS,
        "size_strained": np.where(size == STRAINED, _share(size_factor), 0.0),
        "size_broken": size == BROKEN,
        "price_fits": price == FITS,
        "price_strained": np.where(price == STRAINED, _share(price_factor), 0.0),
        "price_broken": price == BROKEN,
        "unserved": (asked["province"] > 0) & ((asked["province"] & offered["serves"]) == 0),
        "unready": (asked["trl"] > 0) & (offered["trl"] > 0) & (offered["trl"] < asked["trl"]),
        "other_mode": other & ~strict,
        "mode_broken": other & strict,
        "other_scale": (asked["scale"] > 0) & (offered["scale"] > 0) & (asked["scale"] != offered["scale"]),
    }


def _share(factor: Any) -> Any:
    """How much of the way to broken a strained limit has gone."""
    return np.clip(np.log2(np.maximum(factor, 1.0)) / np.log2(FAR), 0.0, 1.0)
