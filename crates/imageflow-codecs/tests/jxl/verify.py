#!/usr/bin/env python3
"""Compares decoded frames with libjxl's: verify.py DUMP CORPUS

DUMP is a folder the test `the_corpus_is_what_it_should_be` filled with JXL_DUMP set. Needs the packages numpy, pillow and
pillow-jxl-plugin. The bound is a mean absolute error of 2 of 255, pixels without coverage left out.
"""
import io
import pathlib
import sys

import numpy
import pillow_jxl  # noqa: F401 (registers the format)
from PIL import Image, ImageCms

# libjxl shows HDR in its own encoding; here it is converted to sRGB with 203 cd/m2 as white.
HDR = {"features-hdr_hlg_test", "features-hdr_pq_test"}
# libjxl leaves colours multiplied by alpha.
PREMULTIPLIED = {"features-premultiply_1", "photographic-candle"}
# Pillow hands out the JPEG inside, decoded as a JPEG.
RECOMPRESSED = {"features-3x3_jpeg_recompression"}
# Pillow does not read animations frame by frame.
ANIMATED = "features-animation"
# Stored in linear light, which Pillow hands out with 8 bits: compared there.
LINEAR = {"photographic-candle"}


def decoded(linear):
    v = linear / 255
    return numpy.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4) * 255


def to_srgb(image, name):
    profile = image.info.get("icc_profile")
    if not profile or name in LINEAR or name in PREMULTIPLIED:
        return image
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    mode = "L" if source.profile.xcolor_space.strip() == "GRAY" else "RGB"
    converted = ImageCms.profileToProfile(
        image.convert(mode), source, ImageCms.createProfile("sRGB"), renderingIntent=1, outputMode="RGB"
    )
    if "A" in image.getbands():
        converted.putalpha(image.getchannel("A"))
    return converted


def main():
    dump, corpus = map(pathlib.Path, sys.argv[1:])
    worst, failures = 0.0, 0
    for path in sorted(corpus.glob("*.jxl")):
        name = path.stem
        image = Image.open(path)
        image.load()
        image = to_srgb(image, name)
        theirs = numpy.asarray(image.convert("RGBA")).astype(float)
        ours = numpy.fromfile(dump / f"{name}.bgra", dtype=numpy.uint8).astype(float)
        if ours.size != theirs.size:
            print(f"{name}: {ours.size} bytes, not {theirs.size}")
            failures += 1
            continue
        ours = ours.reshape(theirs.shape)[..., [2, 1, 0, 3]]
        opaque = "A" not in image.getbands()
        if opaque:
            ours[..., 3] = 255
        if name in LINEAR:
            ours[..., :3] = decoded(ours[..., :3])
        if name in PREMULTIPLIED:
            # Light without coverage has no straight form.
            theirs = numpy.minimum(theirs, theirs[..., 3:])
            ours[..., :3] *= ours[..., 3:] / 255
        visible = (ours[..., 3] > 0) | (theirs[..., 3] > 0)
        error = numpy.abs(ours - theirs)[visible].mean() if visible.any() else 0.0
        excused = name in HDR or name in RECOMPRESSED or name.startswith(ANIMATED)
        print(f"{name}: {error:.3f}{' (excused)' if excused else ''}")
        if not excused:
            worst = max(worst, error)
            failures += error > 2
    print(f"worst {worst:.3f}, failures {failures}")
    sys.exit(failures != 0)


main()
