"""Compares dumped pixels (see ../webp_decode.rs), times and loops with Pillow's. Needs Pillow and numpy.

verify.py results.tsv <corpus/webp> <dump>
"""

import pathlib
import sys

import numpy as np
from PIL import Image

BOUND = 2.0


def visible(pixels):
    """Colours weigh nothing where nothing shows."""
    pixels = pixels.astype(np.int32)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def frames(path):
    """Pixels with the delay of each frame, whether alpha counts, and the loops."""
    with Image.open(path) as image:
        found = []
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            image.load()
            found.append((np.asarray(image.convert("RGBA")), image.info.get("duration", 0)))
        return found, image.mode == "RGBA", image.info.get("loop", 1)


def main(results, corpus, dump):
    recorded = dict(line.split("\t", 1) for line in pathlib.Path(results).read_text().splitlines())
    worst = 0.0
    for path in sorted(pathlib.Path(corpus).rglob("*.webp")):
        theirs, alpha, loops = frames(path)
        _, _, _, _, plays, delays, _ = recorded[path.name].split("\t")
        assert int(plays) == loops, f"{path.name}: {plays} plays, Pillow has {loops}"
        delays = [int(ms) for ms in delays.split(",")]
        assert delays == [ms for _, ms in theirs], f"{path.name}: {delays}"
        mean = 0.0
        for index, (expected, _) in enumerate(theirs):
            ours = np.fromfile(pathlib.Path(dump) / f"{path.name}.{index}", np.uint8)
            ours = ours.reshape(expected.shape)[..., [2, 1, 0, 3]].copy()
            if not alpha:
                ours[..., 3] = 255
            mean = max(mean, np.abs(visible(ours) - visible(expected)).mean())
        worst = max(worst, mean)
        print(f"{mean:8.4f} {len(theirs):3} frames {path.name}")
    assert worst <= BOUND, f"mean error {worst} exceeds {BOUND}"


main(*sys.argv[1:])
