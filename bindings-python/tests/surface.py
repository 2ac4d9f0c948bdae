"""Every public member, used as its types allow: checked by mypy --strict, and run by test_surface.py."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Optional

import imageflow
from imageflow import Gravity, Hints, MarginBox, PercentBox, Security, SizeLimit, presets


def build(png: bytes, folder: Path) -> imageflow.Results:
    """A job with every chain method. The sizes fit an image of 64×48."""
    limit = SizeLimit(w=4000, h=4000, megapixels=16)
    security = Security(
        max_decode_size=limit,
        max_frame_size=limit,
        max_encode_size=limit,
        max_input_file_bytes=10_000_000,
        max_json_bytes=1_000_000,
        max_total_file_pixels=400_000_000,
        max_threads=2,
    )
    decode = imageflow.DecodeOptions(
        jpeg_downscale_hints=(32, 32),
        scale_luma_spatially=True,
        gamma_correct_for_srgb_during_spatial_luma_scaling=True,
        webp_decoder_hints=(64, 48),
        discard_color_profile=True,
        ignore_color_profile_errors=True,
        color_profile="srgb",
        select_frame=0,
    )
    hints = Hints(
        sharpen_percent=10,
        down_filter="lanczos",
        up_filter="ginseng",
        scaling_colorspace="linear",
        background_color="ffffff",
        resample_when="size_differs",
        sharpen_when="downscaling",
    )
    with imageflow.open(png, security=security, decode=decode) as job:
        job.constrain(60, 60, "fit", hints=hints, gravity=(50, 50), canvas_color="#fff")
        job.constrain(w=60, h=40, mode="fit_pad", gravity=Gravity(x=0, y=100), canvas_color=(1, 2, 3))
        job.constrain(58, gravity="center").resize(56, 40, fit="fit").resize(h=40).distort(64, 48).distort(64, 48, hints)
        job.crop(1, 1, 61, 45).region(-2, -2, 62, 46, background_color="black").region_percent(0, 0, 100, 100)
        job.crop_whitespace(threshold=80, percent_padding=0.5).distort(64, 48)
        job.expand_canvas(left=1, top=2, right=3, bottom=4, color=(0, 0, 0, 128)).fill_rect(0, 0, 5, 5, "ff000080")
        job.round_corners(4).round_corners((1, 2, 3, 4)).round_corners(percent=10, background_color="black")
        job.round_corners(percent=(1.0, 2.0, 3.0, 4.0)).round_corners(circle=True)
        job.rotate(90).rotate(-90).rotate(0).rotate90().rotate180().rotate270()
        job.flip_h().flip_v().transpose().transpose().apply_orientation(6).apply_orientation(8)
        job.watermark(
            png,
            gravity=Gravity(100, 100),
            fit_box=PercentBox(50, 50, 100, 100, relative_to="canvas"),
            fit_mode="within",
            opacity=0.5,
            min_canvas_width=10,
            min_canvas_height=10,
            hints=Hints(sharpen_percent=5),
        ).watermark(io.BytesIO(png), fit_box=MarginBox(1, 2, 3, 4, relative_to="image"))
        job.watermark_red_dot()
        job.draw_image_exact(png, x=1, y=1, w=8, h=8, blend="overwrite", hints=Hints(up_filter="box"))
        job.draw_image_exact(imageflow.Job().canvas(4, 4, "black", "bgr_32"), x=0, y=0, w=4, h=4)
        job.copy_rect(imageflow.Job().decode(png), from_x=0, from_y=0, w=8, h=8, x=2, y=2)
        job.grayscale().grayscale("ntsc").sepia().invert().alpha(0.5).brightness(0.1).contrast(0.1).saturation(0.1)
        job.white_balance().white_balance(0.01)
        job.color_matrix([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 0]])
        job.command("w=40&h=40&mode=max").node("flip_v").node("constrain", {"mode": "within", "w": 30})
        job.branch(encode_with_each_preset)
        job.branch(lambda branch: branch.jpeg(quality=80, progressive=False, matte="ffffff", key="jpeg"))
        job.branch(lambda branch: branch.png(key="png"))
        job.branch(lambda branch: branch.png(maximum_deflate=True))
        job.branch(lambda branch: branch.png(lossless=False, quality=80, minimum_quality=10, speed=5, key="palette"))
        job.branch(lambda branch: branch.webp(quality=80, key="webp"))
        job.branch(lambda branch: branch.webp(lossless=True))
        job.branch(lambda branch: branch.gif(key="gif"))
        output: imageflow.Output = job.save(folder / "saved.jpg")
        job.save(str(folder / "saved.jxl"), timeout=60)
        assert output.width == job.to_pil().width == job.to_numpy(timeout=60).shape[1]
        pending: imageflow.Pending = job.webp(key="pending")
        assert pending.to_pil(timeout=60).size == (output.width, output.height)
        assert pending.to_numpy().shape[:2] == (output.height, output.width)
        assert pending.to_bytes() == bytes(pending.to_buffer()) == bytes(pending.to_output(timeout=60))
        pending.save(folder / "saved.webp")
        with open(folder / "file.webp", "wb") as file:
            pending.save(file).save(file)
        job.cancel()
        results = pending.run(timeout=60)
    return results


def encode_with_each_preset(job: imageflow.Job) -> None:
    for number, preset in enumerate(encoders()):
        job.encode(preset, key=f"p{number}")


def encoders() -> "list[presets.AnyPreset]":
    return [
        presets.MozJpeg(quality=80, progressive=True, matte="ffffff"),
        presets.LibJpegTurbo(quality=80, progressive=True, optimize_huffman_coding=True, matte=(255, 255, 255)),
        presets.LodePng(maximum_deflate=True),
        presets.LibPng(depth="png_24", matte="black", zlib_compression=9),
        presets.PngQuant(quality=80, minimum_quality=0, speed=5, maximum_deflate=False),
        presets.WebPLossy(quality=70),
        presets.WebPLossless(),
        presets.Gif(),
        presets.Auto("good", 2, "ffffff", "keep", {"modern_web_safe": True}),
        presets.Format("png", {"percent": 50}, 2, "ffffff", False, {"all": True}, {"png": {"quality": 50}}),
        {"mozjpeg": {"quality": 50}},
        "gif",
    ]


async def asynchronous(png: bytes, folder: Path) -> int:
    job = imageflow.open(png).flip_h()
    saved = await job.save_async(folder / "async.png", timeout=60)
    pending = job.png(key="a")
    assert (await pending.to_output_async(timeout=60)).data == saved.data == await pending.to_bytes_async()
    await pending.save_async(folder / "async.png")
    return len(await job.run_async(timeout=60)) + len(await pending.run_async())


def functions(png: bytes, folder: Path) -> None:
    info: imageflow.ImageInfo = imageflow.info(png)
    described = (info.width, info.height, info.mime_type, info.extension, info.frame_decodes_into)
    assert described == (64, 48, "image/png", "png", "bgra_32")
    assert (info.lossless, info.multiple_frames) in ((True, False), (False, False))
    output = imageflow.querystring(png, "w=20&format=webp", folder / "query.webp", security=Security(), timeout=60)
    parts = (output.io_id, output.key, output.width, output.height, output.mime_type, output.extension)
    assert parts == (1, None, 20, 15, "image/webp", "webp")
    steps = [{"decode": {"io_id": 0}}, {"encode": {"io_id": 1, "preset": "gif"}}]
    results = imageflow.execute_json({"framewise": {"steps": steps}}, inputs={0: png}, outputs=[1], timeout=60)
    assert results[1] is results.first
    assert results.response["code"] == 200
    version: imageflow.VersionInfo = imageflow.version()
    assert str(version) == version.long_version_string
    assert version.abi >= (3, 1)
    assert version.last_git_commit and version.build_date and version.library_path


def errors() -> "tuple[int, int, str, Optional[str]]":
    try:
        imageflow.info(b"")
    except imageflow.ImageflowError as error:
        return error.code, error.http_status, error.category, str(error.response)
    raise AssertionError("an empty input was accepted")
