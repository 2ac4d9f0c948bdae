"""Options of the chain methods: dataclasses, and the short spellings they can be replaced with.

Whatever is None is left to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, Optional, Union

from ._errors import InvalidArgument

ConstraintMode = Literal[
    "distort", "within", "fit", "larger_than", "within_crop", "fit_crop", "aspect_crop", "within_pad", "fit_pad"
]
WatermarkMode = Literal["distort", "within", "fit", "within_crop", "fit_crop"]
Filter = Literal[
    "robidoux_fast", "robidoux", "robidoux_sharp", "ginseng", "ginseng_sharp", "lanczos", "lanczos_sharp", "lanczos_2",
    "lanczos_2_sharp", "cubic", "cubic_sharp", "catmull_rom", "mitchell", "cubic_b_spline", "hermite", "jinc",
    "triangle", "linear", "box", "fastest", "n_cubic", "n_cubic_sharp",
]  # fmt: skip
Colorspace = Literal["srgb", "linear"]
ResampleWhen = Literal["size_differs", "size_differs_or_sharpening_requested", "always"]
SharpenWhen = Literal["downscaling", "upscaling", "size_differs", "always"]
Blend = Literal["compose", "overwrite"]
Grayscale = Literal["ntsc", "flat", "bt709", "ry"]
PixelFormat = Literal["bgra_32", "bgr_32"]
RelativeTo = Literal["image", "canvas"]

Color = Union[str, Sequence[int], Mapping[str, Any]]
"""`"black"`, `"transparent"`, hex digits such as `"#ff8800"` or `"ff880080"`, or `(r, g, b)`, `(r, g, b, a)`."""

_HEX = re.compile(r"#?([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\Z")


def color_to_wire(value: Color, field: str) -> Any:
    """The engine's form of a colour; `field` names it in errors."""
    if isinstance(value, str):
        if value in ("black", "transparent"):
            return value
        match = _HEX.match(value)
        if match:
            return {"srgb": {"hex": match.group(1).lower()}}
    elif isinstance(value, Mapping):
        return value
    elif len(value) in (3, 4) and all(0 <= channel <= 255 for channel in value):
        return {"srgb": {"hex": bytes(value).hex()}}
    raise InvalidArgument(
        f'{field}: {value!r} is not a colour; use "black", "transparent", hex digits such as "ff8800", or (r, g, b)'
        " or (r, g, b, a) with numbers from 0 to 255"
    )


def present(**values: Any) -> dict[str, Any]:
    """The values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Options:
    """Base of the options: to_wire gives the engine's form."""

    def to_wire(self) -> Any:
        wire = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            if field.name in ("background_color", "matte"):
                value = color_to_wire(value, field.name)
            wire[field.name] = value.to_wire() if isinstance(value, Options) else value
        return wire


@dataclass(frozen=True)
class Hints(Options):
    """How to resample: kernels, sharpening (percent), colour space."""

    sharpen_percent: Optional[float] = None
    down_filter: Optional[Filter] = None
    up_filter: Optional[Filter] = None
    scaling_colorspace: Optional[Colorspace] = None
    background_color: Optional[Color] = None
    resample_when: Optional[ResampleWhen] = None
    sharpen_when: Optional[SharpenWhen] = None


@dataclass(frozen=True)
class Gravity(Options):
    """Where to put what is smaller, or keep what is cropped: percent from the left and the top."""

    x: float = 50
    y: float = 50

    def to_wire(self) -> Any:
        return {"percentage": {"x": self.x, "y": self.y}}


@dataclass(frozen=True)
class PercentBox(Options):
    """The part of the image a watermark has to fit into, in percent."""

    x1: float = 0
    y1: float = 0
    x2: float = 100
    y2: float = 100
    relative_to: RelativeTo = "image"

    def to_wire(self) -> Any:
        return {f"{self.relative_to}_percentage": {"x1": self.x1, "y1": self.y1, "x2": self.x2, "y2": self.y2}}


@dataclass(frozen=True)
class MarginBox(Options):
    """The part of the image a watermark has to fit into, as pixels from each side."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0
    relative_to: RelativeTo = "image"

    def to_wire(self) -> Any:
        box = {"left": self.left, "top": self.top, "right": self.right, "bottom": self.bottom}
        return {f"{self.relative_to}_margins": box}


AnyGravity = Union[Literal["center"], tuple[float, float], Gravity, Mapping[str, Any]]
"""`"center"`, `(x, y)` in percent, or a `Gravity`."""
AnyHints = Union[Hints, Mapping[str, Any]]
AnyBox = Union[PercentBox, MarginBox, Mapping[str, Any]]


def gravity_to_wire(value: Optional[AnyGravity]) -> Any:
    """The engine's form of a place."""
    if not isinstance(value, (tuple, list)):
        return to_wire(value)
    if len(value) != 2:
        raise InvalidArgument(f'gravity: {value!r} is not a place; use "center" or (x, y) in percent')
    return Gravity(*value).to_wire()


def to_wire(value: Any) -> Any:
    """The engine's form of options; dictionaries, strings and None stay as they are."""
    return value.to_wire() if isinstance(value, Options) else value


@dataclass(frozen=True)
class DecodeOptions(Options):
    """What to tell the decoder of an input.

    The hints are sizes (width, height) the decoder need not exceed. color_profile names the colours to convert pixels to;
    select_frame counts from 0.
    """

    jpeg_downscale_hints: Optional[tuple[int, int]] = None
    scale_luma_spatially: Optional[bool] = None
    gamma_correct_for_srgb_during_spatial_luma_scaling: Optional[bool] = None
    webp_decoder_hints: Optional[tuple[int, int]] = None
    discard_color_profile: bool = False
    ignore_color_profile_errors: bool = False
    color_profile: Optional[Literal["srgb", "keep", "display_p3"]] = None
    select_frame: Optional[int] = None

    def to_wire(self) -> list[Any]:
        commands: list[Any] = []
        luma = present(
            scale_luma_spatially=self.scale_luma_spatially,
            gamma_correct_for_srgb_during_spatial_luma_scaling=self.gamma_correct_for_srgb_during_spatial_luma_scaling,
        )
        if self.jpeg_downscale_hints is not None:
            width, height = self.jpeg_downscale_hints
            commands.append({"jpeg_downscale_hints": {"width": width, "height": height, **luma}})
        elif luma:
            raise InvalidArgument(f"{next(iter(luma))}: works together with jpeg_downscale_hints=(width, height) only")
        if self.webp_decoder_hints is not None:
            width, height = self.webp_decoder_hints
            commands.append({"webp_decoder_hints": {"width": width, "height": height}})
        if self.discard_color_profile:
            commands.append("discard_color_profile")
        if self.ignore_color_profile_errors:
            commands.append("ignore_color_profile_errors")
        if self.color_profile is not None:
            commands.append({"color_profile": self.color_profile})
        if self.select_frame is not None:
            commands.append({"select_frame": self.select_frame})
        return commands


@dataclass(frozen=True)
class SizeLimit(Options):
    """The largest frame allowed."""

    w: int
    h: int
    megapixels: float


@dataclass(frozen=True)
class Security(Options):
    """Limits of a job. Jobs that exceed them raise `SizeLimitExceeded`."""

    max_decode_size: Optional[SizeLimit] = None
    max_frame_size: Optional[SizeLimit] = None
    max_encode_size: Optional[SizeLimit] = None
    max_input_file_bytes: Optional[int] = None
    max_json_bytes: Optional[int] = None
    max_total_file_pixels: Optional[int] = None
    max_threads: Optional[int] = None
