"""Pictures for the tests, made by the library itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

import imageflow
import pytest

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
SHARED_TESTS = CHECKOUT / "tests" / "bindings"


def drawing(width: int = 64, height: int = 48) -> imageflow.Job:
    """Two rectangles on a plain ground, with alpha."""
    job = imageflow.Job().canvas(width, height, "88aacc")
    job.fill_rect(width // 8, height // 8, width // 2, height // 2, "cc3300")
    return job.fill_rect(width // 2, height // 2, width - 2, height - 2, "22883380")


def slow() -> imageflow.Job:
    """A job of seconds, which needs little memory."""
    job = drawing(6000, 6000)
    for _ in range(4):
        job.distort(5990, 5990).distort(6000, 6000)
    return job


def corpus() -> Optional[Path]:
    """The folder of real pictures, where there is one."""
    shared = os.environ.get("IMAGEFLOW_SHARED")
    folder = (Path(shared) if shared else CHECKOUT.parent / "shared") / "corpus"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def png() -> bytes:
    return drawing().png().to_bytes()


@pytest.fixture(scope="session")
def pictures(png: bytes) -> "dict[str, bytes]":
    """The drawing in each format, by mime type."""
    job = imageflow.open(png)
    return {
        "image/jpeg": job.jpeg().to_bytes(),
        "image/png": png,
        "image/gif": job.gif().to_bytes(),
        "image/webp": job.webp().to_bytes(),
    }
