"""Functions for what needs no chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union

from ._job import Job
from ._library import library
from ._results import Destination, Output, Results
from ._run import Run
from ._sources import AnySource, Source
from .options import DecodeOptions, Security, present, to_wire


def open(
    src: AnySource,
    *,
    security: Union[Security, Mapping[str, Any], None] = None,
    decode: Optional[DecodeOptions] = None,
) -> Job:
    """Begins a job with an image: bytes, a path, a binary file object, a Pillow image or a numpy array."""
    return Job(security=security).decode(src, decode)


@dataclass(frozen=True)
class ImageInfo:
    """What an image is. Width and height are those after turning by EXIF orientation."""

    width: int
    height: int
    mime_type: str
    extension: str
    frame_decodes_into: str
    lossless: bool
    multiple_frames: bool


def info(src: AnySource) -> ImageInfo:
    """Reads the header of an image."""
    answer, _ = Run().execute("v1/get_image_info", {"io_id": 0}, {0: Source(src)})
    image = answer["data"]["image_info"]
    return ImageInfo(
        width=image["image_width"],
        height=image["image_height"],
        mime_type=image["preferred_mime_type"],
        extension=image["preferred_extension"],
        frame_decodes_into=image["frame_decodes_into"],
        lossless=image["lossless"],
        multiple_frames=image["multiple_frames"],
    )


def querystring(
    src: AnySource,
    query: str,
    dest: Optional[Destination] = None,
    *,
    security: Union[Security, Mapping[str, Any], None] = None,
    timeout: Optional[float] = None,
) -> Output:
    """Does what a querystring says, format included: `querystring("in.jpg", "w=100&format=webp")`."""
    command = {"kind": "ir4", "value": query, "decode": 0, "encode": 1}
    message = present(framewise={"steps": [{"command_string": command}]}, security=to_wire(security))
    output = execute_json(message, inputs={0: src}, outputs=[1], timeout=timeout)[1]
    if dest is not None:
        output.save(dest)
    return output


def execute_json(
    message: Mapping[str, Any],
    inputs: Optional[Mapping[int, AnySource]] = None,
    outputs: Iterable[int] = (),
    *,
    method: str = "v1/execute",
    timeout: Optional[float] = None,
) -> Results:
    """Sends the engine a message as it is. `inputs` and `outputs` are numbered as the message refers to them."""
    ids = list(outputs)
    sources = {io_id: Source(src) for io_id, src in (inputs or {}).items()}
    answer, buffers = Run(timeout).execute(method, message, sources, ids)
    return Results(answer, buffers, {})


@dataclass(frozen=True)
class VersionInfo:
    """Version of the loaded library."""

    long_version_string: str
    last_git_commit: str
    build_date: str
    abi: tuple[int, int]
    library_path: str

    def __str__(self) -> str:
        return self.long_version_string


def version() -> VersionInfo:
    """What library is in use."""
    answer, _ = Run().execute("v1/get_version_info", {}, {})
    engine = answer["data"]["version_info"]
    native = library()
    return VersionInfo(
        long_version_string=engine["long_version_string"],
        last_git_commit=engine["last_git_commit"],
        build_date=engine["build_date"],
        abi=(native.lib.imageflow_abi_version_major(), native.lib.imageflow_abi_version_minor()),
        library_path=native.path,
    )
