"""How well the judged needs are served must not fall: floors somewhat below what was measured (docs/performance-matching.md)."""

import pytest

from bench.matching.judged import FORM, read_set
from bench.matching.measures import Decisions, Ranking
from bench.matching.quality import ours

# set, how it is written: nDCG@5, precision of what is shown, precision and recall of "none yet", good needs silenced
FLOORS = {
    ("first", "plain"): (0.970, 0.90, 0.97, 0.90, 0),
    ("shipped", "stripped"): (0.970, 0.93, 0.97, 0.90, 1),
    ("other", "plain"): (0.985, 0.97, 0.97, 0.90, 0),
    ("fresh", "plain"): (0.93, 0.90, 0.90, 0.90, 2),
    ("mixed", "plain"): (0.93, 0.90, 0.75, 0.75, 6),
    ("asked", FORM): (0.975, 0.93, 0.95, 0.80, 1),
    ("told", FORM): (0.97, 0.95, 0.90, 0.90, 2),
    ("mixed", FORM): (0.975, 0.95, 0.95, 0.90, 1),
    ("short", FORM): (0.96, 0.93, 0.90, 0.85, 2),
    ("east", FORM): (0.96, 0.90, 0.95, 0.90, 1),
    ("survey", FORM): (0.965, 0.95, 0.95, 0.90, 1),
    ("chat", "plain"): (0.93, 0.78, 0.85, 0.90, 4),
    ("village", "stripped"): (0.965, 0.85, 0.75, 0.80, 6),
    ("phones", FORM): (0.96, 0.94, 0.95, 0.95, 1),
    ("makers", FORM): (0.98, 0.90, 0.90, 0.80, 2),
}


@pytest.mark.parametrize(("name", "variant"), list(FLOORS))
def test_floor(name: str, variant: str) -> None:
    judged = read_set(name, variant)
    matcher = ours(judged.offers)
    ranking, decisions = Ranking(), Decisions()
    for need in judged.needs:
        found = matcher.search(need.wanted, 50)
        ranking.add(need, [match.offer for match in found.matches][:10])
        decisions.add(need, found)
    ndcg, precision, none_precision, none_recall, silenced = FLOORS[name, variant]
    assert ranking.ndcg >= ndcg
    assert decisions.precision >= precision
    assert decisions.none_precision >= none_precision
    assert decisions.none_recall >= none_recall
    assert decisions.silenced <= silenced
