#!/usr/bin/env python3
"""Compares what the engine decodes with what Pillow decodes, file by file.

    python3 tests/agreement.py [--tool imageflow_tool] [--animations] [FOLDER...]

Needs Pillow 11.3 or later (AVIF included), numpy, and pillow-jxl-plugin for JPEG XL. FOLDERs are those of the corpus
(photos graphics pngsuite webp gif avif jxl by default) in IMAGEFLOW_SHARED/corpus, or ../shared/corpus beside the checkout.

Pictures: decoded to PNG by the tool; by Pillow with orientation applied and the embedded profile converted to sRGB. The
figure is the mean absolute difference of premultiplied samples, of 255. Above 2 a file is listed.

--animations: GIF and WebP files with several frames go through GIF→GIF, GIF→WebP, WebP→WebP and WebP→GIF; number of
frames, delays, loop count and pixels of every frame are compared.
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from PIL import Image, ImageCms, ImageOps, ImageSequence

try:
    import pillow_jxl  # noqa: F401  registers itself
except ImportError:
    print("no pillow-jxl-plugin: JPEG XL is left out", file=sys.stderr)

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("IMAGEFLOW_SHARED", ROOT / "../shared")).resolve() / "corpus"
FOLDERS = "photos graphics pngsuite webp gif avif jxl".split()
LIMIT = 2.0
# Where Pillow is known to be no reference.
EXPECTED = {
    "photos/cmyk-noprofile.jpg": "CMYK without an embedded profile",
    "photos/partial-progressive.jpg": "damaged profile: an error here, ignored there",
    "photos/testimgl.jpg": "lossless JPEG, which no browser shows",
    **{f"avif/{name}.avif": "HDR (PQ): tone-mapped to sRGB here, shown as it is stored by Pillow" for name in (
        "color_grid_alpha_grid_gainmap_nogrid", "color_grid_gainmap_different_grid", "colors_hdr_p3", "colors_hdr_srgb",
        "colors_text_hdr_p3", "colors_text_hdr_rec2020", "colors_text_hdr_srgb", "colors_text_wcg_hdr_rec2020",
        "unsupported_gainmap_minimum_version", "unsupported_gainmap_writer_version_with_extra_bytes")},
    "avif/colors_text_wcg_sdr_rec2020.avif": "Pillow ignores the primaries that nclx names",
    "avif/kimono-crop.avif": "Pillow ignores the clean aperture",
    "gif/anim-issue_1455_undersized.gif": "Pillow paints the background colour where no frame is; browsers leave it clear",
    "gif/artificial-gif-background-color.gif": "Pillow paints the background colour",
    "gif/artificial-gif-multiple-loop-counts.gif": "Pillow paints the background colour",
    "gif/images-no_palette.gif": "a frame without a palette is an error here",
    "webp/libwebp/bryce.webp": "wider than the default max_frame_size",
    "graphics/gray-alpha-16bit-icc.png": "Pillow loses the gray profile of 16-bit files",
    "graphics/gray-gama16.png": "Pillow ignores gAMA",
    "pngsuite/ccwn2c08.png": "Pillow ignores cHRM",
    "pngsuite/ccwn3p08.png": "Pillow ignores cHRM",
    "pngsuite/tbwn0g16.png": "Pillow ignores the transparent colour of 16-bit gray",
}
Image.MAX_IMAGE_PIXELS = None


def premultiplied(image):
    """Samples as floats 0 to 255, colour multiplied by alpha."""
    pixels = numpy.asarray(image.convert("RGBA"), dtype=numpy.float64)
    alpha = pixels[..., 3:] / 255
    return numpy.concatenate([pixels[..., :3] * alpha, pixels[..., 3:]], axis=2)


def by_pillow(path):
    image = Image.open(path)
    image.load()
    profile = image.info.get("icc_profile")
    if image.info.get("exif"):
        # What XMP or ImageMagick's text chunks say, no browser obeys.
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        # 16-bit gray: Pillow's own conversion clips instead of scaling.
        pixels = numpy.asarray(image, dtype=numpy.float64)
        image = Image.fromarray((pixels * 255 / 65535 + 0.5).astype(numpy.uint8))
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            alpha = image.getchannel("A") if "A" in image.getbands() else None
            mode = image.mode if image.mode in ("L", "CMYK") else "RGB"
            if image.mode in ("LA", "RGBA", "P", "PA"):
                image = image.convert("RGBA").convert("RGB")
            image = ImageCms.profileToProfile(
                image.convert(mode), source, ImageCms.createProfile("sRGB"), outputMode="RGB",
                renderingIntent=ImageCms.Intent.PERCEPTUAL if mode == "CMYK" else ImageCms.Intent.RELATIVE_COLORIMETRIC)
            if alpha:
                image.putalpha(alpha)
        except (ImageCms.PyCMSError, OSError, ValueError) as error:
            print(f"  {path.name}: Pillow cannot use the profile: {error}")
    return image


def by_tool(tool, path, out, command):
    run = subprocess.run([tool, "v1/querystring", "--quiet", "--in", path, "--out", out, "--command", command],
                         capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError((run.stderr.splitlines() or ["failed"])[0])
    return Image.open(out)


def pictures(tool, folders, work):
    close = total = 0
    for folder in folders:
        for path in sorted((CORPUS / folder).rglob("*")):
            if not path.is_file():
                continue
            name = path.relative_to(CORPUS)
            try:
                reference = by_pillow(path)
            except Exception as error:  # whatever a decoder of another project raises
                print(f"{name}: Pillow cannot read it ({str(error)[:80]})")
                continue
            total += 1
            try:
                ours = by_tool(tool, path, work / "out.png", "format=png")
            except RuntimeError as error:
                print(f"{name}: {error}" + expected(name))
                continue
            if ours.size != reference.size:
                print(f"{name}: {ours.size}, Pillow says {reference.size}")
                continue
            difference = abs(premultiplied(ours) - premultiplied(reference)).mean()
            if difference <= LIMIT:
                close += 1
            else:
                print(f"{name}: mean difference {difference:.2f}" + expected(name))
    print(f"{close} of {total} pictures agree within {LIMIT} ({100 * close / max(total, 1):.1f} %)")


def expected(name):
    reason = EXPECTED.get(str(name))
    return f" (expected: {reason})" if reason else ""


def frames(image):
    """Frames, delays in ms, and how often it plays again (0 for ever, None once)."""
    found = [(premultiplied(frame), frame.info.get("duration", 0)) for frame in ImageSequence.Iterator(image)]
    loop = image.info.get("loop")
    return [p for p, _ in found], [d for _, d in found], loop


def plays(image, loop):
    """How often an animation plays; 0 is for ever. GIF counts repeats, WebP plays."""
    if image.format == "WEBP":
        return loop
    return 1 if loop is None else 0 if loop == 0 else loop + 1


def animations(tool, work):
    problems = total = 0
    for folder in ("gif", "webp"):
        for path in sorted((CORPUS / folder).iterdir()):
            try:
                source = Image.open(path)
            except OSError:
                continue
            if getattr(source, "n_frames", 1) < 2:
                continue
            pixels, delays, loop = frames(source)
            for target in ("gif", "webp"):
                total += 1
                command = f"format={target}" + ("&webp.lossless=true" if target == "webp" else "")
                label = f"{path.relative_to(CORPUS)} to {target}"
                try:
                    result = by_tool(tool, path, work / f"out.{target}", command)
                    got, got_delays, got_loop = frames(result)
                except (RuntimeError, OSError, EOFError) as error:
                    print(f"{label}: {error}")
                    problems += 1
                    continue
                wrong = []
                if len(got) != len(pixels):
                    wrong.append(f"{len(got)} frames, {len(pixels)} in the source")
                # Time in GIF has steps of 10 ms.
                elif any(abs(a - b) > (5 if target == "gif" else 0) for a, b in zip(delays, got_delays)):
                    wrong.append(f"delays {got_delays}, {delays} in the source")
                if plays(result, got_loop) != plays(source, loop):
                    wrong.append(f"plays {plays(result, got_loop)} times, the source {plays(source, loop)}")
                if len(got) == len(pixels):
                    worst = max(abs(a - b).mean() if a.shape == b.shape else 255 for a, b in zip(got, pixels))
                    # A palette of 256 colours for a photograph, and alpha of one bit.
                    if worst > (12 if target == "gif" and folder == "webp" else LIMIT):
                        wrong.append(f"a frame differs by {worst:.2f}")
                if wrong:
                    problems += 1
                    print(f"{label}: {'; '.join(wrong)}" + expected(path.relative_to(CORPUS)))
    print(f"{total - problems} of {total} animations survive")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=str(ROOT / "target/release/imageflow_tool"))
    parser.add_argument("--animations", action="store_true")
    parser.add_argument("folders", nargs="*", default=FOLDERS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        if arguments.animations:
            animations(arguments.tool, Path(work))
        else:
            pictures(arguments.tool, arguments.folders, Path(work))


if __name__ == "__main__":
    main()
