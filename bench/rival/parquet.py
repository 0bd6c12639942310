"""Writes the records of a Singer stream as Parquet, in the form that pyarrow writes without being told more."""

import json
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
from task import ARROW, asked

KINDS = {"int64": pa.int64(), "float64": pa.float64(), "string": pa.string(), "bool": pa.bool_(),
         "timestamp": pa.timestamp("us", tz="UTC")}


def main() -> None:
    task = asked()
    with open(task.singer, encoding="utf-8") as lines:
        records = [m["record"] for m in map(json.loads, lines) if m["type"] == "RECORD"]
    fields = [pa.field(name, KINDS[ARROW[kind]]) for name, kind in task.columns.items()]
    columns = [pa.array([_value(record.get(field.name), field.type) for record in records], field.type) for field in fields]
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), task.parquet)


def _value(value: object, kind: pa.DataType) -> object:
    if value is None:
        return None
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    return float(value) if pa.types.is_floating(kind) else value


main()
