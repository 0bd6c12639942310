# The README's test command, which finds or fetches a server by itself; then where the time went.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
only_tests
in_memory

# The tunnel's tests skip what they cannot do without sshd; here they may not.
if need sshd openssh-server; then export TARGET_POSTGRES_TEST_SSHD=require; fi
# So do those of tables on other servers without postgres_fdw, which Debian has in the package of the server.
for programs in /usr/lib/postgresql/*/bin; do
  if [[ -x $programs/postgres && ! -e ${programs%/bin}/lib/postgres_fdw.so ]]; then
    need postgres_fdw "postgresql-$(basename "${programs%/bin}")"
  fi
done
export TARGET_POSTGRES_TEST_FDW=require

status=0
# -count=1: a cached result says nothing about the server and the files that are here now.
env -u TEST_POSTGRES_DSN go test -count=1 -timeout 25m ./... 2>&1 | tee "$scratch/log" || status=$?

echo 'slowest packages:'
awk '$1 == "ok" && $3 ~ /^[0-9.]+s$/ { print $3, $2 }' "$scratch/log" | sort -rn | head -5
exit "$status"
