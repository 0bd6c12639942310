# What a server does end to end and the SQL of the merges on the oldest and the newest PostgreSQL that are supported, and the scenarios on the
# newest release that Debian's or Ubuntu's registry has: minor releases change what the catalog holds, too. With -short the matrices
# and models are smaller: the test step runs them whole on one version. With ALL_VERSIONS=1 every test on every major version.
# Servers that the machine lacks are fetched once. VERSIONS names others, such as "14 16", or "packaged" for the registry's.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
only_tests
in_memory

# packaged sets bin to the programs of the registry's newest release, and major to its version. They are unpacked beside what the
# machine has installed: an upgrade would restart its servers.
packaged() {
  local package release as_root=() shelf=$cache
  # The server of root runs as another user, who cannot enter root's home.
  if [[ $(id -u) == 0 ]]; then shelf=/var/cache/target-postgres-ci; else as_root=(sudo); fi
  "${as_root[@]}" apt-get update -qq
  package=$(apt-cache search --names-only '^postgresql-[0-9]+$' | cut -d' ' -f1 | sort -V | tail -n 1)
  [[ -n $package ]] || return 1
  major=${package#postgresql-}
  need "/usr/lib/postgresql/$major/bin/postgres" "$package" # for its libraries
  release=$(apt-cache policy "$package" | awk '$1 == "Candidate:" {print $2}')
  if [[ ! -d $shelf/$package-$release ]]; then
    (cd "$scratch" && apt-get download -qq "$package=$release") &&
      dpkg-deb -x "$scratch/$package"_*.deb "$scratch/unpacked" &&
      mkdir -p "$shelf" && chmod -R a+rX "$shelf" "$scratch/unpacked" &&
      mv -T "$scratch/unpacked" "$shelf/$package-$release" || return
  fi
  bin=$shelf/$package-$release/usr/lib/postgresql/$major/bin
}

# installed prints the release that tests find on this machine if nothing names another: that of the newest major version.
installed() {
  local program
  program=$(find /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -n 1) || return 0
  "$program" --version | awk '{print $3}'
}

versions=${VERSIONS-13 18 packaged}
# Signals, telemetry and files are the same on every server.
same='Signal|Telemetry|Metrics|Files|Directories'
packages=(-short -skip "$same" ./test/e2e ./merge)
of_packaged=(-run 'Scenarios$|Tables|Path' ./test/e2e)
if [[ -n ${ALL_VERSIONS-} ]]; then
  versions=${VERSIONS-13 14 15 16 17 18}
  packages=(./...)
  of_packaged=(./...)
fi

status=0
for version in $versions; do
  started=$SECONDS verdict=ok major=$version bin='' tests=("${packages[@]}")
  if [[ $version == packaged ]]; then
    if ! command -v apt-get >/dev/null; then
      echo "there is no apt-get here: its newest release is not tested"
      continue
    fi
    packaged || { status=1; echo "the registry's PostgreSQL cannot be had"; continue; }
    version=$("$bin/postgres" --version | awk '{print $3}')
    if [[ -z ${ALL_VERSIONS-} && $(installed) == "$version" ]]; then
      echo "PostgreSQL $version is the one that the test step finds here"
      continue
    fi
    tests=("${of_packaged[@]}")
  elif [[ -z ${ALL_VERSIONS-}${VERSIONS-} && $version == 18 ]]; then
    tests=(-short -skip "$same|Scenarios\$" ./test/e2e ./merge) # the pgbouncer step runs the scenarios there
  fi
  if ! env -u TEST_POSTGRES_DSN ${bin:+PGBIN="$bin"} TEST_POSTGRES_VERSION="$major" \
    go test -count=1 -timeout 20m "$side_by_side" "${tests[@]}" >"$scratch/log" 2>&1; then
    status=1 verdict=FAILED
    grep -v '^ok ' "$scratch/log" || true
  fi
  echo "PostgreSQL $version: $verdict ($((SECONDS - started)) s)"
done
exit "$status"
