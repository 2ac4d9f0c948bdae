"""Pixels in and out. The engine has no raw-pixel format yet: pixels go in as an uncompressed PNG and come out as one that
Pillow reads.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from typing import TYPE_CHECKING, Any

from ._errors import ImageflowError, InvalidArgument

if TYPE_CHECKING:
    import numpy
    import PIL.Image

# PNG colour types by number of channels.
_COLOR_TYPES = {1: 0, 3: 2, 4: 6}


def _png(width: int, height: int, channels: int, rows: bytes) -> bytes:
    """An uncompressed PNG. `rows`: a zero byte (filter: none) and 8-bit samples, per row."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))

    header = struct.pack(">IIBBBBB", width, height, 8, _COLOR_TYPES[channels], 0, 0, 0)
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 0)), chunk(b"IEND", b""))
    )


def is_array(value: object) -> bool:
    """Whether this is a numpy array; if so, numpy is loaded already."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def is_pillow_image(value: object) -> bool:
    """Whether this is a Pillow image; if so, Pillow is loaded already."""
    image = sys.modules.get("PIL.Image")
    return image is not None and isinstance(value, image.Image)


def from_array(array: numpy.ndarray[Any, Any]) -> bytes:
    """A file of the pixels of an array: H×W gray, H×W×3 RGB, or H×W×4 RGBA."""
    import numpy

    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if array.dtype != numpy.uint8 or channels not in _COLOR_TYPES or 0 in array.shape:
        hint = "; for the bytes of an encoded file pass array.tobytes()" if array.ndim == 1 else ""
        raise InvalidArgument(
            f"src: an array of shape {array.shape} and dtype {array.dtype} is not an image; use uint8 and shape"
            f" (height, width), (height, width, 3) or (height, width, 4), in RGB(A) order{hint}"
        )
    height, width = array.shape[:2]
    rows = numpy.zeros((height, 1 + width * channels), numpy.uint8)
    rows[:, 1:] = array.reshape(height, width * channels)
    return _png(width, height, channels, rows.tobytes())


def from_pillow(image: PIL.Image.Image) -> bytes:
    """A file of the pixels of a Pillow image."""
    if image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    width, height = image.size
    if not (width and height):
        raise InvalidArgument(f"src: an image of {width}×{height} pixels has none to work with")
    pixels, channels = image.tobytes(), len(image.mode)
    stride = width * channels
    rows = b"".join(b"\0" + pixels[at : at + stride] for at in range(0, stride * height, stride))
    return _png(width, height, channels, rows)


def to_pillow(png: memoryview) -> PIL.Image.Image:
    """The pixels of a PNG: RGBA, or RGB without alpha."""
    try:
        import PIL.Image
    except ImportError as error:
        raise ImageflowError("to_pil and to_numpy read pixels with Pillow: pip install imageflow[pillow]") from error
    with PIL.Image.open(io.BytesIO(png)) as image:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")


def to_array(png: memoryview) -> numpy.ndarray[Any, Any]:
    """The pixels of a PNG: H×W×4 RGBA, or H×W×3 RGB without alpha."""
    try:
        import numpy
    except ImportError as error:
        raise ImageflowError("to_numpy needs numpy: pip install imageflow[numpy]") from error
    return numpy.array(to_pillow(png))
