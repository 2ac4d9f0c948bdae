"""Exceptions. The engine's error categories are numbers; each has a name, an HTTP status and a Python class."""

from __future__ import annotations

import builtins
from typing import Any, Optional

_CATEGORIES = (
    "Ok",
    "OutOfMemory",
    "ArgumentInvalid",
    "InvalidJson",
    "ImageMalformed",
    "ImageTypeNotSupported",
    "NodeArgumentInvalid",
    "GraphInvalid",
    "ActionNotSupported",
    "ActionForbidden",
    "AuthorizationRequired",
    "LicenseError",
    "PrimaryResourceNotFound",
    "SecondaryResourceNotFound",
    "UpstreamTimeout",
    "UpstreamError",
    "IoError",
    "NoSolutionFound",
    "InternalError",
    "Unknown",
    "Custom",
    "OperationCancelled",
)


class ImageflowError(Exception):
    """Anything that goes wrong in imageflow.

    code: number of the category, as in the C library. category: its name, such as "ImageMalformed".
    http_status: what a server may answer with. response: the JSON the engine answered with, or None.
    """

    default_code = 18
    default_http_status = 500

    def __init__(
        self,
        message: str,
        *,
        code: Optional[int] = None,
        http_status: Optional[int] = None,
        response: Optional[dict[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.code = self.default_code if code is None else code
        self.http_status = self.default_http_status if http_status is None else http_status
        self.response = response

    @property
    def category(self) -> str:
        return _CATEGORIES[self.code] if 0 <= self.code < len(_CATEGORIES) else "Unknown"


class InvalidArgument(ImageflowError, ValueError):
    """A value the engine or this package refuses."""

    default_code = 2
    default_http_status = 400


class SizeLimitExceeded(InvalidArgument):
    """An image is larger than the security limits allow."""


class InvalidJson(ImageflowError, ValueError):
    """A message the engine cannot read."""

    default_code = 3
    default_http_status = 400


class ImageMalformed(ImageflowError):
    """An input is damaged, or of a format the engine does not know."""

    default_code = 4
    default_http_status = 400


class GraphInvalid(ImageflowError, ValueError):
    """The nodes of a job do not fit together."""

    default_code = 7
    default_http_status = 400


class OutOfMemory(ImageflowError, MemoryError):
    """The engine could not allocate memory."""

    default_code = 1
    default_http_status = 503


class Cancelled(ImageflowError):
    """The job was cancelled with `Job.cancel`."""

    default_code = 21
    default_http_status = 499


class TimeoutError(ImageflowError, builtins.TimeoutError):
    """The job took longer than its `timeout`."""

    default_code = 21
    default_http_status = 499


class LibraryNotFound(ImageflowError, ImportError):
    """The native library cannot be loaded. The message lists every place that was tried."""


_CLASSES: dict[int, type[ImageflowError]] = {
    1: OutOfMemory,
    2: InvalidArgument,
    3: InvalidJson,
    4: ImageMalformed,
    7: GraphInvalid,
    21: Cancelled,
}


def from_engine(message: str, code: int, http_status: int, response: Optional[dict[str, Any]]) -> ImageflowError:
    """The exception for an error of the engine."""
    kind = _CLASSES.get(code, ImageflowError)
    if message.startswith("ArgumentInvalid: SizeLimitExceeded"):
        # A kind within a category: the engine tells it in the text alone.
        kind = SizeLimitExceeded
    return kind(message, code=code, http_status=http_status, response=response)
