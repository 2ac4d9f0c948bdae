#!/usr/bin/env python3
"""What `explain` says a job will hold, beside what it held.

    cargo build --release -p imageflow-tool
    python3 bench/estimates.py [--tool PATH] [PHOTO]

Sources of every format are made of PHOTO (a large JPEG; without one, of a picture drawn here with Pillow). Each job runs as a
process under GNU time. Measured is its peak resident memory less that of the same job on a picture of 16x16 pixels, so that code and
tables are not counted. An estimate should not be below what was measured and not above twice of it; differences below
SLACK are noise of the allocator."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

MIB = 1 << 20
SLACK = 2 * MIB

SOURCES = [  # name, size, command that makes it
    ("jpg", 4000, "format=jpg&jpeg.progressive=false&quality=85"),
    ("prog", 3000, "format=jpg&jpeg.progressive=true&quality=85"),
    ("png", 2400, "format=png"),
    ("gif", 900, "format=gif"),
    ("webp", 2400, "format=webp&quality=80"),
    ("webpll", 1600, "format=webp&webp.lossless=true"),
    ("avif", 1600, "format=avif&quality=60"),
    ("jxl", 1600, "format=jxl&lossless=true"),
]
COMMANDS = [
    "w=400&format=jpg",
    "w=1200&format=webp",
    "w=1600&format=png",
    "w=600&format=avif",
    "w=800&h=800&mode=crop&format=png&png.quality=70",
    "w=500&format=gif",
    "w=1000&srotate=90&format=jpg&jpeg.progressive=true",
    "w=1400&format=webp&webp.lossless=true",
]


def peak(argv):
    """Peak resident bytes of a process, which must succeed. GNU time starts it: a child of this one would count our pages."""
    result = subprocess.run(["/usr/bin/time", "-f", "%M", *argv], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(argv)}: {result.stderr}")
    return int(result.stderr.split()[-1]) * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", nargs="?")
    parser.add_argument("--tool", default="target/release/imageflow_tool")
    options = parser.parse_args()
    tool, folder = os.path.abspath(options.tool), tempfile.mkdtemp(prefix="estimates-")
    photo = options.photo or draw(os.path.join(folder, "photo.jpg"))
    run = lambda *argv: subprocess.run([tool, *argv], check=True, capture_output=True).stdout
    rows = []
    for name, width, command in SOURCES:
        extension = {"prog": "jpg", "webpll": "webp"}.get(name, name)
        paths = [os.path.join(folder, f"{name}-{size}.{extension}") for size in (width, 16)]
        run("convert", photo, paths[0], "-c", f"w={width}&scale=both&{command}", "--quiet")
        run("convert", photo, paths[1], "-c", f"w=16&h=16&mode=stretch&{command}", "--quiet")
        for command in COMMANDS:
            output = os.path.join(folder, "out." + command.split("format=")[1].split("&")[0])
            small = "&".join("w=8" if part.startswith("w=") else "h=8" if part.startswith("h=") else part for part in command.split("&"))
            convert = lambda path, command: peak([tool, "convert", path, output, "-c", command, "--quiet", "--threads", "1"])
            measured = min(convert(paths[0], command) for _ in range(2)) - max(convert(paths[1], small) for _ in range(2))
            plan = json.loads(run("explain", paths[0], "-c", command, "--as", "json", "--threads", "1"))
            rows.append((name, command, plan.get("data", plan)["peak_bytes"], max(measured, 0)))
    low = high = 0
    print(f"{'source':8} {'command':52} {'said':>7} {'used':>7} MiB")
    for name, command, said, used in rows:
        verdict = "LOW" if said + SLACK < used else "HIGH" if said > 2 * used + SLACK else ""
        low, high = low + (verdict == "LOW"), high + (verdict == "HIGH")
        print(f"{name:8} {command:52} {said / MIB:7.1f} {used / MIB:7.1f}  {verdict}")
    print(f"{len(rows)} jobs: {low} below what was measured, {high} above twice of it")
    return 1 if low or high else 0


def draw(path):
    """A picture with detail everywhere, like a photograph's."""
    import numpy as np
    from PIL import Image

    y, x = np.mgrid[0:3000, 0:4000]
    noise = np.random.default_rng(7).normal(0, 9, (3000, 4000, 1))
    waves = [128 + 60 * np.sin(x / f) + 50 * np.cos(y / g) for f, g in ((31, 77), (53, 41), (97, 23))]
    Image.fromarray(np.clip(np.stack(waves, -1) + noise, 0, 255).astype(np.uint8)).save(path, quality=92)
    return path


if __name__ == "__main__":
    sys.exit(main())
