"""One engine context: inputs, one message, outputs. Everything that touches C is here and in `_library`.

Inputs are not copied: the engine reads the caller's memory (lifetime 1), which stays exported until the context is
destroyed. Outputs are not copied either: they are taken from the engine and freed when the last view of them is gone.
cffi releases the GIL during every call.
"""

from __future__ import annotations

import json
import threading
from types import TracebackType
from typing import Any, Optional, Union

from ._errors import ImageflowError, InvalidArgument, OutOfMemory, from_engine
from ._library import library

Buffer = Union[bytes, bytearray, memoryview]

_OUTLIVES_CONTEXT = 1
_LONGEST_ERROR_TEXT = 64 * 1024


class Context:
    """Use with `with`. `cancel` may be called from any thread at any time; everything else from one at a time."""

    def __init__(self) -> None:
        native = library()
        self._ffi, self._lib = native.ffi, native.lib
        self._can_take = native.abi_minor >= 2
        self._pins: list[Any] = []
        # Keeps `cancel` from reaching a context that is being destroyed.
        self._lock = threading.Lock()
        self._context = self._lib.imageflow_context_create(native.abi_major, native.abi_minor)
        if not self._context:
            raise OutOfMemory("the engine could not create a context")

    def __enter__(self) -> Context:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        with self._lock:
            context, self._context = self._context, self._ffi.NULL
        self._lib.imageflow_context_destroy(context)
        # Only now: the engine may have read from them until here.
        for pin in self._pins:
            self._ffi.release(pin)
        self._pins.clear()

    def add_input(self, io_id: int, data: Buffer) -> None:
        """Registers `data`, which must not change until the context is destroyed."""
        try:
            pin = self._ffi.from_buffer("uint8_t[]", data)
        except (BufferError, ValueError):
            # Memory with gaps, such as every other byte of something.
            pin = self._ffi.from_buffer("uint8_t[]", bytes(data))
        self._pins.append(pin)
        if not self._lib.imageflow_context_add_input_buffer(self._context, io_id, pin, len(pin), _OUTLIVES_CONTEXT):
            raise self.error()

    def add_output(self, io_id: int) -> None:
        if not self._lib.imageflow_context_add_output_buffer(self._context, io_id):
            raise self.error()

    def send(self, method: str, message: Any) -> dict[str, Any]:
        """Sends a message and returns the response, or raises its error."""
        try:
            body = json.dumps(message, allow_nan=False, separators=(",", ":"), default=_scalar).encode()
        except (TypeError, ValueError) as error:
            raise InvalidArgument(f"the job has a value that JSON cannot hold: {error}") from error
        response = self._lib.imageflow_context_send_json(self._context, method.encode(), body, len(body))
        if not response:
            raise self.error()
        ffi = self._ffi
        status, text, size = ffi.new("int64_t *"), ffi.new("uint8_t **"), ffi.new("size_t *")
        self._lib.imageflow_json_response_read(self._context, response, status, text, size)
        answer: dict[str, Any] = json.loads(ffi.buffer(text[0], size[0])[:])
        if not 200 <= status[0] < 300:
            raise self.error(answer, int(status[0]))
        return answer

    def output(self, io_id: int) -> memoryview:
        """The bytes of an output, for as long as somebody refers to them. To be called once per output."""
        ffi, lib = self._ffi, self._lib
        data, size = ffi.new("uint8_t **"), ffi.new("size_t *")
        if not self._can_take:
            if not lib.imageflow_context_get_output_buffer_by_id(self._context, io_id, data, size):
                raise self.error()
            return memoryview(bytes(ffi.buffer(data[0], size[0])))
        if not lib.imageflow_context_take_output_buffer(self._context, io_id, data, size):
            raise self.error()
        length = int(size[0])
        owned = ffi.gc(data[0], lambda pointer: lib.imageflow_buffer_free(pointer, length), length)
        return memoryview(ffi.buffer(owned, length)).toreadonly()

    def cancel(self) -> None:
        """Makes a running message fail soon, and later ones at once."""
        with self._lock:
            if self._context:
                self._lib.imageflow_context_request_cancellation(self._context)

    def error(self, response: Optional[dict[str, Any]] = None, status: Optional[int] = None) -> ImageflowError:
        """The exception for the context's error; for the response's, when the context has none."""
        lib = self._lib
        code = lib.imageflow_context_error_code(self._context)
        message = str(response["message"]) if response and "message" in response else self._error_text()
        if status is None:
            status = lib.imageflow_context_error_as_http_code(self._context)
        return from_engine(message.strip(), code, status, response)

    def _error_text(self) -> str:
        size = 2048
        while True:
            text, written = self._ffi.new("char[]", size), self._ffi.new("size_t *")
            complete = self._lib.imageflow_context_error_write_to_buffer(self._context, text, size, written)
            if complete or size >= _LONGEST_ERROR_TEXT:
                return bytes(self._ffi.buffer(text, written[0])).decode(errors="replace")
            size *= 2


def _scalar(value: Any) -> Any:
    """numpy's numbers, which the json module does not know."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{value!r} is not a number, text, list or dictionary")
