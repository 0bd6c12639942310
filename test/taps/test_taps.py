"""Real taps piped into the built program: what they say of a table arrives in a table like it."""

import json
import os
import subprocess
import uuid
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

DSN = os.environ["TEST_POSTGRES_DSN"]
TIMEOUT = 120

# No bytea and no interval: the tap sends the first as hexadecimal text without a mark, and the second as a point in time.
COLUMNS = """
    id bigint PRIMARY KEY, small smallint, whole int, money numeric(20, 5), big numeric, single real, double double precision,
    yes boolean, words text, short varchar(20), fixed char(5), day date, naive timestamp, instant timestamptz, clock time,
    uuid uuid, document json, binary_document jsonb, texts text[], numbers int[], mood mood, address inet
"""
ROWS = r"""
    (1, 1, 2, 3.14159, 12345678901234567890123456789.123456789, 1.5, 0.1, true, E'quote " comma , newline \n tab \t \\slash',
     'v', 'c', '2026-01-31', '2026-01-31 10:00:00.123456', '2026-01-31 10:00:00.123456+05', '10:11:12.5',
     '094e0f20-9106-4f31-8468-f2c397715d74', '[7]', '{"b": null}', '{a,NULL,"b c"}', '{1,2}', 'glad', '10.0.0.1'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, -32768, -2147483648, -0.00001, 0, 1e30, 1e300, false, '', '', '', '0001-01-01', '0001-01-01', '1900-01-01 00:00:00+00',
     '00:00', '00000000-0000-0000-0000-000000000000', '[]', '{}', '{}', '{}', 'sad', '::1')
"""


@pytest.fixture(scope="module")
def connection():
    with psycopg.connect(DSN, autocommit=True) as open_connection:
        yield open_connection


@pytest.fixture
def schemas(connection):
    """A schema to read from and one to load into."""
    made = [f"taps_{what}_{uuid.uuid4().hex[:8]}" for what in ("source", "target")]
    for name in made:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    yield made
    for name in made:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


def execute(connection, schema, statement):
    connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
    return connection.execute(statement)


def checksum(connection, schema, table):
    """One number for all values of a table, and how many rows it has."""
    query = sql.SQL("SELECT md5(string_agg(t::text, E'\n' ORDER BY id)), count(*) FROM {} AS t")
    return connection.execute(query.format(sql.Identifier(schema, table))).fetchone()


def write(path, value):
    path.write_text(json.dumps(value))
    return path


def with_password(dsn):
    """The tap insists on a password, which a server that trusts us does not ask for."""
    before, _, after = dsn.partition("@")
    scheme, _, user = before.partition("://")
    return f"postgresql://{user if ':' in user else user + ':none'}@{after}"


def tap(name, *arguments, package=None):
    """The standard output of a tap. The package is its own unless it says otherwise."""
    python = os.environ[f"{(package or name).replace('-', '_').upper()}_PYTHON"]
    done = subprocess.run(
        [os.path.join(os.path.dirname(python), name), *arguments], capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def load(tmp_path, schema, messages, **settings):
    config = write(tmp_path / "config.json", {"url": DSN, "schema": schema, **settings})
    done = subprocess.run(
        [os.environ["TARGET_BIN"], "--config", config], input=messages, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def postgres_tap(connection, schemas, tmp_path):
    """Runs the tap over all tables of the source schema."""
    config = write(tmp_path / "tap.json", {
        "sqlalchemy_url": with_password(DSN), "filter_schemas": [schemas[0]], "use_singer_decimal": True,
    })

    def run():
        catalog = json.loads(tap("tap-postgres", "--config", config, "--discover"))
        for stream in catalog["streams"]:
            for entry in stream["metadata"]:
                entry["metadata"]["selected"] = True
                if not entry["breadcrumb"]:
                    entry["metadata"]["replication-method"] = "FULL_TABLE"
        return tap("tap-postgres", "--config", config, "--catalog", write(tmp_path / "catalog.json", catalog))

    return run


@pytest.mark.parametrize("there", [True, False], ids=["into a table like it", "into a new table"])
def test_a_table_survives_the_round_trip(connection, schemas, postgres_tap, tmp_path, there):
    source, target = schemas
    for schema in schemas:
        execute(connection, schema, "CREATE TYPE mood AS ENUM ('glad', 'sad')")
    execute(connection, source, f"CREATE TABLE everything ({COLUMNS})")
    execute(connection, source, f"INSERT INTO everything VALUES {ROWS}")
    if there:
        execute(connection, target, f"CREATE TABLE everything ({COLUMNS})")
    stream = f"{source}-everything"
    for _ in range(2):  # the second time nothing changes
        done = load(tmp_path, target, postgres_tap(), streams={stream: {"table": "everything"}})
    assert "read=3 inserted=0 updated=0 unchanged=3" in done.stderr
    if not there:
        # What the new table made of the values converts back into what they were.
        execute(connection, target, f"CREATE TABLE again ({COLUMNS})")
        columns = execute(connection, target, """
            SELECT string_agg(CASE data_type WHEN 'ARRAY' THEN format(
                'CASE WHEN %1$I IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(%1$I)) END::%2$s', column_name, substr(udt_name, 2) || '[]')
                ELSE format('%I::text::%s', column_name, CASE data_type WHEN 'character' THEN 'char(5)' WHEN 'USER-DEFINED' THEN udt_name
                    ELSE data_type END) END, ', ' ORDER BY ordinal_position)
            FROM information_schema.columns WHERE table_schema = current_schema AND table_name = 'again'
        """).fetchone()[0]
        execute(connection, target, f"INSERT INTO again SELECT {columns} FROM everything")
    assert checksum(connection, target, "everything" if there else "again") == checksum(connection, source, "everything")


@pytest.mark.skipif("PIPELINEWISE_TAP_POSTGRES_PYTHON" not in os.environ, reason="pipelinewise-tap-postgres did not install")
def test_a_table_survives_pipelinewises_tap(connection, schemas, tmp_path):
    source, target = schemas
    for schema in schemas:
        execute(connection, schema, "CREATE TYPE mood AS ENUM ('glad', 'sad')")
        execute(connection, schema, f"CREATE TABLE everything ({COLUMNS})")
    execute(connection, source, f"INSERT INTO everything VALUES {ROWS}")
    # The tap has no word for an array that is NULL: it sends an empty one.
    execute(connection, source, "UPDATE everything SET texts = coalesce(texts, '{}'), numbers = coalesce(numbers, '{}')")
    server = urlsplit(with_password(DSN))
    config = write(tmp_path / "tap.json", {
        "host": server.hostname, "port": server.port, "user": server.username, "password": server.password,
        "dbname": server.path[1:], "filter_schemas": source,
    })

    def run(*arguments):
        return tap("tap-postgres", "--config", config, *arguments, package="pipelinewise-tap-postgres")

    catalog = json.loads(run("--discover"))
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = True
            if not entry["breadcrumb"]:
                entry["metadata"]["replication-method"] = "FULL_TABLE"
    properties = write(tmp_path / "catalog.json", catalog)
    for _ in range(2):
        load(tmp_path, target, run("--properties", properties), streams={f"{source}-everything": {"table": "everything"}})
    execute(connection, target, "ALTER TABLE everything DROP COLUMN _sdc_table_version")
    assert checksum(connection, target, "everything") == checksum(connection, source, "everything")


def test_many_rows_have_one_checksum(connection, schemas, postgres_tap, tmp_path):
    source, target = schemas
    execute(connection, source, """
        CREATE TABLE numbers AS SELECT n AS id, md5(n::text) AS text, n * 1.1 AS amount, now() - n * interval '1 hour' AS at
        FROM generate_series(1, 5000) AS n;
    """)
    execute(connection, source, "ALTER TABLE numbers ADD PRIMARY KEY (id)")
    load(tmp_path, target, postgres_tap(), streams={"*": {"table": "numbers"}}, batch_max_rows=700)
    assert checksum(connection, target, "numbers") == checksum(connection, source, "numbers")


def test_lines_of_json(connection, schemas, tmp_path):
    (tmp_path / "people.jsonl").write_text(
        '{"id": 1, "name": "Ann", "tags": ["a", "b"]}\n{"id": 2, "name": "Bob", "extra": {"x": 1.50}}\n', encoding="utf-8"
    )
    config = write(tmp_path / "tap.json", {"path": str(tmp_path / "people.jsonl"), "stream_name": "people", "primary_keys": ["id"]})
    done = load(tmp_path, schemas[1], tap("tap-jsonl", "--config", config))
    rows = execute(connection, schemas[1], "SELECT id, name, tags, extra FROM people ORDER BY id").fetchall()
    assert rows == [(1, "Ann", ["a", "b"], None), (2, "Bob", None, {"x": 1.5})]
    assert "people" in json.loads(done.stdout.splitlines()[-1])["bookmarks"]
