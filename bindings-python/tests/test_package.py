"""The wheel, as users get it: complete, and installable without network or compiler."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from conftest import HERE

# test.sh puts the wheel and those of its dependencies here.
DIST = HERE.parent / "dist"


@pytest.fixture(scope="module")
def wheel() -> Path:
    wheels = list(DIST.glob("imageflow-*.whl"))
    assert len(wheels) == 1, f"run ./test.sh, which puts one wheel into {DIST}"
    return wheels[0]


def test_contents(wheel: Path) -> None:
    assert re.fullmatch(r"imageflow-[^-]+-py3-none-(linux|manylinux|musllinux|macosx|win)\w*\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        libraries = [name for name in names if re.search(r"imageflow\.(so|dylib|dll)$", name)]
        assert len(libraries) == 1
        assert archive.getinfo(libraries[0]).file_size > 1_000_000
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    for wanted in ("imageflow/py.typed", "imageflow/_abi.py", "imageflow/__init__.py"):
        assert wanted in names
    assert {Path(name).name for name in names if "LICENSE" in name} == {"LICENSE-MIT", "LICENSE-APACHE"}
    assert "License-Expression: MIT OR Apache-2.0" in metadata
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra" not in line] == [
        "Requires-Dist: cffi>=1.15"
    ]
    assert not [name for name in names if "test" in name.lower()]


def test_clean_install(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True, symlinks=True)
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    # No compiler, no network, none of the settings of the tests.
    env = {"PATH": str(python.parent), "HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    # With a network namespace of its own the process has no network at all; where that is not allowed, pip's word must do.
    isolated = ["unshare", "--net"] if shutil.which("unshare") else []
    if isolated and subprocess.run([*isolated, "true"], capture_output=True).returncode != 0:
        isolated = []
    install = [str(python), "-m", "pip", "install", "-q", "--no-index", "--only-binary=:all:", "--find-links", str(DIST)]
    path = shutil.which("unshare") if isolated else None
    prefix = [path, "--net"] if path else []
    subprocess.run([*prefix, *install, "imageflow"], env=env, cwd=tmp_path, check=True)
    script = """
import imageflow, shutil, sys
assert shutil.which("cc") is None and shutil.which("gcc") is None and shutil.which("cargo") is None
assert "numpy" not in sys.modules and "PIL" not in sys.modules
thumb = imageflow.Job().canvas(64, 48, "88aacc").constrain(32).webp(quality=80).to_bytes()
info = imageflow.info(thumb)
print(info.width, info.height, info.mime_type, imageflow.version().library_path)
try:
    imageflow.Job().canvas(4, 4).to_numpy()
except imageflow.ImageflowError as error:
    print(error)
"""
    done = subprocess.run(
        [*prefix, str(python), "-W", "error", "-c", script], env=env, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    first, second = done.stdout.splitlines()
    assert first.startswith(f"32 24 image/webp {home}")
    assert second == "to_numpy needs numpy: pip install imageflow[numpy]"


def test_source_distribution_builds(tmp_path: Path, wheel: Path) -> None:
    """Distributors build wheels from the source distribution and a library of theirs."""
    source = next(DIST.glob("imageflow-*.tar.gz"))
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if re.search(r"imageflow\.(so|dylib|dll)$", name))
        library = archive.extract(name, tmp_path)
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    env = {**os.environ, "IMAGEFLOW_LIBRARY_PATH": library, "IMAGEFLOW_WHEEL_PLATFORM": "manylinux_2_28_x86_64"}
    subprocess.run([*build, str(source)], env=env, check=True)
    (built,) = tmp_path.glob("imageflow-*.whl")
    assert built.name.endswith("-py3-none-manylinux_2_28_x86_64.whl")


def test_build_without_a_library_says_so(tmp_path: Path) -> None:
    source = next(DIST.glob("imageflow-*.tar.gz"))
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(source)]
    env = {name: value for name, value in os.environ.items() if name != "IMAGEFLOW_LIBRARY_PATH"}
    done = subprocess.run(build, env=env, capture_output=True, text=True)
    assert done.returncode != 0
    assert "set IMAGEFLOW_LIBRARY_PATH to the imageflow library" in done.stdout + done.stderr


def test_checkout_builds_with_cargo(tmp_path: Path) -> None:
    """Without a library the checkout's is built: shown with a cargo that only notes what it was asked for."""
    cargo = tmp_path / "bin" / "cargo"
    cargo.parent.mkdir()
    name = {"win32": "imageflow.dll", "darwin": "libimageflow.dylib"}.get(sys.platform, "libimageflow.so")
    cargo.write_text(f'#!/bin/sh\nmkdir -p "$CARGO_TARGET_DIR/release" && echo "$@" > "$CARGO_TARGET_DIR/release/{name}"\n')
    cargo.chmod(0o755)
    env = {key: value for key, value in os.environ.items() if key != "IMAGEFLOW_LIBRARY_PATH"}
    env.update(PATH=f"{cargo.parent}{os.pathsep}{env['PATH']}", CARGO_TARGET_DIR=str(tmp_path / "target"))
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*build, str(HERE.parent)], env=env, check=True)
    (built,) = tmp_path.glob("imageflow-*.whl")
    with zipfile.ZipFile(built) as archive:
        assert archive.read(f"imageflow/{name}").decode().split() == [
            "build", "--release", "--locked", "-p", "libimageflow"
        ]  # fmt: skip
