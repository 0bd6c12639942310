#!/usr/bin/env bash
# Fills dist/ with what the Dockerfile copies: for each architecture named (amd64 and arm64 when none is) the static binary,
# and the few files of a root file system that a binary needs around it.
#
#   VERSION=1.2.3 container/dist.sh [ARCH…]
#
# Nothing is fetched but the Go modules. The certificates are this machine's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${VERSION:-dev}
for arch in "${@:-amd64 arm64}"; do
  for one in $arch; do
    CGO_ENABLED=0 GOOS=linux GOARCH=$one go build -trimpath -tags timetzdata \
      -ldflags "-s -w -X main.version=$version" -o "dist/linux-$one/target-postgres" .
  done
done

root=dist/root
mkdir -p "$root/etc/ssl/certs" "$root/airbyte"
install -d -m 1777 "$root/temporary/tmp" # for large Parquet files
for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
  if [[ -s $bundle ]]; then
    cp "$bundle" "$root/etc/ssl/certs/ca-certificates.crt"
    break
  fi
done
[[ -s $root/etc/ssl/certs/ca-certificates.crt ]] || { echo 'install ca-certificates: the image needs them' >&2; exit 1; }
echo 'airbyte:x:1000:1000:Airbyte:/airbyte:/sbin/nologin' >"$root/etc/passwd"
echo 'airbyte:x:1000:' >"$root/etc/group"
