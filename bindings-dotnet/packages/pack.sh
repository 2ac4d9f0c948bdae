#!/bin/sh
# Packs without the SDK: pack.sh OUTPUT_FOLDER ASSEMBLY LIBRARY SUFFIX RID
# (with it: dotnet pack src/Imageflow.Net, and this script for the native package).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd) assembly=$2 library=$3 suffix=$4 rid=$5
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$here/../Directory.Build.props")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

finish() { # ID: adds the parts every package has, and zips
    cat > "$work/$1/[Content_Types].xml" <<XML
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
  <Default Extension="nuspec" ContentType="application/octet" />
  <Default Extension="dll" ContentType="application/octet" />
  <Default Extension="so" ContentType="application/octet" />
  <Default Extension="dylib" ContentType="application/octet" />
  <Default Extension="md" ContentType="application/octet" />
</Types>
XML
    mkdir -p "$work/$1/_rels"
    cat > "$work/$1/_rels/.rels" <<XML
<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/$1.nuspec" Id="R1" />
</Relationships>
XML
    rm -f "$out/$1.$version.nupkg"
    (cd "$work/$1" && python3 -m zipfile -c "$out/$1.$version.nupkg" .)
}

mkdir -p "$work/Imageflow.Net/lib/net8.0"
sed "s/\$version\$/$version/" "$here/Imageflow.Net.nuspec" > "$work/Imageflow.Net/Imageflow.Net.nuspec"
cp "$assembly" "$work/Imageflow.Net/lib/net8.0/Imageflow.Net.dll"
cp "$here/../README.md" "$work/Imageflow.Net/"
finish Imageflow.Net

for id in Imageflow.AllPlatforms Imageflow.NativeRuntime.All; do
    mkdir "$work/$id"
    sed "s/\$version\$/$version/" "$here/$id.nuspec" > "$work/$id/$id.nuspec"
    finish "$id"
done

id=Imageflow.NativeRuntime.$suffix
mkdir -p "$work/$id/runtimes/$rid/native"
sed "s/\$version\$/$version/; s/\$suffix\$/$suffix/; s/\$rid\$/$rid/" \
    "$here/Imageflow.NativeRuntime.nuspec" > "$work/$id/$id.nuspec"
cp "$library" "$work/$id/runtimes/$rid/native/"
finish "$id"
