# Every scenario once more, with a real PgBouncer in transaction mode between the program and the newest PostgreSQL that is
# supported, where the versions step leaves the scenarios out. Two server connections for all tests together: whatever the
# program left in a session would turn up in another test.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

need pgbouncer pgbouncer
only_tests
in_memory
with_postgres -version 18 bash .ci/pgbouncer.sh "$scratch" go test -short -count=1 -timeout 10m -run 'Scenarios$|State|Loader|Replace|Migrates' ./test/e2e ./target
