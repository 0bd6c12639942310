# What talks to a server, on the oldest and the newest PostgreSQL that are supported; with ALL_VERSIONS=1 every test on every
# one of them. Servers that the machine lacks are fetched once. VERSIONS names others, such as "14 16".
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# The examples of the documentation take half of the time and say nothing about the server.
versions=${VERSIONS-13 18}
packages=(-skip '^TestDocumentationExamples$' . ./target ./merge)
if [[ -n ${ALL_VERSIONS-} ]]; then
  versions=${VERSIONS-13 14 15 16 17 18}
  packages=(./...)
fi

status=0
for version in $versions; do
  started=$SECONDS verdict=ok
  if ! env -u TEST_POSTGRES_DSN TEST_POSTGRES_VERSION="$version" \
    go test -count=1 -timeout 20m "${packages[@]}" >"$scratch/log" 2>&1; then
    status=1 verdict=FAILED
    grep -v '^ok ' "$scratch/log" || true
  fi
  echo "PostgreSQL $version: $verdict ($((SECONDS - started)) s)"
done
exit "$status"
