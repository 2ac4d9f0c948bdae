"""Nothing is copied on the way in, nothing is kept on the way out."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import imageflow
import pytest

from conftest import SHARED_TESTS, drawing


def rss() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def slope(values: "list[int]") -> float:
    """Least-squares growth per step."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    steps = range(len(values))
    return sum((x - middle) * (y - mean) for x, y in zip(steps, values)) / sum((x - middle) ** 2 for x in steps)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_ten_thousand_jobs_in_flat_memory(png: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    job_count, every = 10_000, 100
    samples = []
    start = time.perf_counter()
    threshold = gc.get_threshold()
    # GC stress: a collection of the youngest generation every few allocations, a full one at each sample.
    gc.set_threshold(10, 2, 2)
    try:
        for count in range(job_count):
            if count % 10 == 0:
                # Failing jobs and jobs that are dropped half way clean up, too.
                with pytest.raises(imageflow.ImageMalformed):
                    imageflow.info(b"nothing")
                imageflow.open(png).png()
            kept = imageflow.open(png).constrain(16, 16).png().to_buffer()
            if count % every == 0:
                gc.collect()
                samples.append(rss())
    finally:
        gc.set_threshold(*threshold)
    assert kept.nbytes > 0
    warm = samples[len(samples) // 5 :]
    per_job = slope(warm) / every
    with capsys.disabled():
        print(
            f"\n{job_count} jobs in {time.perf_counter() - start:.1f} s: {rss() / 2**20:.1f} MiB resident,"
            f" growing by {per_job:.1f} bytes a job"
        )
    # Leaking the smallest part of a job, a context or an output, takes ten times as much.
    assert per_job < 100
    assert warm[-1] - warm[0] < 2 * 2**20


def test_outputs_are_freed(png: bytes) -> None:
    """Large outputs that nobody refers to any more do not pile up."""
    before = rss()
    for _ in range(60):
        # 3 MB each, uncompressed.
        imageflow.open(png).distort(1000, 1000).encode(imageflow.presets.LibPng(zlib_compression=0)).to_buffer()
    assert rss() - before < 60 * 2**20


def test_an_output_outlives_its_job(png: bytes) -> None:
    view = imageflow.open(png).png().to_buffer()
    gc.collect()
    assert view.readonly
    tail = view[-8:]
    del view
    gc.collect()
    assert bytes(tail[:4]) == b"IEND"
    assert imageflow.info(png).width == 64


def test_mutable_inputs_are_released(png: bytes) -> None:
    data = bytearray(png)
    job = imageflow.open(data)
    assert job.png().to_bytes()
    data.append(0)  # Raises BufferError while the memory is exported.
    assert imageflow.info(memoryview(data)[:-1]).width == 64


COUNTED = """
    import ctypes, gc, sys
    import imageflow

    counting = ctypes.CDLL(sys.argv[1])
    counting.counted_last_input.restype = ctypes.c_void_p

    def address(data):
        # Where a writable buffer, or the content of bytes, lies.
        if isinstance(data, bytearray):
            return ctypes.addressof(ctypes.c_char.from_buffer(data))
        return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value

    png = open(sys.argv[2], "rb").read()
    for data in (png, bytearray(png)):
        imageflow.open(data).png().to_bytes()
        assert counting.counted_last_input() == address(data)
    assert imageflow.info(memoryview(png)[0:]).width == 64
    assert counting.counted_last_input() == address(png)
    imageflow.open(sys.argv[2]).png().to_buffer()
    gc.collect()
    print(counting.counted_borrowed_inputs(), counting.counted_copied_inputs(), counting.counted_freed_outputs())
"""


def test_inputs_are_not_copied(png: bytes, tmp_path: Path) -> None:
    library = imageflow.version().library_path
    counting = tmp_path / "libcounting.so"
    source = SHARED_TESTS / "counting_library.c"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-Wall", "-Werror", source, "-o", counting, "-Wl,--no-as-needed", library], check=True
    )
    picture = tmp_path / "in.png"
    picture.write_bytes(png)
    script = [sys.executable, "-c", textwrap.dedent(COUNTED), counting, picture]
    done = subprocess.run(
        script, env={**os.environ, "IMAGEFLOW_LIBRARY_PATH": str(counting)}, capture_output=True, text=True
    )
    assert done.stdout.split() == ["4", "0", "3"], done.stderr


def test_gaps_in_memory_are_copied(png: bytes) -> None:
    doubled: Any = bytes(byte for byte in png for _ in range(2))
    assert imageflow.info(memoryview(doubled)[::2]).width == 64


def test_the_sampled_memory_is_ours() -> None:
    """The measure itself works: 20 MB more are seen as such."""
    before = rss()
    block = ctypes.create_string_buffer(20_000_000)
    ctypes.memset(block, 1, 20_000_000)
    assert rss() - before > 15_000_000
    assert drawing().png().to_bytes()
