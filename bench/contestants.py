"""Who is measured: the program, and psql as the floor. The other programs are in peers.py."""

import json
import subprocess
from pathlib import Path
from typing import Protocol

from database import Database
from measure import Command
from streams import EXTRACTED, Input, Stream

# What a mode adds to the tables: the names, and their definitions for CREATE TABLE.
MARKS = {
    "history": {
        "_singular_start": "timestamptz NOT NULL DEFAULT '-infinity'", "_singular_end": "timestamptz",
        "_singular_active": "boolean NOT NULL DEFAULT true",
    },
    "soft_delete": {"_singular_deleted": "boolean NOT NULL DEFAULT false"},
}


class Contestant(Protocol):
    """One way of loading an input into a schema of its own."""

    name: str
    schema: str

    def command(self, data: Input, mode: str) -> Command:
        """What to run; what it prepares is not measured."""


class Psql:
    """The floor: psql copies ready-made CSV into a temporary table and runs the program's own merge on it, in one
    transaction with the server's own settings. Load mode append needs neither: psql copies straight into the table.

    It parses no JSON, checks no value and expects no key twice; nothing that reads records can cost the server less
    and go the same way.
    """

    name = "psql \\copy + merge"
    schema = "bench_psql"

    def __init__(self, database: Database, work: Path, tools: Path, straight: bool = False, **merge: object) -> None:
        self._url = database.url
        self._script = work / f"baseline-{'straight' if straight else 'merge'}.sql"
        self._mergesql = tools / "mergesql"
        self._straight, self._options = straight, merge
        if straight:
            self.name, self.schema = "psql \\copy", "bench_psql_straight"

    def command(self, data: Input, mode: str, producer: list[str] | None = None) -> Command:
        """With a producer the rows of the one stream come from its output, not from the file."""
        streams = data.streams
        self._script.write_text("\n".join([
            "SET client_min_messages = warning;", "SET jit = off;", "BEGIN;", f'CREATE SCHEMA IF NOT EXISTS "{self.schema}";',
            *(self._load(stream, f"incoming_{n}", mode, bool(producer)) for n, stream in enumerate(streams)),
            "COMMIT;",
        ]), encoding="utf-8")
        argv = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", self._url, "-f", str(self._script)]
        return Command(argv, producer=producer)

    def _load(self, stream: Stream, staged: str, mode: str, piped: bool) -> str:
        table = f'"{self.schema}"."{stream.name}"'
        columns = ", ".join(f'"{name}" {kind}' for name, kind in stream.columns.items())
        source = "pstdin" if piped else "'" + str(stream.csv.resolve()).replace("'", "''") + "'"
        create = _tables(table, stream, mode)
        if mode == "append" or self._straight:
            return f"{create}\n\\copy {table} FROM {source} WITH (FORMAT csv)"
        if mode == "history":  # the instant of every record is the same here, which spares the floor the reading of it
            columns += f", _singular_at timestamptz DEFAULT '{EXTRACTED}'"
        names = ", ".join(f'"{name}"' for name in stream.columns)
        return "\n".join([
            create,
            f"CREATE TEMP TABLE {staged} ({columns}) ON COMMIT DROP;",
            f"\\copy {staged} ({names}) FROM {source} WITH (FORMAT csv)",
            self._merge(stream, staged, mode),
        ])

    def _merge(self, stream: Stream, staged: str, mode: str) -> str:
        request = {"mode": mode, "schema": self.schema, "table": stream.name, "staged": staged, "key": stream.keys,
                   "columns": list(stream.columns.items()), **self._options}
        return subprocess.run([str(self._mergesql)], input=json.dumps(request), check=True, capture_output=True,
                              text=True).stdout


class TargetPostgres:
    """This project's program, reading the Singer stream from its standard input."""

    name = "target-postgres"
    schema = "bench_target"

    def __init__(self, database: Database, work: Path, binary: Path, name: str = "", **settings: object) -> None:
        self._binary, self._work, self._settings = binary.resolve(), work, {**database.settings(), **settings}
        if name:
            self.name, self.schema = name, "bench_" + "".join(c if c.isalnum() else "_" for c in name)

    def command(self, data: Input, mode: str, producer: list[str] | None = None) -> Command:
        config = self._work / f"{self.schema}-{mode}.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps({"schema": self.schema, "load_mode": mode, **self._settings}), encoding="utf-8")
        argv = [str(self._binary), "--config", str(config)]
        return Command(argv, producer=producer) if producer else Command(argv, data.singer)


class Instead:
    """A contestant that loads another input where the race has a certain one."""

    def __init__(self, who: TargetPostgres, given: Input, loaded: Input) -> None:
        self.name, self.schema = who.name, who.schema
        self._who, self._given, self._loaded = who, given, loaded

    def command(self, data: Input, mode: str) -> Command:
        return self._who.command(self._loaded if data == self._given else data, mode)


def _tables(table: str, stream: Stream, mode: str) -> str:
    """The table and its indexes as the program makes them."""
    columns = [f'"{name}" {kind}' for name, kind in stream.columns.items()]
    columns += [f'"{name}" {definition}' for name, definition in MARKS.get(mode, {}).items()]
    keys = ", ".join(f'"{key}"' for key in stream.keys)
    if mode in ("upsert", "replace", "soft_delete"):
        columns.append(f"PRIMARY KEY ({keys})")
    statements = [f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)});"]
    if mode == "history":
        statements += [
            f"CREATE UNIQUE INDEX IF NOT EXISTS \"{stream.name}_active\" ON {table} ({keys}) WHERE _singular_active;",
            f'CREATE INDEX IF NOT EXISTS "{stream.name}_key" ON {table} ({keys});',
        ]
    return "\n".join(statements)
