"""polars: write_database by ADBC, of a Parquet file."""

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
from task import asked

task = asked()
with adbc.connect(task.url) as connection:
    with connection.cursor() as cursor:
        for statement in task.create(floats=True):
            cursor.execute(statement)
    frame = pl.read_parquet(task.parquet)
    if task.mode == "append":
        frame.write_database(f"{task.schema}.{task.table}", connection, if_table_exists="append", engine="adbc")
    else:
        frame.write_database(f"{task.schema}.staged", connection, if_table_exists="replace", engine="adbc")
        with connection.cursor() as cursor:
            cursor.execute(task.merge(f'"{task.schema}".staged'))
            cursor.execute(f'DROP TABLE "{task.schema}".staged')
    connection.commit()
