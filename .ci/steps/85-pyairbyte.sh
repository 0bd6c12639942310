# PyAirbyte, Airbyte's own client, runs the real source-faker into the program, without Airbyte and without its cloud.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

client=$(cached_python test/pyairbyte/requirements.txt)
faker=$(cached_python test/pyairbyte/source-requirements.txt)
build_binary "$scratch/target-postgres"
# PyAirbyte draws its progress; only what was compared is of interest, unless something failed.
if ! with_postgres env -C "$scratch" HOME="$scratch" "$client" -B "$PWD/test/pyairbyte/sync.py" \
  "$scratch/target-postgres" "$(dirname "$faker")/source-faker" >"$scratch/log" 2>&1; then
  cat "$scratch/log"
  exit 1
fi
grep -E '^(check|full refresh|incremental)' "$scratch/log"
