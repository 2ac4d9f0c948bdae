"""Checks results.tsv against Pillow: python3 verify.py results.tsv <folder of GIF files>

Pillow paints the background colour where nothing was drawn, refuses some files, and sizes some canvases by their frames;
those lines are printed and have to be looked at.
"""

import sys

import numpy as np
from PIL import Image


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def frames(path):
    image = Image.open(path)
    loop = image.info.get("loop")
    for index in range(image.n_frames):
        image.seek(index)
        loop = image.info.get("loop", loop)
        pixels = np.array(image.convert("RGBA"))[..., [2, 1, 0, 3]]
        pixels[pixels[..., 3] == 0] = 0
        yield pixels, 1 if loop is None else loop and loop + 1


def main(table, folder):
    same = 0
    for line in open(table).read().splitlines()[1:]:
        name, size, count, plays, _, wanted = line.split("\t")
        if int(count) * int(size.split("x")[0]) * int(size.split("x")[1]) > 10_000_000:
            print(f"{name}: left out, it is large")
            continue
        try:
            found = list(frames(f"{folder}/{name}"))
            value = 0
            for pixels, _ in found:
                value = (value * 31 + fnv(pixels.tobytes())) & 0xFFFFFFFFFFFFFFFF
            what = (len(found), found[-1][1], f"{value:016x}")
        except Exception as error:
            what = repr(error)
        if what == (int(count), int(plays), wanted):
            same += 1
        else:
            print(f"{name}: {what}, not {count} {plays} {wanted}")
    print(f"{same} agree")


main(*sys.argv[1:])
