# Real taps into the built program; a table goes around from PostgreSQL to PostgreSQL with its checksum.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

TAP_POSTGRES_PYTHON=$(cached_python test/taps/tap-postgres.txt)
TAP_JSONL_PYTHON=$(cached_python test/taps/tap-jsonl.txt)
export TAP_POSTGRES_PYTHON TAP_JSONL_PYTHON
# It wants an old psycopg2-binary, which new versions of Python have no wheel of.
if PIPELINEWISE_TAP_POSTGRES_PYTHON=$(cached_python test/taps/pipelinewise-tap-postgres.txt); then
  export PIPELINEWISE_TAP_POSTGRES_PYTHON
else
  echo 'pipelinewise-tap-postgres does not install with this Python: its test is left out'
fi
python=$(cached_python test/conformance/requirements.txt)
build_binary "$scratch/target-postgres"
TARGET_BIN=$scratch/target-postgres with_postgres \
  "$python" -B -m pytest -q -p no:cacheprovider --durations=3 test/taps
