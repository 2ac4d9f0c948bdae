"""Inputs of a job. What the user gave is read when a run first needs it, on the thread of the run."""

from __future__ import annotations

import os
import threading
from typing import IO, TYPE_CHECKING, Any, Optional, Union

from ._context import Buffer
from ._errors import InvalidArgument
from ._pixels import from_array, from_pillow, is_array, is_pillow_image

if TYPE_CHECKING:
    import numpy
    import PIL.Image

AnySource = Union[
    bytes, bytearray, memoryview, str, "os.PathLike[str]", IO[bytes], "PIL.Image.Image", "numpy.ndarray[Any, Any]"
]
"""An encoded file: its bytes, path, or a binary file object. Or pixels: a Pillow image or a uint8 numpy array."""


class Source:
    """One input. Bytes-like objects are used in place; everything else is read or converted once."""

    def __init__(self, given: AnySource) -> None:
        readable = isinstance(given, (bytes, bytearray, memoryview, str, os.PathLike)) or hasattr(given, "read")
        if not (readable or is_array(given) or is_pillow_image(given)):
            raise InvalidArgument(
                f"src: cannot read an image from {type(given).__name__}; give bytes, a path, a binary file object,"
                " a Pillow image or a uint8 numpy array"
            )
        self._given: Any = given
        self._data: Optional[Buffer] = None
        # Runs of one job may start on several threads; a file object can be read once.
        self._lock = threading.Lock()

    @property
    def given(self) -> AnySource:
        source: AnySource = self._given
        return source

    def data(self) -> Buffer:
        with self._lock:
            if self._data is None:
                self._data = self._read()
            return self._data

    def close(self) -> None:
        """Lets go of what was read. File objects the user opened stay open, as with Pillow."""
        with self._lock:
            self._data = self._given = None

    def _read(self) -> Buffer:
        given = self._given
        if given is None:
            raise InvalidArgument("the job is closed")
        # Before bytes-like objects: arrays are such, too.
        if is_array(given):
            return from_array(given)
        if is_pillow_image(given):
            return from_pillow(given)
        if isinstance(given, (bytes, bytearray, memoryview)):
            return given
        if isinstance(given, (str, os.PathLike)):
            with open(given, "rb") as file:
                return file.read()
        content = given.read()
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise InvalidArgument('src: the file gives text, not bytes; open it with mode "rb"')
        return content
