"""What the package adds to a job: 64×64 PNG to PNG, in Python and in C, in turns.

    python bench/overhead.py [jobs per round]

Needs cc and the package installed. Prints the median of each, and the difference.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import imageflow

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ROUNDS = 5


def job(png: bytes) -> bytes:
    return imageflow.open(png).png().to_bytes()


def median_microseconds(png: bytes, jobs: int) -> float:
    times = []
    for _ in range(jobs):
        start = time.perf_counter()
        job(png)
        times.append((time.perf_counter() - start) * 1e6)
    return statistics.median(times)


async def median_microseconds_async(png: bytes, jobs: int) -> float:
    times = []
    for _ in range(jobs):
        start = time.perf_counter()
        await imageflow.open(png).png().to_bytes_async()
        times.append((time.perf_counter() - start) * 1e6)
    return statistics.median(times)


def main() -> None:
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    picture = imageflow.Job().canvas(64, 64, "88aacc").fill_rect(8, 8, 40, 40, "cc3300").png().to_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path, program = Path(folder) / "in.png", Path(folder) / "raw_jobs"
        path.write_bytes(picture)
        library = imageflow.version().library_path
        source = CHECKOUT / "tests" / "bindings" / "raw_jobs.c"
        include = f"-I{CHECKOUT / 'include'}"
        subprocess.run(["cc", "-O2", source, "-o", program, include, library], check=True)
        raw, ours, awaited = [], [], []
        for _ in range(ROUNDS):
            done = subprocess.run([program, path, str(jobs)], check=True, capture_output=True, text=True)
            raw.append(float(done.stdout))
            ours.append(median_microseconds(picture, jobs))
            awaited.append(asyncio.run(median_microseconds_async(picture, jobs)))
    c, python, awaiting = min(raw), min(ours), min(awaited)
    print(f"64×64 PNG to PNG, best of {ROUNDS} medians of {jobs} jobs")
    print(f"C               {c:7.1f} µs")
    print(f"to_bytes        {python:7.1f} µs: {python - c:.1f} µs more")
    print(f"to_bytes_async  {awaiting:7.1f} µs: {awaiting - c:.1f} µs more")


if __name__ == "__main__":
    main()
