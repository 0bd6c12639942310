#!/usr/bin/env bash
# Asks the Go vulnerability database about everything that is linked, and writes the answer to FILE. It fails if the program calls code with
# a known vulnerability, and if the database cannot be reached.
#
#   release/vulncheck.sh FILE
#
# VULNDB names another database, such as file:///a/copy of it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

database=()
if [[ -n ${VULNDB-} ]]; then database=(-db "$VULNDB"); fi
go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 "${database[@]}" -show version ./... | tee "$1"
