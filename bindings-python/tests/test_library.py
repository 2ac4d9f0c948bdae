"""Finding the library: where it is looked for, and what is said when it is not there."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import imageflow

SHOW = "import imageflow; print(imageflow.version().library_path)"
FAIL = """
import imageflow
try:
    imageflow.version()
except ImportError as error:
    assert isinstance(error, imageflow.LibraryNotFound)
    print(error)
"""


def python(script: str, library: "str | None", path: "str | None" = None) -> str:
    env = {name: value for name, value in os.environ.items() if name != "IMAGEFLOW_LIBRARY_PATH"}
    if library is not None:
        env["IMAGEFLOW_LIBRARY_PATH"] = library
    if path is not None:
        env["PYTHONPATH"] = path
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_bundled_library_is_found() -> None:
    package = Path(imageflow.__file__).parent
    assert Path(python(SHOW, None)).parent == package


def test_variable_names_a_file_or_a_folder(tmp_path: Path) -> None:
    bundled = Path(python(SHOW, None))
    copy = tmp_path / bundled.name
    copy.symlink_to(bundled)
    assert python(SHOW, str(copy)) == str(copy)
    assert python(SHOW, str(tmp_path)) == str(copy)


def test_variable_is_the_only_place(tmp_path: Path) -> None:
    text = python(FAIL, str(tmp_path / "absent.so"))
    assert "absent.so" in text
    assert text.count("\n  ") == 1


def test_failure_lists_what_was_tried(tmp_path: Path) -> None:
    """A package without its library, on a system without one."""
    package = Path(imageflow.__file__).parent
    bare = tmp_path / "imageflow"
    bare.mkdir()
    for file in package.glob("*.py"):
        (bare / file.name).write_bytes(file.read_bytes())
    text = python(FAIL, None, str(tmp_path))
    name = Path(python(SHOW, None)).name
    assert f"  {bare / name}: " in text
    assert f"  {name}: " in text
    assert text.count("cannot open shared object file") == 2 or sys.platform != "linux"
    assert platform.machine() in text and platform.system() in text
    assert platform.libc_ver()[0] in text
    assert "IMAGEFLOW_LIBRARY_PATH" in text


def test_other_libraries_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "other.c"
    source.write_text(
        "#include <stdint.h>\n#include <stdbool.h>\n"
        "uint32_t imageflow_abi_version_major(void) { return 4; }\n"
        "uint32_t imageflow_abi_version_minor(void) { return 7; }\n"
        "bool imageflow_abi_compatible(uint32_t a, uint32_t b) { return a == 4; }\n"
    )
    other = tmp_path / "other.so"
    subprocess.run(["cc", "-shared", "-fPIC", source, "-o", other], check=True)
    assert "it has ABI 4.7, this package needs 3.1 or a later 3.x" in python(FAIL, str(other))
    unrelated = tmp_path / "unrelated.so"
    source.write_text("int nothing;\n")
    subprocess.run(["cc", "-shared", "-fPIC", source, "-o", unrelated], check=True)
    assert "imageflow_abi_version_major" in python(FAIL, str(unrelated))


def test_libraries_that_cannot_take_outputs(tmp_path: Path) -> None:
    """ABI 3.1 had no take_output_buffer: outputs are copied instead."""
    source = tmp_path / "older.c"
    source.write_text(
        "#include <stdint.h>\n#include <stdbool.h>\n#include <stdlib.h>\n"
        "uint32_t imageflow_abi_version_minor(void) { return 1; }\n"
        "bool imageflow_abi_compatible(uint32_t a, uint32_t b) { return a == 3 && b <= 1; }\n"
        "bool imageflow_context_take_output_buffer(void *c, int32_t i, uint8_t **b, size_t *n) { abort(); }\n"
    )
    older = tmp_path / "older.so"
    library = imageflow.version().library_path
    subprocess.run(["cc", "-shared", "-fPIC", source, "-o", older, "-Wl,--no-as-needed", library], check=True)
    script = "import imageflow; print(imageflow.info(imageflow.Job().canvas(5, 4).png().to_buffer()).width)"
    assert python(script, str(older)) == "5"


def test_import_loads_nothing(tmp_path: Path) -> None:
    """Programs that import the package but do not use it must start on systems without the library."""
    assert python("import imageflow; print('imported')", str(tmp_path / "absent.so")) == "imported"
