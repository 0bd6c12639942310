# The compiler's own second opinion, tests included.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

go vet ./...
