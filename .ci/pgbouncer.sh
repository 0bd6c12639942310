#!/usr/bin/env bash
# pgbouncer.sh DIR COMMAND…: runs the command with TEST_LOADER_DSN naming a PgBouncer in front of $TEST_POSTGRES_DSN.
set -euo pipefail

dir=$1
shift
read -r user password host port <<<"$(python3 -c '
import os, urllib.parse
u = urllib.parse.urlsplit(os.environ["TEST_POSTGRES_DSN"])
print(u.username, u.password, u.hostname, u.port)')"
listen=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# PgBouncer refuses to be root, so its files have to be somebody else's.
home=$(mktemp -d "${TMPDIR:-/tmp}/pgbouncer.XXXXXX")
trap 'kill "$pid" 2>/dev/null || true; rm -rf "$home"' EXIT
cat >"$home/pgbouncer.ini" <<INI
[databases]
* = host=$host port=$port
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $listen
unix_socket_dir =
auth_type = plain
auth_file = $home/users.txt
pool_mode = transaction
default_pool_size = 2
max_client_conn = 500
query_wait_timeout = 120
INI
printf '"%s" "%s"\n' "$user" "$password" >"$home/users.txt"
as=()
if [[ $(id -u) == 0 ]]; then
  chown -R nobody "$home"
  as=(-u nobody)
fi
"$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" "${as[@]}" "$home/pgbouncer.ini" >"$dir/pgbouncer.log" 2>&1 &
pid=$!
for ((i = 0; i < 100; i++)); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$listen") 2>/dev/null; then break; fi
  kill -0 "$pid" || { cat "$dir/pgbouncer.log" >&2; exit 1; }
  sleep 0.1
done
TEST_LOADER_DSN="postgres://$user:$password@127.0.0.1:$listen/postgres?sslmode=disable" "$@"
