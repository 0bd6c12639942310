"""Measure loads: the program against psql and others, by turns, on the server that TEST_POSTGRES_DSN names.

bench/run.sh calls it with a suitable server. The workloads are in workloads.py. What is measured is kept in a file, to
which later calls add, and from which the report and the plots are drawn.
"""

import argparse
import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import machine
import plots
import report
from database import Database
from measure import CommandError
from race import DifferenceError
from results import Results, read
from workloads import WORKLOADS, Bench

HERE = Path(__file__).parent
QUICK = 0.002  # of the rows


def main() -> int:
    args = arguments()
    results = read(args.json)
    if not args.draw:
        url = os.environ.get("TEST_POSTGRES_DSN")
        if not url:
            print("TEST_POSTGRES_DSN is not set; bench/run.sh starts a server and sets it", file=sys.stderr)
            return 2
        try:
            with closing(Database(url)) as database:
                run(args, database, results)
        except (CommandError, DifferenceError) as failure:
            print(f"failed: {failure}", file=sys.stderr)
            return 1
    text = report.markdown(results)
    print(text)
    if args.docs:
        drawn = plots.draw(results, args.docs / "plots")
        images = [f"![{title}](plots/{name})" for name, title in drawn.items() if name != "peers.svg"]  # it leads the page
        report.insert("\n\n".join([*images, text]), args.docs / "performance.md")
    return 0


def run(args: argparse.Namespace, database: Database, results: Results) -> None:
    """Measure what was asked for, and write it down after every workload."""
    names = args.only or [name for name in WORKLOADS if not (args.quick and name in ("peers", "rivals"))]
    results.machine = machine.described(database.described())
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(
            database, Path(work), args.data, args.binary, args.tools, 1 if args.quick else args.runs, not args.quick,
            [1000, 3000] if args.quick else args.sizes, args.flights, 1000 if args.quick and not args.rows else args.rows,
            QUICK if args.quick else 1, 3 if args.quick else 100,
        )
        for name in names:
            cases = WORKLOADS[name](bench)
            for case in cases:
                case.revision = machine.revision()
            results.replace(name, cases)
            results.cases.sort(key=lambda case: list(WORKLOADS).index(case.workload))
            results.write(args.json)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the program's loads against psql's and others'.")
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="NAME,…", help=f"of {', '.join(WORKLOADS)}")
    parser.add_argument("--runs", type=int, default=7, help="how often (default: %(default)s)")
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], metavar="ROWS,…",
                        default=[100_000, 300_000, 1_000_000, 3_000_000],
                        help="of the growing loads (default: 0.1, 0.3, 1 and 3 million; 30000000 needs 20 GB of disk)")
    parser.add_argument("--quick", action="store_true", help="a few rows of everything but peers and rivals, once: that it works")
    parser.add_argument("--draw", action="store_true", help="measure nothing: draw from what --json holds")
    parser.add_argument("--json", type=Path, default=HERE / "results/results.json", metavar="FILE",
                        help="what was measured; added to (default: %(default)s)")
    parser.add_argument("--docs", type=Path, metavar="DIR", help="draw plots/*.svg there and fill in performance.md")
    parser.add_argument("--flights", default=os.environ.get("FLIGHTS"), metavar="FILE",
                        help="a Singer stream of flights, may be gzipped (default: $FLIGHTS, else made-up flights)")
    parser.add_argument("--rows", type=int, help="how many rows of the flights (default: all)")
    parser.add_argument("--data", type=Path, default=HERE / ".data", help="where inputs are kept (default: %(default)s)")
    parser.add_argument("--binary", type=Path, default=HERE.parent / "bin/target-postgres", help="the program")
    parser.add_argument("--tools", type=Path, default=HERE.parent / "bin", help="where pour, slowlink and mergesql are")
    args = parser.parse_args()
    if unknown := set(args.only or []) - set(WORKLOADS):
        parser.error(f"no workload is called {', '.join(sorted(unknown))}")
    return args


if __name__ == "__main__":
    sys.exit(main())
