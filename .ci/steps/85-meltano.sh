# Meltano, from the package registry, runs the example project: a real tap into the built program.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

python=$(cached_python test/meltano/requirements.txt)
build_binary "$scratch/target-postgres"
wheel=$(python3 -B release/wheel.py "$scratch/target-postgres" v0.1.0 "$(go env GOOS)/$(go env GOARCH)" "$scratch")
TARGET_BIN=$scratch/target-postgres TARGET_WHEEL=$wheel with_postgres \
  "$python" -B -m pytest -q -p no:cacheprovider --durations=3 test/meltano
