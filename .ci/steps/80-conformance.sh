# The Singer SDK's standard target suite, and what its streams must leave in the tables, against the built program.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

python=$(cached_python test/conformance/requirements.txt)
build_binary "$scratch/target-postgres"
TARGET_BIN=$scratch/target-postgres with_postgres \
  "$python" -B -m pytest -q -p no:cacheprovider --durations=3 test/conformance
