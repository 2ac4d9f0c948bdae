"""Many jobs at once, and one job from many threads."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import imageflow

from conftest import drawing


def test_32_concurrent_jobs(pictures: "dict[str, bytes]") -> None:
    sources = list(pictures.values()) * 8
    expected = [imageflow.open(data).constrain(20 + at).jpeg().to_bytes() for at, data in enumerate(sources)]
    with ThreadPoolExecutor(32) as pool:
        for _ in range(4):
            jobs = [
                pool.submit(lambda at=at, data=data: imageflow.open(data).constrain(20 + at).jpeg().to_bytes())
                for at, data in enumerate(sources)
            ]
            assert [job.result() for job in jobs] == expected


async def test_32_concurrent_tasks(png: bytes) -> None:
    tasks = [imageflow.open(png).constrain(20 + at).png().to_output_async() for at in range(32)]
    assert [output.width for output in await asyncio.gather(*tasks)] == list(range(20, 52))


def test_one_job_runs_on_many_threads() -> None:
    pending = drawing().png()
    expected = pending.to_bytes()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: pending.to_bytes(), range(64))) == [expected] * 64


def test_the_interpreter_runs_during_a_job() -> None:
    """The engine is called without the GIL: Python goes on meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(drawing(3000, 3000).distort(2900, 2900).png().to_bytes)
        steps = 0
        while not job.done():
            steps += 1
        assert job.result()
    assert steps > 10_000
