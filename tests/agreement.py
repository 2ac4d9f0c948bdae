#!/usr/bin/env python3
"""Compares what the engine decodes with what other decoders do, file by file.

    python3 tests/agreement.py [--tool imageflow_tool] [--animations] [FOLDER...]

Needs Pillow 11.3 or later (AVIF included), numpy, and pillow-jxl-plugin for JPEG XL. FOLDERs are those of the corpus
(photos graphics pngsuite webp gif avif jxl by default) in IMAGEFLOW_SHARED/corpus, or ../shared/corpus beside the checkout.

Pictures: decoded to PNG by the tool; by Pillow with orientation applied and the embedded profile converted to sRGB. The
figure is the mean absolute difference of premultiplied samples, of 255. Where it is above 2, or Pillow cannot read the
file, the decoder of the format's authors (djxl, avifdec) or libvips (vips) is asked, whichever is installed. What agrees
with none of them is listed.

--animations: GIF and WebP files with several frames go through GIF→GIF, GIF→WebP, WebP→WebP and WebP→GIF; number of
frames, delays, loop count and pixels of every frame are compared.
"""

import argparse
import io
import os
import shutil
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
# Where other decoders are no reference, or the engine refuses what it could read.
BY_DESIGN = {
    "photos/cmyk-noprofile.jpg": "CMYK without a profile: every decoder has its own formula",
    "photos/partial-progressive.jpg": "an unusable profile is an error unless ignore_icc_errors=true",
    "graphics/gray-alpha-16bit-icc.png": "Pillow and libvips lose the gray profile of 16-bit files with alpha",
    "graphics/gray-gama16.png": "Pillow and libvips ignore gAMA; browsers do not",
    "pngsuite/ccwn2c08.png": "Pillow and libvips ignore cHRM; browsers do not",
    "pngsuite/ccwn3p08.png": "Pillow and libvips ignore cHRM; browsers do not",
    "photos/testimgl.jpg": "lossless JPEG, which no browser shows",
    **{f"gif/artificial-gif-{name}.gif": "Pillow and libvips paint the background where no frame does; browsers leave it clear"
       for name in ("background-color", "multiple-loop-counts", "pixel-data-none", "zero-width-frame")},
    "gif/images-no_palette.gif": "a frame without any palette is an error",
    "webp/libwebp/bryce.webp": "wider than the default max_frame_size",
    **{f"avif/{name}.avif": "HDR (PQ) is tone-mapped to sRGB; others show what is stored" for name in (
        "color_grid_alpha_grid_gainmap_nogrid", "color_grid_gainmap_different_grid", "colors_hdr_p3", "colors_hdr_srgb",
        "colors_text_hdr_p3", "colors_text_hdr_rec2020", "colors_text_hdr_srgb", "colors_text_wcg_hdr_rec2020",
        "supported_gainmap_writer_version_with_extra_bytes", "unsupported_gainmap_minimum_version",
        "unsupported_gainmap_writer_version_with_extra_bytes")},
    "avif/colors_text_wcg_sdr_rec2020.avif": "the primaries that nclx names are converted to sRGB; others ignore them",
    "avif/kimono-crop.avif": "the clean aperture is cut out, as browsers do; others ignore it",
    "jxl/features-hdr_hlg_test.jxl": "HDR (HLG) is tone-mapped to sRGB; others show what is stored",
    "jxl/features-hdr_pq_test.jxl": "HDR (PQ) is tone-mapped to sRGB; others show what is stored",
    "jxl/features-premultiply_1.jxl": "colour is divided by alpha; others show the premultiplied samples",
}
# The decoder to ask besides Pillow: a command that writes OUT.
SECOND = {".jxl": ["djxl", "IN", "OUT"], ".avif": ["avifdec", "IN", "OUT"]}
OTHERS = ["vips", "copy", "IN", "OUT"]
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


def by_second(path, out):
    """What another decoder makes of a file; None when it is not installed or cannot read it."""
    command = SECOND.get(path.suffix, OTHERS)
    if not shutil.which(command[0]):
        return None
    out.unlink(missing_ok=True)
    subprocess.run([{"IN": path, "OUT": out}.get(word, word) for word in command], capture_output=True, check=False)
    return by_pillow(out) if out.exists() else None


def references(path, out):
    """Decoders, one after the other, and what they see."""
    for name, decode in (("Pillow", by_pillow), (SECOND.get(path.suffix, OTHERS)[0], lambda p: by_second(p, out))):
        try:
            image = decode(path)
        except Exception:  # whatever a decoder of another project raises
            continue
        if image:
            yield name, image


def compare(ours, path, out):
    """Whether a decoder agrees with ours, and what each says that does not; None when nobody can read the file."""
    says = []
    for name, reference in references(path, out):
        if isinstance(ours, str):
            return False, ours
        if ours.size != reference.size:
            says.append(f"{ours.size}, {name} says {reference.size}")
            continue
        difference = abs(premultiplied(ours) - premultiplied(reference)).mean()
        if difference <= LIMIT:
            return True, ""
        says.append(f"{difference:.2f} from {name}")
    return (False, "; ".join(says)) if says else None


def pictures(tool, folders, work):
    close = total = unread = 0
    differing = []
    for folder in folders:
        for path in sorted((CORPUS / folder).rglob("*")):
            if not path.is_file():
                continue
            name = path.relative_to(CORPUS)
            try:
                ours = by_tool(tool, path, work / "out.png", "format=png")
            except RuntimeError as error:
                ours = str(error)
            found = compare(ours, path, work / "second.png")
            if found is None:
                unread += 1
                continue
            total += 1
            close += found[0]
            if not found[0]:
                differing.append(str(name))
                print(f"{name}: {found[1]}" + expected(name))
    unexpected = [name for name in differing if name not in BY_DESIGN]
    print(f"{close} of {total} pictures agree within {LIMIT} ({100 * close / max(total, 1):.1f} %); "
          f"{len(differing) - len(unexpected)} differ by design, {len(unexpected)} otherwise; "
          f"{unread} can be read by no other decoder")
    if unexpected:
        sys.exit("differing: " + ", ".join(unexpected))


def expected(name):
    reason = BY_DESIGN.get(str(name))
    return f" ({reason})" if reason else ""


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
