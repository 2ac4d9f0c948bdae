#!/usr/bin/env bash
# Packs the library named in IMAGEFLOW_LIBRARY_PATH into a gem, unpacks the gem, runs all tests on it.
set -euo pipefail
cd "$(dirname "$0")"

skip() { echo "skipped: $*"; exit 0; }
library=${IMAGEFLOW_LIBRARY_PATH:-}
[ -n "$library" ] || { echo "set IMAGEFLOW_LIBRARY_PATH to the imageflow library" >&2; exit 64; }

have_tools() { ruby -e 'require "ffi"; require "minitest"; require "minitest/mock"; require "rake"' 2>/dev/null; }
if ! have_tools && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    packages=(ruby ruby-ffi ruby-minitest rake)
    { apt-get install -y -q "${packages[@]}" || { apt-get update -q && apt-get install -y -q "${packages[@]}"; }; } >/dev/null 2>&1 || true
fi
have_tools || skip "the tests need Ruby with the gems ffi, minitest and rake"
ruby -e 'exit RUBY_VERSION >= "3.0"' || skip "there is no Ruby 3.0 or later"
command -v cc >/dev/null || skip "the tests need a C compiler, cc"

rm -rf pkg lib/imageflow/native
rake -q gem >/dev/null
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
gem unpack --quiet --target "$unpacked" pkg/*.gem >/dev/null

# The tests use the files of the gem and the library it brings, not those of the checkout.
unset IMAGEFLOW_LIBRARY_PATH
export IMAGEFLOW_TEST_GEM=1
for test in test/*_test.rb; do echo "require \"./$test\""; done > "$unpacked/all.rb"
ruby -W -I"$(echo "$unpacked"/imageflow-*)/lib" -Itest "$unpacked/all.rb" "$@"
