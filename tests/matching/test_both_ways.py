"""The index of needs leaves nothing out: for every need, an offer tells of it exactly if a search among that offer alone shows it."""

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from bench.matching.crowd import Crowd
from bench.matching.judged import read_set
from domain.offer import Offer
from domain.text import fold
from knowledge.library import load
from matching.engine import Matcher
from matching.wanted import Match, Wanted

ODD_NEEDS = (
    Wanted("em cần máy"),
    Wanted("xưởng cần máy quấn lõi nam châm cho mô tơ", (), ("quấn lõi",)),
    Wanted("cần máy sấy lõi nam châm", (), ("sấy",)),
    Wanted("cần máy quấn cho xưởng điện", ("mô tơ",), ("quấn",)),
    Wanted("tìm chỗ bán gioăng", (), ()),
    Wanted("tim cho ban gioang", (), ()),
    Wanted("cần máy cắt gioăng cao su cho xưởng", (), ()),
    Wanted("nhà em có hoa hồi tươi, muốn làm khô", ("hoa hồi",)),
    Wanted("cần phần mềm quản lý kho", ("chè",), ("phần mềm quản lý",)),
    Wanted("sấy hoa hồi, không chưng cất", ("hoa hồi",), ("sấy",), excluded=("chưng cất",)),
    Wanted("sấy hoa quả, không sấy na", ("hoa quả",), ("sấy",), excluded=("na",)),
    Wanted("chưng cất hoa hồi", ("hoa hồi",), ("chưng cất",)),
    Wanted(
        "sấy bã hồi, vỏ quế, gỗ keo, na, măng, chè", ("bã hồi", "quế", "gỗ keo", "na", "măng", "chè"), ("sấy", "băm")
    ),
)
ODD_OFFERS = (
    Offer("Z1", "Máy quấn lõi nam châm", products=("lõi nam châm",), processes=("quấn lõi",)),
    Offer("Z2", "Máy cắt gioăng cao su", products=("gioăng", "cao su cho xưởng"), processes=("cắt",)),
    Offer("Z3", "Máy chế biến nông sản", products=("nông sản",), processes=("chế biến",)),
    Offer("Z4", "Phần mềm quản lý kho hàng", products=(), processes=("phần mềm quản lý",)),
    Offer(
        "Z5", "Nồi chưng cất tinh dầu hồi, sấy bã", products=("tinh dầu hồi", "bã hồi"), processes=("chưng cất", "sấy")
    ),
    Offer("Z6", "Máy", products=(), processes=()),
    Offer("Z7", "Máy sấy na", "Sấy được cả hoa quả khác, băm gỗ keo.", products=("na",), processes=("sấy",)),
)


def standing(every_nth: int) -> dict[int, Wanted]:
    """Needs of every kind: judged ones as written and stripped, invented ones, odd ones; some edited, some withdrawn."""
    every = [need.wanted for name in ("first", "shipped", "other", "fresh") for at, variant in enumerate(("plain", "both"))
             for need in read_set(name, variant).needs[at::2]]  # fmt: skip
    every = [replace(need, stated=at % 4 == 0) for at, need in enumerate(every)]
    every += [need for _, need in Crowd(load()).needs(100)]
    return dict(enumerate((*ODD_NEEDS, *every[::every_nth])))


def meant_for(offer: Offer) -> list[Wanted]:
    """Needs that an offer may serve: by both kinds of terms, by one, by words alone, by nearly all of them."""
    goods, steps = offer.products or ("chè",), offer.processes or ("sấy",)
    return [
        Wanted(offer.title),
        Wanted(f"{offer.title}, zoltan"),
        Wanted(fold(offer.title)),
        Wanted(offer.summary),
        Wanted(offer.title, ("gạch ngói",), ("nung",)),
        Wanted(f"{offer.title}, zoltan", ("gạch ngói",), ("nung",)),
        Wanted(offer.title, goods[-1:]),
        Wanted(offer.title, (), steps[-1:]),
        Wanted(f"cần {steps[0]}", (), steps[:1]),
        Wanted(f"{goods[0]}", goods[:1]),
        Wanted(f"{steps[0]} {offer.title.split()[-1]}", (), steps[:1]),
        Wanted(f"{steps[0]} {offer.title.split()[-1]}"),
        Wanted(f"cần {steps[0]} {goods[0]}", goods[:1], steps[:1]),
        Wanted(f"cần {steps[-1]} {goods[-1]}", ("chè", *goods), ("đóng gói", *steps), excluded=("sấy",)),
    ]


def offers() -> list[Offer]:
    """Offers of two catalogues with invented ones."""
    return [*read_set("first").offers, *read_set("other").offers, *Crowd(load(), seed=3).offers(60)]


def check(arriving: Iterable[Offer], every_nth: int) -> int:
    """Compares both directions for these offers; how many pairs are shown."""
    arriving = tuple(arriving)
    needs = dict(enumerate((*standing(every_nth).values(), *(need for offer in arriving for need in meant_for(offer)))))
    matcher: Matcher[int] = Matcher(load())
    for key, need in needs.items():
        if key % 3 == 0:  # edited since
            matcher.put_need(key, ODD_NEEDS[key % len(ODD_NEEDS)])
        matcher.put_need(key, need)
    for key in range(20, len(needs), 9):
        matcher.drop_need(key)
        del needs[key]
    shown = 0
    for offer in arriving:
        alone: Matcher[int] = Matcher(load())
        alone.put(offer)
        told: dict[int, Match] = dict(matcher.percolate(offer))
        served = dict(matcher.serves(offer))
        assert served.keys() == told.keys()
        for key, need in needs.items():
            found = next((match for match in alone.search(need, 1).matches if match.shown), None)
            assert told.pop(key, None) == found, (offer, need)
        assert not told
        shown += len(served)
    return shown


def test_a_few_offers() -> None:
    assert check((*ODD_OFFERS, *random.Random(4).sample(offers(), 7)), 3) > 60


@pytest.mark.long
def test_every_offer() -> None:
    every = offers()
    assert sum(check(every[at : at + 12], 3) for at in range(0, len(every), 12)) > 1000
