"""What a run gives back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Optional, Union

Destination = Union[str, "os.PathLike[str]", IO[bytes]]
"""A path, or a binary file object."""


@dataclass(frozen=True, eq=False)
class Output:
    """One encoded image. `data` is the engine's own memory, read-only, valid for as long as it is referred to."""

    io_id: int
    key: Optional[str]
    width: int
    height: int
    mime_type: str
    extension: str
    data: memoryview

    def __bytes__(self) -> bytes:
        return bytes(self.data)

    def __repr__(self) -> str:
        size = f"{self.width}×{self.height} {self.mime_type}, {self.data.nbytes} bytes"
        return f"<imageflow.Output {self.key or self.io_id}: {size}>"

    def save(self, dest: Destination) -> None:
        """Writes the file."""
        if isinstance(dest, (str, os.PathLike)):
            with open(dest, "wb") as file:
                file.write(self.data)
        else:
            dest.write(self.data)


class Results(Mapping[Union[str, int], Output]):
    """The outputs of a run, found by key or io_id; iterating gives the key of each, or its io_id if it has no key.

    response: what the engine answered, with timings under data.job_result.performance.
    """

    def __init__(
        self, response: dict[str, Any], buffers: Mapping[int, memoryview], keys: Mapping[int, Optional[str]]
    ) -> None:
        self.response = response
        data = response.get("data")
        job = (data.get("job_result") or data.get("build_result")) if isinstance(data, dict) else None
        self._by_id = {
            encode["io_id"]: Output(
                io_id=encode["io_id"],
                key=keys.get(encode["io_id"]),
                width=encode["w"],
                height=encode["h"],
                mime_type=encode["preferred_mime_type"],
                extension=encode["preferred_extension"],
                data=buffers[encode["io_id"]],
            )
            for encode in (job or {}).get("encodes", ())
            if encode["io_id"] in buffers
        }
        self._by_key = {output.key: output for output in self._by_id.values() if output.key is not None}

    def __getitem__(self, key: Union[str, int]) -> Output:
        found = self._by_key.get(key) if isinstance(key, str) else self._by_id.get(key)
        if found is None:
            raise KeyError(f"no output {key!r}; there are {list(self)}")
        return found

    def __iter__(self) -> Iterator[Union[str, int]]:
        return (output.io_id if output.key is None else output.key for output in self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __repr__(self) -> str:
        return f"<imageflow.Results {list(self.values())}>"

    @property
    def first(self) -> Output:
        """The only output, or the one that was declared first."""
        if not self._by_id:
            raise KeyError("the run had no outputs")
        return self._by_id[min(self._by_id)]
