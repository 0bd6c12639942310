# Sourced by every step: strict mode, the repository as working directory, and what more than one step needs.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A clone owned by another user makes Go refuse to stamp the revision into binaries. The profile of main.go would compile
# every library a second time, for the program alone; a release is built with it all the same. The tests are compiled
# as the program is, without cgo and paths: what one step has compiled is there for all others, in any clone.
export GOFLAGS="${GOFLAGS-} -buildvcs=false -pgo=off -trimpath" CGO_ENABLED=0

# What a new machine builds or installs once: tools and Python environments, by version.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/target-postgres-ci
mkdir -p "$cache"

# How many tests of a package run at once where time is short: they wait for the server more than they compute.
side_by_side=-parallel=$(($(nproc) * 2))

# only_tests leaves out of `go test` what the vet step does, and what a debugger needs: a hundred programs are linked.
only_tests() { export GOFLAGS="$GOFLAGS -vet=off -ldflags=-w"; }

# in_memory gives the servers of tests files in memory where there is plenty of it and programs may run there. They keep
# nothing, and the file system was a fifth of what they cost.
in_memory() {
  local room free dir=/dev/shm/target-postgres-ci-$UID
  room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
  free=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo 2>/dev/null)
  if ((${room:-0} < 8 << 20 || ${free:-0} < 12 << 20)); then return; fi
  # The server of root runs as another user.
  if ! { mkdir -p "$dir" && chmod 1777 "$dir" && cp "$(type -P true)" "$dir/true" && "$dir/true"; } 2>/dev/null; then return; fi
  export GOTMPDIR=${TMPDIR:-/tmp} TMPDIR=$dir # of a program that is in memory no page can be given back
}

# What one step builds for itself.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# cached_python REQUIREMENTS: makes, once for each version of the file, an environment that holds what it lists, and
# prints the path of its interpreter.
cached_python() {
  local key env
  key=$( (python3 --version; cat "$1") | sha256sum | cut -c1-16)
  env=$cache/python-$key
  one_at_a_time "$env.lock" make_python "$env" "$1" || return 1
  echo "$env/bin/python"
}

make_python() {
  if [[ -f $1/complete ]]; then return; fi
  rm -rf "$1"
  python3 -m venv "$1" >&2 &&
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2" >&2 &&
    touch "$1/complete"
}

# one_at_a_time FILE COMMAND…: runs it while no other step holds the lock of the file. Some systems lack flock.
one_at_a_time() (
  if command -v flock >/dev/null; then
    exec 9>"$1"
    flock 9
  fi
  shift
  "$@"
)

# build_binary PATH: the program.
build_binary() {
  go build -o "$1" .
}

# with_postgres COMMAND…: runs it with TEST_POSTGRES_DSN naming a temporary server. The helper is built, not `go run`,
# so that a signal to the step reaches it and the server is stopped.
with_postgres() {
  go build -o "$scratch/pgrun" ./internal/pgrun
  "$scratch/pgrun" "$@"
}

# need COMMAND PACKAGE: installs the Debian package if the command is missing, without starting its service. Where there
# is no apt-get, it returns 1 and the tests that want the command skip themselves.
need() {
  if command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 ]]; then return; fi
  command -v apt-get >/dev/null || return 1
  one_at_a_time "$cache/apt.lock" install_package "$2"
}

install_package() {
  local as_root=()
  if [[ $(id -u) != 0 ]]; then as_root=(sudo); fi
  echo "installing $1"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "$1" >/dev/null
}
