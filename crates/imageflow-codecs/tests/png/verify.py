#!/usr/bin/env python3
"""Checks results.tsv against an independent PNG decoder: the one below, straight from the specification, and, where it
keeps all bits, Pillow.   usage: verify.py results.tsv <folder of PngSuite>      (pip install pillow)"""
import struct
import sys
import zlib

from PIL import Image

ADAM7 = [(0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)]


def unfilter(data, at, width, height, bits):
    row_bytes, distance = (width * bits + 7) // 8, max(1, bits // 8)
    above, rows = bytearray(row_bytes), []
    for _ in range(height):
        kind, row = data[at], bytearray(data[at + 1 : at + 1 + row_bytes])
        at += 1 + row_bytes
        for i in range(row_bytes):
            a = row[i - distance] if i >= distance else 0
            b = above[i]
            c = above[i - distance] if i >= distance else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row[i] = (row[i] + [0, a, b, (a + b) // 2, paeth][kind]) & 255
        rows.append(row)
        above = row
    return rows, at


def decode(path):
    data, at, chunks, idat = open(path, "rb").read(), 8, {}, b""
    while at < len(data):
        (size,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        if kind == b"IDAT":
            idat += body
        else:
            chunks.setdefault(kind, body)
        at += 12 + size
    w, h, depth, color, _, _, lace = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    n = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    raw, trns, plte = zlib.decompress(idat), chunks.get(b"tRNS"), chunks.get(b"PLTE", b"")
    key = struct.unpack(f">{n}H", trns) if trns and color in (0, 2) else None
    top = (1 << depth) - 1

    def samples(row, x):
        if depth == 16:
            return struct.unpack_from(f">{n}H", row, x * n * 2)
        if depth == 8:
            return tuple(row[x * n : x * n + n])
        return (row[x * depth // 8] >> (8 - depth - x * depth % 8) & top,)

    def pixel(s):
        if color == 3:
            i = s[0]
            return (plte[3 * i + 2], plte[3 * i + 1], plte[3 * i], trns[i] if trns and i < len(trns) else 255)
        v = [(x * 255 + top // 2) // top for x in s]
        alpha = v[-1] if color in (4, 6) else 0 if key == s else 255
        r, g, b = v[:3] if color in (2, 6) else v[:1] * 3
        return (b, g, r, alpha)

    out, at = [None] * (w * h), 0
    for x0, dx, y0, dy in ADAM7 if lace else [(0, 1, 0, 1)]:
        pw, ph = (w - x0 + dx - 1) // dx, (h - y0 + dy - 1) // dy
        if pw <= 0 or ph <= 0:
            continue
        rows, at = unfilter(raw, at, pw, ph, depth * n)
        for j, row in enumerate(rows):
            for i in range(pw):
                out[(y0 + j * dy) * w + x0 + i * dx] = pixel(samples(row, i))
    alpha = "meaningful" if color in (3, 4, 6) or key else "opaque"
    return w, h, alpha, bytes(v for p in out for v in p), depth


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def pillow(path):
    rgba = Image.open(path).convert("RGBA").tobytes()
    return bytes(v for i in range(0, len(rgba), 4) for v in (rgba[i + 2], rgba[i + 1], rgba[i], rgba[i + 3]))


def visible(bgra):
    return bytes(v if bgra[i // 4 * 4 + 3] else 0 for i, v in enumerate(bgra))


def main(results, folder):
    bad = agree = 0
    lines = open(results).read().splitlines()[1:]
    for line in lines:
        name, size, alpha, digest = line.split("\t")
        w, h, want_alpha, bgra, depth = decode(f"{folder}/{name}")
        if (size, alpha, digest) != (f"{w}x{h}", want_alpha, f"{fnv(bgra):016x}"):
            print("differs:", line, "expected", f"{w}x{h}", want_alpha, f"{fnv(bgra):016x}")
            bad += 1
        if depth < 16 and visible(pillow(f"{folder}/{name}")) == visible(bgra):
            agree += 1
    print(f"{len(lines) - bad} of {len(lines)} agree; Pillow agrees on {agree}")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
