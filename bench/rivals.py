"""The fast ways of others: libraries and programs that load columns, or rows by hand, each in its best documented form.

Most of them read what has been made ready for them: Parquet, which has its types and no text to parse, or CSV. Who does has
an advantage, and the name says so. The scripts are in rival/ and run in environments of their own.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import shapes
from database import Database
from measure import Command, CommandError, measure
from peers import environment
from race import Load, Race, compete
from results import Case
from streams import Input

HERE = Path(__file__).parent / "rival"
RUNS = 5
ADBC = ["adbc-driver-postgresql==1.13.0", "pyarrow==26.0.1"]


class Rival(NamedTuple):
    """A rival, at the version that was measured."""

    name: str  # and what it reads
    requirements: list[str]
    script: str = ""
    arguments: tuple[str, ...] = ()


RIVALS = [
    Rival("psycopg 3 + orjson, Singer", ["psycopg[binary]==3.3.9", "orjson==3.13.0"], "by_psycopg.py"),
    Rival("DuckDB, Singer", ["duckdb==1.5.5", "duckdb-extension-postgres-scanner==1.5.5"], "by_duckdb.py", ("singer",)),
    Rival("DuckDB, ready Parquet", ["duckdb==1.5.5", "duckdb-extension-postgres-scanner==1.5.5"], "by_duckdb.py", ("parquet",)),
    Rival("ADBC + pyarrow, ready Parquet", ADBC, "by_adbc.py"),
    Rival("polars + ADBC, ready Parquet", ["polars==2.1.0", *ADBC], "by_polars.py"),
    Rival("dlt + Arrow + ADBC, ready Parquet", ["dlt[postgres,parquet]==1.31.0", *ADBC], "by_dlt.py", ("dlt",)),
    Rival("sling, ready CSV", ["sling-linux-amd64==1.4.11"]),
]


class Contestant:
    """A rival that runs in its environment."""

    def __init__(self, rival: Rival, database: Database, work: Path) -> None:
        self.name, self._rival, self._database, self._work = rival.name, rival, database, work
        self.schema = "peer_" + "_".join(re.findall("[a-z0-9]+", rival.name.lower()))
        self._programs = environment(rival.requirements)

    def command(self, data: Input, mode: str) -> Command:
        if not self._rival.script:
            return self._sling(data, mode)
        task = task_of(data, mode, self._database, self.schema, self._work)
        parquet(task)
        arguments = [str(self._work / "dlt") if a == "dlt" else a for a in self._rival.arguments]
        return Command([str(self._programs / "python"), str(HERE / self._rival.script), str(task), *arguments])

    def _sling(self, data: Input, mode: str) -> Command:
        stream = data.streams[0]
        ready = stream.csv.with_suffix(".headed.csv")
        if not ready.exists():
            ready.write_text(",".join(stream.columns) + "\n" + stream.csv.read_text(encoding="utf-8"), encoding="utf-8")
        binary = next(self._programs.parent.glob("lib/*/site-packages/sling_linux_amd64/bin/sling-linux-amd64"))
        argv = [str(binary), "run", "--src-stream", f"file://{ready.resolve()}", "--tgt-conn", "BENCH_URL",
                "--tgt-object", f"{self.schema}.{stream.name}"]
        argv += ["--mode", "full-refresh"] if mode == "append" else ["--mode", "incremental", "--primary-key", ",".join(stream.keys)]
        return Command(argv, env={"BENCH_URL": f"{self._database.url}{'&' if '?' in self._database.url else '?'}sslmode=disable"})


class OursInParquet:
    """The program with what rivals have made ready for them: a BATCH message that names the Parquet file."""

    def __init__(self, bench) -> None:
        self._program, self._bench = bench.program("target-postgres, ready Parquet"), bench
        self.name, self.schema = self._program.name, self._program.schema

    def command(self, data: Input, mode: str) -> Command:
        ready = parquet(task_of(data, mode, self._bench.database, self.schema, self._bench.work))
        message = {"type": "BATCH", "stream": data.streams[0].name, "encoding": {"format": "parquet"}, "manifest": [ready.as_uri()]}
        with data.singer.open(encoding="utf-8") as lines:
            schema = next(lines)
        batch = self._bench.work / f"{data.singer.stem}.batch.singer"
        batch.write_text(f'{schema}{json.dumps(message)}\n{{"type": "STATE", "value": 1}}\n', encoding="utf-8")
        return self._program.command(Input(batch, data.streams), mode)


def task_of(data: Input, mode: str, database: Database, schema: str, work: Path) -> Path:
    """The file that tells a script what to do."""
    stream = data.streams[0]
    task = work / f"{schema}-{data.singer.stem}-{mode}.json"
    task.write_text(json.dumps({
        "url": database.url, "schema": schema, "table": stream.name, "mode": mode, "keys": stream.keys, "columns": stream.columns,
        "singer": str(data.singer.resolve()), "parquet": str(data.singer.with_suffix(".parquet").resolve()),
    }), encoding="utf-8")
    return task


def parquet(task: Path) -> Path:
    """The stream of a task as Parquet, written once."""
    ready = Path(json.loads(task.read_text(encoding="utf-8"))["parquet"])
    if not ready.exists():
        subprocess.run([str(environment(ADBC) / "python"), str(HERE / "parquet.py"), str(task)], check=True)
    return ready


def race(bench, data: Input) -> list[Case]:
    """All rivals that run here, beside the program. Whoever does not install or run is named."""
    few = bench.made(shapes.flights, 1000)
    contestants, remarks = [bench.program(), OursInParquet(bench)], []
    for rival in RIVALS:
        try:
            contestant = Contestant(rival, bench.database, bench.work)
            for mode in ("append", "upsert"):
                bench.database.empty(contestant.schema)
                measure(contestant.command(few, mode))  # its modules are compiled once
            contestants.append(contestant)
        except (subprocess.CalledProcessError, CommandError, StopIteration) as failure:
            remarks.append(f"{rival.name} does not install or run here")
            print(f"{remarks[-1]}: {failure}", file=sys.stderr)
    runs, cases = min(RUNS, bench.runs), []
    for mode, loads in (("append", [Load("append without a key", data)]),
                        ("upsert", [Load("first load, by key", data), Load("same again, by key", data)])):
        cases += compete(Race("rivals", mode, loads), contestants, bench.database, runs, warm=False)
    cases[0].remarks = remarks
    return cases
