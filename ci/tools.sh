# Sourced by the scripts here: makes sure that what the build needs is installed.

# The checkout, and where cargo puts what it builds.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs the package manager as root, without asking for a password; fails when that is not possible.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else have sudo && sudo -n "$@"; fi
}

# install PACKAGE...: by apt, dnf or brew.
install() {
    if have apt-get; then
        as_root apt-get install -y -qq "$@" >/dev/null 2>&1 ||
            { as_root apt-get update -qq >/dev/null 2>&1 && as_root apt-get install -y -qq "$@" >/dev/null 2>&1; }
    elif have dnf; then
        as_root dnf install -y -q "${@/g++/gcc-c++}" >/dev/null 2>&1
    elif have brew; then
        # The C++ compiler comes with the command line tools of Xcode.
        local package
        for package in "$@"; do [ "$package" = g++ ] || brew install --quiet "$package" >/dev/null 2>&1 || return 1; done
    else
        return 1
    fi
}

# need COMMAND...: installs the packages of the same name when a command is missing, or says what is missing.
need() {
    local missing=() command
    for command in "$@"; do have "$command" || missing+=("$command"); done
    [ ${#missing[@]} = 0 ] && return 0
    echo "installing: ${missing[*]}" >&2
    install "${missing[@]}" || true
    local still=()
    for command in "${missing[@]}"; do have "$command" || still+=("$command"); done
    [ ${#still[@]} = 0 ] && return 0
    echo "missing, and could not be installed: ${still[*]} (install with your package manager and run this again)" >&2
    return 1
}

# What the native codecs are built with.
need_build_tools() {
    have cargo || { echo "missing: cargo (https://rustup.rs)" >&2; return 1; }
    need nasm cmake g++
}

# What is shipped, and what measures it, in one build. Cargo unites the features of dependencies over the packages of one
# command: another choice of packages would build most of them again.
release_packages=(-p libimageflow -p imageflow-tool -p imageflow-tests)
build_release() {
    cargo build --quiet --locked --release "${release_packages[@]}" --lib --bins --examples --test all
}
