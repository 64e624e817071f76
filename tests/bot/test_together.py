"""Batches: in order, each caller told of its own item."""

import asyncio

import pytest

from bot.together import Together

pytestmark = pytest.mark.asyncio


async def test_what_comes_meanwhile_goes_together_in_order() -> None:
    batches: list[list[int]] = []

    async def act(items: list[int]) -> None:
        batches.append(items)
        await asyncio.sleep(0.01)

    together = Together(act)
    await asyncio.gather(*(together.add(number) for number in range(5)))
    await together.add(5)
    assert batches == [[0, 1, 2, 3, 4], [5]] or batches == [[0], [1, 2, 3, 4], [5]]


async def test_one_bad_item_harms_nobody_else() -> None:
    done: list[int] = []

    async def act(items: list[int]) -> None:
        if 2 in items:
            raise ValueError("two")
        done.extend(items)

    together = Together(act)
    told = await asyncio.gather(*(together.add(number) for number in range(4)), return_exceptions=True)
    assert [type(item) for item in told] == [type(None), type(None), ValueError, type(None)]
    assert sorted(done) == [0, 1, 3]


async def test_when_nothing_works_few_tries_are_made() -> None:
    tries = 0

    async def act(items: list[int]) -> None:
        nonlocal tries
        tries += 1
        raise OSError("away")

    together = Together(act)
    told = await asyncio.gather(*(together.add(number) for number in range(50)), return_exceptions=True)
    assert all(isinstance(item, OSError) for item in told)
    assert tries <= 4


async def test_a_caller_may_give_up() -> None:
    done: list[int] = []

    async def act(items: list[int]) -> None:
        await asyncio.sleep(0.05)
        done.extend(items)

    together = Together(act)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(together.add(1), 0.01)
    await together.add(2)
    assert done == [1, 2]


async def test_when_the_work_is_cancelled_nobody_waits_for_ever() -> None:
    begun = asyncio.Event()

    async def act(items: list[int]) -> None:
        begun.set()
        await asyncio.Event().wait()

    together = Together(act)
    callers = [asyncio.ensure_future(together.add(1))]
    await begun.wait()
    callers.append(asyncio.ensure_future(together.add(2)))  # of the next batch
    await asyncio.sleep(0)
    assert together._working is not None
    together._working.cancel()
    told = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 5)
    assert all(isinstance(item, asyncio.CancelledError) for item in told)
