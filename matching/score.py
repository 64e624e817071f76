"""From how well two records agree in each respect to the chance that the offer serves the need."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.limits import BREAKING
from matching.measure import Floats, as_float
from matching.relation import FIT

# What the chance is made of, in the order of the weights; each is 0 to 1.
FEATURES = (
    "both", "product", "process", "process_alone", "product_alone", "text", "title", "named", "size_fits", "size_strained",
    "size_broken", "price_fits", "price_strained", "price_broken", "unserved", "unready", "other_mode", "mode_broken",
    "ruled_out", "other_scale", "thought",
)  # fmt: skip
AT: Final = {name: index for index, name in enumerate(FEATURES)}
# Features that only ever lower the chance.
AGAINST = frozenset((*BREAKING, "size_strained", "price_strained", "other_mode", "other_scale"))
LIMITING: Final = [AT[name] for name in FEATURES if name in AGAINST and name != "ruled_out"]
SAME_WORDS: Final = 0.75  # so much of a need's telling words in an offer speaks where terms are silent
# What an offer must have of a need's words: of all where no step was read, of those behind one where no product was.
TOGETHER: Final = 0.3
COMMON: Final = 0.35  # or, where no product was read, of all
ENOUGH: Final = 0.6  # from this chance on an offer is shown for a step that is only thought of
SHOWN: Final = 0.5  # from this chance on an offer is shown
ASKED: Final = 0.24  # from this chance on, below SHOWN, a question is asked instead of saying that there is nothing
# What counts less behind what is shown.
LESSER: Final = {"text": 1 / 3, "size_fits": 1 / 3, "price_fits": 1 / 3, "named": 0.0}
UNSHOWN: Final = 0.49  # the score that the best of what is not shown comes near
STRONG: Final = 0.8  # from this chance on it may be told at once


@dataclass(frozen=True)
class Weights:
    """A logistic scale over FEATURES, fitted on the judged needs by `python -m bench.matching --fit`."""

    bias: float
    of: tuple[float, ...]

    def chance(self, features: Floats) -> Floats:
        """The chance for each row of a matrix rows by FEATURES; in double, so that it is the same however many rows there are."""
        total = features.astype(np.float64) @ np.asarray(self.of) + self.bias
        return as_float(1.0 / (1.0 + np.exp(-total)))


WEIGHTS: Final = Weights(
    bias=-7.04,
    of=(2.60, 2.57, 1.87, 2.00, 1.83, 2.10, 0.03, 1.42, 1.90, -0.32, -1.59, 0.74,
        -0.49, -2.19, -5.48, -3.33, -0.48, -6.00, -6.00, -2.05, 0.0),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What the needs of the pairs say at all; numbers or arrays, one a pair."""

    product: Any
    process: Any
    vague: Any  # nothing says what is to be done
    wordy: Any  # enough telling words to speak alone

    @property
    def parts(self) -> tuple[Any, ...]:
        """All of it, in order."""
        return self.product, self.process, self.vague, self.wordy


def decided(features: Floats, told: Told, weights: Weights = WEIGHTS) -> tuple[Floats, NDArray[np.bool_]]:
    """(chance, shown) for each row: shown is what agrees in every kind of term that the need states, or in its words,
    breaks no limit and is likely enough."""
    chance = weights.chance(features)
    thought = likely(features, told) & (chance >= ENOUGH)
    return chance, (allowed(features, told) & (chance >= SHOWN)) | thought


def judged(features: Floats, told: Told, weights: Weights = WEIGHTS) -> tuple[Floats, NDArray[np.bool_]]:
    """(score, shown) for each row.

    The score of what is shown is its chance. Anything else stays below SHOWN, in the order of `function`.
    """
    chance, shown = decided(features, told, weights)
    return as_float(np.where(shown, chance, UNSHOWN * function(features, weights))), shown


def function(features: Floats, weights: Weights = WEIGHTS) -> Floats:
    """How well offers would serve if nothing were limited: the right dryer at twice the price comes before an affordable mill."""
    free = features.copy()
    free[:, LIMITING] = 0.0
    return weights.chance(free)


def behind(features: Floats, scores: Floats, shown: NDArray[np.bool_], weights: Weights = WEIGHTS) -> Floats:
    """The scores by which one need's offers are put in order.

    Where something strong is shown, the need is understood, and what follows is there beside it: what it is for counts, its
    title nothing and its wording and size a part, since many a mill for the right goods is of the right size. Elsewhere just
    these may tell which offer is meant.
    """
    if not (scores[shown] >= STRONG).any():
        return scores
    lesser = features.copy()
    for name, share in LESSER.items():
        lesser[:, AT[name]] *= share
    return as_float(np.where(shown, scores, UNSHOWN * function(lesser, weights)))


def allowed(features: Floats, told: Told) -> NDArray[np.bool_]:
    """Which pairs agree in all that the need states and break none of its limits."""
    product = _goods(features, told)
    spoken = ~np.asarray(told.process) & ~np.asarray(told.vague) & (features[:, AT["text"]] >= TOGETHER)
    process = spoken | (features[:, AT["process"]] >= FIT)
    agrees = (product & process) | (features[:, AT["text"]] >= SAME_WORDS) & np.asarray(told.wordy)
    return np.asarray(agrees & unbroken(features))


def likely(features: Floats, told: Told) -> NDArray[np.bool_]:
    """Which pairs agree in the goods and in a step that is thought of, told faintly or named beside another."""
    return np.asarray(_goods(features, told) & (features[:, AT["thought"]] >= FIT) & unbroken(features))


def _goods(features: Floats, told: Told) -> NDArray[np.bool_]:
    """Which pairs agree in the product that the need names; where it names none, in what its words say of it."""
    nameless = (features[:, AT["both"]] >= TOGETHER) | (features[:, AT["text"]] >= COMMON)
    return np.where(told.product, features[:, AT["product"]] >= FIT, nameless)


def unbroken(features: Floats) -> NDArray[np.bool_]:
    """Which pairs break none of the need's limits."""
    broken = np.zeros(len(features), dtype=bool)
    for name in BREAKING:
        broken |= features[:, AT[name]] > 0
    return np.asarray(~broken)


def worth_asking(features: Floats) -> NDArray[np.bool_]:
    """Which pairs one question could clear up: nothing speaks against them, and they may well serve."""
    return unbroken(features) & (WEIGHTS.chance(features) >= ASKED)
