# golangci-lint with .golangci.yml, which gives a reason for each linter that is off.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

version=v2.15.0
# A linter built by an older Go refuses newer code, so the toolchain is part of the name.
linter=$cache/golangci-lint-$version-$(go env GOVERSION)/golangci-lint
if [[ ! -x $linter ]]; then
  echo "building golangci-lint $version, once for this machine"
  GOBIN=$(dirname "$linter") GOFLAGS='' go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"
fi
"$linter" config verify
"$linter" run --timeout 10m ./...
