#!/usr/bin/env python3
"""PNG8 and GIF: how good pictures of 256 colours look for their size, beside pngquant. Prints a Markdown table.

    cargo build --release -p imageflow-tool -p imageflow-tests --bins --examples
    python3 bench/palettes.py [--tool NAME=imageflow_tool]... [PICTURE...]

Each --tool is a build with a name, such as imagequant=target-imagequant/release/imageflow_tool. PICTUREs are PNG files; the
default is a choice of graphics, screenshots and photos of the corpus in IMAGEFLOW_SHARED (or ../shared beside the checkout).

Every program makes one file at each of five qualities. The score is SSIMULACRA 2 against the picture itself
(tests/examples/score.rs). The figures compare at equal size: our score, interpolated at the bytes of pngquant's best file
(or at the nearest size we have), less pngquant's. GIF files are larger than PNG files of the same pixels, so for GIF the
figure is the score of the file alone, less the score of pngquant's best; it is left out where the picture has alpha, of
which GIF has one bit.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
CORPUS = Path(os.environ.get("IMAGEFLOW_SHARED", ROOT / "../shared")).resolve() / "corpus"
PICTURES = """graphics/alpha-paper-2048.png graphics/bird-rgba.png graphics/blackbug-2048.png graphics/device-screen-rgba.png
graphics/diagram-3840-rgb.png graphics/diagram-light-2320.png graphics/flag-alpha.png graphics/hippo-interlaced.png
graphics/kodak-13.png graphics/kodak-23.png graphics/robotcrush.png graphics/screen-2558x1348-rgba-icc.png
graphics/swiss.png""".split()
QUALITIES = (100, 90, 80, 65, 50)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout


def scored(reference, files):
    """(bytes, score) of each file, by size."""
    scores = run(TARGET / "examples/score", reference, *files).split()
    return sorted((file.stat().st_size, float(score)) for file, score in zip(files, scores))


def is_opaque(png):
    """Whether a PNG file that the engine wrote, of the smallest colour type, is opaque."""
    data = png.read_bytes()
    return data[25] in (0, 2) or (data[25] == 3 and b"tRNS" not in data)


def at(points, size):
    """The best score of files up to a size: linear between points, flat beyond the last, the smallest file's below."""
    below = [point for point in points if point[0] <= size]
    above = [point for point in points if point[0] > size]
    if not below:
        return points[0][1]
    best = max(score for _, score in below)
    if above:
        (x0, y0), (x1, y1) = below[-1], above[0]
        best = max(best, y0 + (y1 - y0) * (size - x0) / (x1 - x0))
    return best


def compare(tools, picture, work):
    """Name to difference of scores; None where there is none."""
    reference = work / "reference.png"
    # sRGB and upright, as every program is to see it.
    run(tools[0][1], "v1/querystring", "--quiet", "--in", picture, "--out", reference, "--command", "format=png")
    theirs = []
    for quality in QUALITIES:
        out = work / f"pngquant-{quality}.png"
        run("pngquant", "--force", "--speed", "4", "--quality", f"0-{quality}", "--output", out, reference)
        theirs.append(out)
    theirs = scored(reference, theirs)
    size, score = max(theirs, key=lambda point: point[1])
    row = {"bytes": size, "score": score}
    for name, tool in tools:
        for label, extra in (("PNG8", ""), ("PNG8 max", "&png.max_deflate=true")):
            files = []
            for quality in QUALITIES:
                out = work / f"{name}-{quality}.png"
                command = f"format=png&png.quality={quality}&png.min_quality=0{extra}"
                run(tool, "v1/querystring", "--quiet", "--in", reference, "--out", out, "--command", command)
                files.append(out)
            row[f"{name} {label}"] = at(scored(reference, files), size) - score
        row[f"{name} GIF"] = None
        if not is_opaque(reference):
            continue
        out = work / f"{name}.gif"
        run(tool, "v1/querystring", "--quiet", "--in", reference, "--out", out, "--command", "format=gif")
        row[f"{name} GIF"] = scored(reference, [out])[0][1] - score
    return row


def median(values):
    return statistics.median(values) if values else None


def signed(value):
    return "–" if value is None else f"{value:+.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", action="append", help="NAME=PATH, more than once")
    parser.add_argument("pictures", nargs="*", type=Path)
    arguments = parser.parse_args()
    if not shutil.which("pngquant"):
        sys.exit("pngquant is not installed")
    tools = [tuple(tool.split("=", 1)) for tool in arguments.tool or [f"default={TARGET / 'imageflow_tool'}"]]
    pictures = arguments.pictures or [CORPUS / name for name in PICTURES]
    rows, columns = [], []
    with tempfile.TemporaryDirectory() as work:
        for picture in pictures:
            row = compare(tools, picture, Path(work))
            if not rows:
                columns = list(row)
                print("| picture | pngquant bytes | its score | " + " | ".join(columns[2:]) + " |")
                print("|---|" + "---:|" * len(columns))
            rows.append(row)
            cells = [f"{row['bytes']:,}", f"{row['score']:.1f}"] + [signed(row[name]) for name in columns[2:]]
            print(f"| {picture.name} | " + " | ".join(cells) + " |", flush=True)
    medians = [signed(median([row[name] for row in rows if row[name] is not None])) for name in columns[2:]]
    print("| **median** | | | " + " | ".join(medians) + " |")


if __name__ == "__main__":
    main()
