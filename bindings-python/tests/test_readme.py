"""The README's snippets run as they are, and so does the quickstart."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import imageflow
import pytest

from conftest import HERE, drawing

README = (HERE.parent / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_the_readme_has_snippets() -> None:
    assert len(SNIPPETS) == 8


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_snippet(number: int, tmp_path: Path) -> None:
    drawing(640, 480).save(tmp_path / "in.jpg")
    drawing(32, 32).save(tmp_path / "logo.png")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SNIPPETS[number]], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    # Each leaves a picture or prints something.
    made = [path for path in tmp_path.iterdir() if path.name not in ("in.jpg", "logo.png")]
    assert made or done.stdout.strip()
    for path in made:
        assert imageflow.info(path).width > 0


def test_quickstart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing(640, 480).save(tmp_path / "in.jpg")
    monkeypatch.chdir(tmp_path)
    names: "dict[str, bytes]" = {}
    exec(
        'import imageflow\nthumb = imageflow.open("in.jpg").constrain(400, 400).webp(quality=80).to_bytes()\n', names
    )
    info = imageflow.info(names["thumb"])
    assert (info.width, info.height, info.mime_type) == (400, 300, "image/webp")
