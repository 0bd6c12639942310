# Real taps into the built program; a table goes around from PostgreSQL to PostgreSQL with its checksum.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

TAP_POSTGRES_PYTHON=$(cached_python test/taps/tap-postgres.txt)
TAP_JSONL_PYTHON=$(cached_python test/taps/tap-jsonl.txt)
export TAP_POSTGRES_PYTHON TAP_JSONL_PYTHON
python=$(cached_python test/conformance/requirements.txt)
build_binary "$scratch/target-postgres"
TARGET_BIN=$scratch/target-postgres with_postgres \
  "$python" -B -m pytest -q -p no:cacheprovider --durations=3 test/taps
