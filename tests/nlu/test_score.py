"""Counting what was read against what was meant."""

from hypothesis import given
from hypothesis import strategies as st

from nlu.score import score


def test_everything_right() -> None:
    gold = {"product": ["na", "hồng"], "budget": {"min": None, "max": 3e8}, "org_size": {"employees": 5}}
    same = {"product": ["hồng", "na"], "budget": {"max": 300000000, "min": None}, "org_size": {"employees": 5}}
    found = score([(gold, same)])
    assert (found.f1, found.exact, found.messages) == (1.0, 1, 1)
    assert found.total.hit == 4


def test_misses_with_inventions_are_told_by_slot() -> None:
    found = score([({"product": ["na", "hồng"], "phone": "+84912345678"}, {"product": "na", "process": "sấy"})])
    shown = found.as_json()
    assert shown["slots"]["product"] == {"hit": 1, "missed": 1, "invented": 0, "f1": 0.6667}
    assert shown["slots"]["phone"]["missed"] == 1
    assert shown["slots"]["process"]["invented"] == 1
    assert (shown["precision"], shown["recall"], shown["exact"]) == (0.5, 0.3333, 0)


def test_units_of_one_kind_are_equal() -> None:
    def alike(left: dict[str, object], right: dict[str, object]) -> bool:
        return score([({"capacity": left}, {"capacity": right})]).f1 == 1.0

    assert alike({"value": 5, "unit": "tạ", "per": "mẻ"}, {"value": 0.5, "unit": "tấn", "per": "mẻ"})
    assert alike({"value": 2, "unit": "m3", "per": None}, {"min": 2000, "max": 2000, "unit": "lít", "per": None})
    assert not alike({"value": 5, "unit": "tạ", "per": "mẻ"}, {"value": 5, "unit": "tạ", "per": "ngày"})
    assert not alike({"value": 1, "unit": "ha", "per": None}, {"value": 10000, "unit": "m2", "per": None})


def test_nothing_is_everything() -> None:
    assert score([]).f1 == 1.0
    assert score([({}, {})]).exact == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["product", "budget", "location", "negated", "phone"]), VALUES))
def test_the_same_is_always_right(entities: dict[str, object]) -> None:
    assert score([(entities, entities)]).f1 == 1.0
