# go.mod and go.sum say exactly what the code imports, and nothing was altered after download.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

go mod tidy -diff
go mod verify
