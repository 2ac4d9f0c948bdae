"""Puts the native library and the declarations of its functions into the package.

maturin would build the library too, but it always compiles the Rust workspace and cannot pack a library that exists
already, which is how wheels for several platforms are made. So this is plain setuptools with two hooks:

- the library is the one IMAGEFLOW_LIBRARY_PATH names (a file, or a folder that holds it), or is built with cargo from the
  checkout this folder is in;
- the wheel is tagged `py3-none-<platform>`: it holds native code, but none that depends on the Python version. A build that
  makes wheels for older systems names the platform in IMAGEFLOW_WHEEL_PLATFORM, such as `manylinux_2_28_x86_64`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cffi import FFI
from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist
from setuptools.dist import Distribution

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
HEADER = "imageflow_lua.h"
FILE_NAME = {"win32": "imageflow.dll", "darwin": "libimageflow.dylib"}.get(sys.platform, "libimageflow.so")


def native_library() -> Path:
    """Finds the library, or builds it."""
    given = os.environ.get("IMAGEFLOW_LIBRARY_PATH")
    if given:
        path = Path(given)
        path = path / FILE_NAME if path.is_dir() else path
        if not path.is_file():
            raise SystemExit(f"IMAGEFLOW_LIBRARY_PATH: there is no file {path}")
        return path
    if not (CHECKOUT / "libimageflow" / "Cargo.toml").is_file():
        raise SystemExit("set IMAGEFLOW_LIBRARY_PATH to the imageflow library, or build from a checkout of imageflow")
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "libimageflow"], cwd=CHECKOUT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
    return CHECKOUT / target / "release" / FILE_NAME


def header() -> Path:
    """The declarations of the library's functions: the checkout's, or the copy in a source distribution."""
    ours = HERE / HEADER
    return ours if ours.is_file() else CHECKOUT / "include" / HEADER


class BuildWithLibrary(build_py):
    """Adds the library and the module _abi to the package."""

    def run(self) -> None:
        super().run()
        package = HERE / "src" / "imageflow" if self.editable_mode else Path(self.build_lib) / "imageflow"
        # The library's own header, so that declarations cannot drift from it. Generated when the package is built, the
        # module loads in a millisecond; parsing C at import takes fifty.
        ffi = FFI()
        ffi.cdef(header().read_text(encoding="utf-8"))
        ffi.set_source("imageflow._abi", None)
        ffi.emit_python_code(str(package / "_abi.py"))
        shutil.copy(native_library(), package / FILE_NAME)


class SourceWithHeader(sdist):
    """Adds the header, which lives outside this folder."""

    def make_release_tree(self, base_dir: str, files: "list[str]") -> None:
        super().make_release_tree(base_dir, files)
        shutil.copy(header(), Path(base_dir) / HEADER)


class PlatformWheel(bdist_wheel):
    """One wheel per platform, for every Python."""

    def get_tag(self) -> "tuple[str, str, str]":
        platform = os.environ.get("IMAGEFLOW_WHEEL_PLATFORM") or super().get_tag()[2]
        return "py3", "none", platform


class NativeDistribution(Distribution):
    """Has native code, although no extension module."""

    def has_ext_modules(self) -> bool:
        return True


setup(
    distclass=NativeDistribution,
    cmdclass={"build_py": BuildWithLibrary, "sdist": SourceWithHeader, "bdist_wheel": PlatformWheel},
)
