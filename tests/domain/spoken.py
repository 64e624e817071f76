"""Says whole numbers in Vietnamese words, the other way round from domain/numbers.py; only tests need it."""

from random import Random

NAMES = "không một hai ba bốn năm sáu bảy tám chín".split()


def spoken(number: int, choose: Random) -> str:
    """A number from 1 to 999,999,999,999 as people say it, with their free choices (linh or lẻ, nghìn or ngàn, tư)."""
    if not 0 < number < 10**12:
        raise ValueError(number)
    groups = [number // 10**power % 1000 for power in (9, 6, 3, 0)]
    scales = [choose.choice(("tỷ", "tỉ")), "triệu", choose.choice(("nghìn", "ngàn")), ""]
    said: list[str] = []
    for place, (group, scale) in enumerate(zip(groups, scales, strict=True)):
        if group:
            said += [*_group(group, bool(said), choose), scale]
        elif said and any(groups[place + 1 :]) and place < 3:  # a silent group would move the next one up
            said += ["không", "trăm", scale] if choose.random() < 0.5 else ["không", scale]
    return " ".join(word for word in said if word)


def _group(group: int, follows: bool, choose: Random) -> list[str]:
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    said: list[str] = []
    if hundreds or follows:
        said += [NAMES[hundreds], "trăm"]
    if tens == 1:
        said.append("mười")
    elif tens:
        said += [NAMES[tens], "mươi"]
    elif ones and said:
        said.append(choose.choice(("linh", "lẻ")))
    if ones:
        said.append(_ones(ones, tens, choose))
    return said


def _ones(ones: int, tens: int, choose: Random) -> str:
    if ones == 1 and tens > 1:
        return "mốt"
    if ones == 5 and tens:
        return "lăm"
    if ones == 4 and tens > 1:
        return choose.choice(("bốn", "tư"))
    if ones == 7:
        return choose.choice(("bảy", "bẩy"))
    return NAMES[ones]
