"""psycopg 3 and orjson: a loader as somebody writes it by hand, rows by COPY, merged by INSERT … ON CONFLICT."""

import orjson
import psycopg
from task import asked

task = asked()
names = list(task.columns)
with psycopg.connect(task.url) as connection, connection.cursor() as cursor:
    for statement in task.create():
        cursor.execute(statement)
    into = task.into
    if task.mode == "upsert":
        into = "staged"
        cursor.execute(f"CREATE TEMP TABLE staged (LIKE {task.into}) ON COMMIT DROP")
    with open(task.singer, "rb") as lines, cursor.copy(f"COPY {into} ({task.names}) FROM STDIN") as copy:
        for line in lines:
            message = orjson.loads(line)
            if message["type"] == "RECORD":
                record = message["record"]
                copy.write_row([record.get(name) for name in names])
    if task.mode == "upsert":
        cursor.execute(task.merge("staged"))
