"""Writes a configuration, a catalog and messages for the container to load, or reads what it printed for them.

    messages.py FOLDER [OUTPUT]
"""

import json
import os
import pathlib
import sys
import urllib.parse

RECORDS = 1000


def prepare(folder: pathlib.Path) -> None:
    server = urllib.parse.urlparse(os.environ["TEST_POSTGRES_DSN"])
    config = {
        "host": server.hostname,
        "port": server.port or 5432,
        "database": server.path.lstrip("/") or "postgres",
        "schema": "container",
        "username": urllib.parse.unquote(server.username or "postgres"),
        "password": urllib.parse.unquote(server.password or ""),
        "ssl": False,
    }
    write(folder / "config.json", config)
    write(folder / "wrong.json", {**config, "database": "there_is_no_such_database"})
    stream = {"name": "users", "json_schema": {"properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}}
    write(folder / "catalog.json", {"streams": [{
        "stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append_dedup", "primary_key": [["id"]],
        "generation_id": 1, "minimum_generation_id": 0, "sync_id": 1}]})
    descriptor = {"stream_descriptor": {"name": "users"}}
    messages = [{"type": "RECORD", "record": {"stream": "users", "data": {"id": n, "name": f"user {n}"}, "emitted_at": 1_700_000_000_000}}
                for n in range(RECORDS)]
    messages.append({"type": "STATE", "state": {"type": "STREAM", "stream": {**descriptor, "stream_state": {"n": RECORDS}}}})
    messages.append({"type": "TRACE", "trace": {
        "type": "STREAM_STATUS", "emitted_at": 1.0, "stream_status": {**descriptor, "status": "COMPLETE"}}})
    (folder / "messages.jsonl").write_text("".join(json.dumps(m) + "\n" for m in messages))


def write(path: pathlib.Path, value: dict) -> None:
    path.write_text(json.dumps(value))


def examine(output: pathlib.Path) -> None:
    messages = [json.loads(line) for line in output.read_text().splitlines()]
    states = [m["state"] for m in messages if m["type"] == "STATE"]
    if len(states) != 1 or states[0]["destinationStats"]["recordCount"] != RECORDS:
        sys.exit(f"the container acknowledged {states}")
    if any(m["type"] == "TRACE" for m in messages):
        sys.exit("the container reported an error")
    print(f"spec, check and write from inside the image, as airbyte: {RECORDS} records acknowledged")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        examine(pathlib.Path(sys.argv[2]))
    else:
        prepare(pathlib.Path(sys.argv[1]))
