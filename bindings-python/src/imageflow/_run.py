"""Runs one message: a context, its inputs and outputs, cancellation, time limit."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ._context import Context
from ._errors import Cancelled, ImageflowError, InvalidArgument, TimeoutError
from ._sources import Source

_CANCELLED = 21


class Run:
    """One execution. `cancel` may come from any thread, before, during or after it."""

    def __init__(self, timeout: Optional[float] = None) -> None:
        if timeout is not None and not timeout >= 0:
            raise InvalidArgument(f"timeout: {timeout!r} is not a number of seconds; give one that is not negative")
        self._timeout = timeout
        self._timed_out = False
        self._cancelled = False
        self._context: Optional[Context] = None
        self._lock = threading.Lock()

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            if self._context is not None:
                self._context.cancel()

    def execute(
        self, method: str, message: Any, inputs: Mapping[int, Source], outputs: Iterable[int] = ()
    ) -> tuple[dict[str, Any], dict[int, memoryview]]:
        """The response, and the bytes of each output."""
        timer = None
        if self._timeout is not None:
            timer = threading.Timer(self._timeout, self._expire)
            timer.daemon = True
            timer.start()
        try:
            # Before the context exists, so that the time limit covers reading.
            data = {io_id: source.data() for io_id, source in inputs.items()}
            with Context() as context:
                self._attach(context)
                try:
                    for io_id, content in data.items():
                        context.add_input(io_id, content)
                    for io_id in outputs:
                        context.add_output(io_id)
                    response = context.send(method, message)
                    return response, {io_id: context.output(io_id) for io_id in outputs}
                finally:
                    self._detach()
        except ImageflowError as error:
            if error.code == _CANCELLED and self._timed_out:
                text = f"the job took longer than {self._timeout} s"
                raise TimeoutError(text, code=error.code, http_status=error.http_status, response=error.response) from None
            raise
        finally:
            if timer is not None:
                timer.cancel()

    async def execute_async(
        self, method: str, message: Any, inputs: Mapping[int, Source], outputs: Iterable[int] = ()
    ) -> tuple[dict[str, Any], dict[int, memoryview]]:
        """`execute` on the event loop's default executor. Cancelling the task stops the engine."""
        work = functools.partial(self.execute, method, message, inputs, outputs)
        try:
            return await asyncio.get_running_loop().run_in_executor(None, work)
        except asyncio.CancelledError:
            # The thread notices within milliseconds and cleans up after itself; the task need not wait for it.
            self.cancel()
            raise

    def _attach(self, context: Context) -> None:
        with self._lock:
            if self._cancelled:
                raise Cancelled("the job was cancelled before it started")
            self._context = context

    def _detach(self) -> None:
        with self._lock:
            self._context = None

    def _expire(self) -> None:
        self._timed_out = True
        self.cancel()
