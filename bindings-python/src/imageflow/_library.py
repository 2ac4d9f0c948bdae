"""Finds and loads the native library, once, when it is first needed: importing the package loads nothing."""

from __future__ import annotations

import os
import platform
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple, Optional

from ._errors import LibraryNotFound

_FILE_NAME = {"win32": "imageflow.dll", "darwin": "libimageflow.dylib"}.get(sys.platform, "libimageflow.so")
_ABI_MAJOR = 3
# 1 brought cancellation, which this package cannot do without; 2 taking outputs without a copy.
_ABI_MINOR_NEEDED = 1
_ABI_MINOR_WANTED = 2


class Library(NamedTuple):
    """The loaded library."""

    ffi: Any
    lib: Any
    path: str
    abi_major: int
    abi_minor: int


def _candidates() -> list[str]:
    """Where to look, in order. IMAGEFLOW_LIBRARY_PATH, once set, is the only place: it must not fail silently."""
    given = os.environ.get("IMAGEFLOW_LIBRARY_PATH")
    if given:
        return [os.path.join(given, _FILE_NAME) if os.path.isdir(given) else given]
    return [str(Path(__file__).with_name(_FILE_NAME)), _FILE_NAME]


def _host() -> str:
    libc = " ".join(part for part in platform.libc_ver() if part) if sys.platform.startswith("linux") else ""
    return f"{platform.system()} {platform.machine()}, {libc or 'no glibc'}, Python {platform.python_version()}"


def _open(ffi: Any, path: str) -> Library:
    lib = ffi.dlopen(path)
    major, minor = lib.imageflow_abi_version_major(), lib.imageflow_abi_version_minor()
    if not lib.imageflow_abi_compatible(_ABI_MAJOR, _ABI_MINOR_NEEDED):
        raise OSError(f"it has ABI {major}.{minor}, this package needs {_ABI_MAJOR}.{_ABI_MINOR_NEEDED} or a later 3.x")
    return Library(ffi, lib, path, major, min(minor, _ABI_MINOR_WANTED))


def _load() -> Library:
    try:
        from ._abi import ffi
    except ImportError as error:
        raise LibraryNotFound(
            "the package imageflow was not built: install it with pip, do not run it from its source folder"
        ) from error
    failures = []
    for path in _candidates():
        try:
            return _open(ffi, path)
        except (OSError, AttributeError, ffi.error) as error:
            failures.append(f"  {path}: {error}")
    raise LibraryNotFound(
        f"cannot load the imageflow library on {_host()}. Tried:\n"
        + "\n".join(failures)
        + "\nInstall the wheel for this platform, or set IMAGEFLOW_LIBRARY_PATH to the library's file or folder."
    )


_loaded: Optional[Library] = None
_lock = threading.Lock()


def library() -> Library:
    """The library, loaded on the first call."""
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = _load()
    return _loaded
