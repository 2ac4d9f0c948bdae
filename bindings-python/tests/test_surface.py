"""The public surface: surface.py uses all of it, here it runs; and nothing public is missing there."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path

import imageflow
import pytest
from imageflow import options, presets

import surface


def test_every_member_runs(png: bytes, tmp_path: Path) -> None:
    results = surface.build(png, tmp_path)
    assert len(results) == len(surface.encoders()) + 8
    assert results["jpeg"].mime_type == "image/jpeg"
    assert results["pending"].mime_type == "image/webp"
    assert imageflow.info(tmp_path / "saved.jpg").mime_type == "image/jpeg"
    assert imageflow.info(tmp_path / "saved.jxl").mime_type == "image/jxl"
    assert imageflow.info(tmp_path / "file.webp").mime_type == "image/webp"
    surface.functions(png, tmp_path)
    assert surface.errors() == (4, 400, "ImageMalformed", "None")


async def test_every_asynchronous_member_runs(png: bytes, tmp_path: Path) -> None:
    assert await surface.asynchronous(png, tmp_path) == 2


def public(kind: type) -> "list[str]":
    return [name for name, _ in inspect.getmembers(kind) if not name.startswith("_")]


def test_no_member_is_left_out() -> None:
    text = Path(surface.__file__).read_text(encoding="utf-8")
    for kind in (imageflow.Job, imageflow.Pending, imageflow.Output, imageflow.Results):
        for name in public(kind):
            # Results' mapping methods are the standard library's.
            if name not in ("get", "items", "keys", "values", "close"):
                assert f".{name}" in text, f"{kind.__name__}.{name}"
    for module in (options, presets):
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and name not in ("Options", "Preset"):
                assert f"{name}(" in text, name
    for name in ("open", "info", "querystring", "execute_json", "version"):
        assert f"imageflow.{name}(" in text, name


def test_chain_methods_return_the_job(png: bytes) -> None:
    job = imageflow.open(png)
    for act in (lambda: job.flip_h(), lambda: job.constrain(10), lambda: job.branch(lambda b: b), lambda: job.rotate(0)):
        assert act() is job


def test_documented() -> None:
    undocumented = [
        f"{kind.__name__}.{name}"
        for kind in (imageflow.Job, imageflow.Pending, imageflow.Results, imageflow.Output)
        for name in public(kind)
        if len(getattr(kind, name).__doc__ or "") < 10
    ]
    # Their names say it all, or they are the asynchronous twin of a documented method.
    allowed = {"rotate90", "rotate180", "rotate270", "grayscale", "sepia", "invert"}
    names = {name.split(".")[1] for name in undocumented}
    assert {name for name in names if not name.endswith("_async")} <= allowed


def test_results(png: bytes) -> None:
    job = imageflow.open(png)
    results = job.branch(lambda b: b.constrain(10).png(key="small")).png().run()
    assert list(results) == ["small", 2]
    assert results["small"] is results[1] is results.first
    assert (results[2].width, results[2].key) == (64, None)
    assert repr(results["small"]) == f"<imageflow.Output small: 10×8 image/png, {results[1].data.nbytes} bytes>"
    with pytest.raises(KeyError, match="no output 'large'; there are"):
        results["large"]


def test_results_of_a_run_without_outputs() -> None:
    results = imageflow.execute_json({"framewise": {"steps": []}})
    assert len(results) == 0
    with pytest.raises(KeyError, match="no outputs"):
        results.first


def test_errors_can_be_sent_between_processes() -> None:
    with pytest.raises(imageflow.ImageMalformed) as caught:
        imageflow.info(b"x")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), copy.code) == (imageflow.ImageMalformed, str(caught.value), 4)


def test_one_output_does_not_make_the_others(png: bytes) -> None:
    job = imageflow.open(png)
    job.branch(lambda b: b.crop(9, 9, 1, 1).png())
    assert job.png().to_bytes()
    with pytest.raises(imageflow.InvalidArgument):
        job.run()


def test_operations_do_what_they_say(png: bytes) -> None:
    def size(job: imageflow.Job) -> "tuple[int, int]":
        output = job.png().to_output()
        return output.width, output.height

    assert size(imageflow.open(png).rotate(90)) == (48, 64)
    assert size(imageflow.open(png).rotate(-90)) == (48, 64)
    assert size(imageflow.open(png).crop(0, 0, 10, 20)) == (10, 20)
    assert size(imageflow.open(png).constrain(32, 32, "within_pad")) == (32, 32)
    assert size(imageflow.open(png).resize(32, 32)) == (32, 24)
    assert size(imageflow.open(png).resize(128, 96, fit="fit")) == (128, 96)
    assert size(imageflow.open(png).expand_canvas(left=1, right=2)) == (67, 48)
    red = imageflow.Job().canvas(2, 2, (255, 0, 0))
    on_black = imageflow.Job().canvas(4, 4, "black").draw_image_exact(red, x=1, y=1, w=2, h=2, hints=None)
    pixels = on_black.to_pil().convert("RGB")
    assert [pixels.getpixel((x, x)) for x in range(4)] == [(0, 0, 0), (255, 0, 0), (255, 0, 0), (0, 0, 0)]
    copied = imageflow.Job().canvas(4, 4, "black").copy_rect(red, from_x=0, from_y=0, w=1, h=2, x=3, y=0).to_pil()
    assert copied.convert("RGB").getpixel((3, 1)) == (255, 0, 0)
