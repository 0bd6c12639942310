"""Who is measured. A contestant says how it is called; adding one is adding a class and naming it in bench.py."""

import json
from pathlib import Path
from typing import Protocol

from database import Database
from streams import Stream


class Contestant(Protocol):
    """One way of loading a stream into a schema of its own."""

    name: str
    schema: str

    def command(self, stream: Stream) -> tuple[list[str], Path | None]:
        """The command and the file for its standard input; what it prepares is not measured."""


class Psql:
    """The floor: psql copies ready-made CSV into a temporary table and merges that, in one transaction.

    It parses no JSON and expects no key twice; nothing that reads records can cost the server less in this mode.
    """

    name = "psql \\copy + merge"
    schema = "bench_psql"

    def __init__(self, database: Database, work: Path) -> None:
        self._url = database.url
        self._script = work / "baseline.sql"

    def command(self, stream: Stream) -> tuple[list[str], Path | None]:
        self._script.write_text(self.upsert(stream), encoding="utf-8")
        return ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", self._url, "-f", str(self._script)], None

    def upsert(self, stream: Stream) -> str:
        """The script for the mode upsert."""
        table = f'"{self.schema}"."{stream.name}"'
        columns = ", ".join(f'"{name}" {kind}' for name, kind in stream.columns.items())
        keys = ", ".join(f'"{key}"' for key in stream.keys)
        rest = [f'"{name}"' for name in stream.columns if name not in stream.keys]
        path = str(stream.csv.resolve()).replace("'", "''")
        return f"""
            SET client_min_messages = warning;
            BEGIN;
            CREATE SCHEMA IF NOT EXISTS "{self.schema}";
            CREATE TABLE IF NOT EXISTS {table} ({columns}, PRIMARY KEY ({keys}));
            CREATE TEMP TABLE incoming (LIKE {table}) ON COMMIT DROP;
            \\copy incoming FROM '{path}' WITH (FORMAT csv)
            INSERT INTO {table} AS t SELECT * FROM incoming
            ON CONFLICT ({keys}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in rest)}
            WHERE ({", ".join(f"t.{name}" for name in rest)})
                IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in rest)});
            COMMIT;
        """


class TargetPostgres:
    """This project's program, reading the Singer stream from its standard input."""

    name = "target-postgres"
    schema = "bench_target"
    settings: dict[str, object] = {"load_mode": "upsert"}

    def __init__(self, database: Database, work: Path, binary: str) -> None:
        self._binary = str(Path(binary).resolve())
        self._config = work / f"{self.schema}.json"
        config = {**database.settings(), "schema": self.schema, **self.settings}
        self._config.touch(mode=0o600)
        self._config.write_text(json.dumps(config), encoding="utf-8")

    def command(self, stream: Stream) -> tuple[list[str], Path | None]:
        return [self._binary, "--config", str(self._config)], stream.singer


class Validating(TargetPostgres):
    """The same with every record checked against all keywords of its JSON Schema: what validate_records costs."""

    name = "target-postgres, validate_records"
    schema = "bench_validating"
    settings: dict[str, object] = {"load_mode": "upsert", "validate_records": True}
