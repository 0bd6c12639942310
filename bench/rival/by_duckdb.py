"""DuckDB with its extension for PostgreSQL, from Parquet, or from the Singer stream: by_duckdb.py TASK singer|parquet."""

import sys
from pathlib import Path

import duckdb
import duckdb_extension_postgres_scanner
from task import DUCKDB, asked

task = asked()
connection = duckdb.connect()
extension = next(Path(duckdb_extension_postgres_scanner.__file__).parent.glob("**/*.duckdb_extension"))
connection.execute("SET TimeZone = 'UTC'")
connection.load_extension(str(extension))
connection.execute(f"ATTACH '{task.url}' AS pg (TYPE postgres)")


def execute(sql: str) -> None:
    """A statement that PostgreSQL runs."""
    connection.execute("CALL postgres_execute('pg', ?)", [sql])


source = f"read_parquet('{task.parquet}')"
if sys.argv[2] == "singer":
    record = ", ".join(f'"{name}" {DUCKDB[kind]}' for name, kind in task.columns.items())
    messages = (f"read_json('{task.singer}', format = 'newline_delimited', "
                f"columns = {{type: 'VARCHAR', record: 'STRUCT({record})'}})")
    source = f"(SELECT unnest(record) FROM {messages} WHERE type = 'RECORD')"

for statement in task.create(floats=True):
    execute(statement)
if task.mode == "append":
    connection.execute(f"INSERT INTO pg.{task.into} SELECT {task.names} FROM {source}")
else:
    staged = f'"{task.schema}".staged'
    execute(f"DROP TABLE IF EXISTS {staged}; CREATE UNLOGGED TABLE {staged} (LIKE {task.into})")
    connection.execute("CALL pg_clear_cache()")
    connection.execute(f"INSERT INTO pg.{staged} SELECT {task.names} FROM {source}")
    execute(f"{task.merge(staged)}; DROP TABLE {staged}")
