#!/usr/bin/env bash
# Builds what a release consists of into a folder: an archive and a wheel for each system, a bill of materials, what the vulnerability
# database says, and checksums.
#
#   release/release.sh VERSION FOLDER [SYSTEM/ARCH…]
#
# The database is asked over the network. VULNCHECK=no leaves it out, to try a build without one; do not publish that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$1 folder=$2
shift 2
systems=("$@")
if ((${#systems[@]} == 0)); then
  systems=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64)
fi

rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for system in "${systems[@]}"; do
  os=${system%/*} arch=${system#*/}
  name=target-postgres-$version-$os-$arch
  program=target-postgres
  [[ $os == windows ]] && program=target-postgres.exe
  mkdir "$work/$name"
  CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -buildvcs=false -trimpath -pgo=auto -ldflags "-s -w -X main.version=$version" \
    -o "$work/$name/$program" .
  cp README.md LICENSE CHANGELOG.md "$work/$name/"
  if [[ $os == windows ]]; then
    (cd "$work" && python3 -m zipfile -c "$folder/$name.zip" "$name")
  else
    tar -C "$work" --sort=name --owner=0 --group=0 --mtime='2020-01-01 UTC' -czf "$folder/$name.tar.gz" "$name"
  fi
  python3 -B release/sbom.py "$work/$name/$program" "$version" >"$folder/$name.cdx.json"
  python3 -B release/wheel.py "$work/$name/$program" "$version" "$system" "$folder" >/dev/null
done

if [[ ${VULNCHECK-yes} != no ]]; then
  release/vulncheck.sh "$folder/vulnerabilities.txt"
fi
(cd "$folder" && sha256sum -- * >SHA256SUMS)
ls -l "$folder"
