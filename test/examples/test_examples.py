"""The examples for docker compose, Kubernetes and Airflow, run with a real tap as far as they go without a cluster."""

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import unquote, urlsplit

import kubernetes_validate
import psycopg
import pytest
import yaml

DSN = os.environ["TEST_POSTGRES_DSN"]
EXAMPLES = Path(__file__).parents[2] / "examples"
COMPOSE = EXAMPLES / "compose"
TIMEOUT = 300


class Place:
    """What the image has around load.sh: settings, a folder for the bookmark, a tap and the program."""

    def __init__(self, path, database):
        server = urlsplit(DSN)
        self.state = path / "state"
        self.state.mkdir()
        shutil.copytree(COMPOSE / "config", path / "config")
        here = {"host": server.hostname, "port": server.port, "database": database}
        user = unquote(server.username or "postgres")
        self.write(path / "config" / "tap.json", {**here, "user": user})
        self.write(path / "config" / "target.json", {**here, "username": user})
        (path / "bin").mkdir()
        (path / "bin" / "tap-postgres").symlink_to(os.environ["TAP_BIN"])
        (path / "bin" / "target-postgres").symlink_to(os.environ["TARGET_BIN"])
        password = unquote(server.password or "none")  # the tap insists on one
        self.environment = os.environ | {
            "CONFIG": str(path / "config"), "STATE": str(self.state), "TAP_POSTGRES_PASSWORD": password,
            "TARGET_POSTGRES_PASSWORD": password, "PATH": f"{path / 'bin'}:{os.environ['PATH']}",
        }

    @staticmethod
    def write(path, other):
        """The printed settings, for another server."""
        path.write_text(json.dumps(json.loads(path.read_text()) | other))

    def run(self, *command, **environment):
        done = subprocess.run(command, env=self.environment | environment, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout + done.stderr

    def bookmarks(self):
        return json.loads((self.state / "state.json").read_text())["bookmarks"]


@pytest.fixture
def connection():
    """A database of its own, with the source's rows in it."""
    name = f"examples_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(DSN, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(DSN, dbname=name, autocommit=True) as made:
            made.execute((COMPOSE / "shop.sql").read_text())
            yield made
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def place(connection, tmp_path):
    return Place(tmp_path, connection.info.dbname)


def orders(connection):
    return connection.execute("SELECT id, amount::text FROM raw.orders ORDER BY id").fetchall()


def test_load_sh_loads_what_is_new(connection, place):
    place.run(str(COMPOSE / "load.sh"))
    assert orders(connection) == [(1, "9.99"), (2, "0.10")]
    before = place.bookmarks()
    connection.execute("INSERT INTO shop.orders (id, customer, amount) VALUES (3, 1, 5)")
    place.run(str(COMPOSE / "load.sh"))
    assert orders(connection) == [(1, "9.99"), (2, "0.10"), (3, "5.00")]
    assert before["shop-customers"] == place.bookmarks()["shop-customers"]
    assert before["shop-orders"] != place.bookmarks()["shop-orders"]
    # The first rows are older than the bookmark: they were not read again.
    assert json.loads((place.state / "summary.json").read_text())["messages"]["records"] < 5


def test_airflow_runs_the_dag(connection, place, tmp_path):
    airflow = str(Path(sys.executable).with_name("airflow"))
    place.environment |= {
        "AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(EXAMPLES / "airflow"), "PYTHONDONTWRITEBYTECODE": "1",
    }
    place.run(airflow, "db", "migrate")
    place.run(airflow, "dags", "test", "shop_load")
    assert orders(connection) == [(1, "9.99"), (2, "0.10")]
    assert place.bookmarks().keys() == {"shop-customers", "shop-orders"}


def settings_of(names, prefix):
    return {name.removeprefix(prefix).lower() for name in names if name.startswith(prefix)}


def test_compose_and_the_image_agree():
    services = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]
    load = services["load"]
    assert load["depends_on"].keys() == {"shop", "warehouse"}
    assert all(services[name]["healthcheck"]["test"] for name in load["depends_on"])
    for file, host in (("tap.json", "shop"), ("target.json", "warehouse")):
        assert json.loads((COMPOSE / "config" / file).read_text())["host"] == host
    for volume in services["shop"]["volumes"] + load["volumes"]:
        source = volume.split(":")[0]
        assert not source.startswith(".") or (COMPOSE / source).exists()
    assert settings_of(load["environment"], "TARGET_POSTGRES_") == {"password"}
    dockerfile = (COMPOSE / "Dockerfile").read_text()
    assert re.search(r"^CMD \[\"load.sh\"\]$", dockerfile, re.MULTILINE)
    # The image is one that `make image` builds, as its comment says, and has the program where the Dockerfile takes it from.
    version = re.search(r"make image VERSION=(\S+)", (COMPOSE / "compose.yaml").read_text()).group(1)
    assert f"FROM target-postgres:{version}-amd64 AS target\n" in dockerfile
    assert "target-postgres:$(VERSION)-$$arch" in (EXAMPLES.parent / "Makefile").read_text()
    assert re.search(r"COPY --from=target (\S+)", dockerfile).group(1) in (EXAMPLES.parent / "Dockerfile").read_text()


def test_kubernetes_knows_every_field_of_the_manifest():
    for manifest in yaml.safe_load_all((EXAMPLES / "kubernetes" / "cronjob.yaml").read_text()):
        kubernetes_validate.validate(manifest, "1.31", strict=True)


def test_the_cron_job_runs_that_image():
    claim, job = yaml.safe_load_all((EXAMPLES / "kubernetes" / "cronjob.yaml").read_text())
    assert (claim["kind"], job["kind"], job["apiVersion"]) == ("PersistentVolumeClaim", "CronJob", "batch/v1")
    assert len(job["spec"]["schedule"].split()) == 5 and job["spec"]["concurrencyPolicy"] == "Forbid"
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never" and pod["securityContext"]["runAsNonRoot"]
    container, = pod["containers"]
    load = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]["load"]
    assert container["image"] == load["image"] and container["command"] == ["load.sh"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts == {"config": "/config", "state": "/state"} and mounts.keys() == {volume["name"] for volume in pod["volumes"]}
    assert f"--uid {pod['securityContext']['runAsUser']} " in (COMPOSE / "Dockerfile").read_text()
    claims = [volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"] if "persistentVolumeClaim" in volume]
    assert claims == [claim["metadata"]["name"]]
    # The commands that create the secret and the settings are in the comment, and on the page.
    for page in ("examples/kubernetes/cronjob.yaml", "docs/getting-started.md"):
        text = (EXAMPLES.parent / page).read_text()
        assert f"create secret generic {container['envFrom'][0]['secretRef']['name']} " in text
        assert f"create configmap {pod['volumes'][0]['configMap']['name']} " in text
        assert all(f"--from-literal={name}=" in text for name in load["environment"])
