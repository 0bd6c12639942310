# The race detector over what runs goroutines or talks to a server; every package of a run shares one server here. The
# fault harness is left out: it runs the program as a process of its own, which the test step has done. Smaller matrices (-short) have the
# same goroutines. The tests of the order of packages and of long values have none of their own.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
only_tests
in_memory

with_postgres go test -race -short -count=1 -timeout 25m -skip 'TwentyMegabytes|StaySmall|RunOneWay|FewFields|MadeWhole|WhereItRuns|DocumentedSetting' "$side_by_side" \
  ./protocol/... ./target/... ./tunnel/... \
  ./internal/cli/... ./internal/jsonscan/... ./internal/logging/... ./internal/netfault/... ./internal/pgserver/... ./internal/pgtest/... ./internal/pgrun/...
