"""Encoder presets, for `Job.encode`. `Job.jpeg`, `Job.png`, `Job.webp` and `Job.gif` cover most needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Optional, Union

from .options import Color, Options

QualityProfile = Union[
    Literal["lowest", "low", "mediumlow", "medium", "good", "high", "highest", "lossless"], Mapping[str, float]
]
"""A quality across formats: a name, or `{"percent": 0..100}`."""
FormatName = Literal["webp", "jpeg", "jpg", "png", "avif", "jxl", "gif", "keep"]
Lossless = Union[bool, Literal["keep"]]
"""Whether the file must be lossless; `"keep"`: as the source is."""


@dataclass(frozen=True)
class Preset(Options):
    """Base of the presets."""

    wire_name: ClassVar[str]

    def to_wire(self) -> Any:
        options = super().to_wire()
        if isinstance(options.get("lossless"), bool):
            # The one field of the wire format where JSON's own booleans are refused.
            options["lossless"] = "true" if options["lossless"] else "false"
        return {self.wire_name: options}


@dataclass(frozen=True)
class MozJpeg(Preset):
    """JPEG, the best bytes for a quality from 0 to 100."""

    wire_name = "mozjpeg"
    quality: Optional[int] = None
    progressive: Optional[bool] = None
    matte: Optional[Color] = None


@dataclass(frozen=True)
class LibJpegTurbo(Preset):
    """JPEG, the fastest."""

    wire_name = "libjpegturbo"
    quality: Optional[int] = None
    progressive: Optional[bool] = None
    optimize_huffman_coding: Optional[bool] = None
    matte: Optional[Color] = None


@dataclass(frozen=True)
class LodePng(Preset):
    """Lossless PNG, in the smallest colour type that holds the image."""

    wire_name = "lodepng"
    maximum_deflate: Optional[bool] = None


@dataclass(frozen=True)
class LibPng(Preset):
    """Lossless truecolour PNG."""

    wire_name = "libpng"
    depth: Optional[Literal["png_32", "png_24"]] = None
    matte: Optional[Color] = None
    zlib_compression: Optional[int] = None


@dataclass(frozen=True)
class PngQuant(Preset):
    """PNG with a palette of up to 256 colours; lossless where minimum_quality cannot be had."""

    wire_name = "pngquant"
    quality: Optional[int] = None
    minimum_quality: Optional[int] = None
    speed: Optional[int] = None
    maximum_deflate: Optional[bool] = None


@dataclass(frozen=True)
class WebPLossy(Preset):
    """WebP with a quality from 0 to 100."""

    wire_name = "webplossy"
    quality: float = 80


@dataclass(frozen=True)
class WebPLossless(Preset):
    """Lossless WebP."""

    def to_wire(self) -> Any:
        return "webplossless"


@dataclass(frozen=True)
class Gif(Preset):
    """GIF, animated where the source is."""

    def to_wire(self) -> Any:
        return "gif"


@dataclass(frozen=True)
class Auto(Preset):
    """The engine chooses format and settings. `allow` names formats and groups: `{"modern_web_safe": True}`."""

    wire_name = "auto"
    quality_profile: QualityProfile = "good"
    quality_profile_dpr: Optional[float] = None
    matte: Optional[Color] = None
    lossless: Optional[Lossless] = None
    allow: Optional[Mapping[str, bool]] = None


@dataclass(frozen=True)
class Format(Preset):
    """The engine chooses the settings for a format."""

    wire_name = "format"
    format: FormatName
    quality_profile: Optional[QualityProfile] = None
    quality_profile_dpr: Optional[float] = None
    matte: Optional[Color] = None
    lossless: Optional[Lossless] = None
    allow: Optional[Mapping[str, bool]] = None
    encoder_hints: Optional[Mapping[str, Any]] = None


AnyPreset = Union[Preset, str, Mapping[str, Any]]
"""A preset, or its JSON."""
