"""PyAirbyte, Airbyte's own client, runs the real source-faker into the program; the rows are compared with the source's.

First a full refresh of all streams, then incremental syncs that go on from their state, then another full refresh. What the
tables hold is compared value by value with the records that the source prints by itself. Nothing leaves this machine:
PyAirbyte runs in its offline mode.

    TEST_POSTGRES_DSN=postgresql://… sync.py PROGRAM SOURCE
"""

import datetime
import decimal
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

os.environ.update(AIRBYTE_OFFLINE_MODE="1", DO_NOT_TRACK="1")

import airbyte as ab  # noqa: E402  the mode is read on import
import psycopg  # noqa: E402
from airbyte.strategies import WriteStrategy  # noqa: E402

SCHEMA = "pyairbyte"
COUNT = 500
KEYS = {"users": "id", "products": "id", "purchases": "id"}


def main(program: str, source: str) -> None:
    dsn = os.environ["TEST_POSTGRES_DSN"]
    server = urllib.parse.urlparse(dsn)
    parameters = dict(urllib.parse.parse_qsl(server.query))
    destination = ab.get_destination(
        "destination-postgres",
        config={
            "host": server.hostname or parameters["host"],
            "port": server.port or int(parameters.get("port", 5432)),
            "database": server.path.lstrip("/") or "postgres",
            "schema": SCHEMA,
            "username": urllib.parse.unquote(server.username or "postgres"),
            "password": urllib.parse.unquote(server.password or ""),
            "ssl": False,
            "tunnel_method": {"tunnel_method": "NO_TUNNEL"},
            "cdc_deletion_mode": "Hard delete",
            "raw_data_schema": "airbyte_internal",
        },
        local_executable=program,
    )
    destination.check()
    print("check: SUCCEEDED")
    with psycopg.connect(dsn, autocommit=True) as database:
        database.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        run(destination, database, source)


def run(destination, database, source: str) -> None:
    reader = faker(source)
    result = destination.write(reader, cache=False, state_cache=False, write_strategy=WriteStrategy.REPLACE)
    compare(database, source, "full refresh", result.processed_records)

    cache = ab.new_local_cache("states", cleanup=False, cache_dir=tempfile.mkdtemp())
    reader = faker(source)
    first = destination.write(reader, cache=False, state_cache=cache, write_strategy=WriteStrategy.MERGE)
    compare(database, source, "incremental, first", first.processed_records)
    kept = cache.get_state_provider("source-faker", destination_name=destination.name).known_stream_names
    if set(kept) != set(KEYS):
        sys.exit(f"PyAirbyte keeps the states of {sorted(kept)}")

    reader = faker(source)
    second = destination.write(reader, cache=False, state_cache=cache, write_strategy=WriteStrategy.MERGE)
    compare(database, source, "incremental, nothing new since its state", second.processed_records)
    if second.processed_records >= first.processed_records:
        sys.exit(f"the second sync brought {second.processed_records} records, no fewer than the first")

    reader = faker(source, always_updated=True)
    third = destination.write(reader, cache=False, state_cache=cache, write_strategy=WriteStrategy.MERGE)
    compare(database, source, "incremental, all rows updated since its state", third.processed_records)

    reader = faker(source)
    again = destination.write(reader, cache=False, state_cache=False, write_strategy=WriteStrategy.REPLACE)
    compare(database, source, "full refresh again", again.processed_records)


def configuration(*, always_updated: bool = False) -> dict:
    return {"count": COUNT, "seed": 42, "parallelism": 1, "always_updated": always_updated, "records_per_slice": 100}


def faker(executable: str, **more):
    source = ab.get_source("source-faker", config=configuration(**more), local_executable=executable)
    source.select_all_streams()
    return source


def records(executable: str) -> dict[str, dict]:
    """What the source says by itself, by stream and key."""
    with tempfile.TemporaryDirectory() as folder:
        config, catalog = pathlib.Path(folder, "config.json"), pathlib.Path(folder, "catalog.json")
        config.write_text(json.dumps(configuration()))
        discovered = messages([executable, "discover", "--config", str(config)], "CATALOG")[0]["catalog"]["streams"]
        catalog.write_text(json.dumps({"streams": [
            {"stream": s, "sync_mode": "full_refresh", "destination_sync_mode": "append"} for s in discovered]}))
        found: dict[str, dict] = {name: {} for name in KEYS}
        for message in messages([executable, "read", "--config", str(config), "--catalog", str(catalog)], "RECORD"):
            record = message["record"]
            found[record["stream"]][record["data"][KEYS[record["stream"]]]] = record["data"]
        return found


def messages(command: list[str], kind: str) -> list[dict]:
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [m for m in map(json.loads, lines) if m["type"] == kind]


def compare(database, source: str, title: str, processed: int) -> None:
    expected = records(source)
    counts = []
    for stream, key in KEYS.items():
        cursor = database.execute(f'SELECT * FROM {SCHEMA}."{stream}"')
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row)) for row in cursor]
        if len(rows) != len(expected[stream]):
            sys.exit(f"{title}: {stream} has {len(rows)} rows, the source {len(expected[stream])} records")
        for row in rows:
            record = expected[stream][row[key]]
            for name, value in row.items():
                # updated_at is the moment of each read.
                if not name.startswith("_airbyte_") and name != "updated_at" and not same(value, record.get(name)):
                    sys.exit(f"{title}: {stream} {row[key]}: column {name} differs from the source's record")
            if set(record) - set(row):
                sys.exit(f"{title}: {stream} lacks the columns {set(record) - set(row)}")
        counts.append(f"{stream} {len(rows)}")
    print(f"{title}: {processed} records processed; rows equal to the source's: {', '.join(counts)}")


def same(stored, sent) -> bool:
    if isinstance(stored, datetime.datetime) and isinstance(sent, str):
        moment = datetime.datetime.fromisoformat(sent)
        return stored == (moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc))
    if isinstance(stored, datetime.date) and isinstance(sent, str):
        return stored.isoformat() == sent
    if isinstance(stored, decimal.Decimal):
        return stored == decimal.Decimal(str(sent))
    return stored == sent


if __name__ == "__main__":
    main(*sys.argv[1:])
