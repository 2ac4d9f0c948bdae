"""Every category that can be reached has its exception, with code, status and response."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import imageflow
import pytest
from imageflow import presets

from conftest import drawing

LIMIT = imageflow.Security(max_encode_size=imageflow.SizeLimit(3, 3, 1))


def raw(nodes: "list[Any]", edges: "list[Any]") -> "Callable[[bytes], object]":
    graph = {"nodes": {str(at): node for at, node in enumerate(nodes)}, "edges": edges}
    return lambda png: imageflow.execute_json({"framewise": {"graph": graph}}, {0: png}, [1])


CYCLE = raw(["flip_v", "flip_h"], [{"from": 0, "to": 1, "kind": "input"}, {"from": 1, "to": 0, "kind": "input"}])
NO_PANIC = {
    # name: (what to do with a PNG, exception, code, category, HTTP status, part of the message)
    "argument": (lambda png: imageflow.open(png).crop(10, 10, 5, 5).png().to_bytes(),
                 imageflow.InvalidArgument, 2, "ArgumentInvalid", 400, "InvalidNodeParams"),
    "endpoint": (lambda png: imageflow.execute_json({}, method="v1/nothing"),
                 imageflow.InvalidArgument, 2, "ArgumentInvalid", 400, "InvalidMessageEndpoint"),
    "unknown input": (raw([{"decode": {"io_id": 9}}], []),
                      imageflow.InvalidArgument, 2, "ArgumentInvalid", 400, "IoIdNotFound"),
    "duplicate id": (lambda png: imageflow.execute_json({}, {1: png}, [1]),
                     imageflow.InvalidArgument, 2, "ArgumentInvalid", 400, "DuplicateIoId"),
    "size limit": (lambda png: imageflow.open(png, security=LIMIT).png().to_bytes(),
                   imageflow.SizeLimitExceeded, 2, "ArgumentInvalid", 400, "max_encode_size.w"),
    "json": (lambda png: imageflow.open(png).node("constrain", {"w": "wide"}).png().to_bytes(),
             imageflow.InvalidJson, 3, "InvalidJson", 400, "InvalidJson"),
    "unknown node": (lambda png: imageflow.open(png).node("sharpn").png().to_bytes(),
                     imageflow.InvalidJson, 3, "InvalidJson", 400, "sharpn"),
    "not an image": (lambda png: imageflow.open(b"This is no image at all").png().to_bytes(),
                     imageflow.ImageMalformed, 4, "ImageMalformed", 400, "NoEnabledDecoderFound"),
    "empty": (lambda png: imageflow.info(b""),
              imageflow.ImageMalformed, 4, "ImageMalformed", 400, "NoEnabledDecoderFound"),
    "truncated": (lambda png: imageflow.open(png[:100]).png().to_bytes(),
                  imageflow.ImageMalformed, 4, "ImageMalformed", 400, "ImageDecodingError"),
    "cycle": (CYCLE, imageflow.GraphInvalid, 7, "GraphInvalid", 400, "GraphCyclic"),
    "missing file": (lambda png: imageflow.execute_json(
        {"io": [{"io_id": 0, "direction": "in", "io": {"file": "/no/such/file"}}], "framewise": {"steps": []}},
        method="v1/build"), imageflow.ImageflowError, 16, "IoError", 500, "IoError"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_PANIC)
def test_category(png: bytes, name: str) -> None:
    act, kind, code, category, status, text = NO_PANIC[name]
    with pytest.raises(imageflow.ImageflowError) as caught:
        act(png)
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.category, error.http_status) == (code, category, status)
    assert text in str(error)
    if error.response is not None:
        assert error.response["code"] == status
        assert error.response["success"] is False


def test_response_is_kept(png: bytes) -> None:
    with pytest.raises(imageflow.InvalidArgument) as caught:
        imageflow.open(png).crop(1, 1, 1, 1).png().to_bytes()
    assert caught.value.response is not None
    assert str(caught.value) == caught.value.response["message"].strip()


def test_hosts_classes() -> None:
    """Code that does not know imageflow catches these as what they are."""
    assert issubclass(imageflow.InvalidArgument, ValueError)
    assert issubclass(imageflow.OutOfMemory, MemoryError)
    assert issubclass(imageflow.TimeoutError, TimeoutError)
    assert issubclass(imageflow.LibraryNotFound, ImportError)
    for name in imageflow.__all__:
        member = getattr(imageflow, name)
        if isinstance(member, type) and issubclass(member, Exception):
            assert issubclass(member, imageflow.ImageflowError)


def test_engine_errors_map_to_classes() -> None:
    """Categories no input can provoke: running out of memory, and numbers of later engines."""
    from imageflow._errors import from_engine

    assert type(from_engine("OutOfMemory: AllocationFailed", 1, 503, None)) is imageflow.OutOfMemory
    later = from_engine("Later", 99, 500, None)
    assert type(later) is imageflow.ImageflowError
    assert (later.code, later.category) == (99, "Unknown")


@pytest.mark.parametrize(
    "act, text",
    [
        (lambda job: job.fill_rect(0, 0, 1, 1, "white"), "color: 'white'"),
        (lambda job: job.fill_rect(0, 0, 1, 1, (0, 0, 256)), "color: (0, 0, 256)"),
        (lambda job: job.region(0, 0, 1, 1, background_color="#12345"), "background_color: '#12345'"),
        (lambda job: job.jpeg(matte="red"), "matte: 'red'"),
        (lambda job: job.rotate(45), "degrees: 45"),
        (lambda job: job.round_corners(), "one of pixels, percent and circle"),
        (lambda job: job.round_corners((1, 2)), "each of 4 corners"),
        (lambda job: job.png(quality=80), "quality: a lossless PNG has none"),
        (lambda job: job.webp(quality=80, lossless=True), "quality: a lossless WebP has none"),
        (lambda job: job.save("picture.bmp"), "dest: cannot tell the format"),
        (lambda job: job.save("picture"), "dest: cannot tell the format"),
        (lambda job: job.watermark(drawing().png().to_bytes(), gravity=(1, 2, 3)), "gravity: (1, 2, 3)"),
        (lambda job: imageflow.open(None), "src: cannot read an image from NoneType"),
        (lambda job: job.watermark(42), "src: cannot read an image from int"),
        (lambda job: job.node("x", {"a": object()}).png().to_bytes(), "JSON cannot hold"),
        (lambda job: job.brightness(float("nan")).png().to_bytes(), "JSON cannot hold"),
        (lambda job: job.run(timeout=-1), "timeout: -1"),
        (lambda job: (job.png(key="a"), job.png(key="a")), "key: there is an output 'a' already"),
        (lambda job: imageflow.DecodeOptions(scale_luma_spatially=True).to_wire(), "scale_luma_spatially: works"),
        (lambda job: imageflow.Job().flip_h(), "no image yet"),
        (lambda job: imageflow.Job().png(), "no image yet"),
        (lambda job: imageflow.Job().save("x.png"), "no image yet"),
    ],
)
def test_refused_before_the_engine(act: Any, text: str) -> None:
    with pytest.raises(imageflow.InvalidArgument) as caught:
        act(drawing())
    assert text in str(caught.value)
    assert caught.value.code == 2


def test_file_errors_are_pythons_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        imageflow.open(tmp_path / "absent.jpg").png().to_bytes()
    with pytest.raises(FileNotFoundError):
        drawing().save(tmp_path / "absent" / "out.png")


def test_error_text_without_a_response(png: bytes) -> None:
    """The text of an error raised outside a message comes through whole, with the source it names."""
    with pytest.raises(imageflow.ImageMalformed) as caught:
        imageflow.open(b"x" * 200).png().to_bytes()
    assert caught.value.response is None
    assert "78, 78" in str(caught.value)


def test_presets_reach_the_engine(png: bytes) -> None:
    with pytest.raises(imageflow.InvalidJson):
        imageflow.open(png).encode(presets.MozJpeg(quality=300)).to_bytes()
