"""Every readable format goes to every writable one, with the right sizes and types."""

from __future__ import annotations

import io
from pathlib import Path

import imageflow
import PIL.Image
import pytest
from imageflow import presets

from conftest import corpus

ENCODERS = {
    "mozjpeg": (presets.MozJpeg(80), "image/jpeg", "jpg"),
    "libjpegturbo": (presets.LibJpegTurbo(80), "image/jpeg", "jpg"),
    "lodepng": (presets.LodePng(), "image/png", "png"),
    "libpng": (presets.LibPng(), "image/png", "png"),
    "pngquant": (presets.PngQuant(80), "image/png", "png"),
    "webplossy": (presets.WebPLossy(80), "image/webp", "webp"),
    "webplossless": (presets.WebPLossless(), "image/webp", "webp"),
    "gif": (presets.Gif(), "image/gif", "gif"),
    "auto": (presets.Auto("good", allow={"jpeg": True}), "image/jpeg", "jpg"),
    "format": (presets.Format("webp", "high"), "image/webp", "webp"),
    "jxl": (presets.Format("jxl", lossless=True), "image/jxl", "jxl"),
}


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/png", "image/gif", "image/webp"])
def test_from_each_to_each(pictures: "dict[str, bytes]", mime_type: str, encoder: str) -> None:
    preset, expected_type, extension = ENCODERS[encoder]
    output = imageflow.open(pictures[mime_type]).constrain(32, 32).encode(preset).to_output()
    assert (output.width, output.height) == (32, 24)
    assert (output.mime_type, output.extension) == (expected_type, extension)
    info = imageflow.info(output.data)
    assert (info.width, info.height, info.mime_type, info.extension) == (32, 24, expected_type, extension)
    if encoder != "jxl":
        with PIL.Image.open(io.BytesIO(output.data)) as image:
            assert image.size == (32, 24)
            assert image.get_format_mimetype() == expected_type


def test_info(pictures: "dict[str, bytes]") -> None:
    for mime_type, data in pictures.items():
        info = imageflow.info(data)
        assert (info.width, info.height, info.mime_type) == (64, 48, mime_type)
        assert not info.multiple_frames
    assert imageflow.info(pictures["image/png"]).frame_decodes_into == "bgra_32"
    assert imageflow.info(pictures["image/jpeg"]).frame_decodes_into == "bgr_32"


def test_quality_matters(png: bytes) -> None:
    job = imageflow.open(png).constrain(400, 400, mode="fit")
    assert len(job.jpeg(20).to_bytes()) < len(job.jpeg(95).to_bytes())
    assert len(job.webp(20).to_bytes()) < len(job.webp(95).to_bytes())
    assert len(job.png(lossless=False, quality=20).to_bytes()) < len(job.png().to_bytes())


# Damaged on purpose: the header can be read, the image cannot.
REFUSED = {
    "images-decompression_bomb.gif": "65535x1321 on a canvas of 32x32",
    "images-no_palette.gif": "a frame without a palette",
}


def corpus_files() -> "list[Path]":
    folder = corpus()
    if folder is None:
        return []
    files = [
        path
        for name in ("photos", "graphics", "gif", "webp")
        for path in sorted((folder / name).glob("*.*"))
        if path.suffix in (".jpg", ".png", ".gif", ".webp") and path.stat().st_size < 400_000
    ]
    # Some of each kind: enough to meet profiles, palettes, orientation and animation, not a test of the decoders.
    return files[::4]


@pytest.mark.skipif(corpus() is None, reason="no folder of shared pictures")
@pytest.mark.parametrize("path", corpus_files(), ids=lambda path: path.name)
def test_corpus(path: Path) -> None:
    info = imageflow.info(path)
    types = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
    assert info.mime_type == types[path.suffix[1:]]
    job = (
        imageflow.open(path)
        .constrain(40, 40)
        .branch(lambda job: job.jpeg(key="jpeg"))
        .branch(lambda job: job.png(key="png"))
        .branch(lambda job: job.gif(key="gif"))
        .branch(lambda job: job.webp(key="webp"))
    )
    if path.name in REFUSED:
        with pytest.raises(imageflow.ImageMalformed, match=REFUSED[path.name]):
            job.run()
        return
    results = job.run()
    assert list(results) == ["jpeg", "png", "gif", "webp"]
    for key, output in results.items():
        assert output.mime_type == f"image/{key}"
        assert max(output.width, output.height) == min(40, max(info.width, info.height))
        assert imageflow.info(output.data).mime_type == output.mime_type
