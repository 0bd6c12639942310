#!/usr/bin/env bash
# Builds the program and measures it against psql on a temporary server whose settings are PostgreSQL's defaults.
# Arguments go to bench.py; --help lists them. Needs Go, Python 3.10 and psql; a server is found or fetched.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CGO_ENABLED=0 go build -trimpath -pgo=auto -o bin/target-postgres .
go build -o bin/ ./internal/pgrun ./bench/...
# A test server saves on durability; a measured one must not.
exec bin/pgrun -set fsync=on -set synchronous_commit=on -set full_page_writes=on -- \
  python3 bench/bench.py --binary bin/target-postgres "$@"
