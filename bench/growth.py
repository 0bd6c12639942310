"""Loads that grow: time and memory against the number of rows. The input comes through a pipe and is on no disk."""

from race import DifferenceError, said, timed
from results import OURS, Case
from streams import Input

LARGE, HUGE = 1_000_000, 5_000_000  # from the one on there is no warm-up and are three runs at most, from the other on one


def grow(bench, data: Input) -> list[Case]:
    """First loads, into one table and into many. The floor is psql's COPY straight into a table with a key."""
    return [_case(bench, data, rows) for rows in bench.sizes]


def _case(bench, data: Input, rows: int) -> Case:
    straight, merge, program = bench.psql(straight=True), bench.psql(), bench.program()
    spread = bench.program(f"{OURS}, {bench.streams} streams")
    pour = [str(bench.tools / "pour"), "-rows", str(rows)]
    records = [*pour, str(data.singer)]
    lines = [*pour, "-csv", str(data.streams[0].csv)]
    commands = {
        straight: straight.command(data, "upsert", lines),
        program: program.command(data, "upsert", records),
        merge: merge.command(data, "upsert", lines),
        spread: spread.command(data, "upsert", [*pour, "-streams", str(bench.streams), str(data.singer)]),
    }
    case = Case("growth", f"{rows:,} rows", rows, {c.name: [] for c in commands}, straight.name)
    case.aims = {"memory": 64}
    runs = 1 if rows >= HUGE else min(3, bench.runs) if rows >= LARGE else bench.runs
    for run in range(0 if bench.warm and rows < LARGE else 1, runs + 1):
        contents = set()
        for contestant in commands if run % 2 == 0 else list(commands)[::-1]:
            bench.database.empty(contestant.schema)
            sample = timed(commands[contestant], bench.database)
            said(run, "growth", case.load, contestant.name, sample)
            if run:
                case.samples[contestant.name].append(sample)
            if contestant is spread:
                _counted(bench, contestant.schema, rows)
            else:
                contents.add(bench.database.content(contestant.schema, data.streams))
            bench.database.empty(contestant.schema)
        if len(contents) > 1:
            raise DifferenceError(f"growth: the tables differ (rows | sum of hashes): {contents}")
    return case


def _counted(bench, schema: str, rows: int) -> None:
    tables = bench.database.query(f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'").split()
    count = sum(int(bench.database.query(f'SELECT count(*) FROM "{schema}"."{table}"')) for table in tables)
    if count != rows:
        raise DifferenceError(f"growth: {count} of {rows} rows in {len(tables)} tables")
