"""Cancelling and time limits give Python's own errors at once, and stop the engine."""

from __future__ import annotations

import asyncio
import builtins
import threading
import time
from typing import Callable

import imageflow
import pytest

from conftest import drawing, slow

# A machine that tests run on does other things, too: the best of three tells what the package does.
TRIES = 3
LIMIT = 0.1


def best(measure: "Callable[[], float]") -> float:
    return min(measure() for _ in range(TRIES))


def test_cancel_from_another_thread() -> None:
    def measure() -> float:
        job = slow()
        pending = job.png()
        raised: "list[tuple[float, BaseException]]" = []

        def work() -> None:
            try:
                pending.to_bytes()
            except BaseException as error:
                raised.append((time.perf_counter(), error))

        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(0.2)
        asked = time.perf_counter()
        job.cancel()
        thread.join()
        ((at, error),) = raised
        assert type(error) is imageflow.Cancelled
        assert (error.code, error.http_status) == (21, 499)
        return at - asked

    assert best(measure) < LIMIT


def test_task_cancel() -> None:
    async def measure() -> float:
        task = asyncio.create_task(slow().png().to_bytes_async())
        await asyncio.sleep(0.2)
        asked = time.perf_counter()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.perf_counter() - asked

    # run() waits for the executor's thread: the engine has stopped, too, or this takes seconds.
    def measured() -> float:
        start = time.perf_counter()
        latency = asyncio.run(measure())
        return max(latency, time.perf_counter() - start - 0.2)

    assert best(measured) < LIMIT * 2
    assert best(lambda: asyncio.run(measure())) < LIMIT


def test_asyncio_timeout() -> None:
    async def work() -> None:
        with pytest.raises((asyncio.TimeoutError, builtins.TimeoutError)):
            await asyncio.wait_for(slow().png().to_bytes_async(), 0.1)

    asyncio.run(work())


def test_timeout() -> None:
    def measure() -> float:
        start = time.perf_counter()
        with pytest.raises(imageflow.TimeoutError) as caught:
            slow().png().to_bytes(timeout=0.2)
        assert isinstance(caught.value, builtins.TimeoutError)
        assert caught.value.code == 21
        assert "longer than 0.2 s" in str(caught.value)
        return time.perf_counter() - start - 0.2

    assert best(measure) < LIMIT


def test_timeout_that_is_not_reached() -> None:
    assert imageflow.info(drawing().png().to_bytes(timeout=30)).width == 64
    # Its timer is gone: no thread of it is left.
    deadline = time.monotonic() + 2
    while threading.active_count() > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_a_cancelled_job_can_run_again() -> None:
    job = drawing()
    job.cancel()
    assert job.png().to_bytes()


def test_cancel_before_the_context_exists() -> None:
    from imageflow._run import Run

    run = Run()
    run.cancel()
    with pytest.raises(imageflow.Cancelled):
        run.execute("v1/get_version_info", {}, {})


async def test_the_loop_stays_live() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticker = asyncio.create_task(tick())
    await drawing(3000, 3000).distort(2900, 2900).png().to_bytes_async()
    ticker.cancel()
    assert ticks >= 5
