#!/usr/bin/env bash
# Packs the library named in IMAGEFLOW_LIBRARY_PATH into a wheel, installs the wheel, runs all checks and tests on it.
set -euo pipefail
cd "$(dirname "$0")"

skip() { echo "skipped: $*"; exit 0; }
library=${IMAGEFLOW_LIBRARY_PATH:-}
[ -n "$library" ] || { echo "set IMAGEFLOW_LIBRARY_PATH to the imageflow library" >&2; exit 64; }

for python in python3 python3.13 python3.12 python3.11 python3.10 python3.9; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null && break
    python=
done
[ -n "$python" ] || skip "there is no Python 3.9 or later"
command -v cc >/dev/null || skip "the tests need a C compiler, cc"
[ -x .venv/bin/python ] || "$python" -m venv .venv || skip "$python cannot make a virtual environment"
tools=("setuptools>=77" "cffi>=1.15" build pytest pytest-asyncio mypy types-cffi numpy Pillow)
.venv/bin/python -m pip install -q --disable-pip-version-check "${tools[@]}" || skip "pip cannot install ${tools[*]}"

rm -rf build dist
mkdir dist
.venv/bin/python -m build --no-isolation -o dist . >dist/build.log 2>&1 || { cat dist/build.log; exit 1; }
# For the test of a clean installation, which has no network.
.venv/bin/python -m pip download -q --disable-pip-version-check --only-binary=:all: -d dist "cffi>=1.15"
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --force-reinstall dist/imageflow-*.whl

# From here on the package uses the library it brings.
unset IMAGEFLOW_LIBRARY_PATH
.venv/bin/mypy
# As a user's program, against the installed package.
(cd tests && ../.venv/bin/mypy --strict surface.py)
.venv/bin/python -m pytest -q "$@"
