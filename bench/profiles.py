#!/usr/bin/env python3
"""Compares embedded profiles with Little CMS: TOOL=target/release/imageflow_tool python3 bench/profiles.py

Makes ICC profiles of every kind a picture may carry, embeds each in a file, decodes it with the tool, and compares the
pixels with what Little CMS (through Pillow) makes of them. Needs Pillow and numpy. Exits with 1 when one is too far off.
"""
import io, os, struct, subprocess, sys, tempfile
import numpy as np
from PIL import Image, ImageCms

TOOL = os.environ.get("TOOL", "target/release/imageflow_tool")
D50 = (0.9642, 1.0, 0.8249)
P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))


def s15(v): return struct.pack(">i", round(v * 65536))
def xyz(v): return b"XYZ \0\0\0\0" + b"".join(map(s15, v))
def gamma(g): return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(g * 256))
def line(): return b"curv\0\0\0\0" + struct.pack(">I", 0)
def table(f, n=256):
    return b"curv\0\0\0\0" + struct.pack(">I", n) + b"".join(struct.pack(">H", round(f(i / (n - 1)) * 65535)) for i in range(n))
def para(kind, *p): return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + b"".join(map(s15, p))
def srgb(v): return v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4


def profile(space, tags, pcs=b"XYZ ", version=0x02400000, cls=b"mntr", intent=0, desc=True, date=(2020, 1, 1, 0, 0, 0)):
    tags = dict(tags)
    tags.setdefault(b"wtpt", xyz(D50))
    if desc:
        text = b"test\0"
        tags.setdefault(b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + text + bytes(78))
        tags.setdefault(b"cprt", b"text\0\0\0\0CC0\0")
    at = 132 + 12 * len(tags)
    head, body = b"", b""
    for name, data in tags.items():
        head += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s6H4s4sIIIQI", at + len(body), b"lcms", version, cls, space, pcs, *date,
                         b"acsp", b"MSFT", 0, 0, 0, 0, intent) + b"".join(map(s15, D50)) + bytes(48)
    return header + struct.pack(">I", len(tags)) + head + body


def matrix(curves, **more):
    curves = curves if isinstance(curves, list) else [curves] * 3
    tags = {n: xyz(c) for n, c in zip((b"rXYZ", b"gXYZ", b"bXYZ"), P3)}
    tags.update(zip((b"rTRC", b"gTRC", b"bTRC"), curves))
    return profile(b"RGB ", tags, **more)


def gray(curve, **more): return profile(b"GRAY", {b"kTRC": curve}, **more)


# What tables hold: a plausible device, in XYZ or Lab.
def to_lab(v):
    f = [c ** (1 / 3) if c > 216 / 24389 else (24389 / 27 * c + 16) / 116 for c in (a / b for a, b in zip(v, D50))]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])
def rgb_xyz(r, g, b): return [sum(P3[i][c] * v ** 1.9 for i, v in enumerate((r, g, b))) for c in range(3)]
def cmyk_xyz(c, m, y, k):
    light = [(1 - 0.93 * v) * (1 - 0.95 * k) for v in (c, m, y)]
    return [sum(P3[i][j] * v ** 1.6 for i, v in enumerate(light)) for j in range(3)]
def encoded(v, pcs, form):
    if pcs == b"XYZ ":
        return [max(0, min(1, c / (1 + 32767 / 32768))) for c in v]
    l, a, b = to_lab(v)
    if form == "old16": return [l / 100 * 0xFF00 / 65535, (a + 128) * 256 / 65535, (b + 128) * 256 / 65535]
    return [l / 100, (a + 128) / 255, (b + 128) / 255]


def grid(n, points, device, pcs, form):
    for i in range(points ** n):
        at = [i // points ** (n - 1 - d) % points / (points - 1) for d in range(n)]
        yield encoded(device(*at), pcs, form)


def lut(bits, n, points, device, pcs, entry=lambda v: v, entries=256):
    one = (lambda v: struct.pack(">B", max(0, min(255, round(v * 255))))) if bits == 8 else (
        lambda v: struct.pack(">H", max(0, min(65535, round(v * 65535)))))
    # Perceptual and relative tables of version 2 and 4 alike: mft2 has the old encoding of Lab.
    form = "old16" if bits == 16 else "lab8"
    out = (b"mft1" if bits == 8 else b"mft2") + bytes(4) + bytes([n, 3, points, 0])
    out += b"".join(s15(v) for v in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    if bits == 16: out += struct.pack(">HH", entries, 2)
    count = 256 if bits == 8 else entries
    out += b"".join(one(entry(i / (count - 1))) for i in range(count)) * n
    for cell in grid(n, points, device, pcs, form): out += b"".join(map(one, cell))
    ends = range(256) if bits == 8 else (0, 255)
    return out + b"".join(one(i / 255) for i in ends) * 3


def mab(n, points, device, pcs, precision=2, middle=False, a_curve=None):
    curves = lambda c, count: b"".join(c + bytes(-len(c) % 4) for _ in range(count))
    head = 32
    b_curves = curves(line(), 3)
    out = b"mAB \0\0\0\0" + bytes([n, 3, 0, 0])
    at_b = head
    body = b_curves
    at_matrix = at_m = 0
    if middle:
        at_matrix = head + len(body)
        body += b"".join(s15(v) for v in (1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0))
        at_m = head + len(body)
        body += curves(line(), 3)
    at_clut = head + len(body)
    body += bytes([points] * n + [0] * (16 - n)) + bytes([precision, 0, 0, 0])
    top, kind = (65535, ">H") if precision == 2 else (255, ">B")
    cells = b"".join(struct.pack(kind, max(0, min(top, round(v * top)))) for cell in grid(n, points, device, pcs, "v4") for v in cell)
    body += cells + bytes(-len(cells) % 4)
    at_a = head + len(body)
    body += curves(a_curve or line(), n)
    return out + struct.pack(">5I", at_b, at_matrix, at_m, at_clut, at_a) + body


def rgb_lut(data, pcs, version=0x02400000, cls=b"scnr", names=(b"A2B0",), **more):
    return profile(b"RGB ", {n: data for n in names}, pcs=pcs, version=version, cls=cls, **more)
def cmyk_lut(data, pcs=b"Lab ", version=0x02400000, names=(b"A2B0", b"A2B1"), **more):
    return profile(b"CMYK", {n: data for n in names}, pcs=pcs, version=version, cls=b"prtr", **more)


def damaged_text(icc):
    at = icc.find(b"desc\0\0\0\0")
    return icc[:at] + b"\xff" * 12 + icc[at + 12:]


V1, V2, V4, V5 = 0x01000000, 0x02400000, 0x04300000, 0x05000000
LAB, XYZ = b"Lab ", b"XYZ "
CASES = {
    "matrix v2": matrix(gamma(2.2)),
    "matrix v4, parametric sRGB": matrix(para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045), version=V4),
    "matrix v1": matrix(gamma(1.8), version=V1),
    "matrix v5": matrix(para(0, 2.2), version=V5),
    "matrix v0": matrix(gamma(2.2), version=0),
    "matrix, table curve": matrix(table(srgb, 1024)),
    "matrix, three curves": matrix([gamma(2.2), gamma(1.8), table(srgb, 64)]),
    "matrix, parametric 1": matrix(para(1, 2.0, 1.0, 0.0), version=V4),
    "matrix, parametric 2": matrix(para(2, 2.0, 0.9, 0.05, 0.02), version=V4),
    "matrix, parametric 4": matrix(para(4, 2.4, 0.94, 0.05, 0.08, 0.045, 0.0, 0.0), version=V4),
    "matrix, linear": matrix(line()),
    "matrix, unknown intent": matrix(gamma(2.2), intent=7),
    "matrix, damaged description": damaged_text(matrix(gamma(2.2))),
    "matrix, no date": matrix(gamma(2.2), date=(0, 0, 0, 0, 0, 0)),
    "gray, gamma": gray(gamma(1.8)),
    "gray, table": gray(table(lambda v: v ** 2.6, 300)),
    "gray, Lab": gray(line(), pcs=LAB),
    "gray, Lab, gamma": gray(gamma(0.8), pcs=LAB),
    "gray, Lab v4, parametric": gray(para(0, 1.2), pcs=LAB, version=V4),
    "gray v1": gray(gamma(2.6), version=V1),
    "gray v5": gray(para(0, 1.8), version=V5),
    "RGB lut8 Lab": rgb_lut(lut(8, 3, 9, rgb_xyz, LAB), LAB),
    "RGB lut16 Lab": rgb_lut(lut(16, 3, 17, rgb_xyz, LAB), LAB),
    "RGB lut16 Lab, curve": rgb_lut(lut(16, 3, 17, lambda *c: rgb_xyz(*(v ** 0.5 for v in c)), LAB, entry=lambda v: v ** 2), LAB),
    "RGB lut16 XYZ": rgb_lut(lut(16, 3, 33, rgb_xyz, XYZ), XYZ),
    "RGB lut8 XYZ": rgb_lut(lut(8, 3, 33, rgb_xyz, XYZ), XYZ),
    "RGB lut16 Lab v4": rgb_lut(lut(16, 3, 17, rgb_xyz, LAB), LAB, version=V4),
    "RGB mAB Lab": rgb_lut(mab(3, 17, rgb_xyz, LAB), LAB, version=V4),
    "RGB mAB Lab 8 bit": rgb_lut(mab(3, 9, rgb_xyz, LAB, precision=1), LAB, version=V4),
    "RGB mAB XYZ, matrix": rgb_lut(mab(3, 33, rgb_xyz, XYZ, middle=True), XYZ, version=V4),
    "RGB mAB v5": rgb_lut(mab(3, 17, rgb_xyz, LAB), LAB, version=V5),
    "RGB lut16 v1": rgb_lut(lut(16, 3, 17, rgb_xyz, LAB), LAB, version=V1),
    "RGB A2B1 alone": rgb_lut(lut(16, 3, 17, rgb_xyz, LAB), LAB, names=(b"A2B1",)),
    "RGB A2B2 alone": rgb_lut(lut(16, 3, 17, rgb_xyz, LAB), LAB, names=(b"A2B2",)),
    "RGB lut16 display": rgb_lut(lut(16, 3, 17, rgb_xyz, LAB), LAB, cls=b"mntr"),
    "RGB lut16 colour space": rgb_lut(lut(16, 3, 17, rgb_xyz, LAB), LAB, cls=b"spac"),
    "RGB two points": rgb_lut(lut(16, 3, 2, rgb_xyz, LAB), LAB),
    "CMYK lut8": cmyk_lut(lut(8, 4, 7, cmyk_xyz, LAB)),
    "CMYK lut16": cmyk_lut(lut(16, 4, 9, cmyk_xyz, LAB)),
    "CMYK lut16 v1": cmyk_lut(lut(16, 4, 9, cmyk_xyz, LAB), version=V1),
    "CMYK lut16 v4": cmyk_lut(lut(16, 4, 9, cmyk_xyz, LAB), version=V4),
    "CMYK lut16 XYZ": cmyk_lut(lut(16, 4, 9, cmyk_xyz, XYZ), pcs=XYZ),
    "CMYK lut8 XYZ": cmyk_lut(lut(8, 4, 9, cmyk_xyz, XYZ), pcs=XYZ),
    "CMYK mAB": cmyk_lut(mab(4, 9, cmyk_xyz, LAB), version=V4),
    "CMYK mAB 8 bit": cmyk_lut(mab(4, 7, cmyk_xyz, LAB, precision=1), version=V4),
    "CMYK mAB v5": cmyk_lut(mab(4, 9, cmyk_xyz, LAB), version=V5),
    "CMYK A2B1 alone": cmyk_lut(lut(16, 4, 9, cmyk_xyz, LAB), names=(b"A2B1",)),
    "CMYK A2B2 alone": cmyk_lut(lut(8, 4, 7, cmyk_xyz, LAB), names=(b"A2B2",)),
    "CMYK two points": cmyk_lut(lut(8, 4, 2, cmyk_xyz, LAB)),
    "CMYK unknown intent": cmyk_lut(lut(16, 4, 9, cmyk_xyz, LAB), intent=9),
}


def pixels(icc):
    """A picture that the profile is for, and the intent that is wanted."""
    space = icc[16:20]
    if space == b"GRAY":
        return Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16), "L"), 1
    levels = [0, 40, 90, 140, 200, 255]
    if space == b"RGB ":
        cells = [(r, g, b) for r in levels for g in levels for b in levels]
        return Image.fromarray(np.array(cells, np.uint8).reshape(12, 18, 3), "RGB"), 1
    cells = [(c, m, y, k) for c in levels for m in levels for y in levels for k in levels]
    return Image.fromarray(np.array(cells, np.uint8).reshape(36, 36, 4), "CMYK"), 0


def main():
    worst, left = 0, 0
    limit_rgb, limit_cmyk = 3, 5
    # Of version 2, because Little CMS compensates black points between profiles of version 4 whatever it is asked.
    target = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    target[8:10] = b"\x02\x40"
    target = ImageCms.ImageCmsProfile(io.BytesIO(target))
    # Little CMS refuses versions above 5.0 and unknown intents only in some places: it sees the same tags under a plain header.
    for name, icc in CASES.items():
        image, intent = pixels(icc)
        path = os.path.join(tempfile.gettempdir(), "profile" + (".tif" if image.mode == "CMYK" else ".png"))
        image.save(path, icc_profile=icc)
        plain = icc[:8] + (b"\x04\x30\0\0" if icc[8] > 3 else b"\x02\x40\0\0") + icc[12:64] + bytes(4) + icc[68:]
        try:
            made = ImageCms.buildTransform(ImageCms.ImageCmsProfile(io.BytesIO(plain)), target, image.mode, "RGB", intent, flags=0x0100 | 0x0040)
            want = np.asarray(ImageCms.applyTransform(image, made)).astype(int)
        except ImageCms.PyCMSError as error:
            want = None
            why = error
        run = subprocess.run([TOOL, "convert", path, "-", "-c", "format=png"], capture_output=True)
        if run.returncode:
            print(f"FAIL {name}: {run.stderr.decode().strip()[:160]}")
            left += 1
            continue
        warned = b"profile" in run.stderr
        got = np.asarray(Image.open(io.BytesIO(run.stdout)).convert("RGB")).astype(int)
        if want is None:
            print(f"??   {name}: Little CMS refuses ({why}); {'left out' if warned else 'used'} here")
            continue
        off = np.abs(got - want)
        bad = off.max() > (limit_cmyk if image.mode == "CMYK" else limit_rgb) or warned
        worst = max(worst, 0 if bad else off.max())
        left += bad
        print(f"{'FAIL' if bad else 'ok  '} {name}: largest difference {off.max()}, mean {off.mean():.2f}{', left out: ' + run.stderr.decode().strip()[:140] if warned else ''}")
    print(f"{len(CASES)} profiles, {left} wrong, largest difference of the others {worst}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
