"""Resizes, crops and converts images.

    import imageflow
    thumb = imageflow.open("in.jpg").constrain(400, 400).webp(quality=80).to_bytes()

A job is a chain: where the image comes from, what happens to it, and an output. Nothing runs before the output is asked
for. See `Job` for the operations, `imageflow.options` for their options and `imageflow.presets` for the encoders.
"""

from . import options, presets
from ._errors import (
    Cancelled,
    GraphInvalid,
    ImageflowError,
    ImageMalformed,
    InvalidArgument,
    InvalidJson,
    LibraryNotFound,
    OutOfMemory,
    SizeLimitExceeded,
    TimeoutError,
)
from ._functions import ImageInfo, VersionInfo, execute_json, info, open, querystring, version
from ._job import Job, Pending
from ._results import Output, Results
from .options import DecodeOptions, Gravity, Hints, MarginBox, PercentBox, Security, SizeLimit

__all__ = [
    "Cancelled",
    "DecodeOptions",
    "GraphInvalid",
    "Gravity",
    "Hints",
    "ImageInfo",
    "ImageMalformed",
    "ImageflowError",
    "InvalidArgument",
    "InvalidJson",
    "Job",
    "LibraryNotFound",
    "MarginBox",
    "OutOfMemory",
    "Output",
    "Pending",
    "PercentBox",
    "Results",
    "Security",
    "SizeLimit",
    "SizeLimitExceeded",
    "TimeoutError",
    "VersionInfo",
    "execute_json",
    "info",
    "open",
    "options",
    "presets",
    "querystring",
    "version",
]
