"""The example project, run by Meltano itself: installed, loaded in full, loaded again, and failing."""

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
import pytest

DSN = os.environ["TEST_POSTGRES_DSN"]
EXAMPLE = Path(__file__).parents[2] / "examples" / "meltano"
MELTANO = Path(sys.executable).with_name("meltano")
TIMEOUT = 600

SOURCE = """
CREATE SCHEMA IF NOT EXISTS shop;
DROP TABLE IF EXISTS shop.customers, shop.orders;
CREATE TABLE shop.customers (
    id int PRIMARY KEY, name text, balance numeric, tags text[], profile jsonb, updated_at timestamptz NOT NULL
);
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer int, amount double precision, updated_at timestamptz NOT NULL);
INSERT INTO shop.customers VALUES
    (1, 'Ann', 10.50, '{a,"b c"}', '{"k": 1}', '2024-05-01T00:00:00Z'),
    (2, 'Bob', NULL, NULL, NULL, '2024-06-01T00:00:00Z'),
    (3, 'before the backfill window', 1, NULL, NULL, '2023-01-01T00:00:00Z');
INSERT INTO shop.orders VALUES (1, 1, 9.99, '2024-05-02T00:00:00Z'), (2, 2, 0.1, '2024-06-02T00:00:00Z');
"""


def with_password(dsn):
    """The tap insists on a password, which a server that trusts us does not ask for."""
    before, _, after = dsn.partition("@")
    scheme, _, user = before.partition("://")
    user = user if ":" in user else f"{user}:none"
    return f"postgresql://{user}@{after}"


class Project:
    """The example, copied, with the binary in its place and an environment of its own."""

    def __init__(self, path):
        self.path = path
        self.schema = f"meltano_{uuid.uuid4().hex[:8]}"
        shutil.copytree(EXAMPLE, path, ignore=shutil.ignore_patterns(".meltano", "bin", ".env"))
        (path / "bin").mkdir()
        shutil.copy(os.environ["TARGET_BIN"], path / "bin" / "target-postgres")
        url = with_password(DSN)
        (path / ".env").write_text(
            f"TAP_POSTGRES_SQLALCHEMY_URL={url}\nTARGET_POSTGRES_URL={url}\n"
            f"LOAD_SCHEMA={self.schema}\nBACKFILL_FROM=2024-01-01T00:00:00Z\n"
        )

    def meltano(self, *arguments):
        """Runs meltano and returns what it did."""
        return subprocess.run(
            [MELTANO, "--log-format=json", *arguments], cwd=self.path, capture_output=True, text=True, timeout=TIMEOUT, check=False,
            env=os.environ | {"NO_COLOR": "1", "PATH": f"{MELTANO.parent}:{os.environ['PATH']}"},
        )

    def run(self, *arguments):
        """`meltano run`, and the log lines it printed."""
        done = self.meltano("run", *arguments)
        return done, [json.loads(line) for line in (done.stdout + done.stderr).splitlines() if line.startswith("{")]

    def state(self, loader="target-postgres"):
        """The saved bookmarks, by stream."""
        done = self.meltano("--environment=dev", "state", "get", f"dev:tap-postgres-to-{loader}")
        return json.loads(done.stdout.splitlines()[-1])["singer_state"]["bookmarks"]


def loader_lines(lines):
    """Those that the loader wrote, as Meltano understood them."""
    return [line for line in lines if line.get("app_name") == "target-postgres"]


def counts(lines):
    """The loader's summary by stream."""
    return {line["stream_name"]: line for line in loader_lines(lines) if line["event"].startswith("loaded ")}


@pytest.fixture(scope="module")
def connection():
    with psycopg.connect(DSN, autocommit=True) as open_connection:
        yield open_connection


@pytest.fixture(scope="module")
def project(tmp_path_factory, connection):
    connection.execute(SOURCE)
    made = Project(tmp_path_factory.mktemp("meltano") / "project")
    installed = made.meltano("install")
    assert installed.returncode == 0, installed.stderr[-3000:]
    yield made
    for schema in (made.schema, f"{made.schema}_history", "shop"):
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def rows(connection, project, table, columns):
    return connection.execute(f'SELECT {columns} FROM "{project.schema}"."{table}" ORDER BY id').fetchall()


def test_first_run_loads_what_is_in_the_window(project, connection):
    done, lines = project.run("load")
    assert done.returncode == 0, done.stderr[-3000:]
    assert rows(connection, project, "customers", "id, name, balance::text, profile") == [
        (1, "Ann", "10.50", {"k": 1}), (2, "Bob", None, None),
    ]
    assert rows(connection, project, "orders", "id, amount::float8, _singular_deleted") == [(1, 9.99, False), (2, 0.1, False)]
    assert counts(lines)["shop-customers"]["inserted"] == 2
    assert project.state()["shop-customers"]["replication_key_value"].startswith("2024-06-01")


def test_logs_are_parsed_not_quoted(project, connection):
    connection.execute("UPDATE shop.customers SET name = 'Anna', updated_at = '2024-07-01T00:00:00Z' WHERE id = 1")
    connection.execute("INSERT INTO shop.orders VALUES (3, 1, 5, '2024-07-02T00:00:00Z')")
    done, lines = project.run("load")
    assert done.returncode == 0, done.stderr[-3000:]
    ours = loader_lines(lines)
    assert ours, "no line of the loader was recognised"
    assert not [line for line in lines if str(line.get("event", "")).startswith("{")]
    metrics = [line["metric_info"] for line in ours if line.get("metric_info")]
    assert {metric["metric"] for metric in metrics} >= {"record_count", "batch_processing_time"}
    # The second run reads what is new, and the row of the bookmark, which writes nothing.
    customers = counts(lines)["shop-customers"]
    assert (customers["read"], customers["updated"], customers["inserted"], customers["unchanged"]) == (2, 1, 0, 1)
    assert rows(connection, project, "customers", "id, name") == [(1, "Anna"), (2, "Bob")]
    assert [row[0] for row in rows(connection, project, "orders", "id")] == [1, 2, 3]
    assert project.state()["shop-customers"]["replication_key_value"].startswith("2024-07-01")


def test_a_failing_run_fails_and_keeps_its_state(project, connection):
    done, _ = project.run("keep-history")
    assert done.returncode == 0, done.stderr[-3000:]
    before = project.state("target-postgres--history")
    connection.execute("ALTER TABLE shop.customers ADD COLUMN added text")
    connection.execute("UPDATE shop.customers SET added = 'x', updated_at = '2024-08-01T00:00:00Z' WHERE id = 2")
    (project.path / ".meltano" / "run" / "tap-postgres" / "tap.properties.cache_key").unlink(missing_ok=True)
    done, lines = project.run("--refresh-catalog", "keep-history")
    assert done.returncode != 0
    errors = [line["event"] for line in loader_lines(lines) if line["level"] == "error"]
    assert len(errors) == 1 and "migration_policy.new_fields is fail" in errors[0]
    assert project.state("target-postgres--history") == before


def test_a_killed_run_goes_on_from_the_state_in_the_database(project, connection):
    documented = re.search(r"```meltano\n(.*?)```", (EXAMPLE.parents[1] / "docs" / "state.md").read_text(), re.DOTALL).group(1)
    file = project.path / "meltano.yml"
    file.write_text(file.read_text().replace("state_table: false", "state_table: true"))
    done, _ = project.run("load")
    assert done.returncode == 0, done.stderr[-3000:]
    before = project.state()
    assert project.meltano("state", "clear", "--force", "dev:tap-postgres-to-target-postgres").returncode == 0
    environment = os.environ | {"NO_COLOR": "1", "PATH": f"{MELTANO.parent}:{os.environ['PATH']}"}
    script = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", documented], cwd=project.path, capture_output=True, text=True, timeout=TIMEOUT, check=False, env=environment
    )
    assert script.returncode == 0, script.stderr[-3000:]
    assert json.loads((project.path / "state.json").read_text())["singer_state"]["bookmarks"] == before
    assert project.state() == before
    assert [row[0] for row in rows(connection, project, "orders", "id")] == [1, 2, 3]


def test_the_schedule_is_there(project):
    done = project.meltano("schedule", "list", "--format=json")
    assert done.returncode == 0, done.stderr[-3000:]
    assert '"nightly"' in done.stdout


def test_the_project_of_getting_started_runs_as_printed(project, connection, tmp_path):
    """docs/getting-started.md: a new project with the wheel in its directory, and two environments."""
    wheel = Path(os.environ["TARGET_WHEEL"])
    page = (EXAMPLE.parents[1] / "docs" / "getting-started.md").read_text()
    text = re.search(r"```yaml meltano.yml\n(.*?)```", page, re.DOTALL).group(1)
    # The page has the wheel of Linux on amd64; README has the same line.
    printed, = re.findall(r"pip_url: \./(singular_\S+\.whl)", text)
    assert f"pip_url: ./{printed}\n" in (EXAMPLE.parents[1] / "README.md").read_text()
    assert printed.split("-py3-")[0] == wheel.name.split("-py3-")[0]
    here = f"start_{uuid.uuid4().hex[:8]}"
    text = text.replace(printed, wheel.name).replace("analytics", here)
    (tmp_path / "meltano.yml").write_text(text)
    shutil.copy(wheel, tmp_path)
    shutil.copy(project.path / ".env", tmp_path)
    started = Project.__new__(Project)
    started.path = tmp_path
    installed = started.meltano("install")
    assert installed.returncode == 0, installed.stderr[-3000:]
    for arguments, schema, columns in (([], f"{here}_dev", 0), (["--environment=prod"], here, 1)):
        done = started.meltano(*arguments, "run", "tap-postgres", "target-postgres")
        assert done.returncode == 0, done.stderr[-3000:]
        query = "SELECT count(*) FROM information_schema.columns WHERE table_schema = %s AND column_name = '_singular_deleted' AND table_name LIKE '%%orders'"
        assert connection.execute(query, [schema]).fetchone()[0] == columns
        assert connection.execute(f'SELECT count(*) FROM "{schema}"."shop-orders"').fetchone()[0] >= 2
        connection.execute(f'DROP SCHEMA "{schema}" CASCADE')


def test_meltano_takes_the_definition_that_is_for_its_hub(tmp_path):
    (tmp_path / "meltano.yml").write_text("version: 1\n")
    empty = Project.__new__(Project)
    empty.path = tmp_path
    added = empty.meltano("add", "--no-install", f"--from-ref={EXAMPLE.parents[1] / 'release' / 'meltano-hub.yml'}", "target-postgres")
    assert added.returncode == 0, added.stderr[-3000:]
    listed = empty.meltano("config", "list", "target-postgres")
    assert listed.returncode == 0, listed.stderr[-3000:]
    assert "TARGET_POSTGRES_DATABASE" in listed.stdout


def test_the_wheel_is_installed_as_pip_url(project):
    """What a user of Meltano Hub has: the loader from a Python package, which carries the binary."""
    file = project.path / "meltano.yml"
    text = file.read_text()
    assert text.count("executable: ./bin/target-postgres") == 1
    file.write_text(text.replace("executable: ./bin/target-postgres", f"pip_url: {os.environ['TARGET_WHEEL']}\n    executable: target-postgres"))
    shutil.rmtree(project.path / "bin")
    installed = project.meltano("install", "loader", "target-postgres")
    assert installed.returncode == 0, installed.stderr[-3000:]
    done, lines = project.run("load")
    assert done.returncode == 0, done.stderr[-3000:]
    assert loader_lines(lines)
