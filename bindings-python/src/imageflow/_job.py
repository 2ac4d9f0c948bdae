"""Jobs: what to do with an image, as a chain of calls. Nothing is read or computed until an output is asked for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional, Union

from . import presets
from ._errors import InvalidArgument
from ._pixels import to_array, to_pillow
from ._plan import Message, Plan, Step
from ._results import Destination, Output, Results
from ._run import Run
from ._sources import AnySource, Source
from .options import (
    AnyBox,
    AnyGravity,
    AnyHints,
    Blend,
    Color,
    ConstraintMode,
    DecodeOptions,
    Grayscale,
    PixelFormat,
    Security,
    WatermarkMode,
    color_to_wire,
    gravity_to_wire,
    present,
    to_wire,
)

if TYPE_CHECKING:
    import numpy
    import PIL.Image

_PRESET_OF_SUFFIX: dict[str, presets.Preset] = {
    ".jpg": presets.MozJpeg(quality=90, progressive=True),
    ".jpeg": presets.MozJpeg(quality=90, progressive=True),
    ".png": presets.LodePng(),
    ".webp": presets.WebPLossy(quality=80),
    ".gif": presets.Gif(),
    ".jxl": presets.Format("jxl", lossless=True),
}
# For reading pixels back: made and read once, so time counts and size does not.
_PIXELS = presets.LibPng(zlib_compression=0)


class _State:
    """What a job and its branches share."""

    def __init__(self, security: Union[Security, Mapping[str, Any], None]) -> None:
        self.plan = Plan()
        self.security = security
        # Those this job was given itself: inputs that came with another job, which was drawn, are that job's to close.
        self.sources: list[Source] = []
        self.closed = False
        self.runs: set[Run] = set()
        self.lock = threading.Lock()


class Job:
    """A chain of operations on an image. Every method that is not an output returns the job itself.

    One thread at a time may build a job; `cancel` may come from any. Jobs are independent of each other.
    """

    def __init__(
        self,
        src: Optional[AnySource] = None,
        *,
        security: Union[Security, Mapping[str, Any], None] = None,
        decode: Union[DecodeOptions, Sequence[Any], None] = None,
    ) -> None:
        self._state = _State(security)
        self._tip: Optional[int] = None
        if src is not None:
            self.decode(src, decode)

    def __enter__(self) -> Job:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the inputs. The job cannot run any more; its results stay valid."""
        self._state.closed = True
        for source in self._state.sources:
            source.close()

    # Where the image comes from

    def decode(self, src: AnySource, options: Union[DecodeOptions, Sequence[Any], None] = None) -> Job:
        """Starts with an image: bytes, a path, a binary file, a Pillow image or a numpy array."""
        commands = to_wire(options)
        return self._start("decode", present(commands=commands or None), self._add_input(src))

    def canvas(self, w: int, h: int, color: Color = "transparent", format: PixelFormat = "bgra_32") -> Job:
        """Starts with an empty image."""
        return self._start("create_canvas", {"w": w, "h": h, "color": color_to_wire(color, "color"), "format": format})

    # Size

    def constrain(
        self,
        w: Optional[int] = None,
        h: Optional[int] = None,
        mode: ConstraintMode = "within",
        *,
        hints: Optional[AnyHints] = None,
        gravity: Optional[AnyGravity] = None,
        canvas_color: Optional[Color] = None,
    ) -> Job:
        """Fits the image to a size. "within" only shrinks; "fit" enlarges too; "…_crop" fills the size, "…_pad" pads it."""
        color = None if canvas_color is None else color_to_wire(canvas_color, "canvas_color")
        options = present(
            mode=mode, w=w, h=h, hints=to_wire(hints), gravity=gravity_to_wire(gravity), canvas_color=color
        )
        return self._add("constrain", options)

    def resize(self, w: Optional[int] = None, h: Optional[int] = None, fit: ConstraintMode = "within") -> Job:
        """`constrain` with the mode under the name other libraries give it."""
        return self.constrain(w, h, fit)

    def distort(self, w: int, h: int, hints: Optional[AnyHints] = None) -> Job:
        """Scales to exactly this size, whatever the proportions."""
        return self._add("resample_2d", present(w=w, h=h, hints=to_wire(hints)))

    # Cropping and canvas

    def crop(self, x1: int, y1: int, x2: int, y2: int) -> Job:
        """Keeps the pixels from (x1, y1) up to, not including, (x2, y2)."""
        return self._add("crop", {"x1": x1, "y1": y1, "x2": x2, "y2": y2})

    def region(self, x1: int, y1: int, x2: int, y2: int, background_color: Color = "transparent") -> Job:
        """Like `crop`, but the region may lie outside the image."""
        color = color_to_wire(background_color, "background_color")
        return self._add("region", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "background_color": color})

    def region_percent(
        self, x1: float, y1: float, x2: float, y2: float, background_color: Color = "transparent"
    ) -> Job:
        """Like `region`, in percent of width and height."""
        color = color_to_wire(background_color, "background_color")
        return self._add("region_percent", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "background_color": color})

    def crop_whitespace(self, threshold: int = 80, percent_padding: float = 0) -> Job:
        """Removes the uniform border."""
        return self._add("crop_whitespace", {"threshold": threshold, "percent_padding": percent_padding})

    def expand_canvas(
        self, left: int = 0, top: int = 0, right: int = 0, bottom: int = 0, color: Color = "transparent"
    ) -> Job:
        """Adds pixels at the sides."""
        wire = color_to_wire(color, "color")
        return self._add("expand_canvas", {"left": left, "top": top, "right": right, "bottom": bottom, "color": wire})

    def fill_rect(self, x1: int, y1: int, x2: int, y2: int, color: Color) -> Job:
        """Replaces the pixels from (x1, y1) up to, not including, (x2, y2)."""
        return self._add("fill_rect", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "color": color_to_wire(color, "color")})

    def round_corners(
        self,
        pixels: Union[float, tuple[float, float, float, float], None] = None,
        *,
        percent: Union[float, tuple[float, float, float, float], None] = None,
        circle: bool = False,
        background_color: Color = "transparent",
    ) -> Job:
        """Rounds the corners, by a radius or by four: top left, top right, bottom right, bottom left."""
        if (pixels is not None) + (percent is not None) + circle != 1:
            raise InvalidArgument("round_corners: give one of pixels, percent and circle=True")
        radius: Any = "circle"
        for unit, value in (("pixels", pixels), ("percentage", percent)):
            if isinstance(value, tuple):
                corners = ("top_left", "top_right", "bottom_right", "bottom_left")
                if len(value) != 4:
                    raise InvalidArgument(f"round_corners: {value!r} must have one radius, or one for each of 4 corners")
                radius = {f"{unit}_custom": dict(zip(corners, value))}
            elif value is not None:
                radius = {unit: value}
        color = color_to_wire(background_color, "background_color")
        return self._add("round_image_corners", {"radius": radius, "background_color": color})

    # Turning

    def rotate(self, degrees: int) -> Job:
        """Turns clockwise by a multiple of 90 degrees."""
        turns = {0: None, 90: "rotate_90", 180: "rotate_180", 270: "rotate_270"}
        if degrees % 360 not in turns:
            raise InvalidArgument(f"degrees: {degrees!r} is not supported; use a multiple of 90")
        name = turns[degrees % 360]
        return self if name is None else self._add(name)

    def rotate90(self) -> Job:
        return self._add("rotate_90")

    def rotate180(self) -> Job:
        return self._add("rotate_180")

    def rotate270(self) -> Job:
        return self._add("rotate_270")

    def flip_h(self) -> Job:
        """Swaps left and right."""
        return self._add("flip_h")

    def flip_v(self) -> Job:
        """Swaps top and bottom."""
        return self._add("flip_v")

    def transpose(self) -> Job:
        """Swaps rows and columns."""
        return self._add("transpose")

    def apply_orientation(self, flag: int) -> Job:
        """Turns by an EXIF orientation from 1 to 8. JPEG inputs are turned by their own already."""
        return self._add("apply_orientation", {"flag": flag})

    # Other images

    def watermark(
        self,
        src: AnySource,
        *,
        gravity: Optional[AnyGravity] = None,
        fit_box: Optional[AnyBox] = None,
        fit_mode: Optional[WatermarkMode] = None,
        opacity: Optional[float] = None,
        min_canvas_width: Optional[int] = None,
        min_canvas_height: Optional[int] = None,
        hints: Optional[AnyHints] = None,
    ) -> Job:
        """Draws another image over this one, within a box. Images not larger than min_canvas_… are left alone."""
        options = present(
            gravity=gravity_to_wire(gravity),
            fit_box=to_wire(fit_box),
            fit_mode=fit_mode,
            opacity=opacity,
            min_canvas_width=min_canvas_width,
            min_canvas_height=min_canvas_height,
            hints=to_wire(hints),
        )
        self._require_image()
        return self._add("watermark", options, io=self._add_input(src))

    def watermark_red_dot(self) -> Job:
        """Marks the bottom right corner with 3×3 red pixels."""
        return self._add("watermark_red_dot")

    def draw_image_exact(
        self,
        other: Union[Job, AnySource],
        *,
        x: int,
        y: int,
        w: int,
        h: int,
        blend: Optional[Blend] = None,
        hints: Optional[AnyHints] = None,
    ) -> Job:
        """Scales another image (or job) to w×h and draws it onto this one at (x, y)."""
        options = present(x=x, y=y, w=w, h=h, blend=blend, hints=to_wire(hints))
        return self._draw("draw_image_exact", other, options)

    def copy_rect(
        self, other: Union[Job, AnySource], *, from_x: int, from_y: int, w: int, h: int, x: int, y: int
    ) -> Job:
        """Copies w×h pixels of another image (or job), from (from_x, from_y), onto this one at (x, y)."""
        options = {"from_x": from_x, "from_y": from_y, "w": w, "h": h, "x": x, "y": y}
        return self._draw("copy_rect_to_canvas", other, options)

    # Colour

    def grayscale(self, kind: Grayscale = "bt709") -> Job:
        return self._filter(f"grayscale_{kind}")

    def sepia(self) -> Job:
        return self._filter("sepia")

    def invert(self) -> Job:
        return self._filter("invert")

    def alpha(self, value: float) -> Job:
        """Multiplies opacity: 0 is transparent, 1 changes nothing."""
        return self._filter({"alpha": value})

    def brightness(self, value: float) -> Job:
        """-1 is black, 0 changes nothing, 1 is white."""
        return self._filter({"brightness": value})

    def contrast(self, value: float) -> Job:
        """-1 is gray, 0 changes nothing."""
        return self._filter({"contrast": value})

    def saturation(self, value: float) -> Job:
        """-1 is gray, 0 changes nothing."""
        return self._filter({"saturation": value})

    def white_balance(self, threshold: Optional[float] = None) -> Job:
        """Stretches each channel, leaving out this fraction of the pixels at both ends."""
        return self._add("white_balance_histogram_area_threshold_srgb", present(threshold=threshold))

    def color_matrix(self, matrix: Sequence[Sequence[float]]) -> Job:
        """Multiplies colours by a 5×5 matrix: rows r, g, b, a and an offset, columns R, G, B, A."""
        return self._add("color_matrix_srgb", {"matrix": [list(row) for row in matrix]})

    # Everything else

    def command(self, querystring: str) -> Job:
        """Does what a querystring says, such as "w=100&mode=max"."""
        return self._add("command_string", {"kind": "ir4", "value": querystring})

    def node(self, name: str, options: Any = None) -> Job:
        """Adds a node of the engine by its JSON, for those without a method here."""
        return self._add(name, options)

    def branch(self, build: Callable[[Job], object]) -> Job:
        """Calls `build` with a job that continues from here, for another output; this job goes on where it was."""
        self._require_image()
        build(self._at(self._tip))
        return self

    # Outputs

    def encode(self, preset: presets.AnyPreset, *, key: Optional[str] = None) -> Pending:
        """Declares an output in the format of a preset (see `imageflow.presets`). `key` names it in the results."""
        self._require_image()
        plan = self._plan
        if key is not None and key in plan.keys.values():
            raise InvalidArgument(f"key: there is an output {key!r} already; choose another name")
        io_id = plan.add_output(key)
        tip = plan.add(Step("encode", {"preset": to_wire(preset)}, self._tip, io=io_id, writes=True))
        return Pending(self, tip, io_id)

    def jpeg(
        self,
        quality: int = 90,
        progressive: bool = True,
        *,
        matte: Optional[Color] = None,
        key: Optional[str] = None,
    ) -> Pending:
        """Declares a JPEG output. Transparent pixels are put on `matte`, white if None."""
        return self.encode(presets.MozJpeg(quality, progressive, matte), key=key)

    def png(
        self,
        lossless: bool = True,
        quality: Optional[int] = None,
        *,
        minimum_quality: Optional[int] = None,
        speed: Optional[int] = None,
        maximum_deflate: Optional[bool] = None,
        key: Optional[str] = None,
    ) -> Pending:
        """Declares a PNG output: lossless, or with lossless=False a palette of up to 256 colours."""
        if not lossless:
            return self.encode(presets.PngQuant(quality, minimum_quality, speed, maximum_deflate), key=key)
        for name, value in (("quality", quality), ("minimum_quality", minimum_quality), ("speed", speed)):
            if value is not None:
                raise InvalidArgument(f"{name}: a lossless PNG has none; add lossless=False")
        return self.encode(presets.LodePng(maximum_deflate), key=key)

    def webp(self, quality: Optional[float] = None, lossless: bool = False, *, key: Optional[str] = None) -> Pending:
        """Declares a WebP output, of quality 80 unless given."""
        if not lossless:
            return self.encode(presets.WebPLossy(80 if quality is None else quality), key=key)
        if quality is not None:
            raise InvalidArgument("quality: a lossless WebP has none; leave out quality or lossless=True")
        return self.encode(presets.WebPLossless(), key=key)

    def gif(self, *, key: Optional[str] = None) -> Pending:
        """Declares a GIF output."""
        return self.encode(presets.Gif(), key=key)

    def save(self, dest: Destination, *, timeout: Optional[float] = None) -> Output:
        """Writes a file in the format its suffix names. For settings: `.webp(quality=70).save(dest)`."""
        return self._pending_for(dest).save(dest, timeout=timeout)

    async def save_async(self, dest: Destination, *, timeout: Optional[float] = None) -> Output:
        return await self._pending_for(dest).save_async(dest, timeout=timeout)

    def to_numpy(self, *, timeout: Optional[float] = None) -> numpy.ndarray[Any, Any]:
        """The pixels, H×W×4 (RGBA) or H×W×3 (RGB) uint8. Needs numpy and Pillow."""
        return to_array(self._pixels(timeout))

    def to_pil(self, *, timeout: Optional[float] = None) -> PIL.Image.Image:
        """The pixels as a Pillow image, RGBA or RGB."""
        return to_pillow(self._pixels(timeout))

    def run(self, *, timeout: Optional[float] = None) -> Results:
        """Makes every output that was declared, branches included. `timeout` is in seconds."""
        return self._run(self._plan.message(), timeout)

    async def run_async(self, *, timeout: Optional[float] = None) -> Results:
        """`run` without blocking the event loop; cancelling the task stops the engine."""
        return await self._run_async(self._plan.message(), timeout)

    def cancel(self) -> None:
        """Stops the runs of this job that are in progress on other threads; they raise `Cancelled`."""
        with self._state.lock:
            for run in self._state.runs:
                run.cancel()

    # Within the package

    @property
    def _plan(self) -> Plan:
        return self._state.plan

    def _at(self, tip: Optional[int]) -> Job:
        twin = Job.__new__(Job)
        twin._state, twin._tip = self._state, tip
        return twin

    def _require_image(self) -> None:
        if self._tip is None:
            raise InvalidArgument("the job has no image yet; begin with decode(src) or canvas(w, h)")

    def _start(self, name: str, options: Any, io: Optional[int] = None) -> Job:
        self._tip = self._plan.add(Step(name, options, io=io))
        return self

    def _add(self, name: str, options: Any = None, *, canvas: Optional[int] = None, io: Optional[int] = None) -> Job:
        self._require_image()
        self._tip = self._plan.add(Step(name, options, self._tip, canvas, io))
        return self

    def _add_input(self, src: AnySource) -> int:
        source = Source(src)
        self._state.sources.append(source)
        return self._plan.add_input(source)

    def _filter(self, value: Any) -> Job:
        return self._add("color_filter_srgb", value)

    def _draw(self, name: str, other: Union[Job, AnySource], options: Any) -> Job:
        self._require_image()
        drawn = other if isinstance(other, Job) else Job(other)
        drawn._require_image()
        tip = drawn._tip
        assert tip is not None
        if drawn._state is not self._state:
            tip = self._plan.graft(drawn._plan, tip)
        self._tip = self._plan.add(Step(name, options, tip, canvas=self._tip))
        return self

    def _pixels(self, timeout: Optional[float]) -> memoryview:
        return self._once(_PIXELS).to_buffer(timeout=timeout)

    def _pending_for(self, dest: Destination) -> Pending:
        name = dest if isinstance(dest, (str, os.PathLike)) else getattr(dest, "name", "")
        suffix = os.path.splitext(os.fspath(name))[1].lower() if isinstance(name, (str, os.PathLike)) else ""
        if suffix not in _PRESET_OF_SUFFIX:
            known = ", ".join(_PRESET_OF_SUFFIX)
            raise InvalidArgument(
                f"dest: cannot tell the format of {dest!r}; use a name that ends with one of {known}, or choose the"
                " format first, as in .webp().save(dest)"
            )
        return self._once(_PRESET_OF_SUFFIX[suffix])

    def _once(self, preset: presets.Preset) -> Pending:
        """An output apart from those `run` makes: declared in a copy of the plan."""
        self._require_image()
        assert self._tip is not None
        twin = self._at(None)
        twin._state = _State(self._state.security)
        # Shared, so that `cancel` and `close` reach the copy.
        twin._state.runs, twin._state.lock = self._state.runs, self._state.lock
        twin._state.closed = self._state.closed
        twin._tip = twin._plan.graft(self._plan, self._tip)
        return twin.encode(preset)

    def _body(self, message: Message) -> dict[str, Any]:
        if self._state.closed:
            raise InvalidArgument("the job is closed; run it inside its with block")
        return present(framewise=message.framewise, security=to_wire(self._state.security))

    def _run(self, message: Message, timeout: Optional[float]) -> Results:
        body, run = self._body(message), self._begin(timeout)
        try:
            answer, buffers = run.execute("v1/execute", body, message.inputs, message.outputs)
        finally:
            self._end(run)
        return Results(answer, buffers, self._plan.keys)

    async def _run_async(self, message: Message, timeout: Optional[float]) -> Results:
        body, run = self._body(message), self._begin(timeout)
        try:
            answer, buffers = await run.execute_async("v1/execute", body, message.inputs, message.outputs)
        finally:
            self._end(run)
        return Results(answer, buffers, self._plan.keys)

    def _begin(self, timeout: Optional[float]) -> Run:
        run = Run(timeout)
        with self._state.lock:
            self._state.runs.add(run)
        return run

    def _end(self, run: Run) -> None:
        with self._state.lock:
            self._state.runs.discard(run)


class Pending:
    """A declared output. Its methods make this output alone; `Job.run` makes all of them."""

    def __init__(self, job: Job, tip: int, io_id: int) -> None:
        self._job = job
        self._tip = tip
        self.io_id = io_id

    def to_output(self, *, timeout: Optional[float] = None) -> Output:
        """The encoded image with its size and type."""
        return self._job._run(self._message(), timeout)[self.io_id]

    def to_bytes(self, *, timeout: Optional[float] = None) -> bytes:
        """The encoded image. `timeout` is in seconds."""
        return bytes(self.to_output(timeout=timeout))

    def to_buffer(self, *, timeout: Optional[float] = None) -> memoryview:
        """The encoded image in the engine's own memory, without a copy; read-only."""
        return self.to_output(timeout=timeout).data

    def save(self, dest: Destination, *, timeout: Optional[float] = None) -> Output:
        """Writes the encoded image to a path or a binary file object."""
        output = self.to_output(timeout=timeout)
        output.save(dest)
        return output

    def to_numpy(self, *, timeout: Optional[float] = None) -> numpy.ndarray[Any, Any]:
        """The pixels of the encoded image. Needs numpy and Pillow."""
        return to_array(self.to_buffer(timeout=timeout))

    def to_pil(self, *, timeout: Optional[float] = None) -> PIL.Image.Image:
        """The encoded image, decoded by Pillow."""
        return to_pillow(self.to_buffer(timeout=timeout))

    async def to_output_async(self, *, timeout: Optional[float] = None) -> Output:
        return (await self._job._run_async(self._message(), timeout))[self.io_id]

    async def to_bytes_async(self, *, timeout: Optional[float] = None) -> bytes:
        """`to_bytes` without blocking the event loop; cancelling the task stops the engine."""
        return bytes(await self.to_output_async(timeout=timeout))

    async def save_async(self, dest: Destination, *, timeout: Optional[float] = None) -> Output:
        output = await self.to_output_async(timeout=timeout)
        output.save(dest)
        return output

    def run(self, *, timeout: Optional[float] = None) -> Results:
        """Makes every output of the job."""
        return self._job.run(timeout=timeout)

    async def run_async(self, *, timeout: Optional[float] = None) -> Results:
        """Makes every output of the job."""
        return await self._job.run_async(timeout=timeout)

    def _message(self) -> Message:
        return self._job._plan.message(self._tip)
