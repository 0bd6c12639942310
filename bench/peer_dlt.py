"""Loads the records of a Singer stream on standard input with dlt, merged by key: peer_dlt.py SCHEMA FOLDER.

It runs in dlt's own environment. CSV is the fastest of the formats that dlt has for PostgreSQL: it is copied.
"""

import json
import os
import sys
from itertools import islice

import dlt

TYPES = {"integer": "bigint", "number": "decimal", "string": "text", "boolean": "bool"}


def main(schema: str, folder: str) -> None:
    first = json.loads(sys.stdin.readline())
    columns = {name: {"data_type": kind_of(prop), "nullable": name not in first["key_properties"]}
               for name, prop in first["schema"]["properties"].items()}

    def pages():
        records = (m["record"] for m in map(json.loads, sys.stdin) if m["type"] == "RECORD")
        while page := list(islice(records, 10_000)):
            yield page

    resource = dlt.resource(
        pages, name=first["stream"], primary_key=first["key_properties"], columns=columns,
        write_disposition={"disposition": "merge", "strategy": "upsert"},
    )
    pipeline = dlt.pipeline("bench", pipelines_dir=folder, dataset_name=schema,
                            destination=dlt.destinations.postgres(os.environ["BENCH_URL"]))
    pipeline.drop()
    pipeline.run(resource, loader_file_format="csv").raise_on_failed_jobs()


def kind_of(prop: dict) -> str:
    if prop.get("format") == "date-time":
        return "timestamp"
    kinds = prop["type"] if isinstance(prop["type"], list) else [prop["type"]]
    return TYPES[next(kind for kind in kinds if kind != "null")]


if __name__ == "__main__":
    main(*sys.argv[1:])
