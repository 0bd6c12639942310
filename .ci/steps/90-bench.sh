# The benchmark still runs, and the program and psql leave equal tables. Two thousand rows measure nothing.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

need psql postgresql-client
build_binary "$scratch/target-postgres"
python3 -B -m unittest discover -q -s bench -p 'test_*.py'
with_postgres python3 -B bench/bench.py --data "$scratch" --rows 2000 --runs 1 --binary "$scratch/target-postgres"
