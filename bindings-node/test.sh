#!/usr/bin/env bash
# bindings-node/test.sh: builds the Node client and runs all its tests, against the library that IMAGEFLOW_LIBRARY_PATH names.
# Installs what is missing with apt-get and npm. Without a toolchain the last line is "skipped: <reason>" and the status 0.
set -euo pipefail
cd "$(dirname "$0")"

skip() { echo "skipped: $1"; exit 0; }

: "${IMAGEFLOW_LIBRARY_PATH:?set it to the library, or the folder that holds it}"
# The tests run in other folders.
IMAGEFLOW_LIBRARY_PATH=$(realpath "$IMAGEFLOW_LIBRARY_PATH")
export IMAGEFLOW_LIBRARY_PATH

install() { # install COMMAND PACKAGE...
    command -v "$1" >/dev/null && return
    command -v apt-get >/dev/null || skip "there is no $1, and no apt-get to install it"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qqy --no-install-recommends "${@:2}"; } >/dev/null 2>&1 ||
        skip "apt-get cannot install ${*:2}"
}
install node nodejs
install npm npm
install cc gcc libc6-dev
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || skip "Node $(node --version) is older than 20"

# Not `npm ci`: it refuses optional dependencies that are not published yet, as the platform packages of a version under
# work are. --ignore-scripts: the packages come with what they need.
if ! npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error; then
    # Only a registry out of reach is a reason to skip; a lock file that does not fit is a fault.
    npm view koffi version >/dev/null 2>&1 && exit 1
    skip "npm cannot reach a registry for koffi, typescript and @types/node"
fi
rm -rf dist
npm run --silent build
npm test --silent
