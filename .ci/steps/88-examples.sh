# The examples as far as they go without a cluster: Airflow runs the DAG, load.sh runs a real tap into the built program, and the files for
# docker compose and Kubernetes say the same as the image that they run.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

tap=$(cached_python test/taps/tap-postgres.txt)
python=$(cached_python test/examples/requirements.txt)
build_binary "$scratch/target-postgres"
TARGET_BIN=$scratch/target-postgres TAP_BIN=$(dirname "$tap")/tap-postgres with_postgres \
  "$python" -B -m pytest -q -p no:cacheprovider --durations=3 test/examples
