"""Everything a job reads from and writes to."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import imageflow
import numpy as np
import PIL.Image
import pytest


def test_kinds_of_files(png: bytes, tmp_path: Path) -> None:
    path = tmp_path / "in.png"
    path.write_bytes(png)
    given: "list[Any]" = [png, bytearray(png), memoryview(png), path, str(path), io.BytesIO(png)]
    for src in given:
        assert imageflow.info(src).width == 64, type(src)
    with path.open("rb") as file, imageflow.open(file) as job:
        # Twice: a file object can be read only once.
        assert job.png().to_bytes() == job.png().to_bytes()
    with path.open("rb") as file:
        imageflow.open(file).close()
        assert not file.closed


def test_text_files_are_refused() -> None:
    with pytest.raises(imageflow.InvalidArgument, match='mode "rb"'):
        imageflow.info(io.StringIO("text"))  # type: ignore[arg-type]


def test_closed_jobs_are_refused(png: bytes) -> None:
    with imageflow.open(png) as job:
        output = job.png().to_buffer()
        declared = job.gif()
    for act in (lambda: declared.to_bytes(), lambda: job.run(), lambda: job.save("x.png")):
        with pytest.raises(imageflow.InvalidArgument, match="the job is closed"):
            act()
    assert imageflow.info(output).width == 64


def test_closing_leaves_the_inputs_of_others(png: bytes) -> None:
    mark = imageflow.open(io.BytesIO(png)).constrain(8, 8)
    with imageflow.open(png) as job:
        job.draw_image_exact(mark, x=0, y=0, w=8, h=6)
        assert job.png().to_bytes()
    assert mark.png().to_output().width == 8


@pytest.mark.parametrize("shape, mode", [((5, 7), "L"), ((5, 7, 3), "RGB"), ((5, 7, 4), "RGBA")])
def test_arrays(shape: "tuple[int, ...]", mode: str) -> None:
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    expected = np.array(PIL.Image.fromarray(array).convert("RGBA" if mode == "RGBA" else "RGB"))
    for given in (array, np.asfortranarray(array), np.repeat(array, 2, axis=1)[:, ::2]):
        result = imageflow.open(given).to_numpy()
        assert result.dtype == np.uint8
        assert np.array_equal(result, expected)
    assert imageflow.open(array).flip_h().to_numpy().tolist() == expected[:, ::-1].tolist()


def test_numbers_of_numpy_are_numbers(png: bytes) -> None:
    output = imageflow.open(png).constrain(np.int64(32), np.uint8(32)).brightness(np.float32(0.5)).png().to_output()
    assert output.width == 32


@pytest.mark.parametrize(
    "array, text",
    [
        (np.zeros((4, 4), np.float32), "dtype float32"),
        (np.zeros((4, 4, 2), np.uint8), r"shape \(4, 4, 2\)"),
        (np.zeros((0, 4), np.uint8), r"shape \(0, 4\)"),
        (np.zeros(9, np.uint8), r"pass array.tobytes\(\)"),
    ],
)
def test_arrays_that_are_not_images(array: "np.ndarray[Any, Any]", text: str) -> None:
    with pytest.raises(imageflow.InvalidArgument, match=text):
        imageflow.open(array).png().to_bytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_pillow_images(mode: str) -> None:
    image = PIL.Image.new("RGB", (6, 4), (200, 100, 50))
    image.putpixel((1, 2), (10, 20, 30))
    image = PIL.Image.new("I;16", (6, 4), 300) if mode == "I;16" else image.convert(mode)
    result = imageflow.open(image).to_pil()
    expected = image.convert("RGBA" if mode in ("LA", "RGBA") else "RGB")
    assert result.size == (6, 4)
    assert result.mode == expected.mode
    assert result.tobytes() == expected.tobytes()


def test_empty_pillow_image() -> None:
    with pytest.raises(imageflow.InvalidArgument, match="0×4"):
        imageflow.open(PIL.Image.new("RGB", (0, 4))).png().to_bytes()


@pytest.mark.parametrize("suffix, mime_type", [
    (".jpg", "image/jpeg"), (".JPEG", "image/jpeg"), (".png", "image/png"), (".webp", "image/webp"),
    (".gif", "image/gif"), (".jxl", "image/jxl"),
])  # fmt: skip
def test_save_by_suffix(png: bytes, tmp_path: Path, suffix: str, mime_type: str) -> None:
    path = tmp_path / f"out{suffix}"
    job = imageflow.open(png)
    assert job.save(path).mime_type == mime_type
    assert imageflow.info(path).mime_type == mime_type
    with open(tmp_path / f"file{suffix}", "wb") as file:
        job.save(file)
    assert (tmp_path / f"file{suffix}").read_bytes() == path.read_bytes()
    # Saving declares nothing: run makes what was declared otherwise.
    assert list(job.gif(key="declared").run()) == ["declared"]


def test_transparency_survives(png: bytes) -> None:
    assert imageflow.Job().canvas(3, 2, "ff000080").to_numpy()[0, 0].tolist() == [255, 0, 0, 128]
    opaque = imageflow.Job().canvas(3, 2, "ff0000", "bgr_32").to_numpy()
    assert opaque.shape == (2, 3, 3)
