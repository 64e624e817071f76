"""The parts of understanding, each on its own: algebra, names, words, features, files, figures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlu import triangle, weights
from nlu.aliases import Aliases
from nlu.calibrate import chance, class_left_out, fit_logistic, left_out, signals, sureness
from nlu.evaluate import Case, Cases, broken, calibration_error, judge, read_cases, rejection
from nlu.features import features
from nlu.normalise import Normaliser
from nlu.reading import Reader, Seen
from nlu.train import RIDGE, evened, gram, read_postings, train
from nlu.understanding import Guess, Understanding

ABOUT: dict[str, Any] = {
    "digest": "x" * 24,
    "teencode": {"words": {"ko": "không", "nđ": "nghị định", "htx": "hợp tác xã"}, "phrases": {"a/c": "anh chị"}},
    "vocabulary": ["hỗ", "trợ", "mua", "máy", "sấy", "natif", "khuyến", "công", "nghị", "định"],
    "concepts": {"buy": "mua|sắm máy", "machine": "máy"},
    "programmes": [
        ["natif", ["NATIF", "quỹ đổi mới công nghệ"], "77/2026/NĐ-CP"],
        ["nd-268", ["NĐ 268/2025"], "268/2025/NĐ-CP"],
        ["voucher", ["voucher natif"], "268/2025/NĐ-CP"],
        ["farm", ["khuyến nông"], "268/2026/NĐ-CP"],
        ["p118", ["chương trình 118"], "118/QĐ-TTg"],
        ["p1322", ["CT 1322"], "1322/QĐ-TTg"],
    ],
    "glossary": [["term-ocop", ["OCOP"]]],
    "related": {"natif": ["faq-1"]},
}


@pytest.mark.parametrize("size", [1, 3, 130, 700, 1200])
def test_factor_solves_and_its_tail_is_a_corner_of_the_inverse(size: int) -> None:
    chance = np.random.default_rng(size)
    rows = chance.normal(size=(size, 30)).astype(np.float32)
    matrix = rows @ rows.T + 30 * np.eye(size, dtype=np.float32)
    factor = triangle.Factor(matrix.copy())
    right = chance.normal(size=(size, 4)).astype(np.float32)
    assert np.allclose(factor.solve(right), np.linalg.solve(matrix, right), atol=1e-4)
    for start in {0, size // 3, size - 1}:
        root = factor.tail(start)
        assert np.allclose(root.T @ root, np.linalg.inv(matrix)[start:, start:], atol=1e-4)
        assert np.allclose(triangle.diagonal(root), np.diag(np.linalg.inv(matrix))[start:], atol=1e-4)
        assert (np.triu(root, 1) == 0).all()


def test_gram_is_the_product_of_features() -> None:
    seen = [Seen(tuple(text.split())) for text in ("mua may say", "mua may", "xin ho tro", "ho tro mua may say hoi")]
    _, postings = read_postings(seen)
    kernel = gram(len(seen), postings)
    kept = {name for name, _ in zip(*read_postings(seen), strict=True)}
    for left in range(len(seen)):
        for right in range(left + 1):  # the lower triangle
            one, other = features(seen[left]), features(seen[right])
            alike = sum(value * other.get(name, 0.0) for name, value in one.items() if name in kept)
            assert kernel[left, right] == pytest.approx(alike, abs=1e-5)


def test_rows_left_out_score_as_if_never_seen() -> None:
    chance = np.random.default_rng(5)
    rows = chance.normal(size=(60, 12)).astype(np.float32)
    target = chance.normal(size=(60, 3)).astype(np.float32)
    kernel = rows @ rows.T
    factor = triangle.Factor((kernel + RIDGE * np.eye(60)).astype(np.float32))
    alpha, root = factor.solve(target), factor.tail(0)
    gone = np.array([4, 7, 9])
    kept = np.setdiff1d(np.arange(60), gone)
    again = np.linalg.solve(kernel[np.ix_(kept, kept)] + RIDGE * np.eye(57), target[kept])
    assert np.allclose(class_left_out(root, alpha, target, gone), kernel[np.ix_(gone, kept)] @ again, atol=1e-2)
    kept = np.setdiff1d(np.arange(60), [4])
    again = np.linalg.solve(kernel[np.ix_(kept, kept)] + RIDGE * np.eye(59), target[kept])
    assert np.allclose(left_out(root, alpha, target)[4], kernel[4, kept] @ again, atol=1e-2)


def test_logistic_finds_the_odds() -> None:
    chance = np.random.default_rng(1)
    given = np.stack([np.ones(4000), chance.normal(size=4000)], axis=1)
    right = chance.random(4000) < 1 / (1 + np.exp(-(0.5 + 2 * given[:, 1])))
    found = fit_logistic(given, right, np.ones(4000))
    assert found == pytest.approx((0.5, 2.0), abs=0.2)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("nđ 268/2025 nói gì", ("nd-268",)),
        ("nghị định 268 năm 2025", ("nd-268",)),
        ("nd268 2026", ("farm",)),
        ("quyết định số 118", ("p118",)),
        ("qd118", ("p118",)),
        ("chương trình một ba hai hai", ("p1322",)),
        ("NATIF còn mở không", ("natif",)),
        ("natiff con mo khong", ("natif",)),
        ("voucher natif", ("voucher",)),
        ("khuyen nông có gì mới", ("farm",)),
        ("77/2026/NĐ-CP là văn bản nào", ("natif",)),
        ("theo 268/2025/nd", ("nd-268",)),
        ("nghị định bảy bảy năm 2026", ("natif",)),
    ],
)
def test_names_and_numbers_of_programmes(text: str, ids: tuple[str, ...]) -> None:
    assert Reader(ABOUT)(text).programmes[0].ids == ids


@pytest.mark.parametrize("text", ["tôi cần 268 triệu", "268", "ngày 20/11", "nhà có 118 con lợn"])
def test_bare_numbers_name_nothing(text: str) -> None:
    assert Reader(ABOUT)(text).programmes == ()


def test_an_unnamed_number_is_ambiguous() -> None:
    found = Aliases([("a", ["x y"], "80/2021/NĐ-CP"), ("b", ["z w"], "80/2021/NĐ-CP")], str.split)
    assert found.find("nghi dinh 80 quy dinh gi".split())[0].ids == ("a", "b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A/C oi, ko mua", "anh chi oi khong mua"),
        ("hoox trowj maý", "ho tro may"),
        ("Nđ 268/2025", "nghi dinh 268 2025"),
        ("hôôôỗ", "ho"),
        ("", ""),
    ],
)
def test_words_as_the_model_sees_them(text: str, words: str) -> None:
    assert " ".join(Normaliser(ABOUT["teencode"], ABOUT["vocabulary"])(text)) == words


def test_features_have_length_one_and_hide_numbers_but_keep_them() -> None:
    found = features(Reader(ABOUT)("nghị định 268/2025 mua máy"))
    assert sum(value * value for value in found.values()) == pytest.approx(1.0)
    assert {"w268", "w000", "ndinh 268", "pnd-268", "p", "kbuy", "kmachine", "Kbuy machine"} <= found.keys()
    assert features(Seen(())) == {}


def test_marks_are_seen_only_where_they_are_typed() -> None:
    read = Reader(ABOUT)
    marked, other, bare = (
        features(read("lương hỗ trợ")),
        features(read("lượng hỗ trợ")),
        features(read("luong ho tro ko")),
    )
    assert {"Wlương", "Whỗ", "wluong"} <= marked.keys()
    assert {name for name in marked if name[0] == "W"} ^ {name for name in other if name[0] == "W"} == {
        "Wlương",
        "Wlượng",
    }
    assert not [name for name in bare if name[0] == "W"]


def test_manner_edges_and_length_are_seen() -> None:
    read = Reader(ABOUT)
    asked, told = features(read("mua máy được không")), features(read("cần mua máy"))
    assert {"m?", "m? buy", "^mua", "^mua may", "$khong", "$duoc khong", "l1"} <= asked.keys()
    assert {"m.", "m. machine", "^can", "$may", "l0"} <= told.keys()


def test_classes_that_are_taught_often_give_way() -> None:
    offsets = evened(np.array([0] * 80 + [1] * 20 + [2] * 20 + [3] * 5), 5)
    assert offsets[0] < offsets[1] == offsets[2] == 0 < offsets[3] < offsets[4]


def test_one_message_is_as_sure_as_a_matrix_says() -> None:
    calibration = (-1.2, 0.7, 2.0, 1.1, 3.0)
    for best, lead, known in ((1.4, 0.9, 1.0), (-0.3, 0.05, 0.2), (0.4, 0.4, 0.7)):
        given = signals(np.array([[best, best - lead, best - lead - 1]]), [known])
        assert sureness(best, lead, known, calibration) == pytest.approx(float(chance(given, calibration)[0]))


def small() -> weights.Weights:
    read = Reader(ABOUT)
    rows = [
        (read(text), label)
        for text, label in (("mua máy sấy", "a"), ("mua máy", "a"), ("xin hỗ trợ", "b"), ("hỗ trợ", "b"), ("chào", "c"))
    ]
    return train(rows, ABOUT)


def test_file_is_safe_and_the_same(tmp_path: Path) -> None:
    made = small()
    weights.write(tmp_path / "m.npz", made)
    read = weights.read(tmp_path / "m.npz")
    assert read is not None
    assert weights.fingerprint(read) == weights.fingerprint(made) == weights.fingerprint(small())
    for damage in (b"", b"no archive", (tmp_path / "m.npz").read_bytes()[:200]):
        (tmp_path / "bad.npz").write_bytes(damage)
        assert weights.read(tmp_path / "bad.npz") is None
    np.savez(
        tmp_path / "pickled.npz", head=np.array([{"evil": 1}], dtype=object), codes=np.zeros(1), scales=np.zeros(1)
    )
    assert weights.read(tmp_path / "pickled.npz") is None
    assert weights.read(tmp_path / "missing.npz") is None


def said(act: str, confidence: float, answer: str | None = None, sure: bool = False, *others: Guess) -> Understanding:
    return Understanding("x", act, confidence, sure, answer, alternatives=others)


def test_figures_of_a_known_exam() -> None:
    cases = Cases(
        (
            Case("1", "answer:a", "clean"),
            Case("2", "greet", "bare"),
            Case("3", "answer:b", "typo"),
            Case("4", "out_of_scope", "clean"),
        ),
        {"answer:b": frozenset(("answer:b", "answer:c"))},
    )
    read = [
        said("ask_policy", 0.9, "a", True),
        said("thank", 0.8, None, True, Guess("greet", 0.1)),
        said("ask_policy", 0.7, "c"),
        said("out_of_scope", 0.9),
    ]
    figures = judge(cases, read)
    assert figures["accuracy"] == 0.75
    assert figures["among_five"] == 1.0
    assert figures["sure"] == {"share": 0.5, "precision": 0.5, "wrong": 0.25, "cost": (10 + 2) / 4}
    assert figures["out_of_scope"]["auroc"] == 1.0
    assert figures["confusions"] == [{"meant": "greet", "read": "thank", "times": 1}]
    assert broken(figures, {"accuracy": 0.8, "sure": {"wrong_most": 0.1}, "unheard": 1}) == [
        "accuracy: 0.7500 below 0.8",
        "sure.wrong_most: 0.2500 above 0.1",
        "unheard: not measured",
    ]
    assert broken(figures, {"accuracy": 0.75, "sure": {"wrong_most": 0.3}}) == []


def test_calibration_error_of_known_bins() -> None:
    assert calibration_error(np.array([0.95, 0.95, 0.15, 0.15]), np.array([1, 1, 0, 0])) == pytest.approx(0.1)
    assert calibration_error(np.array([]), np.array([])) == 0.0


def test_rejection_is_a_matter_of_order() -> None:
    ours, strange = Case("1", "greet", "clean"), Case("2", "out_of_scope", "clean")
    good = rejection([(ours, said("greet", 0.9)), (strange, said("out_of_scope", 0.9))])
    bad = rejection([(ours, said("out_of_scope", 0.9)), (strange, said("greet", 0.9))])
    assert (good["auroc"], bad["auroc"]) == (1.0, 0.0)


def test_cases_are_read_in_both_shapes(tmp_path: Path) -> None:
    (tmp_path / "acts").mkdir()
    (tmp_path / "acts" / "greet.yaml").write_text("- chào em\n", encoding="utf-8")
    (tmp_path / "acts" / "thank.yaml").write_text("bare: [cam on]\ntypo: [camr ơn]\n", encoding="utf-8")
    (tmp_path / "equal.yaml").write_text("- [greet, thank]\n", encoding="utf-8")
    cases = read_cases(tmp_path)
    assert [(case.label, case.style) for case in cases.rows] == [
        ("greet", "clean"),
        ("thank", "bare"),
        ("thank", "typo"),
    ]
    assert cases.right(said("thank", 1.0), "greet")
