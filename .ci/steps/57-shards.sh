# Tables whose partitions are on two other servers, which needs postgres_fdw: the test step skips that where the server it
# found has none. Here it may not.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# Debian has the extension in the package of the server itself.
for programs in /usr/lib/postgresql/*/bin; do
  if [[ -x $programs/postgres && ! -e ${programs%/bin}/lib/postgres_fdw.so ]]; then
    need postgres_fdw "postgresql-$(basename "${programs%/bin}")"
  fi
done
env -u TEST_POSTGRES_DSN TARGET_POSTGRES_TEST_FDW=require go test -count=1 -timeout 5m -run OtherServers ./test/e2e
