"""ADBC's driver for PostgreSQL and pyarrow: adbc_ingest of a Parquet file, merged by INSERT … ON CONFLICT."""

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.parquet as pq
from task import asked

task = asked()
with adbc.connect(task.url) as connection, connection.cursor() as cursor:
    for statement in task.create(floats=True):
        cursor.execute(statement)
    file = pq.ParquetFile(task.parquet)
    rows = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches())
    if task.mode == "upsert":
        cursor.adbc_ingest("staged", rows, mode="create", temporary=True)
        cursor.execute(task.merge("staged"))
    else:
        cursor.adbc_ingest(task.table, rows, mode="append", db_schema_name=task.schema)
    connection.commit()
