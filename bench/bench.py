"""Measure loads of one stream: the program against psql, by turns, on the server that TEST_POSTGRES_DSN names.

bench/run.sh calls it with a suitable server. Each run loads the stream into nothing ("first load") and then the very
same stream again ("same again"), for every contestant in turn, the order reversed from run to run. Before each load the
server writes a checkpoint; after both, the contestants' tables must be equal. A first run, in which the server makes
its log files and the system its caches, is not counted.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import report
from contestants import Contestant, Psql, TargetPostgres, Validating
from database import Database
from measure import CommandError, Sample, measure
from streams import Stream, flights

LOADS = ("first load", "same again")


def main() -> int:
    args = arguments()
    url = os.environ.get("TEST_POSTGRES_DSN")
    if not url:
        print("TEST_POSTGRES_DSN is not set; bench/run.sh starts a server and sets it", file=sys.stderr)
        return 2
    stream = flights(Path(args.data), args.flights, args.rows)
    database = Database(url)
    with tempfile.TemporaryDirectory() as work:
        contestants = [kind(database, Path(work), args.binary) for kind in (TargetPostgres, Validating)]
        contestants.insert(0, Psql(database, Path(work)))
        try:
            results = compete(contestants, stream, database, args.runs)
        except CommandError as failure:
            print(f"a load failed: {failure}", file=sys.stderr)
            return 1
    if results is None:
        return 1
    size = stream.singer.stat().st_size / 1e6
    print(f"{stream.rows:,} rows of {len(stream.columns)} columns, {size:.0f} MB of JSON, {args.runs} runs\n")
    print(report.table(results, stream.rows), report.ratios(results), report.machine(database.described()), sep="\n\n")
    if args.json:
        raw = {load: {name: [s._asdict() for s in samples] for name, samples in by_name.items()}
               for load, by_name in results.items()}
        Path(args.json).write_text(json.dumps(raw, indent=1), encoding="utf-8")
    return 0


def arguments() -> argparse.Namespace:
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description="Measure the program's loads against psql's.")
    parser.add_argument("--binary", default=str(here.parent / "bin/target-postgres"), help="the program")
    parser.add_argument("--flights", default=os.environ.get("FLIGHTS"), metavar="FILE",
                        help="a Singer stream of flights, may be gzipped (default: $FLIGHTS, else made-up flights)")
    parser.add_argument("--rows", type=int, help="how many rows of it (default: all)")
    parser.add_argument("--runs", type=int, default=7, help="how often (default: %(default)s)")
    parser.add_argument("--data", default=str(here / ".data"), help="where inputs are kept (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write every sample there")
    return parser.parse_args()


def compete(contestants: list[Contestant], stream: Stream, database: Database, runs: int) -> report.Results | None:
    """All runs, or None when a load did not leave the table that the others left."""
    results: report.Results = {load: {c.name: [] for c in contestants} for load in LOADS}
    for run in range(runs + 1):
        for contestant in contestants if run % 2 == 0 else reversed(contestants):
            database.empty(contestant.schema)
            for load in LOADS:
                sample = timed(contestant, stream, database)
                if run > 0:
                    results[load][contestant.name].append(sample)
                label = f"run {run}" if run > 0 else "warm-up"
                print(f"{label}: {load}, {contestant.name}: {sample.wall:.2f} s", file=sys.stderr)
        contents = {c.name: database.content(c.schema, stream) for c in contestants}
        if len(set(contents.values())) > 1:
            print(f"the tables differ (rows | sum of hashes): {contents}", file=sys.stderr)
            return None
    return results


def timed(contestant: Contestant, stream: Stream, database: Database) -> Sample:
    """One load by one contestant."""
    command, stdin = contestant.command(stream)
    database.settle()
    before = database.cpu()
    sample = measure(command, stdin)
    after = database.cpu()
    if before is None or after is None:
        return sample
    return sample._replace(server=after - before)


if __name__ == "__main__":
    sys.exit(main())
