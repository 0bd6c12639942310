#!/usr/bin/env bash
# Builds the image with buildah, without a container engine, and runs spec, check and write from inside it, as its own user,
# against the server that TEST_POSTGRES_DSN names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$(mktemp -d)
storage=(--storage-driver vfs --root "$work/storage" --runroot "$work/run")
container=
clean() {
  if [[ -n $container ]]; then buildah "${storage[@]}" rm "$container" >/dev/null || true; fi
  rm -rf "$work" || true
}
trap clean EXIT

VERSION=0.1.0 container/dist.sh amd64 arm64
for arch in amd64 arm64; do
  buildah "${storage[@]}" bud --quiet --isolation chroot --platform "linux/$arch" --build-arg VERSION=0.1.0 --tag "target-postgres:$arch" . >/dev/null
  echo "built for $arch: $(stat -c %s "dist/linux-$arch/target-postgres") bytes of binary"
done

inspect() { buildah "${storage[@]}" inspect --type image --format "$1" "target-postgres:$(go env GOARCH)"; }
equal() { [[ $2 == "$3" ]] || { echo "$1 is $2, not $3" >&2; exit 1; }; }
equal 'the entry point' "$(inspect '{{index .OCIv1.Config.Entrypoint 0}}')" /usr/local/bin/target-postgres
equal 'the user' "$(inspect '{{.OCIv1.Config.User}}')" airbyte
equal 'io.airbyte.name' "$(inspect '{{index .OCIv1.Config.Labels "io.airbyte.name"}}')" target-postgres/destination-postgres
equal 'io.airbyte.version' "$(inspect '{{index .OCIv1.Config.Labels "io.airbyte.version"}}')" 0.1.0
inspect '{{.OCIv1.Config.Env}}' | grep -q 'AIRBYTE_ENTRYPOINT=/usr/local/bin/target-postgres'

container=$(buildah "${storage[@]}" from "target-postgres:$(go env GOARCH)")
equal 'the mode of /tmp' "$(stat -c %a "$(buildah "${storage[@]}" mount "$container")/tmp")" 1777
inside() { buildah "${storage[@]}" run --isolation chroot --user airbyte "$container" -- /usr/local/bin/target-postgres "$@"; }

python3 test/container/messages.py "$work"
# As the platform mounts them: read-only, and somebody else's.
chmod 0444 "$work"/*.json
buildah "${storage[@]}" copy --quiet "$container" "$work/config.json" "$work/catalog.json" "$work/wrong.json" /airbyte/ >/dev/null

inside spec >"$work/spec.out"
equal 'the number of lines of spec' "$(grep -c '"type":"SPEC"' "$work/spec.out") of $(wc -l <"$work/spec.out")" '1 of 1'
inside check --config /airbyte/config.json >"$work/check.out"
grep -q '"status":"SUCCEEDED"' "$work/check.out"
inside check --config /airbyte/wrong.json >"$work/wrong.out" 2>/dev/null
grep -q '"status":"FAILED"' "$work/wrong.out"
inside write --config /airbyte/config.json --catalog /airbyte/catalog.json <"$work/messages.jsonl" >"$work/write.out"
python3 test/container/messages.py "$work" "$work/write.out"
