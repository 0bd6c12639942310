# The benchmark still runs, and everybody it measures leaves equal tables. Some thousand rows measure nothing.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

need psql postgresql-client
build_binary "$scratch/target-postgres"
go build -o "$scratch/" ./bench/...
python3 -B -m unittest discover -q -s bench -p 'test_*.py'
cp docs/performance.md "$scratch/"
with_postgres python3 -B bench/bench.py --quick --data "$scratch/data" --json "$scratch/results.json" --docs "$scratch" \
  --binary "$scratch/target-postgres" --tools "$scratch"
