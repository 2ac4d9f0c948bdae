#!/usr/bin/env python3
"""Compares what the engine decodes with what other decoders do, file by file.

    python3 tests/agreement.py [--tool imageflow_tool] [--animations] [FOLDER...]

Needs Pillow 11.3 or later (AVIF included), numpy, and pillow-jxl-plugin for JPEG XL. FOLDERs are those of the corpus
(photos graphics pngsuite webp gif avif jxl by default) in IMAGEFLOW_SHARED/corpus, or ../shared/corpus beside the checkout.

Pictures: decoded to PNG by the tool; by Pillow with orientation applied and the embedded profile converted to sRGB. The
figure is the mean absolute difference of premultiplied samples, of 255. Where it is above 2, or Pillow cannot read the
file, the decoder of the format's authors (djxl, avifdec) or libvips (vips) is asked, and then Chromium, whichever is
installed. What agrees with none of them is listed.

--animations: GIF and WebP files with several frames go through GIF→GIF, GIF→WebP, WebP→WebP and WebP→GIF; number of
frames, delays, loop count and pixels of every frame are compared.
"""

import argparse
import base64
import io
import os
import re
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
    "graphics/gray-alpha-16bit-icc.png": "Pillow and libvips lose the gray profile of 16-bit files with alpha",
    "graphics/transparency-tbbn0g04.png": "gAMA without cHRM is ignored; Pillow does not see the transparent colour",
    "gif/artificial-gif-no-frames.gif": "no picture is an error; Chromium shows nothing",
    "graphics/gray-gama16.png": "Pillow and libvips ignore gAMA; browsers do not",
    "pngsuite/ccwn2c08.png": "Pillow and libvips ignore cHRM; browsers do not",
    "pngsuite/ccwn3p08.png": "Pillow and libvips ignore cHRM; browsers do not",
    "photos/testimgl.jpg": "lossless JPEG, which no browser shows",
    **{f"gif/artificial-gif-{name}.gif": "Pillow and libvips paint the background where no frame does; browsers leave it clear"
       for name in ("background-color", "multiple-loop-counts", "pixel-data-none", "zero-width-frame")},
    "gif/images-no_palette.gif": "a frame without any palette is an error",
    "gif/images-no_palette_after_rgb.gif": "an animation ends before a frame without any palette",
    "gif/anim-issue_1455_undersized.gif": "disposal to background clears, as in browsers; Pillow and libvips paint a colour",
    "gif/images-test_extents.gif": "Pillow loses pixels of the second frame; libvips has the same as the engine",
    "gif/images-duplicate_number_of_loops.gif": "the last loop count is valid, as in libvips; Pillow takes the first",
    "webp/libwebp/bryce.webp": "wider than the default max_frame_size",
    **{f"avif/{name}.avif": "HDR (PQ) is tone-mapped to sRGB; others show what is stored" for name in (
        "color_grid_alpha_grid_gainmap_nogrid", "color_grid_gainmap_different_grid", "colors_hdr_p3", "colors_hdr_srgb",
        "colors_text_hdr_p3", "colors_text_hdr_rec2020", "colors_text_hdr_srgb", "colors_text_wcg_hdr_rec2020",
        "supported_gainmap_writer_version_with_extra_bytes", "unsupported_gainmap_minimum_version",
        "unsupported_gainmap_writer_version_with_extra_bytes")},
    "avif/colors_text_wcg_sdr_rec2020.avif": "the primaries that nclx names are converted to sRGB; others ignore them",
    "jxl/features-hdr_hlg_test.jxl": "HDR (HLG) is tone-mapped to sRGB; others show what is stored",
    "jxl/features-hdr_pq_test.jxl": "HDR (PQ) is tone-mapped to sRGB; others show what is stored",
    "jxl/features-premultiply_1.jxl": "colour is divided by alpha; others show the premultiplied samples",
}
# The decoder to ask besides Pillow: a command that writes OUT.
SECOND = {".jxl": ["djxl", "IN", "OUT"], ".avif": ["avifdec", "IN", "OUT"]}
OTHERS = ["vips", "copy", "IN", "OUT"]
PAGE = """<pre></pre><img src="data:image/%s;base64,%s" onload="
const c = document.createElement('canvas'); c.width = this.naturalWidth; c.height = this.naturalHeight;
c.getContext('2d').drawImage(this, 0, 0); document.querySelector('pre').textContent = c.toDataURL()">"""
# Chromaticities of white, red, green and blue by the code points of H.273.
D65 = (0.3127, 0.329)
PRIMARIES = {
    1: (D65, (0.64, 0.33), (0.3, 0.6), (0.15, 0.06)),
    9: (D65, (0.708, 0.292), (0.17, 0.797), (0.131, 0.046)),
    12: (D65, (0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}
Image.MAX_IMAGE_PIXELS = None


def premultiplied(image):
    """Samples as floats 0 to 255, colour multiplied by alpha."""
    pixels = numpy.asarray(image.convert("RGBA"), dtype=numpy.float64)
    alpha = pixels[..., 3:] / 255
    return numpy.concatenate([pixels[..., :3] * alpha, pixels[..., 3:]], axis=2)


def matrix_to_srgb(primaries):
    """From linear RGB with these chromaticities (white, red, green, blue) to linear sRGB; both whites are D65."""
    def to_xyz(white, *colours):
        columns = numpy.array([[x / y, 1, (1 - x - y) / y] for x, y in colours]).T
        x, y = white
        return columns * numpy.linalg.solve(columns, [x / y, 1, (1 - x - y) / y])
    return numpy.linalg.inv(to_xyz(*PRIMARIES[1])) @ to_xyz(*primaries)


def from_linear(image, light, matrix):
    """An image of linear RGB, with the alpha of `image`."""
    light = numpy.clip(light @ matrix.T, 0, 1)
    encoded = numpy.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    result = Image.fromarray((encoded * 255 + 0.5).astype(numpy.uint8), "RGB")
    if image.has_transparency_data:
        result.putalpha(image.convert("RGBA").getchannel("A"))
    return result


def signal(image):
    return numpy.asarray(image.convert("RGBA").convert("RGB"), dtype=numpy.float64) / 255


def shown(image, primaries, transfer, peak):
    """H.273 code points to sRGB: PQ (16), HLG (18) and linear (8), in units of 203 cd/m² (BT.2408). Above 0.6 the largest
    of the three is compressed by Reinhard's extended curve, so that `peak` (cd/m²) becomes 1."""
    v = signal(image)
    if transfer == 16:
        p = v ** (1 / 78.84375)
        light = 10000 * (numpy.maximum(p - 0.8359375, 0) / (18.8515625 - 18.6875 * p)) ** (1 / 0.1593017578125) / 203
    elif transfer == 18:
        scene = numpy.where(v <= 0.5, v * v / 3, (numpy.exp((v - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        luminance = scene @ numpy.array([0.2627, 0.678, 0.0593])
        light, peak = scene * luminance[..., None] ** 0.2 * 1000 / 203, 1000
    else:
        light, peak = v, 203
    knee = 0.6
    span = (peak / 203 - knee) / (1 - knee)
    if span > 1:
        largest = light.max(axis=2, keepdims=True)
        t = numpy.minimum(numpy.maximum(largest - knee, 0) / (1 - knee), span)
        bent = knee + (1 - knee) * t * (1 + t / span ** 2) / (1 + t)
        light = numpy.where(largest > knee, light * bent / numpy.maximum(largest, 1e-9), light)
    return from_linear(image, light, matrix_to_srgb(PRIMARIES[primaries]))


def signalled(path):
    """Primaries, transfer and peak that a file's header names, if they are not sRGB's."""
    if path.suffix == ".avif" and shutil.which("avifdec"):
        text = subprocess.run(["avifdec", "--info", path], capture_output=True, text=True, check=False).stdout
        found = [re.search(pattern, text) for pattern in (r"Color Primaries: (\d+)", r"Transfer Char\. *: (\d+)")]
        primaries, transfer = (int(match[1]) if match else 2 for match in found)
        # MaxCLL, the first number of the clli box.
        box = path.read_bytes().partition(b"clli")[2]
        peak = int.from_bytes(box[:2], "big") or 1000
    elif path.suffix == ".jxl" and shutil.which("jxlinfo"):
        text = subprocess.run(["jxlinfo", path], capture_output=True, text=True, check=False).stdout
        primaries = 9 if "Rec.2100" in text else 2
        transfer = 16 if "PQ transfer" in text else 18 if "HLG transfer" in text else 2
        match = re.search(r"intensity_target: ([\d.]+)", text)
        # 10000 is what a file has that names no peak.
        peak = float(match[1]) if match and float(match[1]) < 10000 else 1000
    else:
        return None
    if primaries == 2:
        # Unspecified: BT.709's, as browsers take them.
        primaries = 1
    return (primaries, transfer, peak) if primaries in PRIMARIES and transfer in (8, 16, 18) else None


def by_pillow(path, source=None):
    """What Pillow sees, in sRGB. `source` is the file that `path` was made of by another decoder."""
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
    code_points = signalled(source or path)
    gamma, chromaticity = image.info.get("gamma"), image.info.get("chromaticity")
    if code_points:
        image = shown(image, *code_points)
    elif image.format == "PNG" and gamma and chromaticity and not profile and "srgb" not in image.info:
        points = tuple(zip(chromaticity[::2], chromaticity[1::2]))
        image = from_linear(image, signal(image) ** min(1 / gamma, 100), matrix_to_srgb(points))
    elif profile:
        try:
            described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            alpha = image.getchannel("A") if "A" in image.getbands() else None
            mode = image.mode if image.mode in ("L", "CMYK") else "RGB"
            if image.mode in ("LA", "RGBA", "P", "PA"):
                image = image.convert("RGBA").convert("RGB")
            image = ImageCms.profileToProfile(
                image.convert(mode), described, ImageCms.createProfile("sRGB"), outputMode="RGB",
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
    return by_pillow(out, path) if out.exists() else None


def by_browser(path, out):
    """What Chromium draws on a canvas, which is sRGB; None when it is not installed or shows no picture."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        return None
    mime = {".jpg": "jpeg", ".jxl": "jxl"}.get(path.suffix, path.suffix[1:])
    page = out.with_suffix(".html")
    page.write_text(PAGE % (mime, base64.b64encode(path.read_bytes()).decode()))
    with tempfile.TemporaryDirectory() as profile:
        run = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--virtual-time-budget=20000", f"--user-data-dir={profile}", "--dump-dom", page.as_uri()],
            capture_output=True, text=True, check=False, timeout=60)
    found = re.search(r"<pre>data:image/png;base64,([^<]+)</pre>", run.stdout)
    return Image.open(io.BytesIO(base64.b64decode(found[1]))) if found else None


def references(path, out):
    """Decoders, one after the other, and what they see."""
    second = SECOND.get(path.suffix, OTHERS)[0]
    for name, decode in (("Pillow", by_pillow), (second, lambda p: by_second(p, out)), ("Chromium", lambda p: by_browser(p, out))):
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
        mine, other = premultiplied(ours), premultiplied(reference)
        if name == "Chromium" and mine.any() and not other.any():
            continue  # It shows nothing at all.
        difference = abs(mine - other).mean()
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
                # Pillow cannot read the transparent colour of PNGs with less than 8 bits.
                ours = by_tool(tool, path, work / "out.webp", "format=webp&webp.lossless=true")
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
    problems = unexpected = total = 0
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
                    print(f"{label}: {error}" + expected(path.relative_to(CORPUS)))
                    problems += 1
                    unexpected += str(path.relative_to(CORPUS)) not in BY_DESIGN
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
                    unexpected += str(path.relative_to(CORPUS)) not in BY_DESIGN
                    print(f"{label}: {'; '.join(wrong)}" + expected(path.relative_to(CORPUS)))
    print(f"{total - problems} of {total} animations survive; {problems - unexpected} differ by design, {unexpected} otherwise")
    if unexpected:
        sys.exit("some animations do not survive")


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
